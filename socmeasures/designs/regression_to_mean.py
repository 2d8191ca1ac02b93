"""How much of a change selection alone brings: people who came at a bad time get better anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs.change_words import NOT_AN_EFFECT
from socmeasures.designs.groups import mean_by_site, site_notes
from socmeasures.designs.measurements import (
    describe,
    instrument_sentence,
    measure,
    outcome_notes,
    person_level,
)
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.pairs import exclusions, two_waves
from socmeasures.designs.published import Norm
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_confidence
from socmeasures.effects.paired import mean_change
from socmeasures.effects.selection import (
    check_follow_up_correlation,
    expected_shift,
    expected_shift_at_cutoff,
    shift_interval,
    truncated_normal,
)
from socmeasures.errors import (
    NobodyMeasuredTwiceError,
    OnePairError,
    PopulationError,
    SampleMeanError,
)

CORRELATIONS = (0.5, 0.6, 0.7, 0.8, 0.9)
NOT_THE_EFFECT = (
    "Observed change minus expected change is not the effect of the programme: it rests on a mean "
    "and a correlation from elsewhere, and everything else that happened is still in it."
)
BAD_MOMENT = (
    "Being referred, or coming, at a bad moment is selection too, also where nobody set a cut-off."
)


def regression_to_the_mean(
    study: Study,
    outcome: str,
    *,
    population: Norm | None = None,
    r: float | None = None,
    r_source: str = "",
    r_n: int | None = None,
    cutoff: float | None = None,
    guess_population: bool = False,
    waves: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> Result:
    """Observed change beside the change that selection alone would bring.

    Parameters
    ----------
    study : Study
        Who was measured when.
    outcome : str
        A score column.
    population : Norm, optional
        Everybody BEFORE selection: all referrals, everybody screened, a cited norm. Never these
        people's own mean.
    r, r_source, r_n : float, str, int, optional
        Correlation of two measurements as far apart as yours in that population (not alpha),
        where it is from, and how many people it rests on.
    cutoff : float, optional
        The score people had to reach to enter; adds the shift a normal population would give.
    guess_population : bool
        Guess the mean and SD before selection from the selected alone, by the likelihood of a
        normal distribution cut off at `cutoff`; labelled as a guess. A last resort.
    waves : sequence of str, optional
        Earlier and later time point.
    confidence : float in (0, 1)
        Coverage of the intervals.

    Returns
    -------
    Result
        Rows ``observed change``, ``expected without any effect`` and ``observed minus
        expected``; an interval of the second only where the sizes of its sources are known.
        Without `population` or `r` no number but ``.tables["possible values"]`` over both.

    Raises
    ------
    SampleMeanError
        The mean given is that of these people.
    PopulationError
        A correlation outside 0 to 1, or without its source.
    NobodyMeasuredTwiceError, OnePairError
        No person, or one, measured twice.

    Notes
    -----
    (1 − r)·(mean before selection − mean at the start) holds for any selection on the score at
    the start (Davis 1976; Barnett, van der Pols & Dobson 2005).

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.designs.published import Norm
    >>> from socmeasures.designs.study import Study
    >>> wide = pd.DataFrame({"id": range(4), "y__pre": [48, 52, 55, 50],
    ...                      "y__post": [45, 50, 49, 47]})
    >>> study = Study.from_wide(wide, person="id", waves=["pre", "post"])
    >>> everybody = Norm(mean=40, sd=10, n=900, source="all referrals of 2025")
    >>> result = regression_to_the_mean(study, "y", population=everybody, r=0.7,
    ...                                 r_source="Author (year), 6 months")
    >>> result.to_frame()["estimate"].round(2).tolist()
    [-3.5, -3.38, -0.12]
    """
    level = check_confidence(confidence)
    if r is not None:
        check_follow_up_correlation(r)
        if not r_source:
            raise PopulationError.no_source("r")
    measured = measure(study, outcome)
    earlier, later = two_waves(study, waves)
    both = measured.scores[[earlier, later]].notna().all(axis=1)
    if both.sum() < 2:
        there = [f"{w}: {int(measured.scores[w].notna().sum())}" for w in (earlier, later)]
        if not both.any():
            raise NobodyMeasuredTwiceError(outcome, earlier, later, there)
        raise OnePairError(outcome, earlier, later)
    before = measured.scores.loc[both, earlier].to_numpy()
    after = measured.scores.loc[both, later].to_numpy()
    by_site = mean_by_site(study, both, after - before, level)
    observed = by_site or mean_change(after, before, confidence=level)
    direction = _side(before, cutoff)
    everybody, how, notes = _everybody(before, population, cutoff, guess_population, direction)
    key = {"outcome": outcome, "wave": later, "contrast": f"{later} - {earlier}"}
    rows = [_row(key, "observed change", observed, observed.method)]
    tables: dict[str, pd.DataFrame] = {}
    if everybody is None or r is None:
        notes.append(
            "No number is given for the change expected without an effect: that needs the mean of "
            "everybody before selection and the correlation over the follow-up, both from outside "
            "these data. The table shows what it would be for possible values."
        )
        tables["possible values"] = possible_values(before, everybody, measured.outcome)
        expected = None
    else:
        expected = _expected(before, everybody, r, r_n, level, how)
        rows.append(_row(key, "expected without any effect", expected, expected.method))
        rows.append(_row(key, "observed minus expected", _rest(observed, expected), "difference"))
        notes += [
            f"Before selection: mean {everybody.mean:.2f}, SD {everybody.sd:.2f} ({how}); "
            f"correlation {r:g} ({r_source}).",
            NOT_THE_EFFECT,
        ]
        if not np.isfinite(expected.ci_low):
            notes.append(
                "The expected change has no interval: the number of people behind its sources is "
                "not known."
            )
        if cutoff is not None:
            normal = expected_shift_at_cutoff(
                cutoff, mean=everybody.mean, sd=everybody.sd, r=r, selected=direction
            )
            tables["if scores were normal"] = pd.DataFrame(
                [
                    {
                        **key,
                        "cutoff": cutoff,
                        "expected_start": normal.expected_earlier,
                        "observed_start": float(before.mean()),
                        "estimate": normal.expected_change,
                    }
                ]
            )
    label = measured.outcome.label
    return Result(
        kind="regression_to_the_mean",
        title=f"Change and regression to the mean in {label}, {earlier} to {later}",
        outcome=measured.outcome,
        outcomes=(measured.outcome,),
        table=pd.DataFrame(rows),
        n=exclusions(measured, [earlier, later]),
        descriptives=describe(measured, [earlier, later], ()),
        scores=person_level(measured, [earlier, later]),
        summary=_summary(label, observed, expected),
        methods=(
            f"{instrument_sentence(measured.outcome)} Expected change without any effect: "
            "(1 − r)·(mean before selection − mean at the start) (Davis 1976; Barnett, van der "
            "Pols & Dobson 2005)."
        ),
        notes=tuple(
            dict.fromkeys(
                [
                    NOT_AN_EFFECT,
                    *notes,
                    BAD_MOMENT,
                    *site_notes(study, by_site is not None),
                    *outcome_notes(measured.outcome),
                    *study.notes,
                ]
            )
        ),
        confidence=level,
        waves=(earlier, later),
        tables=tables,
    )


def possible_values(before: np.ndarray, population: Norm | None, outcome: Outcome) -> pd.DataFrame:
    """Expected change over means before selection and correlations from .5 to .9.

    The means lie in halves of the SD around that at the start, as far as the scale reaches.
    """
    start, sd = float(before.mean()), float(before.std(ddof=1))
    if population is not None:
        means = [population.mean]
    else:
        means = [start + k * sd for k in (-2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2)]
        low = -np.inf if outcome.low is None else outcome.low
        high = np.inf if outcome.high is None else outcome.high
        means = [m for m in means if low <= m <= high]
    rows = []
    for mean in means:
        row: dict[str, Any] = {"mean_before_selection": mean}
        for r in CORRELATIONS:
            row[f"r = {r:g}"] = expected_shift(start, mean=mean, r=r).expected_change
        rows.append(row)
    return pd.DataFrame(rows)


def _side(before: np.ndarray, cutoff: float | None) -> str:
    if cutoff is not None and before.mean() < cutoff:
        return "at_or_below"
    return "at_or_above"


def _everybody(
    before: np.ndarray,
    population: Norm | None,
    cutoff: float | None,
    guess: bool,
    direction: str,
) -> tuple[Norm | None, str, list[str]]:
    if population is not None:
        start = float(before.mean())
        tolerance = 1e-6 * max(abs(start), 1.0)
        rounded = abs(round(start, 2) - population.mean) < 1e-9  # typed from this very sample
        if abs(population.mean - start) <= tolerance or rounded:
            raise SampleMeanError(population.mean, start)
        return population, population.described, []
    if not guess:
        return None, "", []
    if cutoff is None:
        raise PopulationError.needs("guess_population=True", "cutoff=")
    found = truncated_normal(before, cutoff, selected=direction)
    how = "guessed from the selected people by a truncated normal likelihood"
    norm = Norm(mean=found.mean, sd=found.sd, source=how, n=None)
    note = (
        "The mean and SD before selection are a guess from the selected people alone. It rests "
        "wholly on scores being normal where nobody was seen, and is far too uncertain to rely on "
        f"(standard error of the mean {found.mean_se:.2f})."
    )
    return norm, how, [note]


def _expected(
    before: np.ndarray, population: Norm, r: float, r_n: int | None, level: float, how: str
) -> Estimate:
    shift = expected_shift(float(before.mean()), mean=population.mean, r=r)
    low = high = float("nan")
    if population.n is not None and r_n is not None:
        low, high = shift_interval(
            shift,
            mean=population.mean,
            r=r,
            mean_se=population.sd / float(np.sqrt(population.n)),
            r_n=r_n,
            earlier_se=float(before.std(ddof=1) / np.sqrt(len(before))),
            confidence=level,
        )
    return Estimate(
        estimate=shift.expected_change,
        ci_low=low,
        ci_high=high,
        n=len(before),
        name="expected change",
        method=f"(1 − r)·(mean before selection − mean at the start); {how}",
        source="Davis (1976); Barnett et al. (2005)",
        confidence=level,
    )


def _rest(observed: Estimate, expected: Estimate) -> Estimate:
    return Estimate(
        estimate=observed.estimate - expected.estimate,
        ci_low=float("nan"),
        ci_high=float("nan"),
        n=observed.n,
        name="observed minus expected",
        method="difference",
        source="",
        confidence=observed.confidence,
    )


def _row(key: dict[str, Any], term: str, e: Estimate, method: str) -> dict[str, Any]:
    return {
        **key,
        "term": term,
        "estimate": e.estimate,
        "ci_low": e.ci_low,
        "ci_high": e.ci_high,
        "n": e.n,
        "method": method,
    }


def _summary(label: str, observed: Estimate, expected: Estimate | None) -> str:
    told = f"{label}: in {observed.n} people the score changed by {observed.estimate:.2f} points. "
    if expected is None:
        told += (
            "How much of that would have come by itself cannot be said without the mean of "
            "everybody before selection and the correlation over the follow-up. "
        )
    else:
        told += (
            f"About {expected.estimate:.2f} points would be expected without any programme, "
            "because people came when their score was far from the usual. "
        )
    return told + NOT_AN_EFFECT

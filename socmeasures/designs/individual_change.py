"""Who changed by more than measurement error, beside how many would if nobody had changed."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from socmeasures.designs import individual_words as words
from socmeasures.designs.change_words import NOT_AN_EFFECT
from socmeasures.designs.clustered_checks import labels
from socmeasures.designs.cutoff import cutoff_for
from socmeasures.designs.groups import sites_of
from socmeasures.designs.individual_tables import (
    CROSSINGS,
    arm_differences,
    category_rows,
    counted,
    crossing,
    site_rows,
)
from socmeasures.designs.measurement_error import (
    MeasurementError,
    chance_counts,
    measurement_error,
)
from socmeasures.designs.measurements import (
    describe,
    measure,
    outcome_notes,
    person_level,
)
from socmeasures.designs.pairs import exclusions, two_waves
from socmeasures.designs.published import (
    Norm,
    Reliability,
    cited_minimal_important,
    step_of,
)
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.effects.individual_change import (
    METHODS,
    Method,
    reliable_change_index,
    smallest_countable_change,
)
from socmeasures.effects.measured import check_choice, check_confidence
from socmeasures.errors import (
    NobodyMeasuredTwiceError,
    PopulationError,
    SocmeasuresError,
    SocmeasuresWarning,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndividualChange(Result):
    """A `Result` about single people.

    Attributes
    ----------
    people : pandas.DataFrame
        INTERNAL, one row a person with both scores: ``person, arm, earlier, later, change,
        index, category`` and, with a cut-off, ``past_cutoff``.
    constants : dict
        What the counting rests on: ``sem, sd, reliability, limit`` (points beyond which a change
        counts), ``smallest_change`` (the smallest possible one that does), ``cutoff``.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> wide = pd.DataFrame({"id": range(5), "y__pre": [20, 24, 18, 25, 22],
    ...                      "y__post": [10, 23, 17, 12, 20]})
    >>> study = soc.Study.from_wide(wide, person="id", waves=["pre", "post"],
    ...                             better={"y": "lower"})
    >>> r = soc.Reliability(0.85, kind="test-retest", sd=6.0, source="Author (year)")
    >>> soc.reliable_change(study, "y", reliability=r).people["category"].tolist()[:2]
    ['better', 'no reliable change']
    """

    people: pd.DataFrame = field(default_factory=pd.DataFrame)
    constants: dict[str, float | None] = field(default_factory=dict)

    def plot(self) -> Figure:
        """Each person's later score against the earlier one, with the band of measurement error.

        INTERNAL: it shows people.
        """
        from socmeasures.drawing.reliable import jacobson

        return jacobson(
            self.people["earlier"],
            self.people["later"],
            limit=float(self.constants["limit"] or 0),
            cutoff=self.constants["cutoff"],
            unit=self.outcome.label,
            labels=(str(self.waves[0]), str(self.waves[-1])),
            low=self.outcome.low,
            high=self.outcome.high,
            better=self.outcome.better,
            title=self.title,
        )


def reliable_change(
    study: Study,
    outcome: str,
    *,
    reliability: Reliability | None = None,
    sd: float | Literal["sample"] | None = None,
    sd_source: str = "",
    sem: float | None = None,
    sem_source: str = "",
    waves: Sequence[str] | None = None,
    method: Literal["jacobson-truax"] = "jacobson-truax",
    sensitivity: bool = False,
    post_reliability: float | None = None,
    post_sd: Literal["baseline", "own"] = "baseline",
    population: Norm | None = None,
    cutoff: Literal["a", "b", "c"] | float | None = None,
    cutoff_source: str = "",
    functional: Norm | None = None,
    clinical: Norm | None = None,
    minimal_important: float | Literal["cited"] | None = None,
    minimal_important_source: str = "",
    percent: float | None = None,
    by_arm: bool | None = None,
    confidence: float = 0.95,
) -> IndividualChange:
    """Count the people whose score changed by more than measurement error.

    Parameters
    ----------
    study : Study
        Who was measured when.
    outcome : str
        A score column.
    reliability : Reliability
        With its kind and source. There is no default: different values double the change that
        counts.
    sd, sd_source : float or "sample", str
        SD of the group the reliability is from, where `reliability` does not hold it.
        ``"sample"`` takes that of these people at the start: right when the reliability is
        theirs too; with a cited reliability and people selected for high scores it calls 25 to
        44 % reliably improved when nobody changed, so it warns.
    sem, sem_source : float, str
        The standard error of measurement itself, in place of both.
    waves : sequence of str, optional
        The earlier and the later time point; the study's first and last by default.
    method : {"jacobson-truax"}
        The one method that counts; the others are only for `sensitivity`.
    sensitivity : bool
        Add the counts by every method that can be computed, as ``.tables["by every method"]``.
    post_reliability, post_sd : float, {"baseline", "own"}
        For Nunnally & Kotsch.
    population : Norm, optional
        Everybody BEFORE these people were selected: the expected counts then hold the falling
        back towards its mean as well.
    cutoff : {"a", "b", "c"} or float, optional
        Jacobson & Truax's cut-offs from `functional` and `clinical` (these people at the start
        when not given), or a cited number with `cutoff_source`.
    functional, clinical : Norm, optional
        People without and with the problem. "Recovered" is said only with a functional norm.
    minimal_important : float or "cited", optional
        A change of this many points or more, with its source, or the one the scale's definition
        cites.
    percent : float, optional
        A change of this many per cent of the score at the start.
    by_arm : bool, optional
        Rows for each arm, and the difference between arms; yes where the study has arms.
    confidence : float in (0, 1)
        Coverage of the intervals.

    Returns
    -------
    IndividualChange
        `to_frame()`: a row a category (better, no reliable change, worse; or higher and lower
        where no direction is known) and arm, with ``n, n_pairs, share``, its interval (Wilson;
        by site from five sites on), ``expected_n`` and ``expected_share`` (what measurement
        error, and declared selection, bring about alone). `.people` has a row a person.

    Raises
    ------
    ReliabilityError
        No reliability, one outside (0, 1], or none of the SDs it needs.
    CutoffSideError, DirectionUnknownError, PopulationError
        A cut-off on the wrong side, without a known direction, or without its source.
    NobodyMeasuredTwiceError, TextOutcomeError, WaveNotFoundError
        As in `pre_post`.

    Warns
    -----
    SocmeasuresWarning
        A cited reliability with these people's own SD.

    Notes
    -----
    Jacobson & Truax (1991): change ÷ (SEM·√2) beyond 1.96, SEM = SD·√(1 − r). Checked against
    the R package clinicalsignificance and its data (tests/reference).

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.designs.study import Study
    >>> from socmeasures.designs.published import Reliability
    >>> wide = pd.DataFrame({"id": range(6), "y__pre": [20, 24, 18, 25, 22, 19],
    ...                      "y__post": [10, 23, 17, 12, 20, None]})
    >>> study = Study.from_wide(wide, person="id", waves=["pre", "post"], better={"y": "lower"})
    >>> r = Reliability(0.85, kind="test-retest", sd=6.0, source="Author (year)")
    >>> result = reliable_change(study, "y", reliability=r)
    >>> result.to_frame()[["category", "n", "n_pairs"]].to_dict("list")
    {'category': ['better', 'no reliable change', 'worse'], 'n': [2, 3, 0], 'n_pairs': [5, 5, 5]}
    """
    level = check_confidence(confidence)
    check_choice("method", method, ("jacobson-truax",))
    measured = measure(study, outcome)
    earlier, later = two_waves(study, waves)
    both = measured.scores[[earlier, later]].notna().all(axis=1)
    if not both.any():
        there = [f"{w}: {int(measured.scores[w].notna().sum())}" for w in (earlier, later)]
        raise NobodyMeasuredTwiceError(outcome, earlier, later, there)
    before = measured.scores.loc[both, earlier].to_numpy()
    after = measured.scores.loc[both, later].to_numpy()
    error = measurement_error(outcome, before, reliability, sd, sd_source, sem, sem_source)
    if error.warning:
        warnings.warn(error.warning, SocmeasuresWarning, stacklevel=2)
    step = step_of(study, outcome)
    index = reliable_change_index(after, before, sem=error.sem)
    limit = smallest_countable_change(error.sem)
    smallest = smallest_countable_change(error.sem, step=step)
    better = measured.outcome.better
    people = pd.DataFrame(
        {
            "person": measured.scores.index[both],
            "arm": measured.arm[both].to_numpy(),
            "earlier": before,
            "later": after,
            "change": after - before,
            "index": index.index,
            "category": words.categories(index.index, index.critical, better),
        }
    )
    chance = chance_counts(error, before, limit, smallest, step, population, better)
    cut = cutoff_for(measured, before, cutoff, cutoff_source, functional, clinical, better)
    arms = study.arms if (len(study.arms) > 1 if by_arm is None else by_arm) else ()
    every_site = sites_of(study)
    sites = None if every_site is None else every_site[both].to_numpy()
    every = words.names(better)
    tables: dict[str, pd.DataFrame] = {}
    if arms and study.control is not None:
        whole = study.allocation == "cluster"
        difference = arm_differences(
            people, every, arms, study.control, level,
            clusters=labels(study, str(study.cluster))[both].to_numpy() if whole else None,
        )  # fmt: skip
        if len(difference):
            tables["difference between arms"] = difference
    if cut is not None:
        status = crossing(people, cut.value, str(better), recovered=functional is not None)
        people["past_cutoff"] = status
        names = [words.cutoff_name(name, str(better), functional is not None) for name in CROSSINGS]
        tables["cut-off"] = counted(status, names, level)
    if minimal_important is not None:
        points, source = _important(study, outcome, minimal_important, minimal_important_source)
        moved = words.by_amount(people["change"].to_numpy(), points, better)
        tables["by a minimal important change"] = category_rows(
            people.assign(category=moved), words.amount_names(better), arms, level
        ).assign(points=points, source=source)
    zero_notes: list[str] = []
    if percent is not None:
        share = _percent_of_start(people, percent)
        zero_notes = words.zero_notes(int(np.isnan(share).sum()))
        moved = words.by_amount(share, percent, better)
        tables["by per cent of the score before"] = category_rows(
            people.assign(category=moved)[~np.isnan(share)],
            words.amount_names(better), arms, level,
        )  # fmt: skip
    left_over: list[str] = []
    if sensitivity:
        tables["by every method"], left_over = _every_method(
            after, before, error, post_reliability, post_sd, better, level
        )
    if sites is not None:
        tables["by site"] = site_rows(people, sites, level)
    table = category_rows(people, every, arms, level, chance=chance, sites=sites)
    key = {"outcome": outcome, "wave": later, "contrast": f"{later} - {earlier}"}
    notes = [
        NOT_AN_EFFECT,
        *error.notes,
        words.smallest_sentence(limit, smallest, step),
        *words.chance_notes(chance.described, population is not None),
        *([] if cut is None else cut.notes),
        *words.arm_notes(study, bool(arms)),
        *words.site_notes(study, sites),
        *left_over,
        *zero_notes,
        *outcome_notes(measured.outcome),
        *study.notes,
    ]  # fmt: skip
    return IndividualChange(
        kind="reliable_change",
        title=f"Change by more than measurement error in {measured.outcome.label}, "
        f"{earlier} to {later}",
        outcome=measured.outcome,
        outcomes=(measured.outcome,),
        table=table.assign(**key)[[*key, *table.columns]],
        n=exclusions(measured, [earlier, later]),
        descriptives=describe(measured, [earlier, later], ()),
        scores=person_level(measured, [earlier, later]),
        summary=words.summary(measured.outcome, table, len(study.people), earlier, later),
        methods=words.methods(measured.outcome, error.described, level, sites is not None),
        notes=tuple(dict.fromkeys(n for n in notes if n)),
        confidence=level,
        waves=(earlier, later),
        arms=arms,
        control=study.control if arms else None,
        tables=tables,
        people=people,
        constants={
            "sem": error.sem,
            "sd": error.sd,
            "reliability": error.reliability,
            "limit": limit,
            "smallest_change": smallest,
            "cutoff": None if cut is None else cut.value,
        },
    )


def _important(study: Study, outcome: str, asked: float | str, source: str) -> tuple[float, str]:
    if asked == "cited":
        cited = cited_minimal_important(study, outcome)
        if cited is None:
            raise PopulationError.not_cited(outcome)
        return float(cited.value), f"{cited.source} (evidence: {cited.evidence})"
    if not source:
        raise PopulationError.no_source("minimal_important")
    points = float(asked)
    if not points > 0:
        raise PopulationError.amount("minimal_important", asked)
    return points, source


def _percent_of_start(people: pd.DataFrame, percent: float) -> np.ndarray:
    if not percent > 0:
        raise PopulationError.amount("percent", percent)
    start = people["earlier"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 100 * people["change"].to_numpy(float) / np.abs(start)
    return np.where(start == 0, np.nan, share)


def _every_method(
    after: np.ndarray,
    before: np.ndarray,
    error: MeasurementError,
    post_reliability: float | None,
    post_sd: Literal["baseline", "own"],
    better: str | None,
    level: float,
) -> tuple[pd.DataFrame, list[str]]:
    parts, notes = [], []
    for method in METHODS:
        try:
            found = reliable_change_index(
                after, before, sem=error.sem, reliability=error.reliability, sd=error.sd,
                method=method, post_reliability=post_reliability, post_sd=post_sd,
            )  # fmt: skip
        except SocmeasuresError as fault:
            notes.append(f"Not computed in the comparison of methods: {fault}")
            continue
        category = words.categories(found.index, found.critical, better)
        rows = counted(pd.Series(category), words.names(better), level)
        parts.append(rows.assign(method=method, source=found.source))
    notes.append(
        "The other methods show how far the counts hang on the method; none of them may be chosen "
        "for its count."
    )
    if any(m == "hsu-linn-lord" for m in _methods_of(parts)):
        notes.append(
            "The method of Hsu, Linn & Lord centres on each time point's own mean: it counts who "
            "moved more than the others, not who moved."
        )
    table = pd.concat(parts, ignore_index=True)
    return table[["method", *(c for c in table.columns if c != "method")]], notes


def _methods_of(parts: list[pd.DataFrame]) -> list[Method]:
    return [part["method"].iloc[0] for part in parts]

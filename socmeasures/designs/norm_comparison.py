"""Scores beside a cited norm or a published programme's figure: who they were, how far apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from socmeasures.designs.groups import mean_by_site, site_notes
from socmeasures.designs.measurements import (
    Measurements,
    describe,
    instrument_sentence,
    measure,
    outcome_notes,
    person_level,
)
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.published import Norm, scale_of
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_confidence
from socmeasures.effects.noncentral import noncentrality_limits
from socmeasures.errors import ChoiceError, NormFormError, NormValueError, TooFewError

NO_EFFECT = (
    "A distance from a norm describes who these people are. It is no effect of a programme and no "
    "target: the norm's people differ in age, place, year and in why they were asked."
)


def compare_with_norm(
    study: Study,
    outcome: str,
    norm: Norm | str,
    *,
    wave: str | None = None,
    confidence: float = 0.95,
) -> Result:
    """Mean score at one time point minus a norm's mean, with its interval.

    Parameters
    ----------
    study : Study
        Who was measured when.
    outcome : str
        A score column.
    norm : Norm or str
        With its mean, SD, n and source; or the population of a norm that the outcome's scale
        cites.
    wave : str, optional
        The time point; the first by default.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Result
        One row: ``estimate`` in points (Welch's interval, both samples' sizes in it) and
        ``effect_size`` in SDs of the norm. The notes print the norm's year, country, age, n.

    Raises
    ------
    NormFormError
        The norm is of another instrument or form.
    NormValueError
        The norm has no n.
    ChoiceError
        The scale cites no norm of that population.
    TooFewError
        Fewer than two people have a score.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.designs.published import Norm
    >>> from socmeasures.designs.study import Study
    >>> data = pd.DataFrame({"id": range(4), "wave": "start", "y": [20, 22, 19, 23]})
    >>> study = Study(data, person="id", wave="wave", waves=["start"])
    >>> norm = Norm(mean=23.6, sd=3.9, n=7196, source="Survey (year)", country="England", year=2011)
    >>> round(float(compare_with_norm(study, "y", norm).to_frame()["estimate"].iloc[0]), 2)
    -2.6
    """
    level = check_confidence(confidence)
    measured = measure(study, outcome)
    at = study.baseline if wave is None else study.waves[study.wave_position(wave)]
    cited = _cited(study, measured.outcome, norm) if isinstance(norm, str) else norm
    if cited.instrument and not _same_form(cited.instrument, measured.outcome):
        name = measured.outcome.instrument or measured.outcome.label
        form = f" ({measured.outcome.form})" if measured.outcome.form else ""
        raise NormFormError(cited.instrument, name + form)
    if cited.n is None or cited.n < 2:
        raise NormValueError(["n"])
    scores = measured.scores[at].dropna().to_numpy()
    if len(scores) < 2:
        raise TooFewError("A comparison with a norm", len(scores), 2)
    by_site = mean_by_site(study, measured.scores[at].notna(), scores, level)
    row = _row(scores, cited, cited.n, level, by_site)
    key = {"outcome": outcome, "wave": at, "contrast": "these people - norm"}
    notes = [
        NO_EFFECT,
        f"The norm: mean {cited.mean:g}, SD {cited.sd:g}; {cited.described}.",
        *_missing_parts(cited),
        *([] if cited.instrument else ["The norm does not say of which form it is: check it."]),
        *site_notes(study, by_site is not None),
        *outcome_notes(measured.outcome),
        *study.notes,
    ]
    label = measured.outcome.label
    way = "above" if row["estimate"] > 0 else "below"
    return Result(
        kind="compare_with_norm",
        title=f"{label} at {at} beside a norm",
        outcome=measured.outcome,
        outcomes=(measured.outcome,),
        table=pd.DataFrame([{**key, **row}]),
        n=_counts(measured, at),
        descriptives=describe(measured, [at], ()),
        scores=person_level(measured, [at]),
        summary=(
            f"{label}: the mean of {len(scores)} people at {at} is {scores.mean():.2f}, "
            f"{abs(row['estimate']):.2f} points {way} that of {cited.described} "
            f"({level * 100:g} % interval of the difference {row['ci_low']:.2f} to "
            f"{row['ci_high']:.2f}). {NO_EFFECT}"
        ),
        methods=(
            f"{instrument_sentence(measured.outcome)} Compared with {cited.described} by Welch's "
            "t interval from the norm's mean, SD and n; in SDs of the norm, with noncentral-t "
            "limits."
        ),
        notes=tuple(dict.fromkeys(notes)),
        confidence=level,
        waves=(at,),
    )


def _row(
    scores: np.ndarray, norm: Norm, n: int, level: float, by_site: Estimate | None
) -> dict[str, Any]:
    a, b = float(scores.var(ddof=1)) / len(scores), norm.sd**2 / n
    df_a = len(scores) - 1.0
    method = "Welch's t from summary numbers"
    if by_site is not None and by_site.se and by_site.df:
        a, df_a = by_site.se**2, by_site.df
        method = f"{method}; {by_site.method}"
    se = float(np.sqrt(a + b))
    df = (a + b) ** 2 / (a**2 / df_a + b**2 / (n - 1))
    difference = float(scores.mean()) - norm.mean
    half = float(special.stdtrit(df, (1 + level) / 2)) * se
    low, high = noncentrality_limits(difference / se, df, level)
    return {
        "term": "mean minus norm",
        "estimate": difference,
        "se": se,
        "df": float(df),
        "statistic": difference / se,
        "p_value": float(2 * special.stdtr(df, -abs(difference / se))),
        "ci_low": difference - half,
        "ci_high": difference + half,
        "n": len(scores),
        "n_norm": n,
        "method": method,
        "effect_size": difference / norm.sd,
        "effect_size_type": "d_norm_sd",
        "effect_size_ci_low": low * se / norm.sd,
        "effect_size_ci_high": high * se / norm.sd,
    }


def _cited(study: Study, outcome: Outcome, population: str) -> Norm:
    found = scale_of(study, outcome.column)
    norms = [] if found is None else [
        n for n in found[0].norms
        if n.score == found[1] and n.mean is not None and n.sd is not None
    ]  # fmt: skip
    mine = next((n for n in norms if n.population.casefold() == population.casefold()), None)
    if mine is None or mine.mean is None or mine.sd is None or found is None:
        raise ChoiceError("norm", population, [n.population for n in norms] or ["(none is cited)"])
    return Norm(
        mean=mine.mean,
        sd=mine.sd,
        n=None if mine.n is None else int(mine.n),
        source=mine.source,
        instrument=found[0].name,
        population=mine.population,
        country=mine.country,
        year=None if mine.year is None else int(mine.year),
        evidence=mine.evidence,
    )


def _same_form(name: str, outcome: Outcome) -> bool:
    told = {
        outcome.instrument,
        outcome.label,
        outcome.column,
        f"{outcome.instrument} ({outcome.form})",
        f"{outcome.instrument}, {outcome.form}",
    }
    return name.casefold().strip() in {t.casefold().strip() for t in told if t.strip(" ,()")}


def _missing_parts(norm: Norm) -> list[str]:
    lacking = [
        word
        for word, there in (
            ("year", norm.year is not None),
            ("country", bool(norm.country)),
            ("age", bool(norm.age)),
        )
        if not there
    ]
    notes = []
    if lacking:
        notes.append(f"The norm does not say its {', '.join(lacking)}; look it up before printing.")
    if norm.evidence == "unverified":
        notes.append("The norm is from memory and unverified: check it before printing it.")
    return notes


def _counts(measured: Measurements, wave: str) -> pd.DataFrame:
    reasons = measured.reasons[wave].value_counts()
    rows = [{"wave": wave, "arm": "all", "group": "analysed", "reason": "",
             "n": int(reasons.get("", 0))}]  # fmt: skip
    rows += [
        {"wave": wave, "arm": "all", "group": "excluded", "reason": reason, "n": int(n)}
        for reason, n in reasons.drop("", errors="ignore").sort_index().items()
    ]
    return pd.DataFrame(rows).assign(outcome=measured.outcome.column)

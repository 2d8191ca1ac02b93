"""Before and after that cannot be linked by person: two groups of answers, nobody's change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from socmeasures import frames
from socmeasures.designs.change_words import NOT_AN_EFFECT
from socmeasures.designs.measurements import as_numbers, instrument_sentence, outcome_notes
from socmeasures.designs.outcome import Direction, Outcome
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.designs.study_checks import label_of
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.mean_difference import difference_in_means
from socmeasures.effects.measured import check_confidence
from socmeasures.effects.paired import mean_change
from socmeasures.effects.paired_proportions import paired_difference
from socmeasures.effects.proportions import risk_difference
from socmeasures.errors import OutcomeNotFoundError, TooFewError, plural
from socmeasures.models.ols import least_squares, t_contrast
from socmeasures.models.sandwich import cluster_covariance
from socmeasures.models.site_mean import ENOUGH_SITES
from socmeasures.scoring.record import scoring_record

NOBODYS_CHANGE = (
    "Nobody's change is known: the two sets of answers are compared as if they were of different "
    "people, and those who answered later may be those who did well."
)
WAVES = ("before", "after")


def unlinked_change(
    before: Any,
    after: Any,
    outcome: str,
    *,
    better: Direction | None = None,
    asked: tuple[int, int] | None = None,
    person: str | None = None,
    cluster: str | None = None,
    confidence: float = 0.95,
) -> Result:
    """Compare two surveys whose answers cannot be linked by person.

    Parameters
    ----------
    before, after : DataFrame (pandas or polars)
        One row a person, with the outcome as a column.
    outcome : str
        The column; a score, or 0 and 1.
    better : {"lower", "higher", "none"}, optional
        Which direction is better, where no scale says so.
    asked : tuple of int, optional
        How many people were asked each time, for the response; the rows there are when not given.
    person : str, optional
        A column of identifiers in both, where there is one after all: the linked numbers then
        stand beside the unlinked.
    cluster : str, optional
        A column of the site or class people come from, in both: with five or more the interval of
        the unlinked row lets people of one be alike (CR2).
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Result
        One row ``unlinked``: Welch's t interval of the difference in means, or Newcombe's of the
        difference in shares for 0 and 1; a row ``linked`` besides, with `person`.
        ``.tables["response"]`` has the answers of each survey.

    Raises
    ------
    OutcomeNotFoundError, TextOutcomeError
        The column is not there, or is text.
    TooFewError
        Fewer than two answers in a survey, or more answers than people asked.

    Examples
    --------
    >>> import pandas as pd
    >>> before = pd.DataFrame({"score": [7, 8, 6, 9, 5]})
    >>> after = pd.DataFrame({"score": [6, 6, 7, 5]})
    >>> result = unlinked_change(before, after, "score", better="lower")
    >>> result.to_frame()[["term", "estimate"]].to_dict("records")
    [{'term': 'unlinked', 'estimate': -1.0}]
    """
    level = check_confidence(confidence)
    surveys = [frames.to_pandas(frame) for frame in (before, after)]
    for frame in surveys:
        for name in (outcome, *(c for c in (person, cluster) if c)):
            if name not in frame.columns:
                known = [str(c) for c in frame.columns]
                raise OutcomeNotFoundError(
                    name, known, what="outcome" if name == outcome else "column"
                )
    study = _study(surveys, outcome, better, scoring_record(before))
    described = study.outcome(outcome)
    numbers = as_numbers(study, outcome)
    when = study.data["__when"].to_numpy()
    values = [numbers[when == wave] for wave in WAVES]
    measured = [v[~np.isnan(v)] for v in values]
    if min(len(v) for v in measured) < 2:
        raise TooFewError("A comparison of two surveys (in each)", min(len(v) for v in measured), 2)
    counts = asked or (len(values[0]), len(values[1]))
    for n, mine in zip(counts, measured, strict=True):
        if n < len(mine):
            raise TooFewError(f"asked={asked}: the number of people asked", n, len(mine))
    binary = all(np.isin(v, (0.0, 1.0)).all() for v in measured)
    contrast = "after - before"
    key = {"outcome": outcome, "wave": "after", "contrast": contrast}
    groups = None if cluster is None else _clusters(surveys, values, cluster)
    e = _unlinked(measured, binary, level, groups)
    rows = [_row(key, "unlinked", e, sum(counts) - e.n)]
    notes = [NOT_AN_EFFECT, NOBODYS_CHANGE]
    if cluster is not None:
        notes.append(_cluster_note(cluster, groups))
    if person is not None:
        linked, note = _linked(surveys, values, person, binary, level)
        notes.append(note)
        if linked is not None:
            rows.append(_row(key, "linked", linked, 0))
    response = pd.DataFrame(
        [
            {"wave": wave, "n": len(mine), "n_asked": n, "share": len(mine) / n if n else np.nan}
            for wave, mine, n in zip(WAVES, measured, counts, strict=True)
        ]
    )
    people = pd.DataFrame(
        [
            row
            for wave, mine, n in zip(WAVES, measured, counts, strict=True)
            for row in _counts(wave, len(mine), n)
        ]
    )
    return Result(
        kind="unlinked_change",
        title=f"Two surveys that cannot be linked by person: {described.label}",
        outcome=described,
        outcomes=(described,),
        table=pd.DataFrame(rows),
        n=people.assign(outcome=outcome),
        descriptives=_descriptives(measured, outcome),
        scores=pd.DataFrame({"person": [], "arm": [], "wave": [], "value": []}),
        summary=_summary(described, measured, e, binary),
        methods=(
            f"{instrument_sentence(described)} The two surveys are compared as independent groups: "
            f"{e.method} ({e.source})."
        ),
        notes=tuple(dict.fromkeys([*notes, *outcome_notes(described)])),
        confidence=level,
        waves=WAVES,
        tables={"response": response},
    )


def _study(
    surveys: list[pd.DataFrame], outcome: str, better: Direction | None, record: Any
) -> Study:
    """Both surveys as a study of as many people as there are answers."""
    long = pd.concat([frame[[outcome]] for frame in surveys], ignore_index=True)
    long["__when"] = np.repeat(WAVES, [len(f) for f in surveys])
    long["__who"] = np.arange(len(long))
    return Study(
        long, person="__who", wave="__when", waves=list(WAVES), record=record,
        better={} if better is None else {outcome: better},
    )  # fmt: skip


def _clusters(surveys: list[pd.DataFrame], values: list[np.ndarray], name: str) -> list[np.ndarray]:
    """The cluster of each answer; answers without one are a cluster of their own."""
    found = []
    for frame, mine in zip(surveys, values, strict=True):
        told = frame[name].map(label_of, na_action="ignore").astype(object)
        found.append(told.fillna("not recorded").to_numpy()[~np.isnan(mine)])
    return found


def _cluster_note(name: str, groups: list[np.ndarray] | None) -> str:
    if groups is not None and _enough(groups):
        return f"The interval of the unlinked row allows for people of one {name!r} being alike."
    return (
        f"People of one {name!r} may resemble each other; with fewer than five of them the "
        "interval takes people as independent and may be too narrow."
    )


def _enough(groups: list[np.ndarray]) -> bool:
    return len({*groups[0], *groups[1]}) >= ENOUGH_SITES


def _by_cluster(measured: list[np.ndarray], groups: list[np.ndarray], level: float) -> Estimate:
    """Later − earlier with CR2 by cluster; clusters may be in both surveys."""
    y = np.concatenate(measured)
    X = np.column_stack([np.ones(len(y)), np.repeat([0.0, 1.0], [len(m) for m in measured])])
    fit = least_squares(y, X, ["before", "after"])
    robust = cluster_covariance(X, fit.residuals, np.concatenate(groups))
    df = robust.satterthwaite_df(np.array([0.0, 1.0]))
    one = t_contrast(float(fit.coef[1]), float(np.sqrt(robust.cov[1, 1])), df, confidence=level)
    return Estimate(
        estimate=one.estimate, ci_low=one.ci_low, ci_high=one.ci_high, n=len(y),
        name="difference", method=f"CR2 by cluster ({robust.clusters}), Satterthwaite df",
        source="Bell & McCaffrey (2002); Pustejovsky & Tipton (2018)", confidence=level,
        se=one.se, df=one.df, p_value=one.p_value,
    )  # fmt: skip


def _unlinked(
    measured: list[np.ndarray], binary: bool, level: float, groups: list[np.ndarray] | None
) -> Estimate:
    earlier, later = measured
    if groups is not None and _enough(groups):
        return _by_cluster(measured, groups, level)
    if binary:
        return risk_difference(
            int(later.sum()), len(later), int(earlier.sum()), len(earlier), confidence=level
        )
    return difference_in_means(later, earlier, confidence=level)


def _linked(
    surveys: list[pd.DataFrame],
    values: list[np.ndarray],
    person: str,
    binary: bool,
    level: float,
) -> tuple[Estimate | None, str]:
    series = []
    for frame, mine in zip(surveys, values, strict=True):
        who = frame[person]
        once = who.notna() & ~who.duplicated(keep=False)
        series.append(pd.Series(mine, index=who)[once.to_numpy()].dropna())
    both = pd.concat(series, axis=1, join="inner")
    if len(both) < 2:
        return None, f"{plural(len(both), 'person', 'people')} could be linked by {person!r}."
    earlier, later = both.iloc[:, 0].to_numpy(), both.iloc[:, 1].to_numpy()
    note = (
        f"{len(both)} people could be linked by {person!r} (identifiers that stand once in each "
        "survey); the linked row is of them alone and is the one to trust for change."
    )
    if binary:
        had, has = earlier == 1, later == 1
        counts = [int(np.sum(m)) for m in (had & has, ~had & has, had & ~has, ~had & ~has)]
        return paired_difference(*counts, confidence=level), note
    return mean_change(later, earlier, confidence=level), note


def _row(key: dict[str, Any], term: str, e: Estimate, excluded: int) -> dict[str, Any]:
    return {
        **key,
        "term": term,
        "estimate": e.estimate,
        "se": np.nan if e.se is None else e.se,
        "df": np.nan if e.df is None else e.df,
        "p_value": np.nan if e.p_value is None else e.p_value,
        "ci_low": e.ci_low,
        "ci_high": e.ci_high,
        "n": e.n,
        "n_excluded": excluded,
        "method": e.method,
    }


def _counts(wave: str, n: int, asked: int) -> list[dict[str, Any]]:
    rows = [{"wave": wave, "arm": "all", "group": "analysed", "reason": "", "n": n}]
    if asked > n:
        rows.append({"wave": wave, "arm": "all", "group": "excluded",
                     "reason": "no answer", "n": asked - n})  # fmt: skip
    return rows


def _descriptives(measured: list[np.ndarray], outcome: str) -> pd.DataFrame:
    rows = []
    for wave, mine in zip(WAVES, measured, strict=True):
        low, q1, middle, q3, high = np.quantile(mine, [0, 0.25, 0.5, 0.75, 1])
        rows.append(
            {"wave": wave, "arm": "all", "n": len(mine), "mean": mine.mean(),
             "sd": mine.std(ddof=1), "median": middle, "q1": q1, "q3": q3, "min": low, "max": high,
             "floor_share": np.nan, "ceiling_share": np.nan, "outcome": outcome}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _summary(outcome: Outcome, measured: list[np.ndarray], e: Estimate, binary: bool) -> str:
    n = f"{len(measured[0])} answers before and {len(measured[1])} after"
    level = f"{e.confidence * 100:g} % interval"
    if binary:
        told = (
            f"{100 * measured[0].mean():.0f} % before and {100 * measured[1].mean():.0f} % after, "
            f"a difference of {100 * e.estimate:.0f} in 100 ({level} {100 * e.ci_low:.0f} to "
            f"{100 * e.ci_high:.0f})"
        )
    else:
        told = (
            f"means of {measured[0].mean():.2f} and {measured[1].mean():.2f}, a difference of "
            f"{e.estimate:.2f} points ({level} {e.ci_low:.2f} to {e.ci_high:.2f})"
        )
    return f"{outcome.label}: {n}; {told}. {NOBODYS_CHANGE} {NOT_AN_EFFECT}"

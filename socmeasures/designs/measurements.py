"""Scores of a study as people × time points, and why a score is missing.

People are rows in the order of their identifiers, whatever the order of the caller's rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs.outcome import Outcome
from socmeasures.designs.study import Study
from socmeasures.designs.study_checks import label_of
from socmeasures.errors import OutcomeNotFoundError, TextOutcomeError

NO_ROW = "no row at this time point"
NO_SCORE = "no score recorded"
REASONS = {
    "not_answered": "questionnaire not answered",
    "too_few_items": "too few items answered",
    "invalid": "an answer outside the options",
    "not_interviewed": "not interviewed",
}
BINDING = 0.15  # share at the floor or ceiling from which it binds (McHorney & Tarlov 1995)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measurements:
    """One outcome of a study.

    Attributes
    ----------
    outcome : Outcome
        What was measured.
    scores : pandas.DataFrame
        Index people, columns time points, NaN where missing.
    reasons : pandas.DataFrame
        As `scores`: why a score is missing, empty text where it is there.
    arm : pandas.Series
        Arm of each person.
    categories : tuple of str
        Of an ordered answer: its categories in order, `scores` being their places from 0.
    """

    outcome: Outcome
    scores: pd.DataFrame
    reasons: pd.DataFrame
    arm: pd.Series
    categories: tuple[str, ...] = ()


def measure(study: Study, name: str) -> Measurements:
    """The scores of one outcome; refuses text and columns that are not there."""
    outcome = study.outcome(name)
    return _arranged(study, outcome, as_numbers(study, name))


def measure_ordered(study: Study, name: str) -> Measurements:
    """One ordered answer, as places of its categories.

    The categories are those of an ordered pandas categorical, else the values in order.
    """
    outcome = study.outcome(name)
    column = study.data[name]
    if is_ordered(study, name):
        labels = [str(c) for c in column.cat.categories]
        places = column.cat.codes.to_numpy(dtype=np.float64)
        places[places < 0] = np.nan
        return _arranged(study, outcome, places, tuple(labels))
    numbers = as_numbers(study, name)
    values = np.unique(numbers[~np.isnan(numbers)])
    places = np.where(np.isnan(numbers), np.nan, np.searchsorted(values, numbers))
    return _arranged(study, outcome, places, tuple(label_of(v) for v in values))


def is_ordered(study: Study, name: str) -> bool:
    """Whether a column is an ordered pandas categorical."""
    dtype = study.data[name].dtype if name in study.data.columns else None
    return isinstance(dtype, pd.CategoricalDtype) and bool(dtype.ordered)


def _arranged(
    study: Study, outcome: Outcome, values: np.ndarray, categories: tuple[str, ...] = ()
) -> Measurements:
    name = outcome.column
    people, waves = pd.Index(list(study.people)), pd.Index(list(study.waves))
    who = _places(study.data[study.person], people)
    when = _places(study.data[study.wave], waves)
    known = (who >= 0) & (when >= 0)
    cells, shape = (who[known], when[known]), (len(people), len(waves))

    scores = np.full(shape, np.nan)
    scores[cells] = values[known]
    reasons = np.full(shape, NO_ROW, dtype=object)
    status = f"{name}_status"
    words = np.full(len(values), NO_SCORE, dtype=object)
    if status in study.data.columns:
        told = study.data[status].astype(object).map(REASONS)
        words = told.fillna(NO_SCORE).to_numpy(dtype=object)
    reasons[cells] = words[known]
    reasons[~np.isnan(scores)] = ""
    return Measurements(
        outcome=outcome,
        scores=pd.DataFrame(scores, index=people, columns=waves),
        reasons=pd.DataFrame(reasons, index=people, columns=waves, dtype=object),
        arm=study.arm_of(),
        categories=categories,
    )


def _places(column: pd.Series, known: pd.Index) -> Any:
    """Place of each row's person or time point, -1 where the study does not know it."""
    return pd.Index(known, dtype=object).get_indexer(np.asarray(column, dtype=object))


def as_numbers(study: Study, name: str) -> np.ndarray:
    """A column as floats, NaN for missing; text is refused with its rows."""
    if name not in study.data.columns:
        raise OutcomeNotFoundError(name, study.columns)
    column = study.data[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers = column.astype("float64").to_numpy().copy()
        wrong = np.isinf(numbers)
    else:
        is_number = column.map(lambda v: isinstance(v, (int, float, np.number))).astype(bool)
        wrong = (column.notna() & ~is_number).to_numpy()
        numbers = pd.to_numeric(column.where(is_number), errors="coerce").to_numpy(dtype=float)
    if wrong.any():
        offenders = study.data[wrong]
        rows = [
            {
                "row": int(row),
                "person": person,
                "wave": wave,
                "column": name,
                "value": value,
                "rule": "text",
                "severity": "error",
                "message": f"{value!r} is not a number",
            }
            for row, person, wave, value in zip(
                study.row_numbers[wrong],
                offenders[study.person],
                offenders[study.wave],
                offenders[name],
                strict=True,
            )
        ]
        raise TextOutcomeError(name, list(dict.fromkeys(r["value"] for r in rows)), rows)
    return np.asarray(numbers, dtype=np.float64)


def describe(measured: Measurements, waves: list[str], arms: tuple[str, ...]) -> pd.DataFrame:
    """Everybody measured at each time point, by arm: n, mean, SD, quartiles, floor, ceiling."""
    rows = []
    for wave in waves:
        for arm in arms or ("all",):
            here = (measured.arm == arm).to_numpy() | (not arms)  # no arms: everybody
            mine = measured.scores.loc[here, wave].dropna()
            rows.append({"wave": wave, "arm": arm, **_spread(mine, measured.outcome)})
    return pd.DataFrame(rows).assign(outcome=measured.outcome.column)


def _spread(scores: pd.Series, outcome: Outcome) -> dict[str, float]:
    values = scores.to_numpy()
    n = len(values)
    quartiles = np.quantile(values, [0, 0.25, 0.5, 0.75, 1]) if n else np.full(5, np.nan)
    return {
        "n": n,
        "mean": float(values.mean()) if n else np.nan,
        "sd": float(values.std(ddof=1)) if n > 1 else np.nan,
        "median": quartiles[2],
        "q1": quartiles[1],
        "q3": quartiles[3],
        "min": quartiles[0],
        "max": quartiles[4],
        "floor_share": _share_at(values, outcome.low),
        "ceiling_share": _share_at(values, outcome.high),
    }


def _share_at(values: np.ndarray, end: float | None) -> float:
    if end is None or not len(values):
        return float("nan")
    return float(np.mean(np.isclose(values, end)))


def floor_and_ceiling_notes(descriptives: pd.DataFrame) -> list[str]:
    """Say where so many stand at an end of the scale that change in one direction is hidden."""
    notes = []
    for row in descriptives.to_dict("records"):
        where = f"at {row['wave']}" + ("" if row["arm"] == "all" else f" ({row['arm']})")
        for share, end, hidden in (
            (row["floor_share"], "lowest", "lower"),
            (row["ceiling_share"], "highest", "higher"),
        ):
            if share > BINDING:
                notes.append(
                    f"{row['outcome']}: {share * 100:.0f} % have the {end} possible score {where}; "
                    f"more than 15 % means that the scale cannot show {hidden} scores for them."
                )
    return notes


def person_level(measured: Measurements, waves: list[str]) -> pd.DataFrame:
    """One row a score: person, arm, wave, value. INTERNAL."""
    tall = measured.scores[waves].stack(future_stack=True).dropna()
    return pd.DataFrame(
        {
            "outcome": measured.outcome.column,
            "person": tall.index.get_level_values(0),
            "arm": measured.arm.reindex(tall.index.get_level_values(0)).to_numpy(),
            "wave": tall.index.get_level_values(1),
            "value": tall.to_numpy(),
        }
    )


def instrument_sentence(outcome: Outcome) -> str:
    """Where the score comes from, for the methods."""
    if not outcome.instrument:
        return f"{outcome.label!r} was analysed as it stood in the data; no scale describes it."
    form = f" ({outcome.form})" if outcome.form else ""
    cited = f" [{outcome.citation}]" if outcome.citation else ""
    grade = f"; evidence grade of the scoring key: {outcome.evidence}" if outcome.evidence else ""
    return f"Outcome: {outcome.label}, from the {outcome.instrument}{form}{cited}{grade}."


def outcome_notes(outcome: Outcome) -> list[str]:
    """Caveats that come with the outcome itself."""
    notes = list(outcome.notes)
    if outcome.evidence == "unverified":
        notes.append(
            f"The scoring key of {outcome.instrument} is unverified: it was not checked against "
            "the instrument's own publication. Check it before publishing."
        )
    return notes

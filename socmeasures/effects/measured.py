"""What counts as a measured score: arrays of floats, NaN where a score is missing.

Everything in `effects` takes its input through here, so that a missing score, a text and an
impossible confidence are met with the same words everywhere.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from socmeasures.errors import (
    AnswersError,
    ChoiceError,
    ConfidenceError,
    PairLengthError,
    ScoresError,
    plural,
)

Floats = NDArray[np.float64]


def as_scores(values: ArrayLike, name: str) -> Floats:
    """One dimension of floats, NaN for missing; refuses text, infinities and tables."""
    try:
        if hasattr(values, "to_numpy"):  # a pandas column may hold NA, which float() refuses
            values = _column(values)
        scores = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ScoresError(name, "it holds something that is not a number") from None
    if scores.ndim != 1:
        raise ScoresError(name, f"it has {scores.ndim} dimensions instead of one")
    if np.isinf(scores).any():
        raise ScoresError(name, "it holds an infinite value")
    return scores


def as_table(values: ArrayLike, name: str) -> Floats:
    """Two dimensions of floats, a row a person, NaN for missing; refuses text and infinities."""
    try:
        if hasattr(values, "to_numpy"):  # a pandas frame may hold NA, which float() refuses
            values = _as_floats(values)
        table = np.asarray(values, dtype=np.float64)
    except (AttributeError, TypeError, ValueError):
        raise AnswersError(name, "it holds something that is not a number") from None
    if table.ndim != 2:
        raise AnswersError(name, f"it has {table.ndim} dimensions instead of two")
    if np.isinf(table).any():
        raise AnswersError(name, "it holds an infinite value")
    return table


def _as_floats(values: Any) -> Any:
    return values.astype("float64").to_numpy()


def _column(values: Any) -> Any:
    if getattr(values, "isna", None) is not None and values.isna().any():
        return values.astype("float64").to_numpy()
    return values.to_numpy()


def measured(values: ArrayLike, name: str) -> tuple[Floats, int]:
    """The scores that are there, and how many are missing."""
    scores = as_scores(values, name)
    present = ~np.isnan(scores)
    return scores[present], int((~present).sum())


def measured_pairs(later: ArrayLike, earlier: ArrayLike) -> tuple[Floats, Floats, int]:
    """The pairs with both scores, and how many pairs lack one."""
    after, before = as_scores(later, "later"), as_scores(earlier, "earlier")
    if len(after) != len(before):
        raise PairLengthError(("later", "earlier"), (len(after), len(before)))
    both = ~np.isnan(after) & ~np.isnan(before)
    return after[both], before[both], int((~both).sum())


def check_confidence(confidence: float) -> float:
    """Pass a coverage in (0, 1) on; refuse 95 and the like."""
    number = isinstance(confidence, (int, float)) and not isinstance(confidence, bool)
    if not number or not 0 < confidence < 1:
        raise ConfidenceError(confidence)
    return float(confidence)


def check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse a keyword value outside the known ones."""
    if value not in allowed:
        raise ChoiceError(name, value, allowed)


def left_out(n: int, what: Literal["pair", "person"] = "pair") -> tuple[str, ...]:
    """A note on how many were dropped for a missing score; nothing when none were."""
    if n == 0:
        return ()
    counted = plural(n, what, "people" if what == "person" else None)
    return (f"{counted} without a score {'was' if n == 1 else 'were'} left out.",)

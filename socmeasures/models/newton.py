"""Newton's method for a likelihood: scoring steps first, halved steps, an optimum that is proved.

Knows nothing of the model: it is given −2ℓ, its slope and its information.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEPS = 200
DECREMENT = 1e-11  # Newton decrement: the distance to the optimum in −2ℓ is about this


class Valued(Protocol):
    """A point where −2ℓ is known."""

    @property
    def value(self) -> float:
        """−2 log-likelihood."""


P = TypeVar("P", bound=Valued)


class Objective(Protocol[P]):
    """−2ℓ with its slope and curvature."""

    def at(self, x: Floats, /) -> P | None:
        """Evaluate; None outside the space of parameters."""

    def slope(self, x: Floats, point: P, /) -> Floats:
        """Slope of −2ℓ."""

    def information(self, x: Floats, point: P, /, *, expected: bool) -> Floats:
        """Curvature of −ℓ, or its expectation."""

    def is_inside(self, point: P, /) -> bool:
        """Whether a point is clear of the edge of the space of parameters."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Optimum(Generic[P]):
    """Where Newton's method ended.

    Attributes
    ----------
    x : array
        Parameters.
    point : object or None
        The likelihood there; None when the start was outside.
    steps : int
        Steps taken.
    decrement : float
        How far −2ℓ may still be from its minimum.
    is_proved : bool
        Flat, curved downwards, and inside.
    """

    x: Floats
    point: P | None
    steps: int
    decrement: float
    is_proved: bool


def newton(objective: Objective[P], x: Floats) -> Optimum[P]:
    """Fisher scoring for three steps, then Newton where the curvature allows it."""
    with np.errstate(all="ignore"):  # a step may leave the numbers a float can hold
        return _newton(objective, x)


def _newton(objective: Objective[P], x: Floats) -> Optimum[P]:
    point = objective.at(x)
    if point is None:
        return Optimum(x=x, point=None, steps=0, decrement=float("inf"), is_proved=False)

    def ended(steps: int, decrement: float, proved: bool) -> Optimum[P]:
        return Optimum(x=x, point=point, steps=steps, decrement=decrement, is_proved=proved)

    decrement = float("inf")
    for step in range(STEPS):
        slope = objective.slope(x, point) / 2
        direction, proper = _direction(objective, x, point, slope, scoring=step < 3)
        decrement = float(slope @ direction) * 2
        if decrement < DECREMENT and not (proper or step >= 3):
            direction, proper = _direction(objective, x, point, slope, scoring=False)
            decrement = float(slope @ direction) * 2
        if decrement < DECREMENT:
            proved = objective.is_inside(point) and proper
            last = objective.at(x - direction) if proved else None
            if last is not None and last.value <= point.value + DECREMENT:
                x, point = x - direction, last  # quadratic: the last step leaves rounding only
            return ended(step, abs(decrement), proved)
        moved = _halving(objective, x, point, direction, decrement)
        if moved is None:
            proved = proper and decrement < 1e-8 and objective.is_inside(point)
            return ended(step, 0.0 if proved else decrement, proved)
        x, point = moved
    return ended(STEPS, decrement, False)


def _direction(
    objective: Objective[P], x: Floats, point: P, slope: Floats, *, scoring: bool
) -> tuple[Floats, bool]:
    """Step against the slope; True when it is Newton's, with a positive-definite curvature."""
    if not scoring:
        curvature = objective.information(x, point, expected=False)
        try:
            np.linalg.cholesky(curvature)
            return np.asarray(np.linalg.solve(curvature, slope)), True
        except np.linalg.LinAlgError:
            pass
    curvature = objective.information(x, point, expected=True)
    ridge = 0.0
    size = float(np.abs(np.diag(curvature)).max())
    for _ in range(12):
        try:
            matrix = curvature + ridge * np.eye(len(slope))
            np.linalg.cholesky(matrix)
            return np.asarray(np.linalg.solve(matrix, slope)), False
        except np.linalg.LinAlgError:
            ridge = max(10 * ridge, 1e-10 * size)
    return (slope / size if size > 0 else np.zeros_like(slope)), False


def _halving(
    objective: Objective[P], x: Floats, point: P, direction: Floats, decrement: float
) -> tuple[Floats, P] | None:
    length = 1.0
    for _ in range(40):
        there = x - length * direction
        found = objective.at(there)
        if found is not None and found.value <= point.value - 1e-4 * length * max(decrement, 0.0):
            if found.value < point.value:
                return there, found
            return None
        length /= 2
    return None

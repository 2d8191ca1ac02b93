"""Where the likelihood of a mixed model is highest, at the boundary of its space too.

Variances may not be negative and the covariance of a random intercept and slope is positive
semidefinite, unless `variance="unbounded"`. A quasi-Newton search over standard deviations says
which of them are 0; Newton's method on the rest proves the optimum; the slopes of those at 0 prove
that they belong there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from socmeasures.errors.models import MixedConvergenceError
from socmeasures.models.marginal_likelihood import Curvature
from socmeasures.models.newton import Optimum, newton
from socmeasures.models.variance_components import ComponentLikelihood, ComponentPoint
from socmeasures.models.variance_faces import Face, is_allowed, nearest_allowed

Floats = NDArray[np.float64]
NEAR = 1e-5  # a share of the residual variance that may be 0: Newton decides
SINGULAR = 1e-6  # smallest eigenvalue of a covariance, in residual variances, that is no edge
RISING = -1e-7  # slope of −2ℓ, in residual variances, that still counts as not falling


@dataclass(slots=True, eq=False)
class FaceObjective:
    """−2ℓ on a face, for Newton's method."""

    likelihood: ComponentLikelihood
    face: Face
    is_bounded: bool
    _known: tuple[ComponentPoint, Floats, Curvature] | None = field(default=None, repr=False)

    def at(self, x: Floats) -> ComponentPoint | None:
        """Evaluate; None where a variance is negative that may not be."""
        theta = self.face.theta(x)
        if self.is_bounded and not is_allowed(theta, self.face):
            return None
        return self.likelihood.at(theta)

    def pieces(self, point: ComponentPoint) -> tuple[Floats, Curvature]:
        """Slope of −2ℓ by the parameters and the curvature; the last point's are kept."""
        if self._known is None or self._known[0] is not point:
            self._known = (point, *self.likelihood.slope_and_curvature(point))
        return self._known[1], self._known[2]

    def slope(self, x: Floats, point: ComponentPoint) -> Floats:
        """Slope of −2ℓ along the face."""
        return np.asarray(self.pieces(point)[0] @ self.face.tangent(x))

    def information(self, x: Floats, point: ComponentPoint, *, expected: bool) -> Floats:
        """Information along the face."""
        slope, curvature = self.pieces(point)
        J = self.face.tangent(x)
        if expected:
            return np.asarray(J.T @ curvature.expected @ J)
        return np.asarray(J.T @ curvature.observed @ J + self.face.bend(x, slope) / 2)

    def is_inside(self, point: ComponentPoint) -> bool:
        """Whether every covariance is clear of being singular."""
        return self.likelihood.smallest(point) > SINGULAR


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """The highest likelihood.

    Attributes
    ----------
    optimum : Optimum
        Point, steps and decrement.
    face : Face
        What is free there.
    objective : FaceObjective
        Its slope and information.
    """

    optimum: Optimum[ComponentPoint]
    face: Face
    objective: FaceObjective

    @property
    def point(self) -> ComponentPoint:
        """The likelihood at the optimum."""
        assert self.optimum.point is not None
        return self.optimum.point

    def parameter_covariance(self, *, expected: bool) -> Floats:
        """Covariance of the parameters; 0 for those on the boundary."""
        x = self.optimum.x
        information = self.objective.information(x, self.point, expected=expected)
        J = self.face.tangent(x)
        return np.asarray(J @ np.linalg.solve(information, J.T))


def search(
    likelihood: ComponentLikelihood, names: Sequence[str], *, has_slope: bool, is_bounded: bool
) -> Solution:
    """The optimum, proved, or a refusal.

    Parameters
    ----------
    likelihood : ComponentLikelihood
        Of the data.
    names : sequence of str
        One a component, for messages.
    has_slope : bool
        Whether the last component has a random slope.
    is_bounded : bool
        Whether variances may not be negative.

    Returns
    -------
    Solution

    Raises
    ------
    MixedConvergenceError
        No optimum could be proved.
    """
    components = len(names)
    full = Face(
        components=(True,) * (components - has_slope) + (False,) * has_slope,
        rank=2 if has_slope else None,
        residuals=likelihood.size - components - (2 if has_slope else 0),
    )
    best: Solution | None = None
    ends: list[Floats] = []
    for find in (_scoring, _quasi_newton):
        for share in (0.1, 1.0):
            theta = find(likelihood, full, share)
            if theta is None or (best is not None and _same(theta, best.point.theta)):
                continue
            ends.append(theta)
            found = _settle(likelihood, full, theta)
            if found is not None and (best is None or found.point.value < best.point.value - 1e-9):
                best = found
        if best is not None:
            break
    if not is_bounded and (best is None or best.face != full):
        best = _beyond(likelihood, full, best, ends)
    if best is None:
        reached = likelihood.at(ends[-1]) if ends else None
        edge = reached is None or likelihood.smallest(reached) < 1e-4
        raise MixedConvergenceError(names, edge, is_bounded)
    return best


def _same(one: Floats, other: Floats) -> bool:
    return bool(np.abs(one - other).max() < 1e-4 * np.abs(other).max())


@np.errstate(all="ignore")  # a step may leave the numbers a float can hold
def _scoring(likelihood: ComponentLikelihood, full: Face, share: float) -> Floats | None:
    """Fisher scoring, brought back to the nearest variances that are allowed."""
    theta = np.append(np.zeros(full.size - full.residuals), np.ones(full.residuals))
    k = len(full.components)
    theta[:k] = share
    if full.rank is not None:
        theta[k + 1] = share
    point = likelihood.at(theta)
    simple = full.intercepts
    for _ in range(50):
        if point is None:
            return None
        slope, curvature = likelihood.slope_and_curvature(point)
        free = np.ones(full.size, dtype=bool)
        free[:simple] = (theta[:simple] > 0) | (slope[:simple] < 0)
        direction = np.zeros(full.size)
        information = curvature.expected[np.ix_(free, free)]
        try:
            direction[free] = np.linalg.solve(information, slope[free] / 2)
        except np.linalg.LinAlgError:
            return theta
        length, moved = 1.0, None
        while length > 1e-3 and moved is None:
            there = nearest_allowed(theta - length * direction, full)
            found = likelihood.at(there)
            if found is not None and found.value < point.value:
                moved = found
            length /= 2
        if moved is None or point.value - moved.value < 1e-7:
            return theta if moved is None else moved.theta
        theta, point = moved.theta, moved
    return theta


def _quasi_newton(likelihood: ComponentLikelihood, full: Face, share: float) -> Floats | None:
    """Search over variances not below 0, and a triangular factor of intercept and slope."""
    k = full.intercepts
    factor = 0 if full.rank is None else 3
    x0 = np.concatenate([np.full(k, share), np.ones(full.residuals), np.zeros(factor)])
    if factor:
        x0[-3:] = np.sqrt(share), 0.0, np.sqrt(share)
    bounds: list[tuple[float | None, float | None]] = [(0.0, None)] * k
    bounds += [(1e-8, None)] * full.residuals
    bounds += [(None, None), (None, None), (0.0, None)][:factor]
    places = np.concatenate([np.arange(k), np.arange(k + factor, full.size)])

    def theta(x: Floats) -> Floats:
        found = np.zeros(full.size)
        found[places] = x[: len(places)]
        if factor:
            a, b, c = x[-3:]
            found[k : k + 3] = a * a, a * b, b * b + c * c
        return found

    def value(x: Floats) -> tuple[float, Floats]:
        point = likelihood.at(theta(x))
        if point is None:
            return 1e300, np.zeros_like(x)
        slope = likelihood.gradient(point)
        found = slope[places]
        if factor:
            a, b, c = x[-3:]
            J = np.array([[2 * a, 0, 0], [b, a, 0], [0, 2 * b, 2 * c]])
            found = np.append(found, slope[k : k + 3] @ J)
        return point.value, np.asarray(found)

    best = optimize.minimize(value, x0, jac=True, method="L-BFGS-B", bounds=bounds)
    found = theta(np.asarray(best.x))
    return found if likelihood.at(found) is not None else None


def _settle(likelihood: ComponentLikelihood, full: Face, theta: Floats) -> Solution | None:
    """Newton on the face where the search ended; faces are left and entered until it holds."""
    face = _nearest_face(full, theta)
    for _ in range(12):
        objective = FaceObjective(likelihood, face, True)
        optimum = newton(objective, face.start(theta))
        point = optimum.point
        if point is None:
            return None
        if not optimum.is_proved:
            smaller = _smaller(face, point.theta)
            if smaller is None:
                return None
            face, theta = smaller, point.theta
            continue
        slope = objective.pieces(point)[0]
        entered = _entered(face, point.theta, slope, objective)
        if entered is None:
            return Solution(optimum=optimum, face=face, objective=objective)
        face, theta = entered
    return None


def _nearest_face(full: Face, theta: Floats) -> Face:
    """Variances that the search left next to 0 are taken as 0 first."""
    k = len(full.components)
    edge = NEAR * float(theta[-full.residuals :].min())
    kept = tuple(
        bool(free and v > edge) for free, v in zip(full.components, theta[:k], strict=True)
    )
    rank = None
    if full.rank is not None:
        one, both, two = theta[full.slope_places]
        values = np.linalg.eigvalsh([[one, both], [both, two]])
        rank = int((values > edge).sum())
    return replace(full, components=kept, rank=rank)


def _smaller(face: Face, theta: Floats) -> Face | None:
    """The face without its smallest variance."""
    free = [place for place, is_free in enumerate(face.components) if is_free]
    sizes = {place: theta[place] for place in free}
    if face.rank:
        one, both, two = theta[face.slope_places]
        sizes[-1] = float(np.linalg.eigvalsh([[one, both], [both, two]])[2 - face.rank])
    if not sizes:
        return None
    smallest = min(sizes, key=lambda place: sizes[place])
    if smallest == -1:
        return replace(face, rank=(face.rank or 0) - 1)
    kept = tuple(f and i != smallest for i, f in enumerate(face.components))
    return replace(face, components=kept)


def _entered(
    face: Face, theta: Floats, slope: Floats, objective: FaceObjective
) -> tuple[Face, Floats] | None:
    """A larger face on which −2ℓ falls, and a point on it; None when there is none."""
    simple = face.intercepts
    moves: list[tuple[float, Face, Floats]] = []
    for place in range(simple):
        if not face.components[place] and slope[place] < RISING:
            kept = tuple(f or i == place for i, f in enumerate(face.components))
            moves.append((slope[place], replace(face, components=kept), np.eye(face.size)[place]))
    if face.rank in (0, 1):
        one, both, two = slope[face.slope_places]
        gradient = np.array([[one, both / 2], [both / 2, two]])
        if face.rank == 0:
            values, vectors = np.linalg.eigh(gradient)
            fall, vector = float(values[0]), vectors[:, 0]
        else:
            a, b = face.start(theta)[-2:]
            vector = np.array([-b, a]) / np.hypot(a, b)
            fall = float(vector @ gradient @ vector)
        if fall < RISING:
            move = np.zeros(face.size)
            move[face.slope_places] = vector[0] ** 2, vector[0] * vector[1], vector[1] ** 2
            moves.append((fall, replace(face, rank=face.rank + 1), move))
    if not moves:
        return None
    _, larger, move = min(moves, key=lambda m: m[0])
    start = objective.likelihood.at(theta)
    length = 0.1
    while start is not None and length > 1e-12:
        there = objective.likelihood.at(theta + length * move)
        if there is not None and there.value < start.value:
            return larger, theta + length * move
        length /= 4
    return None


def _beyond(
    likelihood: ComponentLikelihood, full: Face, best: Solution | None, ends: list[Floats]
) -> Solution | None:
    """The optimum where variances may be negative, as long as every covariance is proper."""
    objective = FaceObjective(likelihood, full, False)
    flat = np.append(np.zeros(full.size - full.residuals), np.ones(full.residuals))
    starts = [flat] if best is None else [best.point.theta, flat]
    found = [newton(objective, start) for start in starts]
    ends.extend(o.x for o in found)
    proved = [(o.point.value, o) for o in found if o.is_proved and o.point is not None]
    if not proved:
        return None
    return Solution(
        optimum=min(proved, key=lambda pair: pair[0])[1], face=full, objective=objective
    )

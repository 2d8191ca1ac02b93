"""The estimating equations themselves: Fisher scoring with an exchangeable working correlation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from socmeasures.errors import EstimatingEquationsError, WorkingCorrelationError
from socmeasures.models.repeated_data import orthonormal

Floats = NDArray[np.float64]
Family = Literal["gaussian", "binomial"]
Link = Literal["identity", "logit", "log"]
STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """Where the equations are 0, and each cluster's part in them."""

    coef: Floats
    gram: Floats
    score: Floats
    alpha: float
    estimated: float
    scale: float


Mean = Callable[[Floats], tuple[Floats, Floats]]
MEANS: dict[Link, Mean] = {  # of the linear predictor: the mean, and its slope
    "identity": lambda eta: (eta, np.ones_like(eta)),
    "logit": lambda eta: (m := special.expit(eta), m * (1 - m)),
    "log": lambda eta: (m := np.exp(eta), m),
}


def solve(
    y: Floats,
    X: Floats,
    names: Sequence[str],
    sizes: NDArray[np.intp],
    family: Family,
    link: Link,
    lowest: float,
    start: Floats | None,
) -> Solution:
    """Fisher scoring in orthonormal columns, the working correlation renewed at every step.

    The correlation is at least `lowest`; NaN stands for independence.
    """
    Q, root = orthonormal(X, names)
    p, exchangeable, low = X.shape[1], bool(np.isfinite(lowest)), 0.999 * lowest
    level = float(np.log(y.mean())) if link == "log" else float(y.mean())
    flat = Q.T @ np.full(len(y), level)
    b: Floats = np.asarray(flat if start is None else np.linalg.solve(root, start))
    used = alpha = gap = 0.0
    tried: tuple[float, float] | None = None

    def standardised(b: Floats, columns: Floats) -> tuple[Floats, Floats] | None:
        mean, slope = MEANS[link](Q @ b)
        if family == "gaussian":
            return columns, y - mean
        if not (mean.min() > 0 and mean.max() < 1):
            return None
        sd = np.sqrt(mean * (1 - mean))
        return columns * (slope / sd)[:, None], (y - mean) / sd

    found = standardised(b, Q)
    for _ in range(STEPS):
        if found is None:
            raise EstimatingEquationsError.outside(link)
        Z, e = found
        if exchangeable:
            alpha = _moment(e, sizes, p)[0]
            gap = float(np.clip(alpha, low, 0.999)) - used
            tried, used = (used, gap), _next(tried, used, gap, low)
        gram, score = _equations(Z, e, sizes, used, each=False)
        step = np.linalg.solve(gram, score)
        for halved in range(40):
            found = standardised(b + step / 2**halved, Q)
            if found is not None:
                b = b + step / 2**halved
                break
        small = float(np.abs(step).max()) <= 1e-11 * max(float(np.abs(b).max()), 1e-6)
        if small and abs(gap) < 1e-11:
            break
    else:
        raise EstimatingEquationsError.not_converged(STEPS)
    if alpha >= 0.999 or (exchangeable and lowest < 0 and alpha < low):
        raise WorkingCorrelationError(alpha, int(sizes.max()))
    mean = MEANS[link](Q @ b)[0]
    if family == "binomial" and float(np.minimum(mean, 1 - mean).min()) < 1e-6:
        raise EstimatingEquationsError.certain(link)
    found = standardised(b, X)
    assert found is not None
    Z, e = found
    gram, score = _equations(Z, e, sizes, used, each=True)
    return Solution(
        coef=root @ b,
        gram=gram,
        score=score,
        alpha=used if exchangeable else float("nan"),
        estimated=alpha,
        scale=_moment(e, sizes, p)[1],
    )


def _next(tried: tuple[float, float] | None, used: float, gap: float, low: float) -> float:
    """The working correlation to try next: where the gap to its own estimate should be 0.

    By the secant, since merely taking the estimate creeps, or jumps to and fro near the lower end.
    """
    plain = used + gap
    if tried is None or abs(used - tried[0]) < 1e-12:
        return plain
    slope = (gap - tried[1]) / (used - tried[0])
    guess = used - gap / slope if slope < 0 else plain
    return guess if low <= guess <= 0.999 else plain


def _moment(e: Floats, sizes: NDArray[np.intp], p: int) -> tuple[float, float]:
    """The working correlation over pairs of one cluster, and the scale, from Pearson residuals."""
    scale = float(e @ e) / (len(e) - p)
    pairs = float(np.sum(sizes * (sizes - 1))) / 2
    sums = np.add.reduceat(e, starts(sizes))
    if scale == 0 or pairs <= p:
        return 0.0, scale
    return float(sums @ sums - e @ e) / 2 / scale / (pairs - p), scale


def _equations(
    Z: Floats, e: Floats, sizes: NDArray[np.intp], alpha: float, *, each: bool
) -> tuple[Floats, Floats]:
    """D'V⁻¹D and D'V⁻¹(y − μ), of each cluster or in all; rows stand cluster by cluster.

    The inverse of an exchangeable correlation is the identity less a constant, so that only sums
    within the clusters are needed.
    """
    first = starts(sizes)
    shared = alpha / (1 + (sizes - 1) * alpha)
    z, r = np.add.reduceat(Z, first, axis=0), np.add.reduceat(e, first)
    if not each:
        gram = Z.T @ Z - (z * shared[:, None]).T @ z
        return gram / (1 - alpha), (Z.T @ e - z.T @ (shared * r)) / (1 - alpha)
    own = np.add.reduceat(Z[:, :, None] * Z[:, None, :], first, axis=0)
    gram = own - shared[:, None, None] * z[:, :, None] * z[:, None, :]
    score = np.add.reduceat(Z * e[:, None], first, axis=0) - (shared * r)[:, None] * z
    return gram / (1 - alpha), score / (1 - alpha)


def starts(sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where each cluster begins when its rows stand together."""
    return np.concatenate([[0], np.cumsum(sizes)[:-1]])

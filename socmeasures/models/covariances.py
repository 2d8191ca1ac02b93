"""Covariance structures of repeated measures: parameters in, a covariance and its slopes out.

Every structure but the unstructured one is two parts: standard deviations (one, or one a wave)
on the log scale, and a pattern of correlations. Knows nothing of people or outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from socmeasures.errors import ChoiceError

Floats = NDArray[np.float64]
Covariance = Literal["us", "toeph", "ar1h", "csh", "toep", "ar1", "cs"]
COVARIANCES: tuple[Covariance, ...] = ("us", "toeph", "ar1h", "csh", "toep", "ar1", "cs")
IN_WORDS: dict[str, str] = {
    "us": "unstructured",
    "toeph": "heterogeneous Toeplitz (a correlation a lag, an SD a wave)",
    "ar1h": "heterogeneous first-order autoregressive",
    "csh": "heterogeneous compound symmetry (one correlation, an SD a wave)",
    "toep": "Toeplitz (a correlation a lag, one SD)",
    "ar1": "first-order autoregressive",
    "cs": "compound symmetry (one correlation, one SD)",
}


@dataclass(frozen=True, slots=True)
class Structure:
    """One structure at a number of waves.

    Attributes
    ----------
    name : str
        ``us``, ``toeph``, ``ar1h``, ``csh``, ``toep``, ``ar1`` or ``cs``.
    waves : int
        How many.
    """

    name: Covariance
    waves: int

    @property
    def is_heterogeneous(self) -> bool:
        """Whether every wave has its own standard deviation."""
        return self.name in ("us", "toeph", "ar1h", "csh")

    @property
    def n_sd(self) -> int:
        """Parameters that are logarithms of standard deviations; none when unstructured."""
        if self.name == "us":
            return 0
        return self.waves if self.is_heterogeneous else 1

    @property
    def n_correlation(self) -> int:
        """Parameters that are correlations."""
        if self.name == "us" or self.waves == 1:
            return 0
        return self.waves - 1 if self.name.startswith("toep") else 1

    @property
    def size(self) -> int:
        """How many parameters."""
        if self.name == "us":
            return self.waves * (self.waves + 1) // 2
        return self.n_sd + self.n_correlation

    def matrix(self, theta: Floats) -> Floats:
        """The covariance, shape (waves, waves); positive definite only if `theta` is valid."""
        if self.name == "us":
            made = np.zeros((self.waves, self.waves))
            rows, columns = np.tril_indices(self.waves)
            made[rows, columns] = theta
            made[columns, rows] = theta
            return made
        sd = np.exp(np.broadcast_to(theta[: self.n_sd], self.waves))
        return np.asarray(sd[:, None] * sd * self._correlation(theta[self.n_sd :], 0)[0])

    def slopes(self, theta: Floats) -> Floats:
        """First derivatives of the covariance, shape (size, waves, waves)."""
        t = self.waves
        made = np.zeros((self.size, t, t))
        if self.name == "us":
            rows, columns = np.tril_indices(t)
            each = np.arange(self.size)
            made[each, rows, columns] = 1.0
            made[each, columns, rows] = 1.0
            return made
        sd = np.exp(np.broadcast_to(theta[: self.n_sd], t))
        scale = sd[:, None] * sd
        made[: self.n_sd] = self._times() * self.matrix(theta)
        made[self.n_sd :] = scale * self._correlation(theta[self.n_sd :], 1)
        return made

    def curvature(self, theta: Floats, weight: Floats) -> Floats:
        """Second derivatives of Σ weight · covariance, shape (size, size)."""
        made = np.zeros((self.size, self.size))
        if self.name == "us":
            return made
        k = self.n_sd
        sd = np.exp(np.broadcast_to(theta[:k], self.waves))
        weighted = weight * (sd[:, None] * sd)
        times = self._times()
        correlation = self._correlation(theta[k:], 0)[0]
        made[:k, :k] = np.einsum("ab,hab,jab->hj", weighted * correlation, times, times)
        if self.n_correlation:
            first = self._correlation(theta[k:], 1)
            cross = np.einsum("ab,hab,jab->hj", weighted, times, first)
            made[:k, k:], made[k:, :k] = cross, cross.T
        if self.name.startswith("ar1") and self.n_correlation:
            made[k, k] = float(np.sum(weighted * self._correlation(theta[k:], 2)[0]))
        return made

    def start(self, covariance: Floats) -> Floats:
        """Parameters near a given positive-definite covariance."""
        if self.name == "us":
            return covariance[np.tril_indices(self.waves)]
        variances = np.diag(covariance)
        if not self.is_heterogeneous:
            log_sd = np.array([0.5 * np.log(variances.mean())])
        else:
            log_sd = 0.5 * np.log(variances)
        root = np.sqrt(variances)
        correlation = covariance / (root[:, None] * root)
        lags = [float(np.diagonal(correlation, lag).mean()) for lag in range(1, self.waves)]
        if self.n_correlation == 0:
            return log_sd
        if self.name.startswith("toep"):
            rho = np.array(lags)
        elif self.name.startswith("ar1"):
            rho = np.array([lags[0]])
        else:
            off = correlation[np.tril_indices(self.waves, -1)]
            rho = np.array([float(off.mean())])
        theta = np.concatenate([log_sd, np.clip(rho, -0.95, 0.95)])
        while not is_positive_definite(self.matrix(theta)):
            theta[self.n_sd :] *= 0.8
        return theta

    def _times(self) -> Floats:
        """How often each log SD enters each element: 0, 1 or 2."""
        t = self.waves
        if self.n_sd == 1:
            return np.full((1, t, t), 2.0)
        own = np.eye(t)
        return own[:, :, None] + own[:, None, :]

    def _correlation(self, rho: Floats, order: int) -> Floats:
        """The correlations (order 0) or their first or second derivatives."""
        t = self.waves
        lag = np.abs(np.subtract.outer(np.arange(t), np.arange(t)))
        if len(rho) == 0:
            return np.ones((1, t, t))[: 1 if order == 0 else 0]
        if self.name.startswith("toep"):
            each = (lag[None] == np.arange(1, t)[:, None, None]).astype(np.float64)
            return np.eye(t)[None] + np.tensordot(rho, each, 1)[None] if order == 0 else each
        if self.name.startswith("cs"):
            off = (lag > 0).astype(np.float64)
            return (np.eye(t) + rho[0] * off)[None] if order == 0 else off[None]
        power = np.asarray(lag, dtype=np.float64)
        if order == 0:
            return np.asarray((rho[0] ** power)[None])
        factor = power if order == 1 else power * (power - 1)
        exponent = np.maximum(power - order, 0)
        return np.asarray((factor * rho[0] ** exponent)[None])


def structure(name: str, waves: int) -> Structure:
    """The structure of that name.

    Parameters
    ----------
    name : {"us", "toeph", "ar1h", "csh", "toep", "ar1", "cs"}
        Unstructured; heterogeneous Toeplitz, autoregressive, compound symmetry; the same with
        one standard deviation.
    waves : int
        How many waves.

    Returns
    -------
    Structure

    Raises
    ------
    ChoiceError
        A name that is not known.

    Examples
    --------
    >>> import numpy as np
    >>> structure("ar1", 3).matrix(np.array([0.0, 0.5])).tolist()
    [[1.0, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 1.0]]
    """
    for known in COVARIANCES:
        if name == known:
            return Structure(known, waves)
    raise ChoiceError("covariance", name, COVARIANCES)


def is_positive_definite(matrix: Floats) -> bool:
    """Whether a symmetric matrix has a Cholesky factor."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True

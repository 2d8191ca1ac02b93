"""One factor behind all items: maximum likelihood on their covariances, and omega from it.

A covariance matrix in, `OneFactor` out. Knows nothing of answers or scales.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from socmeasures.effects.measured import Floats
from socmeasures.errors import AnswersError, TooFewError

STEPS = 500  # of Fisher scoring; five to forty are usual, a Heywood case may take hundreds
RUNAWAY = 3.0  # a standardised loading this large: nine times the item's variance, no solution
SINGULAR = 1e-10  # smallest eigenvalue of a correlation matrix that can be inverted safely


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OneFactor:
    """What one common factor explains of a set of items.

    Attributes
    ----------
    omega : float
        Omega total: the share of the sum score's modelled variance that is the factor's. NaN when
        the search did not settle.
    loadings, error_variances : float arrays, shape (n_items,)
        In the items' own units (covariances divided by n, as the likelihood has them). The sum of
        the loadings is not negative.
    chi_square, df, p_value, rmsea : float
        How far the items are from one factor. df is 0 with three items, which always fit.
    converged : bool
        Whether the search settled on one answer.
    improper : tuple of int
        Items (places from 0) with a negative error variance: a Heywood case.
    n : int
        Complete rows.
    """

    omega: float
    loadings: Floats
    error_variances: Floats
    chi_square: float
    df: int
    p_value: float
    rmsea: float
    converged: bool
    improper: tuple[int, ...]
    n: int


def one_factor(covariance: ArrayLike, n: int) -> OneFactor:
    """Fit one factor by maximum likelihood and take omega total from it.

    Parameters
    ----------
    covariance : array-like, shape (n_items, n_items)
        Sample covariances (divided by n − 1) of complete rows; at least three items.
    n : int
        Complete rows, more than there are items.

    Returns
    -------
    OneFactor
        Error variances are not held above zero, as in lavaan, so that a Heywood case shows.

    Raises
    ------
    AnswersError
        Fewer than three items, or items of which one follows from the others or never varies.
    TooFewError
        No more rows than items.

    Notes
    -----
    Minimises log|Σ| + tr(SΣ⁻¹) − log|S| − k over loadings λ and error variances ψ of
    Σ = λλ' + Ψ (Jöreskog 1967) by Fisher scoring with step halving, on the correlations: the
    estimate does not depend on the items' units. ω = (Σλ)² / ((Σλ)² + Σψ) (McDonald 1999).
    χ² is n times the minimum. Agrees with R lavaan 0.6.14 (tests/reference/test_reliability.py).

    References
    ----------
    .. [1] Jöreskog (1967). Psychometrika 32(4), 443-482. doi:10.1007/BF02289658
    .. [2] McDonald (1999). Test theory: a unified treatment. Erlbaum.

    Examples
    --------
    Three items with loadings 1, 2 and 2 and error variance 1 each:

    >>> from socmeasures.effects.one_factor import one_factor
    >>> fit = one_factor([[2, 2, 2], [2, 5, 4], [2, 4, 5]], 100)
    >>> round(fit.omega, 4), fit.df
    (0.8929, 0)
    """
    sample = np.asarray(covariance, dtype=np.float64)
    k = len(sample)
    if sample.ndim != 2 or sample.shape != (k, k) or k < 3:
        raise AnswersError("covariance", "one factor needs the covariances of three items or more")
    if n <= k:
        raise TooFewError("A one-factor model", n, k + 1)
    if not has_full_rank(sample):
        raise AnswersError("covariance", "an item never varies, or follows from the other items")
    sd = np.sqrt(np.diag(sample) * (n - 1) / n)
    correlation = sample / np.sqrt(np.outer(np.diag(sample), np.diag(sample)))
    loadings, errors, converged = _fitted(correlation)
    discrepancy = _discrepancy(correlation, loadings, errors)
    df = k * (k - 3) // 2
    chi_square = max(n * discrepancy, 0.0)
    loadings, errors = loadings * sd, errors * sd**2
    if loadings.sum() < 0:
        loadings = -loadings
    common = loadings.sum() ** 2
    return OneFactor(
        omega=float(common / (common + errors.sum())) if converged else float("nan"),
        loadings=loadings,
        error_variances=errors,
        chi_square=chi_square,
        df=df,
        p_value=float(stats.chi2.sf(chi_square, df)) if df else float("nan"),
        rmsea=float(np.sqrt(max(chi_square - df, 0.0) / (df * n))) if df else float("nan"),
        converged=converged,
        improper=tuple(int(i) for i in np.flatnonzero(errors < 0)),
        n=n,
    )


def has_full_rank(covariance: Floats) -> bool:
    """Whether every item varies and none follows from the others."""
    variances = np.diag(covariance)
    if not (variances > 0).all():
        return False
    correlation = covariance / np.sqrt(np.outer(variances, variances))
    return bool(np.linalg.eigvalsh(correlation)[0] > SINGULAR)


def _fitted(correlation: Floats) -> tuple[Floats, Floats, bool]:
    """Loadings and error variances on the correlation scale, and whether the search settled."""
    k = len(correlation)
    values, vectors = np.linalg.eigh(correlation)
    loadings = vectors[:, -1] * np.sqrt(max(values[-1] - 1.0, 0.1))
    errors = np.clip(1.0 - loadings**2, 0.1, 1.0)
    reached = _discrepancy(correlation, loadings, errors)
    for _ in range(STEPS):
        gradient, information = _slope(correlation, loadings, errors)
        if np.abs(gradient).max() < 1e-9:
            return loadings, errors, True
        step = -np.linalg.lstsq(information, gradient, rcond=None)[0]
        size = 1.0
        while size > 1e-8:
            tried = loadings + size * step[:k], errors + size * step[k:]
            now = _discrepancy(correlation, *tried)
            # a fall too small for the rounding of F to show still counts
            if now <= reached + 1e-15:
                break
            size /= 2
        else:
            return loadings, errors, bool(np.abs(gradient).max() < 1e-6)
        (loadings, errors), reached = tried, now
        if np.abs(loadings).max() > RUNAWAY:
            break
    return loadings, errors, False


def _discrepancy(correlation: Floats, loadings: Floats, errors: Floats) -> float:
    """Jöreskog's F; infinite where the model gives no covariance matrix."""
    model = np.outer(loadings, loadings) + np.diag(errors)
    try:
        root = np.linalg.cholesky(model)
    except np.linalg.LinAlgError:
        return float("inf")
    whitened = np.linalg.solve(root, correlation)
    whitened = np.linalg.solve(root, whitened.T)
    log_ratio = 2 * np.log(np.diag(root)).sum() - np.linalg.slogdet(correlation)[1]
    return float(log_ratio + np.trace(whitened) - len(loadings))


def _slope(correlation: Floats, loadings: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Gradient of F and its expected curvature, loadings first."""
    inverse = np.linalg.inv(np.outer(loadings, loadings) + np.diag(errors))
    residual = inverse - inverse @ correlation @ inverse
    along = inverse @ loadings
    gradient = np.concatenate([2 * residual @ loadings, np.diag(residual)])
    mixed = 2 * inverse * along[:, None]
    information = np.block(
        [
            [2 * (np.outer(along, along) + inverse * (loadings @ along)), mixed.T],
            [mixed, inverse**2],
        ]
    )
    return gradient, information

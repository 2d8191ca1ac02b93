"""Two arms of clusters compared over all allocations the design could have produced.

One value a cluster in, `AllocationTest` out. Formulas and sources: docs/methods.md#clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from socmeasures.effects.cluster_rows import as_labels, as_treated, check_pairs, cluster_rows
from socmeasures.effects.measured import as_scores, check_confidence
from socmeasures.errors import (
    DesignClashError,
    FewAllocationsError,
    FewClustersError,
    FewPairsError,
    PairLengthError,
    SchemesError,
    ScoresError,
)

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
ENOUGH_AN_ARM = 4  # with 3 against 3 no p value is below .10


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationTest:
    """How unusual a difference is among the allocations that could have been drawn.

    Attributes
    ----------
    estimate : float
        Difference between arms of the unweighted cluster values, treated − control; within
        strata when there are any.
    p_value : float
        Two-sided: the share of allocations with a difference at least as large in size.
    ci_low, ci_high : float
        The differences that the test does not reject; infinite when no p value can be small
        enough.
    smallest_p : float
        The smallest p value this design can give, whatever the data.
    n_allocations : int
        Allocations the design could have produced.
    n_drawn : int
        How many of them were looked at: all when `exact`.
    n_as_extreme : int
        How many of those had a difference at least as large.
    exact : bool
        Whether all were looked at.
    n_clusters, n_treated : int
        Clusters, and clusters in the treated arm.
    confidence, method, source, notes
        Of the interval; in words; where from; what a reader must know.
    """

    estimate: float
    p_value: float
    ci_low: float
    ci_high: float
    confidence: float
    smallest_p: float
    n_allocations: int
    n_drawn: int
    n_as_extreme: int
    exact: bool
    n_clusters: int
    n_treated: int
    method: str
    source: str
    notes: tuple[str, ...] = ()


def allocation_test(
    cluster_values: ArrayLike,
    treated: Sequence[Any] | ArrayLike,
    *,
    strata: Sequence[Any] | ArrayLike | None = None,
    pairs: Sequence[Any] | ArrayLike | None = None,
    schemes: ArrayLike | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    most: int = 20_000,
    draws: int = 20_000,
    few: bool = False,
) -> AllocationTest:
    """Permutation test of a difference between two arms of clusters.

    Parameters
    ----------
    cluster_values : array-like, shape (k,)
        One value a cluster, none missing: its mean, its share, or the mean of its residuals.
    treated : array-like, shape (k,)
        True (or 1) for clusters of the treated arm.
    strata, pairs : array-like, shape (k,), optional
        The stratum within which the clusters were allocated, or the matched pair.
    schemes : array-like of 0 and 1, shape (a, k), optional
        With constrained randomisation: the allocations that could have been drawn, one a row.
    confidence : float in (0, 1)
        Coverage of the interval.
    seed : int
        Of the draws when there are too many allocations to look at all.
    most : int
        Up to so many allocations all are looked at.
    draws : int
        Otherwise so many are drawn, and p is (b + 1)/(draws + 1).
    few : bool
        Compute it with fewer than four clusters in an arm too.

    Returns
    -------
    AllocationTest

    Raises
    ------
    FewAllocationsError
        Fewer than four clusters in an arm; it prints the smallest p value they allow.
    FewClustersError, FewPairsError, PairError, SchemesError, DesignClashError
        An arm without clusters; no stratum with both arms; pairs that are none; a table of
        schemes that does not hold the allocation drawn; several of them at once.

    Notes
    -----
    Exact for the hypothesis that the arm changes no cluster's value. The interval turns the test
    round: with a shift δ taken from the treated clusters, each allocation is at least as extreme
    as the one drawn for δ in one interval that holds the estimate, so that the limits are order
    statistics of the ends, found without a search.

    References
    ----------
    .. [1] Gail et al. (1996). Stat. Med. 15, 1069-1092.
    .. [2] Li, Turner, Heagerty, Murray, Vollmer & DeLong (2017). Stat. Med. 36, 3791-3806.

    Examples
    --------
    >>> found = allocation_test([9, 8, 7, 9, 5, 6, 4, 5], [1, 1, 1, 1, 0, 0, 0, 0])
    >>> found.n_allocations, round(found.p_value, 3), round(found.smallest_p, 3)
    (70, 0.029, 0.029)
    """
    level = check_confidence(confidence)
    y = as_scores(cluster_values, "cluster_values")
    if np.isnan(y).any():
        raise ScoresError("cluster_values", "a cluster has no value; leave it out before")
    arm = as_treated(as_labels(treated))
    given = {"strata": strata, "pairs": pairs, "schemes": schemes}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise DesignClashError(named)
    grouping = pairs if pairs is not None else strata
    part = cluster_rows(["all"] * len(y) if grouping is None else as_labels(grouping))
    if {len(arm), len(part.code)} != {len(y)}:
        raise PairLengthError(("cluster_values", "treated"), (len(y), len(arm)))
    if not 0 < arm.sum() < len(arm):
        raise FewClustersError(int(arm.sum()), int((~arm).sum()))
    if pairs is not None:
        check_pairs(part, arm, complete=True)
    rng = np.random.default_rng(seed)
    if schemes is None:
        counts = [(int(n), int(t)) for n, t in zip(
            part.sizes, np.bincount(part.code, weights=arm, minlength=part.n_clusters), strict=True
        )]  # fmt: skip
        if all(t in (0, n) for n, t in counts):
            raise FewPairsError("stratum", len(y), len(counts))
        total = prod(comb(n, t) for n, t in counts)
        exact = total <= most
        table = _every(part.code, counts) if exact else _drawn(part.code, arm, draws, rng)
        mirrored = all(2 * t == n or t in (0, n) for n, t in counts)
    else:
        table = _scheme_table(schemes, arm)
        total, exact = len(table), len(table) <= most
        mirrored = bool((table == ~arm).all(axis=1).any())
        if not exact:
            table = table[rng.integers(0, total, draws)]
    smallest = (1 + mirrored) / total if exact else 1 / (draws + 1)
    if min(arm.sum(), (~arm).sum()) < ENOUGH_AN_ARM and not few:
        raise FewAllocationsError(int(arm.sum()), int((~arm).sum()), total, smallest)
    return _test(
        y, arm, None if schemes is not None else part.code, table,
        level=level, total=total, exact=exact, smallest=smallest, within=named, seed=seed,
    )  # fmt: skip


def _test(
    y: Floats,
    arm: Booleans,
    part: NDArray[np.intp] | None,
    table: Booleans,
    *,
    level: float,
    total: int,
    exact: bool,
    smallest: float,
    within: list[str],
    seed: int,
) -> AllocationTest:
    estimate = float(_differences(arm[None], y, arm, part)[0])
    found = _differences(table, y, arm, part)
    shift = _differences(table, arm.astype(np.float64), arm, part)
    slack = 1e-9 * max(float(np.abs(y).max()), 1e-300)
    extreme = int(np.sum(np.abs(found) >= abs(estimate) - slack))
    more = 0 if exact else 1  # drawn at random: the allocation itself counts as one more
    low, high = _inverted(found, shift, estimate, 1 - level, more)
    n_treated, k = int(arm.sum()), len(arm)
    notes: tuple[str, ...] = ()
    if 2 * n_treated != k:
        notes += (
            f"The arms have {n_treated} and {k - n_treated} clusters: with unequal numbers the "
            "permutation test also reacts to clusters varying more in one arm than in the other, "
            "not only to a difference between the arms (Gail et al. 1996).",
        )
    if smallest > 1 - level:
        notes += (
            f"No data could give a p value below {smallest:.3g} with these {total:,} allocations, "
            f"so no difference can be told at the {(1 - level) * 100:g} % level and the interval "
            "has no ends.",
        )
    where = {"strata": " within strata", "pairs": " within pairs", "schemes": " of the scheme"}
    looked = f"all {total:,}" if exact else f"{len(table):,} drawn (seed {seed}) of {total:,}"
    return AllocationTest(
        estimate=estimate,
        p_value=(extreme + more) / (len(table) + more),
        ci_low=low,
        ci_high=high,
        confidence=level,
        smallest_p=smallest,
        n_allocations=total,
        n_drawn=len(table),
        n_as_extreme=extreme,
        exact=exact,
        n_clusters=k,
        n_treated=n_treated,
        method=f"permutation test over {looked} allocations{''.join(where[w] for w in within)}; "
        f"smallest possible p {smallest:.3g}; interval by inversion of the test",
        source="Gail et al. (1996)",
        notes=notes,
    )


def _differences(
    table: Booleans, y: Floats, arm: Booleans, part: NDArray[np.intp] | None
) -> Floats:
    """Treated − control for every allocation in `table`, within strata when there are any."""
    if part is None:
        n = table.sum(axis=1)
        total = table @ y
        return np.asarray(total / n - (y.sum() - total) / (len(y) - n))
    sizes = np.bincount(part)
    centred = y - (np.bincount(part, weights=y) / sizes)[part]
    share = np.bincount(part, weights=arm) / sizes
    return np.asarray(table @ centred / float(np.sum(sizes * share * (1 - share))))


def _inverted(
    found: Floats, shift: Floats, estimate: float, alpha: float, more: int
) -> tuple[float, float]:
    """Limits of the shifts δ with p(δ) > alpha.

    |found − δ·shift| ≥ |estimate − δ| holds between the two roots, which enclose the estimate.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (estimate - found) / (1 - shift), (estimate + found) / (1 + shift)
    always = np.abs(shift) > 1 - 1e-12  # the allocation drawn, and its mirror image
    low = np.where(always, -np.inf, np.minimum(one, two))
    high = np.where(always, np.inf, np.maximum(one, two))
    needed = int(np.floor(alpha * (len(found) + more) + 1e-9)) - more  # counts above it are kept
    if needed < 0:
        return -np.inf, np.inf
    return float(np.sort(low)[needed]), float(np.sort(high)[::-1][needed])


def _every(part: NDArray[np.intp], counts: list[tuple[int, int]]) -> Booleans:
    """All allocations with so many treated in each stratum, one a row."""
    choices = []
    for n, t in counts:
        chosen = np.array(list(combinations(range(n), t)), dtype=np.intp).reshape(-1, t)
        table = np.zeros((len(chosen), n), dtype=bool)
        table[np.arange(len(chosen))[:, None], chosen] = True
        choices.append(table)
    together = np.indices([len(c) for c in choices]).reshape(len(choices), -1)
    table = np.zeros((together.shape[1], len(part)), dtype=bool)
    for stratum, (choice, row) in enumerate(zip(choices, together, strict=True)):
        table[:, part == stratum] = choice[row]
    return table


def _drawn(part: NDArray[np.intp], arm: Booleans, draws: int, rng: np.random.Generator) -> Booleans:
    table = np.zeros((draws, len(arm)), dtype=bool)
    for stratum in range(int(part.max()) + 1):
        members = np.flatnonzero(part == stratum)
        table[:, members] = rng.permuted(np.tile(arm[members], (draws, 1)), axis=1)
    return table


def _scheme_table(schemes: ArrayLike, arm: Booleans) -> Booleans:
    given = np.asarray(schemes)
    if given.ndim != 2 or given.shape[1] != len(arm):
        shape = " x ".join(str(s) for s in given.shape)
        raise SchemesError(f"it is {shape}, and there are {len(arm)} clusters")
    if not np.isin(given, (0, 1)).all():
        raise SchemesError("it holds something other than 0 and 1")
    table = given.astype(bool)
    if (~table.any(axis=1) | table.all(axis=1)).any():
        raise SchemesError("a row puts all clusters into one arm")
    if not (table == arm).all(axis=1).any():
        raise SchemesError("the allocation that was drawn is not among its rows")
    return table

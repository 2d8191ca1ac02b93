"""Which rows belong to which cluster, and what a whole cluster shares: its arm, its stratum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from socmeasures.errors import (
    ClusterLabelError,
    MixedClusterError,
    PairError,
    PairLengthError,
    TreatedError,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterRows:
    """Rows sorted into clusters.

    Attributes
    ----------
    labels : tuple
        The clusters in the order in which they first appear.
    code : array of int, shape (n,)
        For each row the place of its cluster in `labels`.
    """

    labels: tuple[Any, ...]
    code: Integers

    @property
    def n_clusters(self) -> int:
        """How many clusters."""
        return len(self.labels)

    @property
    def sizes(self) -> Integers:
        """Rows of each cluster."""
        return np.bincount(self.code, minlength=len(self.labels))

    def sums(self, values: Floats) -> Floats:
        """Sum within each cluster, of scores or of each column of a table."""
        total = np.zeros((self.n_clusters, *values.shape[1:]))
        np.add.at(total, self.code, values)
        return total

    def shared(self, values: Sequence[Any] | ArrayLike, what: str) -> list[Any]:
        """The one value of each cluster; refuses clusters whose rows differ."""
        given = as_labels(values)
        if len(given) != len(self.code):
            raise PairLengthError((what, "cluster"), (len(given), len(self.code)))
        _refuse_missing(given, what)
        seen: list[dict[Any, None]] = [{} for _ in self.labels]
        for place, value in zip(self.code.tolist(), given, strict=True):
            seen[place][value] = None
        mixed = [i for i, values_ in enumerate(seen) if len(values_) > 1]
        if mixed:
            raise MixedClusterError(
                what, [self.labels[i] for i in mixed], [list(seen[i]) for i in mixed]
            )
        return [next(iter(values_)) for values_ in seen]


def cluster_rows(clusters: Sequence[Any] | ArrayLike) -> ClusterRows:
    """Sort rows into clusters.

    Parameters
    ----------
    clusters : array-like, shape (n,)
        The cluster of each row: any labels, none missing.

    Returns
    -------
    ClusterRows

    Raises
    ------
    ClusterLabelError
        A row without a cluster.

    Examples
    --------
    >>> rows = cluster_rows(["north", "south", "north"])
    >>> rows.labels, rows.sizes.tolist()
    (('north', 'south'), [2, 1])
    """
    given = as_labels(clusters)
    _refuse_missing(given, "cluster")
    place: dict[Any, int] = {}
    code = np.fromiter(
        (place.setdefault(label, len(place)) for label in given), dtype=np.intp, count=len(given)
    )
    return ClusterRows(labels=tuple(place), code=code)


def as_treated(arms: Sequence[Any]) -> NDArray[np.bool_]:
    """True for the treated arm; refuses names and other numbers than 0 and 1."""
    strange = list(dict.fromkeys(a for a in arms if isinstance(a, str) or a not in (0, 1)))
    if strange:
        raise TreatedError(strange)
    return np.array(arms, dtype=bool)


def check_pairs(pairs: ClusterRows, treated: NDArray[np.bool_], *, complete: bool) -> None:
    """Refuse pairs with two clusters in an arm, or, when `complete`, with none in one."""
    ones = np.bincount(pairs.code, weights=treated, minlength=pairs.n_clusters).astype(int)
    wrong = [
        (label, int(t), int(c))
        for label, t, c in zip(pairs.labels, ones, pairs.sizes - ones, strict=True)
        if max(t, c) > 1 or (complete and min(t, c) < 1)
    ]
    if wrong:
        raise PairError(wrong)


def as_labels(values: Sequence[Any] | ArrayLike) -> list[Any]:
    """Plain Python labels, whatever they came in."""
    plain: list[Any] = np.asarray(values).tolist() if not isinstance(values, list) else values
    return plain


def is_missing(label: Any) -> bool:
    """No label: None, NaN, NaT or NA."""
    return label is None or (not isinstance(label, str) and str(label) in {"nan", "NaT", "<NA>"})


def _refuse_missing(labels: list[Any], what: str) -> None:
    rows = [row for row, label in enumerate(labels) if is_missing(label)]
    if rows:
        raise ClusterLabelError(what, rows)

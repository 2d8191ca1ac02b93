"""Rows in groups, brought to as few independent blocks as the covariance allows.

People of one group who share everything that the covariance depends on are exchangeable: an
orthogonal change of rows turns k of them into one row (their sum divided by √k), which alone
carries the group's effect, and k − 1 contrasts that do not. Contrasts need only their
cross-products, so a group of 5,000 people is one row and never a 5,000 × 5,000 matrix. Groups that
are exchangeable within a larger group are brought together in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from socmeasures.models.repeated_data import as_few_rows, orthonormal

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labels:
    """What the covariance of a row depends on.

    Attributes
    ----------
    groups : array of int, shape (components, n)
        The group a row belongs to, outermost component first; −1 where the component does not
        act.
    slope : array, shape (n,) or None
        What the random slope of the innermost component multiplies.
    residual : array of int, shape (n,)
        Which residual variance a row has, from 0.
    """

    groups: Integers
    slope: Floats | None
    residual: Integers

    @property
    def components(self) -> int:
        """How many components."""
        return len(self.groups)

    @property
    def residuals(self) -> int:
        """How many residual variances."""
        return int(self.residual.max()) + 1

    @property
    def first_residual(self) -> int:
        """Place of the first residual variance: after a variance each, (covariance, slope)."""
        return self.components + (0 if self.slope is None else 2)

    @property
    def size(self) -> int:
        """How many covariance parameters."""
        return self.first_residual + self.residuals


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocks:
    """Independent blocks of t rows each.

    Attributes
    ----------
    slopes : array, shape (patterns, parameters, t, t)
        Derivative of the covariance by each parameter; the covariance is linear in them.
    counts : array, shape (patterns,)
        How many blocks have that covariance.
    rows : array, shape (m, t, p + 1)
        Rows (design, outcome) with the same cross-products as the blocks.
    pattern : array of int, shape (m,)
        Whose covariance a block of rows has.
    """

    slopes: Floats
    counts: Floats
    rows: Floats
    pattern: Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouped:
    """Data of a mixed model in orthonormal coordinates and residual standard deviations.

    Attributes
    ----------
    loadings : array, shape (kinds, parameters)
        Single rows: their variance is a weighted sum of the parameters.
    counts : array, shape (kinds,)
        How many such rows.
    products : array, shape (kinds, p + 1, p + 1)
        Their cross-products.
    blocks : tuple of Blocks
        Everything else.
    root, start : arrays
        Coefficients are `start + root @ coordinates`.
    scale : float
        Residual standard deviation by least squares.
    n : int
        Rows.
    log_det_root : float
        Of `root`.
    """

    loadings: Floats
    counts: Floats
    products: Floats
    blocks: tuple[Blocks, ...]
    root: Floats
    start: Floats
    scale: float
    n: int
    log_det_root: float

    @property
    def p(self) -> int:
        """How many coefficients."""
        return len(self.start)


def arrange_groups(y: Floats, X: Floats, names: Sequence[str], labels: Labels) -> Grouped:
    """Bring rows to independent blocks; refuses collinear columns by name."""
    Q, root = orthonormal(X, names)
    start = root @ (Q.T @ y)
    residual = y - X @ start
    size = float(np.abs(y).max(initial=0.0))
    scale = max(float(np.sqrt(np.mean(residual**2))), 1e-12 * size) or 1.0
    rows = np.concatenate([Q, residual[:, None]], axis=1) / scale
    made = _Made(labels)
    cells = made.merge_rows(rows)
    if labels.components > 1:
        cells = made.merge_groups(cells)
    made.split(cells)
    loadings, counts, products = made.single_rows(rows.shape[1])
    return Grouped(
        loadings=loadings,
        counts=counts,
        products=products,
        blocks=made.blocks(),
        root=root,
        start=start,
        scale=scale,
        n=len(y),
        log_det_root=float(np.linalg.slogdet(root)[1]),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cells:
    """Rows after merging: `inner` and `outer` are what group effects are multiplied by."""

    rows: Floats
    groups: Integers
    slope: Floats
    residual: Integers
    inner: Floats
    outer: Floats

    def __getitem__(self, places: Integers) -> _Cells:
        return _Cells(
            rows=self.rows[places],
            groups=self.groups[:, places],
            slope=self.slope[places],
            residual=self.residual[places],
            inner=self.inner[places],
            outer=self.outer[places],
        )


class _Made:
    """Collects single rows and blocks while rows are merged."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.singles: list[tuple[Floats, Floats, Floats]] = []  # loadings, counts, products
        self.parts: list[tuple[Floats, Floats, Floats, Integers]] = []  # slopes, counts, rows, of

    def merge_rows(self, rows: Floats) -> _Cells:
        """Rows that differ in nothing the covariance depends on."""
        labels = self.labels
        n = len(rows)
        slope = np.zeros(n) if labels.slope is None else labels.slope
        cell = _code([*labels.groups, labels.residual, slope])
        size = np.bincount(cell).astype(np.float64)
        first = np.zeros(len(size), dtype=np.int64)
        first[cell[::-1]] = np.arange(n)[::-1]
        means = _sums(rows, cell, len(size)) / size[:, None]
        contrasts = rows - means[cell]
        for kind in range(labels.residuals):
            mine = labels.residual == kind
            count = float(mine.sum() - (labels.residual[first] == kind).sum())
            if count > 0:
                loading = np.zeros(labels.size)
                loading[labels.first_residual + kind] = 1.0
                self.add_single(loading, count, contrasts[mine].T @ contrasts[mine])
        root_size = np.sqrt(size)
        return _Cells(
            rows=means * root_size[:, None],
            groups=labels.groups[:, first],
            slope=slope[first],
            residual=labels.residual[first],
            inner=root_size,
            outer=root_size,
        )

    def merge_groups(self, cells: _Cells) -> _Cells:
        """Innermost groups with equal rows in the same outer groups."""
        n = len(cells.rows)
        acts = cells.groups[-1] >= 0
        kind = _code([*cells.groups[:-1], acts, cells.residual, cells.slope, cells.inner])
        unit = _each_alone(cells.groups[-1])
        order = np.lexsort((kind, unit))
        edges = np.flatnonzero(np.diff(unit[order], prepend=-1))
        length = np.diff(np.append(edges, n))
        kept: list[Integers] = []
        weight = np.ones(n)
        rows = cells.rows.copy()
        for t in np.unique(length):
            places = order[edges[length == t][:, None] + np.arange(t)]  # units, t
            code = _code(kind[places].T)
            by_code = np.argsort(code, kind="stable")
            cuts = np.flatnonzero(np.diff(code[by_code], prepend=-1))
            many = np.diff(np.append(cuts, len(by_code)))
            kept.append(places[by_code[cuts]].ravel())
            for cut, k in zip(cuts[many > 1], many[many > 1], strict=True):
                mine = places[by_code[cut : cut + k]]
                block = cells.rows[mine]
                mean = block.mean(axis=0)
                self.add_contrasts(cells[mine[0]], block - mean, float(k - 1))
                rows[mine[0]] = mean * np.sqrt(k)
                weight[mine[0]] = np.sqrt(k)
        keep = np.sort(np.concatenate(kept))
        merged = _Cells(
            rows=rows,
            groups=cells.groups,
            slope=cells.slope,
            residual=cells.residual,
            inner=cells.inner,
            outer=cells.outer * weight,
        )
        return merged[keep]

    def split(self, cells: _Cells) -> None:
        """Cut into blocks that share no group."""
        block = _connected(cells.groups)
        order = np.argsort(block, kind="stable")
        edges = np.flatnonzero(np.diff(block[order], prepend=-1))
        length = np.diff(np.append(edges, len(order)))
        for t in np.unique(length):
            places = order[edges[length == t][:, None] + np.arange(t)]
            slopes = self.covariance_slopes(cells, places)
            rows = cells.rows[places]
            if t == 1:
                flat = rows[:, 0]
                self.singles.append(
                    (slopes[:, :, 0, 0], np.ones(len(flat)), flat[:, :, None] * flat[:, None, :])
                )
            else:
                self.parts.append((slopes, np.ones(len(rows)), rows, np.arange(len(rows))))

    def covariance_slopes(
        self, cells: _Cells, places: Integers, *, inner_only: bool = False
    ) -> Floats:
        """Derivatives of the covariance of blocks of cells, shape (blocks, parameters, t, t)."""
        labels = self.labels
        blocks, t = places.shape
        found = np.zeros((blocks, labels.size, t, t))
        inner, outer = cells.inner[places], cells.outer[places]
        last = labels.components - 1
        for place in range(last if inner_only else 0, labels.components):
            group = cells.groups[place][places]
            same = (group[:, :, None] == group[:, None, :]) & (group >= 0)[:, :, None]
            weight = inner if place == last else outer
            found[:, place] = same * weight[:, :, None] * weight[:, None, :]
        if labels.slope is not None:
            x = cells.slope[places]
            own = found[:, last]
            found[:, last + 1] = own * (x[:, :, None] + x[:, None, :])
            found[:, last + 2] = own * x[:, :, None] * x[:, None, :]
        kind = cells.residual[places]
        step = np.arange(t)
        found[np.arange(blocks)[:, None], labels.first_residual + kind, step, step] = 1.0
        return found

    def add_contrasts(self, cells: _Cells, rows: Floats, count: float) -> None:
        """`count` contrasts between innermost groups, which no larger group's effect touches."""
        t = rows.shape[1]
        slopes = self.covariance_slopes(cells, np.arange(t)[None], inner_only=True)
        if t == 1:
            flat = rows[:, 0]
            self.add_single(slopes[0, :, 0, 0], count, flat.T @ flat)
        else:
            of = np.zeros(len(rows), dtype=np.int64)
            self.parts.append((slopes, np.array([count]), rows, of))

    def add_single(self, loading: Floats, count: float, products: Floats) -> None:
        """`count` independent rows of one variance."""
        self.singles.append((loading[None], np.array([count]), products[None]))

    def single_rows(self, q: int) -> tuple[Floats, Floats, Floats]:
        """All single rows, those of one variance together."""
        if not self.singles:
            return np.zeros((0, self.labels.size)), np.zeros(0), np.zeros((0, q, q))
        loadings = np.concatenate([s[0] for s in self.singles])
        kind = _code(loadings.T)
        kinds = int(kind.max()) + 1
        first = np.zeros(kinds, dtype=np.int64)
        first[kind[::-1]] = np.arange(len(kind))[::-1]
        weights = np.concatenate([s[1] for s in self.singles])
        counts = np.asarray(np.bincount(kind, weights=weights), dtype=np.float64)
        products = np.concatenate([s[2] for s in self.singles]).reshape(-1, q * q)
        return loadings[first], counts, _sums(products, kind, kinds).reshape(-1, q, q)

    def blocks(self) -> tuple[Blocks, ...]:
        """All blocks, those of one size together and of one covariance only once."""
        found = []
        for t in sorted({part[2].shape[1] for part in self.parts}):
            mine = [part for part in self.parts if part[2].shape[1] == t]
            slopes = np.concatenate([part[0] for part in mine])
            offsets = np.cumsum([0, *(len(part[0]) for part in mine)])
            owner = np.concatenate([p[3] + o for p, o in zip(mine, offsets[:-1], strict=True)])
            rows = np.concatenate([part[2] for part in mine])
            kind = _code(np.ascontiguousarray(slopes.reshape(len(slopes), -1)).T)
            first = np.zeros(int(kind.max()) + 1, dtype=np.int64)
            first[kind[::-1]] = np.arange(len(kind))[::-1]
            weights = np.concatenate([part[1] for part in mine])
            counts = np.asarray(np.bincount(kind, weights=weights), dtype=np.float64)
            few, of = _few(rows, kind[owner], len(first))
            found.append(Blocks(slopes=slopes[first], counts=counts, rows=few, pattern=of))
        return tuple(found)


def _few(rows: Floats, pattern: Integers, patterns: int) -> tuple[Floats, Integers]:
    """No more blocks of rows a pattern than its cross-products need."""
    _, t, q = rows.shape
    if np.bincount(pattern, minlength=patterns).max() <= t * q:
        return rows, pattern
    kept, of = [], []
    for place in range(patterns):
        block = rows[pattern == place]
        if len(block) > t * q:
            block = as_few_rows(block.reshape(len(block), t * q)).reshape(-1, t, q)
        kept.append(block)
        of.append(np.full(len(block), place, dtype=np.int64))
    return np.concatenate(kept), np.concatenate(of)


def _code(columns: Sequence[NDArray[np.generic]] | NDArray[np.generic]) -> Integers:
    """One number a row from 0, equal where every column is equal."""
    code: Integers | None = None
    for column in columns:
        if column[0] == column[-1] and (column == column[0]).all():
            continue
        mine = np.unique(column, return_inverse=True)[1].astype(np.int64)
        if code is None:
            code = mine
        else:
            code = np.unique(code * (int(mine.max()) + 1) + mine, return_inverse=True)[1]
    return np.zeros(len(columns[0]), dtype=np.int64) if code is None else code


def _sums(rows: Floats, cell: Integers, cells: int) -> Floats:
    """Sum of the rows of each cell."""
    order = np.argsort(cell, kind="stable")
    edges = np.flatnonzero(np.diff(cell[order], prepend=-1))
    found = np.zeros((cells, rows.shape[1]))
    found[cell[order][edges]] = np.add.reduceat(rows[order], edges)
    return found


def _connected(groups: Integers) -> Integers:
    """Which rows hang together through any group; a row in no group stands alone."""
    components, n = groups.shape
    if components == 1:
        return _each_alone(groups[0])
    offset = np.cumsum([0, *(int(g.max(initial=-1)) + 1 for g in groups)])
    rows, nodes = [], []
    for place in range(components):
        acting = np.flatnonzero(groups[place] >= 0)
        rows.append(acting)
        nodes.append(n + offset[place] + groups[place][acting])
    one, other = np.concatenate(rows), np.concatenate(nodes)
    total = n + int(offset[-1])
    graph = sparse.coo_matrix((np.ones(len(one)), (one, other)), shape=(total, total))
    return np.asarray(sparse.csgraph.connected_components(graph, directed=False)[1][:n], np.int64)


def _each_alone(group: Integers) -> Integers:
    """Groups, with a group of its own for each row that has none."""
    alone = group < 0
    found = group.copy()
    found[alone] = found.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return found

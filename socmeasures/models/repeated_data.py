"""Repeated outcomes arranged for fast likelihoods: people grouped by the waves they have.

Everything the likelihood of a marginal model needs from people with the same waves is their
matrix of cross-products; where there are more people than that matrix has rows, a root of it
stands for them. So the work of an iteration does not grow with the number of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from socmeasures.errors import CollinearError, ModelSizeError, ScoresError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arranged:
    """A data set in the model's own coordinates.

    Attributes
    ----------
    rows : array, shape (m, waves, p + 1)
        Orthonormal design and, last, the residual of ordinary least squares, each wave divided
        by its `scale`; zero where a wave is missing. A row stands for a person or, where many
        share their waves, for a row of a root of their cross-products.
    pattern_of_row : array, shape (m,)
        Which pattern of waves, and thereby which group.
    present : array, shape (patterns, waves)
        Which waves a pattern has.
    group : array, shape (patterns,)
        Covariance group of a pattern.
    people : array, shape (patterns,)
        How many people have it.
    root : array, shape (p, p)
        Coefficients = start + root · coordinates.
    start : array, shape (p,)
        Ordinary least-squares coefficients.
    scale : array, shape (waves,)
        Residual standard deviation by which each wave was divided.
    """

    rows: Floats
    pattern_of_row: Integers
    present: NDArray[np.bool_]
    group: Integers
    people: Integers
    root: Floats
    start: Floats
    scale: Floats
    n: int
    n_people: int
    n_groups: int
    log_det_root: float

    @property
    def waves(self) -> int:
        """How many waves."""
        return int(self.present.shape[1])

    @property
    def p(self) -> int:
        """How many coefficients."""
        return len(self.start)

    def seen_together(self, group: int) -> NDArray[np.int64]:
        """How many people of a covariance group have both of two waves, shape (waves, waves)."""
        mine = self.group == group
        present = self.present[mine].astype(np.int64)
        return np.asarray((present * self.people[mine, None]).T @ present)


def arrange(
    outcome: ArrayLike,
    design: ArrayLike,
    names: Sequence[str],
    person: ArrayLike,
    wave: ArrayLike,
    group: ArrayLike | None,
    *,
    by_wave: bool,
    each_person: bool = False,
) -> Arranged:
    """Group people by the waves they have; refuses collinear columns by name.

    With `each_person` a row always stands for a person, as a sandwich over people needs it.
    """
    y, X = model_arrays(outcome, design)
    n = len(y)
    who, when = np.unique(np.asarray(person), return_inverse=True)[1], np.asarray(wave)
    waves = int(when.max()) + 1
    Q, root = orthonormal(X, names)
    start = root @ (Q.T @ y)
    residual = y - X @ start
    scale = _scales(residual, when, waves, by_wave)
    n_people = int(who.max()) + 1
    cells = np.full((n_people, waves), -1, dtype=np.int64)
    cells[who, when] = np.arange(n)
    of_person = np.zeros(n_people, dtype=np.int64)
    if group is not None:
        of_person[who] = np.asarray(group)
    present = cells >= 0
    full = np.concatenate([Q, residual[:, None]], axis=1) / scale[when][:, None]
    code = of_person * 2**waves + present @ (2 ** np.arange(waves))
    found, pattern = np.unique(code, return_inverse=True)
    blocks, owners, kinds, groups, counts = [], [], [], [], []
    for place in range(len(found)):
        mine = np.flatnonzero(pattern == place)
        seen = present[mine[0]]
        block = full[cells[np.ix_(mine, np.flatnonzero(seen))]]
        m, t, q = block.shape
        if m > t * q and not each_person:
            block = as_few_rows(block.reshape(m, t * q)).reshape(-1, t, q)
        padded = np.zeros((len(block), waves, q))
        padded[:, seen] = block
        blocks.append(padded)
        owners.append(np.full(len(block), place, dtype=np.int64))
        kinds.append(seen)
        groups.append(of_person[mine[0]])
        counts.append(m)
    return Arranged(
        rows=np.concatenate(blocks),
        pattern_of_row=np.concatenate(owners),
        present=np.array(kinds),
        group=np.array(groups, dtype=np.int64),
        people=np.array(counts, dtype=np.int64),
        root=root,
        start=start,
        scale=scale,
        n=n,
        n_people=n_people,
        n_groups=int(of_person.max()) + 1,
        log_det_root=float(np.linalg.slogdet(root)[1]),
    )


def model_arrays(outcome: ArrayLike, design: ArrayLike) -> tuple[Floats, Floats]:
    """Outcome and columns of a model as numbers; refuses missing values and too few rows."""
    y, X = np.asarray(outcome, dtype=np.float64), np.asarray(design, dtype=np.float64)
    if y.shape != X.shape[:1]:
        raise ScoresError("the model's data", f"{len(y)} outcomes and {len(X)} rows of columns")
    if not (np.isfinite(y).all() and np.isfinite(X).all()):
        raise ScoresError("the model's data", "a value is missing or infinite")
    n, p = X.shape
    if n <= p:
        raise ModelSizeError(n, p)
    return y, X


def as_few_rows(rows: Floats) -> Floats:
    """As few rows as there are columns, with the same cross-products.

    Columns are brought to one length first: a score in millions must not drown the design.
    """
    length = np.linalg.norm(rows, axis=0)
    scaled = rows / np.where(length > 0, length, 1.0)
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T * length)


def orthonormal(X: Floats, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Orthonormal columns Q and the matrix with X · root = Q; refuses collinear columns."""
    size = np.linalg.norm(X, axis=0)
    guilty = [name for name, length in zip(names, size, strict=True) if length == 0]
    scaled = X / np.where(size > 0, size, 1.0)
    Q, R = np.linalg.qr(scaled)
    # in order: the diagonal of R is what a column adds to those before it
    own = np.abs(np.diag(R))
    guilty += [n for n, length, s in zip(names, own, size, strict=True) if s > 0 and length < 1e-9]
    if guilty:
        raise CollinearError(guilty)
    return Q, np.linalg.inv(R) / size[:, None]


def _scales(residual: Floats, when: Integers, waves: int, by_wave: bool) -> Floats:
    if not by_wave:
        return np.full(waves, max(float(np.sqrt(np.mean(residual**2))), 1e-300))
    counts = np.bincount(when, minlength=waves)
    squares = np.bincount(when, weights=residual**2, minlength=waves)
    found = np.sqrt(squares / np.maximum(counts, 1))
    return np.asarray(np.maximum(found, max(float(found.max()) * 1e-12, 1e-300)))

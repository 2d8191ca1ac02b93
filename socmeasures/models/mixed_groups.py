"""The groups of a mixed model: read, checked, and what each says about a contrast.

Labels in, whole numbers out. All faults are told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from socmeasures.errors.models import GroupsError
from socmeasures.models.grouped_data import Labels
from socmeasures.models.inference import Limit

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Checked groups of a mixed model.

    Attributes
    ----------
    names : tuple of str
        One a component, outermost first.
    labels : Labels
        Groups as whole numbers; the slope centred and in standard deviations.
    residuals : tuple of str
        One a residual variance.
    counts : tuple of int
        Groups of each component.
    slope_mean, slope_sd : float
        What was taken from the slope.
    """

    names: tuple[str, ...]
    labels: Labels
    residuals: tuple[str, ...]
    counts: tuple[int, ...]
    slope_mean: float
    slope_sd: float

    def is_nested(self, inner: int, outer: int) -> bool:
        """Whether each group of one component lies in one group of another."""
        return not _broken(self.labels.groups[inner], self.labels.groups[outer]).size

    def variances(self, theta: Floats) -> dict[str, float]:
        """Parameters by name, in the unit of the slope as it was given."""
        names, last = self.names, len(self.names) - 1
        found = dict(zip(names, (float(v) for v in theta), strict=False))
        rest = theta[len(names) :]
        if self.labels.slope is not None:
            inner = names[last]
            G = np.array([[theta[last], theta[last + 1]], [theta[last + 1], theta[last + 2]]])
            back = np.array([[1.0, -self.slope_mean / self.slope_sd], [0.0, 1.0 / self.slope_sd]])
            G = back @ G @ back.T
            found[inner] = float(G[0, 0])
            found[f"{inner} slope"] = float(G[1, 1])
            found[f"{inner} covariance"] = float(G[0, 1])
            rest = rest[2:]
        return found | dict(zip(self.residuals, (float(v) for v in rest), strict=True))

    def icc(self, variances: Mapping[str, float]) -> dict[str, float]:
        """Correlation of two rows that share a group (and those it lies in), by component."""
        found = {}
        groups, residual = self.labels.groups, self.labels.residual
        for place, name in enumerate(self.names):
            acts = groups[place] >= 0
            kinds = np.unique(residual[acts])
            for kind in kinds:
                rows = acts & (residual == kind)
                here = [i for i in range(len(self.names)) if (groups[i][rows] >= 0).all()]
                shared = [i for i in here if i == place or self.is_nested(place, i)]
                label = self.residuals[kind]
                total = sum(variances[self.names[i]] for i in here) + variances[label]
                key = name if len(kinds) == 1 else f"{name}{label.removeprefix('residual')}"
                found[key] = sum(variances[self.names[i]] for i in shared) / total
        return found

    def limit(self, place: int, Q: Floats, most: float | None) -> Limit:
        """Degrees of freedom for what cannot be estimated within the groups of a component."""
        group = self.labels.groups[place]
        acts = group >= 0
        within = Q.copy()
        size = np.bincount(group[acts])
        for column in within.T:
            means = np.bincount(group[acts], weights=column[acts]) / size
            column[acts] -= means[group[acts]]
        values, vectors = np.linalg.eigh(within.T @ within)
        estimable = vectors[:, values > 1e-9].T
        lost = Q.shape[1] - len(estimable)
        df = float(self.counts[place] - lost) if most is None else float(most)
        return Limit(within=estimable, df=df)


def read_groups(
    n: int,
    groups: Mapping[str, ArrayLike],
    slope: ArrayLike | None,
    only_where: Mapping[str, ArrayLike] | None,
    residual_by: ArrayLike | None,
) -> Groups:
    """Turn labels into whole numbers and refuse what cannot be random effects."""
    faults: list[str] = []
    rows: list[dict[str, Any]] = []
    where = dict(only_where or {})
    for name in [name for name in where if name not in groups]:
        faults.append(f"only_where names {name!r}, which is no component of the model.")
    if not groups:
        raise GroupsError(["no groups were given."])
    names = tuple(groups)
    faults += [GroupsError.kept_name(name) for name in names if name.startswith("residual")]
    codes = np.full((len(names), n), -1, dtype=np.int64)
    for place, (name, labels) in enumerate(groups.items()):
        found = pd.factorize(_flat(labels))[0]
        acts = np.ones(n, dtype=bool)
        if name in where:
            acts = np.asarray(where[name], dtype=bool).ravel()
        for values, what in ((found, name), (acts, f"only_where[{name!r}]")):
            if len(values) != n:
                faults.append(GroupsError.length(what, len(values), n))
        if len(found) != n or len(acts) != n:
            continue
        lacking = np.flatnonzero(acts & (found < 0))
        if lacking.size:
            faults.append(GroupsError.unlabelled(name, [int(r) + 1 for r in lacking]))
            rows += [{"row": int(r) + 1, "column": name, "rule": "group missing"} for r in lacking]
        codes[place, acts] = pd.factorize(found[acts])[0]
    residual, residuals = _residual(residual_by, n, faults)
    if faults:
        raise GroupsError(faults, rows)
    faults += _unusable(names, codes, groups)
    mean, sd, scaled = 0.0, 1.0, None
    if slope is not None:
        mean, sd, scaled = _slope(slope, n, codes[-1], names[-1], faults)
    if faults:
        raise GroupsError(faults)
    return Groups(
        names=names,
        labels=Labels(groups=codes, slope=scaled, residual=residual),
        residuals=residuals,
        counts=tuple(int(c.max()) + 1 for c in codes),
        slope_mean=mean,
        slope_sd=sd,
    )


def _flat(values: ArrayLike) -> NDArray[Any]:
    """Labels as an array; missing ones may be None, NaN or pandas' NA."""
    found = np.asarray(values)
    return found.ravel() if found.dtype.kind in "biuf" else np.asarray(values, dtype=object).ravel()


def _residual(
    residual_by: ArrayLike | None, n: int, faults: list[str]
) -> tuple[Integers, tuple[str, ...]]:
    if residual_by is None:
        return np.zeros(n, dtype=np.int64), ("residual",)
    kind, labels = pd.factorize(_flat(residual_by), sort=True)
    if len(kind) != n:
        faults.append(GroupsError.length("residual_by", len(kind), n))
    elif (kind < 0).any():
        lacking = [int(r) + 1 for r in np.flatnonzero(kind < 0)]
        faults.append(GroupsError.unlabelled("residual_by", lacking))
    if len(labels) < 2:
        return kind.astype(np.int64), ("residual",)
    return kind.astype(np.int64), tuple(f"residual, {label}" for label in labels)


def _unusable(
    names: tuple[str, ...], codes: Integers, groups: Mapping[str, ArrayLike]
) -> list[str]:
    faults = []
    for place, name in enumerate(names):
        sizes = np.bincount(codes[place][codes[place] >= 0])
        if len(sizes) < 2:
            faults.append(GroupsError.too_few(name, len(sizes)))
        elif sizes.max() == 1:
            faults.append(GroupsError.single_rows(name))
        for outer in range(place):
            if len(sizes) < 2 or sizes.max() == 1:
                break
            both = (codes[place] >= 0) == (codes[outer] >= 0)
            lost = _broken(codes[place], codes[outer])
            if outer == 0 and lost.size:
                labels = _flat(groups[name]).tolist()
                shown = [labels[np.flatnonzero(codes[place] == c)[0]] for c in lost]
                faults.append(GroupsError.not_nested(name, names[0], shown))
            elif both.all() and not lost.size and not _broken(codes[outer], codes[place]).size:
                faults.append(GroupsError.same(names[outer], name))
    return faults


def _broken(inner: Integers, outer: Integers) -> Integers:
    """Inner groups with rows in more than one outer group."""
    both = (inner >= 0) & (outer >= 0)
    pairs = np.unique(np.column_stack([inner[both], outer[both]]), axis=0)
    found, times = np.unique(pairs[:, 0], return_counts=True)
    return np.asarray(found[times > 1])


def _slope(
    slope: ArrayLike, n: int, group: Integers, name: str, faults: list[str]
) -> tuple[float, float, Floats | None]:
    x = np.asarray(slope, dtype=np.float64).ravel()
    if len(x) != n:
        faults.append(GroupsError.length("slope", len(x), n))
        return 0.0, 1.0, None
    acts = group >= 0
    if not np.isfinite(x[acts]).all():
        lacking = [int(r) + 1 for r in np.flatnonzero(acts & ~np.isfinite(x))]
        faults.append(GroupsError.unlabelled("slope", lacking))
        return 0.0, 1.0, None
    ids, values = group[acts], x[acts]
    means = np.bincount(ids, weights=values) / np.bincount(ids)
    mean, sd = float(values.mean()), float(values.std())
    if np.abs(values - means[ids]).max() <= 1e-12 * max(sd, abs(mean), 1e-300):
        faults.append(GroupsError.constant_slope(name))
        return 0.0, 1.0, None
    return mean, sd, np.where(acts, (x - mean) / sd, 0.0)

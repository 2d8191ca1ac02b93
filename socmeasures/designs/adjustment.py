"""What a comparison of arms is adjusted for: covariates a person, as columns of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from socmeasures.designs.measurements import Measurements
from socmeasures.designs.study import Study
from socmeasures.errors import OutcomeNotFoundError, SmallArmError, TooFewError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covariate:
    """One covariate: a value a person, as a number or as one of several levels."""

    name: str
    values: pd.Series
    is_factor: bool

    def levels(self, people: np.ndarray) -> list[object]:
        """Levels among `people` (True for those in the analysis), the reference first."""
        there = self.values[people].dropna()
        if isinstance(self.values.dtype, pd.CategoricalDtype):
            return [level for level in self.values.cat.categories if (there == level).any()]
        return sorted(there.unique(), key=lambda v: (isinstance(v, str), v))

    def columns(self, people: np.ndarray) -> dict[str, np.ndarray]:
        """Model columns for `people`: itself, or an indicator for each level but the first."""
        mine = self.values[people]
        if not self.is_factor:
            return {self.name: mine.to_numpy(dtype=np.float64)}
        return {
            f"{self.name}: {level}": (mine == level).to_numpy(dtype=np.float64)
            for level in self.levels(people)[1:]
        }


def gather(
    study: Study, names: str | Sequence[str], baseline: str | None
) -> tuple[list[Covariate], list[str]]:
    """The covariates asked for, the strata and a declared site; and what must be said of them.

    A site is a stratum where people were allocated within it; a cluster that was allocated as a
    whole is none, since it lies in one arm.
    """
    site = study.cluster if study.allocation != "cluster" else None
    factors = [*study.strata, *([site] if site else [])]
    asked = [names] if isinstance(names, str) else list(names)
    wanted = list(dict.fromkeys([*asked, *factors]))
    notes: list[str] = []
    found = [_covariate(study, name, name in factors, baseline, notes) for name in wanted]
    return found, notes


def _covariate(
    study: Study, name: str, factor: bool, baseline: str | None, notes: list[str]
) -> Covariate:
    if name not in study.columns:  # the identifier and the arm are no covariates either
        raise OutcomeNotFoundError(name, study.columns, what="covariate")
    column = study.data[name]
    values = study.by_person(name)
    changing = column.groupby(study.data[study.person]).nunique().max() > 1
    at_first = study.data[study.wave] == (baseline or study.baseline)
    if changing:
        first = study.data[at_first].set_index(study.person)[name]
        values = first.reindex(list(study.people))
        notes.append(
            f"{name!r} changes over time; its value at {baseline or study.baseline} was used."
        )
    elif column[~at_first].notna().any() and not column[at_first].notna().any():
        notes.append(
            f"{name!r} was recorded only after {baseline or study.baseline}: what the programme "
            "did may be in it, and adjusting for it may hide the effect."
        )
    number = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(
        column.dtype
    )
    if number and not factor:
        return Covariate(name=name, values=values.astype("float64"), is_factor=False)
    return Covariate(name=name, values=values, is_factor=True)


def model_columns(
    people: np.ndarray,
    arm: np.ndarray,
    treated: Sequence[str],
    at_baseline: np.ndarray | None,
    covariates: Sequence[Covariate],
) -> dict[str, np.ndarray]:
    """Columns of a model of one outcome a person: intercept, baseline, arms, covariates."""
    columns = {"intercept": np.ones(len(arm))}
    if at_baseline is not None:
        columns["baseline"] = at_baseline
    for one in treated:
        columns[f"arm: {one}"] = (arm == one).astype(np.float64)
    for covariate in covariates:
        columns.update(covariate.columns(people))
    return columns


def mean_points(
    columns: dict[str, np.ndarray],
    people: np.ndarray,
    arms: Sequence[str],
    covariates: Sequence[Covariate],
    weights: str,
) -> dict[str, list[float]]:
    """Coefficients' weights in the adjusted mean of each arm.

    Over the people as they are, or with every level of a factor weighing the same.
    """
    at = {name: float(values.mean()) for name, values in columns.items()}
    if weights == "equal":
        for covariate in covariates:
            if covariate.is_factor:
                share = 1 / len(covariate.levels(people))
                at.update(dict.fromkeys(covariate.columns(people), share))
    return {
        arm: [
            float(name == f"arm: {arm}") if name.startswith("arm: ") else value
            for name, value in at.items()
        ]
        for arm in arms
    }


def counts_by_arm(
    measured: Measurements, why_not: pd.Series, wave: str, arms: Sequence[str]
) -> pd.DataFrame:
    """Who is in an analysis at a time point and who is not, by arm and reason."""
    rows = []
    for arm in arms:
        counts = why_not[measured.arm == arm].value_counts()
        for reason in ["", *sorted(r for r in counts.index if r)]:
            rows.append(
                {
                    "wave": wave,
                    "arm": arm,
                    "group": "excluded" if reason else "analysed",
                    "reason": reason,
                    "n": int(counts.get(reason, 0)),
                    "outcome": measured.outcome.column,
                }
            )
    return pd.DataFrame(rows)


def imputed_baseline(before: pd.Series | None, people: np.ndarray) -> tuple[int, np.ndarray | None]:
    """How many baselines were missing, and everybody's with those replaced by the mean of all."""
    if before is None:
        return 0, None
    return int(before[people].isna().sum()), before.fillna(before.mean())[people].to_numpy()


def compared_people(
    study: Study,
    measured: Measurements,
    wave: str,
    first: str | None,
    covariates: list[Covariate],
    missing_baseline: str,
) -> tuple[pd.Series, pd.Series | None, np.ndarray, np.ndarray]:
    """Who is compared at a time point: why not (empty for those in), baselines, mask, arms."""
    why_not = measured.reasons[wave].copy()
    before = None if first is None else measured.scores[first]
    if before is not None and not before.notna().any():
        raise TooFewError(f"A comparison adjusted for the baseline at {first}", 0, 2)
    if before is not None and missing_baseline == "drop":
        lacking = (why_not == "") & before.isna()
        why_not[lacking] = "no baseline: " + measured.reasons.loc[lacking, first]
    for covariate in covariates:
        lacking = (why_not == "") & covariate.values.isna()
        why_not[lacking] = f"covariate {covariate.name!r} not recorded"
    people = (why_not == "").to_numpy()
    arm = measured.arm[people].to_numpy()
    counts = {a: int(np.sum(arm == a)) for a in study.arms}
    if min(counts.values()) < 2:
        raise SmallArmError(measured.outcome.column, wave, counts)
    return why_not, before, people, arm

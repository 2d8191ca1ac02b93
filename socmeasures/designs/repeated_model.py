"""Repeated outcomes of a trial as the rows and columns of a marginal model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from socmeasures.designs.adjustment import Covariate, gather
from socmeasures.designs.measurements import Measurements, as_numbers
from socmeasures.designs.study import Study
from socmeasures.errors import (
    ConstantOutcomeError,
    SmallArmError,
    TooFewError,
    WaveNotFoundError,
)

Array = np.ndarray
CONSTRAINED = "constrained"
NOT_HERE = "in the model by other time points, not measured at this one"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineUse:
    """How the baseline enters: the wave or column that is a covariate, or an outcome.

    Attributes
    ----------
    wave : str or None
        The time point of the baseline, as a covariate or (constrained) as an outcome.
    column : str or None
        The column that is the baseline.
    constrained : bool
        The baseline is an outcome at which the arms are equal.
    """

    wave: str | None
    column: str | None
    constrained: bool

    @property
    def is_covariate(self) -> bool:
        """Whether a baseline stands among the columns of the model."""
        return not self.constrained and (self.wave is not None or self.column is not None)

    @property
    def label(self) -> str:
        """What it is called in words."""
        return self.column if self.column is not None else str(self.wave)


def baseline_use(study: Study, baseline: str | None) -> BaselineUse:
    """What `baseline=` means for this study; refuses a name that is neither wave nor column."""
    if baseline is None:
        return BaselineUse(wave=None, column=None, constrained=False)
    if baseline in ("first", CONSTRAINED):
        return BaselineUse(wave=study.waves[0], column=None, constrained=baseline == CONSTRAINED)
    if baseline in study.waves:
        return BaselineUse(wave=baseline, column=None, constrained=False)
    if baseline in study.columns:
        return BaselineUse(wave=None, column=baseline, constrained=False)
    raise WaveNotFoundError(
        baseline,
        study.waves,
        f"baseline={baseline!r} is no time point ({', '.join(study.waves)}) and no column. Give "
        "one of these, 'first', 'constrained' (the baseline is an outcome at which the arms are "
        "equal), or None (not adjusted).",
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeated:
    """The people in a model of repeated outcomes, and its columns.

    Attributes
    ----------
    measured : Measurements
        The outcome of everybody.
    why_not : pandas.Series
        A person's reason to be out; empty for those in the model.
    person, wave : array, shape (n,)
        Of each outcome: place among those in the model, place among `waves`.
    outcome : array, shape (n,)
        The outcomes.
    arm : array, shape (people,)
        Arm of each person in the model.
    covariates : array, shape (people, c)
        Covariate columns of each person, the baseline first.
    """

    measured: Measurements
    use: BaselineUse
    waves: tuple[str, ...]
    arms: tuple[str, ...]
    control: str
    why_not: pd.Series
    n_imputed: int
    person: Array
    wave: Array
    outcome: Array
    arm: Array
    covariates: Array
    covariate_names: tuple[str, ...]
    by_wave: tuple[bool, ...]
    factor_shares: dict[str, float]

    @property
    def treated(self) -> tuple[str, ...]:
        """Arms but the control."""
        return tuple(a for a in self.arms if a != self.control)

    @property
    def compared(self) -> tuple[str, ...]:
        """Time points at which the arms may differ."""
        return self.waves[1:] if self.use.constrained else self.waves

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the model's columns."""
        later = self.waves[1:]
        found = ["intercept", *(f"wave: {w}" for w in later)]
        if not self.use.constrained:
            found += [f"arm: {a}" for a in self.treated]
        found += [f"arm: {a}, wave: {w}" for a in self.treated for w in later]
        found += self.covariate_names
        found += [
            f"{name}, wave: {w}"
            for name, crossed in zip(self.covariate_names, self.by_wave, strict=True)
            if crossed
            for w in later
        ]
        return tuple(found)

    def columns(self, arm: Array, wave: Array, covariates: Array) -> Array:
        """Model columns of rows with these arms, places of time points and covariates."""
        at = [(wave == k).astype(np.float64) for k in range(1, len(self.waves))]
        in_arm = [(arm == a).astype(np.float64) for a in self.treated]
        found = [np.ones(len(wave)), *at]
        if not self.use.constrained:
            found += in_arm
        found += [mine * here for mine in in_arm for here in at]
        found += list(covariates.T)
        found += [
            column * here
            for column, crossed in zip(covariates.T, self.by_wave, strict=True)
            if crossed
            for here in at
        ]
        return np.column_stack(found)

    def design(self) -> Array:
        """Columns of the outcomes in the model."""
        return self.columns(self.arm[self.person], self.wave, self.covariates[self.person])

    def mean_weights(self, arm: str, wave: str, weights: str) -> Array:
        """Coefficients' weights in the adjusted mean of an arm at a time point."""
        average = self.covariates.mean(axis=0, keepdims=True)
        if weights == "equal":
            shares = [
                self.factor_shares.get(n, float(v))
                for n, v in zip(self.covariate_names, average[0], strict=True)
            ]
            average = np.array([shares])
        place = np.array([self.waves.index(wave)])
        return np.asarray(self.columns(np.array([arm], dtype=object), place, average)[0])

    def contrast_weights(self, arm: str, wave: str) -> Array:
        """Coefficients' weights in the difference of an arm from the control."""
        mine = self.mean_weights(arm, wave, "proportional")
        return np.asarray(mine - self.mean_weights(self.control, wave, "proportional"))

    def counts(self) -> pd.DataFrame:
        """Who is analysed at each time point, and why the others are not, by arm."""
        rows = []
        for wave in self.waves:
            reasons = self.why_not.copy()
            reasons[(reasons == "") & self.measured.scores[wave].isna()] = NOT_HERE
            for arm in self.arms:
                counts = reasons[self.measured.arm == arm].value_counts()
                for reason in ["", *sorted(r for r in counts.index if r)]:
                    rows.append(
                        {
                            "wave": wave,
                            "arm": arm,
                            "group": "excluded" if reason else "analysed",
                            "reason": reason,
                            "n": int(counts.get(reason, 0)),
                            "outcome": self.measured.outcome.column,
                        }
                    )
        return pd.DataFrame(rows)


def repeated(
    study: Study,
    measured: Measurements,
    control: str,
    use: BaselineUse,
    covariates: str | Sequence[str],
    *,
    baseline_by_wave: bool,
    covariates_by_wave: bool,
    missing_baseline: str,
) -> tuple[Repeated, list[str], list[str]]:
    """The data of the model, the covariates' names, and what must be said of them."""
    waves = _outcome_waves(study, use)
    found, notes = gather(study, covariates, use.wave)
    scores = measured.scores[list(waves)]
    why_not = pd.Series("", index=measured.scores.index, dtype=object)
    after = f"after {use.wave}" if use.wave and not use.constrained else "at any time point"
    why_not[scores.isna().all(axis=1)] = f"no score {after}"
    before = _baseline(study, measured, use)
    if before is not None:
        if not before.notna().any():
            raise TooFewError(f"A comparison adjusted for the baseline ({use.label})", 0, 2)
        if missing_baseline == "drop":
            why_not[(why_not == "") & before.isna()] = f"no baseline ({use.label})"
    for covariate in found:
        lacking = (why_not == "") & covariate.values.isna()
        why_not[lacking] = f"covariate {covariate.name!r} not recorded"
    people = (why_not == "").to_numpy()
    table, names, shares = _covariate_table(people, before, found)
    arm = measured.arm[people].to_numpy()
    values = scores[people].to_numpy()
    person, wave = np.nonzero(~np.isnan(values))
    n_baseline = 0 if before is None else 1
    _refuse_thin(measured, study.arms, waves, arm, values, use)
    data = Repeated(
        measured=measured,
        use=use,
        waves=waves,
        arms=study.arms,
        control=control,
        why_not=why_not,
        n_imputed=0 if before is None else int(before[people].isna().sum()),
        person=person,
        wave=wave,
        outcome=values[person, wave],
        arm=arm,
        covariates=table,
        covariate_names=tuple(names),
        by_wave=tuple(
            baseline_by_wave if k < n_baseline else covariates_by_wave for k in range(len(names))
        ),
        factor_shares=shares,
    )
    return data, [c.name for c in found], notes


def _outcome_waves(study: Study, use: BaselineUse) -> tuple[str, ...]:
    if use.wave is None or use.constrained:
        waves = tuple(study.waves)
    else:
        waves = tuple(study.waves[study.wave_position(use.wave) + 1 :])
    if len(waves) < (2 if use.constrained else 1):
        raise WaveNotFoundError(
            use.wave,
            study.waves,
            f"There is no time point after {use.wave!r} to compare the arms at. Give an earlier "
            "baseline=, or baseline=None.",
        )
    return waves


def _baseline(study: Study, measured: Measurements, use: BaselineUse) -> pd.Series | None:
    if use.column is not None:
        numbers = pd.Series(as_numbers(study, use.column), index=study.data.index)
        order = study.data[study.wave].map({w: i for i, w in enumerate(study.waves)})
        rows = pd.DataFrame(
            {"person": study.data[study.person], "value": numbers, "order": order}
        ).dropna(subset="value")
        first = rows.sort_values("order", kind="stable").drop_duplicates("person")
        return first.set_index("person")["value"].reindex(measured.scores.index)
    if use.is_covariate:
        return measured.scores[use.wave]
    return None


def _covariate_table(
    people: Array, before: pd.Series | None, found: list[Covariate]
) -> tuple[Array, list[str], dict[str, float]]:
    columns: dict[str, Array] = {}
    shares: dict[str, float] = {}
    if before is not None:
        columns["baseline"] = before.fillna(before.mean())[people].to_numpy()
    for covariate in found:
        mine = covariate.columns(people)
        columns.update(mine)
        if covariate.is_factor:
            shares |= dict.fromkeys(mine, 1 / len(covariate.levels(people)))
    names = list(columns)
    if not names:
        return np.empty((int(people.sum()), 0)), names, shares
    return np.column_stack(list(columns.values())), names, shares


def _refuse_thin(
    measured: Measurements,
    arms: tuple[str, ...],
    waves: tuple[str, ...],
    arm: Array,
    values: Array,
    use: BaselineUse,
) -> None:
    for place, wave in enumerate(waves):
        here = ~np.isnan(values[:, place])
        counts = {a: int(np.sum(here & (arm == a))) for a in arms}
        compared = not (use.constrained and place == 0)
        if min(counts.values()) < 2 and compared:
            raise SmallArmError(measured.outcome.column, wave, counts)
        if not here.any():
            raise SmallArmError(measured.outcome.column, wave, counts)
        if np.ptp(values[here, place]) == 0:
            raise ConstantOutcomeError(measured.outcome.column, wave, float(values[here, place][0]))

"""Results of cluster trials put together: one time point, all of them, groups in one arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from socmeasures.designs import (
    clustered_repeated,
    clustered_tables,
    partially_nested,
    repeated_words,
    trial_words,
)
from socmeasures.designs import clustered_words as words
from socmeasures.designs.clustered_engines import (
    ArmFit,
    Engine,
    cluster_means,
    cr2,
    permutation,
)
from socmeasures.designs.clustered_gee import gee, ratios
from socmeasures.designs.clustered_mixed import mixed
from socmeasures.designs.clustered_people import ClusterPeople, cluster_people
from socmeasures.designs.measurements import (
    Measurements,
    describe,
    floor_and_ceiling_notes,
    instrument_sentence,
    outcome_notes,
    person_level,
)
from socmeasures.designs.result import Result
from socmeasures.designs.several_arms import in_family
from socmeasures.designs.study import Study
from socmeasures.designs.trial import time_points
from socmeasures.effects.cluster_means import Weights
from socmeasures.errors import (
    ClusterEngineError,
    PerfectFitError,
    SocmeasuresError,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the caller chose, checked."""

    engine: Engine
    variance: Any
    df: Any
    information: Any
    working: Any
    correction: Any
    cluster_weights: Weights
    schemes: Any
    seed: int
    family: str | None
    adjustment: str
    weights: str
    level: float
    correct: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterTrial(Result):
    """A `Result` about whole clusters; `.tables["clusters"]` has a row each.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.clusters import simulated_cluster_trial
    >>> study = soc.Study(simulated_cluster_trial(), person="id", wave="wave",
    ...                   waves=["start", "6m"], arm="arm", control="usual care",
    ...                   cluster="agency", allocation="cluster")
    >>> soc.cluster_trial(study, "loneliness").tables["cluster sizes"]["n_clusters"].tolist()
    [7, 7, 14]
    """

    def plot(self) -> Figure:
        """Each cluster's mean by arm, larger for more people, with the arm's mean and interval."""
        from socmeasures.drawing.clusters import cluster_means as picture

        clusters = self.tables.get("clusters", self.tables.get("facilitators"))
        means = self.tables.get("shares", self.means).rename(columns={"share": "mean"})
        if clusters is None or clusters.get("wave", pd.Series(dtype=object)).nunique() > 1:
            return Result.plot(self)  # several time points: the differences at each
        return picture(
            clusters,
            means,
            unit=self.outcome.label,
            better=self.outcome.better,
            control=self.control,
            title=self.title,
        )


def compared_waves(study: Study, wave: str | None, baseline: str | None) -> list[str]:
    """The time points at which the arms are compared."""
    if wave is not None:
        return [study.waves[study.wave_position(wave)]]
    if baseline is None:
        return list(study.waves)
    first = study.wave_position(baseline) if baseline in study.waves else 0
    return list(study.waves[first + 1 :] or study.waves[-1:])


def one_wave(
    study: Study,
    data: ClusterPeople,
    choices: Choices,
    covariate_notes: list[str],
    missing_baseline: str,
) -> ClusterTrial:
    """One time point, by any engine."""
    level = choices.level
    fit = _fit(data, choices)
    if choices.family and choices.adjustment == "dunnett" and fit.covariance is None:
        raise ClusterEngineError.not_dunnett(choices.engine)
    icc = clustered_tables.correlation_of(data, level)
    unit = None if data.is_binary else clustered_tables.total_sd(data)
    term = "risk difference" if data.is_binary else "difference"
    if data.at_baseline is not None and not data.is_binary:
        term = f"adjusted {term}"
    rows = clustered_tables.contrast_rows(data, fit.contrasts, term, fit.method)
    if unit is not None:
        for arm, row in rows.items():
            row |= unit.effect_size(fit.contrasts[arm], level, choices.correct)
    table, family_notes = in_family(
        pd.DataFrame(list(rows.values())).dropna(axis="columns", how="all"),
        np.zeros((0, 0)) if fit.covariance is None else fit.covariance,
        family=choices.family, adjustment=choices.adjustment, level=level,
    )  # fmt: skip
    tables = {
        "clusters": clustered_tables.clusters_table(data),
        "cluster sizes": clustered_tables.sizes_table(data),
        "intraclass correlation": clustered_tables.correlation_table(data, icc, fit),
        **({"shares": _shares(data, fit)} if data.is_binary else {"adjusted means": fit.means}),
    }
    if len(fit.coefficients):
        tables["coefficients"] = fit.coefficients
    if fit.joint is not None:
        tables["joint tests"] = pd.DataFrame(
            [
                {
                    "term": "any difference between the arms",
                    "statistic": fit.joint.statistic,
                    "df1": fit.joint.df1,
                    "df2": fit.joint.df2,
                    "p_value": fit.joint.p_value,
                }
            ]
        )
    if fit.variances:
        tables["variance components"] = clustered_tables.variance_rows(fit.variances)
    beside_notes: list[str] = []
    if data.n_clusters < words.FEW and choices.engine != "cluster-means":
        beside, beside_notes = _beside(data, choices)
        tables |= beside
    if data.is_binary and choices.engine == "gee":
        found, ratio_notes = ratios(
            data, working=choices.working, correction=choices.correction, level=level
        )
        beside_notes += ratio_notes
        if len(found):
            tables["ratios"] = found
    outcome = data.measured.outcome
    used = [w for w in (data.baseline, data.wave) if w is not None]
    descriptives = describe(data.measured, used, study.arms)
    notes = [
        *fit.notes,
        *words.cluster_notes(data, icc, choices.engine, level),
        *beside_notes,
        *words.people_notes(study, data, missing_baseline),
        *(family_notes or words.several_arms_note(len(rows))),
        *([] if unit is None or unit.sd > 0 else [trial_words.NO_STANDARDISER]),
        *covariate_notes,
        *outcome_notes(outcome),
        *([] if data.is_binary else floor_and_ceiling_notes(descriptives)),
        *study.notes,
    ]
    return ClusterTrial(
        kind="cluster_trial",
        title=trial_words.title(
            data.event if data.is_binary else outcome.label, data.wave, study.arms, data.control
        ),
        outcome=outcome,
        outcomes=(outcome,),
        table=table,
        n=data.counts(),
        descriptives=descriptives,
        scores=person_level(data.measured, used),
        summary=words.summary(rows, data, level),
        methods=words.methods(
            data, fit, level=level,
            covariates=[c.name for c in [*data.covariates, *data.strata]],
            sd_type="" if unit is None else unit.kind, correct=choices.correct, icc=icc,
        ),
        notes=tuple(dict.fromkeys(notes)),
        confidence=level,
        waves=tuple(used),
        arms=study.arms,
        control=data.control,
        tables=tables,
    )  # fmt: skip


def _shares(data: ClusterPeople, fit: ArmFit) -> pd.DataFrame:
    """The share with the event in each arm, of the people or, by cluster means, of clusters."""
    table = fit.means.rename(columns={"mean": "share"})
    events = [float(data.outcome[data.arm == arm].sum()) for arm in table["arm"]]
    table.insert(table.columns.get_loc("n"), "events", np.array(events).astype(int))
    return table


def _fit(data: ClusterPeople, choices: Choices) -> ArmFit:
    level, weights = choices.level, choices.weights
    if choices.engine == "cluster-means":
        return cluster_means(data, weighting=choices.cluster_weights, level=level)
    if choices.engine == "permutation":
        return permutation(data, schemes=choices.schemes, seed=choices.seed, level=level)
    _refuse_perfect(data)
    if choices.engine == "cr2":
        return cr2(data, weights=weights, level=level)
    if choices.engine == "gee":
        return gee(data, working=choices.working, correction=choices.correction,
                   weights=weights, level=level)  # fmt: skip
    return mixed(data, variance=choices.variance, df=choices.df, information=choices.information,
                 weights=weights, level=level)  # fmt: skip


def _refuse_perfect(data: ClusterPeople) -> None:
    """An outcome that the model's columns explain completely leaves nothing to judge it by."""
    X = np.column_stack(list(data.columns().values()))
    rest = data.outcome - X @ np.linalg.lstsq(X, data.outcome, rcond=None)[0]
    if np.std(rest) <= 1e-10 * np.std(data.outcome):
        raise PerfectFitError(data.measured.outcome.column, data.wave)


def _beside(data: ClusterPeople, choices: Choices) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """The t test of cluster means, for trials with few clusters."""
    try:
        fit = cluster_means(data, weighting="equal", level=choices.level)
    except SocmeasuresError as fault:
        return {}, [f"The t test of cluster means could not stand beside it: {fault}"]
    rows = clustered_tables.contrast_rows(data, fit.contrasts, words.BESIDE, fit.method)
    return {words.BESIDE: pd.DataFrame(list(rows.values()))}, []


def all_waves(
    study: Study,
    measured: Measurements,
    control: str,
    baseline: str | None,
    covariates: str | Sequence[str],
    pairs: str | None,
    missing_baseline: str,
    choices: Choices,
) -> ClusterTrial:
    """All time points together."""
    if choices.adjustment == "dunnett" and choices.family:
        raise ClusterEngineError.dunnett_at_all_waves()
    level = choices.level
    found = clustered_repeated.cluster_waves(
        study, measured, control, baseline, covariates, pairs, missing_baseline,
        variance=choices.variance, df=choices.df, information=choices.information,
    )  # fmt: skip
    data = found.data
    units = clustered_repeated.units_of(found)
    rows = clustered_repeated.rows_of(found, units, level, choices.correct)
    table, family_notes = in_family(
        pd.DataFrame(rows), np.zeros((0, 0)),
        family=choices.family, adjustment="holm", level=level,
    )  # fmt: skip
    beside, beside_notes = _beside_each_wave(
        study, found, covariates, pairs, missing_baseline, choices
    )
    used = tuple(dict.fromkeys([*([data.use.wave] if data.use.wave else []), *data.waves]))
    descriptives = describe(measured, list(used), study.arms)
    outcome = measured.outcome
    return ClusterTrial(
        kind="cluster_trial",
        title=trial_words.title(outcome.label, ", ".join(data.compared), study.arms, control),
        outcome=outcome,
        outcomes=(outcome,),
        table=table,
        n=clustered_repeated.counts_of(found),
        descriptives=descriptives,
        scores=person_level(measured, list(used)),
        summary=f"{repeated_words.summary(rows, data, outcome, level)} {words.ALLOWED}",
        methods=clustered_repeated.methods_of(
            found, instrument_sentence(outcome), level=level,
            kind=units[data.waves[-1]].kind, correct=choices.correct,
        ),
        notes=tuple(
            dict.fromkeys(
                [
                    *found.fit.notes,
                    *words.wave_notes(found, level),
                    *beside_notes,
                    *repeated_words.missing_notes(data),
                    *words.imputed_notes(data.n_imputed, missing_baseline),
                    *words.facilitator_notes(study),
                    *(family_notes or words.several_notes(len(rows))),
                    *found.notes,
                    *outcome_notes(outcome),
                    *floor_and_ceiling_notes(descriptives),
                    *study.notes,
                ]
            )
        ),
        confidence=level,
        waves=used,
        arms=study.arms,
        control=control,
        tables={
            "clusters": clustered_repeated.clusters_table(found),
            **clustered_repeated.tables_of(found, choices.weights, level),
            **beside,
        },
    )  # fmt: skip


def _beside_each_wave(
    study: Study,
    found: clustered_repeated.ClusterWaves,
    covariates: str | Sequence[str],
    pairs: str | None,
    missing_baseline: str,
    choices: Choices,
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """The t test of cluster means at each time point, for trials with few clusters."""
    if found.n_clusters >= words.FEW:
        return {}, []
    data = found.data
    more = [covariates] if isinstance(covariates, str) else list(covariates)
    if data.use.column is not None:
        more.append(data.use.column)
    tables, notes = [], []
    for wave in data.compared:
        try:
            people, _ = cluster_people(
                study, data.measured, None, "", wave=wave, first=data.use.wave,
                control=data.control, covariates=more, pairs=pairs,
                missing_baseline=missing_baseline,
            )  # fmt: skip
        except SocmeasuresError as fault:
            notes.append(f"The t test of cluster means could not stand beside it: {fault}")
            continue
        beside, told = _beside(people, choices)
        tables += list(beside.values())
        notes += told
    if not tables:
        return {}, notes
    return {words.BESIDE: pd.concat(tables, ignore_index=True)}, [*notes, words.few_note()]


def groups_in_one_arm(
    study: Study,
    measured: Measurements,
    control: str,
    wave: str | None,
    baseline: str | None,
    covariates: str | Sequence[str],
    missing_baseline: str,
    choices: Choices,
) -> ClusterTrial:
    """Groups in one arm only."""
    if choices.engine != "mixed":
        raise ClusterEngineError.groups_in_one_arm(choices.engine, str(study.facilitator))
    compared = compared_waves(study, wave, baseline)
    if len(compared) > 1:
        raise ClusterEngineError.groups_need_a_wave(compared)
    at, first = time_points(study, compared[0], baseline)
    level = choices.level
    data = partially_nested.nested_people(
        study, measured, control=control, wave=at, first=first, covariates=covariates,
        missing_baseline=missing_baseline,
        variance=choices.variance, df=choices.df, information=choices.information,
    )  # fmt: skip
    unit = partially_nested.unit_of(data)
    rows = partially_nested.rows_of(data, unit, level, choices.correct)
    table, family_notes = in_family(
        pd.DataFrame(list(rows.values())), partially_nested.covariance_of(data),
        family=choices.family, adjustment=choices.adjustment, level=level,
    )  # fmt: skip
    used = [w for w in (first, at) if w is not None]
    descriptives = describe(measured, used, study.arms)
    outcome = measured.outcome
    return ClusterTrial(
        kind="cluster_trial",
        title=trial_words.title(outcome.label, at, study.arms, control),
        outcome=outcome,
        outcomes=(outcome,),
        table=table,
        n=partially_nested.counts_of(data),
        descriptives=descriptives,
        scores=person_level(measured, used),
        summary=partially_nested.summary_of(data, rows, level),
        methods=partially_nested.methods_of(data, level, choices.correct),
        notes=tuple(
            dict.fromkeys(
                [
                    *data.fit.notes,
                    *partially_nested.notes_of(data, study, level),
                    *words.imputed_notes(data.n_imputed, missing_baseline),
                    *(family_notes or words.several_arms_note(len(rows))),
                    *([] if unit.sd > 0 else [trial_words.NO_STANDARDISER]),
                    *data.notes,
                    *outcome_notes(outcome),
                    *floor_and_ceiling_notes(descriptives),
                    *study.notes,
                ]
            )
        ),
        confidence=level,
        waves=tuple(used),
        arms=study.arms,
        control=control,
        tables=partially_nested.tables_of(data, choices.weights, level),
    )

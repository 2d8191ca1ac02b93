"""A cluster trial at all time points together: cluster, cluster × time point and person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs.clustered_checks import check_clusters, labels, too_few_words
from socmeasures.designs.clustered_mixed import BOUNDS, MIXED_WORDS
from socmeasures.designs.clustered_people import CLUSTER_LOST
from socmeasures.designs.clustered_tables import cluster_rows, total_sd_of, variance_rows
from socmeasures.designs.measurements import Measurements
from socmeasures.designs.repeated_model import Repeated, baseline_use, repeated
from socmeasures.designs.repeated_tables import adjusted_means, coefficients, joint_tests
from socmeasures.designs.repeated_words import formula
from socmeasures.designs.standardising import Standardiser
from socmeasures.designs.study import Study
from socmeasures.designs.trial_words import closing
from socmeasures.effects.intracluster import IntraclassCorrelation, intraclass_correlation
from socmeasures.errors import ClusterTrialError, SocmeasuresError
from socmeasures.models.mixed import (
    DegreesOfFreedom,
    Information,
    MixedModel,
    Variance,
    fit_mixed,
)

CLUSTER, BY_WAVE, PERSON = "cluster", "cluster × time point", "person"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterWaves:
    """The people in a model of all time points, their clusters, and the model.

    Attributes
    ----------
    data : Repeated
        People, outcomes, columns.
    cluster_of : pandas.Series
        Cluster of everybody, as text.
    code : array of int, shape (people in the model,)
        Cluster of each, numbered as they first appear.
    covariates : list of str
        What is adjusted for besides the baseline.
    fit : MixedModel
    """

    data: Repeated
    cluster_of: pd.Series
    code: np.ndarray
    covariates: list[str]
    notes: list[str]
    fit: MixedModel

    @property
    def n_clusters(self) -> int:
        """Clusters with somebody in the model."""
        return int(self.code.max() + 1)

    def clusters_of(self, arms: Sequence[str]) -> int:
        """How many clusters of these arms are in the model."""
        return len(np.unique(self.code[np.isin(self.data.arm, list(arms))]))


def cluster_waves(
    study: Study,
    measured: Measurements,
    control: str,
    baseline: str | None,
    covariates: str | Sequence[str],
    pairs: str | None,
    missing_baseline: str,
    *,
    variance: Variance,
    df: DegreesOfFreedom,
    information: Information | None,
) -> ClusterWaves:
    """Gather everybody with an outcome and fit the model of all time points."""
    check_clusters(study, pairs)
    whole = study if pairs is None else replace(study, strata=(*study.strata, pairs))
    data, names, notes = repeated(
        whole, measured, control, baseline_use(study, baseline), covariates,
        baseline_by_wave=True, covariates_by_wave=False, missing_baseline=missing_baseline,
    )  # fmt: skip
    cluster_of = labels(study, str(study.cluster))
    inside = (data.why_not == "").to_numpy()
    lost = ~cluster_of.isin(set(cluster_of[inside]))
    why_not = data.why_not.where(~lost, CLUSTER_LOST)
    left = {a: cluster_of[inside][data.arm == a].nunique() for a in data.arms}
    if min(left.values()) < 2:
        raise ClusterTrialError([f"among people with a score, {too_few_words(left)}"])
    code = pd.factorize(cluster_of[inside])[0]
    cluster = code[data.person]
    groups = {CLUSTER: cluster, BY_WAVE: cluster * len(data.waves) + data.wave}
    if np.bincount(data.person).max() > 1:
        groups[PERSON] = data.person
    fit = fit_mixed(
        data.outcome, data.design(), data.names,
        groups=groups, variance=variance, df=df, information=information,
    )  # fmt: skip
    return ClusterWaves(
        data=replace(data, why_not=why_not),
        cluster_of=cluster_of,
        code=code,
        covariates=names,
        notes=notes,
        fit=fit,
    )


def rows_of(
    found: ClusterWaves, units: dict[str, Standardiser], level: float, correct: bool
) -> list[dict[str, Any]]:
    """A row for each time point and arm against the control."""
    data, fit = found.data, found.fit
    rows = []
    for wave in data.compared:
        for arm in data.treated:
            both = [arm, data.control]
            contrast = fit.contrast(data.contrast_weights(arm, wave), confidence=level)
            here = data.person[data.wave == data.waves.index(wave)]
            n = int(np.isin(data.arm, both).sum())
            rows.append(
                {
                    "outcome": data.measured.outcome.column,
                    "wave": wave,
                    "contrast": f"{arm} - {data.control}",
                    "term": "adjusted difference" if data.use.is_covariate else "difference",
                    **contrast.numbers(),
                    "n": n,
                    "n_excluded": int(data.measured.arm.isin(both).sum()) - n,
                    "n_observed": int(np.isin(data.arm[here], both).sum()),
                    "n_clusters": found.clusters_of(both),
                    "method": "mixed model, random effects of "
                    f"{', '.join(fit.n_groups)}, REML, {MIXED_WORDS[fit.df_method]}, "
                    f"{fit.information} information",
                    **units[wave].effect_size(contrast, level, correct),
                }
            )
    return rows


def units_of(found: ClusterWaves) -> dict[str, Standardiser]:
    """The total SD at baseline for every time point; without one, at each of them."""
    data = found.data
    at_baseline = data.use.wave
    kind = "d_outcome_total_sd" if at_baseline is None else "d_baseline_total_sd"
    units = {}
    for wave in data.waves:
        scores = data.measured.scores[at_baseline or wave].dropna()
        who = scores.index
        units[wave] = total_sd_of(scores, found.cluster_of[who], data.measured.arm[who], kind)
    return units


def tables_of(found: ClusterWaves, weights: str, level: float) -> dict[str, pd.DataFrame]:
    """Means, tests, correlations and variances of the model."""
    data, fit = found.data, found.fit
    return {
        "intraclass correlation": correlation_table(found, level),
        "variance components": variance_rows(fit.variances),
        "adjusted means": adjusted_means(data, fit, weights, level),
        "joint tests": joint_tests(data, fit),
        "coefficients": coefficients(fit, level),
    }


def correlations(found: ClusterWaves, level: float) -> dict[str, IntraclassCorrelation]:
    """Of the outcome at each time point, within arms."""
    data = found.data
    per_wave = {}
    for place, wave in enumerate(data.waves):
        here = data.wave == place
        who = data.person[here]
        try:
            per_wave[wave] = intraclass_correlation(
                data.outcome[here], found.code[who], arms=data.arm[who], confidence=level
            )
        except SocmeasuresError:  # a time point with one person a cluster
            continue
    return per_wave


def correlation_table(found: ClusterWaves, level: float) -> pd.DataFrame:
    """At each time point within arms; and that of the model, which is adjusted."""
    rows: list[dict[str, Any]] = [
        {
            "wave": wave,
            "term": "within arms, not adjusted",
            "estimate": icc.estimate,
            "ci_low": icc.ci_low,
            "ci_high": icc.ci_high,
            "design_effect": icc.design_effect,
            "n_clusters": icc.n_clusters,
            "n": icc.n,
            "method": icc.method,
        }
        for wave, icc in correlations(found, level).items()
    ]
    variances = found.fit.variances
    shared = variances[CLUSTER] + variances[BY_WAVE]
    total = sum(variances.values())
    told = {
        "from the model, adjusted: people of a cluster at one time point": shared / total,
        "from the model, adjusted: people of a cluster at two time points": variances[CLUSTER]
        / total,
    }
    rows += [
        {"term": term, "estimate": value, "n_clusters": found.n_clusters, "n": len(found.code)}
        for term, value in told.items()
    ]
    return pd.DataFrame(rows)


def counts_of(found: ClusterWaves) -> pd.DataFrame:
    """Who is analysed at each time point, and why the others are not; whole clusters besides."""
    data = found.data
    table = data.counts()
    whole = []
    for row in table.to_dict("records"):
        mine = data.measured.arm == row["arm"]
        if row["group"] == "analysed":
            seen = (data.why_not == "") & data.measured.scores[row["wave"]].notna()
            whole.append(int(found.cluster_of[mine & seen].nunique()))
        elif row["reason"] == CLUSTER_LOST:
            whole.append(int(found.cluster_of[mine & (data.why_not == CLUSTER_LOST)].nunique()))
        else:
            whole.append(0)
    return table.assign(n_clusters=whole)


def methods_of(
    found: ClusterWaves, instrument: str, *, level: float, kind: str, correct: bool
) -> str:
    """The paragraph for the paper."""
    data, fit = found.data, found.fit
    sentences = [
        instrument,
        f"Whole clusters were allocated; {found.n_clusters} were analysed. A linear mixed model "
        "was fitted by restricted maximum likelihood: "
        f"{formula(data, found.covariates, False)}; random effects of {', '.join(fit.n_groups)} "
        f"({BOUNDS[fit.variance].replace('the variance between clusters', 'their variances')}); "
        f"{level * 100:g} % intervals and p values by t with {MIXED_WORDS[fit.df_method]} degrees "
        f"of freedom ({fit.information} information).",
        "The standardised difference is the adjusted difference divided by the total SD within "
        f"arms {'at baseline' if kind == 'd_baseline_total_sd' else 'of the outcome'}, √(between + "
        "within clusters), after Hedges (2007); variance se²/s² + d²/(2ν).",
        f"All {len(found.code)} people with at least one outcome in the model are analysed "
        f"({fit.n} outcomes); a missing outcome is taken as missing at random given what the model "
        "holds. Intraclass correlations: analysis of variance within arms, Searle's interval "
        "(Searle 1971; Ukoumunne 2002).",
    ]
    return " ".join([*sentences, *closing(correct, data.n_imputed)])


def clusters_table(found: ClusterWaves) -> pd.DataFrame:
    """A row a time point and cluster: people in all, measured, mean and SD."""
    data = found.data
    rows = []
    for wave in data.waves:
        scores = data.measured.scores[wave].where(data.why_not == "")
        rows += cluster_rows(scores, found.cluster_of, data.measured.arm, data.arms, wave=wave)
    return pd.DataFrame(rows)

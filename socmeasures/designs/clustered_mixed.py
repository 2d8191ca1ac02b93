"""The mixed model of a cluster trial: a random intercept for each cluster."""

from __future__ import annotations

import numpy as np

from socmeasures.designs.clustered_engines import ArmFit, by_model
from socmeasures.designs.clustered_people import ClusterPeople
from socmeasures.models.mixed import (
    DegreesOfFreedom,
    Information,
    Variance,
    fit_mixed,
)
from socmeasures.models.ols import Contrast

CLUSTER = "cluster"
MIXED_WORDS = {"kenward-roger": "Kenward–Roger", "satterthwaite": "Satterthwaite"}
BOUNDS = {
    "nonnegative": "the variance between clusters at least 0",
    "unbounded": "the variance between clusters may be negative",
}


def mixed(
    data: ClusterPeople,
    *,
    variance: Variance,
    df: DegreesOfFreedom,
    information: Information | None,
    weights: str,
    level: float,
) -> ArmFit:
    """A random intercept for each cluster, by REML."""
    columns = data.columns()
    fit = fit_mixed(
        data.outcome,
        np.column_stack(list(columns.values())),
        list(columns),
        groups={CLUSTER: data.cluster},
        variance=variance,
        df=df,
        information=information,
    )

    def estimate(w: np.ndarray) -> Contrast:
        return fit.contrast(w, confidence=level)

    return by_model(
        data, columns, estimate, fit.covariance, fit.joint_test, weights=weights,
        method=f"mixed model, random intercepts of {data.n_clusters} clusters, REML, "
        f"{MIXED_WORDS[df]}, {fit.information} information",
        sentence="The {outcome} was modelled by a linear mixed model with fixed effects of "
        "{terms} and a random intercept for each cluster, by restricted maximum likelihood with "
        f"{MIXED_WORDS[df]} degrees of freedom ({fit.information} information; "
        f"{BOUNDS[variance]}).",
        notes=fit.notes,
        icc=fit.icc[CLUSTER],
        variances=fit.variances,
        boundary=CLUSTER in fit.boundary,
    )  # fmt: skip

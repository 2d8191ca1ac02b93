"""Cluster-robust covariances against R clubSandwich 0.5.8: oracles/cluster.json."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.models.ols import least_squares
from socmeasures.models.sandwich import cluster_covariance

pytestmark = pytest.mark.needs("shared")


def _simulated(data_csv):
    data = data_csv("cluster_sim/cluster_trial.csv").dropna(subset="y")
    X = np.column_stack([np.ones(len(data)), data.arm, data.base]).astype(float)
    return data.y, X, ["(Intercept)", "arm", "base"], data.cluster.to_numpy()


def _schools(data_csv):
    data = data_csv("mass/nlschools.csv")
    X = np.column_stack([np.ones(len(data)), data.IQ, data.SES, data.COMB]).astype(float)
    return data.lang, X, ["(Intercept)", "IQ", "SES", "COMB1"], data["class"].to_numpy()


@pytest.mark.parametrize(("name", "case"), [("sim_adjusted", _simulated), ("nlschools", _schools)])
def test_standard_errors_and_degrees_of_freedom(name, case, oracle, close, data_csv):
    y, X, names, clusters = case(data_csv)
    residuals = least_squares(y, X, names).residuals
    errors, robust = oracle("cluster")[f"{name}_se"], oracle("cluster")[f"{name}_CR2"]
    for kind in ("CR0", "CR1", "CR2", "CR3"):
        found = cluster_covariance(X, residuals, clusters, kind=kind)
        for place, term in enumerate(names):
            se = float(np.sqrt(found.cov[place, place]))
            close(se, errors, kind, errors["expected"][term][kind])
            if kind == "CR2":
                df = found.satterthwaite_df(np.eye(len(names))[place])
                close(df, robust, "df", robust["expected"][term]["df"])

"""Estimating equations against statsmodels and, through CR2 and CR3, R clubSandwich."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import statsmodels.api as sm

from socmeasures.models.gee import fit_gee

NAMES = ["(Intercept)", "arm", "base"]


@pytest.fixture
def trial():
    rng = np.random.default_rng(11)
    cluster = np.repeat(np.arange(10), rng.integers(3, 15, 10))
    X = np.column_stack([np.ones(len(cluster)), cluster % 2, rng.normal(size=len(cluster))])
    eta = X @ [-0.5, 0.4, 0.5] + 0.6 * rng.normal(size=10)[cluster]
    return X, cluster, eta + rng.normal(size=len(eta)), (rng.random(len(eta)) < 0.35).astype(float)


LINKS = {"identity": sm.families.links.Identity, "log": sm.families.links.Log}


@pytest.mark.parametrize("working", ["exchangeable", "independence"])
@pytest.mark.parametrize(
    ("family", "link"),
    [
        ("gaussian", "identity"),
        ("binomial", "logit"),
        ("binomial", "log"),
        ("binomial", "identity"),
    ],
)
def test_coefficients_and_mancl_derouen_agree_with_statsmodels(trial, family, link, working):
    X, cluster, score, yes = trial
    y = score if family == "gaussian" else yes
    columns = X if link == "logit" or family == "gaussian" else X[:, :2]
    fit = fit_gee(y, columns, NAMES[: columns.shape[1]], cluster, family=family, link=link,
                  working=working, correction="mancl-derouen", negative="keep")  # fmt: skip
    kind = sm.families.Gaussian()
    start = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if family == "binomial":
            kind = sm.families.Binomial(LINKS[link]()) if link in LINKS else sm.families.Binomial()
        if link in LINKS and family == "binomial":
            start = [np.log(y.mean()) if link == "log" else y.mean(), 0.0]
        structure = {"exchangeable": sm.cov_struct.Exchangeable(),
                     "independence": sm.cov_struct.Independence()}[working]  # fmt: skip
        want = sm.GEE(y, columns, groups=cluster, family=kind, cov_struct=structure).fit(
            cov_type="bias_reduced", ctol=1e-12, maxiter=500, start_params=start
        )
    np.testing.assert_allclose(fit.coef, want.params, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), want.bse, rtol=1e-7)
    if working == "exchangeable":
        assert fit.alpha == pytest.approx(structure.dep_params, abs=1e-8)
    np.testing.assert_allclose(
        fit.corrected("none").covariance, want.cov_robust, rtol=1e-6, atol=1e-12
    )


@pytest.mark.needs("shared")
def test_with_independence_kauermann_carroll_is_cr2_and_mancl_derouen_cr3(oracle, close, data_csv):
    data = data_csv("cluster_sim/cluster_trial.csv").dropna(subset="y")
    X = np.column_stack([np.ones(len(data)), data.arm, data.base]).astype(float)
    fit = fit_gee(data.y, X, NAMES, data.cluster, working="independence")
    entry = oracle("cluster")["sim_adjusted_se"]
    for kind, name in (("CR0", "none"), ("CR2", "kauermann-carroll"), ("CR3", "mancl-derouen")):
        errors = np.sqrt(np.diag(fit.corrected(name).covariance))
        for term, se in zip(NAMES, errors, strict=True):
            close(float(se), entry, kind, entry["expected"][term][kind])


@pytest.mark.needs("shared")
def test_logistic_mancl_derouen_with_independence_is_cr3(oracle, close, data_csv):
    data = data_csv("crtgeedr/data_sim_24clusters.csv").dropna(subset="OUTCOME")
    X = np.column_stack([np.ones(len(data)), data.TRT, data.AGE]).astype(float)
    terms = ["(Intercept)", "TRT", "AGE"]
    fit = fit_gee(data.OUTCOME, X, terms, data.CLUSTER, family="binomial", working="independence",
                  correction="mancl-derouen")  # fmt: skip
    entry = oracle("cluster")["crtgeedr_logit_se"]
    for term, se in zip(terms, np.sqrt(np.diag(fit.covariance)), strict=True):
        close(float(se), entry, "CR3", entry["expected"][term]["CR3"])

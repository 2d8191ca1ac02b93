"""Cluster trials against R (clubSandwich 0.5.8 and others): every entry of oracles/cluster.json."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from socmeasures.effects.cluster_means import cluster_means_difference
from socmeasures.effects.intracluster import intraclass_correlation
from socmeasures.effects.permutation import allocation_test
from socmeasures.models.hotelling import hotelling_test
from socmeasures.models.logistic import fit_logistic
from socmeasures.models.mixed import fit_mixed
from socmeasures.models.ols import least_squares, t_contrast
from socmeasures.models.sandwich import cluster_covariance

pytestmark = pytest.mark.needs("shared")


@pytest.fixture
def trial(data_csv):
    return data_csv("cluster_sim/cluster_trial.csv").dropna(subset="y")


@pytest.mark.parametrize(
    ("name", "covariate"), [("sim_cluster_means_t", None), ("sim_two_stage_residual_t", "base")]
)
def test_the_t_test_of_cluster_means(name, covariate, trial, oracle, close):
    entry = oracle("cluster")[name]
    covariates = None if covariate is None else trial[covariate]
    found = cluster_means_difference(trial.y, trial.cluster, trial.arm, covariates=covariates)
    got = {
        "diff": found.estimate,
        "se": found.se,
        "t": found.statistic,
        "df": found.df,
        "p": found.p_value,
        "low": found.ci_low,
        "high": found.ci_high,
    }
    assert set(got) == set(entry["expected"])
    for key, value in got.items():
        close(value, entry, key)


@pytest.mark.parametrize(
    ("name", "covariate"),
    [("sim_permutation_means", None), ("sim_permutation_residuals", "base")],
)
def test_the_permutation_test_over_all_allocations(name, covariate, trial, oracle, close):
    entry = oracle("cluster")[name]
    covariates = None if covariate is None else trial[covariate]
    means = cluster_means_difference(trial.y, trial.cluster, trial.arm, covariates=covariates)
    found = allocation_test(means.means, means.treated)
    close(found.n_allocations, entry, "n_allocations")
    close(found.estimate, entry, "observed")
    close(found.p_value, entry, "p_two_sided")
    close(found.n_as_extreme, entry, "n_as_extreme")
    # equal arms: each tail has half of them, so the lower tail needs no test of its own
    close(found.n_as_extreme / 2 / found.n_allocations, entry, "p_lower")


@pytest.mark.parametrize(
    ("name", "within"), [("sim_icc_anova", False), ("sim_icc_anova_within_arm", True)]
)
def test_the_intraclass_correlation(name, within, trial, oracle, close):
    entry = oracle("cluster")[name]
    found = intraclass_correlation(trial.y, trial.cluster, arms=trial.arm if within else None)
    got = {
        "MSB": found.between_ms,
        "MSW": found.within_ms,
        "n0": found.n0,
        "icc": found.estimate,
        "mean_size": found.mean_size,
        "cv_size_sd_n_minus_1": found.cv * np.sqrt(12 / 11),
        "cv_size_population": found.cv,
        "deff_equal": 1 + (found.mean_size - 1) * found.estimate,
        "deff_cv": found.design_effect,
    }
    assert set(got) == set(entry["expected"])
    for key, value in got.items():
        close(value, entry, key)


def _columns(data, *names):
    return np.column_stack([np.ones(len(data)), *(data[n] for n in names)]).astype(float)


def _simulated(data_csv):
    data = data_csv("cluster_sim/cluster_trial.csv").dropna(subset="y")
    return data.y, _columns(data, "arm", "base"), ["(Intercept)", "arm", "base"], data.cluster


def _simulated_unadjusted(data_csv):
    y, X, names, cluster = _simulated(data_csv)
    return y, X[:, :2], names[:2], cluster


def _schools(data_csv):
    data = data_csv("mass/nlschools.csv")
    names = ["(Intercept)", "IQ", "SES", "COMB1"]
    return data.lang, _columns(data, "IQ", "SES", "COMB"), names, data["class"]


def _repeated(data_csv):
    wide = data_csv("hsaur/BtheB_hsaur3.csv")
    data = pd.concat([wide.assign(month=m, bdi=wide[f"bdi.{m}m"]) for m in (2, 3, 5, 8)])
    data = data.dropna(subset="bdi").sort_values(["id", "month"])
    data["treated"] = data.treatment == "BtheB"
    for month in (3, 5, 8):
        data[f"month{month}"] = data.month == month
    names = ["bdi.pre", "treated", "month3", "month5", "month8"]
    told = ["(Intercept)", "bdi.pre", "treatmentBtheB", *names[2:]]
    return data.bdi, _columns(data, *names), told, data.id


def _star(data_csv):
    data = data_csv("star/star_kindergarten.csv").dropna(subset="readk")
    kinds = ["regular+aide", "small"]
    X = np.column_stack([np.ones(len(data)), *(data.stark == kind for kind in kinds)])
    return data.readk, X, ["(Intercept)", *(f"stark{kind}" for kind in kinds)], data.schoolidk


def _binary(data_csv):
    data = data_csv("crtgeedr/data_sim_24clusters.csv").dropna(subset="OUTCOME")
    return data.OUTCOME, _columns(data, "TRT", "AGE"), ["(Intercept)", "TRT", "AGE"], data.CLUSTER


LINEAR = {
    "sim_adjusted": _simulated,
    "sim_unadjusted": _simulated_unadjusted,
    "nlschools": _schools,
    "btheb_gee_independence": _repeated,
    "star": _star,
    "crtgeedr_linear": _binary,
}


def _check_standard_errors(entries, name, close, terms, covariance):
    for kind in ("CR0", "CR1", "CR1S", "CR2", "CR3"):
        robust = covariance(kind)
        for place, term in enumerate(terms):
            entry = entries[f"{name}_se"]
            se = float(np.sqrt(robust.cov[place, place]))
            close(se, entry, kind, entry["expected"][term][kind])


def _check_table(entry, close, terms, coef, robust):
    assert list(entry["expected"]) == terms
    for place, term in enumerate(terms):
        unit = np.eye(len(terms))[place]
        df = robust.satterthwaite_df(unit)
        found = t_contrast(float(coef[place]), float(np.sqrt(robust.cov[place, place])), df)
        got = {
            "estimate": found.estimate,
            "se": found.se,
            "df": found.df,
            "t": found.statistic,
            "p": found.p_value,
            "low": found.ci_low,
            "high": found.ci_high,
        }
        want = entry["expected"][term]
        assert set(got) == set(want)
        for key, value in got.items():
            close(value, entry, key, want[key])


@pytest.mark.parametrize("name", list(LINEAR))
def test_least_squares_by_cluster_agrees_with_clubsandwich(name, oracle, close, data_csv):
    y, X, terms, cluster = LINEAR[name](data_csv)
    entries, fit = oracle("cluster"), least_squares(y, X, terms)

    def covariance(kind):
        return cluster_covariance(X, fit.residuals, cluster, kind=kind)

    _check_standard_errors(entries, name, close, terms, covariance)
    for kind in ("CR2", "CR3"):
        _check_table(entries[f"{name}_{kind}"], close, terms, fit.coef, covariance(kind))


def test_logistic_regression_by_cluster_agrees_with_clubsandwich(oracle, close, data_csv):
    y, X, terms, cluster = _binary(data_csv)
    entries, fit = oracle("cluster"), fit_logistic(y, X, terms)
    slope = fit.risk * (1 - fit.risk)

    def covariance(kind):
        return cluster_covariance(
            X * slope[:, None],
            fit.outcome - fit.risk,
            cluster,
            kind=kind,
            weights=1 / slope,
            working="inverse-weights",
        )

    _check_standard_errors(entries, "crtgeedr_logit", close, terms, covariance)
    for kind in ("CR2", "CR3"):
        entry = entries[f"crtgeedr_logit_{kind}"]
        _check_table(entry, close, terms, fit.coef, covariance(kind))


def test_weighted_regression_with_few_clusters(oracle, close, data_csv):
    # the entry's note says that the working variances are 1/weight; its numbers, and R, have
    # equal ones (vcovCR.lm without target=)
    data = data_csv("satcoaching/SATcoaching.csv")
    kinds = ["Matched", "Nonequivalent", "Randomized"]
    X = np.column_stack([data.study_type == kind for kind in kinds]).astype(float)
    weights = 1 / data.V.to_numpy()
    coef = np.linalg.solve((X.T * weights) @ X, X.T @ (weights * data.d))
    robust = cluster_covariance(X, data.d.to_numpy() - X @ coef, data.study, weights=weights)
    terms = [f"study_type{kind}" for kind in kinds]
    _check_table(oracle("cluster")["satcoaching_CR2"], close, terms, coef, robust)


def test_a_fitted_mixed_model_as_working_covariance(oracle, close, data_csv):
    y, X, terms, cluster = _simulated(data_csv)
    fit = fit_mixed(y, X, terms, groups={"cluster": cluster})
    between, residual = fit.variances["cluster"], fit.variances["residual"]
    blocks = [
        between + residual * np.eye(size) for size in cluster.value_counts(sort=False).to_numpy()
    ]
    robust = cluster_covariance(X, y.to_numpy() - X @ fit.coef, cluster, working=blocks)
    _check_table(oracle("cluster")["sim_lmm_CR2"], close, terms, fit.coef, robust)


def test_several_coefficients_at_once_by_hotellings_test(oracle, close, data_csv):
    y, X, terms, person = _repeated(data_csv)
    entry, fit = oracle("cluster")["btheb_gee_month_wald"], least_squares(y, X, terms)
    robust = cluster_covariance(X, fit.residuals, person)
    months = np.eye(len(terms))[3:]
    found = hotelling_test(fit.coef, robust, months)
    close(found.statistic, entry, "HTZ_F")
    close(found.df2, entry, "HTZ_ddf")
    close(found.p_value, entry, "HTZ_p")
    naive = months @ fit.coef @ np.linalg.solve(months @ robust.cov @ months.T, months @ fit.coef)
    close(naive / 3, entry, "naive_F")
    close(naive / 3, entry, "chi_sq_over_q")
    close(float(robust.clusters - 1), entry, "naive_ddf")


def test_the_constrained_randomisation_of_sixteen_counties(oracle, close, data_csv):
    entry = oracle("cluster")["dickinson_constrained_permutation"]
    data = data_csv("cvcrand_dickinson/Dickinson_outcome.csv")
    drawn = data_csv("cvcrand_dickinson/dickinson_constrained.csv").to_numpy()
    schemes = drawn[:, 1:].astype(int)
    chosen = int(np.flatnonzero(drawn[:, 0] == 1)[0])
    factors = data[["location", "incomecat"]].astype("category")
    dummies = pd.get_dummies(factors, drop_first=True)
    covariates = ["inciis", "uptodateonimmunizations", "hispanic"]
    X = np.column_stack([_columns(data, *covariates), dummies]).astype(float)
    fit = fit_logistic(data.outcome, X, [str(i) for i in range(X.shape[1])])
    means = (data.outcome - fit.risk).groupby(data.county).mean().to_numpy()
    found = allocation_test(means, schemes[chosen], schemes=schemes)
    close(found.n_allocations, entry, "n_schemes")
    close(chosen + 1, entry, "chosen_row")
    close(found.estimate, entry, "statistic")
    close(found.p_value, entry, "p")


def test_every_entry_of_the_oracle_is_checked_here(oracle):
    told = Path(__file__).read_text(encoding="utf-8")
    kinds = ("se", "CR2", "CR3")
    checked = {f"{name}_{kind}" for name in [*LINEAR, "crtgeedr_logit"] for kind in kinds}
    left = [name for name in oracle("cluster") if name not in checked and f'"{name}"' not in told]
    assert left == []

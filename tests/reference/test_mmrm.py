"""Marginal models against R mmrm 0.3.18 (pushed to the optimum), nlme and SAS as printed.

Outside truth: oracles/mmrm.json; tolerances are the entries' own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.models.mmrm import fit_mmrm

pytestmark = pytest.mark.needs("shared")

OURS = {
    "estimate": "estimate",
    "se": "se",
    "df": "df",
    "t": "statistic",
    "p": "p_value",
    "low": "ci_low",
    "high": "ci_high",
}
DF = {"satterthwaite": "satterthwaite", "kr_linear": "kenward-roger"}
STRUCTURES = ["us", "toeph", "ar1h", "csh", "toep", "ar1", "cs"]


def _columns(data, numeric=(), factors=(), products=()):
    """R's treatment coding, named as R names it."""
    columns = {"(Intercept)": np.ones(len(data))}
    columns |= {n: data[n].to_numpy(float) for n in numeric}
    levels = {}
    for name, values in factors:
        levels[name] = [f"{name}{v}" for v in values]
        columns |= {f"{name}{v}": (data[name] == v).to_numpy(float) for v in values}
    for one, other in products:
        for a in levels.get(one, [one]):
            for b in levels.get(other, [other]):
                columns[f"{a}:{b}"] = columns[a] * columns[b]
                columns[f"{b}:{a}"] = columns[f"{a}:{b}"]
    return columns


def _fit(data, columns, entry, y, person, wave, **options):
    names = list(entry["expected"]["coefficients"])
    return fit_mmrm(
        data[y],
        np.column_stack([columns[n] for n in names]),
        names,
        person=data[person],
        wave=data[wave],
        **options,
    )


@pytest.fixture
def fev(data_csv):
    data = data_csv("mmrm/fev_data.csv").dropna(subset="FEV1").reset_index(drop=True)
    data["when"] = data["AVISIT"].str[-1].astype(int) - 1
    columns = _columns(
        data,
        numeric=["FEV1_BL"],
        factors=[
            ("RACE", ["Black or African American", "White"]),
            ("SEX", ["Female"]),
            ("ARMCD", ["TRT"]),
            ("AVISIT", ["VIS2", "VIS3", "VIS4"]),
        ],
        products=[("ARMCD", "AVISIT"), ("FEV1_BL", "AVISIT")],
    )
    return lambda entry, **options: _fit(data, columns, entry, "FEV1", "USUBJID", "when", **options)


@pytest.fixture
def btheb(data_csv):
    wide = data_csv("hsaur/BtheB_hsaur3.csv").rename_axis("id").reset_index(names="row")
    months = [2, 3, 5, 8]
    data = wide.melt(
        ["row", "drug", "length", "treatment", "bdi.pre"],
        [f"bdi.{m}m" for m in months],
        value_name="bdi",
    ).dropna(subset="bdi")
    data["month"] = data["variable"].str.extract(r"(\d+)m").astype(int)
    data["when"] = data["month"].map(months.index)
    columns = _columns(
        data,
        numeric=["bdi.pre"],
        factors=[
            ("drug", ["Yes"]),
            ("length", [">6m"]),
            ("treatment", ["BtheB"]),
            ("month", months[1:]),
        ],
        products=[("treatment", "month"), ("bdi.pre", "month")],
    )
    return lambda entry, **options: _fit(data, columns, entry, "bdi", "row", "when", **options)


@pytest.fixture
def antidepressant(data_csv):
    data = data_csv("rbmi_antidepressant/antidepressant_data.csv")
    data["when"] = data["VISIT"] - 4
    columns = _columns(
        data,
        numeric=["BASVAL"],
        factors=[("VISIT", [5, 6, 7]), ("THERAPY", ["DRUG"])],
        products=[("THERAPY", "VISIT"), ("BASVAL", "VISIT")],
    )
    return lambda entry, **options: _fit(
        data, columns, entry, "CHANGE", "PATIENT", "when", **options
    )


def _check(fit, entry, close):
    for name, want in entry["expected"]["coefficients"].items():
        got = fit.coefficient(name)
        for key, value in want.items():
            close(getattr(got, OURS[key]), entry, key, value)


def _check_fit(fit, entry, close):
    want = entry["expected"]
    close(fit.log_likelihood, entry, "logLik")
    close(-2 * fit.log_likelihood, entry, "minus2ll")
    close(fit.aic, entry, "AIC")
    close(fit.bic, entry, "BIC")
    assert (fit.n, fit.n_people, fit.n_parameters) == (
        want["n_obs"], want["n_people"], want["n_cov_parameters"],
    )  # fmt: skip
    for got, expected in zip(fit.sigma[0].ravel(), np.ravel(want["cov"]), strict=True):
        close(got, entry, "cov", expected)
    for got, expected in zip(fit.correlation[0].ravel(), np.ravel(want["corr"]), strict=True):
        close(got, entry, "corr", expected)


CASES = [
    *((trial, covariance) for trial in ("fev", "btheb") for covariance in STRUCTURES),
    ("antidepressant", "us"),
    ("antidepressant", "toeph"),
]


@pytest.mark.parametrize(("trial", "covariance"), CASES)
def test_fit_and_degrees_of_freedom_agree_with_r_mmrm(trial, covariance, request, oracle, close):
    fitted, entries = request.getfixturevalue(trial), oracle("mmrm")
    entry = entries[f"{trial}_{covariance}_satterthwaite"]
    fit = fitted(entry, covariance=covariance, df="satterthwaite")
    info = dict(entries[f"{trial}_{covariance}_fit"])
    info["expected"] = {"corr": fit.correlation[0].tolist(), **info["expected"]}
    _check_fit(fit, info, close)
    for method, ours in DF.items():
        entry = entries[f"{trial}_{covariance}_{method}"]
        _check(fitted(entry, covariance=covariance, df=ours), entry, close)


@pytest.mark.parametrize("method", list(DF))
def test_arm_alone_and_covariates_agree_with_r_mmrm(method, fev, btheb, oracle, close):
    for name, fitted in (("fev_us_arm_only", fev), ("btheb_covariates_us", btheb)):
        entry = oracle("mmrm")[f"{name}_{method}"]
        _check(fitted(entry, df=DF[method]), entry, close)


def test_baseline_by_visit_agrees_with_r_mmrm(fev, oracle, close):
    entry = oracle("mmrm")["fev_us_baseline_kr_linear"]
    fit = fev(entry)
    _check(fit, entry, close)
    close(fit.log_likelihood, entry, "logLik")


def test_a_mean_alone_agrees_with_r_mmrm(fev, oracle, close):
    entry = oracle("mmrm")["fev_us_intercept_only"]
    _check(fev(entry, df="satterthwaite"), entry, close)


def test_between_within_agrees_with_r_mmrm(fev, oracle, close):
    entry = oracle("mmrm")["fev_us_between_within"]
    _check(fev(entry, df="between-within"), entry, close)


@pytest.mark.parametrize(
    ("errors", "name"),
    [("CR0", "empirical"), ("CR2", "empirical_bias_reduced"), ("CR3", "empirical_jackknife")],
)
def test_sandwich_errors_agree_with_r_mmrm(errors, name, fev, oracle, close):
    entry = oracle("mmrm")[f"fev_us_{name}"]
    _check(fev(entry, df="satterthwaite", errors=errors), entry, close)


def test_maximum_likelihood_agrees_with_r_mmrm(fev, oracle, close):
    entry = oracle("mmrm")["fev_us_ml"]
    fit = fev(entry, df="satterthwaite", reml=False)
    _check(fit, entry, close)
    _check_fit(fit, entry, close)


def test_a_covariance_an_arm_agrees_with_r_mmrm(fev, oracle, close, data_csv):
    entry = oracle("mmrm")["fev_us_by_arm"]
    arm = data_csv("mmrm/fev_data.csv").dropna(subset="FEV1")["ARMCD"] == "TRT"
    fit = fev(entry, df="satterthwaite", group=arm.astype(int))
    _check(fit, entry, close)
    close(fit.log_likelihood, entry, "logLik")
    for got, want in zip(fit.sigma, entry["expected"]["cov"], strict=True):
        want = entry["expected"]["cov"][want] if isinstance(want, str) else want
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("method", list(DF))
def test_joint_tests_agree_with_r_mmrm(method, fev, oracle, close):
    entries = oracle("mmrm")
    fit = fev(entries["fev_us_satterthwaite"], df=DF[method])
    eye = dict(zip(fit.names, np.eye(len(fit.names)), strict=True))
    visits = [f"AVISITVIS{k}" for k in (2, 3, 4)]
    crossed = [eye[f"ARMCDTRT:{v}"] for v in visits]
    asked = {
        "ARMCD_averaged_over_visits": [eye["ARMCDTRT"] + sum(crossed) / 4],
        "AVISIT_averaged_over_arms": [eye[v] + c / 2 for v, c in zip(visits, crossed, strict=True)],
        "RACE": [eye["RACEBlack or African American"], eye["RACEWhite"]],
        "interaction": crossed,
    }
    entry = entries[f"fev_us_joint_tests_{method}"]
    for name, rows in asked.items():
        test, want = fit.joint_test(rows), entry["expected"][name]
        for key, got in (
            ("F", test.statistic), ("df1", test.df1), ("df2", test.df2), ("p", test.p_value)
        ):  # fmt: skip
            close(got, entry, key, want[key])


@pytest.mark.parametrize("covariance", STRUCTURES)
def test_three_kinds_of_degrees_of_freedom_agree_with_sas_and_r(covariance, fev, oracle, close):
    entries = oracle("mmrm")
    ours = entries[f"fev_arm_only_{covariance}_three_df_methods"]
    sas = entries["sas_fev_arm_only_kr_by_covariance"]
    shape = entries["fev_us_arm_only_satterthwaite"]
    for method, df in DF.items():
        got = fev(shape, covariance=covariance, df=df).coefficient("ARMCDTRT")
        for key, want in ours["expected"][method].items():
            close(getattr(got, OURS[key]), ours, key, want)
    want = sas["expected"][covariance]
    close(got.estimate, sas, "estimate", want["estimate"])
    close(got.se, sas, "se_kr_linear", want["se_kr_linear"])
    close(got.df, sas, "df", want["df"])


def test_sas_as_printed_agrees(fev, oracle, close):
    entry = oracle("mmrm")["sas_fev_us_reml_satterthwaite"]
    fit = fev(oracle("mmrm")["fev_us_satterthwaite"], df="satterthwaite")
    close(-2 * fit.log_likelihood, entry, "minus2ll")
    for name in ("(Intercept)", "ARMCDTRT", "AVISITVIS4", "ARMCDTRT:AVISITVIS4"):
        for key, want in entry["expected"][name].items():
            close(getattr(fit.coefficient(name), OURS[key]), entry, key, want)


@pytest.mark.slow
def test_ten_visits_agree_with_r_mmrm(data_csv, oracle, close):
    entry = oracle("mmrm")["bcva_us_satterthwaite"]
    data = data_csv("mmrm/bcva_data.csv").dropna(subset="BCVA_CHG").reset_index(drop=True)
    visits = sorted(data["AVISIT"].unique())
    data["when"] = data["AVISIT"].map(visits.index)
    columns = _columns(
        data,
        numeric=["BCVA_BL"],
        factors=[
            ("RACE", sorted(data["RACE"].unique())[1:]),
            ("ARMCD", ["TRT"]),
            ("AVISIT", visits[1:]),
        ],
        products=[("ARMCD", "AVISIT"), ("BCVA_BL", "AVISIT")],
    )
    fit = _fit(data, columns, entry, "BCVA_CHG", "USUBJID", "when", df="satterthwaite")
    _check(fit, entry, close)
    close(fit.log_likelihood, entry, "logLik")


def test_the_order_of_rows_changes_nothing(fev, oracle, data_csv):
    data = data_csv("mmrm/fev_data.csv").dropna(subset="FEV1")
    shuffled = data.sample(frac=1, random_state=3)
    found = []
    for frame in (data, shuffled):
        arm = (frame["ARMCD"] == "TRT").to_numpy(float)
        fit = fit_mmrm(
            frame["FEV1"], np.column_stack([np.ones(len(frame)), arm]), ["one", "arm"],
            person=frame["USUBJID"], wave=frame["AVISIT"].str[-1].astype(int) - 1,
        )  # fmt: skip
        found.append(fit.coefficient("arm"))
    assert pd.Series([found[0].estimate, found[0].se, found[0].df]).round(
        6
    ).tolist() == pytest.approx([found[1].estimate, found[1].se, found[1].df], abs=2e-6)

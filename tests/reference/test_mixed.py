"""Mixed models against R lme4 1.1.31, lmerTest 3.1.3 and pbkrtest 0.5.2 (R 4.2.2).

Outside truth: oracles/lmm.json; tolerances are the entries' own.
"""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.models.mixed import fit_mixed
from tests.reference.test_mmrm import OURS, _columns

pytestmark = pytest.mark.needs("shared")

DF = ["satterthwaite", "kenward-roger"]


class Case:
    """A data set, its columns in R's coding, and one model."""

    def __init__(self, data, y, columns, groups, slope=None):
        self.data, self.y, self.columns, self.groups, self.slope = data, y, columns, groups, slope

    def fit(self, names=None, **options):
        names = list(names or self.columns)
        return fit_mixed(
            self.data[self.y],
            np.column_stack([self.columns[n] for n in names]),
            names,
            groups={n: self.data[n] for n in self.groups},
            slope=None if self.slope is None else self.data[self.slope],
            **options,
        )


@pytest.fixture
def cases(data_csv):
    wide = data_csv("hsaur/BtheB_hsaur3.csv").assign(id=lambda d: range(len(d)))
    months = [2, 3, 5, 8]
    long = wide.melt(
        ["id", "drug", "length", "treatment", "bdi.pre"],
        [f"bdi.{m}m" for m in months],
        value_name="bdi",
    ).dropna(subset="bdi")
    long["time"] = long["variable"].str.extract(r"(\d+)m").astype(int)
    long["month"] = long["time"]
    factors = [
        ("treatment", ["BtheB"]),
        ("drug", ["Yes"]),
        ("length", [">6m"]),
        ("month", months[1:]),
    ]
    every = _columns(long, ["bdi.pre", "time"], factors, [("month", "treatment")])
    linear = ["(Intercept)", "bdi.pre", "time", "treatmentBtheB", "drugYes", "length>6m"]
    by_month = ["(Intercept)", "bdi.pre", "month3", "month5", "month8", "treatmentBtheB"]
    by_month += [f"month{m}:treatmentBtheB" for m in months[1:]]

    def chosen(columns, names):
        return {n: columns[n] for n in names}

    sleep = data_csv("sleepstudy/sleepstudy.csv")
    growth = data_csv("orthodont/Orthodont.csv").assign(age0=lambda d: d["age"] - 8)
    schools = data_csv("mass/nlschools.csv")
    trial = data_csv("cluster_sim/cluster_trial.csv").dropna(subset="y")
    star = data_csv("star/star_kindergarten.csv").dropna(subset="readk")
    return {
        "btheb_ri": Case(long, "bdi", chosen(every, linear), ["id"]),
        "btheb_rs": Case(long, "bdi", chosen(every, linear), ["id"], "time"),
        "btheb_ri_by_month": Case(long, "bdi", chosen(every, by_month), ["id"]),
        "sleepstudy_rs": Case(sleep, "Reaction", _columns(sleep, ["Days"]), ["Subject"], "Days"),
        "sleepstudy_ri": Case(sleep, "Reaction", _columns(sleep, ["Days"]), ["Subject"]),
        "orthodont_ri": Case(
            growth,
            "distance",
            chosen(
                _columns(growth, ["age0"], [("Sex", ["Female"])], [("age0", "Sex")]),
                ["(Intercept)", "age0", "SexFemale", "age0:SexFemale"],
            ),
            ["Subject"],
        ),
        "nlschools_ri": Case(
            schools, "lang", _columns(schools, ["IQ", "SES"], [("COMB", [1])]), ["class"]
        ),
        "cluster_trial_ri": Case(trial, "y", _columns(trial, ["arm", "base"]), ["cluster"]),
        "star_readk": Case(
            star, "readk", _columns(star, [], [("stark", ["regular+aide", "small"])]), ["schoolidk"]
        ),
    }


def check_rows(got, entry, close, rows=None):
    for name, want in (rows or entry["expected"]).items():
        one = got(name)
        for key, value in want.items():
            close(getattr(one, OURS[key]), entry, key, value)


def check_fit(fit, entry, close):
    want = entry["expected"]
    assert (fit.n, next(iter(fit.n_groups.values()))) == (want["nobs"], want["n_groups"])
    assert fit.n_parameters == want["n_parameters"]
    close(fit.log_likelihood, entry, "logLik")
    close(-2 * fit.log_likelihood, entry, "minus2ll")
    close(fit.aic, entry, "AIC")
    close(fit.bic, entry, "BIC")
    group = next(iter(fit.n_groups))
    ours = {f"var_{group}_Intercept": group, "residual_var": "residual"}
    for name in want:
        if name.startswith("cov_"):
            ours[name] = f"{group} covariance"
        elif name.startswith("var_") and name not in ours:
            ours[name] = f"{group} slope"
    for name, key in ours.items():
        close(fit.variances[key], entry, name)


MODELS = [
    "btheb_ri", "btheb_rs", "btheb_ri_by_month", "sleepstudy_rs", "sleepstudy_ri", "orthodont_ri",
    "nlschools_ri", "cluster_trial_ri",
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_likelihood_and_variances_agree_with_lme4(model, cases, oracle, close):
    check_fit(cases[model].fit(), oracle("lmm")[f"{model}_fit"], close)


@pytest.mark.parametrize("df", DF)
@pytest.mark.parametrize("model", MODELS)
def test_coefficients_agree_with_lmertest_and_pbkrtest(model, df, cases, oracle, close):
    entry = oracle("lmm")[f"{model}_{df.replace('-', '_')}"]
    check_rows(cases[model].fit(df=df).coefficient, entry, close)


def test_beat_the_blues_treatment_has_the_degrees_of_freedom_of_r(cases):
    satterthwaite = cases["btheb_ri"].fit(df="satterthwaite").coefficient("treatmentBtheB")
    kenward_roger = cases["btheb_ri"].fit().coefficient("treatmentBtheB")
    assert round(satterthwaite.df, 2) == 92.18
    assert (round(kenward_roger.df, 2), round(kenward_roger.se, 4)) == (90.60, 1.7157)


def test_maximum_likelihood_agrees_with_lme4(cases, oracle, close):
    entry = oracle("lmm")["btheb_ri_ml"]
    fit = cases["btheb_ri"].fit(method="ml", df="satterthwaite")
    check_fit(fit, entry, close)
    rows = {k: v for k, v in entry["expected"].items() if isinstance(v, dict)}
    check_rows(fit.coefficient, entry, close, rows)


@pytest.mark.parametrize("df", DF)
def test_differences_at_each_month_agree_with_emmeans(df, cases, oracle, close):
    short = {"satterthwaite": "satterthwaite", "kenward-roger": "kr"}[df]
    entry = oracle("lmm")[f"btheb_ri_by_month_contrasts_{short}"]
    fit = cases["btheb_ri_by_month"].fit(df=df)

    def at(month):
        extra = f"{month.replace('_', '')}:treatmentBtheB"
        return fit.contrast([float(n in ("treatmentBtheB", extra)) for n in fit.names])

    check_rows(at, entry, close)


def test_joint_tests_agree_with_pbkrtest_and_lmertest(cases, oracle, close):
    entry = oracle("lmm")["btheb_ri_interaction_test"]
    kenward_roger = cases["btheb_ri_by_month"].fit()
    rows = np.eye(9)[6:]
    test = kenward_roger.joint_test(rows)
    assert test.df1 == entry["expected"]["KR_ndf"]
    close(test.statistic, entry, "KR_F")
    close(test.df2, entry, "KR_ddf")
    close(test.p_value, entry, "KR_p")
    test = cases["btheb_ri_by_month"].fit(df="satterthwaite").joint_test(rows)
    close(test.statistic, entry, "Sat_F")
    close(test.df2, entry, "Sat_ddf")
    close(test.p_value, entry, "Sat_p")


def test_a_split_plot_has_the_exact_degrees_of_freedom(data_csv, oracle, close):
    entry = oracle("lmm")["beets_harvest"]
    data = data_csv("pbkrtest_beets/beets.csv")
    factors = [(f, sorted(data[f].unique())[1:]) for f in ("block", "sow", "harvest")]
    columns = _columns(data, [], factors)
    names = list(columns)
    fit = fit_mixed(
        data["sugpct"],
        np.column_stack([columns[n] for n in names]),
        names,
        groups={"plot": data["block"].astype(str) + ":" + data["harvest"].astype(str)},
    )
    for factor in ("harvest", "sow"):
        rows = np.eye(len(names))[[n.startswith(factor) for n in names]]
        test = fit.joint_test(rows)
        assert test.df1 == entry["expected"][f"{factor}_ndf"]
        close(test.statistic, entry, f"{factor}_F")
        close(test.df2, entry, f"{factor}_ddf")
        close(test.p_value, entry, f"{factor}_p")


def test_a_large_trial_agrees_with_lmertest(cases, oracle, close):
    fit = cases["star_readk"].fit(df="satterthwaite")
    check_fit(fit, oracle("lmm")["star_readk_fit"], close)
    check_rows(fit.coefficient, oracle("lmm")["star_readk_satterthwaite"], close)


def test_the_intraclass_correlation_agrees_with_lme4(data_csv, oracle, close):
    entry = oracle("lmm")["swmd_icc"]
    data = data_csv("mokken/SWMD.csv")
    score = data.iloc[:, 1:8].sum(axis=1)
    fit = fit_mixed(score, np.ones((len(data), 1)), ["mean"], groups={"class": data["classId"]})
    close(fit.variances["class"], entry, "var_class")
    close(fit.variances["residual"], entry, "var_residual")
    close(fit.icc["class"], entry, "icc_reml")
    assert (fit.n, fit.n_groups["class"]) == (entry["expected"]["n"], entry["expected"]["classes"])


@pytest.mark.parametrize("df", DF)
def test_a_variance_of_exactly_0_gives_least_squares(df, data_csv, oracle, close):
    entry = oracle("lmm")["zero_variance_boundary"]
    data = data_csv("cluster_sim/zero_variance.csv")
    X = np.column_stack([np.ones(len(data)), data["arm"]])
    fit = fit_mixed(data["y"], X, ["one", "arm"], groups={"cluster": data["cluster"]}, df=df)
    arm = fit.coefficient("arm")
    assert fit.boundary == ("cluster",)
    assert fit.variances["cluster"] == 0
    close(fit.variances["residual"], entry, "var_residual")
    close(arm.estimate, entry, "arm_estimate")
    close(arm.estimate, entry, "ols_estimate")
    close(arm.se, entry, "arm_se")
    close(arm.se, entry, "ols_se")
    close(fit.log_likelihood, entry, "logLik_reml")
    assert arm.df == pytest.approx(10)


def test_estimates_under_robust_errors_are_those_of_the_model(cases, oracle, close):
    entry = oracle("cluster")["sim_lmm_CR2"]
    fit = cases["cluster_trial_ri"].fit()
    for name, want in entry["expected"].items():
        close(fit.coefficient(name).estimate, entry, "estimate", want["estimate"])

"""Nested, crossed and partially nested mixed models, and random slopes, against R.

The data are made by a formula; R 4.2.2 with lme4 1.1.31, lmerTest 3.1.3, pbkrtest 0.5.2 and nlme
3.1.162 was run on the same rows (lmerControl with xtol_abs = ftol_abs = 1e-14) and its output typed
in. R stops at slightly different points: estimates of variances agree to about 1e-4.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.models.mixed import fit_mixed


def noise(n: int, salt: int) -> np.ndarray:
    """Numbers like standard normal ones, the same on every machine."""
    i = np.arange(1, n + 1)
    primes = (
        (7919, 104729, 611),
        (6271, 1299709, 877),
        (5417, 15485863, 997),
        (4391, 32452843, 1213),
    )
    parts = [((i * i * a + i * b + salt * c) % 10007) / 10007 for a, b, c in primes]
    return (sum(parts) - 2) * np.sqrt(3)


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    """24 clusters of unequal size in 6 sites, 84 people with one to four waves."""
    rows = []
    cluster = person = 0
    for site in range(6):
        for _ in range(3 + site % 3):
            for _ in range(2 + (cluster * 7) % 4):
                rows += [(site, cluster, person, wave) for wave in range(1 + (person * 5) % 4)]
                person += 1
            cluster += 1
    d = pd.DataFrame(rows, columns=["site", "cluster", "person", "wave"])
    d["arm"] = d["cluster"] % 2
    d["cw"] = 10 * d["cluster"] + d["wave"]
    d["x"] = noise(len(d), 1)
    level = 2 * noise(6, 2)[d["site"]] + 1.5 * noise(cluster, 3)[d["cluster"]]
    level = level + 2 * noise(person, 4)[d["person"]]
    slope = d["wave"] * 0.8 * noise(person, 5)[d["person"]]
    d["y"] = 20 + 2 * d["arm"] - d["wave"] + d["x"] + level + slope + 3 * noise(len(d), 6)
    d["y2"] = d["y"] + 2 * noise(int(d["cw"].max()) + 1, 8)[d["cw"]]
    treated = 2 * noise(cluster, 9)[d["cluster"]] + 2 * noise(len(d), 10)
    d["y3"] = 10 + 3 * d["arm"] + d["x"] + np.where(d["arm"] == 1, treated, 4 * noise(len(d), 11))
    return d


def fit(data, y, columns, groups, **options):
    made = {"one": np.ones(len(data)), "arm:wave": data["arm"] * data["wave"]}
    X = np.column_stack([made[c] if c in made else data[c] for c in columns])
    return fit_mixed(data[y], X, columns, groups={g: data[g] for g in groups}, **options)


def check(fitted, rows):
    for name, (estimate, se, df) in rows.items():
        got = fitted.coefficient(name)
        assert (got.estimate, got.se) == pytest.approx((estimate, se), rel=5e-5), name
        assert got.df == pytest.approx(df, rel=2e-4), name


NESTED = {
    "satterthwaite": {
        "one": (18.4682161717, 1.5234559017, 6.663038196),
        "arm": (3.1886063478, 1.0838857500, 14.862769576),
        "wave": (-1.5027478048, 0.2133764418, 150.207214258),
        "x": (-0.4688087888, 0.2251024551, 157.247860794),
    },
    "kenward-roger": {
        "one": (18.4682161717, 1.5250830903, 6.871626908),
        "arm": (3.1886063478, 1.0908328853, 16.376278012),
        "wave": (-1.5027478048, 0.2143991417, 151.463775549),
        "x": (-0.4688087888, 0.2266577069, 158.441383606),
    },
}


@pytest.mark.parametrize("df", NESTED)
def test_people_in_clusters_in_sites_agree_with_r(data, df):
    got = fit(
        data, "y", ["one", "arm", "wave", "x"], ["site", "cluster", "person"], df=df
    )  # lmer(y ~ arm + wave + x + (1|site) + (1|cluster) + (1|person))
    assert got.log_likelihood == pytest.approx(-572.6387676, abs=1e-6)
    want = {"site": 10.071446589, "cluster": 3.736215669, "person": 6.342129300}
    assert got.variances == pytest.approx(want | {"residual": 7.994254905}, rel=1e-4)
    check(got, NESTED[df])


CROSSED = {
    "satterthwaite": {
        "one": (18.0639695912, 1.2980189218, 28.45960206),
        "arm": (2.6729344928, 1.8053024959, 26.65483202),
        "wave": (-1.3345579452, 0.4599227401, 63.40190926),
        "arm:wave": (-0.3193413095, 0.6113817380, 59.33492064),
    },
    "kenward-roger": {
        "one": (18.0639695912, 1.2993340642, 30.13791201),
        "arm": (2.6729344928, 1.8069169271, 28.28059244),
        "wave": (-1.3345579452, 0.4639256801, 81.72902955),
        "arm:wave": (-0.3193413095, 0.6169084390, 77.31843413),
    },
}


@pytest.mark.parametrize("df", CROSSED)
def test_clusters_by_waves_with_people_measured_again_agree_with_r(data, df):
    got = fit(
        data, "y2", ["one", "arm", "wave", "arm:wave"], ["cluster", "cw", "person"], df=df
    )  # lmer(y2 ~ arm*wave + (1|cluster) + (1|cw) + (1|person))
    assert got.log_likelihood == pytest.approx(-607.3565939, abs=1e-6)
    want = {"cluster": 13.164884888, "cw": 3.181737650, "person": 4.505771312}
    assert got.variances == pytest.approx(want | {"residual": 10.513405596}, rel=1e-4)
    check(got, CROSSED[df])
    v, total = got.variances, sum(got.variances.values())
    assert got.icc["cw"] == pytest.approx((v["cluster"] + v["cw"]) / total)
    assert got.icc["person"] == pytest.approx((v["cluster"] + v["person"]) / total)


def test_a_singular_slope_within_clusters_agrees_with_r(data):
    got = fit(
        data, "y", ["one", "arm", "wave", "x"], ["cluster", "person"],
        slope=data["wave"], df="satterthwaite",
    )  # lmer(y ~ arm + wave + x + (1|cluster) + (wave|person)), isSingular  # fmt: skip
    assert got.boundary == ("person slope",)
    assert got.log_likelihood == pytest.approx(-569.8643745, abs=1e-6)
    want = {"cluster": 10.6722574725, "person": 3.3506606674, "person slope": 0.8288806665}
    want |= {"person covariance": 1.6665226717, "residual": 7.0220903342}
    assert got.variances == pytest.approx(want, rel=2e-4)
    check(
        got,
        {
            "one": (18.5293855782, 1.0774367794, 22.87125821),
            "arm": (2.4938955977, 1.4960775557, 21.38156419),
            "wave": (-1.4738988113, 0.2509490279, 61.92338956),
            "x": (-0.5310361067, 0.2156234468, 147.93457097),
        },
    )


def test_joint_tests_in_three_levels_agree_with_r(data):
    waves = {f"wave{k}": (data["wave"] == k) * 1.0 for k in (1, 2, 3)}
    both = {f"arm:{name}": data["arm"] * column for name, column in waves.items()}
    wide = data.assign(**waves, **both)
    names = ["one", "arm", *waves, "x", *both]
    levels = ["site", "cluster", "person"]
    rows = np.eye(9)[6:]
    test = fit(wide, "y", names, levels).joint_test(rows)  # KRmodcomp
    assert (test.statistic, test.df2) == pytest.approx((0.4645991002, 134.6377782), rel=1e-5)
    assert test.p_value == pytest.approx(0.7074670203, rel=1e-5)
    test = fit(wide, "y", names, levels, df="satterthwaite").joint_test(rows)  # anova
    assert (test.statistic, test.df2) == pytest.approx((0.46568, 133.332419), rel=2e-5)


def test_groups_in_one_arm_only_agree_with_nlme(data):
    arm = data["arm"] == 1
    labelled = data.assign(facilitator=data["cluster"].where(arm))
    got = fit(
        labelled, "y3", ["one", "arm", "x"], ["facilitator"],
        only_where={"facilitator": arm}, residual_by=data["arm"], df="satterthwaite",
    )  # lme(y3 ~ arm + x, random = ~0 + arm|facilitator, weights = varIdent(~1|arm))  # fmt: skip
    assert got.log_likelihood == pytest.approx(-507.229036666, abs=1e-5)
    assert got.log_likelihood > -507.229036666  # nlme stops a little earlier
    v = got.variances
    assert v["facilitator"] == pytest.approx(3.644681730, rel=2e-3)
    assert v["residual, 1"] == pytest.approx(3.958545972, rel=2e-4)
    assert v["residual, 0"] == pytest.approx(3.958545972 * 1.78046421**2, rel=2e-4)
    want = {"one": (9.760899414, 0.3734498646), "arm": (2.991788306, 0.6913577710)}
    for name, numbers in want.items():
        one = got.coefficient(name)
        assert (one.estimate, one.se) == pytest.approx(numbers, rel=4e-4)


def with_few_differences(data, salt):
    levels = 0.6 * noise(24, salt)[data["cluster"]]
    return data.assign(z=10 + data["arm"] + levels + 3 * noise(len(data), salt + 100))


@pytest.mark.parametrize(
    ("df", "se", "freedom"),
    [
        ("satterthwaite", 0.4285855554, 21.76146760),
        ("kenward-roger", 0.4310743076, 20.67204796),
    ],
)
def test_a_variance_near_0_agrees_with_r(data, df, se, freedom):
    got = fit(with_few_differences(data, 50), "z", ["one", "arm"], ["cluster"], df=df)
    assert got.boundary == ()
    assert got.log_likelihood == pytest.approx(-531.6548635, abs=1e-6)
    assert got.variances["cluster"] == pytest.approx(0.01778893249, rel=1e-4)
    check(got, {"arm": (0.5990051679, se, freedom)})


def test_a_negative_variance_agrees_with_nlme(data):
    got = fit(
        with_few_differences(data, 26), "z", ["one", "arm"], ["cluster"],
        variance="unbounded", df="satterthwaite",
    )  # gls(z ~ arm, correlation = corCompSymm(form = ~1|cluster))  # fmt: skip
    assert got.log_likelihood == pytest.approx(-535.10580438, abs=1e-6)
    assert sum(got.variances.values()) == pytest.approx(9.629318977, rel=1e-5)
    assert got.icc["cluster"] == pytest.approx(-0.03088784942, rel=1e-5)
    arm = got.coefficient("arm")
    assert (arm.estimate, arm.se) == pytest.approx((1.18142010, 0.3707755941), rel=1e-6)

"""Sample size and power agree with R (power.t.test, power.prop.test, pwr) and closed forms."""

from __future__ import annotations

from math import ceil, inf, sqrt

import pytest

import socmeasures as soc
from socmeasures.effects.anova_power import power_of_anova
from socmeasures.effects.cluster_power import (
    cluster_mean_variance,
    design_effect,
    effective_sample_size,
    partly_nested,
    stepped_wedge_se,
)
from socmeasures.effects.power import (
    bloom_multiplier,
    power_of_difference,
    smallest,
    variance_factor,
)
from socmeasures.effects.precision import alpha_limits, mean_half_width

pytestmark = pytest.mark.needs("shared")


@pytest.fixture
def entry(oracle, request):
    """The entry of `oracles/power.json` that the test is named after."""
    return oracle("power")[request.function.__name__.removeprefix("test_")]


def given(entry):
    return entry["data"]["inline"]


def exact(planned):
    return planned.to_frame()["exact"].iloc[-1]


def normal_n(difference, power):
    """People an arm by the normal distribution at .025 on one side."""

    def reached(n):
        return power_of_difference(difference, sqrt(2 / n), alpha=0.025, alternative="greater")

    return smallest(reached, power, least=1)


def test_every_entry_has_a_test(oracle):
    here = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}

    assert set(oracle("power")) <= here


def test_t_two_sample_n(entry, close):
    planned = soc.sample_size(d=0.5, power=0.8)

    close(exact(planned), entry, "n_per_group")
    assert planned.n_per_arm == (entry["expected"]["n_rounded_up"],) * 2


def test_t_two_sample_power(entry, close):
    se = sqrt(2 / 30)

    close(power_of_difference(0.6, se, 58, both_tails=False), entry, "power")
    close(soc.power(d=0.6, n_per_arm=30).power, entry, "power_strict")
    assert soc.power(d=0.6, n_per_arm=30).power == pytest.approx(
        entry["expected"]["power_strict"], abs=1e-9
    )


def test_t_unequal_power(entry, close):
    close(soc.power(d=0.6, n_per_arm=(28, 35)).power, entry, "power")


def test_t_paired(entry, close):
    close(exact(soc.sample_size(d_z=0.5)), entry, "n_pairs")
    one_tail = power_of_difference(0.5, 1 / sqrt(20), 19, both_tails=False)
    close(one_tail, entry, "power_20")
    # R leaves out rejections on the wrong side by default; we count them (pwr does too)
    assert 0 < soc.power(d_z=0.5, n=20).power - one_tail < 3e-5


def test_paired_from_raw(entry, close):
    planned = soc.sample_size(**given(entry))

    close(exact(planned), entry, "n_pairs")
    close(exact(soc.sample_size(d_z=entry["expected"]["d_z"])), entry, "n_pairs")
    close(
        exact(soc.sample_size(change=3, sd_change=entry["expected"]["sd_change"])), entry, "n_pairs"
    )
    assert f"d_z = {entry['expected']['d_z']:.3g}" in planned.protocol
    assert f"SD of the change {entry['expected']['sd_change']:.3g}" in planned.protocol


def test_mdes_two_sample(entry, close):
    close(soc.detectable_difference(n_per_arm=40, power=0.8).effect, entry, "d")


def test_ancova_factor(entry, close):
    factor = variance_factor("ancova", r=0.6)

    close(factor, entry, "factor")
    close(factor * exact(soc.sample_size(d=0.5)), entry, "n_per_group")
    close(exact(soc.sample_size(difference=0.5, sd=0.8)), entry, "exact_n_with_reduced_sd")


def test_our_ancova_pays_for_the_baseline_what_the_shortcut_adds_as_one_person(oracle):
    entry = oracle("power")["ancova_factor"]

    planned = soc.sample_size(d=0.5, r=0.6)

    assert planned.n_per_arm[0] == entry["expected"]["n_rounded_up_plus_one"]


def test_two_proportions(entry, close):
    shares = (0.75, 0.5)

    close(exact(soc.sample_size(shares=shares, power=0.9)), entry, "n_per_group")
    close(soc.power(shares=shares, n_per_arm=60).power, entry, "power_60")
    arcsine = soc.sample_size(shares=shares, power=0.9, method="arcsine")
    close(exact(arcsine), entry, "n_arcsine")


def test_two_proportions_continuity(entry, close):
    names = {
        "n_pooled": "pooled",
        "n_unpooled": "unpooled",
        "n_fleiss_corrected": "fleiss",
    }
    for name, method in names.items():
        close(exact(soc.sample_size(shares=(0.5, 0.75), method=method)), entry, name)


def test_anova_three_groups(entry, close):
    close(exact(soc.sample_size(f=0.25, arms=3)), entry, "n_per_group")
    assert power_of_anova(0.25, entry["expected"]["n_per_group"], 3) == pytest.approx(0.8)


def test_correlation(entry, close):
    close(exact(soc.sample_size(correlation=0.3)), entry, "n_pwr")
    close(exact(soc.sample_size(correlation=-0.3, method="fisher")), entry, "n_fisher_z")


def test_cluster_design_effect(entry, close):
    n = normal_n(0.5, 0.8)

    close(design_effect(20, 0.05), entry, "deff_equal")
    close(design_effect(20, 0.05, 0.4), entry, "deff_cv")
    close(n, entry, "n_per_arm_individual_normal")
    close(n * design_effect(20, 0.05) / 20, entry, "clusters_per_arm_normal")
    close(n * design_effect(20, 0.05, 0.4) / 20, entry, "clusters_per_arm_normal_cv")
    close(effective_sample_size(400, 20, 0.05), entry, "effective_sample_size_of_400")
    assert ceil(n * design_effect(20, 0.05) / 20) + 1 == entry["expected"]["plus_one_cluster"]


def test_the_t_distribution_asks_for_the_cluster_that_is_usually_added(oracle):
    entry = oracle("power")["cluster_design_effect"]

    planned = soc.sample_size(d=0.5, cluster_size=20, icc=0.05)

    assert planned.clusters_per_arm == (entry["expected"]["plus_one_cluster"],) * 2


def _check_cluster(entry, close, **more):
    planned = soc.power(d=0.5, clusters_per_arm=8, cluster_size=15, icc=0.05, **more)

    close(planned.power, entry, "power")
    close(planned.to_frame()["se"].iloc[0], entry, "se")
    close(planned.to_frame()["df"].iloc[0], entry, "df")


def test_cluster_power_t(entry, close):
    _check_cluster(entry, close)


def test_cluster_power_t_cv(entry, close):
    _check_cluster(entry, close, cv=0.5)


def test_cluster_power_baseline(entry, close):
    _check_cluster(entry, close, r2_between=0.5, r2_within=0.3)


def test_cluster_mdes(entry, close):
    se = sqrt(2 * cluster_mean_variance(1, 8, 15, 0.05))
    multiplier = bloom_multiplier(14)

    close(multiplier, entry, "mdes_multiplier")
    close(multiplier * se, entry, "mdes")
    by_noncentral_t = soc.detectable_difference(clusters_per_arm=8, cluster_size=15, icc=0.05)
    assert by_noncentral_t.effect == pytest.approx(entry["expected"]["mdes"], rel=0.01)


def test_attrition_inflation(entry, close):
    planned = soc.sample_size(d=0.5, dropout=given(entry)["loss"])

    assert planned.to_frame()["analysed"].iloc[0] == given(entry)["n"]
    close(planned.n_per_arm[0], entry, "divide")
    close(planned.n_per_arm[0], entry, "round_up")
    assert planned.n_per_arm[0] != pytest.approx(entry["expected"]["wrong_multiplication"], abs=1)


def test_partially_nested(entry, close):
    se, df = partly_nested(1, 60, 60, 10, 0.05)

    close(se, entry, "se")
    close(power_of_difference(0.5, se, inf), entry, "power_normal")
    planned = soc.power(d=0.5, n_per_arm=60, group_size=10, icc=0.05)
    assert planned.to_frame()["se"].iloc[0] == se
    assert planned.power < entry["expected"]["power_normal"]  # six groups: about 14 df
    assert planned.to_frame()["df"].iloc[0] == df


def test_stepped_wedge(entry, close):
    asked = given(entry)
    se = stepped_wedge_se(
        1, asked["first_treated_period"], asked["periods"], asked["per_cluster_period"], 0.05
    )

    close(se, entry, "se")
    close(se**2, entry, "variance")
    close(power_of_difference(0.4, se, both_tails=False), entry, "power_normal")
    planned = soc.power(
        d=0.4, icc=0.05, first_treated=asked["first_treated_period"], periods=4, cluster_size=15
    )
    close(planned.to_frame()["se"].iloc[0], entry, "se")
    assert planned.power == pytest.approx(entry["expected"]["power_normal"], abs=1e-4)


def test_noninferiority_means(entry, close):
    close(normal_n(0.3, 0.9), entry, "n_per_group")
    by_t = soc.sample_size(margin=0.3, sd=1, power=0.9)
    assert 0 < exact(by_t) - entry["expected"]["n_per_group"] < 2


def test_precision_mean(entry, close):
    by_z = smallest(lambda n: -mean_half_width(10, n, df=inf), -2, least=2)

    close(by_z, entry, "n_normal")
    assert soc.sample_size(half_width=2, sd=10).n_total == entry["expected"]["n_t"]


def test_precision_alpha(entry, close):
    low, high = alpha_limits(0.85, 100, 20)

    close(low, entry, "low")
    close(high, entry, "high")
    planned = soc.sample_size(half_width=(high - low) / 2, cronbach_alpha=0.85, items=20)
    assert planned.n_total == 100
    close(planned.to_frame()["ci_low"].iloc[0], entry, "low")


def test_repeated_measures(entry, close):
    for analysis, name in [("post", "post_mean"), ("change", "change"), ("ancova", "ancova")]:
        close(variance_factor(analysis, r=0.6, followups=3), entry, name)

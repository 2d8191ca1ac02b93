"""Sample size, power and detectable difference answer each other, and refuse what cannot be."""

from __future__ import annotations

import dataclasses
import re
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import socmeasures as soc
from socmeasures.drawing.style import alt_text
from socmeasures.effects.cluster_power import design_effect
from socmeasures.errors import OutOfReachError, PlanningError, TooSmallToPlanError

# What is planned, the keyword of its size, and the step by which that can be one fewer.
DESIGNS = {
    "two arms": ({"difference": 4, "sd": 8}, "n_per_arm"),
    "ancova": ({"difference": 4, "sd": 8, "r": 0.6}, "n_per_arm"),
    "waves": ({"d": 0.4, "r": 0.6, "followups": 3, "baselines": 2}, "n_per_arm"),
    "change": ({"d": 0.4, "r": 0.6, "analysis": "change"}, "n_per_arm"),
    "non-inferiority": ({"margin": 3, "sd": 8}, "n_per_arm"),
    "equivalence": ({"margin": 3, "sd": 8, "equivalence": True}, "n_per_arm"),
    "one-sided": ({"difference": -4, "sd": 8, "alternative": "less"}, "n_per_arm"),
    "pairs": ({"change": 3, "sd": 8, "r": 0.6}, "n"),
    "pairs, margin": ({"change": 0, "margin": 3, "sd": 8, "r": 0.6}, "n"),
    "shares": ({"shares": (0.6, 0.4)}, "n_per_arm"),
    "shares, fleiss": ({"shares": (0.6, 0.4), "method": "fleiss"}, "n_per_arm"),
    "shares, margin": ({"shares": (0.6, 0.6), "margin": 0.15}, "n_per_arm"),
    "several arms": ({"means": (10, 12, 14, 14), "sd": 8}, "n_per_arm"),
    "correlation": ({"correlation": -0.3}, "n"),
    "clusters": ({"d": 0.4, "cluster_size": 15, "icc": 0.05, "cv": 0.5}, "clusters_per_arm"),
    "cluster shares": (
        {"shares": (0.6, 0.4), "cluster_size": 15, "icc": 0.05},
        "clusters_per_arm",
    ),
    "cluster margin": ({"margin": 4, "sd": 8, "cluster_size": 15, "icc": 0.05}, "clusters_per_arm"),
    "stepped wedge": (
        {"d": 0.3, "icc": 0.05, "first_treated": (2, 2, 3, 3, 4, 4), "periods": 4},
        "cluster_size",
    ),
}
BOTH = pytest.mark.parametrize(("design", "size"), list(DESIGNS.values()), ids=list(DESIGNS))


def size_found(planned, size):
    if size == "clusters_per_arm":
        return planned.clusters_per_arm[0]
    if size == "cluster_size":
        return int(planned.to_frame()["analysed"].iloc[0])
    return planned.n_per_arm[0]


# ------------------------------------------------------------------ the three answer each other


@BOTH
@pytest.mark.parametrize("power", [0.8, 0.9])
def test_the_size_found_has_the_power_and_one_fewer_has_not(design, size, power):
    planned = soc.sample_size(power=power, **design)
    n = size_found(planned, size)

    assert soc.power(**design, **{size: n}).power >= power
    assert soc.power(**design, **{size: n - 1}).power < power
    assert planned.power == pytest.approx(soc.power(**design, **{size: n}).power, abs=1e-12)


@given(
    d=st.floats(0.15, 2.5),
    ratio=st.sampled_from([0.5, 1.0, 1.5, 3.0]),
    dropout=st.floats(0, 0.6),
    power=st.floats(0.5, 0.97),
)
@settings(max_examples=40, deadline=None)
def test_unequal_arms_and_drop_out_keep_the_power(d, ratio, dropout, power):
    more = {"d": d, "dropout": dropout}
    planned = soc.sample_size(power=power, allocation_ratio=ratio, **more)

    again = soc.power(n_per_arm=planned.n_per_arm, **more)
    assert again.power >= power - 1e-9
    treated, control = planned.to_frame()["analysed"]
    assert treated == np.ceil(round(control * ratio, 6))


@given(icc=st.floats(0, 0.4), m=st.integers(1, 60), dropout=st.floats(0, 0.5))
@settings(max_examples=30, deadline=None)
def test_clusters_are_as_few_as_can_be(icc, m, dropout):
    trial = {"d": 0.45, "cluster_size": m, "icc": icc, "dropout": dropout}
    planned = soc.sample_size(**trial)
    clusters = planned.clusters_per_arm[0]

    assert soc.power(clusters_per_arm=clusters, **trial).power >= 0.8
    if clusters > 2:
        assert soc.power(clusters_per_arm=clusters - 1, **trial).power < 0.8


@pytest.mark.parametrize(
    ("design", "effect"),
    [
        ({"n_per_arm": (40, 60), "sd": 8, "r": 0.5}, "difference"),
        ({"n_per_arm": 40}, "d"),
        ({"n": 30, "sd": 8, "r": 0.5}, "change"),
        ({"n": 30, "sd_change": 7}, "change"),
        ({"n": 30}, "d_z"),
        ({"clusters_per_arm": (6, 9), "sd": 8, "cluster_size": 20, "icc": 0.05}, "difference"),
        ({"n_per_arm": 60, "arms": 3}, "f"),
        ({"n_per_arm": 60, "r": 0.6, "followups": 3, "analysis": "post"}, "d"),
        ({"n_per_arm": 60, "sd": 8, "group_size": 8, "icc": 0.1}, "difference"),
        (
            {"cluster_size": 20, "sd": 8, "icc": 0.05, "first_treated": (2, 3), "periods": 3},
            "difference",
        ),
    ],
)
def test_the_detectable_difference_is_found_with_the_power_asked_for(design, effect):
    found = soc.detectable_difference(power=0.85, **design)

    assert found.effect_name == effect
    assert soc.power(**{effect: found.effect}, **design).power == pytest.approx(0.85, abs=1e-6)


def test_a_detectable_share_is_told_upwards_and_downwards():
    found = soc.detectable_difference(control_share=0.3, n_per_arm=80)

    assert found.effect > 0
    assert soc.power(shares=(0.3 + found.effect, 0.3), n_per_arm=80).power == pytest.approx(0.8)
    assert any("downwards it is" in note for note in found.notes)


def test_a_detectable_share_in_clusters():
    trial = {"cluster_size": 20, "icc": 0.03, "clusters_per_arm": 10}
    for side, sign in (("greater", 1), ("less", -1)):
        found = soc.detectable_difference(control_share=0.4, alternative=side, **trial)
        shares = (0.4 + found.effect, 0.4)

        assert found.effect * sign > 0
        again = soc.power(shares=shares, alternative=side, **trial)
        assert again.power == pytest.approx(0.8, abs=1e-6)


def test_the_detectable_difference_of_a_test_for_less_is_negative():
    found = soc.detectable_difference(n_per_arm=40, sd=8, alternative="less")

    assert found.effect < 0
    assert (
        found.effect == -soc.detectable_difference(n_per_arm=40, sd=8, alternative="greater").effect
    )


def test_when_no_share_is_large_enough_it_is_said():
    with pytest.raises(OutOfReachError, match=r"largest difference there can be \(50 percentage"):
        soc.detectable_difference(n_per_arm=3, control_share=0.5)


# ------------------------------------------------------------------ what must hold


@BOTH
def test_power_rises_with_size(design, size):
    sizes = (6, 10, 20, 40, 80)
    if "equivalence" in design:  # with too few, an SD that is small by luck shows it now and then
        sizes = (20, 40, 80, 160)
    powers = [soc.power(**design, **{size: n}).power for n in sizes]

    assert powers == sorted(powers)


def test_power_rises_with_the_difference_and_falls_with_the_icc_and_the_spread_of_sizes():
    trial = {"cluster_size": 20, "icc": 0.05, "clusters_per_arm": 8}

    def power(**changed):
        return soc.power(**{"d": 0.4, **trial, **changed}).power

    assert power(d=0.3) < power(d=0.4) < power(d=0.5)
    assert power(icc=0.2) < power(icc=0.05) < power(icc=0)
    assert power(cv=0.7) < power(cv=0)
    assert power(dropout=0.3) < power()
    assert power(lost_clusters=1) < power()


def test_the_sign_and_the_order_of_the_arms_make_no_difference():
    one = soc.power(difference=3, sd=8, n_per_arm=(40, 70))

    assert soc.power(difference=-3, sd=8, n_per_arm=(70, 40)).power == pytest.approx(one.power)
    assert soc.power(d=3 / 8, n_per_arm=(40, 70)).power == pytest.approx(one.power, abs=1e-12)
    shares = soc.power(shares=(0.3, 0.5), n_per_arm=(40, 70)).power
    assert soc.power(shares=(0.5, 0.3), n_per_arm=(70, 40)).power == pytest.approx(shares)


def test_clusters_of_one_person_are_people():
    clusters = soc.sample_size(d=0.4, cluster_size=1, icc=0.1)
    people = soc.sample_size(d=0.4)

    assert clusters.n_per_arm == people.n_per_arm
    assert clusters.power == pytest.approx(people.power, abs=1e-12)


def test_without_icc_and_spread_of_sizes_clusters_have_the_standard_error_of_people():
    clusters = soc.power(d=0.4, cluster_size=10, icc=0, clusters_per_arm=8).to_frame()
    people = soc.power(d=0.4, n_per_arm=80).to_frame()

    assert clusters["se"][0] == pytest.approx(people["se"][0])
    assert clusters["design_effect"][0] == 1
    assert clusters["df"][0] == 14  # clusters, not people, are what was allocated


def test_drop_out_stands_inside_the_design_effect():
    planned = soc.sample_size(d=0.4, cluster_size=20, icc=0.05, dropout=0.2)
    table = planned.to_frame()

    assert table["cluster_size_analysed"][0] == 16
    assert table["design_effect"][0] == pytest.approx(1.75)
    assert table["effective_n"][0] == pytest.approx(16 * table["analysed"][0] / 1.75)
    assert any("1.75 for those, not 1.95" in note for note in planned.notes)


def test_the_table_of_drop_out_in_the_guide_is_right():
    page = Path(__file__).resolve().parents[2] / "docs" / "guide" / "10-how-many-people.md"
    rows = re.findall(
        r"^\| (\d+) \| (\d+) % \| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$",
        page.read_text(encoding="utf-8"),
        re.MULTILINE,
    )

    assert len(rows) == 9
    for size, lost, analysed, effect, inside, outside in rows:
        dropout = int(lost) / 100
        planned = soc.sample_size(d=0.4, cluster_size=int(size), icc=0.05, dropout=dropout)
        table = planned.to_frame()
        assert table["cluster_size_analysed"][0] == pytest.approx(int(analysed))
        assert table["design_effect"][0] == pytest.approx(float(effect))
        assert float(inside) == pytest.approx(float(effect) / (1 - dropout), abs=0.006)
        assert float(outside) == pytest.approx(
            design_effect(int(size), 0.05) / (1 - dropout), abs=0.006
        )


def test_lost_clusters_are_added_and_taken_off():
    trial = {"d": 0.4, "cluster_size": 20, "icc": 0.05}
    planned, more = soc.sample_size(**trial), soc.sample_size(**trial, lost_clusters=2)

    assert more.clusters_per_arm[0] == planned.clusters_per_arm[0] + 2
    assert more.power == planned.power
    back = soc.power(**trial, lost_clusters=2, clusters_per_arm=more.clusters_per_arm)
    assert back.power == planned.power
    assert back.n_per_arm == more.n_per_arm


def test_group_in_one_arm_are_whole_groups_and_need_more_than_none():
    planned = soc.sample_size(d=0.4, group_size=8, icc=0.05, dropout=0.25)
    table = planned.to_frame()

    assert planned.n_per_arm[0] == 8 * table["groups"][0]
    assert table["analysed"][0] == 6 * table["groups"][0]
    assert planned.n_total > soc.sample_size(d=0.4, dropout=0.25).n_total
    assert planned.power >= 0.8
    fewer = tuple(n - 8 for n in planned.n_per_arm)
    assert soc.power(d=0.4, group_size=8, icc=0.05, dropout=0.25, n_per_arm=fewer).power < 0.8


def test_exact_and_rounded_sizes_are_both_given():
    table = soc.sample_size(d=0.5, dropout=0.2).to_frame()

    assert table["exact"][0] == pytest.approx(63.7656, abs=1e-4)
    assert table["analysed"][0] == 64
    assert table["n"][0] == 80


def test_the_baseline_saves_people_and_more_waves_save_more():
    alone = soc.sample_size(d=0.4).n_total
    adjusted = soc.sample_size(d=0.4, r=0.6).n_total
    three = soc.sample_size(d=0.4, r=0.6, followups=3).n_total

    assert three < adjusted < alone
    assert adjusted / alone == pytest.approx(1 - 0.36, abs=0.02)


def test_a_large_effect_needs_at_least_what_the_test_needs():
    assert soc.sample_size(d=50).n_per_arm == (2, 2)
    assert soc.sample_size(d=50, r=0.5).n_per_arm == (3, 3)
    assert soc.sample_size(d=50, cluster_size=20, icc=0.01).clusters_per_arm == (2, 2)


# ------------------------------------------------------------------ simulated trials


def t_test(treated, control):
    """Share of rows in which a pooled t test finds a difference."""
    n, m = treated.shape[1], control.shape[1]
    pooled = ((n - 1) * treated.var(axis=1, ddof=1) + (m - 1) * control.var(axis=1, ddof=1)) / (
        n + m - 2
    )
    t = (treated.mean(axis=1) - control.mean(axis=1)) / np.sqrt(pooled * (1 / n + 1 / m))
    return (np.abs(t) > stats.t.ppf(0.975, n + m - 2)).mean()


def simulated_ancova(rng, sets, n, d, r):
    """Share of trials in which the adjusted difference is found."""
    x = rng.standard_normal((sets, 2 * n))
    arm = np.repeat([0.5, -0.5], n)
    y = r * x + sqrt(1 - r**2) * rng.standard_normal(x.shape) + d * arm
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    # regression on (arm, x), both centred: two normal equations
    aa, ax, xx = n / 2, (arm * x).sum(axis=1), (x * x).sum(axis=1)
    ay, xy, yy = (arm * y).sum(axis=1), (x * y).sum(axis=1), (y * y).sum(axis=1)
    det = aa * xx - ax**2
    b, slope = (ay * xx - xy * ax) / det, (xy * aa - ay * ax) / det
    left = (yy - b * ay - slope * xy) / (2 * n - 3)
    t = b / np.sqrt(left * xx / det)
    return (np.abs(t) > stats.t.ppf(0.975, 2 * n - 3)).mean()


def simulated_clusters(rng, sets, k, m, icc, d):
    """Share of cluster trials in which a t test of cluster means finds the difference."""
    means = rng.standard_normal((2, sets, k)) * sqrt(icc + (1 - icc) / m)
    return t_test(means[0] + d, means[1])


def simulated_groups(rng, sets, groups, size, control, icc, d):
    """Share of partially nested trials found, by group means against people."""
    treated = d + rng.standard_normal((sets, groups)) * sqrt(icc + (1 - icc) / size)
    people = rng.standard_normal((sets, control))
    v1, v2 = treated.var(axis=1, ddof=1) / groups, people.var(axis=1, ddof=1) / control
    df = (v1 + v2) ** 2 / (v1**2 / (groups - 1) + v2**2 / (control - 1))
    t = (treated.mean(axis=1) - people.mean(axis=1)) / np.sqrt(v1 + v2)
    return (np.abs(t) > stats.t.ppf(0.975, df)).mean()


def check_simulated(sets, margin):
    rng = np.random.default_rng(20261122)
    for n, d in ((8, 1.2), (20, 0.8)):
        rows = rng.standard_normal((2, sets, n))
        promised = soc.power(d=d, n_per_arm=n).power
        assert t_test(rows[0] + d, rows[1]) == pytest.approx(promised, abs=margin)
    for n, d, r in ((5, 1.2, 0.7), (12, 0.8, 0.5), (30, 0.5, 0.6)):
        promised = soc.power(d=d, r=r, n_per_arm=n).power
        assert simulated_ancova(rng, sets, n, d, r) == pytest.approx(promised, abs=margin)
    for k, m, icc in ((3, 20, 0.05), (8, 15, 0.1)):
        promised = soc.power(d=0.5, clusters_per_arm=k, cluster_size=m, icc=icc).power
        assert simulated_clusters(rng, sets, k, m, icc, 0.5) == pytest.approx(promised, abs=margin)
    for groups, size, icc in ((5, 10, 0.1), (12, 6, 0.05)):
        n = groups * size
        promised = soc.power(d=0.6, n_per_arm=n, group_size=size, icc=icc).power
        found = simulated_groups(rng, sets, groups, size, n, icc, 0.6)
        assert found == pytest.approx(promised, abs=margin)


def test_simulated_trials_have_about_the_power_promised():
    check_simulated(2_000, 0.04)


@pytest.mark.slow
def test_many_simulated_trials_have_the_power_promised():
    check_simulated(40_000, 0.012)


# ------------------------------------------------------------------ what is shown


def test_the_answer_holds_what_a_protocol_needs():
    planned = soc.sample_size(
        difference=2.5, sd=8, power=0.9, r=0.6, dropout=0.2, allocation_ratio=2
    )
    text = str(planned)

    assert "recruited" in planned.protocol
    assert "analysis of covariance" in planned.protocol
    assert "Borm" in planned.protocol
    assert "two-sided test at the 5 % level" in planned.protocol
    assert "in the treated and" in planned.summary
    for part in (planned.summary, planned.protocol, *planned.notes):
        assert part in text
    assert "confidence = 0.95 (default)" in text
    assert "power = 0.9," in text
    html = planned._repr_html_()
    assert planned.design in html
    assert "<table" in html


@BOTH
@pytest.mark.parametrize("asked", ["sample_size", "power"])
def test_every_design_can_be_printed_drawn_and_tabulated(design, size, asked):
    more = {} if asked == "sample_size" else {size: 30}
    planned = getattr(soc, asked)(**design, **more)
    table = planned.to_frame()

    assert planned.asked == asked
    assert str(planned).startswith("Planned: ")
    assert planned.protocol.endswith(".")
    assert len(table) == len(planned.n_per_arm)
    assert planned.n_total == sum(planned.n_per_arm) == table["n"].sum()
    assert planned.sensitivity["planned"].sum() >= 1
    figure = planned.plot()
    assert figure.axes[0].get_xlabel().startswith(f"{planned.unit} analysed")
    assert figure.axes[0].get_ylabel() == "power (%)"
    assert "Planned: " in alt_text(figure)


def test_the_table_and_the_answer_cannot_be_changed():
    planned = soc.sample_size(d=0.5)
    table = planned.to_frame()
    table.loc[:, "n"] = 0

    assert planned.to_frame()["n"].tolist() == [64, 64]
    with pytest.raises(dataclasses.FrozenInstanceError):
        planned.n_total = 3


def test_sensitivity_over_the_icc_is_always_printed():
    for more in ({"cluster_size": 20}, {"group_size": 10}):
        planned = soc.sample_size(d=0.4, icc=0.03, **more)
        over = planned.sensitivity[planned.sensitivity["assumption"] == "icc"]

        assert over["value"].tolist() == [0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2]
        assert over["n_total"].is_monotonic_increasing
        assert over.loc[over["planned"], "n_total"].tolist() == [planned.n_total]
        assert "icc" in str(planned)


def test_sensitivity_is_what_the_call_with_that_value_gives():
    planned = soc.sample_size(difference=3, sd=8, r=0.5, dropout=0.1)
    rows = planned.sensitivity.set_index(["assumption", "value"])["n_total"]

    assert rows["r", 0.7] == soc.sample_size(difference=3, sd=8, r=0.7, dropout=0.1).n_total
    assert rows["sd", 10] == soc.sample_size(difference=3, sd=10, r=0.5, dropout=0.1).n_total
    assert rows["dropout", 0.3] == soc.sample_size(difference=3, sd=8, r=0.5, dropout=0.3).n_total


def test_sensitivity_of_power_and_of_a_detectable_difference():
    trial = {"sd": 8, "cluster_size": 20, "icc": 0.05, "clusters_per_arm": 8}
    power = soc.power(difference=3, **trial).sensitivity.set_index(["assumption", "value"])
    found = soc.detectable_difference(**trial).sensitivity.set_index(["assumption", "value"])

    lossy = soc.power(difference=3, **trial, dropout=0.3).power
    assert power["power"]["dropout", 0.3] == pytest.approx(lossy)
    assert found["effect"]["icc", 0.2] == pytest.approx(
        soc.detectable_difference(**{**trial, "icc": 0.2}).effect
    )


def test_a_guess_that_no_size_would_answer_is_left_empty():
    planned = soc.sample_size(difference=0.0001, sd=1)

    larger = planned.sensitivity.query("assumption == 'sd' and value > 1")
    assert planned.n_total > 1e9
    assert larger["n_total"].isna().all()


def test_where_drop_out_would_leave_too_few_the_table_says_nothing():
    planned = soc.power(d=2, n_per_arm=2)

    lost = planned.sensitivity.query("assumption == 'dropout' and value > 0")
    assert lost["power"].isna().all()


def test_the_width_of_an_interval_has_a_size_and_no_power():
    planned = soc.sample_size(half_width=1.5, sd=6, dropout=0.1)

    assert planned.power is None
    assert planned.effect <= 1.5
    assert "power" not in set(planned.assumptions["assumption"])
    assert planned.plot().axes[0].get_ylabel() == "half-width of the interval"
    assert "interval of the mean of ± 1.5 points" in planned.protocol


def test_unequal_arms_are_drawn_by_the_control_arm_in_their_own_ratio():
    planned = soc.power(d=0.5, n_per_arm=(30, 60))
    curve = planned.curve.set_index("size")["value"]

    assert planned.plot().axes[0].get_xlabel() == "people analysed in the control arm"
    assert curve[60] == planned.power
    assert curve[90] == pytest.approx(soc.power(d=0.5, n_per_arm=(45, 90)).power)


def test_margins_of_shares_in_clusters_are_told_in_percentage_points():
    trial = {"shares": (0.6, 0.6), "margin": 0.1, "cluster_size": 20, "icc": 0.02}

    assert "non-inferiority by 10 percentage points" in soc.sample_size(**trial).protocol
    both = soc.sample_size(**trial, equivalence=True)
    assert "equivalence within 10 percentage points" in both.protocol
    assert "showing that the difference lies within ± 0.1" in both.summary


def test_unequal_cluster_sizes_are_remarked():
    planned = soc.sample_size(d=0.5, cluster_size=20, icc=0.05, cv=0.5)

    assert any("Unweighted cluster means find less" in note for note in planned.notes)


def test_few_clusters_and_a_baseline_of_clusters_are_remarked():
    planned = soc.power(d=1, cluster_size=20, icc=0.02, clusters_per_arm=3, r2_between=0.4)

    assert any("fewer than four clusters" in note for note in planned.notes)
    assert any("degree of freedom" in note for note in planned.notes)


def test_a_change_without_a_comparison_group_is_no_effect():
    planned = soc.sample_size(change=3, sd=8, r=0.6)

    assert any("not an effect" in note for note in planned.notes)


# ------------------------------------------------------------------ what is refused

REFUSED = [
    (soc.sample_size, {}, ["nothing says which study", "soc.sample_size(change=3, sd=8, r=0.6)"]),
    (
        soc.sample_size,
        {"difference": 0, "sd": -1, "power": 80, "dropout": 20, "r": 1},
        ["5 things", "difference=0: where there is no difference", "sd=-1", "power=80", "20 % is"],
    ),
    (soc.sample_size, {"d": 0.4, "cluster_size": 20}, ["icc= is missing"]),
    (soc.sample_size, {"d": 0.4, "icc": 0.05}, ["cluster_size= is missing"]),
    (
        soc.sample_size,
        {"d": 0.4, "cluster_size": 20, "icc": 1.2},
        ["icc=1.2: an intracluster correlation is planned with from 0 to below 1"],
    ),
    (soc.sample_size, {"d": 0.4, "cluster_size": 20, "icc": -0.02}, ["planned with as 0"]),
    (soc.sample_size, {"d": 0.4, "cluster_size": 0.5, "icc": 0.1, "cv": -1}, ["2 things"]),
    (
        soc.sample_size,
        {"d": 0.4, "cluster_size": 20, "icc": 0.05, "r": 0.6},
        ["r=: this does not belong to two arms of clusters", "r2_within="],
    ),
    (soc.sample_size, {"d": 0.4, "clustersize": 20}, ["Close: 'cluster_size'"]),
    (soc.sample_size, {"clustersize": 20}, ["there is no such keyword"]),
    (soc.sample_size, {"d": 0.4, "difference": 3, "sd": 8}, ["say the same thing in two ways"]),
    (soc.sample_size, {"d": 0.4, "sd": 8}, ["sd=: d= is in SDs already"]),
    (soc.sample_size, {"difference": 3}, ["sd= is missing"]),
    (soc.sample_size, {"sd": 8}, ["difference= or margin= is missing"]),
    (soc.sample_size, {"d": 0.5, "n_per_arm": 30}, ["finds this itself", "soc.power(...)"]),
    (soc.sample_size, {"d": 0.5, "n": 60}, ["n=: soc.sample_size finds this itself"]),
    (soc.sample_size, {"d": 0.5, "followups": 3}, ["r= is missing"]),
    (soc.sample_size, {"d": 0.5, "followups": 2.5, "r": 0.5}, ["followups=2.5"]),
    (soc.sample_size, {"d": 0.5, "followups": 4, "r": -0.5}, ["5 waves cannot all correlate"]),
    (soc.sample_size, {"d": 0.5, "r": 0.5, "analysis": "post"}, ["the baseline is not used"]),
    (soc.sample_size, {"d": 0.5, "r": 0.5, "analysis": "anova"}, ["one of 'ancova', 'change'"]),
    (soc.sample_size, {"d": 0.5, "alternative": "less"}, ["lies on the other side"]),
    (soc.sample_size, {"d": 0.5, "alternative": "up"}, ["one of 'two-sided'"]),
    (soc.sample_size, {"d": 0.5, "confidence": 95}, ["0.95 for the 5 % level"]),
    (soc.sample_size, {"d": 0.5, "power": 0.05}, ["above the level of the test"]),
    (soc.sample_size, {"d": float("nan")}, ["one number, in SDs"]),
    (soc.sample_size, {"d": "0.5"}, ["one number, in SDs"]),
    (soc.sample_size, {"shares": (0.5, 0.5)}, ["where there is no difference"]),
    (soc.sample_size, {"shares": (0.5, 1.0)}, ["each between 0 and 1"]),
    (soc.sample_size, {"shares": 0.5}, ["two shares, (treated, control)"]),
    (soc.sample_size, {"shares": (0.5, 0.6), "method": "exact"}, ["one of 'pooled'"]),
    (soc.sample_size, {"shares": (0.5, 0.6), "sd": 2}, ["shares= have a spread of their own"]),
    (soc.sample_size, {"control_share": 0.5}, ["Give shares=(treated, control)"]),
    (soc.sample_size, {"change": 3, "sd": 8}, ["r= or sd_change= is missing"]),
    (soc.sample_size, {"change": 3, "sd": 8, "r": 1}, ["r=1"]),
    (soc.sample_size, {"f": 0.3}, ["arms= is missing"]),
    (soc.sample_size, {"means": (1, 2, 3), "sd": 4, "arms": 2}, ["means= holds 3"]),
    (soc.sample_size, {"means": (2, 2), "sd": 4}, ["where there is no difference"]),
    (soc.sample_size, {"correlation": 0}, ["where there is no difference"]),
    (soc.sample_size, {"f": 0.2, "arms": 3, "alternative": "less"}, ["alternative="]),
    (soc.sample_size, {"margin": 3}, ["sd= or d= is missing"]),
    (soc.sample_size, {"margin": 3, "sd": 8, "difference": -3}, ["worse by the margin or more"]),
    (
        soc.sample_size,
        {"margin": 3, "sd": 8, "difference": 3, "equivalence": True},
        ["equivalence does not hold"],
    ),
    (soc.sample_size, {"margin": 3, "sd": 8, "alternative": "less"}, ["has its own side"]),
    (soc.sample_size, {"equivalence": True, "d": 0.1}, ["margin= is missing"]),
    (
        soc.sample_size,
        {"shares": (0.5, 0.5), "margin": 0.1, "method": "pooled"},
        ["compared unpooled"],
    ),
    (soc.sample_size, {"half_width": 2, "sd": 8, "power": 0.9}, ["an interval has no power"]),
    (soc.sample_size, {"half_width": 0, "cronbach_alpha": 1, "items": 1}, ["3 things"]),
    (
        soc.sample_size,
        {"d": 0.3, "icc": 0.1, "first_treated": (2, 6), "periods": 4},
        ["a cluster that never begins has 5"],
    ),
    (
        soc.sample_size,
        {"d": 0.3, "icc": 0.1, "first_treated": (2, 2), "periods": 4},
        ["nothing is compared"],
    ),
    (soc.power, {"d": 0.5}, ["n_per_arm= is missing", "(not in all)"]),
    (soc.power, {"d": 0.5, "n": 60}, ["two arms takes n_per_arm= instead"]),
    (soc.power, {"d": 0.5, "n": 60, "n_per_arm": 30}, ["n=: this does not belong to two arms"]),
    (soc.power, {"d": 0.5, "n_per_arm": 1}, ["a whole number from 2"]),
    (soc.power, {"d": 0.5, "n_per_arm": (30, 30, 30)}, ["(treated, control)"]),
    (soc.power, {"f": 0.2, "arms": 3, "n_per_arm": (20, 30)}, ["arms of equal size"]),
    (soc.power, {"half_width": 2, "sd": 8, "n": 50}, ["has no power"]),
    (
        soc.power,
        {"d": 0.5, "clusters_per_arm": 1, "cluster_size": 20, "icc": 0.05},
        ["One cluster an arm"],
    ),
    (soc.detectable_difference, {"difference": 2, "sd": 8, "n_per_arm": 40}, ["finds this itself"]),
    (soc.detectable_difference, {"n": 30, "sd": 8}, ["r= is missing"]),
    (soc.detectable_difference, {"n": 30, "r": 0.5, "sd_change": None}, ["sd= is missing"]),
    (soc.detectable_difference, {"n_per_arm": 30, "f": 0.2}, ["arms= is missing"]),
    (soc.detectable_difference, {"n_per_arm": 30, "margin": 2}, ["Leave it out"]),
    (soc.detectable_difference, {"n": 30, "correlation": 0.3}, ["not for a correlation"]),
    (soc.detectable_difference, {}, ["nothing says which study"]),
    (soc.detectable_difference, {"n_per_arm": 40, "shares": (0.5, 0.6)}, ["control_share="]),
]


@pytest.mark.parametrize(
    ("function", "call", "told"), REFUSED, ids=[f"{f.__name__} {c}" for f, c, _ in REFUSED]
)
def test_a_call_that_cannot_be_answered_says_why_and_how_to_go_on(function, call, told):
    with pytest.raises(PlanningError) as refusal:
        function(**call)

    message = str(refusal.value)
    for words in told:
        assert words in message
    assert "A call of this kind that works: soc." in message
    assert len(refusal.value.problems) == len(refusal.value.faults) >= 1


@pytest.mark.parametrize(
    ("function", "call"), [(f, c) for f, c, _ in REFUSED], ids=[str(c) for _, c, _ in REFUSED]
)
def test_the_call_shown_in_a_refusal_works(function, call):
    with pytest.raises(PlanningError) as refusal:
        function(**call)

    shown = str(refusal.value).rsplit("that works: ", 1)[1]
    assert eval(shown, {"soc": soc}).n_total > 0


def test_every_way_shown_when_nothing_was_said_works():
    for function in (soc.sample_size, soc.power, soc.detectable_difference):
        with pytest.raises(PlanningError) as refusal:
            function()
        ways = [line for line in str(refusal.value).splitlines() if line.startswith("    ")]
        assert len(ways) >= 7
        for way in ways:
            assert eval(way.split(": ", 1)[1], {"soc": soc}).n_total > 0


def test_when_the_losses_leave_nothing_to_test_it_is_refused():
    with pytest.raises(TooSmallToPlanError, match=r"1\.2 and 1\.2 people would be analysed"):
        soc.power(d=0.5, n_per_arm=2, dropout=0.4)
    with pytest.raises(TooSmallToPlanError, match="at least 3 of them in each arm"):
        soc.power(d=0.5, r=0.6, n_per_arm=2)
    with pytest.raises(TooSmallToPlanError, match="1 and 1 clusters"):
        soc.power(d=0.5, clusters_per_arm=3, lost_clusters=2, cluster_size=9, icc=0.1)


def test_a_difference_too_small_for_any_size_is_refused():
    with pytest.raises(OutOfReachError, match="a thousand million people"):
        soc.sample_size(d=1e-7)


def test_none_is_as_good_as_leaving_a_keyword_out():
    assert soc.sample_size(d=0.5, r=None).n_total == soc.sample_size(d=0.5).n_total


def test_frames_are_pandas_and_unrounded():
    planned = soc.sample_size(d=0.37, dropout=0.15)

    assert isinstance(planned.to_frame(), pd.DataFrame)
    assert planned.to_frame()["exact"][0] % 1 > 0

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.change_words import NOT_AN_EFFECT
from socmeasures.designs.individual_change import reliable_change
from socmeasures.designs.published import Norm, Reliability
from socmeasures.designs.study import Study
from socmeasures.errors import (
    CutoffSideError,
    DirectionUnknownError,
    NobodyMeasuredTwiceError,
    PopulationError,
    ReliabilityError,
    SocmeasuresWarning,
    TextOutcomeError,
)

R = Reliability(0.85, kind="test-retest", sd=6.0, source="Author (year), n = 80")
WELL = Norm(mean=8, sd=5, source="Survey (year)")


def _study(before, after, better="lower", **more):
    wide = pd.DataFrame({"y__pre": before, "y__post": after, **more.pop("columns", {})})
    return Study.from_wide(
        wide.assign(id=range(len(wide))), person="id", waves=["pre", "post"],
        better={"y": better} if better else None, **more,
    )  # fmt: skip


def _clients(n=60, seed=4, **more):
    rng = np.random.default_rng(seed)
    before = np.round(rng.normal(24, 5, n))
    return _study(before, np.round(before - 3 + rng.normal(0, 4, n)), **more)


def test_counts_stand_beside_those_expected_by_chance():
    result = reliable_change(_clients(), "y", reliability=R)
    table = result.to_frame().set_index("category")
    assert table["n"].sum() == 60
    assert table["expected_n"].sum() == pytest.approx(60)
    assert table.loc["worse", "expected_n"] == pytest.approx(60 * 0.025, rel=0.01)
    assert "expected with no change" in result.summary
    assert NOT_AN_EFFECT in result.summary
    assert result.notes[0] == NOT_AN_EFFECT
    assert len(result.people) == 60
    assert (result.people["category"] == "better").sum() == table.loc["better", "n"]


def test_the_smallest_change_is_rounded_up_to_a_possible_one():
    wide = pd.DataFrame(
        {"id": range(4), "ucla3_total__pre": [9, 8, 7, 3], "ucla3_total__post": [6, 6, 7, 3]}
    )
    study = Study.from_wide(wide, person="id", waves=["pre", "post"])
    r = Reliability(0.81, kind="internal consistency", sd=1.8137, source="these very people")
    result = reliable_change(study, "ucla3_total", reliability=r)
    assert result.constants["limit"] == pytest.approx(2.19, abs=0.01)
    assert result.constants["smallest_change"] == 3
    assert result.to_frame().set_index("category")["n"].to_dict() == {
        "better": 1,
        "no reliable change": 3,
        "worse": 0,
    }
    assert any("smallest change that can count is 3 points" in n for n in result.notes)
    assert any("wander from one day to the next" in n for n in result.notes)


def test_a_cited_reliability_with_these_peoples_sd_warns_with_the_ratio():
    study = _study(np.arange(30.0) % 5 + 20, np.arange(30.0) % 5 + 19)
    with pytest.warns(SocmeasuresWarning, match=r"0\.24 times"):
        result = reliable_change(study, "y", reliability=R, sd="sample")
    assert any("25 to 44 %" in note for note in result.notes)
    table = result.to_frame().set_index("category")
    assert table.loc["worse", "expected_share"] > 0.2  # measured against the SD of R's group


def test_without_a_known_direction_nobody_is_better_or_worse():
    result = reliable_change(_clients(better=None), "y", reliability=R)
    assert result.to_frame()["category"].tolist() == ["higher", "no reliable change", "lower"]
    with pytest.raises(DirectionUnknownError, match="which direction of 'y' is better"):
        reliable_change(_clients(better=None), "y", reliability=R, cutoff="a")


def test_recovered_is_said_only_with_a_functional_norm():
    with_norm = reliable_change(_clients(), "y", reliability=R, cutoff="c", functional=WELL)
    without = reliable_change(
        _clients(), "y", reliability=R, cutoff=17, cutoff_source="Author (year)"
    )
    assert "recovered" in with_norm.tables["cut-off"]["category"].tolist()
    words = without.tables["cut-off"]["category"].tolist()
    assert "recovered" not in words
    assert "better and now below the cut-off" in words
    assert any("nobody is called recovered" in n for n in without.notes)


def test_percent_change_sets_aside_those_who_started_at_zero():
    result = reliable_change(_study([0, 10, 10], [1, 4, 9]), "y", reliability=R, percent=50)
    table = result.tables["by per cent of the score before"].set_index("category")
    assert table.loc["better", "n"] == 1
    assert table["n_pairs"].iloc[0] == 2
    assert any("1 people scored 0" in n or "1 person scored 0" in n for n in result.notes)


def test_every_method_stands_beside_the_first_and_says_what_is_missing():
    result = reliable_change(_clients(), "y", reliability=R, sensitivity=True)
    methods = result.tables["by every method"]["method"].unique().tolist()
    assert methods[0] == "jacobson-truax"
    assert len(methods) == 5
    assert any("post_reliability" in note for note in result.notes)
    own = reliable_change(
        _clients(), "y", reliability=R, sensitivity=True, post_reliability=0.8, post_sd="own"
    )
    assert own.tables["by every method"]["method"].nunique() == 6


def test_intervals_are_by_site_from_five_sites_on():
    columns = {"site": [f"s{k}" for k in np.arange(60) % 6]}
    rng = np.random.default_rng(2)
    before = np.round(rng.normal(24, 5, 60))
    shift = np.repeat(rng.normal(-3, 5, 10), 6)
    study = _study(
        before, np.round(before + shift), columns=columns, cluster="site",
        allocation="individual",
    )  # fmt: skip
    result = reliable_change(study, "y", reliability=R)
    assert "CR2 by site" in result.to_frame()["method"].iloc[0]
    assert set(result.tables["by site"]["site"]) == {f"s{k}" for k in range(6)}
    few = _study(
        before, before - 3, columns={"site": ["a", "b"] * 30}, cluster="site",
        allocation="individual",
    )  # fmt: skip
    assert any("fewer than 5 sites" in n for n in reliable_change(few, "y", reliability=R).notes)


def test_arms_allocated_by_cluster_are_compared_by_the_clusters_shares():
    columns = {"arm": ["x", "y"] * 30, "site": [f"{a}{k}" for k in range(30) for a in "xy"]}
    study = _clients()
    wide = study.data.assign(arm=np.tile(columns["arm"], 2), site=np.tile(columns["site"], 2))
    clustered = Study(
        wide, person="id", wave="wave", waves=["pre", "post"], arm="arm", control="y",
        cluster="site", allocation="cluster", better={"y": "lower"},
    )  # fmt: skip
    result = reliable_change(clustered, "y", reliability=R)
    difference = result.tables["difference between arms"]
    assert difference["method"].str.startswith("t test of 60 cluster means").all()
    assert any("Whole clusters were allocated" in n for n in result.notes)


@pytest.mark.parametrize("value", [0, -0.2, 1.2, float("nan"), True])
def test_a_reliability_outside_its_range_is_refused(value):
    with pytest.raises(ReliabilityError, match="above 0 and not above 1"):
        Reliability(value, kind="test-retest", source="x")


def test_what_reliable_change_cannot_do_without_is_asked_for():
    study = _clients()
    with pytest.raises(ReliabilityError, match="needs a reliability, and none was given"):
        reliable_change(study, "y")
    bare = Reliability(0.8, kind="test-retest", source="x")
    with pytest.raises(ReliabilityError, match="needs the SD of the group"):
        reliable_change(study, "y", reliability=bare)
    with pytest.raises(PopulationError, match="without source="):
        reliable_change(study, "y", reliability=bare, sd=5)
    with pytest.raises(PopulationError, match="without source="):
        reliable_change(study, "y", sem=2)
    with pytest.raises(PopulationError, match="without source="):
        Reliability(0.8, kind="test-retest", source=" ")
    with pytest.raises(ReliabilityError, match="not a kind of reliability"):
        Reliability(0.8, kind="alpha", source="x")
    with pytest.raises(ReliabilityError, match="no measurement error"):
        reliable_change(study, "y", reliability=Reliability(1, kind="test-retest", source="x"))
    with pytest.raises(ReliabilityError, match="is above 0"):
        reliable_change(study, "y", sem=0, sem_source="x")
    with pytest.raises(PopulationError, match="cites no minimal important"):
        reliable_change(study, "y", reliability=R, minimal_important="cited")
    with pytest.raises(PopulationError, match="needs functional="):
        reliable_change(study, "y", reliability=R, cutoff="b")


def test_a_cut_off_on_the_wrong_side_is_refused():
    with pytest.raises(CutoffSideError, match="on the wrong side"):
        reliable_change(_clients(), "y", reliability=R, cutoff=30, cutoff_source="x")
    with pytest.raises(CutoffSideError, match="Where higher is better it lies above"):
        reliable_change(_clients(better="higher"), "y", reliability=R, cutoff=17, cutoff_source="x")


def test_nobody_measured_twice_and_text_are_refused():
    with pytest.raises(NobodyMeasuredTwiceError, match="Nobody has 'y' both"):
        reliable_change(_study([1.0, None], [None, 2.0]), "y", reliability=R)
    with pytest.raises(TextOutcomeError, match="holds text"):
        reliable_change(_study(["a", "b"], ["c", "d"]), "y", reliability=R)


def test_one_pair_is_counted_without_more():
    result = reliable_change(_study([20.0, 21], [9.0, None]), "y", reliability=R)
    assert result.to_frame().set_index("category").loc["better", ["n", "n_pairs"]].tolist() == [
        1,
        1,
    ]


def test_the_cited_minimal_important_difference_comes_with_its_source():
    wide = pd.DataFrame(
        {"id": range(4), "wemwbs_total__pre": [40, 41, 50, 38],
         "wemwbs_total__post": [43, 42, 46, 45]}
    )  # fmt: skip
    study = Study.from_wide(wide, person="id", waves=["pre", "post"])
    result = reliable_change(
        study, "wemwbs_total", sem=3, sem_source="any", minimal_important="cited"
    )
    table = result.tables["by a minimal important change"]
    assert table["source"].str.len().min() > 0
    assert table["n"].sum() == 4


def _selected_service(rng, *, mean=40.0, sd=10.0, r=0.7, cut=45.0, people=80):
    """A service whose clients all scored at least `cut` when they came; nothing then happened."""
    before = rng.normal(mean, sd, 40 * people)
    before = before[before >= cut][:people]
    after = mean + r * (before - mean) + sd * np.sqrt(1 - r**2) * rng.normal(size=len(before))
    return before, after


def test_a_thousand_services_that_did_nothing():
    """Selected by a cut-off, no effect: the expected shift is right, and so are the counts."""
    from socmeasures.effects.individual_change import (
        CRITICAL,
        chance_of_counting,
        reliable_change_index,
        standard_error_of_measurement,
    )
    from socmeasures.effects.selection import expected_shift

    rng = np.random.default_rng(2026)
    misses, better, expected, plain = [], 0, 0.0, 0
    for _ in range(1_000):
        before, after = _selected_service(rng)
        shift = expected_shift(before.mean(), mean=40, r=0.7).expected_change
        misses.append((after - before).mean() - shift)
        sem = standard_error_of_measurement(before.std(ddof=1), 0.7)  # what sd="sample" takes
        better += reliable_change_index(after, before, sem=sem).lower
        limit = CRITICAL * np.sqrt(2) * sem
        expected += chance_of_counting(before, limit=limit, sem=sem, population=(40, 10), r=0.7)[
            1
        ].sum()
        plain += len(before)
    assert abs(np.mean(misses)) < 0.02 * 10
    assert better / plain > 0.25  # a quarter or more "reliably improved" when nothing happened
    assert better == pytest.approx(expected, rel=0.02)


def test_one_such_service_is_warned_and_told_the_chance_count():
    before, after = _selected_service(np.random.default_rng(5))
    everybody = Norm(mean=40, sd=10, n=900, source="all referrals")
    r = Reliability(0.7, kind="test-retest", sd=10, source="Author (year)")
    with pytest.warns(SocmeasuresWarning, match="times that of the group"):
        result = reliable_change(
            _study(before, after), "y", reliability=r, sd="sample", population=everybody
        )
    row = result.to_frame().set_index("category").loc["better"]
    assert row["n"] == pytest.approx(row["expected_n"], abs=3 * np.sqrt(row["expected_n"]))
    assert f"about {row['expected_n']:.0f}" in result.summary
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        right = reliable_change(_study(before, after), "y", reliability=r, population=everybody)
    assert right.to_frame().set_index("category").loc["better", "n"] < row["n"]


def test_the_picture_has_words_for_those_who_cannot_see_it():
    from socmeasures.drawing.style import alt_text

    figure = reliable_change(_clients(), "y", reliability=R, cutoff="a").plot()
    assert "60 people" in alt_text(figure)
    assert "cut-off" in alt_text(figure)

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.published import Norm
from socmeasures.designs.regression_to_mean import regression_to_the_mean
from socmeasures.designs.study import Study
from socmeasures.errors import (
    NobodyMeasuredTwiceError,
    OnePairError,
    PopulationError,
    SampleMeanError,
    ScoresError,
)

EVERYBODY = Norm(mean=40, sd=10, n=900, source="all referrals of 2025")


def _selected(n=300, seed=3):
    rng = np.random.default_rng(seed)
    before = rng.normal(40, 10, 20 * n)
    before = before[before >= 45][:n]
    after = 40 + 0.7 * (before - 40) + 10 * np.sqrt(0.51) * rng.normal(size=n)
    return _study(before, after), before


def _study(before, after):
    wide = pd.DataFrame({"id": range(len(before)), "y__pre": before, "y__post": after})
    return Study.from_wide(wide, person="id", waves=["pre", "post"])


def test_observed_and_expected_stand_side_by_side_and_their_difference_is_no_effect():
    study, _ = _selected()
    result = regression_to_the_mean(
        study, "y", population=EVERYBODY, r=0.7, r_source="Author (year)", r_n=120, cutoff=45
    )
    table = result.to_frame().set_index("term")
    expected = table.loc["expected without any effect"]
    assert expected["estimate"] == pytest.approx(-3.42, abs=0.3)
    assert expected["ci_low"] < expected["estimate"] < expected["ci_high"]
    assert abs(table.loc["observed minus expected", "estimate"]) < 1.5
    assert any("is not the effect of the programme" in n for n in result.notes)
    normal = result.tables["if scores were normal"].loc[0, "estimate"]
    assert normal == pytest.approx(-3.4232, abs=1e-3)


def test_without_sizes_there_is_no_interval_and_without_sources_no_number():
    study, _ = _selected()
    unsized = Norm(mean=40, sd=10, source="all referrals")
    row = regression_to_the_mean(study, "y", population=unsized, r=0.7, r_source="x").to_frame()
    assert np.isnan(row.loc[1, "ci_low"])
    bare = regression_to_the_mean(study, "y")
    assert bare.to_frame()["term"].tolist() == ["observed change"]
    table = bare.tables["possible values"]
    assert [c for c in table if c.startswith("r = ")] == [
        "r = 0.5", "r = 0.6", "r = 0.7", "r = 0.8", "r = 0.9"
    ]  # fmt: skip
    assert any("No number is given" in n for n in bare.notes)


def test_the_samples_own_mean_is_refused():
    study, before = _selected()
    own = Norm(mean=float(before.mean()), sd=5, source="our clients")
    with pytest.raises(SampleMeanError, match="everybody BEFORE selection"):
        regression_to_the_mean(study, "y", population=own, r=0.7, r_source="x")
    typed = Norm(mean=round(float(before.mean()), 2), sd=5, source="our clients")
    with pytest.raises(SampleMeanError, match="always nearly 0, and wrong"):
        regression_to_the_mean(study, "y", population=typed, r=0.7, r_source="x")


def test_a_guess_from_the_selected_alone_is_labelled_as_one():
    study, _ = _selected(n=2000)
    result = regression_to_the_mean(
        study, "y", guess_population=True, cutoff=45, r=0.7, r_source="x"
    )
    assert any("a guess from the selected people alone" in n for n in result.notes)
    expected = result.to_frame().loc[1, "estimate"]
    assert -7 < expected < -1
    with pytest.raises(PopulationError, match="needs cutoff="):
        regression_to_the_mean(study, "y", guess_population=True)
    with pytest.raises(ScoresError, match="other side of the cut-off"):
        regression_to_the_mean(study, "y", guess_population=True, cutoff=50)


def test_impossible_inputs_are_refused():
    study, _ = _selected()
    with pytest.raises(PopulationError, match="not a correlation over the follow-up"):
        regression_to_the_mean(study, "y", population=EVERYBODY, r=1.3, r_source="x")
    with pytest.raises(PopulationError, match="r is given without source="):
        regression_to_the_mean(study, "y", population=EVERYBODY, r=0.7)
    with pytest.raises(PopulationError, match="is not a standard deviation"):
        Norm(mean=40, sd=0, source="x")
    with pytest.raises(OnePairError, match="Only 1 person"):
        regression_to_the_mean(_study([1.0, 2], [1.0, None]), "y")
    with pytest.raises(NobodyMeasuredTwiceError, match="Nobody has"):
        regression_to_the_mean(_study([1.0, None], [None, 2.0]), "y")

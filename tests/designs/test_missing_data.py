"""Sensitivity to missing outcomes."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.demo.trial import WAVES, simulated_trial
from socmeasures.designs.missing_data import missing_sensitivity
from socmeasures.designs.one_group import pre_post
from socmeasures.designs.repeated import mmrm
from socmeasures.designs.study import Study
from socmeasures.designs.trial import ancova
from socmeasures.errors import NoStandardErrorError, WaveNotFoundError


@pytest.fixture
def study():
    return Study(
        simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
        control="usual care", allocation="individual", better={"loneliness": "lower"},
    )  # fmt: skip


def test_a_delta_of_none_is_the_result_itself(study):
    result = mmrm(study, "loneliness")
    row = result.to_frame().iloc[-1]
    for found in missing_sensitivity(result, deltas=[0.0]).to_frame().to_dict("records"):
        assert found["estimate"] == row["estimate"]
        assert found["ci_low"] == pytest.approx(row["ci_low"])


def test_the_difference_moves_by_delta_times_the_share_missing(study):
    result = ancova(study, "loneliness", wave="12m")
    data = study.data
    seen = data[data["wave"] == "12m"].groupby("arm")["id"].nunique()
    pi = 1 - seen / 45
    base = result.to_frame()["estimate"][0]
    rows = missing_sensitivity(result, deltas=[2.0]).to_frame().set_index("scenario")["estimate"]
    t, c = pi["befriending"], pi["usual care"]
    assert rows["treated arm only"] == pytest.approx(base + 2 * t)
    assert rows["control arm only"] == pytest.approx(base - 2 * c)
    assert rows["both arms"] == pytest.approx(base + 2 * (t - c))


def test_at_the_tipping_value_the_interval_ends_at_zero(study):
    result = mmrm(study, "loneliness")
    tips = missing_sensitivity(result, deltas=[0]).tables["tipping values"]
    value = tips.set_index("scenario").loc["treated arm only", "tipping_value"]
    row = (
        missing_sensitivity(result, deltas=[value])
        .to_frame()
        .set_index("scenario")
        .loc["treated arm only"]
    )
    assert min(abs(row["ci_low"]), abs(row["ci_high"])) == pytest.approx(0, abs=1e-8)


def test_without_missing_outcomes_nothing_tips():
    full = Study(
        simulated_trial(40, drop_out=0), person="id", wave="wave", waves=WAVES, arm="arm",
        control="usual care", allocation="individual",
    )  # fmt: skip
    found = missing_sensitivity(ancova(full, "loneliness", wave="12m"), deltas=[-5, 5])
    assert np.isnan(found.tables["tipping values"]["tipping_value"]).all()
    assert found.to_frame()["estimate"].nunique() == 1


def test_other_results_and_time_points_are_refused(study):
    with pytest.raises(WaveNotFoundError):
        missing_sensitivity(mmrm(study, "loneliness"), deltas=[1], wave="9m")
    with pytest.raises(NoStandardErrorError):
        missing_sensitivity(pre_post(study, "loneliness", waves=["baseline", "6m"]), deltas=[1])

"""What a cluster trial refuses: what is wrong, where, how to go on, all of it at once."""

from __future__ import annotations

import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.demo.clusters import simulated_cluster_trial, simulated_volunteers
from socmeasures.designs.clustered import cluster_trial
from socmeasures.designs.study import Study
from socmeasures.errors import (
    ChoiceError,
    ClusterEngineError,
    ClusterTrialError,
    ControlNotNamedError,
    FewAllocationsError,
    NotAClusterTrialError,
    OneArmError,
    OutcomeNotFoundError,
    PerfectFitError,
    WaveNotFoundError,
)


@pytest.fixture(scope="module")
def data():
    return simulated_cluster_trial(agencies=8, people=6)


def _study(data, **more):
    options = {
        "person": "id", "wave": "wave", "waves": ["start", "6m", "12m"], "arm": "arm",
        "control": "usual care", "cluster": "agency", "allocation": "cluster",
    }  # fmt: skip
    return Study(data, **{**options, **more})


def _refused(study, **options):
    with pytest.raises(ClusterTrialError) as refusal:
        cluster_trial(study, "loneliness", **{"wave": "6m", **options})
    return refusal.value


def test_clusters_of_both_arms_and_people_without_one_are_told_together_with_rows(data):
    wrong = data.copy()
    wrong.loc[wrong["id"] == "p001", "arm"] = "usual care"
    wrong.loc[wrong["id"] == "p001", "agency"] = "agency 01"
    wrong.loc[data["agency"] == "agency 01", "arm"] = "befriending"
    wrong.loc[wrong["id"] == "p001", "arm"] = "usual care"
    wrong.loc[wrong["id"] == "p010", "agency"] = None
    refusal = _refused(_study(wrong))
    text = str(refusal)
    assert text.startswith("2 faults in this cluster trial")
    assert "1 cluster has people of more than one arm ('agency'): agency 01" in text
    assert "usual care 1 person" in text
    assert "1 person has no cluster in 'agency': p010 (row " in text
    assert "allocation='individual' and use ancova" in text
    problems = refusal.problems
    rows = problems.loc[problems["person"] == "p010", "row"].tolist()
    assert rows == [int(i) + 1 for i in data.index[data["id"] == "p010"]]
    assert problems["message"].str.contains("has people of both arms").any()


def test_one_cluster_in_an_arm_is_refused_before_and_after_people_are_lost(data):
    treated = data.loc[data["arm"] == "befriending", "agency"].unique()
    few = data[~data["agency"].isin(treated[1:])]
    text = str(_refused(_study(few)))
    assert "fewer than 2 clusters (befriending 1, usual care 4)" in text
    assert "do not compare the arms" in text
    gone = data["agency"].isin(treated[1:]) & (data["wave"] == "6m")
    text = str(_refused(_study(data[~gone]), baseline=None))
    assert "at 6m, among people with a score" in text


def test_a_permutation_test_of_three_against_three_prints_its_smallest_p(data):
    arms = data.groupby("arm")["agency"].unique()
    kept = [name for names in arms for name in names[:3]]
    study = _study(data[data["agency"].isin(kept)])
    with pytest.raises(FewAllocationsError, match=r"smallest p value is 0\.1,"):
        cluster_trial(study, "loneliness", wave="6m", engine="permutation")


def test_pairs_that_are_none_are_listed(data):
    wrong = data.copy()
    wrong.loc[wrong["pair"] == "pair 2", "pair"] = "pair 1"
    text = str(_refused(_study(wrong), pairs="pair"))
    assert "1 pair is not one cluster of each arm ('pair'): pair 1: befriending 2" in text
    assert "strata=[...]" in text
    wrong = data.copy()
    wrong.loc[wrong["id"] == "p001", "pair"] = "pair 9"
    assert "1 cluster is in more than one pair" in str(_refused(_study(wrong), pairs="pair"))
    wrong.loc[wrong["id"] == "p002", "pair"] = None
    assert "1 person has no pair in 'pair': p002" in str(_refused(_study(wrong), pairs="pair"))


def test_a_stratum_that_differs_within_a_cluster_is_refused(data):
    wrong = data.copy()
    wrong.loc[wrong["id"] == "p001", "region"] = "elsewhere"
    text = str(_refused(_study(wrong, strata="region")))
    assert "the stratum 'region' differs within 1 cluster" in text
    assert "covariates=" in text


def test_schemes_that_do_not_name_the_clusters_are_refused(data):
    study = _study(data)
    schemes = pd.DataFrame({"agency 01": [1, 0]})
    text = str(_refused(study, engine="permutation", schemes=schemes))
    assert "no column for 7 clusters" in text
    assert "no DataFrame" in str(_refused(study, engine="permutation", schemes=[[1, 0]]))


def test_choices_that_are_not_on_offer(data):
    study = _study(data)
    for name, value in (
        ("engine", "lmer"), ("variance", "free"), ("df", "z"), ("information", "x"),
        ("working", "ar1"), ("correction", "bc"), ("cluster_weights", "size"),
        ("adjustment", "bonferroni"), ("family", "all"), ("missing_baseline", "x"),
    ):  # fmt: skip
        with pytest.raises(ChoiceError, match=f"{name}='"):
            cluster_trial(study, "loneliness", wave="6m", **{name: value})


def test_time_points_and_columns_that_are_not_there(data):
    study = _study(data)
    with pytest.raises(WaveNotFoundError, match="no time point '9m'"):
        cluster_trial(study, "loneliness", wave="9m")
    with pytest.raises(WaveNotFoundError, match="must come earlier"):
        cluster_trial(study, "loneliness", wave="start")
    with pytest.raises(OutcomeNotFoundError, match="no outcome 'lonelines'"):
        cluster_trial(study, "lonelines", wave="6m")
    with pytest.raises(OutcomeNotFoundError, match="no column 'pears'"):
        cluster_trial(study, "loneliness", wave="6m", pairs="pears")


def test_studies_without_arms_control_or_clusters(data):
    with pytest.raises(OneArmError):
        cluster_trial(_study(data, arm=None, control=None), "loneliness", wave="6m")
    with pytest.raises(ControlNotNamedError):
        cluster_trial(_study(data, control=None), "loneliness", wave="6m")
    individual = _study(data, cluster=None, allocation="individual")
    with pytest.raises(NotAClusterTrialError, match="use ancova or mmrm"):
        cluster_trial(individual, "loneliness", wave="6m")


# ------------------------------------------------------------------ groups in one arm


def _volunteers(data, **more):
    options = {
        "person": "id", "wave": "wave", "waves": ["start", "6m"], "arm": "arm",
        "control": "usual care", "facilitator": "volunteer", "allocation": "individual",
    }  # fmt: skip
    return Study(data, **{**options, **more})


def test_a_facilitator_of_both_arms_is_named_with_people_and_rows():
    data = simulated_volunteers()
    person = data.loc[data["arm"] == "usual care", "id"].iloc[0]
    data.loc[data["id"] == person, "volunteer"] = "v01"
    with pytest.raises(ClusterTrialError) as refusal:
        cluster_trial(_volunteers(data), "loneliness")
    text = str(refusal.value)
    assert "1 facilitator serves people of more than one arm ('volunteer'): v01" in text
    assert "usual care 1 person" in text
    assert person in set(refusal.value.problems["person"])
    assert refusal.value.problems["row"].notna().all()


def test_facilitators_in_each_arm_belong_to_another_model():
    data = simulated_volunteers()
    control = data["arm"] == "usual care"
    data.loc[control, "volunteer"] = "w" + (data[control].index // 8).astype(str)
    with pytest.raises(ClusterTrialError, match="cluster='volunteer', allocation='cluster'"):
        cluster_trial(_volunteers(data), "loneliness")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.assign(volunteer=None), "nobody has a facilitator"),
        (lambda d: d.assign(volunteer=d["volunteer"].where(d["volunteer"].isna(), "v1")),
         "befriending has one facilitator"),
        (lambda d: d.assign(volunteer=d["id"].where(d["volunteer"].notna())),
         "served one person, so there are no groups"),
    ],
)  # fmt: skip
def test_facilitators_that_make_no_groups(change, said):
    with pytest.raises(ClusterTrialError, match=said):
        cluster_trial(_volunteers(change(simulated_volunteers())), "loneliness")


def test_only_the_mixed_model_serves_groups_in_one_arm():
    study = _volunteers(simulated_volunteers())
    with pytest.raises(ClusterEngineError, match="Use engine='mixed'"):
        cluster_trial(study, "loneliness", engine="gee")


def test_groups_in_one_arm_are_compared_at_one_time_point_and_by_scores():
    data = simulated_volunteers()
    late = data[data["wave"] == "6m"].assign(wave="12m")
    study = _volunteers(pd.concat([data, late]), waves=["start", "6m", "12m"])
    with pytest.raises(ClusterEngineError, match="Name one, wave='12m'"):
        cluster_trial(study, "loneliness")
    for options in ({"at_least": 12}, {"pairs": "volunteer"}):
        with pytest.raises(ClusterEngineError, match="does not go with groups in one arm"):
            cluster_trial(study, "loneliness", wave="6m", **options)


def test_choices_of_another_engine_are_refused_and_not_ignored(data):
    study = _study(data)
    schemes = pd.DataFrame({"agency 01": [1, 0]})
    for engine, options in (
        ("mixed", {"schemes": schemes}),
        ("gee", {"variance": "unbounded"}),
        ("cr2", {"correction": "morel", "working": "independence"}),
        ("cluster-means", {"df": "satterthwaite"}),
        ("permutation", {"cluster_weights": "minimum-variance"}),
    ):
        with pytest.raises(ClusterEngineError, match="nothing with engine=") as refusal:
            cluster_trial(study, "loneliness", wave="6m", engine=engine, **options)
        assert all(f"{name}=" in str(refusal.value) for name in options)


@pytest.mark.parametrize("engine", ["mixed", "gee", "cr2"])
def test_an_outcome_that_is_a_copy_of_a_covariate_is_refused(data, engine):
    study = _study(data.assign(loneliness=2 * data["age"] + 1.0))
    with pytest.raises(PerfectFitError):
        cluster_trial(
            study, "loneliness", wave="6m", engine=engine, baseline=None, covariates="age"
        )


def test_dunnetts_intervals_are_for_one_time_point(data):
    with pytest.raises(ClusterEngineError, match="one time point"):
        cluster_trial(_study(data), "loneliness", family="primary", adjustment="dunnett")


def test_every_refusal_is_one_of_ours(data):
    with pytest.raises(soc.SocmeasuresError):
        soc.cluster_trial(_study(data), "loneliness", engine="nothing")

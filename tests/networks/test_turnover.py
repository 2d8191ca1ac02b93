"""Kept, lost and gained contacts, and when they cannot be told."""

from __future__ import annotations

import pandas as pd
import pytest

from socmeasures.errors import NetworkPoolError, RecordError, TurnoverError, WaveNotFoundError
from socmeasures.networks.description import describe_networks, describe_profile, pool_networks
from socmeasures.networks.indices import score_network
from socmeasures.networks.reading import read_network
from socmeasures.networks.turnover import network_turnover
from tests.networks import golden


@pytest.fixture
def network():
    return read_network(golden.second_wave(), persons=golden.both_waves())


def test_the_worked_example_of_two_time_points(network):
    row = network_turnover(network).people.set_index("person_id").loc["w"]

    wanted = {
        "kept": 4, "lost": 4, "gained": 2, "jaccard": 0.4, "turnover": 6 / 14,
        "became_confidant": 1, "ceased_confidant": 1, "moved_outside": 1, "moved_inside": 0,
    }  # fmt: skip
    assert row[[f"sns_{k}" for k in wanted]].tolist() == pytest.approx(list(wanted.values()))


def test_nobody_named_twice_has_no_jaccard_and_no_interview_has_nothing(network):
    people = network_turnover(network).people.set_index("person_id")

    assert people.loc["x", "sns_kept"] == 0
    assert people.loc["x", ["sns_jaccard", "sns_turnover"]].isna().all()
    assert people.loc["y"].isna().all()


def test_every_turnover_says_that_lost_includes_forgotten(network):
    turnover = network_turnover(network)

    assert "forgotten" in str(turnover)
    assert "not interviewed at both" in turnover.notes[-1]
    assert turnover.contacts["change"].value_counts().to_dict() == {
        "kept": 4, "lost": 4, "gained": 2
    }  # fmt: skip


def test_contacts_without_identifiers_are_refused_with_their_rows():
    rows = golden.second_wave()
    rows.loc[3, "contact_id"] = None
    network = read_network(rows, persons=golden.both_waves())

    with pytest.raises(TurnoverError, match="1 of 14 contacts have no contact_id") as refusal:
        network_turnover(network)
    assert refusal.value.problems[["row", "person", "wave"]].values.tolist() == [[4, "w", "1"]]


def test_running_numbers_are_no_identifiers_unless_the_caller_says_so():
    rows = golden.second_wave()
    rows["contact_id"] = rows.groupby("wave").cumcount() + 1
    rows = rows.drop(columns="sex")
    network = read_network(rows, persons=golden.both_waves())

    with pytest.raises(TurnoverError, match="place in the list"):
        network_turnover(network)
    assert network_turnover(network, stable_ids=True).people["sns_kept"].iloc[0] == 6
    with pytest.raises(TurnoverError, match="stable_ids=False"):
        network_turnover(network, stable_ids=False)


def test_one_identifier_of_two_sexes_is_refused():
    rows = golden.second_wave()
    rows.loc[(rows["wave"] == "2") & (rows["contact_id"] == "c1"), "sex"] = "M"
    network = read_network(rows, persons=golden.both_waves())

    with pytest.raises(TurnoverError, match="two people"):
        network_turnover(network)


def test_relabelling_contacts_changes_turnover_only():
    rows = golden.second_wave()
    other = rows.assign(contact_id=rows["contact_id"] + rows["wave"])
    here, there = (read_network(r, persons=golden.both_waves()) for r in (rows, other))

    pd.testing.assert_frame_equal(score_network(here), score_network(there))
    assert network_turnover(there).people["sns_kept"].iloc[0] == 0


def test_time_points_must_be_there_and_in_order(network):
    with pytest.raises(WaveNotFoundError, match="does not come after"):
        network_turnover(network, "2", "1")
    with pytest.raises(WaveNotFoundError, match="no time point '3'"):
        network_turnover(network, "1", "3")


def test_descriptions_give_medians_and_zeros(network):
    table = describe_networks(score_network(network), indices=["sns_size"])

    assert table[["n", "n_missing", "median", "zero_share"]].values.tolist() == [
        [2, 1, 4, 0.5], [2, 1, 3, 0.5]
    ]  # fmt: skip


def test_a_profile_stands_in_the_place_of_a_type(network):
    profile = describe_profile(score_network(network), "w", "1").set_index("index")["value"]

    assert (profile["sns_size"], profile["sns_n_group_peer"]) == (8, 2)


def test_studies_scored_in_different_ways_are_not_pooled(network):
    one, other = score_network(network), score_network(network, frame="prism3", cap=5)

    with pytest.raises(NetworkPoolError) as refusal:
        pool_networks({"A": one, "B": other})
    text = str(refusal.value)
    assert "frame: A full; B prism3" in text
    assert "cap: A none; B 5" in text
    assert len(pool_networks({"A": one, "B": one})) == 12
    with pytest.raises(RecordError, match="'B' carries no record"):
        pool_networks({"A": one, "B": pd.DataFrame(one.to_dict("list"))})

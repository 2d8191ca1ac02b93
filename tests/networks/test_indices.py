"""Indices of a network: the worked example, what is undefined, and what changes nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socmeasures.designs.study import Study
from socmeasures.errors import ChoiceError, NetworkColumnsError, NetworkIndexError
from socmeasures.networks.indices import score_network
from socmeasures.networks.reading import read_network
from socmeasures.networks.vocabulary import FREQUENCIES, RELATIONS
from socmeasures.scoring.record import scoring_record
from tests.networks import golden

WANTED = {
    "size": 8, "n_kin": 2, "n_nonkin": 6, "n_professional": 1, "n_friends": 2,
    "prop_friends": 2 / 7, "prop_friends_known": 7, "n_confidants": 3, "n_missed": 4,
    "n_active": 5, "n_active_known": 7, "n_weekly_plus": 6, "n_daily": 2, "n_inside": 3,
    "n_outside": 5, "prop_outside": 0.625, "n_outside_confidants": 2, "n_relation_types": 7,
    "n_relation_groups": 5, "blau": 0.78125, "iqv": 0.9765625, "entropy2": 2.25,
    "multiplexity_mean": 10 / 7, "prop_multiplex": 3 / 7, "multiplexity_known": 7,
    "density": 4 / 28, "density_weighted": 3 / 28, "n_ties": 4, "ei_sex": -1 / 7,
    "ei_sex_known": 7, "any_confidant": 1, "any_outside_confidant": 1,
}  # fmt: skip


@pytest.fixture
def network():
    return read_network(golden.contacts(), persons=golden.persons(), ties=golden.ties())


@pytest.fixture
def scored(network):
    return score_network(network).set_index("person_id")


@pytest.mark.parametrize("name", WANTED)
def test_the_worked_example_comes_out_exactly(scored, name):
    assert scored.loc["w", f"sns_{name}"] == pytest.approx(WANTED[name], abs=1e-12)


@pytest.mark.parametrize(
    ("frame", "overlap", "wanted"),
    [
        ("prism3", "role", (0.53125, 0.796875, 1.2987949407)),
        ("prism3", "friend_first", (0.625, 0.9375, 1.5)),
        ("full", "role", (0.78125, 0.9765625, 2.25)),
    ],
)
def test_the_frame_and_the_rule_for_friends_decide_the_diversity(network, frame, overlap, wanted):
    row = score_network(network, frame=frame, overlap=overlap).iloc[0]

    assert tuple(row[["sns_blau", "sns_iqv", "sns_entropy2"]]) == pytest.approx(wanted, abs=1e-9)


def test_somebody_who_named_nobody_has_size_0_and_no_shares(scored):
    row = scored.loc["x"]

    assert row["sns_size"] == row["sns_n_kin"] == row["sns_n_friends"] == row["sns_n_outside"] == 0
    undefined = [
        "prop_friends", "prop_kin", "prop_outside", "blau", "iqv", "entropy2", "density", "ei_sex",
        "multiplexity_mean",
    ]  # fmt: skip
    assert row[[f"sns_{name}" for name in undefined]].isna().all()
    assert row["sns_density_status"] == "fewer_than_2_contacts"


def test_somebody_not_interviewed_has_nothing_at_all(scored):
    numbers = scored.loc["y"].filter(like="sns_").drop(["sns_size_status", "sns_density_status"])

    assert numbers.isna().all()
    assert scored.loc["y", "sns_size_status"] == "not_interviewed"


def test_what_nobody_recorded_is_missing_and_not_0():
    bare = golden.contacts()[["person_id", "wave", "contact_id"]]
    row = score_network(bare, persons=golden.persons()).iloc[0]

    assert row["sns_size"] == 8
    names = ["n_kin", "n_friends", "n_inside", "n_daily", "density", "any_confidant", "blau"]
    assert row[[f"sns_{n}" for n in names]].isna().all()
    assert row["sns_density_status"] == "ties_not_collected"


def test_who_named_nobody_has_no_0_of_what_was_not_asked():
    bare = golden.contacts()[["person_id", "wave", "contact_id", "relation"]]
    row = score_network(bare.assign(is_friend=None), persons=golden.persons()).iloc[1]

    assert (row["sns_size"], row["sns_n_kin"]) == (0, 0)
    names = ["n_friends", "n_confidants", "any_confidant", "n_outside", "n_daily"]
    assert row[[f"sns_{n}" for n in names]].isna().all()


def test_contacts_seen_too_rarely_for_a_month_are_left_out_and_counted():
    rows = golden.contacts().assign(frequency="less")
    row = score_network(rows, persons=golden.persons()).iloc[0]
    kept = score_network(rows, persons=golden.persons(), less_than_monthly="count").iloc[0]
    longer = score_network(rows, persons=golden.persons().assign(window_days=90)).iloc[0]

    assert (row["sns_size"], row["sns_n_below_window"]) == (0, 8)
    assert kept["sns_size"] == longer["sns_size"] == 8


def test_a_cap_cuts_in_the_order_of_the_table_and_says_how_many(network):
    row = score_network(network, cap=3).iloc[0]

    assert (row["sns_size"], row["sns_n_capped"], row["sns_n_kin"]) == (3, 5, 2)


def test_relations_can_be_left_out(network):
    row = score_network(network, exclude=["professional", "shop_or_service"]).iloc[0]

    assert (row["sns_size"], row["sns_n_professional"]) == (6, 0)


def test_a_frame_of_ones_own_groups_what_it_names(network):
    row = score_network(network, frame={"sibling": "family", "parent": "family", "friend": "f"})
    row = row.iloc[0]

    assert (row["sns_n_group_family"], row["sns_n_group_f"], row["sns_n_ungrouped"]) == (2, 1, 5)
    with pytest.raises(NetworkColumnsError, match="'pal' is none of the relations"):
        score_network(network, frame={"pal": "x"})


def test_contacts_a_week_need_the_callers_rates(network):
    rates = {"daily": 7, "several_weekly": 3, "weekly": 1, "fortnightly": 0.5, "monthly": 0.23}

    row = score_network(network, rates=rates).iloc[0]

    assert row["sns_contacts_per_week"] == pytest.approx(14 + 3 + 3 + 0.5 + 0.23)
    with pytest.raises(NetworkIndexError, match="published nowhere"):
        score_network(network, indices=["contacts_per_week"])
    with pytest.raises(NetworkIndexError, match="no number for monthly"):
        score_network(network, rates={k: v for k, v in rates.items() if k != "monthly"})


@pytest.mark.parametrize("asked", ["total", "sns_total", "score", "network_type"])
def test_a_total_and_a_type_are_refused_with_the_reason(network, asked):
    with pytest.raises(NetworkIndexError, match="published"):
        score_network(network, indices=[asked])


def test_only_the_indices_asked_for_are_given(network):
    scored = score_network(network, indices=["size", "sns_density"])

    assert [c for c in scored if c.startswith("sns_")] == ["sns_size", "sns_density"]
    with pytest.raises(ChoiceError, match="sns_sizes"):
        score_network(network, indices=["sizes"])


def test_interviews_with_different_windows_are_not_pooled(network):
    persons = golden.persons().assign(window_days=[31, 7, 31])

    with pytest.raises(NetworkIndexError, match="different windows \\(7, 31 days\\)"):
        score_network(golden.contacts(), persons=persons)
    assert (
        score_network(golden.contacts(), persons=persons, window_days=31)["sns_size"].iloc[0] == 8
    )


def test_the_record_names_frame_direction_and_the_split(network):
    record = scoring_record(score_network(network))

    assert record.column("sns_n_friends").better == "higher"
    assert record.column("sns_size").better == "none"
    assert "frame: full" in record.uses[0].form
    assert any("sns_n_outside" in note for note in record.uses[0].notes)


def test_a_study_takes_the_indices_with_their_meaning(network):
    scored = score_network(read_network(golden.second_wave(), persons=golden.both_waves()))
    study = Study(scored, person="person_id", wave="wave", waves=["1", "2"])

    outcome = study.outcome("sns_n_friends")

    assert (outcome.better, outcome.low) == ("higher", 0)


def test_polars_in_polars_out():
    polars = pytest.importorskip("polars")
    persons, contacts = golden.persons(), golden.contacts()
    scored = score_network(polars.from_pandas(contacts), persons=polars.from_pandas(persons))

    assert isinstance(scored, polars.DataFrame)
    assert scored["sns_size"].to_list() == [8, 0, None]


# ------------------------------------------------------------------- properties


@st.composite
def networks(draw):
    people = draw(st.integers(1, 4))
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, people - 1),
                st.sampled_from(["1", "2"]),
                st.sampled_from([*RELATIONS, None]),
                st.sampled_from([*FREQUENCIES, None]),
                st.sampled_from([True, False, None]),
                st.sampled_from([True, False, None]),
            ),
            max_size=25,
        )
    )
    names = ["person_id", "wave", "relation", "frequency", "is_friend", "inside_service"]
    contacts = pd.DataFrame(rows, columns=names)
    contacts["contact_id"] = [f"k{i}" for i in range(len(contacts))]
    persons = pd.DataFrame(
        [{"person_id": p, "wave": w, "interviewed": True} for w in "12" for p in range(people)]
    )
    return persons, contacts


def numbers(scored):
    return scored.filter(like="sns_").select_dtypes("number")


@settings(max_examples=25, deadline=None)
@given(networks())
def test_adding_a_contact_never_lowers_size(made):
    persons, contacts = made
    more = pd.DataFrame([{"person_id": 0, "wave": "1", "relation": "friend", "contact_id": "new"}])

    before = score_network(contacts, persons=persons)["sns_size"]
    after = score_network(pd.concat([contacts, more]), persons=persons)["sns_size"]

    assert (after - before).tolist() == [1.0] + [0.0] * (len(before) - 1)


@settings(max_examples=25, deadline=None)
@given(networks())
def test_splitting_a_file_by_time_point_changes_nothing(made):
    persons, contacts = made
    whole = score_network(contacts, persons=persons)
    parts = [
        score_network(contacts[contacts["wave"] == w], persons=persons[persons["wave"] == w])
        for w in "12"
    ]

    pd.testing.assert_frame_equal(numbers(whole), numbers(pd.concat(parts, ignore_index=True)))


@settings(max_examples=25, deadline=None)
@given(networks(), st.randoms())
def test_relabelling_contacts_and_shuffling_rows_changes_nothing(made, random):
    persons, contacts = made
    names = [f"other {i}" for i in range(len(contacts))]
    random.shuffle(names)
    again = contacts.assign(contact_id=names).sample(frac=1, random_state=random.randint(0, 9))

    here, there = (numbers(score_network(c, persons=persons)) for c in (contacts, again))

    pd.testing.assert_frame_equal(here, there)
    assert np.array_equal(here["sns_size"].isna(), there["sns_size"].isna())

"""Reading networks: three forms, and every fault of the tables at once."""

from __future__ import annotations

import pandas as pd
import pandera.errors
import pytest

from socmeasures.errors import NetworkColumnsError, NetworkError, WaveNotFoundError
from socmeasures.networks.checks import network_schemas
from socmeasures.networks.indices import score_network
from socmeasures.networks.reading import read_network
from socmeasures.networks.template import write_template
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.sav_writing import write_sav
from tests.networks import golden


def wide() -> tuple[pd.DataFrame, Codebook]:
    data = pd.DataFrame(
        {
            "id": [11, 12, 13],
            "arm": ["new", "usual", "new"],
            "interviewed_t1": [1, 1, 1],
            "interviewed_t2": [1, 0, 1],
            "c1_rel_t1": [1, 2, None],
            "c1_freq_t1": [1, 9, None],
            "c1_inside_t1": [1, 0, None],
            "c2_rel_t1": [2, None, None],
            "c2_freq_t1": [2, None, None],
            "c2_inside_t1": [0, None, None],
            "c1_rel_t2": [2, None, 1],
            "c1_freq_t2": [2, None, 1],
            "c1_inside_t2": [0, None, 0],
        }
    )
    relation = {1: "Brother", 2: "Friend"}
    often = {1: "Every day", 2: "Once a week", 9: "No answer"}
    labels = {c: relation for c in data if "_rel_" in c} | {c: often for c in data if "freq" in c}
    missing = {c: [9] for c in data if "freq" in c}
    return data, Codebook.from_labels(labels, missing=missing)


def test_a_wide_sav_is_read_through_its_value_labels(tmp_path):
    data, book = wide()
    write_sav(data, tmp_path / "wide.sav", codebook=book)

    network = read_network(
        tmp_path / "wide.sav", form="wide", person="id", waves={"start": "t1", "6m": "t2"}
    )
    scored = score_network(network).set_index(["person_id", "wave"])

    assert network.contacts["relation"].tolist() == [
        "sibling", "friend", "friend", "friend", "sibling"
    ]  # fmt: skip
    assert network.contacts["frequency"].tolist() == ["daily", "weekly", None, "weekly", "daily"]
    assert scored["sns_size"].fillna(-1).tolist() == [2, 1, 0, 1, -1, 1]
    assert scored["arm"].tolist() == ["new", "usual", "new"] * 2
    assert network.contacts["contact_id"].isna().all()


@pytest.mark.parametrize("shape", ["t1_c1_rel", "c1_t1_rel", "c1_rel__t1"])
def test_the_time_point_may_stand_in_three_places(shape):
    data = pd.DataFrame({"id": [1], shape: ["friend"]})

    network = read_network(data, form="wide", person="id", waves=["t1"], interviewed=True)

    assert network.contacts[["wave", "relation"]].values.tolist() == [["t1", "friend"]]


def test_a_wide_table_that_does_not_say_who_was_interviewed_is_refused():
    data = pd.DataFrame({"id": [1], "c1_rel": ["friend"], "c1_colour": ["red"]})

    with pytest.raises(NetworkColumnsError) as refusal:
        read_network(data, form="wide", person="who")

    text = str(refusal.value)
    assert "there is no column 'who'" in text
    assert "c1_colour" in text
    assert "nothing says who was interviewed" in text


def test_places_filled_with_zeros_are_refused_or_taken_as_nobody():
    data = pd.DataFrame(
        {"id": [1, 2], "c1_rel": ["friend", None], "c1_friend": [1, 0], "c2_rel": [None, None],
         "c2_friend": [0, 0]}
    )  # fmt: skip
    options = {"form": "wide", "person": "id", "interviewed": True}

    with pytest.raises(NetworkError, match="3 faults") as refusal:
        read_network(data, **options)
    network = read_network(data, **options, empty_slots="drop")

    assert refusal.value.problems["person"].tolist() == [2, 1, 2]
    assert len(network.contacts) == 1
    assert "3 places" in network.notes[0]


def test_the_template_is_read_back_with_what_was_typed_into_it(tmp_path):
    from openpyxl import load_workbook

    file = tmp_path / "contacts.xlsx"
    write_template("network", file)
    book = load_workbook(file)
    book["persons"].append(["p1", "start", "yes"])
    book["persons"].append(["p2", "start", "no"])
    book["contacts"].append(["p1", "start", "k1", "neighbour", None, "weekly", None, "yes"])
    book.save(file)

    scored = score_network(read_network(file))

    assert scored["sns_size"].fillna(-1).tolist() == [1, -1]
    assert scored["sns_n_neighbour"].iloc[0] == scored["sns_n_friends"].iloc[0] == 1


def test_an_empty_template_is_a_network_of_nobody(tmp_path):
    write_template("network", tmp_path / "empty.xlsx")

    assert len(score_network(read_network(tmp_path / "empty.xlsx"))) == 0


def test_without_a_persons_table_named_nobody_and_not_asked_look_alike():
    with pytest.raises(NetworkColumnsError, match="who named nobody from who was not interviewed"):
        read_network(golden.contacts())


def test_every_fault_of_all_tables_comes_at_once_with_place_and_cure():
    persons = pd.DataFrame(
        {
            "person_id": ["a", "a", "b", "c", None],
            "wave": ["1", "1", "1", "1", "1"],
            "interviewed": ["yes", "yes", "no", "perhaps", "yes"],
            "nomination_cap": [1, 1, None, None, None],
            "window_days": [31, 0, None, None, None],
        }
    )
    contacts = pd.DataFrame(
        {
            "person_id": ["a", "a", "a", "b", "z"],
            "wave": ["1"] * 5,
            "contact_id": ["k", "k", "m", "n", "o"],
            "relation": ["friend", "pal", "friend", "friend", "friend"],
            "frequency": ["weekly", "weekly", "hourly", "weekly", "weekly"],
            "is_friend": [1, 0, 2, None, 1],
        }
    )
    ties = pd.DataFrame(
        {
            "person_id": ["a", "a", "a", "a"],
            "wave": ["1"] * 4,
            "contact_a": ["k", "k", "k", "m"],
            "contact_b": ["m", "k", "q", "k"],
            "weight": [1, 1, 3, 0.5],
        }
    )

    with pytest.raises(NetworkError) as refusal:
        read_network(contacts, persons=persons, ties=ties)

    problems = refusal.value.problems
    assert set(problems["rule"]) == {
        "missing_id", "interviewed", "number", "unknown_value", "weight", "duplicate_person_wave",
        "no_person", "not_interviewed", "duplicate_contact", "over_cap", "self_tie",
        "tie_to_nobody", "two_weights",
    }  # fmt: skip
    unknown = problems[problems["rule"] == "unknown_value"]
    assert unknown["column"].tolist() == [
        "contacts.relation", "contacts.frequency", "contacts.is_friend"
    ]  # fmt: skip
    assert unknown["row"].tolist() == [2, 3, 3]
    assert unknown[["person", "wave"]].values.tolist() == [["a", "1"]] * 3
    assert "values={'relation': {'pal': " in unknown["message"].iloc[0]
    assert problems["message"].str.len().min() > 30
    assert "By kind:" in str(refusal.value)


def test_a_value_of_ones_own_is_explained_once():
    contacts = golden.contacts().assign(relation="Kumpel")

    network = read_network(
        contacts, persons=golden.persons(), values={"relation": {"Kumpel": "friend"}}
    )

    assert set(network.contacts["relation"]) == {"friend"}


def test_a_table_without_time_points_beside_others_is_refused():
    with pytest.raises(NetworkColumnsError, match="contacts: there is no column 'wave'"):
        read_network(golden.contacts().drop(columns="wave"), persons=golden.persons())


def test_columns_under_other_names_are_named():
    contacts = golden.contacts().rename(columns={"relation": "who", "person_id": "client"})
    persons = golden.persons().rename(columns={"person_id": "client"})

    network = read_network(contacts, persons=persons, person="client", columns={"relation": "who"})

    assert score_network(network)["sns_n_kin"].iloc[0] == 2


def test_role_columns_become_one_relation_and_missing_roles_stay_unknown():
    contacts = pd.DataFrame(
        {
            "person_id": [1, 1, 1, 1],
            "sister": ["yes", "no", None, "yes"],
            "pal": ["no", "no", None, "yes"],
        }
    )
    persons = pd.DataFrame({"person_id": [1], "interviewed": [True]})

    network = read_network(contacts, persons=persons, roles={"sister": "sibling", "pal": "friend"})
    row = score_network(network).iloc[0]

    assert network.contacts["relation"].tolist() == ["sibling", "other", None, "sibling"]
    assert network.contacts["relation_other"].iloc[3] == "friend"
    assert (row["sns_size"], row["sns_prop_kin_known"], row["sns_n_kin"]) == (4, 3, 2)


def test_egor_tables_go_in_and_come_out_under_their_names():
    network = read_network(golden.contacts(), persons=golden.persons(), ties=golden.ties())
    out = network.to_egor()

    assert list(out["alter"].columns[:2]) == [".altID", ".egoID"]
    assert out["ego"][".egoID"].tolist() == ["w", "x"]
    assert len(out["aatie"]) == 5
    again = read_network(out["alter"], persons=out["ego"], ties=out["aatie"], form="egor")
    assert score_network(again)["sns_density"].iloc[0] == pytest.approx(4 / 28)


def test_egor_has_no_time_points():
    network = read_network(golden.second_wave(), persons=golden.both_waves())

    with pytest.raises(WaveNotFoundError, match="egor knows no time points"):
        network.to_egor()
    assert len(network.to_egor("2")["alter"]) == 6


def test_the_schemas_serve_other_pipelines():
    schemas = network_schemas()
    network = read_network(golden.contacts(), persons=golden.persons(), ties=golden.ties())

    schemas["contacts"].validate(
        network.contacts.astype(object).where(network.contacts.notna(), None)
    )
    with pytest.raises(pandera.errors.SchemaError):
        schemas["ties"].validate(network.ties.assign(weight=2.0))


def test_a_network_tells_what_is_in_it():
    text = str(read_network(golden.contacts(), persons=golden.persons()))

    assert "3 person rows: 2 interviewed, of whom 1 named nobody" in text

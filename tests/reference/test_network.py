"""Ego networks against R (oracles/network.json): egor's two data sets, and their traps.

The tables are read as R writes them. `transnat` asked 280 of 385 alters for their roles; 312 of
699 tie rows say "not at all"; 29 egos have the sex "0", which no alter has.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.errors import NetworkError
from socmeasures.networks.composition import network_composition
from socmeasures.networks.indices import score_network
from socmeasures.networks.reading import read_network

pytestmark = pytest.mark.needs("shared")

GENERATORS = ["advice", "help", "talk", "money", "hobby", "conflict", "rely"]
ROLES = {
    "cont_partner": "partner",
    "cont_parent": "parent",
    "cont_child": "child",
    "cont_sibling": "sibling",
    "cont_kin": "other_relative",
    "cont_colleague": "coworker",
    "cont_friend": "friend",
    "cont_neighbour": "neighbour",
}
NO_TIE = {"good": 1, "less than good": 2 / 3, "loose contact": 1 / 3, "not at all": 0}


@pytest.fixture(scope="module")
def tables(data_csv):
    return {
        name: data_csv(f"egor_transnat/transnat_{name}.csv", dtype=str)
        for name in ("ego", "alter", "aatie")
    }


def read(tables, alters=None, **options):
    values = {"sex": {"0": None}, "weight": NO_TIE, **options.pop("values", {})}
    alters = tables["alter"] if alters is None else alters
    with_flags = alters.assign(
        **{f"g_{name}": alters[name].map({"yes": 1.0, "no": 0.0}) for name in GENERATORS}
    )
    return read_network(
        with_flags,
        persons=tables["ego"].drop(columns=["duration"]),
        form="egor",
        values=values,
        roles=ROLES,
        **options,
    )


@pytest.fixture(scope="module")
def everybody(tables):
    return read(tables)


@pytest.fixture(scope="module")
def selected(tables):
    """The 280 alters that were asked about, with their ties."""
    chosen = tables["alter"][tables["alter"]["selected"] == "1"]
    return read(tables, chosen, ties=tables["aatie"])


def by_ego(network, values):
    return dict(zip(network.persons["person_id"].astype(str), values, strict=True))


def agree(close, entry, got, wanted, name):
    """Every ego, null where R has none."""
    assert set(got) == set(wanted)
    for ego, want in wanted.items():
        if want is None:
            assert np.isnan(got[ego]), ego
        else:
            close(got[ego], entry, name, want)


def test_sizes_of_50_networks(everybody, oracle, close):
    entry = oracle("network")["transnat_size"]
    size = score_network(everybody)["sns_size"]

    agree(close, entry, by_ego(everybody, size), entry["expected"]["size"], "size")
    close(size.mean(), entry, "mean")
    close(size.std(ddof=1), entry, "sd")
    close(size.quantile(0.75), entry, "q3")


def test_multiplexity_over_all_385_alters(everybody, oracle, close):
    entry = oracle("network")["transnat_multiplexity"]
    scored = score_network(everybody, support=[f"g_{name}" for name in GENERATORS])

    means = scored["sns_multiplexity_mean"]
    agree(close, entry, by_ego(everybody, means), entry["expected"]["ego_means"], "ego_means")
    close(means.mean(), entry, "mean_of_ego_means")


def test_generators_and_partial_networks(everybody, oracle, close):
    entries = oracle("network")
    rows = everybody.contacts
    for name, wanted in entries["transnat_generators"]["expected"].items():
        found = network_composition(everybody, f"g_{name}")
        assert (found["mean"] * found["known"]).sum() == pytest.approx(wanted["alters"])
        assert (found["mean"] > 0).sum() == wanted["egos_with_any"]
    entry = entries["transnat_support_sizes"]
    any_of = rows[["g_advice", "g_talk", "g_rely"]].max(axis=1)
    network = read_network(rows.assign(support_emotional=any_of), persons=everybody.persons)
    scored = score_network(network, support=["support_emotional"])
    number = scored["sns_multiplexity_mean"] * scored["sns_multiplexity_known"]
    wanted = entry["expected"]["emotional_any_of_advice_talk_rely"]
    assert by_ego(network, number.round(9)) == wanted


def test_roles_of_280_alters_and_105_that_are_missing_not_other(everybody, oracle):
    wanted = oracle("network")["transnat_roles"]["expected"]
    rows = everybody.contacts
    scored = score_network(everybody)

    assert rows["relation"].isna().sum() == 105
    assert (rows["relation"] == "other").sum() == wanted["alters_with_k_roles"]["0"] == 14
    assert scored["sns_relation_known"].sum() == wanted["n_selected"] == 280
    further = rows["relation_other"].dropna().str.split("; ").map(len)
    assert (len(further), (further == 2).sum()) == (6, wanted["alters_with_k_roles"]["3"])
    assert (rows["relation"] == "partner").sum() == wanted["cont_partner"]


def test_composition_of_the_selected_alters(everybody, selected, oracle, close):
    entry = oracle("network")["transnat_composition"]
    wanted = entry["expected"]
    kin = score_network(everybody)  # shares over those known, so all 385 give the same
    sexes = network_composition(selected, "sex")
    rows = selected.contacts.assign(years=pd.to_numeric(selected.contacts["age"]))
    near = rows["intensity"].isin(["close", "very close"]).map({True: "near", False: "far"})
    aged = read_network(rows.assign(near=near), persons=selected.persons)

    agree(close, entry, by_ego(everybody, kin["sns_prop_kin"]), wanted["share_kin"], "share_kin")
    close(kin["sns_prop_kin"].mean(), entry, "mean_share_kin")
    shares = by_ego(selected, sexes["share_female"])
    agree(close, entry, shares, wanted["share_female"], "share_female")
    close_ties = network_composition(aged, "near")["share_near"]
    name = "share_close_or_very_close"
    agree(close, entry, by_ego(aged, close_ties), wanted[name], name)
    ages = network_composition(aged, "years")["mean"]
    agree(close, entry, by_ego(aged, ages), wanted["mean_age"], "mean_age")


def test_ei_by_sex_where_the_egos_sex_is_known_and_a_refusal_where_it_is_a_bare_0(
    tables, selected, oracle, close
):
    entry = oracle("network")["transnat_homophily_sex"]
    found = by_ego(selected, score_network(selected)["sns_ei_sex"])
    female = tables["ego"].loc[tables["ego"]["sex"] == "female", ".egoID"]

    for ego in female:
        close(found[ego], entry, "ei_index", entry["expected"]["ei_index"][ego])
    # R compared "0" with "male" and "female": different by spelling, so 1 for all 29 others
    others = [ego for ego in found if ego not in set(female)]
    assert {entry["expected"]["ei_index"][ego] for ego in others} == {1}
    assert all(np.isnan(found[ego]) for ego in others)
    with pytest.raises(NetworkError, match="'0' is none of female, male, other, unknown") as no:
        read(tables, values={"sex": {}})
    assert len(no.value.problems) == 29


def test_alters_who_live_in_the_uk(everybody, oracle, close):
    entry = oracle("network")["transnat_living_uk"]
    share = network_composition(everybody, "livinguk")["share_yes"]

    agree(close, entry, by_ego(everybody, share), entry["expected"]["ego_shares"], "ego_shares")


def test_blau_and_iqv_of_distance(selected, oracle, close):
    entry = oracle("network")["transnat_diversity_distance"]
    found = network_composition(selected, "distance")

    assert found["k"].iloc[0] == entry["expected"]["categories"]
    for name in ("blau", "iqv"):
        agree(close, entry, by_ego(selected, found[name]), entry["expected"][name], name)


def test_rows_that_say_not_at_all_are_no_ties(selected, oracle, close):
    entry = oracle("network")["transnat_density"]
    scored = score_network(selected)

    agree(close, entry, by_ego(selected, scored["sns_density"]), entry["expected"]["density"],
          "density")  # fmt: skip
    assert scored["sns_n_ties"].sum() == entry["expected"]["ties"]
    close(scored["sns_density"].mean(), entry, "mean_density")
    reasons = scored["sns_density_status"].value_counts()
    assert reasons["fewer_than_2_contacts"] == entry["expected"]["egos_without_density"]
    wrong = oracle("network")["transnat_density_trap"]["expected"]["mean_wrong_density"]
    assert scored["sns_density"].mean() < wrong - 0.3


def test_words_for_weights_are_refused_until_they_are_given_numbers(tables):
    chosen = tables["alter"][tables["alter"]["selected"] == "1"]

    with pytest.raises(NetworkError, match="'good' is no weight") as refusal:
        read(tables, chosen, ties=tables["aatie"], values={"weight": {}})

    assert len(refusal.value.problems) == 699
    assert refusal.value.problems["column"].unique().tolist() == ["ties.weight"]


def test_32_synthetic_networks(data_csv, oracle, close):
    entry = oracle("network")["egor32_measures"]
    wanted = data_csv("egor_synthetic/egor32_reference_measures.csv").set_index(".egoID")
    network = read_network(
        data_csv("egor_synthetic/alters32.csv"),
        persons=data_csv("egor_synthetic/egos32.csv"),
        ties=data_csv("egor_synthetic/aaties32.csv"),
        form="egor",
    )
    scored = score_network(network).set_index("person_id")
    country = network_composition(network, "country").set_index("person_id")
    band = network_composition(network, "age").set_index("person_id")
    age = network_composition(network, "age.years").set_index("person_id")
    sex = network_composition(network, "sex").set_index("person_id")
    got = {
        "netsize": scored["sns_size"],
        "n_ties": scored["sns_n_ties"],
        "density": scored["sns_density"],
        "density_weighted": scored["sns_density_weighted"],
        "ei_sex": scored["sns_ei_sex"],
        "prop_m": sex["share_male"],
        "div_country": country["n_categories"],
        "entropy2_country": country["entropy2"],
        "blau_country": country["blau"],
        "ei_country": country["ei"],
        "ei_age": band["ei"],
        "mean_age": age["mean"],
        "sd_age": age["sd"],
    }

    for name, values in got.items():
        for ego, want in wanted[name].items():
            close(values[ego], entry, name, float(want))
    assert set(wanted.columns) - set(got) == {"n_unique_undirected"}


def test_the_form_of_egor_counts_a_tie_twice_and_we_do_not(data_csv):
    ties = data_csv("egor_synthetic/aaties32.csv")
    back = ties.rename(columns={".SRCID": ".TGTID", ".TGTID": ".SRCID"})
    network = read_network(
        data_csv("egor_synthetic/alters32.csv"),
        persons=data_csv("egor_synthetic/egos32.csv"),
        ties=pd.concat([ties, back], ignore_index=True),
        form="egor",
    )

    assert score_network(network)["sns_density"].iloc[0] == pytest.approx(0.484848484848485)

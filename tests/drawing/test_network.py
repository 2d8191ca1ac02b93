"""Rings of contacts: every contact drawn, told in words, and the same place before and after."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.drawing.html import picture
from socmeasures.drawing.network import contact_rings, contact_rings_change
from socmeasures.drawing.style import alt_text
from socmeasures.errors import ChoiceError, TurnoverError
from socmeasures.networks.reading import read_network
from tests.networks import golden

RINGS = ["daily", "weekly", "monthly"]


def marks(panel):
    """Places of the contacts: single points that are neither the person nor a sign on one."""
    return {
        (round(float(x[0]), 6), round(float(y[0]), 6))
        for line in panel.lines
        for x, y in [line.get_data()]
        if len(x) == 1 and (x[0], y[0]) != (0, 0)
    }


def test_each_contact_stands_on_its_ring():
    figure = contact_rings(
        ["a", "b", "c"], groups=["kin", "kin", "friend"], rings=[0, 1, 2], ring_labels=RINGS
    )

    radii = sorted(round(float(np.hypot(*place)), 6) for place in marks(figure.axes[0]))
    assert radii == [1, 2, 3]


def test_the_words_count_groups_rings_and_ties():
    figure = contact_rings(
        ["a", "b"], groups=["kin", "friend"], rings=[0, 0], ring_labels=RINGS, ties=[(0, 1)]
    )

    assert "2 contacts: kin 1, friend 1; daily 2, weekly 0, monthly 0" in alt_text(figure)
    assert "1 pair knows each other" in alt_text(figure)


def test_groups_differ_by_marker_as_well_as_colour():
    figure = contact_rings(
        list("abcd"), groups=["k", "f", "p", "o"], rings=[0] * 4, ring_labels=RINGS
    )
    signs = {
        (line.get_marker(), line.get_markerfacecolor()) for line in figure.legends[0].get_lines()
    }

    assert len({marker for marker, _ in signs}) == len({colour for _, colour in signs}) == 4


def test_kept_contacts_stand_in_the_same_direction_in_both_pictures():
    figure = contact_rings_change(
        (["a", "b"], ["b", "c"]),
        groups=(["kin", "kin"], ["kin", "friend"]),
        rings=([0, 1], [1, 0]),
        ring_labels=RINGS,
    )

    assert len(marks(figure.axes[0]) & marks(figure.axes[1])) == 1
    assert "1 kept, 1 lost, 1 gained" in alt_text(figure)


def test_nobody_named_is_a_picture_too():
    figure = contact_rings([], groups=[], rings=[], ring_labels=RINGS)

    assert "named nobody" in alt_text(figure)
    assert any(text.get_text() == "named nobody" for text in figure.axes[0].texts)


def test_sequences_of_different_length_are_refused():
    with pytest.raises(ValueError, match="differ in length: 1, 2, 1"):
        contact_rings(["a"], groups=["kin", "kin"], rings=[0], ring_labels=RINGS)


def test_a_network_draws_its_people_and_refuses_what_it_cannot():
    network = read_network(golden.second_wave(), persons=golden.both_waves())

    page = picture(network.plot("w", "1"), name="one", caption="INTERNAL")
    assert "8 contacts" in page
    assert "4 kept, 4 lost, 2 gained" in alt_text(network.plot_change("w", "1", "2"))
    assert "named nobody" in alt_text(network.plot("x", "1"))
    with pytest.raises(ChoiceError, match="time point of person y"):
        network.plot("y", "1")
    with pytest.raises(ChoiceError, match="person='q'"):
        network.plot("q", "1")
    nameless = read_network(
        golden.second_wave().assign(contact_id=None), persons=golden.both_waves()
    )
    with pytest.raises(TurnoverError, match="stay the same"):
        nameless.plot_change("w", "1", "2")


def test_ties_are_drawn_between_contacts():
    network = read_network(golden.contacts(), persons=golden.persons(), ties=golden.ties())

    assert "4 pairs know each other" in alt_text(network.plot("w"))

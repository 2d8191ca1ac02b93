"""A scale as text."""

from __future__ import annotations

import pytest

import socmeasures as soc
from socmeasures.scales.catalogue import shipped_ids
from socmeasures.scales.describe import described
from tests.made_up import calm


@pytest.mark.parametrize("scale_id", shipped_ids())
def test_every_shipped_scale_can_be_shown(scale_id: str) -> None:
    words = described(soc.load_scale(scale_id))

    assert words.startswith(scale_id)
    assert max(map(len, words.splitlines())) <= 96
    assert "nan" not in words.split()


def test_everything_a_user_needs_is_there() -> None:
    words = described(calm())

    for part in (
        "calm4 - Calm scale",
        "Key: user-supplied.",
        "Answers: 1 never; 2 sometimes; 3 often; 4 always",
        "Coding 'always-first': 1 = 4, 2 = 3, 3 = 2, 4 = 1.",
        "Score calm4_total: sum of items 1, 2, 3, 4; 4 to 16, higher = calmer.",
        "Reversed: 2.",
        "Missing answers: prorate, 1 may be missing (made up).",
        "Bands 'made up' (used, user-supplied): from 4 low; from 8 middle; above 12 high.",
    ):
        assert part in " ".join(words.split()), part


def test_a_scale_whose_direction_must_be_stated_says_so() -> None:
    assert "refused until the coding is stated" in " ".join(
        described(soc.load_scale("ucla3")).split()
    )

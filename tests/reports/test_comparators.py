"""National figures: complete, graded, and for scores that exist."""

from __future__ import annotations

import pytest

from socmeasures.reports.comparators import all_comparators, comparators
from socmeasures.scales.catalogue import shipped_scales


def test_there_are_eight_or_more():
    assert len(all_comparators()) >= 8


@pytest.mark.parametrize("figure", all_comparators(), ids=lambda f: f"{f.outcome}-{f.year}")
def test_a_figure_says_whose_it_is_and_who_said_so(figure):
    for name in ("what", "population", "country", "year", "age", "mode", "source", "licence"):
        assert getattr(figure, name).strip(), name
    assert figure.n > 0
    assert figure.url.startswith("https://")
    assert "not your clients" in figure.caution


@pytest.mark.parametrize("figure", all_comparators(), ids=lambda f: f"{f.outcome}-{f.year}")
def test_a_figure_is_for_a_score_and_within_its_range(figure):
    scores = {f"{s.id}_{score.id}": score for s in shipped_scales() for score in s.scores}
    score = scores[figure.outcome]
    low, high = score.range
    assert low <= figure.value <= high


def test_another_form_gets_no_figure():
    assert comparators("swemwbs_raw") == ()

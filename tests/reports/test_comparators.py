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
    if figure.kind == "share" and (low, high) != (0, 1):
        assert 0 < figure.value < 1
        assert f"from {low:g} to {high:g}" in figure.what  # the mark stands beside the range
    else:
        assert low <= figure.value <= high


@pytest.mark.parametrize(
    "scale", ["loneliness_direct", "ucla3", "ons4", "swemwbs", "ascof_social_contact"]
)
def test_each_measure_that_was_asked_for_has_a_figure(scale):
    assert any(f.outcome.startswith(f"{scale}_") for f in all_comparators())


def test_eight_figures_or_more_were_read_in_the_source_itself():
    assert sum(f.evidence == "published" for f in all_comparators()) >= 8


def test_another_form_gets_no_figure():
    assert comparators("swemwbs_raw") == ()
    assert comparators("ucla20_v3_total") == ()

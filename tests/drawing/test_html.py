"""Pieces of a page: escaped, described, repeatable, and without an outside address."""

from __future__ import annotations

import warnings
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from socmeasures.drawing import figures, html

HOSTILE = ["<script>alert(1)</script>", "\" onload='x'", "\u202egnp.exe", "]]>", "&amp;"]


class _Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def _picture(table, name="one", **options):
    return html.picture(figures.intervals(table, unit="UCLA-3"), name=name, caption="C", **options)


def test_a_picture_is_an_image_with_a_title_and_a_description(one_change):
    text = _picture(one_change)
    svg = next(attrs for tag, attrs in _Tags(text).seen if tag == "svg")
    assert svg["role"] == "img"
    assert svg["aria-labelledby"] == "one-title one-words"
    assert '<title id="one-title">C</title>' in text
    assert "from −1.90 to −0.50, n = 43" in text


def test_text_in_a_picture_stays_text_in_the_pages_own_font(one_change):
    text = _picture(one_change)
    assert ">after - before</text>" in text
    assert "font-family" not in text


def test_a_picture_has_no_outside_address_date_or_style_sheet(one_change):
    text = _picture(one_change)
    assert "http" not in text
    assert "<style" not in text
    assert "<metadata" not in text


def test_the_same_picture_gives_the_same_bytes(one_change):
    assert _picture(one_change) == _picture(one_change)


def test_two_pictures_on_a_page_share_no_id(one_change):
    tags = _Tags(_picture(one_change, "one") + _picture(one_change, "two")).seen
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert all(i.startswith(("one-", "two-")) for i in ids)


def test_every_reference_inside_a_picture_finds_its_part(one_change):
    tags = _Tags(_picture(one_change)).seen
    ids = {attrs["id"] for _, attrs in tags if "id" in attrs}
    used = {attrs["href"][1:] for _, attrs in tags if "href" in attrs}
    assert used
    assert used <= ids


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_label_makes_no_tag_and_no_attribute(one_change, label):
    plain = [tag for tag, _ in _Tags(_picture(one_change)).seen]
    text = _picture(one_change.assign(contrast=label), alt=label)
    assert [tag for tag, _ in _Tags(text).seen] == plain
    assert "\u202e" not in text


@pytest.mark.parametrize("label", ["友情", "دوستی", "👵🏽"])
def test_letters_outside_the_drawing_font_are_kept_without_a_warning(one_change, label):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = _picture(one_change.assign(contrast=label))
    assert f">{label}</text>" in text


def test_a_table_has_a_caption_and_heads_with_scope():
    frame = pd.DataFrame({"arm": ["a"], "n": [3]})
    tags = _Tags(html.table(frame, caption="People")).seen
    assert [a["scope"] for t, a in tags if t == "th"] == ["col", "col", "row"]
    assert "caption" in [t for t, _ in tags]


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_cells_heads_and_captions_are_escaped(label):
    text = html.table(pd.DataFrame({label: [label]}), caption=label)
    kinds = {tag for tag, _ in _Tags(text).seen}
    assert kinds <= {"table", "caption", "thead", "tbody", "tr", "th", "td", "bdi"}


def test_a_missing_value_is_a_dash_and_never_nan():
    frame = pd.DataFrame({"arm": ["a", None], "x": [np.nan, 1.0]})
    text = html.table(frame, caption="c", formats={"x": lambda v: f"{v:.1f}"})
    assert "nan" not in text.lower().replace("<tr", "")
    assert text.count("–") == 2


def test_a_very_long_word_may_break_and_an_ordinary_one_may_not():
    frame = pd.DataFrame({"arm": ["x" * 60, "usual care"]})
    assert html.table(frame, caption="c").count('class="long"') == 1

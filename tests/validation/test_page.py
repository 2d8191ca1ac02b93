"""The page of problems."""

from __future__ import annotations

import re

import pandas as pd

import socmeasures as soc

BAD = pd.DataFrame(
    {
        "id": ["<b>&", "b"],
        "ucla3_1": ["<script>alert(1)</script>", "1"],
        "ucla3_2": ["1", "1"],
        "ucla3_3": ["1", "1"],
    }
)


def test_nothing_a_person_typed_becomes_part_of_the_page() -> None:
    page = soc.validate(BAD, "ucla3", coding="canonical", person="id").to_html()

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;b&gt;&amp;" in page


def test_a_page_with_identifiers_says_it_is_internal() -> None:
    assert "INTERNAL" in soc.validate(BAD, "ucla3", coding="canonical", person="id").to_html()
    assert "INTERNAL" not in soc.validate(BAD, "ucla3", coding="canonical").to_html()


def test_the_page_asks_the_network_for_nothing() -> None:
    page = soc.validate(BAD, "ucla3", coding="canonical").to_html()

    assert not re.search(r"(src|href)\s*=", page)
    assert "url(" not in page
    assert page.startswith("<!doctype html>")
    assert "lang='en-GB'" in page


def test_kinds_are_counted_with_what_to_do_about_them() -> None:
    page = soc.validate(BAD, "ucla3", coding="canonical").to_html()

    assert "unknown_label" in page
    assert "Correct the wording to one of the options" in page


def test_a_page_without_problems_says_so() -> None:
    data = pd.DataFrame({f"ucla3_{n}": [1, 2] for n in (1, 2, 3)})

    page = soc.validate(data, "ucla3", coding="canonical").to_html()

    assert "2 rows" in page
    assert "<table" not in page


def test_very_many_problems_are_shown_in_part() -> None:
    data = pd.DataFrame({f"mspss_{n}": [9] * 300 for n in range(1, 13)})

    page = soc.validate(data, "mspss").to_html()

    assert "The first 2,000 of 3,600 are shown" in page
    assert len(page) < 2_000_000

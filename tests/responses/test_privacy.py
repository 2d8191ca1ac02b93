"""Columns that look like personal data are pointed out, and left out when asked."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from socmeasures.responses.codebook import Codebook
from socmeasures.responses.privacy import drop_identifiers, personal_columns, privacy_note


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Surname", "name"),
        ("first_name", "name"),
        ("ClientName", "name"),
        ("RecipientLastName", "name"),
        ("Email address", "e-mail address"),
        ("DateOfBirth", "date of birth"),
        ("dob_t1", "date of birth"),
        ("home_postcode", "postcode"),
        ("NHS number", "NHS number"),
        ("IPAddress", "internet address"),
        ("mobile_no", "phone number"),
    ],
)
def test_a_column_is_known_by_its_name(name, kind):
    found = personal_columns(pd.DataFrame({name: ["x", "y"]}))
    assert found[["looks_like", "because"]].to_numpy().tolist() == [[kind, "name"]]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (["ann@example.org", "bo.b@example.co.uk", None], "e-mail address"),
        (["07700 900123", "+44 7700 900456"], "phone number"),
        (["SW1A 1AA", "m1 1ae"], "postcode"),
        (["943 476 5919", "943-476-5919"], "NHS number"),
        ([9434765919, 9434765919], "NHS number"),
        (["12/03/1950", "01/01/1948"], "date of birth"),
        (["AB 12 34 56 C"], "national insurance number"),
    ],
)
def test_a_column_is_known_by_its_answers(answers, kind):
    found = personal_columns(pd.DataFrame({"v1": answers}))
    assert found[["looks_like", "because"]].to_numpy().tolist() == [[kind, "answers"]]


@pytest.mark.parametrize(
    "data",
    [
        {"ucla3_1": [1, 2]},
        {"username_count": [1, 2]},
        {"completed": ["12/03/2026", "14/03/2026"]},
        {"number": [1234567890, 1234567891]},
        {"site": ["North", "South"]},
        {"ucla3_total": [3.5, None]},
    ],
)
def test_answers_and_scores_are_not_pointed_out(data):
    assert not len(personal_columns(pd.DataFrame(data)))


def test_a_label_can_tell():
    book = Codebook.from_labels({}, labels={"v1": "Date of birth"})
    found = personal_columns(pd.DataFrame({"v1": [1.0]}), book)
    assert found["because"].tolist() == ["label"]
    assert "v1 (date of birth)" in privacy_note(found)


def test_identifiers_are_left_out_but_for_the_one_that_was_named():
    data = pd.DataFrame({"nhs_no": [1], "surname": ["Ash"], "q": [2]})
    book = Codebook.from_labels({}, labels={"surname": "Surname", "q": "How often?"})
    kept, without, dropped = drop_identifiers(data, book, keep=["nhs_no"])
    assert list(kept.columns) == ["nhs_no", "q"]
    assert dropped == ("surname",)
    assert list(without.variables) == ["q"]
    assert list(data.columns) == ["nhs_no", "surname", "q"]


def test_no_answer_is_shown_and_polars_works():
    data = pl.DataFrame({"contact": ["ann@example.org"], "q": [1]})
    assert "ann" not in personal_columns(data).to_string()
    assert drop_identifiers(data)[0].columns == ["q"]

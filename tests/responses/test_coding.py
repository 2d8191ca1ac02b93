"""Labels and codes → canonical codes, by words and never by values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import socmeasures as soc
from socmeasures.frames import Numbers, Words
from socmeasures.responses.codebook import Variable
from socmeasures.responses.coding import (
    NO_ANSWER,
    Decision,
    Undecided,
    codings_that_fit,
    normalised,
)
from socmeasures.responses.decoding import decide, unexplained
from socmeasures.scales.catalogue import shipped_scales

UCLA = soc.load_scale("ucla3")
DJG = soc.load_scale("djg6")


def decided(
    labels: dict[Any, str] | None, values: list[float], *, coding: str | None = None, **more: Any
) -> Decision | Undecided:
    variables: dict[int, Variable | None] = dict.fromkeys((1, 2, 3))
    if labels is not None:
        book = soc.Codebook.from_labels({f"q{n}": labels for n in (1, 2, 3)}, **more)
        variables = {n: book[f"q{n}"] for n in (1, 2, 3)}
    columns = {n: Numbers(np.array(values, float)) for n in (1, 2, 3)}
    return decide(UCLA, columns, {n: f"q{n}" for n in (1, 2, 3)}, variables, coding)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("  Hardly   EVER ", "hardly ever"),
        ("1 - Often", "often"),
        ("3. Often!", "often"),
        ("<b>Often</b>", "often"),
        ("Très souvent", "tres souvent"),
        ("10", "10"),
        ("half_the-time", "half the time"),
        ("", ""),
    ],
)
def test_words_meet_after_normalising(raw: str, plain: str) -> None:
    assert normalised(raw) == plain


def test_the_direction_follows_the_labels() -> None:
    got = decided({1: "Often", 2: "Some of the time", 3: "Hardly ever or never"}, [1, 2, 3])

    assert isinstance(got, Decision)
    assert (got.name, got.how, got.text) == (
        "often-first",
        "value labels",
        "often-first (value labels)",
    )
    assert dict(got.items[1].meaning) == {1: 3, 2: 2, 3: 1}


def test_labels_at_the_ends_are_enough_where_one_coding_agrees() -> None:
    got = decided({1: "Often", 3: "Hardly ever or never"}, [1, 2, 3])

    assert isinstance(got, Decision)
    assert got.name == "often-first"


def test_a_label_in_the_middle_says_nothing_about_the_direction() -> None:
    got = decided({2: "Some of the time"}, [1, 2, 3])

    assert isinstance(got, Undecided)
    assert "fit more than one coding" in got.why


def test_labels_of_no_answer_say_nothing_about_the_direction() -> None:
    labels = {
        1: "Hardly ever or never",
        2: "Some of the time",
        3: "Often",
        8: "Don't know",
        9: "Refused",
    }

    assert isinstance(decided(labels, [1, 2, 3]), Decision)
    assert "don t know" in NO_ANSWER


def test_a_label_outside_the_options_is_no_answer_and_no_new_form() -> None:
    got = decided({1: "Hardly ever", 2: "Some of the time", 3: "Often", 7: "Too ill"}, [1, 7])

    assert isinstance(got, Decision)
    assert 7 not in got.items[1].meaning


@pytest.mark.parametrize(
    "labels",
    [
        {0: "Never", 1: "Hardly ever", 2: "Some of the time", 3: "Often"},
        {1: "Often", 2: "Sometimes", 3: "Rarely", 4: "Never"},
    ],
)
def test_a_four_point_version_is_another_form(labels: dict[int, str]) -> None:
    got = decided(labels, [1, 2, 3])

    assert isinstance(got, Undecided)
    assert "form" in got.why


def test_values_alone_decide_nothing() -> None:
    got = decided(None, [0, 0, 1])

    assert isinstance(got, Undecided)
    assert got.fits == ("zero-based",)
    assert got.codings[0] == "canonical: 1 = hardly ever or never, 2 = some of the time, 3 = often"


def test_declared_missing_codes_are_masked() -> None:
    labels = {1: "Hardly ever", 2: "Some of the time", 3: "Often", 99: "Whatever"}
    got = decided(labels, [1, 99], missing={f"q{n}": [99] for n in (1, 2, 3)})

    assert isinstance(got, Decision)
    missing = got.items[1].column.missing
    assert missing is not None
    assert missing.tolist() == [False, True]


def test_texts_are_read_through_the_options() -> None:
    words = Words(np.array([0, 1, 2, -1, 3]), ("Often", " hardly ever ", "Dunno", ""))
    columns = dict.fromkeys((1, 2, 3), words)
    got = decide(UCLA, columns, {1: "a", 2: "b", 3: "c"}, dict.fromkeys((1, 2, 3)))

    assert isinstance(got, Decision)
    assert got.how == "text answers"
    column = got.items[1].column
    assert column.values[:2].tolist() == [3, 1]
    assert column.missing is not None
    assert column.missing.tolist() == [False, False, False, True, True]
    assert unexplained(got) == [("a", "Dunno"), ("b", "Dunno"), ("c", "Dunno")]


def test_texts_and_numbers_need_one_coding() -> None:
    columns: dict[int, Any] = {
        1: Words(np.array([0]), ("Often",)),
        2: Numbers(np.array([1.0])),
        3: Numbers(np.array([1.0])),
    }

    got = decide(UCLA, columns, {1: "a", 2: "b", 3: "c"}, dict.fromkeys((1, 2, 3)))

    assert isinstance(got, Undecided)


def test_codings_are_only_ever_proposed() -> None:
    got = decided(None, [0, 1, 2], coding="canonical")

    assert isinstance(got, Decision)
    assert codings_that_fit(UCLA, got) == ("zero-based",)
    assert got.name == "canonical"


def test_every_shipped_scale_reads_its_own_labels_as_canonical() -> None:
    for scale in shipped_scales():
        columns = {n: Numbers(np.resize(scale.codes(n), 400).astype(float)) for n in scale.numbers}
        book = soc.Codebook.from_labels(
            {f"q{n}": {o.code: o.label for o in scale.options(n)} for n in scale.numbers}
        )
        variables = {n: book.variables.get(f"q{n}") for n in scale.numbers}

        got = decide(scale, columns, {n: f"q{n}" for n in scale.numbers}, variables)

        assert isinstance(got, Decision), (scale.id, got)
        assert got.name == "canonical", scale.id


def test_every_named_coding_of_a_shipped_scale_is_recognised_by_labels() -> None:
    for scale in shipped_scales():
        for coding in scale.codings:
            labels = {}
            for n in scale.numbers:
                words = {o.code: o.label for o in scale.options(n)}
                if not words:
                    continue  # an open count
                meaning = scale.raw_to_canonical(n, coding.name)
                labels[f"q{n}"] = {raw: words[code] for raw, code in meaning.items()}
            book = soc.Codebook.from_labels(labels)
            columns = {
                n: Numbers(
                    np.resize(sorted(scale.raw_to_canonical(n, coding.name)), 400).astype(float)
                )
                for n in scale.numbers
            }
            variables = {n: book.variables.get(f"q{n}") for n in scale.numbers}

            got = decide(scale, columns, {n: f"q{n}" for n in scale.numbers}, variables)

            assert isinstance(got, Decision), (scale.id, coding.name, got)
            for n in scale.numbers:
                meaning = scale.raw_to_canonical(n, coding.name)
                assert dict(got.items[n].meaning) == meaning, (scale.id, coding.name)

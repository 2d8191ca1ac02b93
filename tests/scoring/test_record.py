"""The scoring record."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.errors import RecordError
from tests.made_up import calm

DATA = pd.DataFrame({f"calm_{n}": [1.0, 2.0, None] for n in range(1, 5)})


def record() -> soc.ScoringRecord:
    found = soc.scoring_record(soc.score(DATA, calm()))
    assert found is not None
    return found


def test_the_record_survives_json() -> None:
    made = record()

    assert soc.ScoringRecord.from_json(made.to_json()) == made
    assert soc.ScoringRecord.from_json(made.to_json(indent=2)) == made


def test_the_record_says_what_was_done() -> None:
    use = record().uses[0]

    assert (use.scale, use.form, use.evidence) == ("calm4", "four items", "user-supplied")
    assert use.items == {"1": "calm_1", "2": "calm_2", "3": "calm_3", "4": "calm_4"}
    assert use.coding == "assumed canonical"
    assert use.counts == {"total": {"scored": 2, "not_answered": 1}}
    assert use.missing["total"]["method"] == "prorate"
    assert use.definition_hash == calm().definition_hash
    assert record().library_version


def test_every_added_column_is_described() -> None:
    out = soc.score(DATA, calm())
    described = {c.column: c for c in record().columns}

    assert set(described) == set(out.columns) - set(DATA.columns)
    total = described["calm4_total"]
    assert (total.low, total.high, total.better, total.step) == (4, 16, "higher", 1)
    assert total.label == "Calm scale: total (4 to 16, higher = calmer)"
    assert described["calm4_total_band"].categories == ("low", "middle", "high")


def test_a_column_is_found_with_or_without_its_wave() -> None:
    data = pd.DataFrame({f"ucla3_{n}_t1": [2] for n in (1, 2, 3)})
    made = soc.scoring_record(soc.score(data, soc.match_scales(data), coding="canonical"))

    assert made is not None
    assert made.column("ucla3_total__t1") == made.column("ucla3_total")
    assert made.column("ucla3_total__t9") is None
    assert made.uses_of("ucla3")[0].wave == "t1"


def test_the_record_holds_no_answers_and_no_identifiers() -> None:
    data = DATA.assign(id=["Anna Person", "Bert Person", "Cleo Person"])
    scored = soc.score(data, calm(), person="id")

    assert "Person" not in scored.attrs["socmeasures"].replace("PersonX", "")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2, "library_version": "1"}', "no"])
def test_a_text_that_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(RecordError, match="not a socmeasures scoring record"):
        soc.ScoringRecord.from_json(text)


def test_an_unknown_field_in_a_record_is_refused() -> None:
    fields = json.loads(record().to_json()) | {"extra": 1}

    with pytest.raises(RecordError):
        soc.ScoringRecord.from_json(json.dumps(fields))


@pytest.mark.parametrize(
    "change",
    [
        ("reverse = [2]", "reverse = [3]"),
        ('method = "prorate", allow = 1', 'method = "complete"'),
        ("allow = 1", "allow = 2"),
        ("map = { 1 = 4, 2 = 3, 3 = 2, 4 = 1 }", "map = { 1 = 4, 2 = 2, 3 = 3, 4 = 1 }"),
        ("from = 8", "from = 9"),
        ("above = 12", "from = 12"),
        ("default = true\n", ""),
        ('method = "sum"', 'method = "mean"'),
        ("items = [1, 2, 3, 4]", "items = [1, 2, 3]"),
        ("[responses]", '[responses]\nbare_codes = "stated"'),
        ('id = "calm4"', 'id = "calm5"'),
        (
            "[[examples]]\nanswers = [1, 4",
            "[[risks]]\nitem = 1\nfrom = 4\n\n[[examples]]\nanswers = [1, 4",
        ),
    ],
)
def test_the_hash_changes_with_every_field_that_changes_a_score(change: tuple[str, str]) -> None:
    assert hash_of(change) != calm().definition_hash


@pytest.mark.parametrize(
    "change",
    [
        ('name = "Calm scale"', 'name = "Scale of calm"'),
        ('label = "restful mornings"', 'label = "mornings"'),
        ('citation = "made up for the tests"', 'citation = "another"'),
        ('evidence = "user-supplied"\nlicence', 'evidence = "published"\nlicence'),
        ('higher = "calmer"', 'higher = "more calm"'),
    ],
)
def test_the_hash_stays_where_only_words_change(change: tuple[str, str]) -> None:
    assert hash_of(change) == calm().definition_hash


def hash_of(change: tuple[str, str]) -> str:
    """The hash of a changed definition, legal or not: the form is enough for it."""
    import tomllib

    from socmeasures.scales.model import Scale
    from tests.made_up import text

    return Scale.model_validate(tomllib.loads(text(change))).definition_hash

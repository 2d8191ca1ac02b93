"""From a TOML file to a scale: every fault at once, each with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from socmeasures.errors import ScaleDefinitionError
from socmeasures.scales.definition import json_schema, parse_definition, read_definition
from tests.made_up import calm, calm_file, text

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "scale.schema.json"


def faults(*changes: tuple[str, str]) -> list[str]:
    with pytest.raises(ScaleDefinitionError) as refusal:
        parse_definition(text(*changes), "calm4.toml")
    return list(refusal.value.faults)


def test_a_right_file_becomes_a_scale(tmp_path: Path) -> None:
    assert read_definition(calm_file(tmp_path)) == calm()


def test_several_faults_are_told_at_once_with_their_places() -> None:
    found = faults(
        ('better = "higher"', 'better = "up"'),
        ("range = [4, 16]", "range = [4, 16]\nrevers = [3]"),
        ('citation = "made up for the tests"\n', ""),
        ('label = "sound sleep"', "label = 5"),
        ('name = "always-first"\nmap = { 1 = 4', 'name = "always-first"\nmap = { 1 = 9'),
    )

    assert len(found) >= 4
    assert any(f.startswith("citation: this field is needed") for f in found)
    assert any(f.startswith("[[scores]] 'total', better:") for f in found)
    assert any("[[scores]] 'total', revers: there is no such field" in f for f in found)
    assert any(f.startswith("[[items]] 4, label:") for f in found)


def test_structural_faults_are_told_beside_faults_of_form() -> None:
    found = faults(
        ('form = "four items"', 'form = "four items"\ncolour = "blue"'),
        ("reverse = [2]", "reverse = [8]"),
    )

    assert "colour: there is no such field" in found
    assert any("reverse: item 8" in f for f in found)


def test_the_message_counts_the_faults_and_says_how_to_go_on() -> None:
    with pytest.raises(ScaleDefinitionError) as refusal:
        parse_definition(text(("reverse = [2]", "reverse = [8]")), "my scale.toml")

    words = str(refusal.value)
    assert words.startswith("my scale.toml: 1 fault in this scale definition.")
    assert words.endswith('socmeasures scale check "my scale.toml"')
    assert refusal.value.problems["rule"].tolist() == ["definition"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("number = 4", "number = 4.0"), "a whole number is needed"),
        (("number = 4", "number = true"), "a whole number is needed"),
        (("{ code = 1,", '{ code = "1",'), "code"),
        (
            (
                "reverse = [2]",
                "reverse = [2]\nrecode = [{ items = [1], ones = [2], map = { 1 = 0 } }]",
            ),
            "exactly one of ones, map or bins",
        ),
        (
            ('method = "prorate", allow = 1', 'method = "complete", allow = 1'),
            "'complete' allows no missing item",
        ),
        (("{ from = 8, label", "{ from = 8, above = 8, label"), "exactly one of from or above"),
        (('id = "calm4"', 'id = "Calm 4"'), "id"),
        (("format = 1", "format = 2"), "format"),
        (('label = "sound sleep"', 'label = "' + "very " * 20 + '"'), "60"),
        (('evidence = "user-supplied"\nlicence', 'evidence = "certain"\nlicence'), "evidence"),
    ],
)
def test_a_fault_of_form_is_told(change: tuple[str, str], words: str) -> None:
    assert any(words in fault for fault in faults(change))


def test_text_that_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(ScaleDefinitionError, match=r"not valid TOML: .*line 2"):
        parse_definition('id = "a"\nname = \nform = "x"', "x.toml")


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(text(("Calm scale", "Échelle")).encode("latin-1"))

    with pytest.raises(ScaleDefinitionError, match="not UTF-8 text"):
        read_definition(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "marked.toml"
    path.write_text(text(), encoding="utf-8-sig")

    assert read_definition(path).id == "calm4"


def test_the_json_schema_describes_the_file_as_it_is_written() -> None:
    schema = json_schema()

    assert "construct" in schema["properties"]
    assert "measures" not in schema["properties"]
    assert schema["additionalProperties"] is False
    assert "from" in schema["$defs"]["Cut"]["properties"]
    json.dumps(schema)


def test_the_checked_in_schema_is_the_generated_one() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == json.loads(json.dumps(json_schema()))

"""A scale in other programs' formats: what each holds, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from socmeasures.errors import (
    ChoiceError,
    OutputError,
    ScaleDefinitionError,
    ScaleExportError,
    UnverifiedScaleError,
)
from socmeasures.responses.reading import read
from socmeasures.scales.catalogue import load_scale, shipped_ids
from socmeasures.scales.interchange import export_scale
from socmeasures.scales.redcap import HEADINGS
from socmeasures.scoring.compute import score
from tests.scales.made_up_scales import MADE_UP

SCALES = {i: load_scale(i) for i in shipped_ids()} | MADE_UP
FORMATS = ("frictionless", "redcap", "sps", "psych", "codebook")


# ------------------------------------------------------------------- all formats


@pytest.mark.parametrize("to", ["sps", "redcap", "psych"])
def test_an_unverified_key_leaves_only_with_the_callers_word(to):
    with pytest.raises(UnverifiedScaleError, match="accept_unverified=True"):
        export_scale("ucla4", to)
    text = export_scale("ucla4", to, accept_unverified=True)
    assert "unverified" in text


def test_a_score_graded_unverified_is_left_out_of_a_verified_scale():
    without = export_scale("chs", "sps")
    assert "chs_total" in without
    assert "chs_agency" not in without
    accepted = export_scale("chs", "sps", accept_unverified=True)
    assert "WARNING: this score is unverified" in accepted


@pytest.mark.parametrize("to", FORMATS)
def test_source_and_grade_travel_with_every_format(to):
    text = export_scale("ucla20_v3", to)
    assert "Russell DW (1996)" in text
    assert "published" in text
    assert text.endswith("\n")


@pytest.mark.parametrize("to", FORMATS)
def test_columns_are_named_by_the_caller_or_by_a_prefix(to):
    text = export_scale("ucla3", to, names={2: "second"}, prefix="q_pre_")
    for column in ("q_pre_1", "second", "q_pre_3"):
        assert column in text
    assert "q_pre_2" not in text


def test_slips_in_the_call_are_named():
    with pytest.raises(ChoiceError, match="'frictionless', 'redcap', 'sps'"):
        export_scale("ucla3", "spss")
    with pytest.raises(ChoiceError, match="item number for scale 'ucla3'"):
        export_scale("ucla3", "sps", names={4: "x"})
    with pytest.raises(ChoiceError, match="coding"):
        export_scale("ucla3", "sps", coding="backwards")
    with pytest.raises(ScaleExportError, match="'A' stands for more than one item"):
        export_scale("ucla3", "sps", names={1: "A", 2: "a"})
    with pytest.raises(ScaleExportError, match="wave='pre'"):
        export_scale("ucla3", "redcap", wave="pre")


def test_names_another_program_does_not_take_are_all_listed():
    with pytest.raises(ScaleExportError) as refused:
        export_scale("ucla3", "sps", names={1: "1a", 2: "with", 3: "how often?"})
    assert len(refused.value.faults) == 3
    with pytest.raises(ScaleExportError, match="an item and of a score"):
        export_scale("ucla3", "sps", names={1: "ucla3_total"})
    with pytest.raises(ScaleExportError, match="'Q1' is no REDCap field name"):
        export_scale("ucla3", "redcap", names={1: "Q1"})
    with pytest.raises(ScaleExportError, match="64 bytes"):
        export_scale("ucla3", "sps", wave="after the summer")


def test_the_definition_is_never_written_over(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(_shipped_text("ucla3"), "utf-8")
    with pytest.raises(OutputError, match="never written over"):
        export_scale(mine, "sps", mine)
    with pytest.raises(OutputError, match="does not exist"):
        export_scale(mine, "sps", tmp_path / "none" / "x.sps")
    text = export_scale(mine, "sps", tmp_path / "x.sps")
    assert (tmp_path / "x.sps").read_text("utf-8") == text


def _shipped_text(scale_id):
    from socmeasures.scales.catalogue import shipped

    return (shipped() / f"{scale_id}.toml").read_text("utf-8")


def test_a_name_with_an_umlaut_gets_a_mark_that_spss_reads(tmp_path):
    file = tmp_path / "gad7.sps"
    text = export_scale("gad7", "sps", file)
    assert "Löwe" in text
    assert file.read_bytes().startswith(b"\xef\xbb\xbf* Encoding: UTF-8.")


# ------------------------------------------------------------------- SPSS syntax


@pytest.mark.parametrize("scale_id", SCALES)
def test_no_line_of_the_syntax_is_cut_and_no_comment_ends_early(scale_id):
    syntax = export_scale(SCALES[scale_id], "sps", accept_unverified=True)
    lines = syntax.splitlines()
    assert max(map(len, lines)) <= 200
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        # a command ends where its last line does, and the next begins in the first column
        assert line.endswith(".") != after.startswith(" ") or not line


# ------------------------------------------------------------------- Frictionless


@pytest.mark.parametrize("scale_id", SCALES)
def test_the_table_schema_names_every_item_with_codes_in_order(scale_id):
    scale = SCALES[scale_id]
    schema = json.loads(export_scale(SCALES[scale_id], "frictionless"))
    assert schema["$schema"] == "https://datapackage.org/profiles/2.0/tableschema.json"
    assert schema["missingValues"] == ["", "NA"]
    assert schema["socmeasures"]["evidence"] == scale.evidence
    assert [field["name"] for field in schema["fields"]] == [
        f"{scale_id}_{n}" for n in scale.numbers
    ]
    for number, field in zip(scale.numbers, schema["fields"], strict=True):
        assert field["type"] == "integer"
        assert field["title"] == scale.item(number).label
        absent = [str(code) for code in scale.absent_codes(number)]
        assert [m["value"] for m in field.get("missingValues", [])] == (
            ["", "NA", *absent] if absent else []
        )
        if "categories" not in field:
            most = max(c for c in scale.codes(number) if str(c) not in absent)
            assert field["constraints"] == {"minimum": 0, "maximum": most}
            continue
        assert field["categoriesOrdered"] is True
        assert [c["value"] for c in field["categories"]] == [
            code for code in scale.codes(number) if str(code) not in absent
        ]
        labels = {o.code: o.label for o in scale.options(number)}
        assert all(labels[c["value"]] == c["label"] for c in field["categories"])


def test_another_coding_gives_its_own_codes():
    schema = json.loads(export_scale("djg6", "frictionless", coding="yes-first"))
    first = schema["fields"][0]["categories"]
    assert [(c["value"], c["label"]) for c in first] == [
        (1, "yes"),
        (2, "more or less"),
        (3, "no"),
    ]


# ------------------------------------------------------------------- REDCap


def dictionary(scale_id, **options):
    text = export_scale(SCALES[scale_id], "redcap", accept_unverified=True, **options)
    return list(csv.DictReader(io.StringIO(text)))


def test_the_dictionary_has_the_eighteen_columns_in_redcaps_order():
    text = export_scale("ucla3", "redcap")
    assert next(csv.reader(io.StringIO(text))) == list(HEADINGS)
    assert len(HEADINGS) == 18
    rows = dictionary("ucla3")
    assert [r["Variable / Field Name"] for r in rows] == [
        "record_id",
        "ucla3_1",
        "ucla3_2",
        "ucla3_3",
        "ucla3_total",
    ]
    choices = rows[1]["Choices, Calculations, OR Slider Labels"]
    options = load_scale("ucla3").responses.options
    assert choices == " | ".join(f"{o.code}, {o.label}" for o in options)
    assert "type in the wording of item 1 under the instrument's licence" in rows[1]["Field Label"]


def calculated(expression, record):
    """REDCap's calculation as Python: blank is "", and only what we write is understood."""
    text = re.sub(r"\[(\w+)\]", lambda m: f"record[{m[1]!r}]", expression)
    text = text.replace("<>", "!=").replace("if(", "choose(lambda: ")
    text = re.sub(r"(?<![<>!=])=(?!=)", "==", text)
    return eval(_lazy(text), {"record": record, "choose": lambda a, b, c: b() if a() else c()})


def _lazy(text):
    """Wrap both branches of `choose` too, so that a blank in the branch not taken is no error."""
    out, depth, opened = [], 0, []
    for i, sign in enumerate(text):
        if sign == "(":
            depth += 1
            if text[:i].endswith("choose"):
                opened.append(depth)
        out.append(sign)
        if sign == "," and opened and depth == opened[-1]:
            out.append("lambda: ")
        if sign == ")":
            if opened and depth == opened[-1]:
                opened.pop()
            depth -= 1
    return "".join(out)


@pytest.mark.parametrize("scale_id", SCALES)
def test_redcaps_calculations_and_its_export_give_our_scores(scale_id, tmp_path):
    scale, rows = SCALES[scale_id], dictionary(scale_id)
    rng = np.random.default_rng(len(scale_id))
    records = []
    for place in range(40):
        record = {"record_id": place + 1}
        for number in scale.numbers:
            blank = 0 if place < 20 else 0.12
            code = int(rng.choice(scale.codes(number)[:9]))
            record[f"{scale_id}_{number}"] = "" if rng.random() < blank else code
        for row in rows:
            name = row["Variable / Field Name"]
            if row["Field Type"] == "calc":
                expression = row["Choices, Calculations, OR Slider Labels"]
                record[name] = calculated(expression, record)
        records.append(record | {f"{scale_id}_complete": 2})
    pd.DataFrame(records).to_csv(tmp_path / "export.csv", index=False)
    data, book = read(tmp_path / "export.csv")
    ours = score(
        data,
        scale,
        codebook=book,
        coding="canonical",
        accept_unverified=True,
        replace=True,
    )
    calculations = [r["Variable / Field Name"] for r in rows if r["Field Type"] == "calc"]
    for name in calculations:
        theirs = [math.nan if r[name] == "" else float(r[name]) for r in records]
        np.testing.assert_allclose(theirs, ours[name], rtol=0, atol=1e-9, err_msg=name)
    described = [s.id for s in scale.scores if f"{scale_id}_{s.id}" not in calculations]
    assert described == [s.id for s in scale.scores if s.method == "lookup"]


def test_a_score_redcap_cannot_make_is_described_instead():
    rows = {r["Variable / Field Name"]: r for r in dictionary("swemwbs")}
    assert rows["swemwbs_raw"]["Field Type"] == "calc"
    metric = rows["swemwbs_metric"]
    assert metric["Field Type"] == "descriptive"
    assert "Not computed here: this score is read from a table" in metric["Field Label"]
    assert metric["Field Annotation"].startswith("@HIDDEN")


def test_an_open_count_is_a_number_with_limits():
    rows = {r["Variable / Field Name"]: r for r in dictionary("sni_cohen")}
    count = rows["sni_cohen_2"]
    assert count["Field Type"] == "text"
    assert count["Text Validation Type OR Show Slider Number"] == "integer"
    assert (count["Text Validation Min"], count["Text Validation Max"]) == ("0", "30")


# ------------------------------------------------------------------- codebook


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("scale_id", SCALES)
def test_the_codebook_is_whole_and_says_everything(scale_id):
    scale, page = SCALES[scale_id], _Page()
    page.feed(export_scale(SCALES[scale_id], "codebook"))
    assert page.open == []
    text = " ".join(page.text)
    for expected in (scale.name, scale.citation, scale.licence.note, *scale.pitfalls):
        assert expected in text
    for one in scale.scores:
        assert one.missing.source in text
        assert f"higher = {one.higher}" in text
        for bands in one.bands:
            assert bands.source in text
            assert bands.population in text
    assert ("key of this scale is unverified" in text) == scale.opt_in


def test_what_a_definition_says_cannot_break_out_of_the_page(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(
        _shipped_text("ucla3").replace('construct = "loneliness"', 'construct = "<b>&x</b>"'),
        "utf-8",
    )
    assert "&lt;b&gt;&amp;x&lt;/b&gt;" in export_scale(mine, "codebook")


def test_a_faulty_definition_is_refused_before_anything_is_written(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("id = 3", "utf-8")
    with pytest.raises(ScaleDefinitionError):
        export_scale(mine, "sps", tmp_path / "x.sps")
    assert not (tmp_path / "x.sps").exists()

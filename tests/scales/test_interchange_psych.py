"""Keys lists of R's psych package, out and in again, and the skeleton of a new definition."""

from __future__ import annotations

import re

import pytest

from socmeasures.errors import (
    ChoiceError,
    OutputError,
    PsychKeysError,
    ScaleDefinitionError,
    ScaleExportError,
    SkeletonNameError,
)
from socmeasures.scales.catalogue import load_scale, shipped_ids
from socmeasures.scales.definition import parse_definition
from socmeasures.scales.interchange import export_scale
from socmeasures.scales.psych_reading import read_keys
from socmeasures.scales.skeleton import scale_skeleton
from socmeasures.scoring.golden import failures


def keys_of(tmp_path, text, name="keys.R"):
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return read_keys(file)


# ------------------------------------------------------------------- out


def test_reversed_items_have_a_minus_and_the_range_is_said():
    text = export_scale("brs", "psych")
    assert 'c("brs_1", "-brs_2", "brs_3", "-brs_4", "brs_5", "-brs_6")' in text
    assert 'totals = FALSE, missing = TRUE, impute = "none", min = 1, max = 5)' in text


def test_a_recoded_scale_is_refused_with_the_reason_for_each_score():
    with pytest.raises(ScaleExportError) as refused:
        export_scale("djg6", "psych")
    assert len(refused.value.faults) == 3
    assert "items 1, 2, 3 are recoded to points" in str(refused.value)
    assert "to='sps'" in str(refused.value)


def test_a_score_from_a_table_is_left_out_with_the_reason():
    text = export_scale("swemwbs", "psych")
    assert "# Left out: swemwbs_metric: it is not a sum or a mean" in text
    assert "raw = c(" in text


# ------------------------------------------------------------------- out and in again


@pytest.mark.parametrize("scale_id", shipped_ids())
def test_a_scale_that_goes_out_as_keys_comes_back_with_the_same_items_reversed(scale_id, tmp_path):
    scale, file = load_scale(scale_id), tmp_path / "keys.R"
    try:
        export_scale(scale, "psych", file, accept_unverified=True)
    except ScaleExportError:
        assert all(s.recode or s.method not in ("sum", "mean") for s in scale.scores)
        return
    for score_id, names in read_keys(file).items():
        one = scale.score(score_id)
        assert [n.removeprefix("-") for n in names] == [f"{scale_id}_{n}" for n in one.items]
        turned = [n.removeprefix(f"-{scale_id}_") for n in names if n.startswith("-")]
        assert sorted(map(int, turned)) == sorted(one.reverse)
    raw = filled(scale_skeleton("back", from_psych=file))
    assert raw.numbers == tuple(sorted({n for s in raw.scores for n in s.items}))
    for one in raw.scores:
        assert one.items == scale.score(one.id).items
        assert set(one.reverse) == set(scale.score(one.id).reverse)


FACTS = {
    "name": '"A scale"',
    "form": '"2 items"',
    "construct": '"warmth"',
    "population": '"adults"',
    "citation": '"A (2020)"',
    "evidence": '"user-supplied"',
    "licence": '{ items_text = false, note = "mine" }',
    "options": '[{ code = 1, label = "never" }, { code = 5, label = "always" }]',
    "higher": '"warmer"',
    "better": '"higher"',
    "method": '"sum"',
    "bare_codes": '"canonical"',
    "missing": '{ method = "complete", source = "library default" }',
}


def filled(text):
    """The scale a person would make of a skeleton: facts typed in, optional lines deleted."""
    lines, counted = [], 0
    for line in text.splitlines():
        asked = re.match(r"#> (\w+) =|(?=.*\"\?\")(\w+) =", line)
        if line.startswith("items = ["):
            counted = line.count(",") + 1
        if asked is None:
            lines.append("" if line.startswith("#>") else line)
        elif (field := asked[1] or asked[2]) == "range":
            lines.append(f"range = [{counted}, {5 * counted}]")
        elif field in FACTS:
            lines.append(f"{field} = {FACTS[field]}")
    return parse_definition("\n".join(lines), "filled.toml")


# ------------------------------------------------------------------- in


@pytest.mark.parametrize(
    "text",
    [
        'list(agree = c("-A1", "A2"), other="B1")',
        "keys <- list(agree = c('-A1', # reversed\n  'A2'), other = c('B1'))\n",
        'keys = list("agree" = c("-A1", "A2"), `other` = "B1")  # the end',
        'list(agree=c("-A1","A2"),\r\n other=c("B1"))',
    ],
)
def test_r_text_is_read_however_it_is_set(tmp_path, text):
    assert keys_of(tmp_path, text) == {"agree": ["-A1", "A2"], "other": ["B1"]}


def test_json_is_read_and_a_list_of_one_may_be_bare(tmp_path):
    text = '{"agree": ["-A1", "A2"], "other": "B1"}'
    assert keys_of(tmp_path, text, "keys.json") == {"agree": ["-A1", "A2"], "other": ["B1"]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1: 'list' is expected; here: 'the end of the file'"),
        ("list()", "there is no scale in it"),
        ("list(a = c())", "'a': no items"),
        ("list(a = c(-1, 2))", "'a': -1.0 is the place of a column"),
        ('list(a = c("A1", "-A1"))', "item 'A1' stands there more than once"),
        ('list(c("A1"))', "a scale needs a name"),
        ('list(a = c("A1"), a = c("A2"))', "the scale 'a' stands there twice"),
        ('list(\n a = paste0("A", 1:5))', "line 2: 'c' is expected; here: 'paste0'"),
        ('list(a = c("A1", A2))', "an item name in quotes is expected; here: 'A2'"),
        ('list(a = c("A1"', "')' is expected; here: 'the end of the file'"),
        ('list(a = c("A1"))\nx <- 2', "line 2: 'x' follows the list"),
        ('list(a = c("-"))', "an item without a name"),
        ('system("rm")', "'list' is expected; here: 'system'"),
    ],
)
def test_what_is_no_keys_list_is_refused_with_its_place(tmp_path, text, why):
    with pytest.raises(PsychKeysError) as refused:
        keys_of(tmp_path, text)
    assert why in str(refused.value)
    assert "dput(keys)" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[1, 2]", "no object of scales"),
        ('{"a": 3}', "'a': a list of item names is needed"),
        ('{"a": [true, ""]}', "True is the place of a column"),
        ('{"a": ["x"], "a": ["y"]}', "the scale 'a' stands there twice"),
        ('{"a": [', "not valid JSON"),
    ],
)
def test_json_that_is_no_keys_list_is_refused(tmp_path, text, why):
    with pytest.raises(PsychKeysError, match=re.escape(why)):
        keys_of(tmp_path, text, "keys.json")


def test_a_missing_file_and_another_encoding_are_named(tmp_path):
    with pytest.raises(PsychKeysError, match="there is no file of this name"):
        read_keys(tmp_path / "none.R")
    (tmp_path / "old.R").write_bytes('list(a = c("Größe1"))'.encode("latin-1"))
    with pytest.raises(PsychKeysError, match="not UTF-8"):
        read_keys(tmp_path / "old.R")


# ------------------------------------------------------------------- skeletons


def test_a_skeleton_does_not_load_before_it_is_filled_in():
    with pytest.raises(ScaleDefinitionError) as refused:
        parse_definition(scale_skeleton("mine"), "mine.toml")
    asked = " ".join(refused.value.faults)
    for field in (
        "citation",
        "evidence",
        "licence",
        "options",
        "better",
        "range",
        "missing",
        "method",
        "bare_codes",
    ):
        assert field in asked


def test_a_filled_skeleton_passes_the_check():
    scale = filled(scale_skeleton("mine", items=4))
    assert scale.id == "mine"
    assert scale.numbers == (1, 2, 3, 4)
    assert failures(scale) == []


def test_keys_become_items_and_reverse_lists():
    keys = {"Agree-able": ["-A1", "A2"], "other 2": ["C1", "A2", "-A1"]}
    scale = filled(scale_skeleton("bfi", from_psych=keys))
    assert [(i.number, i.label, i.names) for i in scale.items] == [
        (1, "A1", ("A1",)),
        (2, "A2", ("A2",)),
        (3, "C1", ("C1",)),
    ]
    assert [(s.id, s.items, s.reverse) for s in scale.scores] == [
        ("agree_able", (1, 2), (1,)),
        ("other_2", (3, 2, 1), (1,)),
    ]


def test_numbers_in_the_names_are_kept_where_one_stem_has_them_all():
    scale = filled(scale_skeleton("x", from_psych={"t": ["q_07", "-q_02", "q_10"]}))
    assert scale.numbers == (2, 7, 10)
    assert scale.score("t").reverse == (2,)


def test_column_names_with_quotes_and_umlauts_survive():
    odd = 'Größe "1"\\'
    scale = filled(scale_skeleton("x", from_psych={"t": [odd, "b"]}))
    assert scale.items[0].names == (odd,)


def test_scales_that_would_share_a_score_are_refused():
    with pytest.raises(PsychKeysError) as refused:
        scale_skeleton("x", from_psych={"A b": ["q1"], "a-B": ["q2"], "5": ["q3"]})
    assert len(refused.value.faults) == 3


def test_slips_in_a_skeletons_call_are_named(tmp_path):
    with pytest.raises(SkeletonNameError, match="Close: 'my_scale'"):
        scale_skeleton("My scale")
    with pytest.raises(ChoiceError, match="a whole number from 1"):
        scale_skeleton("mine", items=0)
    with pytest.raises(ChoiceError, match="the keys list tells"):
        scale_skeleton("mine", items=3, from_psych={"a": ["b"]})
    file = tmp_path / "mine.toml"
    text = scale_skeleton("mine", file)
    assert file.read_text("utf-8") == text
    with pytest.raises(OutputError, match="there already"):
        scale_skeleton("mine", file)
    assert scale_skeleton("mine", file, items=1, overwrite=True) == file.read_text("utf-8")

"""The Maternal Social Support Index: no key, a user's key, the reconstruction; never mixed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.one_group import pre_post
from socmeasures.designs.study import Study
from socmeasures.errors import (
    KeyMismatchError,
    KeyNeededError,
    MixedKeysError,
    ScaleDefinitionError,
    UnverifiedScaleError,
)
from socmeasures.networks.template import write_template
from socmeasures.reports.document import report
from socmeasures.responses.matching import match_scales
from socmeasures.responses.reading import read
from socmeasures.responses.sav_writing import write_sav
from socmeasures.scales.catalogue import load_scale
from socmeasures.scales.definition import read_definition
from socmeasures.scales.model import Scale
from socmeasures.scoring.compute import score
from socmeasures.scoring.golden import failures
from socmeasures.scoring.record import scoring_record

# A synthetic key: one task, one count, one question with a second one, one with a code 9.
FILLED = (
    ('form = ""', 'form = "synthetic, four questions"'),
    ('key = ""', 'key = "made up for the tests"'),
    ('evidence_note = ""', 'evidence_note = "invented"'),
    ('{ code = 1, label = "" }', '{ code = 1, label = "never" }'),
    ('{ code = 2, label = "" }', '{ code = 2, label = "sometimes" }'),
    ('{ code = 3, label = "" }', '{ code = 3, label = "always" }'),
    ("{ items = [1], map = {} }", "{ items = [1], map = { 1 = 0, 2 = 1, 3 = 2 } }"),
    (
        "{ items = [2], bins = [] }",
        "{ items = [2], bins = [{ from = 0, to = 0, points = 0 }, { from = 1, to = 2, points = 1 },"
        " { from = 3, points = 2 }] }",
    ),
    ("{ items = [5], map = {} }", "{ items = [5], map = { 0 = 0, 1 = 0, 2 = 1, 3 = 2 } }"),
    ("{ items = [6], map = {} }", "{ items = [6], map = { 1 = 0, 2 = 2 } }"),
    ('counts_as = "missing"', "counts_as = 0"),
    ('source = ""', 'source = "library default"'),
)
RANGES = {"tasks": 2, "kin": 2, "partner": 4, "total": 8}


def key_file(folder: Path, name: str = "my-key.toml", *changes: tuple[str, str]) -> Path:
    path = folder / name
    write_template("mssi-key", path)
    text = path.read_text(encoding="utf-8")
    for old, new in FILLED:
        assert old in text, old
        text = text.replace(old, new)
    for score_id, high in RANGES.items():
        head, part = text.split(f'id = "{score_id}"', 1)
        text = (
            head + f'id = "{score_id}"' + part.replace("range = [0, 0]", f"range = [0, {high}]", 1)
        )
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def key(tmp_path) -> Path:
    return key_file(tmp_path)


@pytest.fixture
def answers() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [1, 2, 3],
            "mssi_1": [3, 1, 2],
            "mssi_2": [5, 0, 2],
            "mssi_3": [1, 0, 1],
            "mssi_3a": [3, np.nan, np.nan],
            "mssi_6": [2, 9, 1],
        }
    )


def reconstruction() -> pd.DataFrame:
    """The three golden lines of the reference, by item number."""
    lines = [
        [0] * 10 + [0, 0, 0, 0, 0, None, 0, None, 0, 0, 0, 0, 0],
        [2] * 10 + [5, 2, 5, 5, 1, 2, 1, 2, 1, 1, 1, 1, 1],
        [0, 1, 2, 0, 1, 0, 2, 1, 2, 0, 2, 1, 3, 1, 0, None, 1, 2, 1, 0, 0, 1, 0],
    ]
    names = [f"mssi_{n}" for n in [*range(1, 16), "15a", 16, "16a", *range(17, 22)]]
    return pd.DataFrame(lines, columns=names, dtype=float)


# ------------------------------------------------------------------- no key


def test_without_a_key_the_way_on_is_told(answers):
    with pytest.raises(KeyNeededError) as refusal:
        score(answers, "mssi")

    text = str(refusal.value)
    for words in ("key=", "socmeasures template mssi-key", "mssi21_reconstructed", "'msss'"):
        assert words in text


def test_the_empty_template_scores_nothing_until_it_is_filled_in(tmp_path):
    write_template("mssi-key", tmp_path / "empty.toml")

    with pytest.raises(ScaleDefinitionError) as refusal:
        read_definition(tmp_path / "empty.toml")

    text = str(refusal.value)
    assert "key: string should have at least 1 character" in text
    assert "'total', recode: item 2 has no points for codes 0, 1, 2" in text


# ------------------------------------------------------------------- a user's key


def test_a_users_key_scores_with_its_parts_and_says_which_it_is(answers, key):
    scored = score(answers, "mssi", key=key)
    scale = load_scale(key)

    assert scored["mssi_total"].fillna(-1).tolist() == [8, 0, -1]
    assert scored["mssi_tasks"].tolist() == [2, 0, 1]
    assert scored["mssi_kin"].tolist() == [2, 0, 1]
    assert scored["mssi_partner"].fillna(-1).tolist() == [4, 0, -1]
    assert scored["mssi_total_pct"].fillna(-1).tolist() == [100, 0, -1]
    assert scored["mssi_nobody"].tolist() == [0, 1, 0]
    assert scored["mssi_no_partner"].tolist() == [0, 1, 0]
    assert set(scored["mssi_key"]) == {"made up for the tests"}
    assert set(scored["mssi_key_hash"]) == {scale.definition_hash}
    use = scoring_record(scored).uses[0]
    assert (use.key, use.evidence) == ("made up for the tests", "user-supplied")
    assert scale.definition_hash[:12] in use.notes[-1]


def test_does_not_apply_may_be_no_answer(answers, tmp_path):
    key = key_file(tmp_path, "missing.toml", ("counts_as = 0,", 'counts_as = "missing",'))

    scored = score(answers, "mssi", key=key)

    assert scored["mssi_partner_n"].tolist() == [2, 1, 1]
    assert scored["mssi_total"].isna().tolist() == [False, True, True]
    assert scored["mssi_no_partner"].tolist() == [0, 1, 0]


def test_an_answer_to_a_question_that_does_not_apply_is_told_and_not_used(answers, key):
    against = answers.assign(mssi_3a=[3, 2, 1])

    scored = score(against, "mssi", key=key)

    assert scored["mssi_partner"].tolist() == [4, 0, 0]
    assert "1 answers to mssi_3a" in scoring_record(scored).uses[0].notes[0]


def test_a_key_for_another_instrument_is_refused(answers, key, tmp_path):
    other = key_file(tmp_path, "other.toml", ('id = "mssi"', 'id = "other"'))

    with pytest.raises(KeyMismatchError, match="this key is for 'other', and 'mssi'"):
        score(answers, "mssi", key=other)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('evidence = "user-supplied"', 'evidence = "published"'), "none is published"),
        (("{ from = 1, to = 2,", "{ from = 1, to = 1,"), "bins: gap between 1 and 3"),
        (("{ from = 1, to = 2,", "{ from = 1, to = 4,"), "bins: overlap between 4 and 3"),
        (("map = { 1 = 0, 2 = 1, 3 = 2 }", "map = { 1 = 0, 3 = 2 }"), "no points for code 2"),
        (("codes = [9]", "codes = [8]"), "not_applicable: 8 is none of its codes"),
        (("items = [3, 4], rule", "items = [3], rule"), "follow_up takes two items"),
        (('id = "tasks"', 'id = "key"'), "columns of their own"),
    ],
)
def test_faults_of_a_key_are_told(tmp_path, change, told):
    with pytest.raises(ScaleDefinitionError, match=told):
        read_definition(key_file(tmp_path, "bad.toml", change))


def test_a_total_alone_is_no_key(tmp_path):
    text = key_file(tmp_path).read_text(encoding="utf-8")
    head, total = text.split("[[scores]]", 1)[0], text.split('[[scores]]\nid = "total" ')[1]
    path = tmp_path / "alone.toml"
    path.write_text(f'{head}[[scores]]\nid = "total" {total}', encoding="utf-8")

    with pytest.raises(ScaleDefinitionError, match="only given with sub-scores beside it"):
        read_definition(path)


@pytest.mark.parametrize(
    "change",
    [
        ("3 = 2 } }, { items = [2]", "3 = 3 } }, { items = [2]"),
        ("{ from = 3, points = 2 }", "{ from = 3, points = 1.5 }"),
        ("counts_as = 0,", "counts_as = 1,"),
        ("counts_to = 50", "counts_to = 60"),
        ('rule = "follow_up", from = 1', 'rule = "follow_up", from = 0'),
    ],
)
def test_one_changed_field_changes_the_hash(tmp_path, change):
    text = key_file(tmp_path).read_text(encoding="utf-8")
    assert change[0] in text
    wider = text.replace(*change)
    before, after = (Scale.model_validate(tomllib.loads(t)) for t in (text, wider))
    assert before.definition_hash != after.definition_hash


def test_names_and_labels_do_not_change_the_hash(tmp_path):
    one = load_scale(key_file(tmp_path))
    other = load_scale(
        key_file(tmp_path, "b.toml", ("made up for the tests", "another name"), ("a task", "job"))
    )

    assert one.definition_hash == other.definition_hash


@pytest.mark.parametrize("keep_record", [True, False], ids=["with its record", "without it"])
def test_scores_of_different_keys_are_never_compared(answers, key, tmp_path, keep_record):
    other = key_file(tmp_path, "other.toml", ("counts_to = 50", "counts_to = 60"))
    before = score(answers, "mssi", key=key).assign(wave="a")
    after = score(answers, "mssi", key=other).assign(wave="b")
    both = pd.concat([before, after], ignore_index=True)
    if not keep_record:
        both.attrs = {}
    study = Study(both, person="id", wave="wave", waves=["a", "b"])

    with pytest.raises(MixedKeysError, match="never compared or pooled"):
        pre_post(study, "mssi_total")


def test_a_plan_scores_both_time_points_with_one_key(answers, key):
    wide = pd.concat(
        [answers.set_index("id").add_suffix(f"_{w}") for w in ("t1", "t2")], axis=1
    ).reset_index()

    plan = match_scales(wide, scales=[str(key)])
    scored = score(wide, plan)

    assert scored["mssi_total__t2"].iloc[0] == 8
    assert set(scored["mssi_key_hash__t1"]) == set(scored["mssi_key_hash__t2"])


# ------------------------------------------------------------------- the reconstruction


def test_the_reconstruction_needs_the_callers_word():
    with pytest.raises(UnverifiedScaleError, match="accept_unverified=True"):
        score(reconstruction(), "mssi21_reconstructed")


def test_the_golden_lines_of_the_reference_come_out():
    scored = score(reconstruction(), "mssi21_reconstructed", accept_unverified=True)

    wanted = {
        "tasks": [0, 20, 9], "kin": [0, 4, 2], "emergency": [0, 4, 3], "partner": [0, 2, 0],
        "confidant": [0, 2, 2], "community": [0, 5, 2], "total": [0, 37, 18],
        "total_without_partner": [0, 35, 18], "no_partner": [1, 0, 1],
    }  # fmt: skip
    for name, values in wanted.items():
        assert scored[f"mssi21_reconstructed_{name}"].tolist() == values, name
    assert failures(load_scale("mssi21_reconstructed")) == []


def test_the_warning_goes_wherever_the_numbers_go(tmp_path):
    rows = pd.concat([reconstruction()] * 4, ignore_index=True)
    scored = score(rows, "mssi21_reconstructed", accept_unverified=True)
    warning = "reconstructed from memory, not the published key"
    write_sav(scored, tmp_path / "scored.sav")
    _, book = read(tmp_path / "scored.sav")
    later = scored.assign(wave="b", id=range(12))
    later["mssi21_reconstructed_total"] += np.arange(12) % 3
    both = pd.concat([scored.assign(wave="a", id=range(12)), later], ignore_index=True)
    both.attrs = dict(scored.attrs)
    study = Study(both, person="id", wave="wave", waves=["a", "b"])
    report([pre_post(study, "mssi21_reconstructed_total")], tmp_path / "report.html")

    record = scoring_record(scored)
    assert warning in record.uses[0].notes[-1]
    assert warning in record.column("mssi21_reconstructed_total").label
    label = book["mssi21_reconstructed_total"].label
    assert warning in label
    assert "unverified" in label
    assert set(scored["mssi21_reconstructed_key"]) == {warning}
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert warning in page
    assert load_scale("mssi21_reconstructed").definition_hash[:12] in page


def test_higher_same_lower_says_what_no_change_would_give():
    """Two-sided exact p values of the reference, 5.5."""
    wanted = {(12, 9, 4): 0.076813, (47, 6, 47): 1, (8, 0, 1): 0.039063, (10, 10, 10): 1}
    for (higher, same, lower), p_value in wanted.items():
        n = higher + same + lower
        change = np.r_[np.ones(higher), np.zeros(same), -np.ones(lower)]
        data = pd.DataFrame({"id": range(n), "y__a": np.arange(n) % 5 + 3.0})
        data["y__b"] = data["y__a"] + change
        study = Study.from_wide(data, person="id", waves=["a", "b"])

        result = pre_post(study, "y")
        table = result.tables["higher, same, lower"].set_index("direction")

        assert table.loc["higher", "sign_test_p"] == pytest.approx(p_value, abs=1e-6)
        assert table.loc["higher", "share"] == pytest.approx(higher / n)
        assert table.loc["higher", "share_without_change"] == pytest.approx((1 - same / n) / 2)
        assert table.loc["higher", "ci_low"] < higher / n < table.loc["higher", "ci_high"]
    assert any("with no change at all" in note for note in result.notes)

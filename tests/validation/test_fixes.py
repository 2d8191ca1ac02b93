"""Corrections: proposed, agreed to, applied, recorded, undone; and the report as a workbook."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pandera.errors
import polars as pl
import pytest

from socmeasures.designs.study import Study
from socmeasures.errors import FixError
from socmeasures.responses.matching import match_scales
from socmeasures.responses.schemas import plan_schema
from socmeasures.validation.fixes import Fix, Fixes, apply_fixes, suggest_fixes, undo_fixes
from socmeasures.validation.report import validate
from socmeasures.validation.schemas import study_schema
from socmeasures.validation.workbook import report_sheets

TEXTS = pd.DataFrame(
    {
        "id": ["a", "b"],
        **{f"ucla3_{i}": ["often", "Oftn" if i == 2 else "often"] for i in (1, 2, 3)},
    }
)
CODES = pd.DataFrame({f"mspss_{i}": [4, 99 if i == 3 else 5] for i in range(1, 13)}, index=[7, 3])


def agreed(fixes: Fixes) -> Fixes:
    return Fixes(fixes=tuple(f.model_copy(update={"apply": True}) for f in fixes.fixes))


def test_a_near_miss_and_a_usual_missing_code_are_proposed_and_not_applied(tmp_path):
    words = suggest_fixes(TEXTS, match_scales(TEXTS))
    codes = suggest_fixes(CODES, match_scales(CODES))
    assert [(f.column, f.value, f.becomes, f.n) for f in words.fixes] == [
        ("ucla3_2", "Oftn", "often", 1)
    ]
    assert [(f.column, f.value, f.becomes) for f in codes.fixes] == [("mspss_3", 99, None)]
    saved = Fixes.load(words.save(tmp_path / "fixes.toml"))
    assert saved == words
    pd.testing.assert_frame_equal(apply_fixes(TEXTS, saved).data, TEXTS)


@pytest.mark.parametrize("data", [TEXTS, CODES], ids=["words", "codes"])
def test_what_was_agreed_to_is_applied_recorded_and_undone(data):
    plan = match_scales(data)
    before = data.copy(deep=True)
    done = apply_fixes(data, agreed(suggest_fixes(data, plan)))
    assert validate(done.data, plan, coding="canonical").ok
    assert len(done.changed) == 1
    pd.testing.assert_frame_equal(data, before)
    pd.testing.assert_frame_equal(undo_fixes(done.data, done.record), before)


def test_polars_frames_are_corrected_as_polars():
    data = pl.from_pandas(TEXTS)
    done = apply_fixes(data, agreed(suggest_fixes(data, match_scales(data))))
    assert done.data["ucla3_2"].to_list() == ["often", "often"]
    assert undo_fixes(done.data, done.record).equals(data)


def test_corrections_that_do_not_fit_are_refused_all_at_once():
    fixes = Fixes(
        fixes=(
            Fix(column="ucla3_9", value="x", apply=True),
            Fix(column="ucla3_1", value="never", apply=True),
            Fix(column="ucla3_2", value="Oftn", becomes="a", apply=True),
            Fix(column="ucla3_2", value="Oftn", becomes="b", apply=True),
        )
    )
    with pytest.raises(FixError) as caught:
        apply_fixes(TEXTS, fixes)
    assert len(caught.value.faults) == 3
    with pytest.raises(FixError, match="is a text"):
        apply_fixes(CODES, Fixes(fixes=(Fix(column="mspss_3", value=99, becomes="x", apply=True),)))


def test_undoing_in_a_sorted_frame_is_refused():
    done = apply_fixes(TEXTS, agreed(suggest_fixes(TEXTS, match_scales(TEXTS))))
    turned = done.data.iloc[::-1].assign(ucla3_2=["often", "x"])
    with pytest.raises(FixError, match="no longer holds"):
        undo_fixes(turned, done.record)
    with pytest.raises(FixError, match="no record"):
        undo_fixes(TEXTS, "{}")


@pytest.mark.parametrize("text", ["[[fixes]]\ncolumn = 1\nvalue = 2", "nothing = 1", "[["])
def test_a_list_with_faults_is_refused(tmp_path, text):
    (tmp_path / "fixes.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FixError, match=r"fixes\.toml"):
        Fixes.load(tmp_path / "fixes.toml")


def test_the_workbook_has_a_sheet_for_each_view_and_no_formula(tmp_path):
    data = TEXTS.assign(ucla3_1=["=1+1", "often"])
    report = validate(data, match_scales(data), person="id")
    report.to_xlsx(tmp_path / "problems.xlsx")
    book = openpyxl.load_workbook(tmp_path / "problems.xlsx")
    assert book.sheetnames == ["Summary", "By kind", "By column", "By person", "One by one"]
    assert book["Summary"]["A3"].value.startswith("INTERNAL")
    cells = [c for row in book["One by one"].iter_rows() for c in row]
    assert any(c.value == "=1+1" and c.data_type == "s" for c in cells)
    assert list(report_sheets(report)["By person"]["person"]) == ["a", "b"]


def test_a_clean_report_is_one_sheet_and_people_are_rows_without_an_id_column():
    clean = TEXTS.assign(ucla3_2="often")
    assert list(report_sheets(validate(clean, match_scales(clean)))) == ["Summary"]
    assert "By row" in report_sheets(validate(TEXTS, match_scales(TEXTS)))


def test_the_schema_of_a_plan_names_the_item_and_its_codes():
    schema = plan_schema(match_scales(CODES))
    with pytest.raises(pandera.errors.SchemaErrors, match="item 3 of mspss takes 1, 2, 3"):
        schema.validate(CODES, lazy=True)
    assert schema.validate(CODES.replace(99, 5)).shape == (2, 12)


def test_the_schema_of_a_study_knows_its_arms_and_time_points():
    long = pd.DataFrame(
        {"id": [1, 1, 2, 2], "w": ["a", "b"] * 2, "arm": ["x", "x", "y", "y"], "q": [1, 2, 3, 4]}
    )
    study = Study(long, person="id", wave="w", waves=["a", "b"], arm="arm", control="y")
    schema = study_schema(study)
    assert len(schema.validate(study.data)) == 4
    for change, text in (
        ({"w": ["a", "c", "a", "b"]}, "time points of this study are a, b"),
        ({"arm": ["x", "y", "y", "y"]}, "a person is in more than one arm"),
        ({"arm": ["z", "z", "y", "y"]}, "arms of this study are"),
        ({"id": [1, 1, 1, 2]}, "not unique"),
    ):
        with pytest.raises(pandera.errors.SchemaErrors, match=text):
            schema.validate(study.data.assign(**change), lazy=True)

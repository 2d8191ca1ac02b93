"""`soc.validate`: every problem with its place, in plain words."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import socmeasures as soc
from socmeasures.errors import PROBLEM_COLUMNS
from tests.made_up import calm

GOOD = pd.DataFrame(
    {"id": ["a", "b", "c"], "ucla3_1": [1, 3, 2], "ucla3_2": [1, 3, 2], "ucla3_3": [2, 3, 1]}
)


def rules(data: object, scale: object = "ucla3", **options: object) -> list[str]:
    options = {"coding": "canonical"} | options
    return list(soc.validate(data, scale, **options).problems["rule"])  # type: ignore[arg-type]


def test_good_answers_have_no_problems() -> None:
    report = soc.validate(GOOD, "ucla3", coding="canonical", person="id")

    assert report.ok
    assert list(report.problems.columns) == list(PROBLEM_COLUMNS)
    assert not len(report.problems)
    assert "3 rows" in str(report)


def test_the_columns_and_the_words_of_a_problem() -> None:
    report = soc.validate(GOOD.assign(ucla3_1=[1, 7, 2]), "ucla3", coding="canonical", person="id")

    row = report.problems.iloc[0]
    assert not report.ok
    assert (row["row"], row["person"], row["column"], row["scale"], row["item"], row["value"]) == (
        2, "b", "ucla3_1", "ucla3", 1, 7,
    )  # fmt: skip
    assert (row["rule"], row["severity"]) == ("out_of_range", "error")
    assert "row 2, person b, column ucla3_1: 7 is no answer of this item" in str(report)


def test_every_kind_of_fault_has_its_rule() -> None:
    data = pd.DataFrame(
        {"ucla3_1": ["1", "2.5", "9", "Dunno"], "ucla3_2": ["1"] * 4, "ucla3_3": ["1"] * 4}
    )

    assert sorted(rules(data)) == ["fractional", "out_of_range", "unknown_label"]


def test_a_missing_column_is_a_row_and_not_a_refusal() -> None:
    assert rules(GOOD.drop(columns="ucla3_2")) == ["missing_column"]


def test_two_columns_for_one_item_are_a_row_and_not_a_refusal() -> None:
    assert rules(GOOD.assign(UCLA3_1=1)) == ["ambiguous_column"]


def test_an_undecided_coding_is_a_row_and_not_a_refusal() -> None:
    report = soc.validate(GOOD, "ucla3")

    assert not report.ok
    assert report.problems["rule"].tolist() == ["coding"]
    assert "It could be: canonical: 1 = hardly ever" in report.problems["message"][0]


def test_a_coding_against_the_labels_is_worth_a_look() -> None:
    labels = {1: "Often", 2: "Some of the time", 3: "Hardly ever or never"}
    book = soc.Codebook.from_labels({f"ucla3_{n}": labels for n in (1, 2, 3)})

    report = soc.validate(GOOD, "ucla3", codebook=book, coding="canonical")

    assert report.ok
    assert report.problems["rule"].tolist() == ["coding"]
    assert "say otherwise than the stated coding" in report.problems["message"][0]


@pytest.mark.parametrize(
    "index", [pd.RangeIndex(3), pd.Index([5, 5, 5]), pd.MultiIndex.from_tuples([(1, 1)] * 3)]
)
def test_a_person_there_twice_is_named_in_each_row(index: pd.Index) -> None:
    data = GOOD.assign(id=["a", "b", "a"]).set_axis(index)

    problems = soc.validate(data, "ucla3", coding="canonical", person="id").problems

    assert problems["row"].tolist() == [1, 3]
    assert set(problems["rule"]) == {"duplicate_person_wave"}
    assert "also row 3" in problems["message"][0]


def test_the_same_person_at_two_time_points_is_no_duplicate() -> None:
    data = GOOD.assign(id=["a", "a", "b"], when=["pre", "post", "pre"])

    assert rules(data, person="id", wave="when") == []
    assert set(rules(data.assign(when="pre"), person="id", wave="when")) == {
        "duplicate_person_wave"
    }


def test_rows_without_an_identifier_are_no_duplicates_of_one_another() -> None:
    assert rules(GOOD.assign(id=[None, None, "c"]), person="id") == []


@pytest.mark.parametrize("nothing", [np.nan, "", " "])
def test_who_answered_nothing_is_a_remark_in_numbers_and_in_words(nothing: object) -> None:
    data = GOOD.drop(columns="id").astype(object)
    data.iloc[1] = nothing

    report = soc.validate(data, "ucla3", coding="canonical")

    assert report.ok
    assert report.problems["rule"].tolist() == ["not_answered"]
    assert report.problems["row"].tolist() == [2]


def test_who_gave_only_illegal_answers_did_answer() -> None:
    data = GOOD.drop(columns="id")
    data.iloc[1] = 9

    assert set(rules(data)) == {"out_of_range"}


def test_one_answer_to_statements_of_both_directions_is_a_remark() -> None:
    data = pd.DataFrame({f"ucla20_v3_{n}": [4, 2 + n % 2] for n in range(1, 21)})

    report = soc.validate(data, "ucla20_v3")

    assert report.ok
    assert report.problems["rule"].tolist() == ["straight_line"]
    assert report.problems["row"].tolist() == [1]


def test_waves_of_wide_data_are_told() -> None:
    data = pd.DataFrame(
        {
            f"ucla3_{n}_{w}": [7 if w == "t2" and n == 1 else 2]
            for w in ("t1", "t2")
            for n in (1, 2, 3)
        }
    )

    problems = soc.validate(data, soc.match_scales(data), coding="canonical").problems

    assert problems["wave"].tolist() == ["t2"]
    assert problems["column"].tolist() == ["ucla3_1_t2"]


def test_a_coding_that_would_fit_is_proposed() -> None:
    data = pd.DataFrame({f"ucla3_{n}": [0, 1, 2] for n in (1, 2, 3)})

    report = soc.validate(data, "ucla3", coding="canonical")

    assert "fit the coding 'zero-based'" in report.hints[0]
    assert "fit the coding 'zero-based'" in str(report)


def test_an_unverified_key_is_remarked_on_until_it_is_accepted() -> None:
    data = pd.DataFrame({f"ucla4_{n}": [1, 4] for n in range(1, 5)})

    assert "coding" in list(soc.validate(data, "ucla4").problems["rule"])
    assert "coding" not in list(
        soc.validate(data, "ucla4", accept_unverified=True).problems["rule"]
    )


def test_a_study_may_be_validated() -> None:
    data = pd.DataFrame({"id": [1, 1, 2, 2], "when": ["pre", "post"] * 2, "y": [1.0, 2, 3, 4]})
    study = soc.Study(data, person="id", wave="when", waves=["pre", "post"])

    assert soc.validate(None, study).ok


def test_the_input_is_not_changed() -> None:
    data = GOOD.assign(ucla3_1=[1, 7, 2])
    before = copy.deepcopy(data)

    soc.validate(data, "ucla3", coding="canonical", person="id")

    pd.testing.assert_frame_equal(data, before)


def test_problems_follow_the_kind_of_frame() -> None:
    data = pl.from_pandas(GOOD.assign(ucla3_1=[1, 7, 2]))

    problems = soc.validate(data, "ucla3", coding="canonical", person="id").problems

    assert isinstance(problems, pl.DataFrame)
    assert problems["person"].to_list() == ["b"]


def test_validation_and_scoring_find_the_same_illegal_answers() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame(
        {f"calm_{n}": rng.choice([1, 2, 3, 4, 5, 2.5, np.nan], 60) for n in range(1, 5)}
    )

    report = soc.validate(data, calm())
    with pytest.raises(soc.SocmeasuresError) as refusal:
        soc.score(data, calm())

    errors = report.problems[report.problems["severity"] == "error"]
    columns = ["row", "column", "value", "rule"]
    pd.testing.assert_frame_equal(
        errors[columns].sort_values(columns[:2]).reset_index(drop=True),
        refusal.value.problems[columns].sort_values(columns[:2]).reset_index(drop=True),
        check_dtype=False,
    )


def test_the_page_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "problems & more.html"

    text = soc.validate(GOOD, "ucla3", coding="canonical").to_html(path)

    assert path.read_text(encoding="utf-8") == text
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_beyond_so_many_faults_the_first_rows_are_listed_and_all_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("socmeasures.validation.report.MOST", 3)
    columns = {f"ucla3_{i}": [9, 1, 9, 9] for i in (1, 2, 3)}
    data = pd.DataFrame({**columns, **{f"brs_{i}": [i % 2, 2, 8, 1] for i in range(1, 7)}})

    report = soc.validate(data, soc.match_scales(data), coding="canonical")

    errors = report.table[report.table["severity"] == "error"]
    assert (len(errors), report.n_unlisted) == (3, 15)
    assert errors["row"].tolist() == [1, 1, 1]
    assert errors["column"].tolist() == ["ucla3_1", "ucla3_2", "ucla3_3"]
    assert not report.ok
    assert report.summary.startswith("18 errors in 4 rows, 3 of them listed")


def test_what_is_judged_on_a_part_of_the_rows_is_said(tmp_path):
    rows = 20_001
    rng = np.random.default_rng(1)
    many = pd.DataFrame({f"mspss_{i}": rng.integers(1, 8, rows) for i in range(1, 13)})
    report = soc.validate(many, "mspss")
    said = "judged on 10,001 of 20,001 rows, evenly spaced"
    assert said in str(report)
    assert said in report.to_html()
    report.to_xlsx(tmp_path / "report.xlsx")
    summary = pd.read_excel(tmp_path / "report.xlsx", sheet_name="Summary")
    assert summary["summary"].str.contains(said).any()
    assert soc.validate(many.head(20_000), "mspss").sampling == ""

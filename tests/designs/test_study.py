from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.measurements import measure
from socmeasures.designs.study import Study
from socmeasures.errors import OutcomeNotFoundError, StudyError, TextOutcomeError, WaveNotFoundError
from socmeasures.scoring.record import ScaleUse, ScoreColumn, ScoringRecord


@pytest.fixture
def long():
    return pd.DataFrame(
        {
            "id": ["a", "b", "c", "a", "b"],
            "wave": ["pre", "pre", "pre", "post", "post"],
            "arm": ["new", "usual", "new", "new", "usual"],
            "site": ["north", "south", "north", "north", "south"],
            "score": [5.0, 7, 6, 4, None],
        }
    )


def _study(data, **more):
    return Study(data, **{"person": "id", "wave": "wave", "waves": ["pre", "post"], **more})


def test_people_and_arms_are_sorted_the_control_last(long):
    study = _study(long, arm="arm", control="new")
    assert study.people == ("a", "b", "c")
    assert study.arms == ("usual", "new")


def test_the_callers_frame_is_not_changed(long):
    before = long.copy(deep=True)
    _study(long, arm="arm")
    pd.testing.assert_frame_equal(long, before)


def test_all_faults_are_told_at_once(long):
    data = pd.concat(
        [
            long,
            pd.DataFrame(
                {"id": ["a", None], "wave": ["post", "pre"], "arm": ["usual", "new"], "score": 1}
            ),
        ],
        ignore_index=True,
    )
    with pytest.raises(StudyError) as caught:
        _study(data, waves=["pre", "post", "6m"], arm="arm", control="care", cluster="cite")
    text = str(caught.value)
    assert text.startswith("7 faults in this study:")
    assert "there is no column 'cite' (cluster). Close: 'site'." in text
    assert "cluster='cite' is given without allocation=" in text
    assert "nobody has the time point '6m'" in text
    assert "1 row without a person identifier in 'id': row 7" in text
    assert "1 person is there more than once at a time point: person a at post: rows 4, 6" in text
    assert "1 person is in more than one arm ('arm'): person a: new and usual" in text
    assert "control='care' is no arm in 'arm'. Arms: new, usual." in text
    assert set(caught.value.problems["row"].dropna()) == {1, 4, 6, 7}


def test_a_person_twice_is_listed_five_times_and_counted():
    data = pd.DataFrame({"id": [*range(8), *range(8)], "wave": "pre", "score": 1})
    data = pd.concat([data, pd.DataFrame({"id": [0], "wave": ["post"], "score": [1]})])
    with pytest.raises(StudyError, match=r"8 people .* … 3 more\. Keep the right row") as caught:
        _study(data)
    assert len(caught.value.problems) == 16
    assert set(caught.value.problems["rule"]) == {"duplicate_person_wave"}


def test_a_missing_person_column_offers_the_nearest(long):
    with pytest.raises(StudyError, match=r"no column 'idd' \(person\)\. Close: 'id'"):
        _study(long, person="idd")


def test_an_arm_missing_in_one_row_is_known_from_another(long):
    long.loc[3, "arm"] = None
    assert _study(long, arm="arm").arm_of()["a"] == "new"


def test_a_person_without_an_arm_is_a_fault(long):
    long.loc[2, "arm"] = None
    with pytest.raises(StudyError, match="1 person has no arm in 'arm': c"):
        _study(long, arm="arm")


def test_one_arm_beside_a_control_is_a_fault(long):
    with pytest.raises(StudyError, match="only one arm, 'new'"):
        _study(long.assign(arm="new"), arm="arm", control="new")


def test_a_person_in_two_clusters_is_a_fault(long):
    long.loc[3, "site"] = "south"
    with pytest.raises(StudyError, match=r"more than one cluster .*person a: north and south"):
        _study(long, cluster="site", allocation="individual")


def test_allocation_must_be_known_and_must_have_its_cluster(long):
    with pytest.raises(StudyError, match="allocation='random' is not known"):
        _study(long, allocation="random")
    with pytest.raises(StudyError, match="without cluster="):
        _study(long, allocation="cluster")


def test_rows_of_other_time_points_are_set_aside_and_counted(long):
    extra = pd.DataFrame({"id": ["a", "b"], "wave": ["9m", None], "score": [1, 2]})
    study = _study(pd.concat([long, extra]))
    assert study.notes == (
        "1 row without a time point set aside.",
        "1 row of time point '9m' set aside: not in waves=.",
    )


def test_time_points_may_be_numbers_and_be_given_names(long):
    numbered = long.assign(wave=long["wave"].map({"pre": 0.0, "post": 6.0}))
    assert _study(numbered, waves=[0, 6]).waves == ("0", "6")
    assert _study(numbered, waves={"baseline": 0, "6m": 6}).waves == ("baseline", "6m")


def test_time_points_out_of_order_by_their_dates(long):
    dated = long.assign(day=["2024-06-01"] * 3 + ["2024-01-01"] * 2)
    with pytest.raises(StudyError, match="out of order: 'post' comes after 'pre'"):
        _study(dated, date="day")


def test_wide_data_become_long():
    wide = pd.DataFrame(
        {
            "id": [1, 2],
            "age": [70, 80],
            "score__pre": [5, 7],
            "score__post": [4, None],
            "score_status__post": pd.Categorical(["scored", "too_few_items"]),
        }
    )
    study = Study.from_wide(wide, person="id", waves={"baseline": "pre", "6m": "post"})
    found = measure(study, "score")
    assert found.scores.to_numpy()[0].tolist() == [5, 4]
    assert found.reasons.loc[2, "6m"] == "too few items answered"
    assert study.by_person("age").tolist() == [70, 80]


def test_wide_faults_name_the_rows_and_endings_of_the_file():
    wide = pd.DataFrame({"id": [1, 1, None], "score__pre": 1, "score__t2": 2})
    with pytest.raises(StudyError) as caught:
        Study.from_wide(wide, person="id", waves=["pre", "t3"])
    text = str(caught.value)
    assert "row 3" in text
    assert "person 1: rows 1, 2" in text
    assert "no column ends in '__t3'. Endings here: pre, t2." in text


def test_polars_frames_are_taken(long):
    polars = pytest.importorskip("polars")
    study = _study(polars.DataFrame(long.to_dict("list")))
    assert measure(study, "score").scores.loc["a"].tolist() == [5, 4]


def test_reasons_come_from_the_status_column(long):
    study = _study(long.assign(score_status=["scored"] * 4 + ["invalid"]))
    reasons = measure(study, "score").reasons
    assert reasons.loc["b", "post"] == "an answer outside the options"
    assert reasons.loc["c", "post"] == "no row at this time point"
    assert reasons.loc["a", "post"] == ""


def test_shuffled_rows_give_the_same_scores(long):
    first = measure(_study(long), "score")
    second = measure(_study(long.sample(frac=1, random_state=3)), "score")
    pd.testing.assert_frame_equal(first.scores, second.scores)
    pd.testing.assert_frame_equal(first.reasons, second.reasons)


@pytest.mark.parametrize("dtype", ["float64", "Float64", "object"])
def test_columns_of_any_numeric_kind_are_read(long, dtype):
    found = measure(_study(long.assign(score=long["score"].astype(dtype))), "score")
    assert found.scores.loc["a"].tolist() == [5, 4]
    assert np.isnan(found.scores.loc["b", "post"])


def test_text_is_refused_with_its_rows(long):
    long["score"] = ["5", "often", 6, 4, None]
    with pytest.raises(TextOutcomeError, match=r"'score' holds text .*'5', 'often'") as caught:
        measure(_study(long), "score")
    assert caught.value.problems["row"].tolist() == [1, 2]


def test_an_outcome_that_is_not_there_offers_the_nearest(long):
    with pytest.raises(OutcomeNotFoundError, match=r"no outcome 'scor'.*Close: 'score'"):
        _study(long).outcome("scor")
    with pytest.raises(WaveNotFoundError, match=r"no time point 'post2'.*Close: 'post'"):
        _study(long).wave_position("post2")


def test_direction_comes_from_the_record_then_the_name_then_the_caller(long):
    record = ScoringRecord(
        library_version="0",
        uses=(
            ScaleUse(
                scale="own", name="Own Scale", form="v1", evidence="unverified",
                definition_hash="h", citation="Me (2020)", coding="canonical", items={},
                missing={}, counts={},
            ),
        ),
        columns=(
            ScoreColumn(
                column="score", outcome="score", scale="own", score="total", label="Own total",
                low=0, high=10, better="lower",
            ),
        ),
    )  # fmt: skip
    found = _study(long, record=record, better={"score": "higher"}).outcome("score")
    assert (found.better, found.citation, found.high) == ("lower", "Me (2020)", 10)
    named = long.rename(columns={"score": "ucla3_total"})
    assert _study(named).outcome("ucla3_total").better == "lower"
    assert _study(long, better={"score": "higher"}).outcome("score").better == "higher"
    unknown = _study(long).outcome("score")
    assert unknown.better is None
    assert "higher and lower, never improved" in unknown.notes[0]


def test_the_record_travels_in_the_frame(long):
    record = ScoringRecord(library_version="9")
    long.attrs["socmeasures"] = record.to_json()
    assert _study(long).record == record


def test_a_wrong_direction_word_is_a_fault(long):
    with pytest.raises(StudyError, match="better= knows 'lower', 'higher' and 'none'"):
        _study(long, better={"score": "down"})


@pytest.mark.parametrize("kind", ["object", "category", "string[pyarrow]"])
def test_identifiers_time_points_and_arms_of_any_kind(long, kind):
    columns = ["id", "wave", "arm", "site"]
    typed = pd.concat([long, pd.DataFrame({"id": ["a"], "wave": ["9m"]})]).reset_index(drop=True)
    typed[columns] = typed[columns].astype(kind)
    study = _study(typed, arm="arm", control="usual", cluster="site", allocation="individual")
    assert study.notes == ("1 row of time point '9m' set aside: not in waves=.",)
    assert study.arms == ("new", "usual")
    assert measure(study, "score").scores.loc["a"].tolist() == [5, 4]


def test_whole_number_identifiers_may_be_nullable(long):
    numbered = long.assign(id=long["id"].map({"a": 1, "b": 2, "c": 3}).astype("Int64"))
    study = _study(numbered)
    assert study.people == (1, 2, 3)
    assert measure(study, "score").scores.loc[1].tolist() == [5, 4]


def test_a_frame_without_rows_has_no_time_points(long):
    with pytest.raises(StudyError, match=r"nobody has the time point 'pre'.*Values there: none"):
        _study(long.head(0))


def test_column_names_that_stand_twice_are_refused(long):
    twice = long.rename(columns={"site": "score"})
    with pytest.raises(StudyError, match="stand twice: score"):
        _study(twice)
    wide = pd.DataFrame([[1, 2, 3]], columns=["id", "y__pre", "y__pre"])
    with pytest.raises(StudyError, match="stand twice: y__pre"):
        Study.from_wide(wide, person="id", waves="pre")


def test_a_baseline_after_allocation_is_counted_and_said():
    data = pd.DataFrame(
        {
            "id": [1, 2, 1, 2],
            "wave": ["pre", "pre", "post", "post"],
            "arm": ["a", "b", "a", "b"],
            "on": ["2026-01-05", "2026-01-12", "2026-04-01", "2026-04-02"],
            "lot": ["2026-01-06", "2026-01-08", "2026-01-06", "2026-01-08"],
            "y": [3, 4, 5, 6],
        }
    )
    columns = {"person": "id", "wave": "wave", "waves": ["pre", "post"], "date": "on"}

    late = Study(data, arm="arm", control="b", allocated_on="lot", **columns)
    unasked = Study(data, arm="arm", control="b", **columns)

    assert any("1 person answered at 'pre' after they were allocated (by up to 4 days)" in n
               for n in late.notes)  # fmt: skip
    assert not unasked.notes
    with pytest.raises(StudyError, match="'y_lot' \\(allocated_on\\)"):
        Study(data, arm="arm", control="b", allocated_on="y_lot", **columns)

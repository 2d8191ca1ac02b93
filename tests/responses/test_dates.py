"""Dates as people write them: the day or the year first, never the month."""

from __future__ import annotations

import pandas as pd
import pytest

from socmeasures.designs.study import Study
from socmeasures.designs.timing import weeks_between
from socmeasures.errors import StudyError
from socmeasures.responses.dates import as_dates


@pytest.mark.parametrize(
    "text", ["12/03/2026", "12.03.2026", "12-3-2026", " 12/03/2026 14:05", "2026-03-12",
             "2026-03-12T09:00", "12 March 2026", "March 12, 2026"],
)  # fmt: skip
def test_the_twelfth_of_march_is_in_march(text):
    [day] = as_dates(pd.Series([text]))
    assert (day.day, day.month, day.year) == (12, 3, 2026)


@pytest.mark.parametrize("text", ["03/25/2026", "soon", "monday", "12", "31/02/2026", "05 to 2026"])
def test_what_is_no_date_is_refused_or_left_out(text):
    with pytest.raises(ValueError, match=r"."):
        as_dates(pd.Series(["2026-01-05", text]))
    assert as_dates(pd.Series(["2026-01-05", text]), errors="coerce").isna().tolist() == [
        False,
        True,
    ]


def test_missing_dates_stay_missing_in_every_kind_of_column():
    for column in (
        pd.Series(["05/01/2026", None], dtype=object),
        pd.Series(["05/01/2026", None], dtype="string"),
        pd.Series(["05/01/2026", None], dtype="category"),
        pd.Series(pd.to_datetime(["2026-01-05", None])),
    ):
        found = as_dates(column)
        assert found.isna().tolist() == [False, True]
        assert found.iloc[0] == pd.Timestamp("2026-01-05")


def test_weeks_between_british_dates_are_counted_from_day_to_day():
    data = pd.DataFrame(
        {"id": [1, 1], "wave": ["a", "b"], "y": [3, 2], "on": ["05/01/2026", "02/03/2026"]}
    )
    study = Study(data, person="id", wave="wave", waves=["a", "b"], date="on")
    assert weeks_between(study, "a", "b").tolist() == [8.0]


def test_a_study_refuses_american_dates_instead_of_turning_some_of_them():
    data = pd.DataFrame(
        {"id": [1, 1], "wave": ["a", "b"], "y": [3, 2], "on": ["01/05/2026", "03/25/2026"]}
    )
    with pytest.raises(StudyError, match="not a date"):
        Study(data, person="id", wave="wave", waves=["a", "b"], date="on")

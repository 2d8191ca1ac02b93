"""Table 1: characteristics by arm with standardised differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.study import Study
from socmeasures.designs.table_one import table_one
from socmeasures.errors import OutcomeNotFoundError


@pytest.fixture
def study():
    data = pd.DataFrame(
        {
            "id": np.repeat(range(8), 2),
            "wave": ["pre", "post"] * 8,
            "arm": np.repeat(["new"] * 4 + ["usual"] * 4, 2),
            "age": np.repeat([70, 72, 74, np.nan, 60, 62, 64, 66], 2),
            "lives": np.repeat(["alone"] * 3 + ["with others"] * 5, 2),
            "score": [5, 1, 6, 1, 7, 1, 8, 1, 5, 1, 6, 1, 7, 1, 8, 1],
        }
    )
    return Study(data, person="id", wave="wave", waves=["pre", "post"], arm="arm", control="usual")


def test_numbers_have_means_missing_and_a_standardised_difference(study):
    rows = table_one(study, "age").set_index("arm")
    assert rows.loc["new", "mean"] == 72
    assert rows.loc["new", "n_missing"] == 1
    spread = np.sqrt((4 + np.var([60, 62, 64, 66], ddof=1)) / 2)
    assert rows.loc["new", "smd"] == pytest.approx(9 / spread)
    assert np.isnan(rows.loc["usual", "smd"])


def test_the_value_is_that_of_the_first_time_point(study):
    assert table_one(study, "score").set_index("arm").loc["all", "mean"] == 6.5


def test_two_levels_give_the_usual_difference_of_shares(study):
    rows = table_one(study, "lives").set_index(["level", "arm"])
    assert rows.loc[("alone", "new"), "share"] == 0.75
    p, q = 0.75, 0.0
    want = (p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    assert rows.loc[("alone", "new"), "smd"] == pytest.approx(want)


def test_there_are_no_p_values_unless_asked_for(study):
    assert "p_value" not in table_one(study)
    assert table_one(study, ["age", "lives"], p_values=True)["p_value"].between(0, 1).all()


def test_an_unknown_column_is_refused_with_the_nearest(study):
    with pytest.raises(OutcomeNotFoundError, match="Close: 'age'"):
        table_one(study, "agee")

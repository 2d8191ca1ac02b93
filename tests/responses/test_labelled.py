"""Codes → words, for columns that group people."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

import socmeasures as soc
from socmeasures.errors import VariableNotFoundError

BOOK = soc.Codebook.from_labels(
    {"arm": {1: "usual care", 2: "befriending", 9: "withdrawn"}}, missing={"arm": [9]}
)


def test_codes_become_words_and_missing_stays_missing() -> None:
    data = pd.DataFrame({"arm": [2, 1, 9, None, 5], "y": range(5)}, index=list("abcde"))

    out = soc.apply_labels(data, BOOK, ["arm"])

    assert [None if pd.isna(v) else v for v in out["arm"]] == [
        "befriending",
        "usual care",
        None,
        None,
        "5",
    ]
    assert list(out.columns) == ["arm", "y"]
    assert out.index.tolist() == list("abcde")
    assert data["arm"].tolist()[:3] == [2, 1, 9]


def test_polars_comes_out_as_polars() -> None:
    out = soc.apply_labels(pl.DataFrame({"arm": [2, 1, None]}), BOOK, ["arm"])

    assert out["arm"].to_list() == ["befriending", "usual care", None]


def test_words_and_columns_without_labels_stay_as_they_are() -> None:
    data = pd.DataFrame({"arm": ["x", "y"], "site": [1, 2]})

    pd.testing.assert_frame_equal(soc.apply_labels(data, BOOK, ["arm", "site"]), data)


def test_an_absent_column_is_refused_with_the_nearest() -> None:
    with pytest.raises(VariableNotFoundError, match=r"'arms'.*Close: 'arm'"):
        soc.apply_labels(pd.DataFrame({"arm": [1]}), BOOK, ["arms"])


def test_what_the_frame_carries_is_kept() -> None:
    data = pd.DataFrame({"arm": [2]})
    data.attrs["a"] = "b"

    assert soc.apply_labels(data, BOOK, ["arm"]).attrs == {"a": "b"}

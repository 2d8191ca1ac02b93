"""Scores → bands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.scales.catalogue import shipped_scales
from socmeasures.scoring import bands
from tests.made_up import calm

SET = calm().score("total").default_bands


@pytest.mark.parametrize(
    ("score", "band"),
    [(4, "low"), (7.999, "low"), (8, "middle"), (12, "middle"), (12.001, "high"), (16, "high")],
)
def test_a_band_begins_from_or_just_above_its_cut(score: float, band: str) -> None:
    assert SET is not None
    place = bands.assign(SET, np.array([score]))[0]

    assert bands.labels(SET)[place] == band


def test_no_score_has_no_band() -> None:
    assert SET is not None
    assert bands.assign(SET, np.array([np.nan])).tolist() == [-1]


def test_only_the_default_set_becomes_a_column() -> None:
    ucla3 = pd.DataFrame({f"ucla3_{n}": [2] for n in (1, 2, 3)})
    djg6 = pd.DataFrame({f"djg6_{n}": [2] for n in range(1, 7)})

    assert "ucla3_total_band" not in soc.score(ucla3, "ucla3", coding="canonical")
    banded = soc.score(djg6, "djg6", coding="canonical")
    assert banded["djg6_total_band"].tolist() == ["severely lonely"]
    assert banded["djg6_total_band"].cat.ordered


def test_no_shipped_default_set_is_unverified_and_each_has_a_source() -> None:
    for scale in shipped_scales():
        for score in scale.scores:
            if score.default_bands is not None:
                assert score.default_bands.evidence != "unverified", scale.id
                assert score.default_bands.source.strip()

"""Small tables to draw."""

from __future__ import annotations

import pandas as pd
import pytest


@pytest.fixture
def one_change():
    return pd.DataFrame(
        {
            "contrast": ["after - before"],
            "term": ["mean change"],
            "estimate": [-1.2],
            "ci_low": [-1.9],
            "ci_high": [-0.5],
            "n": [43],
        }
    )


@pytest.fixture
def two_arms_two_waves():
    return pd.DataFrame(
        {
            "wave": ["before", "after"] * 2,
            "arm": ["befriending"] * 2 + ["usual care"] * 2,
            "mean": [6.1, 5.2, 6.2, 5.9],
            "ci_low": [5.7, 4.8, 5.8, 5.5],
            "ci_high": [6.5, 5.6, 6.6, 6.3],
            "n": [80, 70, 82, 75],
        }
    )

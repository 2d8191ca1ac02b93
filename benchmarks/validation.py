"""Validation of a million rows of twenty items, beside the scoring of the same rows.

Goals: clean data in at most 3 times the scoring time, with 1 % illegal answers in at most 10
times, the table of every cell at fault included. Ratios of medians of interleaved runs.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

import socmeasures as soc
from benchmarks.scoring import ALLOWED, SCALE, answers, side_by_side

CLEAN, FAULTY = 3.0, 10.0
SHARE = 0.01


def with_faults(data: pd.DataFrame, seed: int = 2) -> pd.DataFrame:
    """One answer in a hundred is a 7, which the scale does not have."""
    rng = np.random.default_rng(seed)
    columns = {}
    for name in data.columns:
        values = data[name].to_numpy().copy()
        values[rng.random(len(values)) < SHARE] = 7.0
        columns[name] = values
    return pd.DataFrame(columns)


def scored(data: pd.DataFrame) -> pd.DataFrame:
    """Score as a service does; illegal answers count as not given."""
    rule = {"method": "prorate", "allow": ALLOWED}
    return soc.score(data, SCALE, missing=rule, invalid="missing")


def main() -> int:
    """Measure both goals; exit code 1 when one is missed."""
    n = 100_000 if "--small" in sys.argv else 1_000_000
    data = answers(n)
    faulty = with_faults(data)
    n_faults = int((faulty == 7.0).to_numpy().sum())
    assert soc.validate(data, SCALE).ok
    assert (soc.validate(faulty, SCALE).table["rule"] == "out_of_range").sum() == n_faults
    missed = 0
    for what, frame, goal in (("clean", data, CLEAN), ("1 % illegal", faulty, FAULTY)):
        ours, scoring = side_by_side(
            lambda f=frame: soc.validate(f, SCALE), lambda: scored(data), 3
        )
        ratio = ours / scoring
        missed += ratio > goal
        print(
            f"validate {n:>9,} x 20, {what:<12}: <= {goal:g} x scoring{'':<4}{ratio:>10.1f}   "
            f"{ours * 1e3:>8.0f}ms {scoring * 1e3:>8.0f}ms"
        )
    print("every goal met" if not missed else f"{missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

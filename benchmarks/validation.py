"""Validation of a million rows of twenty items, beside the scoring of the same rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

import socmeasures as soc
from benchmarks.measuring import Outcome, in_turn, median_of, ratio_of, told
from benchmarks.scoring import ALLOWED, SCALE, answers

SHARE = 0.01


def with_faults(data: pd.DataFrame, share: float = SHARE, seed: int = 2) -> pd.DataFrame:
    """One answer in a hundred is a 7, which the scale does not have."""
    rng = np.random.default_rng(seed)
    columns = {}
    for name in data.columns:
        values = data[name].to_numpy().copy()
        values[rng.random(len(values)) < share] = 7.0
        columns[name] = values
    return pd.DataFrame(columns)


def scored(data: pd.DataFrame) -> pd.DataFrame:
    """Score as a service does; illegal answers count as not given."""
    rule = {"method": "prorate", "allow": ALLOWED}
    return soc.score(data, SCALE, missing=rule, invalid="missing")


def measure(*, small: bool = False) -> list[Outcome]:
    """Clean data, and data with faults; the table of every cell at fault is part of the time."""
    n = 300_000 if small else 1_000_000
    data = answers(n)
    faulty = with_faults(data)
    n_faults = int((faulty == 7.0).to_numpy().sum())
    assert soc.validate(data, SCALE).ok
    assert (soc.validate(faulty, SCALE).table["rule"] == "out_of_range").sum() == n_faults
    found = []
    for what, frame, goal in (("clean", data, 2.5), ("1 % illegal", faulty, 8.0)):
        calls = {"ours": lambda f=frame: soc.validate(f, SCALE), "scoring": lambda: scored(data)}
        taken = in_turn(calls, 3 if small else 5)
        found.append(
            Outcome(
                what=f"validate {n:,} × 20, {what}", of="ours / scoring", goal=goal,
                at_least=False, ratio=ratio_of(taken, "ours", "scoring"),
                ours=median_of(taken, "ours"), other=median_of(taken, "scoring"),
            )
        )  # fmt: skip
    return found


if __name__ == "__main__":
    import sys

    raise SystemExit(told(measure(small="--small" in sys.argv)))

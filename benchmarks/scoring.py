"""Scoring through the public call, beside a naive pandas recipe that gives the same scores.

Every figure is a ratio of medians of interleaved runs in one process: machines are noisy and
shared, so the milliseconds are context and the ratios are the result. Exit code 1 when a goal is
missed, so that a miss is seen.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pandas as pd

import socmeasures as soc

SCALE = "ucla20_v3"
ALLOWED = 4  # missing answers that may be prorated, in both recipes


def answers(n: int, seed: int = 1) -> pd.DataFrame:
    """Twenty float64 columns, 2 % missing, as an SPSS reader gives them."""
    rng = np.random.default_rng(seed)
    columns = {}
    for item in range(1, 21):
        values = rng.integers(1, 5, n).astype(float)
        values[rng.random(n) < 0.02] = np.nan
        columns[f"{SCALE}_{item}"] = values
    return pd.DataFrame(columns)


def naive(data: pd.DataFrame) -> pd.DataFrame:
    """What an analyst writes: legal codes and reversal column by column, count, prorated sum."""
    reverse = soc.load_scale(SCALE).score("total").reverse
    items = data.copy()
    for item in range(1, 21):
        name = f"{SCALE}_{item}"
        items[name] = items[name].where(items[name].isin([1, 2, 3, 4]))
        if item in reverse:
            items[name] = 5 - items[name]
    n = items.notna().sum(axis=1)
    items[f"{SCALE}_total"] = (items.mean(axis=1) * 20).where(n >= 20 - ALLOWED)
    items[f"{SCALE}_total_n"] = n.astype("int16")
    status = np.select(
        [n == 20, n >= 20 - ALLOWED, n == 0],
        ["scored", "prorated", "not_answered"],
        "too_few_items",
    )
    items[f"{SCALE}_total_status"] = pd.Categorical(status)
    return items


def ours(data: pd.DataFrame) -> pd.DataFrame:
    """Score through the public call."""
    return soc.score(data, SCALE, missing={"method": "prorate", "allow": ALLOWED})


def same_scores(data: pd.DataFrame) -> None:
    """Both recipes give the same scores, counts and statuses; asserted before anything is timed."""
    mine, theirs = ours(data), naive(data)
    total, n, status = (f"{SCALE}_total{end}" for end in ("", "_n", "_status"))
    np.testing.assert_allclose(mine[total], theirs[total], rtol=0, atol=1e-9)
    assert (mine[n].to_numpy() == theirs[n].to_numpy()).all()
    assert (mine[status].astype(str) == theirs[status].astype(str)).all()


def seconds(call: Callable[[], object], times: int = 1) -> float:
    """Processor time of a call, without the garbage collector; other programs do not count.

    Short calls are repeated, as `timeit` does, so that the clock's own cost does not show.
    """
    gc.collect()
    gc.disable()
    start = time.process_time()
    for _ in range(times):
        call()
    taken = time.process_time() - start
    gc.enable()
    return taken / times


def side_by_side(
    one: Callable[[], object], other: Callable[[], object], runs: int, times: int = 1
) -> tuple[float, float]:
    """Median seconds of both, run in turn."""
    pairs = [(seconds(one, times), seconds(other, times)) for _ in range(runs + 1)][1:]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def extra_peak(call: Callable[[], object]) -> int:
    """Most bytes allocated at once during a call, above what was there before."""
    gc.collect()
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def main() -> int:
    """Measure every goal; print each beside what was measured."""
    small = "--small" in sys.argv
    missed = 0
    print(f"{'goal':<52}{'measured':>12}   {'ours':>10} {'naive':>10}")
    for n, goal, runs in ((1_000, 5.0, 15), (100_000 if small else 1_000_000, 8.0, 5)):
        data = answers(n)
        same_scores(data)
        times = 20 if n == 1_000 else 1
        mine, theirs = side_by_side(lambda d=data: ours(d), lambda d=data: naive(d), runs, times)
        ratio = theirs / mine
        missed += ratio < goal
        print(
            f"score {n:>9,} x 20, float64: >= {goal:g} x naive{'':<12}{ratio:>12.1f}   "
            f"{mine * 1e3:>8.1f}ms {theirs * 1e3:>8.1f}ms"
        )
    size = int(data.memory_usage(index=False).sum())
    share = extra_peak(lambda: ours(data)) / size
    missed += share > 0.5
    print(f"extra peak memory: <= 0.5 x input ({size / 1e6:.0f} MB){'':<16}{share:>12.2f}")
    print("every goal met" if not missed else f"{missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

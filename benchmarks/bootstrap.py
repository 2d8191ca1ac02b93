"""BCa bootstrap of 20 outcomes: our one call beside 20 vectorised calls of scipy.

A ratio of medians of interleaved runs in one process. Exit code 1 when the goal is missed.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

import numpy as np
from scipy import stats

from socmeasures.effects.bootstrap import bootstrap_changes

PEOPLE, OUTCOMES, RESAMPLES, RUNS = 100, 20, 10_000, 5
GOAL = 0.2


def scores(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Later and earlier scores, people by outcomes, correlated .7, moved by half an SD."""
    rng = np.random.default_rng(seed)
    earlier = rng.normal(size=(PEOPLE, OUTCOMES))
    later = 0.5 + 0.7 * earlier + np.sqrt(0.51) * rng.normal(size=(PEOPLE, OUTCOMES))
    return later, earlier


def d_z(later: np.ndarray, earlier: np.ndarray, axis: int = -1) -> np.ndarray:
    """The statistic both compute."""
    change = later - earlier
    return change.mean(axis=axis) / change.std(axis=axis, ddof=1)


def ours(later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    found = bootstrap_changes(later, earlier, statistics=("d_z",), resamples=RESAMPLES)
    return np.array([(row[0].ci_low, row[0].ci_high) for row in found])


def theirs(later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    limits = []
    for place in range(OUTCOMES):
        found = stats.bootstrap(
            (later[:, place], earlier[:, place]), d_z, paired=True, vectorized=True,
            n_resamples=RESAMPLES, method="BCa", random_state=np.random.default_rng(place),
        ).confidence_interval  # fmt: skip
        limits.append((found.low, found.high))
    return np.array(limits)


def seconds(call: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def measure() -> tuple[float, float]:
    """Median seconds of ours and of scipy's; their limits are compared before anything is timed."""
    later, earlier = scores()
    np.testing.assert_allclose(ours(later, earlier), theirs(later, earlier), atol=0.03)
    pairs = [
        (seconds(lambda: ours(later, earlier)), seconds(lambda: theirs(later, earlier)))
        for _ in range(RUNS)
    ]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def main() -> int:
    """Print the ratio beside its goal."""
    mine, other = measure()
    ratio = mine / other
    print(
        f"BCa bootstrap, {OUTCOMES} outcomes x {RESAMPLES:,}: <= {GOAL:g} x scipy"
        f"{ratio:>12.2f}   {mine * 1e3:>8.1f}ms {other * 1e3:>8.1f}ms"
    )
    return 1 if ratio > GOAL else 0


if __name__ == "__main__":
    raise SystemExit(main())

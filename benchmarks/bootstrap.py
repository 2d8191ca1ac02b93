"""BCa bootstrap of 20 outcomes: our one call beside 20 vectorised calls of scipy."""

from __future__ import annotations

import numpy as np
from scipy import stats

from benchmarks.measuring import Outcome, in_turn, median_of, ratio_of, told
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


def measure(*, small: bool = False) -> list[Outcome]:
    """Both in turn; their limits are compared before anything is timed."""
    later, earlier = scores()
    np.testing.assert_allclose(ours(later, earlier), theirs(later, earlier), atol=0.03)
    calls = {"ours": lambda: ours(later, earlier), "scipy": lambda: theirs(later, earlier)}
    taken = in_turn(calls, 1 if small else RUNS)
    return [
        Outcome(
            what=f"BCa bootstrap, {OUTCOMES} outcomes × {RESAMPLES:,}, beside scipy",
            of="ours / scipy", goal=GOAL, at_least=False, ratio=ratio_of(taken, "ours", "scipy"),
            ours=median_of(taken, "ours"), other=median_of(taken, "scipy"),
        )
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(told(measure()))

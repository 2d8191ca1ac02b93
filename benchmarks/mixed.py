"""The mixed model: time from arrays to Kenward–Roger, beside statsmodels' MixedLM without them.

Ours is a random-intercept fit with the Kenward–Roger standard error and degrees of freedom of one
contrast; MixedLM is its fit, which has neither. The ratios are the result, milliseconds are
context. How our time grows with the clusters, and with the people in a cluster, is printed too: by
sums per cluster it hardly grows with either.
"""

from __future__ import annotations

import sys
import warnings
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.measuring import seconds, side_by_side
from socmeasures.models.mixed import fit_mixed

GOAL = 1.0  # ours with Kenward–Roger over MixedLM without, 200 clusters of 4
Case = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]


def trial(clusters: int, size: int, *, ragged: bool = False, seed: int = 1) -> Case:
    """Outcome, design (intercept, arm, a covariate) and cluster; a tenth of the rows missing."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), size)
    if ragged:
        cluster = cluster[rng.random(len(cluster)) > 0.1]
    y = rng.normal(size=clusters)[cluster] + 1.5 * rng.normal(size=len(cluster))
    X = np.column_stack([np.ones(len(y)), cluster % 2, rng.normal(size=len(y))])
    return y + 0.3 * X[:, 1], X, cluster


def ours(case: Case) -> object:
    """A fit with Kenward–Roger for the arm."""
    y, X, cluster = case
    fit = fit_mixed(y, X, ["one", "arm", "x"], groups={"cluster": cluster})
    return fit.coefficient("arm")


def mixedlm(case: Case) -> object:
    """statsmodels' fit of the same model."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    y, X, cluster = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MixedLM(y, X, groups=cluster).fit(reml=True)


def main() -> int:
    """Print the figures; 1 when the ratio misses its goal."""
    case = trial(200, 4, ragged=True)
    ours(case)
    mine, other = side_by_side(partial(ours, case), partial(mixedlm, case), 5)
    ratio = mine / other
    print(
        f"200 clusters x 4, random intercept: {mine * 1000:.1f} ms with Kenward–Roger; MixedLM "
        f"{other * 1000:.0f} ms without; ratio {ratio:.3f} (goal below {GOAL:g})"
    )
    for clusters, size in ((1000, 4), (5000, 4), (25_000, 4), (200, 100), (200, 1000)):
        grown = trial(clusters, size, ragged=True)
        took = min(seconds(partial(ours, grown)) for _ in range(3))
        print(
            f"{clusters:>6} clusters x {size:<5} ({len(grown[0]):>7,} rows): {took * 1000:.0f} ms, "
            f"{took / mine:.1f} times the first"
        )
    return int(ratio >= GOAL)


if __name__ == "__main__":
    sys.exit(main())

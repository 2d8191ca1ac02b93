from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from socmeasures.effects.bootstrap import STATISTICS, bootstrap_change
from socmeasures.effects.paired import mean_change, paired_d
from socmeasures.errors import NoSpreadError, TooFewError


@pytest.fixture
def pairs():
    rng = np.random.default_rng(3)
    before = rng.normal(10, 3, 60)
    return before + rng.normal(1, 2, 60), before


def test_the_estimates_are_those_of_the_other_functions(pairs):
    kinds = dict(zip(STATISTICS[1:], ("z", "av", "baseline"), strict=True))
    found = bootstrap_change(*pairs)
    assert found.estimate == pytest.approx(mean_change(*pairs).estimate)
    for statistic, kind in kinds.items():
        found = bootstrap_change(*pairs, statistic=statistic)
        assert found.estimate == pytest.approx(paired_d(*pairs, kind=kind).estimate)


def test_the_same_seed_gives_the_same_interval(pairs):
    assert bootstrap_change(*pairs, seed=4) == bootstrap_change(*pairs, seed=4)
    assert bootstrap_change(*pairs, seed=4) != bootstrap_change(*pairs, seed=5)


def test_bca_agrees_with_scipy(pairs):
    later, earlier = pairs
    theirs = stats.bootstrap(
        (later, earlier),
        lambda x, y, axis=-1: (x - y).mean(axis) / (x - y).std(axis, ddof=1),
        paired=True,
        n_resamples=9999,
        random_state=np.random.default_rng(1),
    ).confidence_interval
    ours = bootstrap_change(later, earlier, statistic="d_z")
    assert (ours.ci_low, ours.ci_high) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_few_pairs_are_refused_or_warned_of(pairs):
    with pytest.raises(TooFewError, match="at least 3 pairs"):
        bootstrap_change([1, 2], [2, 4])
    with pytest.raises(NoSpreadError, match="SD of the changes"):
        bootstrap_change([1, 2, 3], [0, 1, 2])
    assert "too narrow" in bootstrap_change([1, 2, 4, 9], [0, 2, 1, 1]).notes[0]

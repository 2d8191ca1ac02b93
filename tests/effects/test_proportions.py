from __future__ import annotations

import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from socmeasures.effects.proportions import sign_test, wilson_interval
from socmeasures.errors import ScoresError, TooFewError


@pytest.mark.parametrize(("count", "n"), [(0, 5), (1, 5), (7, 10), (10, 10), (250, 1000)])
def test_wilson_agrees_with_statsmodels(count, n):
    found = wilson_interval(count, n)
    low, high = proportion_confint(count, n, method="wilson")
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=1e-12)


def test_a_share_of_nobody_is_refused():
    with pytest.raises(TooFewError, match="at least 1 person"):
        wilson_interval(0, 0)
    with pytest.raises(ScoresError, match="6 of 5 people is not a share"):
        wilson_interval(6, 5)


def test_sign_test_is_the_binomial_test():
    assert sign_test(18, 11) == pytest.approx(stats.binomtest(18, 29).pvalue)
    assert sign_test(0, 0) is None

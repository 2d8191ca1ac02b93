from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
from scipy import stats

from socmeasures.effects.pingouin_tests import independent_t, mann_whitney_p

TREATED, CONTROL = np.array([3.0, 4, 5, 7, 7]), np.array([1.0, 2, 4, 4])


def test_pingouin_is_loaded_only_when_a_test_is_asked_for():
    code = (
        "import sys, socmeasures.effects.ordinal, socmeasures.designs.trial;"
        "raise SystemExit('pingouin' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_warning_reaches_the_user_and_the_filters_stay_as_they_were():
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        independent_t(TREATED, CONTROL, equal_variances=True)
        mann_whitney_p(TREATED, CONTROL)
    assert seen == []
    assert warnings.filters == before


@pytest.mark.parametrize("equal", [True, False])
def test_t_tests_agree_with_scipy(equal):
    ours = independent_t(TREATED, CONTROL, equal_variances=equal)
    theirs = stats.ttest_ind(TREATED, CONTROL, equal_var=equal)
    assert (ours.statistic, ours.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert ours.df == pytest.approx(theirs.df)


@pytest.mark.parametrize("continuity", [True, False])
def test_mann_whitney_agrees_with_scipy(continuity):
    theirs = stats.mannwhitneyu(
        TREATED, CONTROL, method="asymptotic", use_continuity=continuity
    ).pvalue
    assert mann_whitney_p(TREATED, CONTROL, continuity=continuity) == pytest.approx(theirs)

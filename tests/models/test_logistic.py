"""Logistic regression."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.errors import CollinearError, ModelSizeError, ScoresError, SeparationError
from socmeasures.models.logistic import fit_logistic


def test_a_single_share_is_its_own_log_odds():
    fit = fit_logistic([1, 1, 1, 0], np.ones((4, 1)), ["one"])
    assert fit.coef[0] == pytest.approx(np.log(3))
    assert fit.cov[0, 0] == pytest.approx(1 / 3 + 1)


def test_what_has_no_estimate_is_refused():
    x = np.arange(8.0)
    X = np.column_stack([np.ones(8), x])
    with pytest.raises(SeparationError):
        fit_logistic((x > 3) * 1.0, X, ["one", "x"])
    with pytest.raises(SeparationError):
        fit_logistic(np.ones(8), X, ["one", "x"])
    with pytest.raises(CollinearError):
        fit_logistic((x % 2), np.column_stack([X, x]), ["one", "x", "again"])
    with pytest.raises(ModelSizeError):
        fit_logistic([0, 1], X[:2], ["one", "x"])
    with pytest.raises(ScoresError):
        fit_logistic(x, X, ["one", "x"])

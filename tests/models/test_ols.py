from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from socmeasures.errors import ChoiceError, CollinearError, ModelSizeError, ScoresError
from socmeasures.models.ols import least_squares


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    X = np.column_stack([np.ones(40), rng.normal(50, 10, 40), rng.integers(0, 2, 40)])
    return X @ [1, 0.5, 2] + rng.normal(0, X[:, 1] / 20), X


@pytest.mark.parametrize("se", ["HC0", "HC1", "HC2", "HC3"])
def test_robust_errors_agree_with_statsmodels(data, se):
    y, X = data
    ours = least_squares(y, X, ["one", "x", "arm"], se=se)
    theirs = sm.OLS(y, X).fit(cov_type=se, use_t=True)
    assert np.sqrt(np.diag(ours.cov)) == pytest.approx(theirs.bse)
    assert ours.coefficient("arm").p_value == pytest.approx(theirs.pvalues[2])


def test_classical_fit_agrees_with_statsmodels(data):
    y, X = data
    ours, theirs = least_squares(y, X, ["one", "x", "arm"]), sm.OLS(y, X).fit()
    assert ours.coef == pytest.approx(theirs.params)
    assert ours.cov == pytest.approx(theirs.cov_params())
    assert ours.leverage == pytest.approx(theirs.get_influence().hat_matrix_diag)
    assert ours.log_likelihood == pytest.approx(theirs.llf)
    assert ours.joint_test(np.eye(3)[1:]).p_value == pytest.approx(float(theirs.f_pvalue))


def test_columns_of_very_different_size_keep_their_digits(data):
    y, X = data
    scaled = least_squares(y, X * [1, 1e8, 1e-8], ["one", "x", "arm"])
    plain = least_squares(y, X, ["one", "x", "arm"])
    assert scaled.coefficient("x").p_value == pytest.approx(plain.coefficient("x").p_value)


def test_what_cannot_be_fitted_is_refused(data):
    y, X = data
    names = ["one", "x", "arm", "again"]
    with pytest.raises(CollinearError, match="again can be computed exactly"):
        least_squares(y, np.column_stack([X, 3 * X[:, 1] - 2]), names)
    with pytest.raises(CollinearError, match="again"):
        least_squares(y, np.column_stack([X, np.zeros(40)]), names)
    with pytest.raises(ModelSizeError, match="more than 3 people; 3 could be analysed"):
        least_squares(y[:3], X[:3], names[:3])
    with pytest.raises(ScoresError, match="missing or infinite"):
        least_squares(np.full(40, np.nan), X, names[:3])
    with pytest.raises(ChoiceError, match="HC9"):
        least_squares(y, X, names[:3], se="HC9")


def test_a_person_fitted_exactly_does_not_break_robust_errors():
    X = np.array([[1.0, 0], [1, 0], [1, 0], [1, 1]])
    fit = least_squares([1.0, 2, 3, 9], X, ["one", "alone"], se="HC3")
    assert np.isfinite(fit.cov).all()

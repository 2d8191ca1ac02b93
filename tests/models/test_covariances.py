"""Covariance structures and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.errors import ChoiceError
from socmeasures.models.covariances import COVARIANCES, is_positive_definite, structure

SIZES = {"us": 10, "toeph": 7, "ar1h": 5, "csh": 5, "toep": 4, "ar1": 2, "cs": 2}
NEAR = 0.5 ** np.abs(np.subtract.outer(range(4), range(4))) * np.outer([1, 2, 3, 4], [1, 2, 3, 4])


@pytest.mark.parametrize("name", COVARIANCES)
def test_slopes_and_curvature_are_those_of_the_matrix(name):
    shape = structure(name, 4)
    theta = shape.start(NEAR)
    assert shape.size == len(theta) == SIZES[name]
    assert is_positive_definite(shape.matrix(theta))
    weight = np.arange(16.0).reshape(4, 4)
    step = 1e-6
    for k in range(shape.size):
        move = np.eye(shape.size)[k] * step
        by_matrix = (shape.matrix(theta + move) - shape.matrix(theta - move)) / (2 * step)
        np.testing.assert_allclose(shape.slopes(theta)[k], by_matrix, atol=1e-6)
        by_slope = (shape.slopes(theta + move) - shape.slopes(theta - move)) / (2 * step)
        want = np.tensordot(by_slope, weight, 2)
        np.testing.assert_allclose(shape.curvature(theta, weight)[k], want, atol=1e-4)


@pytest.mark.parametrize("name", COVARIANCES)
def test_one_wave_is_one_variance(name):
    shape = structure(name, 1)
    assert shape.matrix(shape.start(np.array([[4.0]]))).tolist() == [[pytest.approx(4.0)]]
    assert shape.slopes(shape.start(np.array([[4.0]]))).shape == (1, 1, 1)


def test_an_unknown_structure_is_refused():
    with pytest.raises(ChoiceError, match="covariance='toepl'"):
        structure("toepl", 3)

"""Scores → bands of the scale's default, cited set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from socmeasures.scales.parts import Bands


def assign(bands: Bands, values: NDArray[np.float64]) -> NDArray[np.int8]:
    """Place of each score's band in the set, -1 where there is no score."""
    place = np.full(len(values), -1, np.int8)
    place[~np.isnan(values)] = 0
    for cut in bands.cuts[1:]:
        reached = values >= cut.start if cut.above is None else values > cut.start
        place += reached
    return place


def labels(bands: Bands) -> tuple[str, ...]:
    """Labels of the set, from the lowest scores up."""
    return tuple(cut.label for cut in bands.cuts)

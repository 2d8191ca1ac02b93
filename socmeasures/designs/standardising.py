"""Adjusted differences in standard deviations: by the pooled within-arm SD at baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from socmeasures.designs.measurements import Measurements
from socmeasures.effects.noncentral import small_sample_factor
from socmeasures.models.ols import Contrast


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardiser:
    """The standard deviation a difference is divided by; 0 where there is none."""

    sd: float
    df: float
    kind: str

    def effect_size(self, contrast: Contrast, level: float, correct: bool) -> dict[str, Any]:
        """Columns of a standardised difference, variance se²/s² + d²/(2ν)."""
        factor = small_sample_factor(self.df) if correct and self.sd > 0 else 1.0
        d = low = high = float("nan")
        if self.sd > 0:
            raw = contrast.estimate / self.sd
            d = factor * raw
            spread = factor * np.sqrt((contrast.se / self.sd) ** 2 + raw**2 / (2 * self.df))
            half = float(special.stdtrit(contrast.df, (1 + level) / 2)) * float(spread)
            low, high = d - half, d + half
        return {
            "effect_size": d,
            "effect_size_type": self.kind.replace("d_", "g_", 1) if correct else self.kind,
            "effect_size_ci_low": low,
            "effect_size_ci_high": high,
        }


def standardiser(measured: Measurements, wave: str, kind: str) -> Standardiser:
    """Pooled within-arm SD of everybody measured at `wave`."""
    scores = measured.scores[wave].dropna()
    groups = [g.to_numpy() for _, g in scores.groupby(measured.arm.reindex(scores.index))]
    df = float(sum(len(g) - 1 for g in groups))
    within = sum(float(np.sum((g - g.mean()) ** 2)) for g in groups)
    if df < 1 or all(np.ptp(g) == 0 for g in groups):
        return Standardiser(sd=0.0, df=df, kind=kind)
    return Standardiser(sd=float(np.sqrt(within / df)), df=df, kind=kind)

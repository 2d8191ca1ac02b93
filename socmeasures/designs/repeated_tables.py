"""Further tables of a marginal model: means, joint tests, covariances, residuals."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from socmeasures.designs.repeated_model import Repeated
from socmeasures.models.mmrm import MarginalModel
from socmeasures.models.ols import Contrast, JointTest


class Fitted(Protocol):
    """A fitted model of repeated outcomes, as far as these tables ask."""

    @property
    def names(self) -> tuple[str, ...]:
        """One a coefficient."""

    def contrast(self, weights: ArrayLike, *, confidence: float = 0.95) -> Contrast:
        """One weighted sum of the coefficients."""

    def coefficient(self, name: str, *, confidence: float = 0.95) -> Contrast:
        """One of them."""

    def joint_test(self, weights: ArrayLike) -> JointTest:
        """Several weighted sums at once."""


def adjusted_means(data: Repeated, fit: Fitted, weights: str, level: float) -> pd.DataFrame:
    """One row a time point and arm."""
    rows = []
    for wave in data.waves:
        here = data.person[data.wave == data.waves.index(wave)]
        for arm in data.arms:
            mean = fit.contrast(data.mean_weights(arm, wave, weights), confidence=level)
            rows.append(
                {
                    "wave": wave,
                    "arm": arm,
                    "mean": mean.estimate,
                    "se": mean.se,
                    "df": mean.df,
                    "ci_low": mean.ci_low,
                    "ci_high": mean.ci_high,
                    "n": int(np.sum(data.arm[here] == arm)),
                }
            )
    return pd.DataFrame(rows)


def coefficients(fit: Fitted, level: float) -> pd.DataFrame:
    """One row a coefficient of the model."""
    rows = []
    for name in fit.names:
        found = fit.coefficient(name, confidence=level)
        rows.append(
            {
                "term": name,
                **found.numbers(),
            }
        )
    return pd.DataFrame(rows)


def joint_tests(data: Repeated, fit: Fitted) -> pd.DataFrame:
    """Is there any difference between arms; is it the same at every time point?"""
    by_wave = {
        wave: [data.contrast_weights(arm, wave) for arm in data.treated] for wave in data.compared
    }
    asked = {"any difference at any time point": [w for rows in by_wave.values() for w in rows]}
    if len(data.compared) > 1:
        first, *others = by_wave.values()
        asked["arm × wave (is the difference the same at every time point?)"] = [
            later - one for rows in others for later, one in zip(rows, first, strict=True)
        ]
        asked["arm, averaged over the time points"] = list(
            np.mean([np.array(rows) for rows in by_wave.values()], axis=0)
        )
    if len(data.treated) > 1:
        for wave, rows in by_wave.items():
            asked[f"any difference at {wave}"] = rows
    found = []
    for name, rows in asked.items():
        test = fit.joint_test(np.array(rows))
        found.append(
            {
                "term": name,
                "statistic": test.statistic,
                "df1": test.df1,
                "df2": test.df2,
                "p_value": test.p_value,
            }
        )
    return pd.DataFrame(found)


def covariance_tables(data: Repeated, fit: MarginalModel, by_arm: bool) -> dict[str, pd.DataFrame]:
    """Covariances and correlations of the outcomes, and how well the model fits."""

    def square(matrices: np.ndarray) -> pd.DataFrame:
        parts = []
        for place, matrix in enumerate(matrices):
            frame = pd.DataFrame(matrix, columns=list(data.waves))
            frame.insert(0, "wave", list(data.waves))
            if by_arm:
                frame.insert(0, "arm", data.arms[place])
            parts.append(frame)
        return pd.concat(parts, ignore_index=True)

    fitted = {
        "log-likelihood": fit.log_likelihood,
        "AIC": fit.aic,
        "BIC": fit.bic,
        "covariance parameters": fit.n_parameters,
        "people": fit.n_people,
        "outcomes": fit.n,
        "steps of the optimiser": fit.iterations,
        "distance to the optimum (−2 log-likelihood)": fit.decrement,
    }
    return {
        "covariance": square(fit.sigma),
        "correlation": square(fit.correlation),
        "fit": pd.DataFrame({"term": list(fitted), "value": list(fitted.values())}),
    }


def residual_checks(data: Repeated, fit: MarginalModel, by_arm: bool) -> pd.DataFrame:
    """Residuals in model SDs a time point and arm: SD near 1, few beyond 3, how skewed."""
    residual = data.outcome - data.design() @ fit.coef
    rows = []
    for place, wave in enumerate(data.waves):
        for arm in data.arms:
            mine = (data.wave == place) & (data.arm[data.person] == arm)
            group = data.arms.index(arm) if by_arm else 0
            scaled = residual[mine] / np.sqrt(fit.sigma[group, place, place])
            centred = scaled - scaled.mean()
            second = float(np.mean(centred**2))
            rows.append(
                {
                    "wave": wave,
                    "arm": arm,
                    "n": int(mine.sum()),
                    "sd": float(scaled.std(ddof=1)),
                    "skewness": float(np.mean(centred**3)) / second**1.5 if second > 0 else np.nan,
                    "beyond_3_sd": int(np.sum(np.abs(scaled) > 3)),
                }
            )
    return pd.DataFrame(rows)

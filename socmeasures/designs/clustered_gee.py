"""GEE of a cluster trial: differences in means or shares, and ratios of yes-or-no outcomes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs.clustered_engines import ArmFit, by_model
from socmeasures.designs.clustered_people import ClusterPeople
from socmeasures.errors import SocmeasuresError
from socmeasures.models.gee import CORRECTIONS, Correction, GeeModel, Working, fit_gee
from socmeasures.models.gee_equations import Family, Link
from socmeasures.models.ols import Contrast


def gee(
    data: ClusterPeople,
    *,
    working: Working,
    correction: Correction,
    weights: str,
    level: float,
) -> ArmFit:
    """Generalised estimating equations; for a yes-or-no outcome the risk difference."""
    columns = data.columns()
    fit = _fit_gee(data, columns, working, correction, "gaussian", "identity")

    def estimate(w: np.ndarray) -> Contrast:
        return fit.contrast(w, confidence=level)

    link = " of the share, identity link" if data.is_binary else ""
    return by_model(
        data, columns, estimate, np.asarray(fit.covariance), fit.joint_test, weights=weights,
        method=f"GEE{link}, {working} working correlation, {correction} correction, t with "
        f"clusters − cluster-level parameters ({fit.df:g}) df",
        sentence="The {outcome} was modelled by generalised estimating equations on {terms} "
        + ("with an identity link (differences in shares) and " if data.is_binary else "with ")
        + f"{working} working correlation within clusters; sandwich standard errors corrected for "
        f"few clusters ({CORRECTIONS[correction]}) and t with {fit.df:g} degrees of freedom "
        "(clusters less cluster-level parameters).",
        notes=fit.notes,
        icc=fit.alpha,
    )  # fmt: skip


def ratios(
    data: ClusterPeople, *, working: Working, correction: Correction, level: float
) -> tuple[pd.DataFrame, list[str]]:
    """Odds ratios of a yes-or-no outcome by GEE with a logit link; unadjusted, risk ratios too.

    An adjusted risk ratio is left out: with a log link fitted shares can pass 1, and then it is
    hardly determined.
    """
    columns = data.columns()
    links: dict[str, Link] = {"risk ratio": "log", "odds ratio": "logit"}
    if any(name != "intercept" and not name.startswith("arm: ") for name in columns):
        del links["risk ratio"]
    rows: list[dict[str, Any]] = []
    notes = []
    for term, link in links.items():
        try:
            fit = _fit_gee(data, columns, working, correction, "binomial", link)
        except SocmeasuresError as fault:
            notes.append(f"The {term} could not be estimated: {fault}")
            continue
        notes += fit.notes
        for arm in data.treated:
            unit = np.array([float(name == f"arm: {arm}") for name in columns])
            one = fit.contrast(unit, confidence=level)
            rows.append(
                {
                    "outcome": data.measured.outcome.column,
                    "wave": data.wave,
                    "contrast": f"{arm} / {data.control}",
                    "term": term,
                    "estimate": float(np.exp(one.estimate)),
                    "se": one.se,
                    "df": one.df,
                    "statistic": one.statistic,
                    "p_value": one.p_value,
                    "ci_low": float(np.exp(one.ci_low)),
                    "ci_high": float(np.exp(one.ci_high)),
                    "n": int(np.isin(data.arm, [arm, data.control]).sum()),
                    "method": f"GEE, {link} link, {working} working correlation, {correction} "
                    "correction; se is of the logarithm",
                }
            )
    return pd.DataFrame(rows), notes


def _fit_gee(
    data: ClusterPeople,
    columns: dict[str, np.ndarray],
    working: Working,
    correction: Correction,
    family: Family,
    link: Link,
) -> GeeModel:
    return fit_gee(
        data.outcome,
        np.column_stack(list(columns.values())),
        list(columns),
        data.cluster,
        family=family,
        link=link,
        working=working,
        correction=correction,
        cluster_level=data.cluster_level(columns),
    )

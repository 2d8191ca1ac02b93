"""Several arms against one control, declared a family: Holm's p values, or Dunnett's intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from socmeasures.designs.families import adjusted_rows, family_notes
from socmeasures.effects.multiplicity import simultaneous


def in_family(
    table: pd.DataFrame, cov: np.ndarray, *, family: str | None, adjustment: str, level: float
) -> tuple[pd.DataFrame, list[str]]:
    """The table with ``p_value_adjusted, adjustment, family``, and what must be said of it.

    `cov` is the covariance of the table's estimates; where their degrees of freedom differ, the
    fewest count. Without a family the table stays as it is.
    """
    if family is None:
        return table, []
    if adjustment == "holm" or len(table) == 1:
        adjusted = adjusted_rows(table, {family: tuple(table["outcome"].unique())}, "holm")
        return adjusted, family_notes(adjusted)
    errors = np.sqrt(np.diag(cov))
    together = simultaneous(
        table["estimate"],
        table["se"],
        float(table["df"].min()),
        method="dunnett",
        correlation=cov / np.outer(errors, errors),
        confidence=level,
    )
    adjusted = table.assign(
        p_value_adjusted=together.p_values,
        ci_low=together.ci_low,
        ci_high=together.ci_high,
        adjustment="dunnett",
        family=family,
    )
    note = (
        f"p values and intervals of the {family} family ({len(table)} comparisons) are Dunnett's: "
        "the intervals hold together. The column p_value is not adjusted, nor are the intervals "
        "of the standardised differences."
    )
    return adjusted, [note]

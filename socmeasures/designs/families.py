"""Families of comparisons: declared before, adjusted within, never inferred from the data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from socmeasures.effects.multiplicity import Adjustment, adjust_p_values
from socmeasures.errors import FamilyError


def check_families(
    primary: str | Sequence[str], secondary: str | Sequence[str], outcomes: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The declared families by name; refuses outcomes that are not there or in both."""
    asked = {
        "primary": (primary,) if isinstance(primary, str) else tuple(primary),
        "secondary": (secondary,) if isinstance(secondary, str) else tuple(secondary),
    }
    unknown = [n for names in asked.values() for n in names if n not in outcomes]
    if unknown:
        raise FamilyError.not_analysed(unknown, outcomes)
    twice = [n for n in asked["primary"] if n in asked["secondary"]]
    if twice:
        raise FamilyError.in_both(twice)
    return {family: names for family, names in asked.items() if names}


def adjusted_rows(
    table: pd.DataFrame, families: dict[str, tuple[str, ...]], method: Adjustment
) -> pd.DataFrame:
    """The table with ``p_value_adjusted, adjustment, family``; as it is without families."""
    if not families:
        return table
    family = pd.Series("exploratory", index=table.index, dtype=object)
    adjusted = pd.Series(np.nan, index=table.index, dtype=float)
    how = pd.Series("none", index=table.index, dtype=object)
    for name, outcomes in families.items():
        mine = table["outcome"].isin(outcomes)
        family[mine] = name
        adjusted[mine] = adjust_p_values(table.loc[mine, "p_value"].to_numpy(), method=method)
        if mine.sum() > 1:  # one comparison alone needs no adjustment
            how[mine] = method
    return table.assign(p_value_adjusted=adjusted, adjustment=how, family=family)


def family_notes(table: pd.DataFrame) -> list[str]:
    """What the adjustment covers and what it does not."""
    if "family" not in table:
        if len(table) < 2:
            return []
        return [
            f"{len(table)} comparisons are shown; p values and intervals are not adjusted for that."
        ]
    notes = []
    for family, rows in table.groupby("family", sort=False):
        if family == "exploratory":
            notes.append(
                f"{len(rows)} comparisons belong to no declared family; their p values are not "
                "adjusted."
            )
        elif len(rows) == 1:
            notes.append(f"The {family} family is one comparison, so its p value is not adjusted.")
        else:
            notes.append(
                f"p values of the {family} family ({len(rows)} comparisons) are adjusted "
                f"({rows['adjustment'].iloc[0]}); the intervals are not adjusted."
            )
    return notes

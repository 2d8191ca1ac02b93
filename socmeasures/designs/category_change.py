"""Outcomes that are no score: something people have or have not, and single ordered answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.overlap import tango_interval
from socmeasures.effects.paired_proportions import paired_difference
from socmeasures.effects.proportions import sign_test, wilson_interval

if TYPE_CHECKING:
    from socmeasures.designs.changes import Change


def change_in_share(before: np.ndarray, after: np.ndarray, level: float) -> Estimate:
    """Share with it later minus share earlier: Newcombe's interval, exact McNemar test."""
    had, has = before == 1, after == 1
    return paired_difference(
        int(np.sum(had & has)),
        int(np.sum(~had & has)),
        int(np.sum(had & ~has)),
        int(np.sum(~had & ~has)),
        confidence=level,
    )


def change_in_order(before: np.ndarray, after: np.ndarray, level: float) -> Estimate:
    """Share who moved up minus share who moved down: no mean of codes is taken."""
    higher, lower = int(np.sum(after > before)), int(np.sum(after < before))
    low, high = tango_interval(higher, lower, len(before), level)
    return Estimate(
        estimate=(higher - lower) / len(before),
        ci_low=low,
        ci_high=high,
        n=len(before),
        name="share higher minus share lower",
        method="Tango's score interval; exact sign test",
        source="Tango (1998)",
        confidence=level,
        p_value=sign_test(higher, lower),
    )


def share_rows(change: Change, level: float) -> list[dict[str, Any]]:
    """Share who have it, at each time point, in the same people."""
    rows = []
    for wave, values in ((change.earlier, change.before), (change.later, change.after)):
        share = wilson_interval(int(values.sum()), len(values), confidence=level)
        rows.append(
            {
                **change.key,
                "time_point": wave,
                "n": int(values.sum()),
                "n_pairs": len(values),
                "share": share.estimate,
                "ci_low": share.ci_low,
                "ci_high": share.ci_high,
            }
        )
    return rows


def distribution_rows(change: Change) -> list[dict[str, Any]]:
    """How many gave each answer at each time point, in the same people."""
    rows = []
    for place, category in enumerate(change.categories):
        earlier, later = int(np.sum(change.before == place)), int(np.sum(change.after == place))
        rows.append(
            {
                **change.key,
                "category": category,
                "n_earlier": earlier,
                "share_earlier": earlier / change.n,
                "n_later": later,
                "share_later": later / change.n,
            }
        )
    return rows


def transition_rows(change: Change) -> list[dict[str, Any]]:
    """How many went from which answer to which; nobody's way is left out, zeros are."""
    names = change.categories or ("no", "yes")
    rows = []
    for one, start in enumerate(names):
        for other, end in enumerate(names):
            n = int(np.sum((change.before == one) & (change.after == other)))
            if n:
                rows.append({**change.key, "from": start, "to": end, "n": n, "n_pairs": change.n})
    return rows

"""Signs of wrong keying and careless answering: warnings, never silent mending."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socmeasures.responses.coding import Decision
from socmeasures.scales.model import Scale, Score

FEWEST = 20  # complete rows below which a correlation says too little to warn anyone
LONG = 5  # answered items a straight line must span to be worth a look


def worth(scale: Scale, score: Score, decision: Decision) -> NDArray[np.float64]:
    """Points of each answer under the score's key, shape (rows, items); NaN where none counts."""
    columns = []
    for number in score.items:
        decoded = decision.items[number]
        points = scale.points(score, number)
        values = np.full(len(decoded.column), np.nan)
        for raw, code in decoded.meaning.items():
            values[decoded.column.values == raw] = points[code]
        if decoded.column.missing is not None:
            values[decoded.column.missing] = np.nan
        columns.append(values)
    return np.column_stack(columns)


def item_rest(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlation of each item with the sum of the others; rows complete, NaN without spread."""
    total = points.sum(axis=1)
    out = np.full(points.shape[1], np.nan)
    for i in range(points.shape[1]):
        rest = total - points[:, i]
        if points[:, i].std() > 0 and rest.std() > 0:
            out[i] = np.corrcoef(points[:, i], rest)[0, 1]
    return out


def alpha(points: NDArray[np.float64]) -> float:
    """Cronbach's alpha on complete rows: k/(k−1) · (1 − Σ item variances / total variance)."""
    k = points.shape[1]
    total = points.sum(axis=1).var(ddof=1)
    return float(k / (k - 1) * (1 - points.var(axis=0, ddof=1).sum() / total)) if total else np.nan


def keying_warnings(scale: Scale, decision: Decision, wave: str | None) -> Iterator[dict[str, Any]]:
    """Items that run against the rest of their score, surely enough to say so.

    An item is named when its item–rest correlation is negative with the upper 95 % limit
    (Fisher's z) below zero, on at least 20 complete rows.
    """
    named: set[int] = set()
    for score in sorted(scale.scores, key=lambda s: -len(s.items)):
        if len(score.items) < 3 or score.evidence == "unverified":
            continue
        points = worth(scale, score, decision)
        points = points[~np.isnan(points).any(axis=1)]
        if len(points) < FEWEST:
            continue
        rest = item_rest(points)
        limit = np.tanh(
            np.arctanh(np.clip(rest, -0.999999, 0.999999)) + 1.96 / (len(points) - 3) ** 0.5
        )
        against = [i for i in range(len(rest)) if limit[i] < 0 and score.items[i] not in named]
        if not against:
            continue
        turned = points.copy()
        for i in against:
            turned[:, i] = points[:, i].max() + points[:, i].min() - points[:, i]
        for i in against:
            number = score.items[i]
            named.add(number)
            yield {
                "wave": wave,
                "column": decision.items[number].name,
                "scale": scale.id,
                "item": number,
                "rule": "keying",
                "severity": "warning",
                "message": (
                    f"item {number} ({scale.item(number).label}) runs against the other items of "
                    f"{score.id!r} (item-rest r = {rest[i]:.2f}, {len(points)} people): it may be "
                    "reversed already, or reversed the wrong way. Alpha is "
                    f"{alpha(points):.2f}, and {alpha(turned):.2f} with the items named here turned "
                    "round. Nothing was changed"
                ),
            }


def straight_lines(scale: Scale, decision: Decision) -> NDArray[np.int64]:
    """Rows with one and the same answer to all items of a score whose items point both ways.

    Agreeing alike with statements of both directions is a sign of careless answering. Looked for
    where points rise with the code for some items and fall for others, all with the same options,
    over 5 answered items or more; the middle option is no contradiction and is left alone.
    """
    mixed = [s for s in scale.scores if len(s.items) >= LONG and _points_both_ways(scale, s)]
    if not mixed:
        return np.empty(0, np.int64)
    score = max(mixed, key=lambda s: len(s.items))
    codes = scale.codes(score.items[0])
    if len({scale.codes(n) for n in score.items}) > 1:
        return np.empty(0, np.int64)
    table = np.column_stack([decision.items[n].canonical() for n in score.items])
    answered = ~np.isnan(table)
    lowest = np.where(answered, table, np.inf).min(axis=1)
    highest = np.where(answered, table, -np.inf).max(axis=1)
    same = (answered.sum(axis=1) >= LONG) & (lowest == highest)
    rows: NDArray[np.int64] = np.flatnonzero(same & (2 * lowest != codes[0] + codes[-1]))
    return rows


def _points_both_ways(scale: Scale, score: Score) -> bool:
    ends = [(scale.codes(n)[0], scale.codes(n)[-1]) for n in score.items]
    worth = [scale.points(score, n) for n in score.items]
    rises = [w[high] > w[low] for w, (low, high) in zip(worth, ends, strict=True)]
    return any(rises) and not all(rises)

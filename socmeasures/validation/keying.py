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
    """Rows with one and the same canonical answer to all items of a mixed-direction scale.

    Agreeing with statements of both directions alike is a sign of careless answering. Looked for
    where a score reverses some items and not others, all with the same options, over 5 items or
    more answered.
    """
    mixed = [s for s in scale.scores if 0 < len(s.reverse) < len(s.items) >= LONG]
    if not mixed:
        return np.empty(0, np.int64)
    score = max(mixed, key=lambda s: len(s.items))
    if len({scale.codes(n) for n in score.items}) > 1:
        return np.empty(0, np.int64)
    answers = []
    for number in score.items:
        decoded = decision.items[number]
        values = np.full(len(decoded.column), np.nan)
        for raw, code in decoded.meaning.items():
            values[decoded.column.values == raw] = code
        if decoded.column.missing is not None:
            values[decoded.column.missing] = np.nan
        answers.append(values)
    table = np.column_stack(answers)
    some = (~np.isnan(table)).sum(axis=1) >= LONG
    table = table[some]
    same = np.nanmax(table, axis=1) == np.nanmin(table, axis=1) if len(table) else some[some]
    ends = {min(scale.codes(score.items[0])), max(scale.codes(score.items[0]))}
    same &= np.isin(np.nanmax(table, axis=1), list(ends)) if len(table) else same
    return np.flatnonzero(some)[same]

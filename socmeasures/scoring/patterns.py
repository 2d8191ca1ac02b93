"""Patterns of careless answering, as data: flags to look at, never a reason found for removal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures import frames
from socmeasures.kernel import Column
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.coding import Decision, Decoded
from socmeasures.responses.plan import ScoringPlan
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Score
from socmeasures.scoring.answers import answers_to, codes_table

BLOCK = 1 << 15  # rows looked at together
LONG = 5  # answered items a straight line must span to be worth a look


def response_patterns(
    data: Any,
    scale: str | Path | Scale | ScoringPlan,
    *,
    items: Mapping[int, str] | None = None,
    codebook: Codebook | None = None,
    coding: str | None = None,
    order: str | None = None,
    pre_reversed: Sequence[int] = (),
) -> Any:
    """Signs of careless answering to one scale, a row for each row of the data.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        One row a person, or a person and time point. It is not changed, and nobody is removed.
    scale : str, Path, Scale or ScoringPlan
        A scale's id, a definition file of your own, or a plan with one scale at one time point.
    items, codebook, coding, order, pre_reversed : optional
        As for `soc.score`.

    Returns
    -------
    DataFrame (the kind that came in, rows and row labels as they were)
        ``n_items`` (asked; a second question is not, where the first one closes it),
        ``answered`` (with a legal answer), ``share_missing``,
        ``longest_run`` (most items in a row, in the order of the form, with one and the same
        answer; a gap ends a run), ``sd_within`` (SD of the person's answers as ticked, before any
        reversal; NaN below two answers, or where items have different options) and
        ``straight_line`` (the same answer throughout although the items point both ways; missing
        where the scale's items all point one way, so that it cannot be seen) and ``impossible``
        (answers to second questions that do not apply by the first).

    Raises
    ------
    ColumnsNotFoundError, AmbiguousColumnsError, CodingError
        As `soc.score`. An illegal answer raises nothing: it counts as none (`soc.validate`).

    Notes
    -----
    There are no cut-offs here, because none holds for every scale: on three items a run of three
    is ordinary, and someone who is never lonely answers alike throughout. Decide what to do with
    a flag before looking at the outcome, and report results with and without those people.

    References
    ----------
    .. [1] Meade & Craig (2012). Psychol. Methods 17(3), 437-455. doi:10.1037/a0028085
    .. [2] Dunn, Heggestad, Shanock & Theilgard (2018). J. Bus. Psychol. 33, 105-121.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.scoring.patterns import response_patterns
    >>> columns = [f"friendship_scale_{i}" for i in range(1, 7)]
    >>> answers = pd.DataFrame([[4, 0, 3, 4, 1, 0], [4, 4, 4, 4, 4, 4]], columns=columns)
    >>> response_patterns(answers, "friendship_scale")[["longest_run", "straight_line"]]
       longest_run  straight_line
    0            1          False
    1            6           True
    """
    found = answers_to(
        data,
        scale,
        items=items,
        codebook=codebook,
        coding=coding,
        order=order,
        pre_reversed=pre_reversed,
    )
    numbers = [n for n in found.scale.numbers if n in found.task.items]
    codes = codes_table(found.decision, numbers)
    options = [found.scale.codes(n) for n in numbers]
    asked = np.full(len(codes), len(numbers))
    impossible = np.zeros(len(codes), np.int64)
    for second, is_closed in closed_gates(found.scale, found.decision):
        answer = codes[:, numbers.index(second)]
        impossible += is_closed & (answer > 0)
        answer[is_closed] = np.nan
        asked -= is_closed
    answered = (~np.isnan(codes)).sum(axis=1)
    alike = len(set(options)) == 1
    table = pd.DataFrame(
        {
            "n_items": asked,
            "answered": answered,
            "share_missing": 1 - answered / asked,
            "longest_run": longest_runs(codes, options),
            "sd_within": _sd_within(codes) if alike else np.full(len(codes), np.nan),
            "straight_line": pd.array([pd.NA] * len(codes), dtype="boolean"),
            "impossible": impossible,
        },
        index=data.index if frames.is_pandas(data) else None,
    )
    if _mixed_score(found.scale) is not None:
        table["straight_line"] = pd.array(np.zeros(len(codes), bool), dtype="boolean")
        place = table.columns.get_loc("straight_line")
        table.iloc[straight_lines(found.scale, found.decision), place] = True
    return frames.like(data, table)


def closed_gates(scale: Scale, decision: Decision) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Second questions, and the rows to which each does not apply by the first question."""
    for item in scale.derived:
        rule = item.derived
        if rule is not None and rule.rule == "follow_up":
            yield rule.items[-1], decision.items[rule.items[0]].canonical() < rule.from_


def longest_runs(
    codes: NDArray[np.float64], options: Sequence[tuple[int, ...]]
) -> NDArray[np.int64]:
    """Most neighbouring items with one and the same answer, a number a row.

    A missing answer ends a run, and so does an item whose options are others than before: the
    same code then means something else.
    """
    longest = np.zeros(len(codes), np.int64)
    run = np.zeros(len(codes), np.int64)
    for i, answer in enumerate(codes.T):
        goes_on = i > 0 and options[i] == options[i - 1]
        same = (answer == codes[:, i - 1]) if goes_on else np.zeros(len(codes), bool)
        run = np.where(same, run + 1, ~np.isnan(answer))
        longest = np.maximum(longest, run)
    return longest


def _sd_within(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    there = ~np.isnan(codes)
    n = there.sum(axis=1)
    out = np.full(len(codes), np.nan)
    enough = n >= 2
    some, known, count = codes[enough], there[enough], n[enough]
    mean = np.where(known, some, 0).sum(axis=1) / count
    squares = np.where(known, (some - mean[:, None]) ** 2, 0).sum(axis=1)
    out[enough] = np.sqrt(squares / (count - 1))
    return out


def straight_lines(scale: Scale, decision: Decision) -> NDArray[np.int64]:
    """Rows with one and the same answer to all items of a score whose items point both ways.

    Agreeing alike with statements of both directions is a sign of careless answering. Looked for
    where points rise with the code for some items and fall for others, all with the same options,
    over 5 answered items or more; the middle option is no contradiction and is left alone.
    """
    score = _mixed_score(scale)
    if score is None:
        return np.empty(0, np.int64)
    codes = scale.codes(score.items[0])
    rows = _not_yet_different(decision, score.items)
    table = codes_table(_of_rows(decision, score.items, rows), score.items)
    answered = ~np.isnan(table)
    lowest = np.where(answered, table, np.inf).min(axis=1)
    highest = np.where(answered, table, -np.inf).max(axis=1)
    same = (answered.sum(axis=1) >= LONG) & (lowest == highest)
    found: NDArray[np.int64] = rows[same & (2 * lowest != codes[0] + codes[-1])]
    return found


def _not_yet_different(decision: Decision, numbers: Sequence[int]) -> NDArray[np.int64]:
    """Rows without two different legal codes, as far as raw codes tell it fast."""
    first = decision.items[numbers[0]]
    meaning = dict(first.meaning)
    alike = [decision.items[n] for n in numbers if dict(decision.items[n].meaning) == meaning]
    n = len(first.column)
    starts = range(0, n, BLOCK)  # most rows are settled by the second item, from the cache
    parts = [_alike_in(alike, start, min(start + BLOCK, n)) for start in starts]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _alike_in(items: Sequence[Decoded], start: int, stop: int) -> NDArray[np.int64]:
    rows = np.arange(start, stop)
    one, sure = _surely_legal(items[0], slice(start, stop))
    for other in items[1:]:
        two, there = _surely_legal(other, rows if len(rows) < stop - start else slice(start, stop))
        alike = np.flatnonzero(~((one != two) & sure & there))
        rows, one, sure = rows[alike], one[alike], sure[alike]
    return rows


def _surely_legal(
    item: Decoded, rows: slice | NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Raw codes of some rows, and which of them are answers."""
    values, gone = item.column.part(rows)
    legal = np.zeros(len(values), bool)
    for code in item.meaning:
        legal |= values == code
    return values, legal if gone is None else legal & ~gone


def _of_rows(decision: Decision, numbers: Sequence[int], rows: NDArray[np.int64]) -> Decision:
    """The answers of some rows to some items."""
    items = {}
    for number in numbers:
        decoded = decision.items[number]
        items[number] = replace(decoded, column=Column(*decoded.column.part(rows)))
    return replace(decision, items=items)


def _mixed_score(scale: Scale) -> Score | None:
    """The longest score whose items point both ways; None without one whose options are alike."""
    mixed = [s for s in scale.scores if len(s.items) >= LONG and _points_both_ways(scale, s)]
    score = max(mixed, key=lambda s: len(s.items), default=None)
    if score is None or len({scale.codes(n) for n in score.items}) > 1:
        return None
    return score


def _points_both_ways(scale: Scale, score: Score) -> bool:
    ends = [(scale.codes(n)[0], scale.codes(n)[-1]) for n in score.items]
    worth = [scale.points(score, n) for n in score.items]
    rises = [w[high] > w[low] for w, (low, high) in zip(worth, ends, strict=True)]
    return any(rises) and not all(rises)

"""What is decided once for data that come in parts: columns, codings, rules.

A file in blocks, a Dask frame, a Spark frame and a LazyFrame are all scored by `Settled.score`,
part by part, with the same kernel. No part decides anything by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from socmeasures import frames
from socmeasures.errors import ResponseError
from socmeasures.responses.codebook import Codebook, reasons_frame
from socmeasures.responses.coding import Coding, Undecided, settle
from socmeasures.responses.plan import ScoringPlan
from socmeasures.scoring.compute import score_part
from socmeasures.scoring.record import ScoringRecord, scoring_record
from socmeasures.scoring.tasks import LoadedPlan, Task, read_tasks, refuse_undecided

Texts = Mapping[str, Iterable[Any]]  # column → its distinct answers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settled:
    """A plan whose codings stand: it can be sent to other processes and scores any part.

    Attributes
    ----------
    plan : LoadedPlan
        With its scales, so that no definition file is needed elsewhere.
    codings : tuple of Coding
        One a planned scale.
    codebook : Codebook or None
        Missing codes and labels, without reasons.
    options : mapping
        ``invalid, missing, accept_unverified, person, wave, replace`` as for `soc.score`.
    """

    plan: LoadedPlan
    codings: tuple[Coding, ...]
    codebook: Codebook | None
    options: Mapping[str, Any]

    def score(self, part: Any, *, most: int | None = None) -> Any:
        """The part with its scores; its record counts this part only."""
        return score_part(
            part,
            self.plan,
            self.codings,
            codebook=self.codebook,
            coding=None,
            most=most,
            **self.options,
        )

    def score_named(self, part: Any, *, name: str = "", rows: int = 0) -> Any:
        """The part with its scores; in a refusal its rows are named so that they can be found."""
        try:
            return self.score(part, most=MOST_IN_A_PART)
        except ResponseError as fault:
            raise fault.moved(rows=rows, part=name) from None

    def record(self, nothing: Any) -> ScoringRecord:
        """The record as it can be told before any row is counted."""
        made = scoring_record(self.score(nothing))
        assert made is not None
        return made.uncounted()


MOST_IN_A_PART = 1_000  # illegal answers tabled in the refusal of one partition


def settled_plan(
    head: Any,
    plan: ScoringPlan,
    codebook: Codebook | None,
    *,
    coding: str | None,
    distinct: Callable[[Sequence[str]], Texts],
    **options: Any,
) -> Settled:
    """Decide every coding of a plan before any row is scored.

    Parameters
    ----------
    head : frame
        With all columns and as many rows as there are at hand, possibly none.
    coding : str or None
        What the caller states, before the plan's own.
    distinct : callable
        Gives the distinct answers, in all of the data, of the item columns that are not numbers;
        called once, and only when there are any. Numbers decide no coding.
    **options
        As `Settled.options`.

    Raises
    ------
    CodingError, ColumnsNotFoundError, PlanError
        As `soc.score`, before any row was looked at.
    """
    plan = LoadedPlan.of(plan)
    book = None
    if codebook is not None:
        book = replace(
            codebook, reasons=reasons_frame([]), record=None, _source=None, _row_marks={}
        )
    tasks = read_tasks(head, plan, book)
    words = word_columns(head, tasks)
    found = distinct(words) if words else {}
    outcomes = settle_tasks(tasks, found, coding)
    refuse_undecided(tasks, outcomes)
    codings = tuple(o for o in outcomes if isinstance(o, Coding))
    return Settled(plan=plan, codings=codings, codebook=book, options=options)


def word_columns(head: Any, tasks: Sequence[Task]) -> list[str]:
    """Item columns that are not numbers by their kind."""
    items = dict.fromkeys(c for task in tasks for c in task.items.values())
    return [c for c in items if not frames.is_numeric(head, c)]


def settle_tasks(
    tasks: Sequence[Task], found: Texts, coding: str | None
) -> list[Coding | Undecided]:
    """The coding of each task, from the words found in all of the data."""
    outcomes = []
    for task in tasks:
        columns = {n: _answers(c, found) for n, c in task.items.items()}
        stated = coding or task.planned.coding
        outcome = settle(task.scale, columns, task.items, task.variables, stated)
        if isinstance(outcome, Undecided):  # which codings all answers fit is not known yet
            outcome = replace(outcome, fits=())
        outcomes.append(outcome)
    return outcomes


def _answers(column: str, found: Texts) -> frames.Numbers | frames.Words:
    """A column's distinct answers in place of the column."""
    words = tuple(found.get(column, ()))
    if not words or all(isinstance(w, int | float) for w in words):
        return frames.Numbers(np.empty(0))
    return frames.Words(np.arange(len(words)), words)


def distinct_answers(part: Any, columns: Sequence[str]) -> dict[str, dict[Any, None]]:
    """The different answers in some columns of one part, in order; numbers as floats."""
    found: dict[str, dict[Any, None]] = {}
    for name in columns:
        column = frames.column(part, name)
        if isinstance(column, frames.Words):
            found[name] = dict.fromkeys(column.distinct)
        else:
            there = column.values if column.missing is None else column.values[~column.missing]
            numbers = np.unique(there).tolist()
            found[name] = dict.fromkeys(float(v) for v in numbers if v == v)
    return found


def united(parts: Iterable[Mapping[str, Mapping[Any, None]]]) -> dict[str, dict[Any, None]]:
    """The different answers of all parts."""
    whole: dict[str, dict[Any, None]] = {}
    for part in parts:
        for name, words in part.items():
            whole.setdefault(name, {}).update(words)
    return whole


# --- counts of lazy engines ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartCount:
    """What the answers of one part add up to: its record, or the answers that do not fit."""

    record: str = ""
    problems: tuple[Mapping[str, Any], ...] = ()
    n_problems: int = 0
    people: int = 0
    scales: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The count as text, for engines that move nothing else."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> PartCount:
        """Read a count back."""
        return cls(**json.loads(text))


def count_part(part: Any, settled: Settled, *, name: str = "", rows: int = 0) -> PartCount:
    """Score a part for its counts alone."""
    try:
        record = scoring_record(settled.score(part, most=MOST_IN_A_PART))
    except ResponseError as fault:
        table = fault.problems.assign(row=fault.problems["row"] + rows, part=name)
        table = table.astype(object).where(table.notna(), None)
        return PartCount(
            "", tuple(table.to_dict("records")), fault.count, fault.people, fault.scales
        )
    return PartCount("" if record is None else record.to_json())


def counted_record(parts: Iterable[PartCount], settled: Settled) -> ScoringRecord:
    """The record of all parts; refuses their illegal answers, each with its part."""
    counted = list(parts)
    faults = [row for part in counted for row in part.problems]
    if faults:
        table = pd.DataFrame(faults)
        scales = dict.fromkeys(scale for part in counted for scale in part.scales)
        first = str(table["part"].iloc[0])
        same = table["part"].nunique() == 1
        raise ResponseError(
            table if same else table.assign(message=table["part"] + ": " + table["message"]),
            scales=list(scales),
            people=sum(part.people for part in counted),
            named=settled.options.get("person") is not None,
            count=sum(part.n_problems for part in counted),
            part=first if same else "",
        )
    records = [ScoringRecord.from_json(part.record) for part in counted if part.record]
    return reduce(ScoringRecord.with_part, records)

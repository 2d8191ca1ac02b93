"""`soc.validate` for data of any size: block by block, with what must be seen whole kept small.

Answers outside their options, empty and straight-lined questionnaires are found in the block.
Kept over the blocks: the identifiers, for people who are there twice; evenly spaced rows, for the
keying; counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures import frames
from socmeasures.errors import AmbiguousColumnsError, ColumnsNotFoundError
from socmeasures.kernel import Column, Shifted
from socmeasures.responses import checks
from socmeasures.responses.blocks import open_blocks
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.coding import Coding, Decision, Undecided, codings_that_fit
from socmeasures.responses.plan import ScoringPlan
from socmeasures.scales.model import Scale
from socmeasures.scoring.counting import count_answers
from socmeasures.scoring.record import notes_together
from socmeasures.scoring.settled import settle_tasks, word_columns
from socmeasures.scoring.stream import Progress, plan_of, words_in
from socmeasures.scoring.tasks import LoadedPlan, Task, decode_tasks, label_column, read_tasks
from socmeasures.validation.keying import keying_warnings
from socmeasures.validation.report import (
    MOST,
    ValidationReport,
    column_rows,
    duplicates,
    finished,
    lined_up,
    remark,
    silent,
)
from socmeasures.validation.sampled import ENOUGH


def validate_stream(
    source: Any,
    scale_or_plan: str | Path | Scale | ScoringPlan | None,
    *,
    items: Mapping[int, str] | None = None,
    codebook: Codebook | None = None,
    coding: str | None = None,
    person: str | None = None,
    wave: str | None = None,
    accept_unverified: bool = False,
    encoding: str | None = None,
    block_rows: int | None = None,
    progress: Progress | None = None,
) -> ValidationReport:
    """Find everything that is wrong with answers in data of any size, block by block.

    Parameters
    ----------
    source, encoding, block_rows, progress
        As for `soc.score_stream`.
    scale_or_plan, items, codebook, coding, person, wave, accept_unverified
        As for `soc.validate`; None as the plan matches scales by the names of the columns.

    Returns
    -------
    ValidationReport
        As of `soc.validate` on the whole. Of the answers that do not fit, and of the remarks, the
        first 500,000 each are listed; all are counted (``.n_unlisted``, ``.hints``).

    Raises
    ------
    ReadOnceError, SourceKindError, ReadError
        As `soc.score_stream`. For faults of the data nothing is raised.

    Notes
    -----
    Memory: one block, the faults that are listed, and, when `person` is named, about 24 bytes a
    row for numbered people (more for long identifiers), since only all of them tell who is there
    twice. Signs of wrong keying come from 20,000 to 40,000 evenly spaced rows.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> answers = pd.DataFrame({"ucla3_1": [1, 7], "ucla3_2": [2, 3], "ucla3_3": [1, 2]})
    >>> report = soc.validate_stream([answers, answers], "ucla3", coding="canonical")
    >>> report.n_rows, report.problems["row"].tolist()
    (4, [2, 4])
    """
    blocks = open_blocks(source, encoding=encoding)
    book = codebook if codebook is not None else blocks.codebook
    head = blocks.head(1)
    try:
        plan = plan_of(blocks, scale_or_plan, book, items=items, person=person, wave=wave)
    except (ColumnsNotFoundError, AmbiguousColumnsError) as fault:
        return finished(_bare(head), [*column_rows(fault)], [], (), 0, named=False)
    person, wave = person or plan.person, wave or plan.wave
    plan = LoadedPlan.of(plan)
    rows: list[dict[str, Any]] = []
    asked: list[_OneScale] = []
    for planned in plan.scales:
        own = plan.model_copy(update={"scales": (planned,)})
        try:
            (task,) = read_tasks(head, own, book)
        except (ColumnsNotFoundError, AmbiguousColumnsError) as fault:
            rows += [{**row, "wave": planned.wave} for row in column_rows(fault)]
            continue
        words = word_columns(head, [task])
        found = words_in(blocks, own, words, coding) if words else {}
        (outcome,) = settle_tasks([task], found, coding)
        if isinstance(outcome, Undecided):
            choices = "; ".join(outcome.codings)
            rows.append(remark(task, "coding", "error", f"{outcome.why}. It could be: {choices}"))
        else:
            asked.append(_OneScale(own, task, outcome))
        if task.scale.opt_in and not accept_unverified:
            rows.append(remark(task, "coding", "warning", "the key of this scale is unverified"))
    people = _People(person, wave)
    listed = _Listed()
    keys = [c for c in (person, wave) if c is not None]
    items_of = [c for one in asked for c in one.task.items.values()]
    step = max(1, -(-(blocks.n_rows or 0) // ENOUGH))
    n_rows = 0
    for data, _ in blocks.blocks(list(dict.fromkeys([*keys, *items_of])), rows=block_rows):
        labels = label_column(data, person), label_column(data, wave)
        for one in asked:
            one.look(data, book, labels, n_rows, step, listed)
        people.look(data)
        n_rows += frames.n_rows(data)
        if progress is not None:
            progress(n_rows, blocks.n_rows)
    rows += people.twice()
    hints = list(listed.hints())
    for one in asked:
        rows += [remark(one.task, "coding", "warning", note) for note in one.notes]
        rows += keying_warnings(one.task.scale, one.sample(), one.task.wave)
        fits = one.fits or ()
        if len(fits) == 1 and one.n_faults > 0.02 * n_rows:
            hints.append(
                f"All answers to {one.task.scale.id!r} fit the coding {fits[0]!r}: if they were "
                f"entered so, pass coding={fits[0]!r}."
            )
    report = finished(
        _bare(head),
        rows,
        listed.tables,
        tuple(hints),
        n_rows,
        named=person is not None,
        checked=tuple(dict.fromkeys(one.task.scale.id for one in asked)),
    )
    return replace(report, n_unlisted=listed.n_faults - listed.n_listed)


def _bare(head: Any) -> Any:
    """A frame whose kind the problems follow: pandas, unless the caller works with another."""
    return head if frames.is_pandas(head) else pd.DataFrame()


@dataclass(slots=True)
class _Listed:
    """Tables of faults and remarks, up to a limit, and how many there are."""

    tables: list[pd.DataFrame] = field(default_factory=list)
    n_faults: int = 0
    n_listed: int = 0
    n_remarks: int = 0
    n_told: int = 0

    def take(self, table: pd.DataFrame, before: int) -> None:
        """Remarks on rows of a block, counted on from the rows before it."""
        self.n_remarks += len(table)
        some = table.head(MOST - self.n_told)
        self.n_told += len(some)
        if len(some):
            self.tables.append(some.assign(row=some["row"] + before))

    def hints(self) -> list[str]:
        """What is not listed."""
        if self.n_remarks == self.n_told:
            return []
        return [f"{self.n_remarks:,} remarks on rows in all; the first {self.n_told:,} are listed."]


@dataclass(slots=True)
class _OneScale:
    """What is found in the columns of one scale at one time point, over the blocks."""

    plan: ScoringPlan
    task: Task
    coding: Coding
    n_faults: int = 0
    notes: tuple[str, ...] = ()
    fits: tuple[str, ...] | None = None
    kept: list[dict[int, Column]] = field(default_factory=list)
    n_kept: int = 0
    every: int = 1  # of the rows kept so far
    last: Decision | None = None

    def look(
        self,
        data: Any,
        book: Codebook,
        labels: tuple[NDArray[Any] | None, NDArray[Any] | None],
        before: int,
        step: int,
        listed: _Listed,
    ) -> None:
        """Take one block into account."""
        (task,) = read_tasks(data, self.plan, book)
        (decision,) = decode_tasks([task], [self.coding])
        tally = count_answers(task.scale, decision, tuple(task.scale.scores))
        self.n_faults += tally.n_faults
        listed.n_faults += tally.n_faults
        if tally.n_faults:
            table = checks.illegal_answers(
                task.scale,
                decision,
                tally.faults,
                wave=task.wave,
                variables=task.variables,
                persons=labels[0],
                waves=labels[1],
                limit=max(0, MOST - listed.n_listed),
            )
            listed.n_listed += len(table)
            if len(table):
                listed.tables.append(table.assign(row=table["row"] + before))
        if self.fits is None:  # a coding is only proposed where the first block speaks for it
            self.fits = codings_that_fit(task.scale, decision) if tally.n_faults else ()
        elif self.fits:
            again = codings_that_fit(task.scale, decision)
            self.fits = tuple(name for name in self.fits if name in again)
        self.notes = notes_together(self.notes, decision.notes)
        listed.take(silent(task, tally, *labels), before)
        listed.take(lined_up(task, decision, *labels), before)
        self._keep(decision, before, step)

    def _keep(self, decision: Decision, before: int, step: int) -> None:
        """Every `step`-th row of the whole; twice as far apart when they become too many."""
        self.every = max(self.every, step)
        first = -before % self.every
        self.kept.append(
            {n: _strided(d.column, first, self.every) for n, d in decision.items.items()}
        )
        self.n_kept += len(next(iter(self.kept[-1].values())))
        self.last = decision
        if self.n_kept > 2 * ENOUGH:
            whole = {n: _strided(c, 0, 2) for n, c in self._together().items()}
            self.kept, self.every = [whole], 2 * self.every
            self.n_kept = len(next(iter(whole.values())))

    def _together(self) -> dict[int, Column]:
        return {n: _joined([part[n] for part in self.kept]) for n in self.kept[0]}

    def sample(self) -> Decision:
        """The rows that were kept."""
        assert self.last is not None
        columns = self._together()
        items = {n: replace(d, column=columns[n]) for n, d in self.last.items.items()}
        return replace(self.last, items=items)


def _strided(column: Column | Shifted, first: int, step: int) -> Column:
    gone = column.missing
    return Column(
        column.values[first::step].copy(), None if gone is None else gone[first::step].copy()
    )


def _joined(parts: Sequence[Column]) -> Column:
    gone = None
    if any(part.missing is not None for part in parts):
        none = [np.zeros(len(p), bool) if p.missing is None else p.missing for p in parts]
        gone = np.concatenate(none)
    return Column(np.concatenate([part.values for part in parts]), gone)


class _People:
    """Identifiers of all rows, kept to find those that are there more than once."""

    def __init__(self, person: str | None, wave: str | None) -> None:
        self.names = {k: c for k, c in (("person", person), ("wave", wave)) if c is not None}
        self.is_asked = person is not None
        self.keys: list[pd.DataFrame] = []

    def look(self, data: Any) -> None:
        """Keep the identifiers of a block."""
        if self.is_asked:
            columns = {k: _compact(frames.column(data, c)) for k, c in self.names.items()}
            self.keys.append(pd.DataFrame(columns))

    def twice(self) -> list[dict[str, Any]]:
        """The problems: candidates by a hash of each row, then compared in full."""
        if not self.keys:
            return []
        hashes = np.concatenate(
            [
                pd.util.hash_pandas_object(part, index=False, categorize=False).to_numpy()
                for part in self.keys
            ]
        )
        ordered = np.sort(hashes)
        again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        if not len(again):
            return []
        found, before = [], 0
        for part in self.keys:
            own = hashes[before : before + len(part)]
            rows = np.flatnonzero(np.isin(own, again))
            some = part.iloc[rows]
            found.append(some.set_axis(rows + before))
            before += len(part)
        keys = pd.concat(found).astype(object)
        return duplicates(keys.where(keys.notna(), None).map(_whole))


def _compact(column: frames.Numbers | frames.Words) -> Any:
    """Identifiers in one kind for all blocks: numbers as floats, else texts."""
    if isinstance(column, frames.Words):
        texts = np.asarray([*map(str, column.distinct), None], dtype=object)
        return pd.array(texts[column.codes], dtype="str")
    values = column.values.astype(float)
    return values if column.missing is None else np.where(column.missing, np.nan, values)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value

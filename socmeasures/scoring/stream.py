"""Large SPSS files scored in blocks of rows, with bounded memory and the whole-file result.

The coding is decided once for the file, scores are made a block at a time, counts are added up.
Tables are written as they come; a .sav is written at the end, as its writer needs all of it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from socmeasures import frames
from socmeasures.errors import NoRowsError, ResponseError, UnsupportedFormatError, plural
from socmeasures.responses.block_writing import Block, block_writer
from socmeasures.responses.codebook import Codebook, reasons_frame
from socmeasures.responses.losses import LossReport, codes_left_blank
from socmeasures.responses.matching import match_scales
from socmeasures.responses.plan import PlannedScale, ScoringPlan
from socmeasures.responses.sav_blocks import SavBlocks
from socmeasures.responses.sav_writing import write_sav
from socmeasures.responses.writing import check_output, whole_file
from socmeasures.scoring.compute import score
from socmeasures.scoring.missing import STATUSES
from socmeasures.scoring.record import ATTRS_KEY, ScaleUse, ScoringRecord, scoring_record
from socmeasures.scoring.tasks import Task, decide_codings

STREAMED = (".sav", ".zsav")
INTO = (".csv", ".parquet", ".sav", ".zsav")
MATCHED_ROWS = 500  # of the first block, in which scales are recognised
MOST_PROBLEMS = 100_000  # faulty answers tabled; all are counted

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreamedScores:
    """What scoring a large file gave.

    Attributes
    ----------
    output : Path
        The scored file.
    record : ScoringRecord
        The same as of the whole file scored at once.
    n_rows : int
        Rows scored.
    losses : LossReport
        What the output does not keep.
    plan : ScoringPlan
        Which columns were which items.
    columns : tuple of str
        Columns of the output.
    """

    output: Path
    record: ScoringRecord
    n_rows: int
    losses: LossReport
    plan: ScoringPlan
    columns: tuple[str, ...]


def score_file(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    plan: ScoringPlan | None = None,
    *,
    with_items: bool | None = None,
    coding: str | None = None,
    invalid: Literal["raise", "missing"] = "raise",
    missing: Any = None,
    accept_unverified: bool = False,
    person: str | None = None,
    wave: str | None = None,
    replace_scores: bool = False,
    drop: Sequence[str] = (),
    encoding: str | None = None,
    block_rows: int | None = None,
    progress: Progress | None = None,
) -> StreamedScores:
    """Score a large .sav or .zsav in blocks of rows.

    Parameters
    ----------
    source : str or path
        The SPSS file. It is not changed.
    output : str or path
        A ``.csv`` or ``.parquet``, written block by block, or a ``.sav``/``.zsav``.
    plan : ScoringPlan, optional
        Default: matched on the first block and the codebook.
    with_items : bool, optional
        Whether all columns of the file are in the output. Default: yes in tables; in a ``.sav``
        only the identifiers and the scores, since its writer holds the whole file in memory
        (`memory_for` says how much).
    coding, invalid, missing, accept_unverified, person, wave
        As for `soc.score`.
    replace_scores : bool
        As ``replace`` of `soc.score`.
    drop : sequence of str
        Columns that are left out of the output.
    encoding : str, optional
        As for `soc.read`.
    block_rows : int, optional
        Rows of a block; default so that a block takes about 16 MB.
    progress : callable, optional
        Called with rows done and rows of the file (None when it does not say).

    Returns
    -------
    StreamedScores

    Raises
    ------
    ResponseError
        Illegal answers anywhere in the file (``invalid="raise"``): all are counted, the first
        100,000 tabled, nothing is written.
    ReadError, OutputError, CodingError
        As in reading, writing and scoring at once.

    Examples
    --------
    >>> import socmeasures as soc, tempfile, pathlib
    >>> from importlib.resources import files
    >>> from socmeasures.scoring.stream import score_file
    >>> export = files("socmeasures") / "demo" / "befriending_export.sav"
    >>> done = score_file(export, pathlib.Path(tempfile.mkdtemp()) / "scored.csv",
    ...                   invalid="missing", block_rows=50)
    >>> done.n_rows
    121
    """
    file, target = Path(os.fspath(source)), Path(os.fspath(output))
    suffix = target.suffix.lower()
    if suffix not in INTO:
        raise UnsupportedFormatError(target, suffix, INTO, doing="written")
    check_output(target, inputs=[file])
    blocks = SavBlocks.open(file, encoding=encoding)
    is_sav = suffix in STREAMED
    everything = (not is_sav) if with_items is None else with_items
    plan = plan or _matched(blocks, person, wave)
    person, wave = person or plan.person, wave or plan.wave
    settled = _settled(blocks, plan, coding)
    wanted = None if everything else list(dict.fromkeys([*_keys(person, wave), *plan.columns()]))
    kept = _keys(person, wave) if not everything else None
    counted = _Counts()
    counted.keep_reasons = is_sav
    options: dict[str, Any] = {
        "invalid": invalid,
        "missing": missing,
        "accept_unverified": accept_unverified,
        "person": person,
        "wave": wave,
        "replace": replace_scores,
    }
    with _writing(target, blocks.codebook, is_sav=is_sav) as write:
        for data, book in blocks.blocks(wanted, rows=block_rows):
            if not len(data):
                raise NoRowsError(file, len(blocks.codebook), "score")
            scored = counted.score(data, settled, book, options)
            if scored is not None:
                made = [c for c in scored.columns if c not in data.columns or replace_scores]
                chosen = (
                    list(scored.columns) if kept is None else [*kept, *_new(scored, data, made)]
                )
                chosen = [c for c in chosen if c not in set(drop)]
                write.block(scored[chosen])
                counted.columns = tuple(chosen)
            counted.told(book, kept, drop)
            if progress is not None:
                progress(counted.n_rows, blocks.n_rows)
        counted.refuse(person)
        record = counted.record(plan, settled)
        losses = write.finish(record, counted, blocks.codebook)
    return StreamedScores(
        output=target,
        record=record,
        n_rows=counted.n_rows,
        losses=losses,
        plan=plan,
        columns=counted.columns,
    )


def memory_for(source: str | os.PathLike[str]) -> int:
    """Bytes that scoring a file into a .sav with all its columns needs at least.

    About four times the answers: the columns read, the frame, the writer's copy and its rows.
    """
    return 4 * SavBlocks.open(source).size


def _keys(person: str | None, wave: str | None) -> list[str]:
    return [c for c in (person, wave) if c is not None]


def _new(scored: pd.DataFrame, data: pd.DataFrame, made: Sequence[str]) -> list[str]:
    """Score columns, also those that took the place of stored ones."""
    record = scoring_record(scored)
    ours = {c.column for c in record.columns} if record else set()
    risks = [c for c in made if c not in data.columns]
    return [c for c in scored.columns if c in ours or c in risks]


def _matched(blocks: SavBlocks, person: str | None, wave: str | None) -> ScoringPlan:
    data, book = next(iter(blocks.blocks(rows=MATCHED_ROWS)))
    return match_scales(data, book, person=person, wave=wave)


def _settled(blocks: SavBlocks, plan: ScoringPlan, coding: str | None) -> ScoringPlan:
    """The plan with codings decided on the distinct answers of the whole file, once."""
    book = blocks.codebook
    items = list(dict.fromkeys(c for p in plan.scales for c in p.items.values() if c in book))
    texts = [c for c in items if book[c].kind == "string"]
    distinct: dict[str, dict[str, None]] = {c: {} for c in texts}
    if texts:
        for data, _ in blocks.blocks(texts):
            for name in texts:
                distinct[name] |= dict.fromkeys(data[name].dropna().unique().tolist())
    settled = []
    for planned in plan.scales:
        stated = coding or planned.coding
        if stated is not None:
            settled.append(planned.model_copy(update={"coding": stated}))
            continue
        task = _task(planned, book, distinct)
        if task is None:
            settled.append(planned)
            continue
        (decision,) = decide_codings([task])
        # only text answers can differ from block to block
        is_text = any(c in distinct for c in planned.items.values())
        named = decision.name if is_text and decision.name in task.scale.coding_names else None
        settled.append(planned.model_copy(update={"coding": named}))
    return plan.model_copy(update={"scales": tuple(settled)})


def _task(
    planned: PlannedScale, book: Codebook, distinct: Mapping[str, Mapping[str, None]]
) -> Task | None:
    """The scale with its columns' distinct answers in place of the columns."""
    if planned.order is not None or any(c not in book for c in planned.items.values()):
        return None  # `score` decides, or refuses, on the first block
    columns: dict[int, frames.Numbers | frames.Words] = {}
    for number, name in planned.items.items():
        if name in distinct:
            words = tuple(distinct[name])
            columns[number] = frames.Words(np.arange(len(words)), words)
        else:
            columns[number] = frames.Numbers(np.empty(0))
    variables = {n: book.get(c) for n, c in planned.items.items()}
    return Task(planned, planned.load(), dict(planned.items), variables, columns)


class _Counts:
    """What is added up over the blocks."""

    def __init__(self) -> None:
        self.n_rows = 0
        self.columns: tuple[str, ...] = ()
        self.records: list[ScoringRecord] = []
        self.reasons: Counter[str] = Counter()
        self.kept_reasons: list[pd.DataFrame] = []
        self.problems: list[pd.DataFrame] = []
        self.n_problems = 0
        self.rows_at_fault = 0
        self.scales: dict[str, None] = {}
        self.keep_reasons = False

    def score(
        self, data: pd.DataFrame, plan: ScoringPlan, book: Codebook, options: dict[str, Any]
    ) -> pd.DataFrame | None:
        """One block scored; None when it holds illegal answers, which are tabled."""
        before = self.n_rows
        self.n_rows += len(data)
        try:
            scored: pd.DataFrame = score(data, plan, codebook=book, **options)
        except ResponseError as fault:
            table = fault.problems
            self.n_problems += len(table)
            self.rows_at_fault += int(table["row"].nunique())
            self.scales |= dict.fromkeys(table["scale"].tolist())
            if sum(map(len, self.problems)) < MOST_PROBLEMS:
                self.problems.append(table.assign(row=table["row"] + before))
            return None
        record = scoring_record(scored)
        if record is not None:
            self.records.append(record)
        return None if self.n_problems else scored

    def told(self, book: Codebook, kept: Sequence[str] | None, drop: Sequence[str]) -> None:
        """Count the codes of missing answers among the columns that are written."""
        reasons = book.reasons
        if kept is not None:
            reasons = reasons[reasons["column"].isin(kept)]
        reasons = reasons[~reasons["column"].isin(list(drop))]
        self.reasons.update(reasons["column"].tolist())
        if self.keep_reasons and len(reasons):
            self.kept_reasons.append(reasons)

    def refuse(self, person: str | None) -> None:
        """Raise when a block held illegal answers."""
        if not self.n_problems:
            return
        table = pd.concat(self.problems, ignore_index=True)
        hints = []
        if self.n_problems > len(table):
            hints = [f"{self.n_problems:,} in all; the first {len(table):,} are tabled."]
        raise ResponseError(
            table,
            scales=list(self.scales),
            people=self.rows_at_fault,
            named=person is not None,
            hints=hints,
        )

    def record(self, plan: ScoringPlan, settled: ScoringPlan) -> ScoringRecord:
        """One record from those of the blocks, as if the file had been scored at once."""
        first = self.records[0]
        uses = []
        for place, use in enumerate(first.uses):
            same = [record.uses[place] for record in self.records]
            counts = {
                one: _ordered(sum((Counter(u.counts[one]) for u in same), Counter()))
                for one in use.counts
            }
            changed: dict[str, Any] = {
                "counts": counts,
                "illegal_answers": sum(u.illegal_answers for u in same),
            }
            uses.append(use.model_copy(update=changed | _as_decided(use, plan, settled)))
        return first.model_copy(update={"uses": tuple(uses)})


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    return {status: counts[status] for status in STATUSES if counts.get(status)}


def _as_decided(use: ScaleUse, plan: ScoringPlan, settled: ScoringPlan) -> dict[str, str]:
    """How the coding was decided, where it was decided for all blocks beforehand."""
    for own, ours in zip(plan.scales, settled.scales, strict=True):
        is_it = own.load().id == use.scale and own.wave == use.wave
        if is_it and own.coding is None and ours.coding is not None and "(stated)" in use.coding:
            return {"coding": use.coding.replace("(stated)", "(text answers)")}
    return {}


# --- the output -------------------------------------------------------------------------------


class _IntoSav:
    """Blocks gathered, and written at the end."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.blocks: list[pd.DataFrame] = []

    def block(self, data: pd.DataFrame) -> None:
        """Keep a block."""
        self.blocks.append(data)

    def finish(self, record: ScoringRecord, counted: _Counts, codebook: Codebook) -> LossReport:
        """Write all blocks with their labels and codes."""
        data = pd.concat(self.blocks, ignore_index=True)
        self.blocks.clear()
        data.attrs = {ATTRS_KEY: record.to_json()}
        reasons = counted.kept_reasons
        book = replace(
            codebook,
            variables={n: v for n, v in codebook.variables.items() if n in data.columns},
            reasons=pd.concat(reasons, ignore_index=True) if reasons else reasons_frame([]),
            n_rows=len(data),
            weight=codebook.weight if codebook.weight in data.columns else None,
        )
        return write_sav(data, self.target, codebook=book)


class _IntoTable:
    """Blocks written as they come."""

    def __init__(self, writer: Block) -> None:
        self.writer = writer

    def block(self, data: pd.DataFrame) -> None:
        """Write a block."""
        self.writer.write(data)

    def finish(self, record: ScoringRecord, counted: _Counts, codebook: Codebook) -> LossReport:  # noqa: ARG002
        """Close the table with its record."""
        self.writer.finish(record.to_json())
        return LossReport(rows=tuple(codes_left_blank(dict(counted.reasons))))


@contextmanager
def _writing(target: Path, codebook: Codebook, *, is_sav: bool) -> Iterator[Any]:
    if is_sav:
        yield _IntoSav(target)
        return
    with whole_file(target, codebook=codebook) as part, block_writer(part) as writer:
        yield _IntoTable(writer)


def counts_told(record: ScoringRecord) -> list[str]:
    """`ucla3_total at t1: 118 scored, 3 not_answered`, a line a score."""
    return [
        f"{use.scale}_{one}{f' at {use.wave}' if use.wave else ''}: "
        + ", ".join(f"{n:,} {status}" for status, n in counts.items())
        for use in record.uses
        for one, counts in use.counts.items()
    ]


def size_told(n_bytes: int) -> str:
    """`1.2 GB`, `300 MB`."""
    if n_bytes >= 1e9:
        return f"{n_bytes / 1e9:.1f} GB"
    return plural(max(round(n_bytes / 1e6), 1), "MB", "MB")

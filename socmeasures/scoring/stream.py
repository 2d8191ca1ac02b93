"""Large data scored in blocks of rows, with bounded memory and the whole-file result.

The coding is decided once for all of them, scores are made a block at a time, counts are added
up. Tables are written as they come; a .sav is written at the end, as its writer needs all of it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from socmeasures import frames
from socmeasures.errors import (
    ChoiceError,
    NoRowsError,
    ReadOnceError,
    ResponseError,
    UnsupportedFormatError,
    plural,
)
from socmeasures.responses.atomic import replacing
from socmeasures.responses.block_writing import Block, block_writer
from socmeasures.responses.blocks import Blocks, open_blocks
from socmeasures.responses.codebook import Codebook, reasons_frame
from socmeasures.responses.losses import LossReport, codes_left_blank
from socmeasures.responses.matching import match_scales
from socmeasures.responses.plan import ScoringPlan
from socmeasures.responses.sav_writing import write_sav
from socmeasures.responses.writing import check_output, output_faults
from socmeasures.scales.model import Scale
from socmeasures.scoring.record import ATTRS_KEY, ScoringRecord, scoring_record
from socmeasures.scoring.settled import (
    Settled,
    Texts,
    distinct_answers,
    settled_plan,
    united,
)
from socmeasures.scoring.tasks import as_plan

SPSS = (".sav", ".zsav")
INTO = (".csv", ".parquet", ".sav", ".zsav")
MATCHED_ROWS = 500  # of the first block, in which scales are recognised
MOST_PROBLEMS = 100_000  # faulty answers tabled; all are counted

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreamedScores:
    """What scoring large data gave.

    Attributes
    ----------
    output : Path
        The scored file.
    record : ScoringRecord
        The same as of all rows scored at once.
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


def score_stream(
    source: Any,
    scale_or_plan: str | Path | Scale | ScoringPlan | None,
    sink: str | os.PathLike[str],
    *,
    items: Mapping[int, str] | None = None,
    codebook: Codebook | None = None,
    coding: str | None = None,
    invalid: Literal["raise", "missing"] = "raise",
    missing: Any = None,
    accept_unverified: bool = False,
    person: str | None = None,
    wave: str | None = None,
    replace: bool = False,
    with_items: bool | None = None,
    drop: Sequence[str] = (),
    encoding: str | None = None,
    block_rows: int | None = None,
    progress: Progress | None = None,
) -> StreamedScores:
    """Score data of any size in blocks of rows, from one file or query into another file.

    Parameters
    ----------
    source : path or table-like
        A ``.sav``, ``.zsav``, ``.parquet``, ``.csv`` (``.tsv``, ``.txt``); a DuckDB relation; a
        polars LazyFrame; a pyarrow Table, dataset or RecordBatchReader; anything with
        ``__arrow_c_stream__``; an iterable of frames or record batches. It is not changed.
    scale_or_plan : str, Scale, ScoringPlan or None
        As for `soc.score`. None: scales are matched on the names and labels of the columns.
    sink : str or path
        A ``.parquet`` or ``.csv``, written block by block, or a ``.sav``/``.zsav``. It appears
        when it is whole, or not at all.
    items, codebook, coding, invalid, missing, accept_unverified, person, wave, replace
        As for `soc.score`. A ``.sav`` brings its own codebook.
    with_items : bool, optional
        Whether all columns of the source are in the output. Default: yes in tables; in a ``.sav``
        only the identifiers and the scores, since its writer holds the whole file in memory
        (`memory_for` says how much).
    drop : sequence of str
        Columns that are left out of the output.
    encoding : str, optional
        Of a file's letters, as for `soc.read`.
    block_rows : int, optional
        Rows of a block; by default so that a block takes 16 to 32 MB.
    progress : callable, optional
        Called with rows done and rows of the source (None when it does not say).

    Returns
    -------
    StreamedScores

    Raises
    ------
    ResponseError
        Illegal answers anywhere (``invalid="raise"``): all are counted, the first 100,000 tabled,
        nothing is written.
    CodingError
        As `soc.score`. The coding is decided once: by what you state, by the codebook, by the
        words in all of the data; never by the numbers of a block.
    ReadOnceError
        Answers in words without a stated coding, in a reader whose rows can be taken only once.
    SourceKindError, ReadError, OutputError, EngineMissingError
        As in reading and writing.

    Notes
    -----
    Memory depends on the width of the data, not on their length. Which rows make a block depends
    on the source alone, so that the same source gives the same bytes again.

    Examples
    --------
    >>> import socmeasures as soc, tempfile, pathlib
    >>> from importlib.resources import files
    >>> export = files("socmeasures") / "demo" / "befriending_export.sav"
    >>> done = soc.score_stream(export, None, pathlib.Path(tempfile.mkdtemp()) / "scored.csv",
    ...                         invalid="missing", block_rows=50)
    >>> done.n_rows, done.record.uses[0].counts["total"]["scored"]
    (121, 113)
    """
    target = Path(os.fspath(sink))
    suffix = target.suffix.lower()
    if suffix not in INTO:
        raise UnsupportedFormatError(target, suffix, INTO, doing="written")
    if invalid not in ("raise", "missing"):
        raise ChoiceError("invalid", invalid, ("raise", "missing"))
    blocks = open_blocks(source, encoding=encoding)
    check_output(target, inputs=[] if blocks.path is None else [blocks.path])
    book = codebook if codebook is not None else blocks.codebook
    plan = plan_of(blocks, scale_or_plan, book, items=items, person=person, wave=wave)
    settled = settled_on(
        blocks,
        plan,
        book,
        coding=coding,
        invalid=invalid,
        missing=missing,
        accept_unverified=accept_unverified,
        person=person or plan.person,
        wave=wave or plan.wave,
        replace=replace,
    )
    is_sav = suffix in SPSS
    keys = [c for c in (person or plan.person, wave or plan.wave) if c is not None]
    everything = (not is_sav) if with_items is None else with_items
    wanted = None if everything else list(dict.fromkeys([*keys, *plan.columns()]))
    kept = None if everything else keys
    counted = _Counts(keep_reasons=is_sav)
    with _writing(target, book, is_sav=is_sav) as write:
        for data, part in blocks.blocks(wanted, rows=block_rows):
            if not frames.n_rows(data):
                continue
            scored = counted.score(data, settled)
            if scored is not None:
                if not counted.columns:
                    counted.columns = _chosen(scored, kept, drop)
                write.block(frames.select(scored, counted.columns))
            counted.told(part, kept, drop)
            if progress is not None:
                progress(counted.n_rows, blocks.n_rows)
        if not counted.n_rows:
            raise NoRowsError(blocks.path or "the data", len(blocks.codebook), "score")
        counted.refuse(named=bool(person or plan.person))
        record = counted.whole(blocks.codebook.record)
        losses = write.finish(record, counted, book)
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
    return 4 * open_blocks(source).size


def plan_of(
    blocks: Blocks,
    scale_or_plan: str | Path | Scale | ScoringPlan | None,
    codebook: Codebook,
    *,
    items: Mapping[int, str] | None = None,
    person: str | None = None,
    wave: str | None = None,
) -> ScoringPlan:
    """The plan that was given, or one made from the columns and the first rows."""
    if isinstance(scale_or_plan, ScoringPlan) and not items:
        return scale_or_plan
    head = blocks.head(MATCHED_ROWS)
    if scale_or_plan is None:
        return match_scales(frames.to_pandas(head), codebook, person=person, wave=wave)
    return as_plan(scale_or_plan, head, items=items, codebook=codebook)


def settled_on(
    blocks: Blocks, plan: ScoringPlan, codebook: Codebook, *, coding: str | None, **options: Any
) -> Settled:
    """The plan with codings decided on the distinct words of the whole source, once."""
    return settled_plan(
        blocks.head(1),
        plan,
        codebook,
        coding=coding,
        distinct=lambda columns: words_in(blocks, plan, columns, coding),
        **options,
    )


def words_in(
    blocks: Blocks, plan: ScoringPlan, columns: Sequence[str], coding: str | None
) -> Texts:
    """The distinct answers in some columns of a whole source."""
    if blocks.again:
        return united(distinct_answers(data, columns) for data, _ in blocks.blocks(columns))
    asked = [p for p in plan.scales if set(columns) & set(p.items.values())]
    if coding is None and any(p.coding is None for p in asked):
        raise ReadOnceError.words(list(dict.fromkeys(p.scale for p in asked)), columns)
    return {}


def _chosen(scored: Any, kept: Sequence[str] | None, drop: Sequence[str]) -> tuple[str, ...]:
    """Columns of the output: all, or identifiers and what scoring made."""
    names = frames.names(scored)
    if kept is not None:
        record = scoring_record(scored)
        ours = {c.column for c in record.columns} if record else set()
        names = [*kept, *(name for name in names if name in ours)]
    return tuple(name for name in names if name not in set(drop))


class _Counts:
    """What is added up over the blocks."""

    def __init__(self, *, keep_reasons: bool) -> None:
        self.n_rows = 0
        self.columns: tuple[str, ...] = ()
        self.record: ScoringRecord | None = None
        self.reasons: Counter[str] = Counter()
        self.kept_reasons: list[pd.DataFrame] = []
        self.problems: list[pd.DataFrame] = []
        self.n_problems = self.n_tabled = 0
        self.rows_at_fault = 0
        self.scales: dict[str, None] = {}
        self.keep_reasons = keep_reasons

    def score(self, data: Any, settled: Settled) -> Any:
        """One block scored; None from the first that holds illegal answers, which are tabled."""
        before = self.n_rows
        self.n_rows += frames.n_rows(data)
        try:
            scored = settled.score(data, most=MOST_PROBLEMS - self.n_tabled)
        except ResponseError as fault:
            self._take(fault.moved(rows=before))
            return None
        record = scoring_record(scored)
        if record is not None:
            self.record = record if self.record is None else self.record.with_part(record)
        return None if self.n_problems else scored

    def _take(self, fault: ResponseError) -> None:
        self.n_problems += fault.count
        self.rows_at_fault += fault.people
        self.scales |= dict.fromkeys(fault.scales)
        table = fault.problems.head(MOST_PROBLEMS - self.n_tabled)
        self.n_tabled += len(table)
        if len(table):
            self.problems.append(table)

    def told(self, book: Codebook, kept: Sequence[str] | None, drop: Sequence[str]) -> None:
        """Count the codes of missing answers among the columns that are written."""
        reasons = book.reasons
        if kept is not None:
            reasons = reasons[reasons["column"].isin(kept)]
        reasons = reasons[~reasons["column"].isin(list(drop))]
        self.reasons.update(reasons["column"].tolist())
        if self.keep_reasons and len(reasons):
            self.kept_reasons.append(reasons)

    def refuse(self, *, named: bool) -> None:
        """Raise when a block held illegal answers."""
        if not self.n_problems:
            return
        raise ResponseError(
            pd.concat(self.problems, ignore_index=True),
            scales=list(self.scales),
            people=self.rows_at_fault,
            named=named,
            count=self.n_problems,
        )

    def whole(self, earlier: str | None) -> ScoringRecord:
        """The record of all blocks, after that of scores the source had before."""
        assert self.record is not None
        if earlier is None:
            return self.record
        return ScoringRecord.from_json(earlier).merged(self.record)


# --- the output -------------------------------------------------------------------------------


class _IntoSav:
    """Blocks gathered, and written at the end."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.blocks: list[pd.DataFrame] = []

    def block(self, data: Any) -> None:
        """Keep a block."""
        self.blocks.append(frames.to_pandas(data))

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

    def __init__(self, writer: Block, target: Path) -> None:
        self.writer, self.target = writer, target

    def block(self, data: Any) -> None:
        """Write a block."""
        with output_faults(self.target):
            self.writer.write(data)

    def finish(self, record: ScoringRecord, counted: _Counts, codebook: Codebook) -> LossReport:  # noqa: ARG002
        """Close the table with its record."""
        with output_faults(self.target):
            self.writer.finish(record.to_json())
        return LossReport(rows=tuple(codes_left_blank(dict(counted.reasons))))


@contextmanager
def _writing(target: Path, codebook: Codebook, *, is_sav: bool) -> Iterator[Any]:
    if is_sav:
        yield _IntoSav(target)
        return
    source = codebook._source
    whole = check_output(target, inputs=[source] if source else [])
    with replacing(whole) as part, block_writer(part) as writer:
        yield _IntoTable(writer, target)


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

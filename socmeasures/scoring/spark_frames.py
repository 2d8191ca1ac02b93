"""Spark frames: Arrow batches of each partition through the one kernel (`mapInArrow`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from socmeasures.errors import EngineMissingError, FrameKindError
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.plan import ScoringPlan
from socmeasures.scales.model import Scale
from socmeasures.scoring.record import ATTRS_KEY, ScoringRecord
from socmeasures.scoring.settled import (
    PartCount,
    Settled,
    Texts,
    count_part,
    counted_record,
    settled_plan,
)
from socmeasures.scoring.tasks import as_plan

ROWS = 65_536  # batches of Spark are gathered to about as many: its own are of 10,000


def score_spark(
    data: Any,
    scale_or_plan: str | Path | Scale | ScoringPlan,
    *,
    codebook: Codebook | None = None,
    coding: str | None = None,
    invalid: Literal["raise", "missing"] = "raise",
    missing: Any = None,
    accept_unverified: bool = False,
    person: str | None = None,
    wave: str | None = None,
    replace: bool = False,
    count: bool = False,
) -> Any:
    """Score a Spark frame: the same frame, still lazy, with score columns at its end.

    Parameters
    ----------
    data : pyspark.sql.DataFrame
        Rows stay in their partitions: there is no shuffle. The workers need this library and
        pyarrow.
    scale_or_plan, codebook, coding, missing, accept_unverified, person, wave, replace
        As for `soc.score`.
    invalid : {"raise", "missing"}
        As for `soc.score`; but a lazy frame is looked at when an action runs, so that is when the
        refusal comes, inside Spark's own exception. It names the partition (from 0) and the row.
    count : bool
        Run over the data now, to count statuses and illegal answers: the record is then that of
        the data scored at once, and illegal answers are refused here and now, as our own error.

    Returns
    -------
    pyspark.sql.DataFrame
        Columns and values as `soc.score` gives them: scores double, ``_n`` short, ``_status`` and
        ``_band`` string, null where there is none. `soc.scoring_record` of it gives the record,
        which travels in the metadata of the score columns (also into parquet); without `count` it
        holds no counts, and says so.

    Raises
    ------
    EngineMissingError
        PySpark or pyarrow is not installed: ``pip install 'socmeasures[spark]'``.
    CodingError, ColumnsNotFoundError, ScoreColumnExistsError
        As `soc.score`, at once.

    Notes
    -----
    The coding is decided once, from what you state, the codebook, or the distinct words of all
    rows (one query, now); never in a partition, never from numbers.

    Examples
    --------
    >>> import socmeasures as soc
    >>> def scored_table(spark, path):
    ...     return soc.score_spark(spark.read.parquet(path), "mspss", coding="canonical")
    >>> callable(scored_table)  # needs a Spark session; run for real by `make test-engines`
    True
    """
    try:
        import pyarrow as arrow
        import pyspark  # noqa: F401
        from pyspark.sql.types import StructType
    except ImportError as gone:
        package = "pyarrow" if gone.name == "pyarrow" else "pyspark"
        raise EngineMissingError(package, "spark", "score a Spark frame") from None
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    if not hasattr(data, "mapInArrow"):
        raise FrameKindError(type(data).__name__, "Give soc.score_spark a pyspark.sql.DataFrame.")
    nothing = to_arrow_schema(data.schema).empty_table()
    plan = as_plan(scale_or_plan, nothing, codebook=codebook, coding=coding)

    def distinct(columns: Sequence[str]) -> Texts:
        if coding is not None or all(p.coding is not None for p in plan.scales):
            return {}
        return {
            name: [row[0] for row in data.select(f"`{name}`").distinct().collect() if row[0]]
            for name in columns
        }

    settled = settled_plan(
        nothing,
        plan,
        codebook,
        coding=coding,
        distinct=distinct,
        invalid=invalid,
        missing=missing,
        accept_unverified=accept_unverified,
        person=person or plan.person,
        wave=wave or plan.wave,
        replace=replace,
    )
    made = plain_words(settled.score(nothing))
    record = _counted(data, settled) if count else settled.record(nothing)
    known = {field.name: field for field in data.schema.fields}
    ours = {column.column for column in record.columns}
    fields = []
    for field in from_arrow_schema(made.schema.remove_metadata()).fields:
        if field.name in ours:
            field.metadata = {ATTRS_KEY: record.to_json()}
        fields.append(field if field.name in ours else known[field.name])
    schema = arrow.schema(made.schema.remove_metadata())
    scored = data.mapInArrow(_Scored(settled, schema), StructType(fields))
    for name in sorted(ours & set(scored.columns)):
        scored = scored.withMetadata(name, {ATTRS_KEY: record.to_json()})
    return scored


class _Scored:
    """What each worker does with the batches of a partition."""

    def __init__(self, settled: Settled, schema: Any) -> None:
        self.settled, self.schema = settled, schema

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        rows = 0
        for table in gathered(batches):
            scored = self.settled.score_named(table, name=_partition(), rows=rows)
            rows += len(table)
            yield from plain_words(scored).cast(self.schema).to_batches()


class _Counted:
    """One row a partition: what its answers add up to, as JSON."""

    def __init__(self, settled: Settled) -> None:
        self.settled = settled

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as arrow

        rows, texts = 0, []
        for table in gathered(batches):
            texts.append(count_part(table, self.settled, name=_partition(), rows=rows).to_json())
            rows += len(table)
        yield arrow.RecordBatch.from_pydict({"counted": arrow.array(texts, arrow.string())})


def _counted(data: Any, settled: Settled) -> ScoringRecord:
    texts = data.mapInArrow(_Counted(settled), "counted string").collect()
    return counted_record([PartCount.from_json(row["counted"]) for row in texts], settled)


def _partition() -> str:
    from pyspark import TaskContext

    context = TaskContext.get()
    return f"partition {context.partitionId()}" if context is not None else ""


def gathered(batches: Iterable[Any]) -> Iterator[Any]:
    """Batches as tables of about `ROWS` rows."""
    import pyarrow as arrow

    held: list[Any] = []
    n = 0
    for batch in batches:
        held.append(batch)
        n += batch.num_rows
        if n >= ROWS:
            yield arrow.Table.from_batches(held).combine_chunks()
            held, n = [], 0
    if held:
        yield arrow.Table.from_batches(held).combine_chunks()


def plain_words(table: Any) -> Any:
    """The table with words in place of categories, which Spark does not have."""
    from pyarrow import string, types

    for place, field in enumerate(table.schema):
        if types.is_dictionary(field.type):
            words = table.column(place).cast(string())
            table = table.set_column(place, field.with_type(string()), words)
    return table

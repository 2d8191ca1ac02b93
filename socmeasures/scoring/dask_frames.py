"""Dask frames: partition by partition with the one kernel, lazily, on any scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from socmeasures.errors import EngineMissingError, FrameKindError
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.plan import ScoringPlan
from socmeasures.scales.model import Scale
from socmeasures.scoring.record import ATTRS_KEY
from socmeasures.scoring.settled import (
    PartCount,
    Settled,
    Texts,
    count_part,
    counted_record,
    distinct_answers,
    settled_plan,
    united,
)
from socmeasures.scoring.tasks import as_plan


def score_dask(
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
    """Score a Dask frame: the same frame, still lazy, with score columns at its end.

    Parameters
    ----------
    data : dask.dataframe.DataFrame
        Of pandas partitions. Nothing of it is moved between partitions.
    scale_or_plan, codebook, coding, missing, accept_unverified, person, wave, replace
        As for `soc.score`.
    invalid : {"raise", "missing"}
        As for `soc.score`; but a lazy frame is looked at when it is computed, so that is when the
        refusal comes. It names the partition (from 0, as Dask counts them) and the row in it.
    count : bool
        Run over the data now, to count statuses and illegal answers: the record is then that of
        the data scored at once, and illegal answers are refused here and now.

    Returns
    -------
    dask.dataframe.DataFrame
        Columns, types and values as `soc.score` gives them. `soc.scoring_record` of it gives the
        record; without `count` it holds no counts, and says so.

    Raises
    ------
    EngineMissingError
        Dask is not installed: ``pip install 'socmeasures[dask]'``.
    CodingError, ColumnsNotFoundError, ScoreColumnExistsError
        As `soc.score`, at once.

    Notes
    -----
    The coding is decided once, from what you state, the codebook, or the words in all partitions
    (which are then looked through once, now); never in a partition, never from numbers.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> import dask.dataframe as dd
    >>> answers = pd.DataFrame({f"mspss_{i}": [4, 5, None, 7] for i in range(1, 13)})
    >>> scored = soc.score_dask(dd.from_pandas(answers, npartitions=2), "mspss")
    >>> scored["mspss_total"].compute().tolist()
    [4.0, 5.0, nan, 7.0]
    >>> soc.scoring_record(scored).uses[0].coding
    'assumed canonical'
    """
    try:
        import dask.dataframe as dd
    except ImportError:
        raise EngineMissingError("dask", "dask", "score a Dask frame") from None
    if not isinstance(data, dd.DataFrame):
        raise FrameKindError(type(data).__name__, "Give soc.score_dask a dask.dataframe.DataFrame.")
    nothing = data._meta
    plan = as_plan(scale_or_plan, nothing, codebook=codebook, coding=coding)

    def distinct(columns: Sequence[str]) -> Texts:
        if coding is not None or all(p.coding is not None for p in plan.scales):
            return {}
        return united(_of_parts(data[list(columns)], distinct_answers, list(columns)))

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
    meta = settled.score(nothing)
    if count:
        record = counted_record(_of_parts(data, _counted, settled), settled)
    else:
        record = settled.record(nothing)
    told = record.to_json()
    meta.attrs = {**nothing.attrs, ATTRS_KEY: told}
    return data.map_partitions(_scored, settled, told, meta=meta)


def _scored(part: Any, settled: Settled, told: str, partition_info: Any = None) -> Any:  # noqa: ARG001
    """One partition; without its own record, since the frame has one for all of them.

    `told` is that record: Dask takes two frames for one when their arguments are the same, and
    would give the second the meta, and so the record, of the first.
    """
    number = (partition_info or {}).get("number", 0)
    scored = settled.score_named(part, name=f"partition {number}")
    scored.attrs = {}
    return scored


def _counted(part: Any, settled: Settled, partition_info: Any = None) -> PartCount:
    return count_part(part, settled, name=f"partition {(partition_info or {}).get('number', 0)}")


def _of_parts(data: Any, function: Any, *arguments: Any) -> list[Any]:
    """What a function makes of each partition, gathered."""
    import dask

    made = [
        dask.delayed(function)(part, *arguments, **_numbered(function, number))
        for number, part in enumerate(data.to_delayed())
    ]
    return list(dask.compute(*made))


def _numbered(function: Any, number: int) -> dict[str, Any]:
    return {"partition_info": {"number": number}} if function is _counted else {}

"""Polars LazyFrames: a lazy frame in, a lazy frame out, scored batch by batch when collected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from socmeasures import frames
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.plan import ScoringPlan
from socmeasures.scales.model import Scale
from socmeasures.scoring.record import ATTRS_KEY
from socmeasures.scoring.settled import Texts, distinct_answers, settled_plan
from socmeasures.scoring.tasks import as_plan

ROW = "__row__"


def score_lazy(
    data: Any,
    scale_or_plan: str | Path | Scale | ScoringPlan,
    *,
    codebook: Codebook | None,
    coding: str | None,
    planned: dict[str, Any],
    **options: Any,
) -> Any:
    """A LazyFrame with score columns at its end; nothing but words without a coding is read now.

    Polars calls the kernel with whole rows, batch by batch where the query is streamed. Rows are
    numbered on the way, so that a refusal, which comes when the frame is collected, names them.
    """
    nothing = data.head(0).collect()
    plan = as_plan(scale_or_plan, nothing, codebook=codebook, coding=coding, **planned)

    def distinct(columns: Sequence[str]) -> Texts:
        if coding is not None or all(p.coding is not None for p in plan.scales):
            return {}
        found = {name: data.select(name).unique(maintain_order=True).collect() for name in columns}
        return {name: distinct_answers(part, [name])[name] for name, part in found.items()}

    settled = settled_plan(nothing, plan, codebook, coding=coding, distinct=distinct, **options)
    scored = settled.score(nothing)

    def batch(part: Any) -> Any:
        first = part[ROW][0] if len(part) else 0
        return settled.score_named(part.drop(ROW), rows=first)

    lazy = data.with_row_index(ROW).map_batches(batch, schema=scored.schema, streamable=True)
    return frames.carrying(lazy, {ATTRS_KEY: settled.record(nothing).to_json()})

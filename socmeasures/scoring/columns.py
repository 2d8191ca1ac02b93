"""Columns that scoring adds: scores with their companions, and what each column means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socmeasures import frames
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Score
from socmeasures.scoring import bands
from socmeasures.scoring.counting import Counted
from socmeasures.scoring.missing import STATUSES, Rule, apply
from socmeasures.scoring.record import ScoreColumn
from socmeasures.scoring.tasks import Task

UNVERIFIED = "key unverified, check before use"


def outcome_name(scale: Scale, score_id: str) -> str:
    """`{scale}_{score}`."""
    return f"{scale.id}_{score_id}"


def _suffixed(name: str, wave: str | None) -> str:
    return f"{name}__{wave}" if wave else name


def score_columns(
    counted: Counted, place: int, rule: Rule
) -> tuple[dict[str, frames.NewColumn], dict[str, int]]:
    """A score with its `_n`, `_status` and `_band`, and how many rows have which status."""
    scale, wave = counted.task.scale, counted.task.wave
    one, tally = counted.scores[place], counted.tally
    values, status = apply(
        scale, one, rule, tally.sums[place], tally.answered[place], tally.illegal[place]
    )
    name = outcome_name(scale, one.id)
    new: dict[str, frames.NewColumn] = {
        _suffixed(name, wave): values,
        _suffixed(f"{name}_n", wave): tally.answered[place],
        _suffixed(f"{name}_status", wave): frames.Labelled(status, STATUSES),
    }
    if one.default_bands is not None:
        codes = bands.assign(one.default_bands, values)
        labelled = frames.Labelled(codes, bands.labels(one.default_bands), ordered=True)
        new[_suffixed(f"{name}_band", wave)] = labelled
    seen = ((s, int(np.count_nonzero(status == place))) for place, s in enumerate(STATUSES))
    return new, {s: n for s, n in seen if n}


def risk_columns(counted: Counted) -> dict[str, frames.NewColumn]:
    """`{scale}_risk`: 1 where a safety item reached its mark, 0 below it, NaN if unanswered."""
    risks = counted.task.scale.risks
    if not risks:
        return {}
    flags: list[NDArray[np.float64]] = []
    for risk in risks:
        decoded = counted.decision.items[risk.item]
        values = decoded.column.values.astype(float)
        if decoded.column.missing is not None:
            values = np.where(decoded.column.missing, np.nan, values)
        flag = np.full(len(values), np.nan)
        for raw, code in decoded.meaning.items():
            flag[values == raw] = float(code >= risk.from_)
        flags.append(flag)
    highest = np.fmax.reduce(flags)
    return {_suffixed(f"{counted.task.scale.id}_risk", counted.task.wave): highest}


def described(task: Task, one: Score) -> Iterator[ScoreColumn]:
    """What each column of one score means, for the record."""
    scale, wave = task.scale, task.wave
    name = outcome_name(scale, one.id)
    low, high = one.range
    grade = one.evidence or scale.evidence
    warning = f" [{UNVERIFIED}]" if grade == "unverified" else ""
    key = f" [key: {scale.key}]" if scale.key else ""
    title = f"{scale.name}: {one.label or one.id}"
    common: dict[str, Any] = {
        "outcome": name,
        "title": title,
        "scale": scale.id,
        "score": one.id,
        "wave": wave,
        "low": low,
        "high": high,
        "higher": one.higher,
        "better": one.better,
        "step": scale.step(one),
    }
    label = f"{title} ({low:g} to {high:g}, higher = {one.higher}){warning}{key}"
    yield ScoreColumn(column=_suffixed(name, wave), role="score", label=label, **common)
    yield ScoreColumn(
        column=_suffixed(f"{name}_n", wave),
        role="n",
        label=f"{title}: answers given, of {len(one.items)}",
        **{**common, "outcome": f"{name}_n", "low": 0, "high": len(one.items), "better": "none"},
    )
    yield ScoreColumn(
        column=_suffixed(f"{name}_status", wave),
        role="status",
        label=f"{title}: how it was scored",
        categories=STATUSES,
        **{**common, "outcome": f"{name}_status", "better": "none"},
    )
    if one.default_bands is not None:
        yield ScoreColumn(
            column=_suffixed(f"{name}_band", wave),
            role="band",
            label=f"{title}: band ({one.default_bands.set}; {one.default_bands.source})",
            categories=bands.labels(one.default_bands),
            band_set=one.default_bands.set,
            **{**common, "outcome": f"{name}_band", "better": "none"},
        )


def described_risk(task: Task) -> Iterator[ScoreColumn]:
    """What the risk column means, where the scale has one."""
    if task.scale.risks:
        name = f"{task.scale.id}_risk"
        numbers = ", ".join(str(risk.item) for risk in task.scale.risks)
        yield ScoreColumn(
            column=_suffixed(name, task.wave),
            outcome=name,
            scale=task.scale.id,
            score="risk",
            wave=task.wave,
            role="risk",
            title=f"{task.scale.name}: risk",
            label=f"{task.scale.name}: safety item {numbers} above its mark (1) or not (0)",
            low=0,
            high=1,
        )

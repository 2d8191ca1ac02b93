"""Which key a score was made with, and to whom a question did not apply: columns beside scores."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from socmeasures import frames
from socmeasures.scales.model import Scale
from socmeasures.scoring.counting import Counted
from socmeasures.scoring.record import ScoreColumn
from socmeasures.scoring.tasks import Task

SHOWN = 12  # letters of a hash that tell two keys apart


def key_note(scale: Scale) -> str:
    """The sentence that goes wherever numbers made with a named key go; empty without one."""
    if scale.key is None:
        return ""
    return (
        f"{scale.name}: scored with the key {scale.key!r} ({scale.evidence}; hash "
        f"{scale.definition_hash[:SHOWN]}). Scores of different keys are never compared or pooled."
    )


def key_columns(task: Task, n_rows: int) -> dict[str, frames.NewColumn]:
    """`{scale}_key` and `{scale}_key_hash` on every row, for scales scored with a named key."""
    scale = task.scale
    if scale.key is None:
        return {}
    return {
        _suffixed(f"{scale.id}_key", task.wave): np.full(n_rows, scale.key, dtype=object),
        _suffixed(f"{scale.id}_key_hash", task.wave): np.full(
            n_rows, scale.definition_hash, dtype=object
        ),
    }


def flag_columns(counted: Counted) -> dict[str, frames.NewColumn]:
    """`{scale}_{flag}`: 1 where a question did not apply, 0 where it did, NaN if unanswered."""
    new: dict[str, frames.NewColumn] = {}
    for name, number, applies in _flags(counted.task.scale):
        decoded = counted.decision.items[number]
        codes = decoded.canonical()
        values: NDArray[np.float64] = np.where(np.isnan(codes), np.nan, 0.0)
        values[np.isin(codes, list(applies))] = 1.0
        values[np.isin(decoded.column.values.astype(float), decoded.absent)] = 1.0
        new[_suffixed(f"{counted.task.scale.id}_{name}", counted.task.wave)] = values
    return new


def described_keys_and_flags(task: Task) -> Iterator[ScoreColumn]:
    """What the columns of this file mean, for the record."""
    scale, wave = task.scale, task.wave
    for name, number, _ in _flags(scale):
        yield ScoreColumn(
            column=_suffixed(f"{scale.id}_{name}", wave),
            outcome=f"{scale.id}_{name}",
            scale=scale.id,
            score=name,
            wave=wave,
            role="flag",
            title=f"{scale.name}: {name.replace('_', ' ')}",
            label=f"{scale.name}: {scale.item(number).label} does not apply (1) or does (0)",
            low=0,
            high=1,
        )
    if scale.key is not None:
        for name, words in (("key", "name of the key"), ("key_hash", "hash of the key")):
            yield ScoreColumn(
                column=_suffixed(f"{scale.id}_{name}", wave),
                outcome=f"{scale.id}_{name}",
                scale=scale.id,
                score=name,
                wave=wave,
                role="key",
                label=f"{scale.name}: {words} it was scored with",
            )


def _flags(scale: Scale) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    """Name, item and the codes that raise each flag of a scale."""
    for item in scale.items:
        outside, rule = item.not_applicable, item.derived
        if outside is not None and outside.flag is not None:
            yield outside.flag, item.number, outside.codes
        if rule is not None and rule.flag is not None:
            gate = rule.items[0]
            below = tuple(code for code in scale.codes(gate) if code < rule.from_)
            yield rule.flag, gate, below


def _suffixed(name: str, wave: str | None) -> str:
    return f"{name}__{wave}" if wave else name

"""A scale's answers added up: one run of the kernel over its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from socmeasures import kernel
from socmeasures.responses.coding import Decision
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Score
from socmeasures.scoring.tasks import Task


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """A task with its coding decided and its columns added up."""

    task: Task
    decision: Decision
    scores: tuple[Score, ...]
    tally: kernel.Tally


def count(task: Task, decision: Decision, accepted: bool) -> Counted:
    """Add up the scores a task may have; unverified ones only when accepted."""
    scores = tuple(s for s in task.scale.scores if accepted or s.evidence != "unverified")
    return Counted(task, decision, scores, count_answers(task.scale, decision, scores))


def count_answers(scale: Scale, decision: Decision, scores: Sequence[Score]) -> kernel.Tally:
    """Run the kernel over a scale's columns."""
    place = {n: i for i, n in enumerate(decision.items)}
    meanings = {n: tuple(d.meaning.items()) for n, d in decision.items.items()}
    sums = []
    for score_ in scores:
        points = tuple(
            _worth(meanings[n], tuple(scale.points(score_, n).items())) for n in score_.items
        )
        sums.append(kernel.SumKey(tuple(place[n] for n in score_.items), points))
    columns = [d.column for d in decision.items.values()]
    tally = kernel.tally(columns, [_item_key(m) for m in meanings.values()], sums)
    for i, decoded in enumerate(decision.items.values()):
        if decoded.derived:
            tally.faults[i] = np.empty(0, np.int64)  # told of once, at the item it follows from
    return tally


# The same few keys come again with every frame; looking one up is cheaper than making it.


@lru_cache(maxsize=4096)
def _item_key(meaning: tuple[tuple[int, int], ...]) -> kernel.ItemKey:
    """Legal raw codes."""
    return kernel.ItemKey(tuple(sorted(raw for raw, _ in meaning)))


@lru_cache(maxsize=4096)
def _worth(
    meaning: tuple[tuple[int, int], ...], worth: tuple[tuple[int, float], ...]
) -> tuple[tuple[int, float], ...]:
    """Points of each raw code."""
    points = dict(worth)
    return tuple((raw, points[code]) for raw, code in meaning)

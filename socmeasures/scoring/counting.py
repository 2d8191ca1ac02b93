"""A scale's answers added up: one run of the kernel over its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from socmeasures import kernel
from socmeasures.responses import checks
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
    numbers = list(decision.items)
    place = {n: i for i, n in enumerate(numbers)}
    sums = []
    for score_ in scores:
        points = []
        for n in score_.items:
            worth = scale.points(score_, n)
            meaning = decision.items[n].meaning
            points.append(tuple((raw, worth[code]) for raw, code in meaning.items()))
        sums.append(kernel.SumKey(tuple(place[n] for n in score_.items), tuple(points)))
    columns = [d.column for d in decision.items.values()]
    tally = kernel.tally(columns, checks.item_keys(decision), sums)
    for i, decoded in enumerate(decision.items.values()):
        if decoded.derived:
            tally.faults[i] = np.empty(0, np.int64)  # told of once, at the item it follows from
    return tally

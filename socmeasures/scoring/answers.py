"""The answers to one scale as plain tables: canonical codes, or points under a score's key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socmeasures.errors import ChoiceError, PlanError, UnverifiedScaleError
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.coding import Decision
from socmeasures.responses.plan import ScoringPlan
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Score
from socmeasures.scoring.tasks import Task, as_plan, decide_codings, read_tasks, refuse_unverified

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One scale at one time point: its columns found, its coding decided."""

    task: Task
    decision: Decision

    @property
    def scale(self) -> Scale:
        """The instrument."""
        return self.task.scale


def answers_to(
    data: Any,
    scale: str | Path | Scale | ScoringPlan,
    *,
    items: Mapping[int, str] | None = None,
    codebook: Codebook | None = None,
    coding: str | None = None,
    order: str | None = None,
    pre_reversed: Sequence[int] = (),
) -> Answers:
    """Find and read the columns of one scale; arguments and refusals as `soc.score`."""
    plan = as_plan(
        scale,
        data,
        items=items,
        codebook=codebook,
        coding=coding,
        order=order,
        pre_reversed=pre_reversed,
    )
    if len(plan.scales) != 1:
        raise PlanError(
            "the plan",
            [
                f"it has {len(plan.scales)} scales and time points where one is looked at; give "
                "the scale by its id, with items={1: 'column', ...} for one time point"
            ],
        )
    (task,) = read_tasks(data, plan, codebook)
    (decision,) = decide_codings([task], coding)
    return Answers(task, decision)


def chosen_score(answers: Answers, asked: str | None, *, accept_unverified: bool) -> Score:
    """The score by its id, else `total`, else the one with the most items; refuses unverified."""
    scale = answers.scale
    refuse_unverified(answers.task, accept_unverified)
    accepted = accept_unverified or answers.task.planned.accept_unverified
    known = {score.id: score for score in scale.scores}
    if asked is not None:
        if asked not in known:
            raise ChoiceError("score", asked, list(known))
        if known[asked].evidence == "unverified" and not accepted:
            raise UnverifiedScaleError(f"score {asked!r} of {scale.id!r}", known[asked].note)
        return known[asked]
    usable = [s for s in scale.scores if accepted or s.evidence != "unverified"]
    return next((s for s in usable if s.id == "total"), max(usable, key=lambda s: len(s.items)))


def codes_table(decision: Decision, numbers: Sequence[int]) -> Table:
    """Canonical codes, shape (rows, items); NaN where there is no legal answer."""
    return np.column_stack([decision.items[number].canonical() for number in numbers])


def points_table(scale: Scale, score: Score, decision: Decision) -> Table:
    """Points of each answer under the score's key, shape (rows, items); NaN where none counts."""
    return np.column_stack([_points(scale, score, decision, number) for number in score.items])


def _points(scale: Scale, score: Score, decision: Decision, number: int) -> Table:
    codes = decision.items[number].canonical()
    worth = scale.points(score, number)
    low = min(worth, default=0)
    table = np.full(max(worth, default=0) - low + 1, np.nan)
    for code, points in worth.items():
        table[code - low] = points
    given = ~np.isnan(codes)
    out = np.full(len(codes), np.nan)
    out[given] = table[codes[given].astype(np.intp) - low]
    return out

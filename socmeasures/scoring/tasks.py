"""What is to be scored: scales loaded, their columns found and read, their codings decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socmeasures import frames
from socmeasures.errors import (
    ChoiceError,
    CodingError,
    KeyMismatchError,
    PlanError,
    UnverifiedScaleError,
)
from socmeasures.responses.codebook import Codebook, Variable
from socmeasures.responses.coding import Coding, Decision, Undecided
from socmeasures.responses.decoding import decide, decode
from socmeasures.responses.matching import find_items, refuse_missing_items
from socmeasures.responses.plan import PlannedScale, ScoringPlan
from socmeasures.scales.catalogue import load_scale
from socmeasures.scales.model import Scale


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One scale at one time point, its columns found and read."""

    planned: PlannedScale
    scale: Scale
    items: Mapping[int, str]
    variables: Mapping[int, Variable | None]
    columns: Mapping[int, frames.Numbers | frames.Words]

    @property
    def wave(self) -> str | None:
        """Time point, None for long data."""
        return self.planned.wave


def as_plan(
    scale_or_plan: str | Path | Scale | ScoringPlan,
    data: Any,
    *,
    items: Mapping[int, str] | None = None,
    codebook: Codebook | None = None,
    coding: str | None = None,
    order: str | None = None,
    pre_reversed: Sequence[int] = (),
    key: str | Path | None = None,
) -> ScoringPlan:
    """A plan as it is, or the plan of one scale with its columns found by name."""
    if isinstance(scale_or_plan, ScoringPlan):
        given = (("items", items), ("key", key), ("order", order), ("pre_reversed", pre_reversed))
        idle = [f"{name}=" for name, value in given if value]
        if idle:
            raise PlanError("the plan", [f"{' and '.join(idle)} cannot be given beside a plan"])
        return scale_or_plan
    scale = load_scale(key if key is not None else scale_or_plan)
    if key is not None and isinstance(scale_or_plan, str) and scale.id != scale_or_plan:
        raise KeyMismatchError(scale_or_plan, Path(key).name, scale.id)
    columns = frames.names(data)
    variables = dict(codebook.variables) if codebook is not None else {}
    if items is None:
        found = find_items(scale, columns, variables)
    else:
        found = {int(n): str(c) for n, c in items.items()}
        refuse_missing_items(scale, found, columns)
    planned = PlannedScale(
        scale=scale.id,
        items=found,
        coding=coding,
        order=order,
        pre_reversed=tuple(pre_reversed),
    )
    return LoadedPlan(scales=(planned,), loaded={scale.id: scale})


class LoadedPlan(ScoringPlan):
    """A plan with its scales already loaded: whoever gets it needs no definition file."""

    loaded: dict[str, Scale]

    @classmethod
    def of(cls, plan: ScoringPlan) -> LoadedPlan:
        """The plan with its scales; itself when they are there."""
        if isinstance(plan, LoadedPlan):
            return plan
        loaded = {planned.scale: planned.load() for planned in plan.scales}
        return cls(data=plan.data, scales=plan.scales, notes=plan.notes, loaded=loaded)


def read_tasks(data: Any, plan: ScoringPlan, codebook: Codebook | None) -> list[Task]:
    """Load each planned scale and read its columns; refuses columns that are not there."""
    columns = frames.names(data)
    loaded = plan.loaded if isinstance(plan, LoadedPlan) else {}
    tasks = []
    for planned in plan.scales:
        scale = loaded.get(planned.scale) or planned.load()
        unknown = sorted(set(planned.items) - set(scale.numbers))
        if unknown:
            raise PlanError(
                "the plan",
                [f"scale {scale.id!r} has {len(scale.items)} items and no item {unknown[0]}"],
            )
        refuse_missing_items(scale, planned.items, columns)
        used = dict(sorted(_in_our_order(scale, planned).items()))
        tasks.append(
            Task(
                planned=planned,
                scale=scale,
                items=used,
                variables={
                    n: codebook.variables.get(c) if codebook is not None else None
                    for n, c in used.items()
                },
                columns={n: frames.column(data, c) for n, c in used.items()},
            )
        )
    return tasks


def _in_our_order(scale: Scale, planned: PlannedScale) -> Mapping[int, str]:
    """Columns by our item numbers, where the file counts them in another order."""
    if planned.order is None:
        return planned.items
    order = next((o for o in scale.orders if o.name == planned.order), None)
    if order is None:
        names = [o.name for o in scale.orders]
        raise ChoiceError(f"order of scale {scale.id!r}", planned.order, names)
    return {order.items[place]: column for place, column in planned.items.items()}


def refuse_repeats(tasks: Sequence[Task]) -> None:
    """One scale planned twice for one time point would write over its own scores."""
    seen = [(task.scale.id, task.wave) for task in tasks]
    twice = dict.fromkeys(key for key in seen if seen.count(key) > 1)
    if twice:
        raise PlanError(
            "the plan",
            [
                f"scale {scale!r} stands there more than once"
                + (f" for the time point {wave!r}" if wave else "; give each a wave")
                for scale, wave in twice
            ],
        )


def refuse_unverified(task: Task, accepted: bool) -> None:
    """An unverified key is used only with the caller's word."""
    if task.scale.opt_in and not (accepted or task.planned.accept_unverified):
        raise UnverifiedScaleError(
            f"{task.scale.id!r} ({task.scale.name})", task.scale.evidence_note
        )


def decide_codings(tasks: Sequence[Task], coding: str | None = None) -> list[Decision]:
    """The coding of every task, or one refusal that shows all undecided ones."""
    outcomes = [
        decide(
            t.scale,
            t.columns,
            t.items,
            t.variables,
            coding or t.planned.coding,
            t.planned.pre_reversed,
        )
        for t in tasks
    ]
    refuse_undecided(tasks, outcomes)
    return [outcome for outcome in outcomes if isinstance(outcome, Decision)]


def refuse_undecided(tasks: Sequence[Task], outcomes: Sequence[object]) -> None:
    """Raise when the coding of a task could not be decided; all of them in one refusal."""
    undecided = [
        {
            "scale": task.scale.id,
            "wave": task.wave,
            "why": outcome.why,
            "codings": outcome.codings,
            "fits": outcome.fits,
        }
        for task, outcome in zip(tasks, outcomes, strict=True)
        if isinstance(outcome, Undecided)
    ]
    if undecided:
        raise CodingError(
            undecided,
            [
                {
                    "scale": case["scale"],
                    "wave": case["wave"],
                    "rule": "coding",
                    "severity": "error",
                    "message": case["why"],
                }
                for case in undecided
            ],
        )


def decode_tasks(tasks: Sequence[Task], codings: Sequence[Coding]) -> list[Decision]:
    """Every task read with the coding that was settled for it, one each."""
    return [
        decode(t.scale, t.columns, t.items, t.variables, coding, t.planned.pre_reversed)
        for t, coding in zip(tasks, codings, strict=True)
    ]


class Labels:
    """The columns that name people and time points in messages, read only when one is told."""

    def __init__(self, data: Any, person: str | None, wave: str | None) -> None:
        self.data, self.person, self.wave = data, person, wave
        for name in (person, wave):
            _refuse_unknown(data, name)

    def persons(self) -> NDArray[Any] | None:
        """Who stands in each row."""
        return label_column(self.data, self.person)

    def waves(self) -> NDArray[Any] | None:
        """The time point of each row."""
        return label_column(self.data, self.wave)


def _refuse_unknown(data: Any, name: str | None) -> None:
    if name is None:
        return
    columns = frames.names(data)
    if name not in columns:
        raise ChoiceError("column", name, columns)


def label_column(data: Any, name: str | None) -> NDArray[Any] | None:
    """Values of the column that names people or time points in messages."""
    _refuse_unknown(data, name)
    if name is None:
        return None
    column = frames.column(data, name)
    values: NDArray[Any]
    if isinstance(column, frames.Words):
        values = np.asarray([*column.distinct, None], dtype=object)[column.codes]
        return values
    values = column.values
    if column.missing is not None:
        values = values.astype(object)
        values[column.missing] = None
    elif values.dtype.kind == "f" and np.all((values == np.trunc(values)) | np.isnan(values)):
        return np.asarray([None if v != v else int(v) for v in values.tolist()], dtype=object)
    return values

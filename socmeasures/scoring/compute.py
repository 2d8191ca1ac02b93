"""Answers in, scores out: the one way every frame is scored.

Steps: load the scales · find their columns · decide their codings · add up (kernel) · refuse or
set aside illegal answers · apply the missing rule · attach the scores with their record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures import frames, kernel
from socmeasures.errors import (
    AmbiguousColumnsError,
    ChoiceError,
    CodingError,
    ColumnsNotFoundError,
    PlanError,
    ResponseError,
    ScoreColumnExistsError,
    UnverifiedScaleError,
)
from socmeasures.responses import checks
from socmeasures.responses.codebook import Codebook, Variable
from socmeasures.responses.coding import Decision, Undecided, codings_that_fit, decide
from socmeasures.responses.matching import find_items, item_names
from socmeasures.responses.plan import PlannedScale, ScoringPlan
from socmeasures.scales.catalogue import load_scale
from socmeasures.scales.model import Scale, Score
from socmeasures.scoring import bands
from socmeasures.scoring.missing import STATUSES, Rule, apply, refuse_unused, rule_for
from socmeasures.scoring.record import ATTRS_KEY, ScaleUse, ScoreColumn, ScoringRecord

UNVERIFIED = "key unverified, check before use"


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


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """A task with its coding decided and its columns added up."""

    task: Task
    decision: Decision
    scores: tuple[Score, ...]
    tally: kernel.Tally


def score(
    data: Any,
    scale_or_plan: str | Path | Scale | ScoringPlan,
    *,
    items: Mapping[int, str] | None = None,
    codebook: Codebook | None = None,
    coding: str | None = None,
    order: str | None = None,
    pre_reversed: Sequence[int] = (),
    invalid: Literal["raise", "missing"] = "raise",
    missing: Any = None,
    key: str | Path | None = None,
    accept_unverified: bool = False,
    person: str | None = None,
    wave: str | None = None,
    replace: bool = False,
) -> Any:
    """Score questionnaires: the frame with score columns at its end.

    Parameters
    ----------
    data : DataFrame (pandas or polars), shape (n_rows, n_columns)
        One row a person, or a person and time point. It is not changed.
    scale_or_plan : str, Scale or ScoringPlan
        A scale's id, a definition file of your own, or a plan from `soc.match_scales`.
    items : mapping of item number to column, optional
        Where the columns have names of their own: ``{1: "Q4a", 2: "Q4b"}``.
    codebook : Codebook, optional
        Value labels and user-missing codes, as `soc.read` gives them.
    coding : str, optional
        What the numbers mean, where labels do not say: ``"canonical"`` or one of the scale's
        named codings. Values never decide a coding.
    order : str, optional
        A named item order of the scale, where the columns are numbered in another than ours.
    pre_reversed : sequence of int, optional
        Items that were reversed before export; they are turned back first, which is recorded.
    invalid : {"raise", "missing"}
        An answer outside the options stops scoring with all of them listed, or counts as not
        given under the missing rule (the status is then ``invalid`` where no score results).
    missing : str or mapping, optional
        ``"complete"``, ``{"method": "prorate", "allow": 4}``, or either by scale id, in place of
        the scale's own rule. Recorded as overridden.
    key : str or Path, optional
        A definition file to score this scale with (instruments whose key only users have).
    accept_unverified : bool
        The caller's word that an unverified key may be used.
    person, wave : str, optional
        Columns that name a row in messages. Without `person` messages name rows only.
    replace : bool
        Put the scores in the place of columns that have their names.

    Returns
    -------
    DataFrame
        The kind that came in, rows and row labels as they were, plus for each score
        ``{scale}_{score}`` (float, the scale's own metric and direction), ``_n`` (legal answers),
        ``_status`` (scored, prorated, partial, too_few_items, not_answered, invalid) and, where a
        cited set of bands exists, ``_band``. With time points a suffix stands last:
        ``ucla3_total__pre``. `soc.scoring_record` gives how it was done.

    Raises
    ------
    ResponseError
        Answers outside the options (``invalid="raise"``); ``.problems`` has a row for each.
    CodingError
        It is not known what the codes mean; the codings are shown.
    ColumnsNotFoundError, AmbiguousColumnsError
        Columns of the scale are absent, or two fit one item.
    ScoreColumnExistsError
        A score column is already there; stored values that disagree with ours are listed.
    UnverifiedScaleError
        The scale's key is unverified and `accept_unverified` was not given.

    Notes
    -----
    A missing answer is never zero, and who answered nothing has no score. Reversal is
    ``min + max - code`` on the item's own codes. Sources stand in each scale's definition
    (`soc.load_scale`); keys are checked against published and recomputed values in
    ``tests/reference``.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> answers = pd.DataFrame({"ucla3_1": [1, 3, None], "ucla3_2": [2, 3, 1],
    ...                         "ucla3_3": [1, 2, 1]})
    >>> scored = soc.score(answers, "ucla3", coding="canonical")
    >>> scored[["ucla3_total", "ucla3_total_n", "ucla3_total_status"]]
       ucla3_total  ucla3_total_n ucla3_total_status
    0          4.0              3             scored
    1          8.0              3             scored
    2          NaN              2      too_few_items
    """
    if invalid not in ("raise", "missing"):
        raise ChoiceError("invalid", invalid, ("raise", "missing"))
    plan = as_plan(
        scale_or_plan,
        data,
        items=items,
        codebook=codebook,
        coding=coding,
        order=order,
        pre_reversed=pre_reversed,
        key=key,
    )
    tasks = read_tasks(data, plan, codebook)
    _refuse_repeats(tasks)
    refuse_unused(missing, [task.scale for task in tasks])
    for task in tasks:
        _refuse_unverified(task, accept_unverified)
        for one in task.scale.scores:  # a rule that means nothing is told before any work
            rule_for(task.scale, one, _asked(task, missing))
    decisions = decide_codings(tasks, coding)
    persons = label_column(data, person or plan.person)
    waves = label_column(data, wave or plan.wave)
    accept = {id(t): accept_unverified or t.planned.accept_unverified for t in tasks}
    counted = [_count(t, d, accept[id(t)]) for t, d in zip(tasks, decisions, strict=True)]
    if invalid == "raise":
        _refuse_illegal(counted, persons, waves, frames.n_rows(data))

    new: dict[str, frames.NewColumn] = {}
    described: list[ScoreColumn] = []
    uses: list[ScaleUse] = []
    for c in counted:
        rules = {s.id: rule_for(c.task.scale, s, _asked(c.task, missing)) for s in c.scores}
        counts: dict[str, dict[str, int]] = {}
        for place, one in enumerate(c.scores):
            columns, statuses = _score_columns(c, place, rules[one.id])
            new |= columns
            described += _described(c.task, one)
            counts[one.id] = statuses
        new |= _risk_columns(c)
        uses.append(_use(c, rules, counts, invalid))
    record = ScoringRecord(
        library_version=library_version(), uses=tuple(uses), columns=tuple(described)
    )
    return _attached(data, new, record, replace=replace, persons=persons)


# ------------------------------------------------------------------- plan, columns, codings


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
    columns = frames.names(data)
    variables = dict(codebook.variables) if codebook is not None else {}
    if items is None:
        found = find_items(scale, columns, variables)
    else:
        found = {int(n): str(c) for n, c in items.items()}
        unknown = sorted(set(found) - set(scale.numbers))
        if unknown:
            raise ChoiceError(f"item number for scale {scale.id!r}", unknown[0], scale.numbers)
        _refuse_missing_columns(scale, found, columns)
    planned = PlannedScale(
        scale=scale.id,
        items=found,
        coding=coding,
        order=order,
        pre_reversed=tuple(pre_reversed),
    )
    return _PlanOfOne(scales=(planned,), loaded={scale.id: scale})


class _PlanOfOne(ScoringPlan):
    """A plan made on the spot, with its scale already loaded."""

    loaded: dict[str, Scale]


def _refuse_missing_columns(scale: Scale, items: Mapping[int, str], columns: Sequence[str]) -> None:
    needed = [n for n in scale.numbers if not scale.item(n).optional]
    absent = {
        n: (items[n],) if n in items else item_names(scale, n)
        for n in scale.numbers
        if (n in items and items[n] not in columns) or (n in needed and n not in items)
    }
    if absent:
        free = [c for c in columns if c not in items.values()]
        raise ColumnsNotFoundError(scale.id, absent, free, len(scale.items))
    twice = [c for c in set(items.values()) if list(items.values()).count(c) > 1]
    if twice:
        cases = [
            f"column {c!r} is given for items "
            f"{', '.join(str(n) for n, name in items.items() if name == c)} of {scale.id!r}"
            for c in sorted(twice)
        ]
        raise AmbiguousColumnsError(cases)


def read_tasks(data: Any, plan: ScoringPlan, codebook: Codebook | None) -> list[Task]:
    """Load each planned scale and read its columns; refuses columns that are not there."""
    columns = frames.names(data)
    loaded = plan.loaded if isinstance(plan, _PlanOfOne) else {}
    tasks = []
    for planned in plan.scales:
        scale = loaded.get(planned.scale) or planned.load()
        unknown = sorted(set(planned.items) - set(scale.numbers))
        if unknown:
            raise PlanError(
                "the plan",
                [f"scale {scale.id!r} has {len(scale.items)} items and no item {unknown[0]}"],
            )
        _refuse_missing_columns(scale, planned.items, columns)
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


def _refuse_repeats(tasks: Sequence[Task]) -> None:
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


def _refuse_unverified(task: Task, accepted: bool) -> None:
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
    return [outcome for outcome in outcomes if isinstance(outcome, Decision)]


def label_column(data: Any, name: str | None) -> NDArray[Any] | None:
    """Values of the column that names people or time points in messages."""
    if name is None:
        return None
    columns = frames.names(data)
    if name not in columns:
        raise ChoiceError("column", name, columns)
    column = frames.column(data, name)
    if isinstance(column, frames.Words):
        return np.asarray([*column.distinct, None], dtype=object)[column.codes]
    values = column.values
    if values.dtype.kind == "f" and np.all((values == np.trunc(values)) | np.isnan(values)):
        return np.asarray([None if v != v else int(v) for v in values.tolist()], dtype=object)
    return values


# ------------------------------------------------------------------- adding up


def _count(task: Task, decision: Decision, accepted: bool) -> _Counted:
    scores = tuple(s for s in task.scale.scores if accepted or s.evidence != "unverified")
    return _Counted(task, decision, scores, count_answers(task.scale, decision, scores))


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


def _refuse_illegal(
    counted: Sequence[_Counted],
    persons: NDArray[Any] | None,
    waves: NDArray[Any] | None,
    n_rows: int,
) -> None:
    bad = [c for c in counted if c.tally.n_faults]
    if not bad:
        return
    tables = [
        checks.illegal_answers(
            c.task.scale,
            c.decision,
            c.tally.faults,
            wave=c.task.wave,
            variables=c.task.variables,
            persons=persons,
            waves=waves,
        )
        for c in bad
    ]
    rows = {row for c in bad for places in c.tally.faults for row in places.tolist()}
    raise ResponseError(
        pd.concat(tables, ignore_index=True),
        scales=list(dict.fromkeys(c.task.scale.id for c in bad)),
        people=len(rows if persons is None else {str(persons[row]) for row in rows}),
        named=persons is not None,
        hints=[hint for c in bad for hint in _coding_hints(c, n_rows)],
    )


def _coding_hints(counted: _Counted, n_rows: int) -> Iterator[str]:
    """Another coding that every answer would fit: proposed, never applied."""
    fits = codings_that_fit(counted.task.scale, counted.decision)
    many = counted.tally.n_faults > 0.02 * n_rows
    if len(fits) == 1 and many:
        where = f" at {counted.task.wave!r}" if counted.task.wave else ""
        yield (
            f"All answers to {counted.task.scale.id!r}{where} fit the coding {fits[0]!r}. If that "
            f"is how they were entered, pass coding={fits[0]!r}; nothing was changed."
        )


# ------------------------------------------------------------------- columns of the result


def outcome_name(scale: Scale, score_id: str) -> str:
    """`{scale}_{score}`."""
    return f"{scale.id}_{score_id}"


def _suffixed(name: str, wave: str | None) -> str:
    return f"{name}__{wave}" if wave else name


def _score_columns(
    counted: _Counted, place: int, rule: Rule
) -> tuple[dict[str, frames.NewColumn], dict[str, int]]:
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
    seen = np.bincount(status, minlength=len(STATUSES))
    return new, {s: int(n) for s, n in zip(STATUSES, seen, strict=True) if n}


def _risk_columns(counted: _Counted) -> dict[str, frames.NewColumn]:
    """`{scale}_risk`: 1 where a safety item was answered at or above its mark, NaN if unanswered."""
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


def _described(task: Task, one: Score) -> Iterator[ScoreColumn]:
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


def _asked(task: Task, missing: Any) -> Any:
    """The caller's rule before the plan's."""
    return missing if missing is not None else task.planned.missing


def _use(
    counted: _Counted,
    rules: Mapping[str, Rule],
    counts: dict[str, dict[str, int]],
    invalid: Literal["raise", "missing"],
) -> ScaleUse:
    scale = counted.task.scale
    return ScaleUse(
        scale=scale.id,
        name=scale.name,
        form=scale.form,
        key=scale.key,
        evidence=scale.evidence,
        definition_hash=scale.definition_hash,
        citation=scale.citation,
        doi=scale.doi,
        licence=scale.licence.note,
        wave=counted.task.wave,
        coding=counted.decision.text,
        items={str(n): c for n, c in counted.task.items.items()},
        missing={score_id: rule.to_dict() for score_id, rule in rules.items()},
        counts=counts,
        invalid=invalid,
        illegal_answers=counted.tally.n_faults,
        notes=counted.decision.notes,
    )


@cache
def library_version() -> str:
    """Version of the installed library."""
    try:
        return version("socmeasures")
    except PackageNotFoundError:  # used from a checkout that was never installed
        return "0+checkout"


def _attached(
    data: Any,
    new: Mapping[str, frames.NewColumn],
    record: ScoringRecord,
    *,
    replace: bool,
    persons: NDArray[Any] | None,
) -> Any:
    present = set(frames.names(data))
    already = [name for name in new if name in present]
    if already and not replace:
        differing, compared = _disagreements(data, new, already, persons)
        raise ScoreColumnExistsError(already, differing, compared)
    attrs = getattr(data, "attrs", {})
    earlier = attrs.get(ATTRS_KEY) if isinstance(attrs, dict) else None
    if earlier is not None:
        record = ScoringRecord.from_json(earlier).merged(record)
    return frames.attach(data, new, drop=already, attrs={ATTRS_KEY: record.to_json()})


def _disagreements(
    data: Any,
    new: Mapping[str, frames.NewColumn],
    already: Sequence[str],
    persons: NDArray[Any] | None,
) -> tuple[list[dict[str, Any]], int]:
    """Stored scores that differ from ours, a row each, and how many could be compared."""
    found: list[dict[str, Any]] = []
    compared = 0
    for name in already:
        ours, stored = new[name], frames.column(data, name)
        if isinstance(ours, frames.Labelled) or isinstance(stored, frames.Words):
            continue
        theirs = stored.values.astype(float)
        both = ~np.isnan(theirs) & ~np.isnan(ours.astype(float))
        if stored.missing is not None:
            both &= ~stored.missing
        compared += int(both.sum())
        for row in np.flatnonzero(both & ~np.isclose(theirs, ours.astype(float), atol=1e-6)):
            person = None if persons is None else persons[row]
            who = f"row {row + 1}" if person is None else f"row {row + 1}, person {person}"
            found.append(
                {
                    "row": int(row) + 1,
                    "person": person,
                    "column": name,
                    "value": float(theirs[row]),
                    "rule": "stored_total",
                    "severity": "warning",
                    "message": f"{who}, {name}: stored {theirs[row]:g}, ours {ours[row]:g}",
                }
            )
    return found, compared

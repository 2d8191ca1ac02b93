"""Answers in, scores out: the one way every frame is scored.

Steps: load the scales and find their columns (`tasks`) · decide their codings · add up
(`counting`) · refuse or set aside illegal answers · apply the missing rule and make the columns
(`columns`) · attach them with their record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures import frames
from socmeasures.errors import ChoiceError, ResponseError, ScoreColumnExistsError
from socmeasures.responses import checks
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.coding import Coding, codings_that_fit
from socmeasures.responses.plan import ScoringPlan
from socmeasures.scales.model import Scale
from socmeasures.scoring.columns import described, described_risk, risk_columns, score_columns
from socmeasures.scoring.counting import Counted, count
from socmeasures.scoring.keys import (
    described_keys_and_flags,
    flag_columns,
    key_columns,
    key_note,
)
from socmeasures.scoring.missing import Rule, refuse_unused, rule_for
from socmeasures.scoring.record import ATTRS_KEY, ScaleUse, ScoreColumn, ScoringRecord
from socmeasures.scoring.tasks import (
    Labels,
    Task,
    as_plan,
    decide_codings,
    decode_tasks,
    read_tasks,
    refuse_repeats,
    refuse_unverified,
)


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
    data : DataFrame, shape (n_rows, n_columns)
        One row a person, or a person and time point: of pandas, polars (also a LazyFrame, which
        stays lazy: it is scored, or refused, when it is collected) or a pyarrow Table. It is not
        changed. Larger than memory: `soc.score_stream`, `soc.score_dask`, `soc.score_spark`.
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
        ``ucla3_total__pre``. A scale scored with a named key adds ``{scale}_key`` and
        ``{scale}_key_hash``. `soc.scoring_record` gives how it was done.

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
    KeyNeededError, KeyMismatchError
        The instrument is scored only with a key of your own (``"mssi"``) and none was given, or
        the key is another instrument's.

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
    planned: dict[str, Any] = {
        "items": items,
        "order": order,
        "pre_reversed": pre_reversed,
        "key": key,
    }
    options: dict[str, Any] = {
        "coding": coding,
        "invalid": invalid,
        "missing": missing,
        "accept_unverified": accept_unverified,
        "person": person,
        "wave": wave,
        "replace": replace,
    }
    if frames.is_lazy(data):
        from socmeasures.scoring.lazy_frames import score_lazy

        return score_lazy(data, scale_or_plan, codebook=codebook, planned=planned, **options)
    plan = as_plan(scale_or_plan, data, codebook=codebook, coding=coding, **planned)
    return score_part(data, plan, None, codebook=codebook, **options)


def score_part(
    data: Any,
    plan: ScoringPlan,
    codings: Sequence[Coding] | None,
    *,
    codebook: Codebook | None,
    coding: str | None,
    invalid: Literal["raise", "missing"],
    missing: Any,
    accept_unverified: bool,
    person: str | None,
    wave: str | None,
    replace: bool,
    most: int | None = None,
) -> Any:
    """Score a frame, or a part of one, whose codings were settled before.

    Parameters
    ----------
    codings : sequence of Coding or None
        One a planned scale, settled on the whole data; None: decided on this frame.
    most : int, optional
        Table at most this many illegal answers of each scale; all are counted.

    The others as for `score`.
    """
    tasks = read_tasks(data, plan, codebook)
    refuse_repeats(tasks)
    refuse_unused(missing, [task.scale for task in tasks])
    for task in tasks:
        refuse_unverified(task, accept_unverified)
    asked = [  # a rule that means nothing is told before any work
        {s.id: rule_for(task.scale, s, _asked(task, missing)) for s in task.scale.scores}
        for task in tasks
    ]
    decisions = decide_codings(tasks, coding) if codings is None else decode_tasks(tasks, codings)
    labels = Labels(data, person or plan.person, wave or plan.wave)
    accept = {id(t): accept_unverified or t.planned.accept_unverified for t in tasks}
    counted = [count(t, d, accept[id(t)]) for t, d in zip(tasks, decisions, strict=True)]
    if invalid == "raise":
        _refuse_illegal(counted, labels, frames.n_rows(data), most)

    new: dict[str, frames.NewColumn] = {}
    meanings: list[ScoreColumn] = []
    uses: list[ScaleUse] = []
    for c, asked_of in zip(counted, asked, strict=True):
        rules = {s.id: asked_of[s.id] for s in c.scores}
        counts: dict[str, dict[str, int]] = {}
        for place, one in enumerate(c.scores):
            columns, statuses = score_columns(c, place, rules[one.id])
            new |= columns
            meanings += described(c.task, one)
            counts[one.id] = statuses
        new |= risk_columns(c)
        meanings += described_risk(c.task)
        new |= flag_columns(c) | key_columns(c.task, frames.n_rows(data))
        meanings += described_keys_and_flags(c.task)
        uses.append(_use(c, rules, counts, invalid))
    record = ScoringRecord(
        library_version=library_version(), uses=tuple(uses), columns=tuple(meanings)
    )
    return _attached(data, new, record, replace=replace, labels=labels)


def _refuse_illegal(
    counted: Sequence[Counted], labels: Labels, n_rows: int, most: int | None
) -> None:
    bad = [c for c in counted if c.tally.n_faults]
    if not bad:
        return
    persons, waves = labels.persons(), labels.waves()
    tables = [
        checks.illegal_answers(
            c.task.scale,
            c.decision,
            c.tally.faults,
            wave=c.task.wave,
            variables=c.task.variables,
            persons=persons,
            waves=waves,
            limit=most,
        )
        for c in bad
    ]
    rows = {row for c in bad for places in c.tally.faults for row in places.tolist()}
    raise ResponseError(
        pd.concat(tables, ignore_index=True),
        scales=list(dict.fromkeys(c.task.scale.id for c in bad)),
        people=len(rows if persons is None else {str(persons[row]) for row in rows}),
        named=persons is not None,
        count=sum(c.tally.n_faults for c in bad),
        hints=[hint for c in bad for hint in _coding_hints(c, n_rows)],
    )


def _coding_hints(counted: Counted, n_rows: int) -> Iterator[str]:
    """Another coding that every answer would fit: proposed, never applied."""
    fits = codings_that_fit(counted.task.scale, counted.decision)
    many = counted.tally.n_faults > 0.02 * n_rows
    if len(fits) == 1 and many:
        where = f" at {counted.task.wave!r}" if counted.task.wave else ""
        yield (
            f"All answers to {counted.task.scale.id!r}{where} fit the coding {fits[0]!r}. If that "
            f"is how they were entered, pass coding={fits[0]!r}; nothing was changed."
        )


def _asked(task: Task, missing: Any) -> Any:
    """The caller's rule before the plan's."""
    return missing if missing is not None else task.planned.missing


def _use(
    counted: Counted,
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
        notes=(
            *counted.decision.notes,
            *filter(None, (key_note(scale),)),
            *(f"{scale.id}_{which}: {rule.note}" for which, rule in rules.items() if rule.note),
        ),
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
    labels: Labels,
) -> Any:
    present = set(frames.names(data))
    already = [name for name in new if name in present]
    if already and not replace:
        differing, compared = _disagreements(data, new, already, labels.persons())
        raise ScoreColumnExistsError(already, differing, compared)
    earlier = frames.carried(data, ATTRS_KEY)
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
        mine = ours.astype(float)
        there = ~np.isnan(theirs)
        if stored.missing is not None:
            there &= ~stored.missing
        compared += int(there.sum())
        for row in np.flatnonzero(there & ~np.isclose(theirs, mine, atol=1e-6)):
            ours_in_words = "no score" if np.isnan(mine[row]) else f"{mine[row]:g}"
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
                    "message": f"{who}, {name}: stored {theirs[row]:g}, ours {ours_in_words}",
                }
            )
    return found, compared

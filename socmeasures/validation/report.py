"""`soc.validate`: rows, keying and study together; every problem with a row, a column, a cure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures import frames
from socmeasures.designs.study import Study
from socmeasures.errors import (
    PROBLEM_COLUMNS,
    AmbiguousColumnsError,
    ColumnsNotFoundError,
    SocmeasuresError,
    plural,
)
from socmeasures.kernel import Tally
from socmeasures.responses import checks, schemas
from socmeasures.responses.atomic import replacing
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.coding import Decision, Undecided, codings_that_fit
from socmeasures.responses.decoding import decide
from socmeasures.scoring.counting import count_answers
from socmeasures.scoring.patterns import straight_lines
from socmeasures.scoring.tasks import Task, as_plan, label_column, read_tasks
from socmeasures.validation.keying import keying_warnings
from socmeasures.validation.sampled import sampled, sampling_told

if TYPE_CHECKING:
    from os import PathLike


MOST = 500_000  # answers outside their options that are listed; all are counted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValidationReport:
    """Everything found wrong, or worth a look, in a data set.

    Attributes
    ----------
    problems : DataFrame (the kind that came in)
        One row a problem: ``row`` (data rows from 1), ``person, wave, column, scale, item, value,
        rule, severity, message``. Severity is ``error`` or ``warning``.
    n_rows : int
        Rows looked at.
    hints : tuple of str
        What would mend many problems at once; nothing was changed.
    n_unlisted : int
        Answers outside their options beyond the first 500,000, which alone are in `problems`.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> answers = pd.DataFrame({"ucla3_1": [1, 7], "ucla3_2": [2, 3], "ucla3_3": [1, 2]})
    >>> report = soc.validate(answers, "ucla3", coding="canonical")
    >>> report.ok, report.problems["message"][0]
    (False, '7 is no answer of this item (expected 1, 2 or 3)')
    """

    problems: Any
    n_rows: int
    table: pd.DataFrame
    title: str = ""
    hints: tuple[str, ...] = ()
    named: bool = False  # whether the caller named the people, so that ids may be shown
    checked: tuple[str, ...] = field(default=())
    n_unlisted: int = 0

    @property
    def ok(self) -> bool:
        """True when no row of the problems is an error."""
        return not bool((self.table["severity"] == "error").any())

    @property
    def summary(self) -> str:
        """Say how many problems there are, in how many rows, of which kinds."""
        errors = self.table[self.table["severity"] == "error"]
        n_rest = len(self.table) - len(errors)
        looked = f"in {plural(self.n_rows, 'row')}"
        rows = errors["row"].dropna().nunique()
        if not len(errors):
            said = f"No errors {looked}"
        elif self.n_unlisted:
            n_all = len(errors) + self.n_unlisted
            said = f"{n_all:,} errors {looked}, {len(errors):,} of them listed"
        elif rows:
            said = f"{plural(len(errors), 'error')} in {rows:,} of {plural(self.n_rows, 'row')}"
        else:
            said = f"{plural(len(errors), 'error')} in the columns"
        if n_rest:
            said += f"; {plural(n_rest, 'remark')} to look at"
        kinds = ", ".join(f"{n:,} {rule}" for rule, n in self.table["rule"].value_counts().items())
        return f"{said} ({kinds})." if kinds else f"{said}."

    @property
    def sampling(self) -> str:
        """Say what was judged on a part of the rows only; empty when nothing was."""
        return sampling_told(self.n_rows) if self.checked else ""

    def __str__(self) -> str:
        """Summary, hints and the first problems."""
        lines = [self.summary, *(f"  {hint}" for hint in self.hints)]
        lines += [f"  {self.sampling}"] if self.sampling else []
        for place in self.table.head(20).to_dict("records"):
            lines.append("  " + line(place))
        if len(self.table) > 20:
            lines.append(f"  … {len(self.table) - 20:,} more in .problems")
        return "\n".join(lines)

    def to_html(self, path: str | PathLike[str] | None = None) -> str:
        """The report as one self-contained page; written to `path` when given."""
        from socmeasures.validation.page import page

        text = page(self)
        if path is not None:
            with replacing(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
        return text

    def to_xlsx(self, path: str | PathLike[str]) -> None:
        """The report as a workbook: summary, by kind, by column, by person, one by one."""
        from socmeasures.validation.workbook import write_report_workbook

        write_report_workbook(self, path)

    def _repr_html_(self) -> str:
        from socmeasures.validation.page import body

        return body(self)


def validate(
    data: Any,
    scale_or_plan_or_study: Any,
    *,
    items: Mapping[int, str] | None = None,
    codebook: Codebook | None = None,
    coding: str | None = None,
    person: str | None = None,
    wave: str | None = None,
    accept_unverified: bool = False,
) -> ValidationReport:
    """Find everything that is wrong with answers before they are scored.

    Parameters
    ----------
    data : DataFrame (pandas or polars), LazyFrame or pyarrow Table
        One row a person, or a person and time point. It is not changed. A LazyFrame is read here,
        batch by batch. Files and queries larger than memory: `soc.validate_stream`.
    scale_or_plan_or_study : str, Scale, ScoringPlan or Study
        What the data are checked against. With a `Study`, `data` may be None.
    items, codebook, coding : optional
        As for `soc.score`.
    person, wave : str, optional
        Columns with the person's identifier and the time point: duplicated persons are looked
        for, and messages name them. Identifiers are shown only when `person` is given.
    accept_unverified : bool
        Check a scale with an unverified key without a remark.

    Returns
    -------
    ValidationReport
        ``.ok`` (no errors), ``.problems`` (a row each), ``.to_html()``. Nothing is raised for
        faults in the data: they are all in the report.

    Notes
    -----
    Rules: ``missing_column, ambiguous_column, text, fractional, out_of_range, unknown_label,
    duplicate_person_wave, coding, study`` are errors; ``not_answered, straight_line, keying`` are
    warnings. The keying check names items whose item-rest correlation is surely negative.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> answers = pd.DataFrame({"id": ["a", "a"], "ucla3_1": [1, 2], "ucla3_2": [2, 3],
    ...                         "ucla3_3": [1, 2]})
    >>> report = soc.validate(answers, "ucla3", coding="canonical", person="id")
    >>> report.problems[["row", "person", "rule"]]
       row person                   rule
    0    1      a  duplicate_person_wave
    1    2      a  duplicate_person_wave
    """
    if isinstance(scale_or_plan_or_study, Study):
        return _of_study(scale_or_plan_or_study)
    if frames.is_lazy(data):
        from socmeasures.validation.stream import validate_stream

        asked: dict[str, Any] = {"items": items, "codebook": codebook, "coding": coding}
        found = validate_stream(
            data,
            scale_or_plan_or_study,
            person=person,
            wave=wave,
            accept_unverified=accept_unverified,
            **asked,
        )
        return replace(found, problems=frames.like(data.head(0).collect(), found.table))
    rows: list[dict[str, Any]] = []
    tables: list[pd.DataFrame] = []
    hints: list[str] = []
    n_rows = frames.n_rows(data)
    try:
        plan = as_plan(scale_or_plan_or_study, data, items=items, codebook=codebook, coding=coding)
    except (ColumnsNotFoundError, AmbiguousColumnsError) as fault:
        return finished(data, [*column_rows(fault)], [], (), n_rows, named=False)
    person, wave = person or plan.person, wave or plan.wave
    persons, waves = label_column(data, person), label_column(data, wave)
    tasks: list[Task] = []
    for planned in plan.scales:
        try:
            tasks += read_tasks(data, plan.model_copy(update={"scales": (planned,)}), codebook)
        except (ColumnsNotFoundError, AmbiguousColumnsError) as fault:
            rows += [{**row, "wave": planned.wave} for row in column_rows(fault)]
    decided: list[tuple[Task, Decision]] = []
    for task in tasks:
        stated = coding or task.planned.coding
        outcome = decide(
            task.scale,
            task.columns,
            task.items,
            task.variables,
            stated,
            task.planned.pre_reversed,
        )
        if isinstance(outcome, Undecided):
            choices = "; ".join(outcome.codings)
            rows.append(remark(task, "coding", "error", f"{outcome.why}. It could be: {choices}"))
        else:
            decided.append((task, outcome))
        if task.scale.opt_in and not accept_unverified:
            rows.append(remark(task, "coding", "warning", "the key of this scale is unverified"))
    n_listed = n_unlisted = 0
    schema, tallies = _schema(decided, persons, waves)
    failed = schemas.failed_checks(schema, _key_frame(n_rows, persons, waves))
    if "persons" in failed and persons is not None:
        rows += duplicates(_key_frame(n_rows, persons, waves))
    for place, (task, decision) in enumerate(decided):
        tally = tallies[place]
        if f"answers {place}" in failed:
            listed = checks.illegal_answers(
                task.scale,
                decision,
                tally.faults,
                wave=task.wave,
                variables=task.variables,
                persons=persons,
                waves=waves,
                limit=max(0, MOST - n_listed),
            )
            tables.append(listed)
            n_listed += len(listed)
            n_unlisted += tally.n_faults - len(listed)
            fits = codings_that_fit(task.scale, decision)
            if len(fits) == 1 and tally.n_faults > 0.02 * n_rows:
                hints.append(
                    f"All answers to {task.scale.id!r} fit the coding {fits[0]!r}: if they were "
                    f"entered so, pass coding={fits[0]!r}."
                )
        rows += [remark(task, "coding", "warning", note) for note in decision.notes]
        tables.append(silent(task, tally, persons, waves))
        tables.append(lined_up(task, decision, persons, waves))
        rows += keying_warnings(task.scale, sampled(decision), task.wave)
    scales = tuple(dict.fromkeys(t.scale.id for t in tasks))
    report = finished(
        data, rows, tables, tuple(hints), n_rows, named=persons is not None, checked=scales
    )
    return replace(report, n_unlisted=n_unlisted)


# ----------------------------------------------------------------------- the checks


def _schema(
    decided: Sequence[tuple[Task, Decision]],
    persons: NDArray[Any] | None,
    waves: NDArray[Any] | None,
) -> tuple[Any, list[Any]]:
    """One frame-level check a scale, each calling the kernel once, and unique people."""
    tallies: list[Any] = [None] * len(decided)

    def fits(place: int) -> Any:
        def check(_: pd.DataFrame) -> bool:
            task, decision = decided[place]
            every = tuple(s for s in task.scale.scores)
            tallies[place] = count_answers(task.scale, decision, every)
            return not tallies[place].n_faults

        return check

    named: dict[str, Any] = {f"answers {i}": fits(i) for i in range(len(decided))}
    if persons is not None:
        named["persons"] = lambda frame: not frame.duplicated().any()
    columns = [c for c, v in (("person", persons), ("wave", waves)) if v is not None]
    return schemas.frame_schema(columns, named), tallies


def _key_frame(
    n_rows: int, persons: NDArray[Any] | None, waves: NDArray[Any] | None
) -> pd.DataFrame:
    """Persons and time points on a plain row index, whatever the user's index is."""
    keys = {c: v for c, v in (("person", persons), ("wave", waves)) if v is not None}
    return pd.DataFrame(keys, index=pd.RangeIndex(n_rows))


def duplicates(keys: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table of persons (and time points) that are there more than once."""
    twice = keys[keys.duplicated(keep=False) & keys["person"].notna()]
    found = []
    for _, group in twice.groupby(list(keys.columns), sort=False, dropna=False):
        rows = [int(i) + 1 for i in group.index]
        for row, told in zip(rows, group.to_dict("records"), strict=True):
            others = ", ".join(str(r) for r in rows if r != row)
            when = f" at time point {told['wave']!r}" if "wave" in told else ""
            found.append(
                {
                    "row": row,
                    "person": told["person"],
                    "wave": told.get("wave"),
                    "rule": "duplicate_person_wave",
                    "severity": "error",
                    "message": f"this person is there more than once{when} (also row {others})",
                }
            )
    return found


def silent(
    task: Task,
    tally: Tally,
    persons: NDArray[Any] | None,
    waves: NDArray[Any] | None,
) -> pd.DataFrame:
    """People without a single answer to the scale at this time point, not even an illegal one."""
    nobody = np.ones(len(tally.answered[0]), bool)
    for answered in tally.answered:
        nobody &= answered == 0
    for rows in tally.faults:
        nobody[rows] = False
    said = f"no answer to any item of {task.scale.id}"
    return _remarks_at(task, np.flatnonzero(nobody), "not_answered", said, persons, waves)


def lined_up(
    task: Task,
    decision: Decision,
    persons: NDArray[Any] | None,
    waves: NDArray[Any] | None,
) -> pd.DataFrame:
    """People with one answer to all items of a scale that point both ways."""
    said = (
        f"the same answer to every item of {task.scale.id}, although its items point in "
        "both directions"
    )
    rows = straight_lines(task.scale, decision)
    return _remarks_at(task, rows, "straight_line", said, persons, waves)


def _remarks_at(
    task: Task,
    rows: NDArray[np.int64],
    rule: str,
    message: str,
    persons: NDArray[Any] | None,
    waves: NDArray[Any] | None,
) -> pd.DataFrame:
    """One and the same remark on some rows."""
    told = {
        "row": rows + 1,
        "person": None if persons is None else persons[rows],
        "wave": task.wave if waves is None else waves[rows],
        "scale": task.scale.id,
        "rule": rule,
        "severity": "warning",
        "message": message,
    }
    return pd.DataFrame(told).reindex(columns=list(PROBLEM_COLUMNS))


def remark(task: Task, rule: str, severity: str, message: str) -> dict[str, Any]:
    """One thing to know about a scale's columns, in no row."""
    return {
        "wave": task.wave,
        "scale": task.scale.id,
        "column": next(iter(task.items.values())),
        "rule": rule,
        "severity": severity,
        "message": message,
    }


def column_rows(fault: SocmeasuresError) -> list[dict[str, Any]]:
    """Rows of the problems for columns that are absent, or not told apart."""
    if fault.rows:
        return list(fault.rows)
    return [{"rule": "ambiguous_column", "severity": "error", "message": str(fault)}]


def _of_study(study: Study) -> ValidationReport:
    """A study checked itself when it was made; what it set aside is told as remarks."""
    rows = [{"rule": "study", "severity": "warning", "message": note} for note in study.notes]
    return finished(study.data, rows, [], (), len(study.data), named=True)


def finished(
    data: Any,
    rows: Sequence[Mapping[str, Any]],
    tables: Sequence[pd.DataFrame],
    hints: tuple[str, ...],
    n_rows: int,
    *,
    named: bool,
    checked: tuple[str, ...] = (),
) -> ValidationReport:
    """The report of everything that was found, errors first, then by row."""
    parts = [t for t in (checks.problems(rows), *tables) if len(t)]
    table = pd.concat(parts, ignore_index=True) if parts else checks.problems()
    table["row"] = table["row"].astype("Int64")
    table["item"] = table["item"].astype("Int64")
    table = table.sort_values(
        ["severity", "row"], kind="stable", na_position="first", ignore_index=True
    )
    return ValidationReport(
        problems=frames.like(data, table),
        table=table,
        n_rows=n_rows,
        hints=hints,
        named=named,
        checked=checked,
    )


def line(place: Mapping[str, Any]) -> str:
    """One problem as `row 3, person AB07, column ucla3_2: what is wrong`."""
    shown = [
        f"row {place['row']}" if not pd.isna(place["row"]) else "",
        f"person {place['person']}" if not blank(place["person"]) else "",
        f"time point {place['wave']}" if not blank(place["wave"]) else "",
        f"column {place['column']}" if not blank(place["column"]) else "",
    ]
    where = ", ".join(s for s in shown if s)
    kind = "" if place["severity"] == "error" else " (to look at)"
    return f"{where}: {place['message']}{kind}" if where else f"{place['message']}{kind}"


def blank(value: Any) -> bool:
    """True for a cell with nothing in it."""
    return value is None or value != value or value is pd.NA or value == ""

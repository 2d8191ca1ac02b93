"""`start`: what is in a file, at most seven questions about it, a plan and a design in plain words.

Knows nothing of the console: it is given a function that asks, or answers beforehand.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from socmeasures import frames
from socmeasures.errors import OutputError, StartError, did_you_mean, plural
from socmeasures.reports.design_data import DataPart, date_names, joined_sheets
from socmeasures.reports.start_codings import coded
from socmeasures.reports.start_dates import date_of
from socmeasures.reports.start_files import design_text
from socmeasures.reports.start_talk import NONE, Ask, Question, Talk
from socmeasures.responses.atomic import replacing
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.matching import match_scales
from socmeasures.responses.plan import ScoringPlan
from socmeasures.responses.reading import checked_suffix, read

_PERSON = re.compile(
    r"(?:.*[_ ])?(?:id|code|ref|reference|participant|person|client|number)(?:[_ ].*)?", re.I
)
_WHEN = re.compile(r"wave|time ?_?point|time|visit|when|stage|phase|survey", re.I)
_GROUP = re.compile(r"arm|group|allocation|treatment|condition", re.I)
_SITE = re.compile(r"site|service|team|centre|center|area|branch|project|school", re.I)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Started:
    """What `start` wrote.

    Attributes
    ----------
    plan, design : Path
        The two files to read and correct.
    next_command : str
        The command that goes on.
    notes : tuple of str
        What was found: people at each time point, identifiers to confirm.
    asked : int
        Questions that were asked.
    """

    plan: Path
    design: Path
    next_command: str
    notes: tuple[str, ...]
    asked: int
    scoring_plan: ScoringPlan


def start(
    file: str | Path,
    *,
    folder: str | Path | None = None,
    ask: Ask | None = None,
    answers: Mapping[str, str] | None = None,
    same: Mapping[str, str] | None = None,
    encoding: str | None = None,
    replace: bool = False,
) -> Started:
    """Look at a file, ask what cannot be known, write ``plan.toml`` and ``design.toml``.

    Parameters
    ----------
    file : path
        The export: a workbook with a sheet a time point, or any file `read` takes.
    folder : path, optional
        Where the two files go; beside the data by default.
    ask : callable, optional
        Given a `Question`, gives the answer; an empty one takes what was found. Without it
        everything that was found is taken.
    answers : mapping, optional
        Answers given beforehand, by key: ``person, when, labels, group, control, site, measures,
        date``, and ``coding SCALE``, as in ``{"coding ucla3": "canonical"}``.
    same : mapping, optional
        Identifiers that mean another one: ``{"ab1": "AB01"}``.
    encoding : str, optional
        Of the letters of a text file.
    replace : bool
        Write over a plan and a design that are there.

    Returns
    -------
    Started

    Raises
    ------
    StartError
        No identifier, no time points, an answer that is none of the choices.
    SocmeasuresError
        What reading or matching refuses.

    Notes
    -----
    Answers are kept in ``design.start.json`` until the files are written, so that a run that was
    stopped goes on where it was. It holds names of columns, no answers of people.

    Examples
    --------
    >>> from importlib.resources import files
    >>> import tempfile
    >>> from socmeasures.reports.start import start
    >>> export = files("socmeasures") / "demo" / "befriending_export.sav"
    >>> done = start(export, folder=tempfile.mkdtemp())
    >>> sorted([done.plan.name, done.design.name]), done.asked
    (['design.toml', 'plan.toml'], 0)
    """
    source = Path(str(file))
    suffix = checked_suffix(source)
    target = source.parent if folder is None else Path(folder)
    plan_path, design_path = target / "plan.toml", target / "design.toml"
    if not target.is_dir():
        raise OutputError.no_folder(design_path, target)
    if not replace:
        for path in (plan_path, design_path):
            if path.exists():
                raise OutputError.exists(path)
    memory = target / "design.start.json"
    talk = Talk(ask, dict(answers or {}), memory)
    talk.remember()
    sheets = _sheets(source) if suffix == ".xlsx" else []
    part = DataPart(file=source.name, encoding=encoding, same=dict(same or {}))
    notes: list[str] = []
    if len(sheets) > 1:
        data, codebook, part, person, labels, told = _from_sheets(source, sheets, part, talk)
        notes += told
        waves: Any = list(labels)
        wave = None
        plan = _chosen(_matched(data, codebook, person, "wave", talk), "wave", person, talk)
    else:
        data, codebook = read(source, encoding=encoding)
        columns = frames.names(data)
        person = _person(columns, data, talk)
        first = _matched(data, codebook, person, None, talk)
        wave, waves = _when(first, data, columns, codebook, talk)
        plan = _chosen(first, wave, person, talk)
    plan, told = coded(plan, data, codebook, talk)
    notes += told
    columns = [c for c in frames.names(data) if c not in (person, wave, "wave")]
    items = {c for p in plan.scales for c in p.items.values()}
    free = [c for c in columns if c not in items]
    date, told = date_of(free, data, waves, wave is None and len(sheets) < 2, talk)
    notes += told
    free = [c for c in free if c not in date_names(date)]
    group = _column(free, _GROUP, "group", "Which column says who was in which group? (none: "
                    "there is no comparison group)", talk)  # fmt: skip
    control = None
    if group is not None:
        values = _labels_of(data, codebook, group)
        question = Question(
            key="control",
            text="Which group is the one to compare with?",
            found=_usual(values),
            choices=tuple(values),
        )
        control = talk.answer(question)
    site = _column([c for c in free if c != group], _SITE, "site",
                   "Which column says at which site or service people were? (none)",
                   talk)  # fmt: skip
    command = f"socmeasures analyse {shlex.quote(str(design_path))} -o " + shlex.quote(
        str(target / "report.html")
    )
    text = design_text(
        part,
        person=person,
        wave=wave,
        waves=waves,
        group=group,
        control=control,
        site=site,
        date=date,
        plan=plan,
        data_name=source.name,
        command=command,
        folder=target,
        source=source,
    )
    for path, content in ((plan_path, plan.to_toml()), (design_path, text)):
        with replacing(path) as unfinished:
            unfinished.write_text(content, encoding="utf-8", newline="\n")
    memory.unlink(missing_ok=True)
    return Started(
        plan=plan_path,
        design=design_path,
        next_command=command,
        notes=tuple(notes),
        asked=talk.asked,
        scoring_plan=plan,
    )


def _sheets(source: Path) -> list[str]:
    from openpyxl import load_workbook

    book = load_workbook(source, read_only=True)
    try:
        return [str(s.title) for s in book.worksheets if s.sheet_state == "visible"]
    finally:
        book.close()


def _from_sheets(
    source: Path, sheets: Sequence[str], part: DataPart, talk: Talk
) -> tuple[Any, Codebook, DataPart, str, list[str], list[str]]:
    said = talk.answer(
        Question(
            key="when",
            text="Which sheets are the time points, the first one first?",
            found=", ".join(sheets),
        )
    )
    chosen = _listed(said)
    for sheet in chosen:
        if sheet not in sheets:
            near = did_you_mean(sheet, list(sheets))
            raise StartError.not_a_choice("when", sheet, tuple(sheets), near)
    if len(chosen) < 2:
        raise StartError.no_time_points()
    first, _ = read(source, encoding=part.encoding, sheet=chosen[0])
    person = _person(frames.names(first), first, talk)
    labels = _labels(chosen, talk)
    part = part.model_copy(update={"sheets": dict(zip(labels, chosen, strict=True))})
    joined = joined_sheets(part, source, person=person)
    near = _likeliest(joined.near)
    notes = [n for n in joined.notes if "identifiers nearly the same" not in n]
    if len(near):
        told = plural(len(near), "pair")
        notes.append(f"{told} of identifiers nearly the same; look at them before going on.")
    for row in near.head(20).to_dict("records"):
        notes.append(
            f"{row['first_id']!r} ({row['first_wave']}) and {row['second_id']!r} "
            f"({row['second_wave']}) differ by {row['differ']}. The same person? Then add to "
            f'[data] in design.toml: same = {{ "{row["second_id"]}" = "{row["first_id"]}" }}'
        )
    book = joined.codebook if joined.codebook is not None else Codebook.from_labels({})
    return joined.data, book, part, person, labels, notes


def _likeliest(near: pd.DataFrame) -> pd.DataFrame:
    """Without pairs one character apart, where case, spaces or zeros make a pair already."""
    by_one = near["differ"] == "one character"
    better = set(near.loc[~by_one, "second_id"])
    return near[~(by_one & near["second_id"].isin(better))]


def _person(columns: Sequence[str], data: Any, talk: Talk) -> str:
    named = [c for c in columns if _PERSON.fullmatch(c)]
    found = next((c for c in named if re.search(r"id", c, re.I)), named[0] if named else "")
    if not found:
        frame = frames.to_pandas(data)
        alone = [c for c in columns if frame[c].notna().all() and frame[c].is_unique]
        found = alone[0] if alone else ""
    said = talk.answer(
        Question(
            key="person",
            text="Which column says who the person is (an id, not a name)?",
            found=found,
            choices=tuple(columns),
        )
    )
    if not said:
        raise StartError.no_person(columns)
    return said


def _labels(marks: Sequence[str], talk: Talk) -> list[str]:
    said = talk.answer(
        Question(
            key="labels",
            text="What shall the time points be called, in this order?",
            found=", ".join(m.lower() if m.istitle() else m for m in marks),
        )
    )
    labels = _listed(said)
    if len(labels) != len(marks) or len(set(labels)) < len(labels):
        raise StartError.labels(said, marks)
    return labels


def _when(
    plan: ScoringPlan, data: Any, columns: Sequence[str], codebook: Codebook, talk: Talk
) -> tuple[str | None, Any]:
    """The column of the time point and its values, or names and marks of the columns."""
    marks = list(dict.fromkeys(p.wave for p in plan.scales if p.wave))
    if len(marks) > 1:
        said = talk.answer(
            Question(
                key="when",
                text="Which marks in the names of columns are the time points?",
                found=", ".join(marks),
            )
        )
        chosen = _listed(said)
        return None, dict(zip(_labels(chosen, talk), chosen, strict=True))
    items = {c for p in plan.scales for c in p.items.values()}
    frame = frames.to_pandas(data)
    likely = [
        c for c in columns if c not in items and _WHEN.search(c) and 2 <= frame[c].nunique() <= 8
    ]
    said = talk.answer(
        Question(
            key="when",
            text="Which column says when people answered (before or after)?",
            found=likely[0] if likely else "",
            choices=tuple(columns),
        )
    )
    if not said:
        raise StartError.no_time_points()
    values = _labels_of(data, codebook, said)
    said_labels = talk.answer(
        Question(
            key="labels",
            text="Which of its values are the time points, the first one first?",
            found=", ".join(values),
        )
    )
    return said, _listed(said_labels)


def _labels_of(data: Any, codebook: Codebook, column: str) -> list[str]:
    values = frames.to_pandas(data)[column].dropna()
    variable = codebook.get(column)
    words = dict(variable.value_labels) if variable is not None else {}
    found = []
    for value in pd.unique(values):
        plain = value.item() if hasattr(value, "item") else value
        text = words.get(plain, plain)
        if isinstance(text, float) and text.is_integer():
            text = int(text)
        found.append(str(text))
    return found


def _usual(values: Sequence[str]) -> str:
    """The value that sounds like a group to compare with."""
    usual = re.compile(r"usual|control|wait|comparison|none|no ", re.I)
    return next((v for v in values if usual.search(v)), values[-1] if values else "")


def _matched(
    data: Any, codebook: Codebook, person: str, wave: str | None, talk: Talk
) -> ScoringPlan:
    """The scales that are found; only those that were named beforehand, where some were."""
    named = _listed(talk.given.get("measures", ""))
    return match_scales(data, codebook, scales=named or None, person=person, wave=wave)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _chosen(plan: ScoringPlan, wave: str | None, person: str, talk: Talk) -> ScoringPlan:
    found = list(dict.fromkeys(p.scale for p in plan.scales))
    said = talk.answer(
        Question(
            key="measures",
            text="These questionnaires were found. Which shall be scored?",
            found=", ".join(found),
        )
    )
    chosen = _listed(said)
    for name in chosen:
        if name not in found:
            raise StartError.not_a_choice("measures", name, tuple(found), "")
    if not chosen:
        raise StartError.no_measures(found)
    kept = tuple(p for p in plan.scales if p.scale in chosen)
    where = plan.data.model_copy(update={"person": person, "wave": wave})
    return plan.model_copy(update={"scales": kept, "data": where})


def _column(
    columns: Sequence[str], pattern: re.Pattern[str], key: str, text: str, talk: Talk
) -> str | None:
    likely = [c for c in columns if pattern.search(c)]
    # a group decides what is compared with what, so it is never taken without being asked for
    found = likely[0] if likely and (key != "group" or talk.ask is not None) else NONE
    said = talk.answer(Question(key=key, text=text, found=found, choices=(*columns, NONE)))
    return None if said == NONE or not said else said

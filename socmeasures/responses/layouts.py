"""Layouts of survey tools' tables: what stands in the first rows, and what the heads mean.

Rows of text in, names, labels and answers out. Knows no file: the same layouts come as .csv and
as .xlsx. Qualtrics: three rows of heads. Online forms: whole questions as heads.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from socmeasures.errors import listed, plural

UNSEEN = "-99"  # Qualtrics, when "recode seen but unanswered questions as -99" was ticked
UNSEEN_WORDS = "Seen but not answered"
_TAGS = re.compile(r"<[^>]*>")
_QUESTION = re.compile(r'"ImportId"\s*:\s*"(?:\d+_)?QID')  # 1_QID7: the first round of a loop
_PREVIEW = ("survey preview", "1")  # of the column Status: as words, as codes
_UNFINISHED = ("false", "0")


@dataclass(frozen=True, slots=True)
class Layout:
    """Heads as names, what they ask as labels, the rows of answers, what to tell the reader."""

    heading: list[str]
    labels: dict[str, str]
    answers_from: int  # place of the first row of answers, counted after the heading
    notes: list[str]
    questions: tuple[int, ...] = ()  # places of columns in which -99 means "seen, not answered"


def recognised(heading: Sequence[str], body: Sequence[Sequence[Any]]) -> Layout:
    """The layout of a table by its first rows; most tables have one row of heads."""
    names = [cell.strip() for cell in heading]
    if len(body) > 1 and any(_text(cell).startswith('{"ImportId"') for cell in body[1]):
        return _qualtrics(names, body)
    return _questions(names)


def is_question(head: str) -> bool:
    """Whether a head is a whole question, as online forms write them, not a name."""
    return len(head.split()) > 3


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _plain(text: str) -> str:
    return " ".join(_TAGS.sub(" ", text).split())


def _qualtrics(names: list[str], body: Sequence[Sequence[Any]]) -> Layout:
    questions = [_plain(_text(cell)) for cell in body[0]]
    labels = dict(zip(names, questions, strict=False))
    notes = ["A Qualtrics export: its second heading became the labels, its third was left out."]
    rows = body[2:]
    lower = [name.lower() for name in names]

    def count(name: str, words: Sequence[str]) -> int:
        if name not in lower:
            return 0
        place = lower.index(name)
        return sum(_text(r[place]).lower() in words for r in rows if place < len(r))

    for n, what in (
        (count("status", _PREVIEW), "a preview of the survey (Status)"),
        (count("finished", _UNFINISHED), "not finished (Finished)"),
    ):
        if n:
            notes.append(
                f"{plural(n, 'row')} {'is' if n == 1 else 'are'} {what}; none was left out."
            )
    places = [i for i, cell in enumerate(body[1]) if _QUESTION.search(_text(cell))]
    return Layout(names, labels, 2, notes, tuple(places))


def set_aside_unseen(
    rows: Sequence[Sequence[Any]], places: Sequence[int], *, keep: bool
) -> tuple[Sequence[Sequence[Any]], list[tuple[int, int]]]:
    """Rows with the cells of questions seen and not answered emptied (or kept), and their places.

    A cell of −99 in a question's column is no answer; elsewhere (a duration, a place on a map)
    it is what it says.
    """
    if not places:
        return rows, []
    emptied = [list(row) for row in rows]
    found = []
    for number, row in enumerate(emptied):
        for place in places:
            if place < len(row) and _text(row[place]) == UNSEEN:
                found.append((number, place))
                if not keep:
                    row[place] = "" if isinstance(row[place], str) else None
    return emptied, found


def unseen_note(found: Sequence[tuple[int, int]], *, keep: bool) -> str:
    """Say how many questions were seen and not answered, and what became of their -99."""
    columns = len({place for _, place in found})
    fate = "left as codes" if keep else "set to missing"
    return (
        f"{plural(len(found), 'answer')} in {plural(columns, 'column')} with -99, which Qualtrics "
        f"writes for questions seen and not answered: {fate}, reasons in codebook.reasons."
    )


def _questions(names: list[str]) -> Layout:
    """Whole questions stay the names of their columns, and are their labels."""
    asked = [name for name in names if is_question(name)]
    if len(asked) < 2:
        return Layout(names, {}, 0, [])
    settled: list[str] = []
    seen: Counter[str] = Counter()
    again: list[str] = []
    for name in names:
        seen[name] += 1
        if seen[name] > 1 and is_question(name):
            again.append(name)
            settled.append(f"{name}__{seen[name]}")
        else:
            settled.append(name)
    labels = {new: _plain(old) for new, old in zip(settled, names, strict=True) if is_question(old)}
    notes = [f"An online form: {plural(len(asked), 'heading')} are whole questions."]
    if again:
        notes.append(
            f"The same question is asked more than once: {listed([repr(a) for a in again], 2)}. "
            "Its later columns end in __2, __3 …"
        )
    return Layout(settled, labels, 0, notes)

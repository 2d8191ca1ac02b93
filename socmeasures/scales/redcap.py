"""A scale as a REDCap data dictionary: its items as radio fields, its scores as calculations.

REDCap computes when an answer changes; a score it cannot express is described, never guessed.
Blank answers take part in no sum: every calculation counts the answers first.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

from socmeasures.errors import ScaleExportError
from socmeasures.scales.named_columns import NamedColumns, number_text, runs
from socmeasures.scales.parts import Derived, Score

HEADINGS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
_NAME = re.compile(r"[a-z](?:[a-z0-9_]*[a-z0-9])?")
NAME_LENGTH = 100


def data_dictionary(key: NamedColumns) -> str:
    """The dictionary as CSV: a record id, the items, and the scores.

    Leave out the first field when the rest is added to a project that has one. Labels are short
    paraphrases: the wording is typed in under the instrument's licence.

    Examples
    --------
    >>> from socmeasures.scales.interchange import export_scale
    >>> export_scale("ucla3", "redcap").splitlines()[3].split(",")[:4]
    ['ucla3_2', 'ucla3', '', 'radio']
    """
    _refuse_names(key)
    scale = key.scale
    rows = [{"name": "record_id", "type": "text", "label": "Record ID"}]
    rows += [_item(key, number) for number in key.columns]
    rows[1]["header"] = f"{scale.name}, {scale.form}"
    rows += [_score(key, score) for score in key.scores]
    places = {
        "name": 0,
        "header": 2,
        "type": 3,
        "label": 4,
        "choices": 5,
        "validation": 7,
        "least": 8,
        "most": 9,
        "number": 14,
        "annotation": 17,
    }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for row in rows:
        cells = [""] * len(HEADINGS)
        cells[1] = scale.id
        for what, value in row.items():
            cells[places[what]] = value
        writer.writerow(cells)
    return text.getvalue()


def _refuse_names(key: NamedColumns) -> None:
    scores = [key.name(score.id) for score in key.scores]
    items = list(key.columns.values())
    faults = [
        f"{name!r} is no REDCap field name"
        for name in (*items, *scores)
        if not _NAME.fullmatch(name) or len(name) > NAME_LENGTH or "__" in name
    ]
    taken = {*scores, "record_id"}
    faults += [f"{name!r} is the name of another field too" for name in items if name in taken]
    if faults:
        raise ScaleExportError(
            key.scale.id,
            "redcap",
            faults,
            "Names in REDCap begin with a small letter and hold small letters, digits and single "
            "underscores. Choose others with names={1: 'column', …} or prefix= (command line: "
            "--prefix).",
        )


def _item(key: NamedColumns, number: int) -> dict[str, str]:
    item = key.scale.item(number)
    field = {
        "name": key.columns[number],
        "type": "radio",
        "label": (
            f"{_plain(item.label)} [short label: type in the wording of item {number} "
            "under the instrument's licence]"
        ),
        "choices": " | ".join(
            f"{code}, {_plain(label)}" for code, label in key.answers(number).items()
        ),
        "number": str(number),
        "annotation": f"{key.scale.id} item {number}. {_plain(key.scale.licence.note)}",
    }
    if item.counts_to is not None:
        codes = key.scale.raw_to_canonical(number, key.coding)
        field |= {
            "type": "text",
            "validation": "integer",
            "least": str(min(codes)),
            "most": str(max(codes)),
        }
    return field


def _plain(text: str) -> str:
    """Without the signs that divide choices or begin an action tag."""
    return " ".join(text.replace("|", "/").replace("@", "(at)").split())


# ------------------------------------------------------------------- scores


def _score(key: NamedColumns, score: Score) -> dict[str, str]:
    name, title = key.name(score.id), _plain(key.title(score))
    rule = score.missing
    about = (
        f"Key: {key.grade(score)}. Missing answers: {rule.method}, {rule.allow} may be missing. "
        f"{_plain(key.scale.citation)}"
    )
    if score.method == "lookup":
        return {
            "name": name,
            "type": "descriptive",
            "label": (
                f"{title}. Not computed here: this score is read from a table. Export the "
                "answers and score them with socmeasures, or in SPSS with the exported syntax."
            ),
            "annotation": f"@HIDDEN {about}",
        }
    return {
        "name": name,
        "type": "calc",
        "label": title,
        "choices": calculation(key, score),
        "annotation": about,
    }


def calculation(key: NamedColumns, score: Score) -> str:
    """A score in REDCap's syntax: blank below the answers the missing rule asks for."""
    k, allow = len(score.items), score.missing.allow
    given = {number: _is_given(key, number) for number in score.items}
    terms = {number: _points(key, score, number) for number in score.items}
    if allow == 0:
        enough = " and ".join(dict.fromkeys(given.values()))
        total = f"({'+'.join(terms.values())})"
    else:
        count = "+".join(f"if({given[n]},1,0)" for n in score.items)
        enough = f"({count}) >= {max(1, k - allow)}"
        total = f"({'+'.join(f'if({given[n]},{terms[n]},0)' for n in score.items)})"
        if score.missing.method == "prorate":
            total = f"{total}*{k}/({count})"
    low, high = key.scale.sum_limits(score)
    if score.method == "mean":
        total = f"{total}/{k}"
    elif score.method == "pomp":
        total = f"({total}-({number_text(low)}))*100/{number_text(high - low)}"
    if score.scale_by != 1.0:
        total = f"({total})*({number_text(score.scale_by)})"
    return f'if({enough},{total},"")'


def _is_given(key: NamedColumns, number: int) -> str:
    """Whether an answer counts: it is there, and does not say that the question did not apply."""
    rule = key.scale.item(number).derived
    if rule is None:
        field = f"[{key.columns[number]}]"
        return " and ".join(f"{field}<>{code}" for code in ('""', *key.absent(number)))
    given = [_is_given(key, n) for n in rule.items]
    if rule.rule == "follow_up":
        return f"{given[0]} and ({_gate(key, rule)}=0 or ({given[1]}))"
    return " and ".join(given)


def _points(key: NamedColumns, score: Score, number: int) -> str:
    """What the answer to one item is worth, as an expression."""
    points = key.points(score, number)
    rule = key.scale.item(number).derived
    if rule is not None and rule.rule == "follow_up":
        second = rule.items[-1]
        worth = {raw: points[code] for raw, code in key.meaning(second).items()}
        followed = _by_steps(f"[{key.columns[second]}]", worth)
        return f"if({_gate(key, rule)}=1,{followed},{number_text(points[0])})"
    if rule is not None:
        return f"if({_reached(key, rule)},{number_text(points[1])},{number_text(points[0])})"
    field = f"[{key.columns[number]}]"
    if all(code == worth for code, worth in points.items()):
        return field
    ends = {code + worth for code, worth in points.items()}
    if len(ends) == 1:
        return f"({number_text(ends.pop())}-{field})"
    return _by_steps(field, points)


def _reached(key: NamedColumns, rule: Derived) -> str:
    """Whether all or any of the sources reach the code."""
    joined = " and " if rule.rule == "all" else " or "
    return f"({joined.join(f'{_marked(key, rule, n)}=1' for n in rule.items)})"


def _gate(key: NamedColumns, rule: Derived) -> str:
    """1 where the second question was asked, else 0."""
    return _marked(key, rule, rule.items[0])


def _marked(key: NamedColumns, rule: Derived, number: int) -> str:
    """1 where one source reaches the code, else 0."""
    reached = {raw: float(code >= rule.from_) for raw, code in key.meaning(number).items()}
    return _by_steps(f"[{key.columns[number]}]", reached)


def _by_steps(field: str, points: Mapping[int, float]) -> str:
    """Points that change from code to code: nested conditions, from the lowest code up."""
    steps = _steps(points)
    text = number_text(steps[0][1])
    for first, worth in steps[1:]:
        text = f"if({field}>={first},{number_text(worth)},{text})"
    return text


def _steps(points: Mapping[int, float]) -> list[tuple[int, float]]:
    """Where points change: the first code of each step, and what it is worth."""
    steps: list[tuple[int, float]] = []
    for first, _, worth in runs(points):
        if not steps or steps[-1][1] != worth:
            steps.append((first, worth))
    return steps

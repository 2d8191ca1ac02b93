"""Labels and codes → canonical codes, decided by words and never by values.

Order of decision for each scale: the coding the caller stated; value labels and text answers,
matched exactly after normalising; canonical codes where the definition allows bare codes;
otherwise a refusal that shows the named codings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures.errors import ChoiceError
from socmeasures.frames import Numbers, Words
from socmeasures.kernel import AnyColumn
from socmeasures.responses.codebook import Variable
from socmeasures.scales.model import Scale

# Labels of codes that are no answer: they say nothing about the direction of a coding.
NO_ANSWER = frozenset(
    {
        "no answer", "no response", "not answered", "refused", "refusal", "missing", "unknown",
        "don t know", "dont know", "do not know", "not applicable", "n a", "na", "not asked",
        "prefer not to say", "prefer not to answer", "skipped", "not stated", "dk", "nk",
        "seen but not answered", "not edited", "not reached", "inapplicable", "item not applicable",
    }
)  # fmt: skip

TEXT = 1_000_000  # texts nothing explains get codes from here on, outside every scale


def normalised(text: object) -> str:
    """Lower case, no tags, accents, punctuation or leading number: "1 - Never" → "never"."""
    plain = re.sub(r"<[^>]*>", " ", str(text))
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    plain = " ".join(re.sub(r"[\W_]+", " ", plain).split())
    without_number = re.sub(r"^\d+ (?=\D)", "", plain)
    return without_number or plain


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """One item's column with the meaning of its codes: raw code → canonical code."""

    name: str
    column: AnyColumn
    meaning: Mapping[int, int]
    texts: Mapping[int, str]  # code ≥ TEXT → the text no label explains
    derived: bool = False  # follows from other items; its faults are theirs
    absent: tuple[int, ...] = ()  # raw codes that say the question did not apply: no answers

    def canonical(self) -> NDArray[np.float64]:
        """Canonical codes, NaN where there is no legal answer."""
        values = np.full(len(self.column), np.nan)
        for raw, code in self.meaning.items():
            values[self.column.values == raw] = code
        if self.column.missing is not None:
            values[self.column.missing] = np.nan
        return values

    def is_illegal(self) -> NDArray[np.bool_]:
        """Answers that are there and are none of the codes."""
        given = self.column.values == self.column.values
        if self.column.missing is not None:
            given = given & ~self.column.missing
        illegal: NDArray[np.bool_] = given & np.isnan(self.canonical())
        return illegal

    def shown(self, value: float) -> Any:
        """A raw value as the user wrote it."""
        whole = int(value) if float(value).is_integer() and abs(value) < 2**53 else None
        if whole is not None and whole in self.texts:
            return self.texts[whole]
        return whole if whole is not None else float(value)


@dataclass(frozen=True, slots=True)
class Undecided:
    """Why a coding could not be decided, and which codings the answers would fit."""

    why: str
    codings: tuple[str, ...]
    fits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coding:
    """How the codes of a scale's columns are read, whatever answers stand in them.

    Decided once for data that come in parts, and then used for each of them (`decode`).
    """

    name: str
    how: str
    meanings: Mapping[int, Mapping[int, int]]  # item → raw code → canonical code
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """The coding of a scale's columns: its name, how it was decided, the columns made ready."""

    name: str
    how: str
    items: Mapping[int, Decoded]
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """For the record: `yes-first (value labels)`, `assumed canonical`."""
        return f"assumed {self.name}" if self.how == "assumed" else f"{self.name} ({self.how})"


def settle(
    scale: Scale,
    columns: Mapping[int, Numbers | Words],
    names: Mapping[int, str],
    variables: Mapping[int, Variable | None],
    coding: str | None = None,
) -> Coding | Undecided:
    """Decide what codes mean; of the columns only their distinct texts matter."""
    if coding is not None and coding not in scale.coding_names:
        raise ChoiceError(f"coding of scale {scale.id!r}", coding, scale.coding_names)
    labels = dict.fromkeys(columns, _Labels({}, {}))
    if any(v is not None for v in variables.values()):
        labels = {n: _label_meaning(scale, n, variables.get(n)) for n in columns}
    if coding is not None:
        unasked = settle(scale, columns, names, variables)
        if isinstance(unasked, Coding) and unasked.name == coding and unasked.how != "assumed":
            return unasked
        meanings = {n: scale.raw_to_canonical(n, coding) for n in columns}
        against = [names[n] for n in columns if _contradicts(labels[n], meanings[n])]
        notes = (
            (f"value labels of {', '.join(against)} say otherwise than the stated coding",)
            if against
            else ()
        )
        agreed = not against and all(
            set(labels[n].found.values()) == set(scale.codes(n)) for n in columns
        )
        how = "value labels" if agreed else "stated"
        return Coding(coding, how, meanings, notes)

    for n in columns:
        if isinstance(columns[n], Numbers) and not labels[n].found:
            continue
        another = _another_form(scale, n, names[n], labels[n]) or _two_texts_for_one(
            scale, n, names[n], columns[n]
        )
        if another:
            return _undecided(scale, columns, another)
    numeric = {n for n in columns if _has_codes(columns[n], variables.get(n))}
    counts = {n for n in numeric if not scale.options(n)}  # an open count needs no labels
    bare = [n for n in numeric - counts if not labels[n].found and not labels[n].strange]
    strange = [n for n in numeric - counts if not labels[n].found and labels[n].strange]
    if strange:
        n = strange[0]
        shown = ", ".join(f"{c} = {w!r}" for c, w in list(labels[n].strange.items())[:4])
        why = f"the value labels of {names[n]} ({shown}) are not among the scale's options"
        return _undecided(scale, columns, why)
    meanings = {}
    for n in columns:
        if n in numeric and labels[n].found:
            whole = _completed(scale, n, labels[n].found)
            if whole is None:
                return _undecided(
                    scale, columns, f"the value labels of {names[n]} fit more than one coding"
                )
            meanings[n] = whole
        elif n not in numeric:
            meanings[n] = {code: code for code in scale.codes(n)}
    labelled = [n for n in numeric if n in meanings]
    if bare and (scale.responses.bare_codes == "stated" or labelled):
        why = (
            f"{names[bare[0]]} has numbers without value labels"
            if labelled
            else "the columns hold numbers without value labels, and both directions are in use"
        )
        return _undecided(scale, columns, why)
    meanings |= {n: scale.raw_to_canonical(n) for n in (*bare, *counts)}
    how = (
        "assumed"
        if bare or (counts and counts == numeric)
        else "value labels"
        if numeric
        else "text answers"
    )
    return Coding(_name_of(scale, meanings), how, meanings)


@dataclass(frozen=True, slots=True)
class _Labels:
    found: dict[int, int]  # raw code → canonical code, by its label
    strange: dict[int, str]  # labels that are no option and no "no answer"


def _label_meaning(scale: Scale, number: int, variable: Variable | None) -> _Labels:
    found: dict[int, int] = {}
    strange: dict[int, str] = {}
    if variable is None:
        return _Labels(found, strange)
    by_word = words_of(scale, number)
    for code, label in variable.value_labels.items():
        if variable.is_missing_code(code) or normalised(label) in NO_ANSWER:
            continue
        if isinstance(code, str):
            continue  # labels of text codes are used where the texts are read
        if float(code).is_integer() and normalised(label) in by_word:
            found[int(code)] = by_word[normalised(label)]
        elif float(code).is_integer() and normalised(label) != normalised(str(int(code))):
            strange[int(code)] = label
    return _Labels(found, strange)


def _another_form(scale: Scale, number: int, name: str, labels: _Labels) -> str:
    """Why labels that are partly the scale's own still tell of a form with other options."""
    twice = [c for c in labels.found.values() if list(labels.found.values()).count(c) > 1]
    if twice:
        option = next(o.label for o in scale.options(number) if o.code == twice[0])
        codes = [raw for raw, code in labels.found.items() if code == twice[0]]
        return (
            f"the value labels of {name} give {len(codes)} codes "
            f"({', '.join(map(str, codes))}) for the one option {option!r}, so the answers may be "
            "those of a form with more options"
        )
    between = [
        c for c in labels.strange if min(labels.found, default=c) < c < max(labels.found, default=c)
    ]
    ends = {min(labels.found) - 1, max(labels.found) + 1} if labels.found else set()
    beside = [c for c in labels.strange if c in ends]
    if between or beside:
        code = [*between, *beside][0]
        return (
            f"code {code} of {name} is labelled {labels.strange[code]!r}, which is not among the "
            "scale's options, so the answers may be those of another form"
        )
    return ""


def _two_texts_for_one(scale: Scale, number: int, name: str, column: Numbers | Words) -> str:
    """Why text answers of the scale's own wordings still tell of a form with more options."""
    if isinstance(column, Numbers):
        return ""
    by_word = words_of(scale, number)
    seen: dict[int, str] = {}
    for word in dict.fromkeys(normalised(value) for value in column.distinct):
        code = by_word.get(word)
        if code in seen:
            return (
                f"{name} has the texts {seen[code]!r} and {word!r}, which both stand for one "
                "option of this scale, so the answers may be those of a form with more options"
            )
        if code is not None:
            seen[code] = word
    return ""


def words_of(scale: Scale, number: int) -> dict[str, int]:
    """Code of each wording of an item's options, normalised."""
    return {normalised(w): o.code for o in scale.options(number) for w in o.words}


def _contradicts(labels: _Labels, meaning: Mapping[int, int]) -> bool:
    return any(meaning.get(raw, code) != code for raw, code in labels.found.items())


def _completed(scale: Scale, number: int, found: Mapping[int, int]) -> dict[int, int] | None:
    """All codes from the labels, or from the one coding that agrees with the labelled ones."""
    if set(found.values()) == set(scale.codes(number)):
        return dict(found)
    agreeing = []
    for name in scale.coding_names:
        meaning = scale.raw_to_canonical(number, name)
        if all(meaning.get(raw) == code for raw, code in found.items()):
            agreeing.append(meaning)
    return agreeing[0] if len(agreeing) == 1 and len(found) >= 2 else None


def _name_of(scale: Scale, meanings: Mapping[int, Mapping[int, int]]) -> str:
    for name in scale.coding_names:
        known = {n: scale.raw_to_canonical(n, name) for n in meanings}
        if all(m is known[n] or dict(m) == known[n] for n, m in meanings.items()):
            return name
    return "item by item"


def _undecided(scale: Scale, columns: Mapping[int, Numbers | Words], why: str) -> Undecided:
    seen = {n: _codes_seen(column) for n, column in columns.items()}
    legal = {
        name: {n: set(scale.raw_to_canonical(n, name)) for n in columns}
        for name in scale.coding_names
    }
    fits = [name for name, sets in legal.items() if all(seen[n] <= sets[n] for n in columns)]
    shown = []
    for name in scale.coding_names:
        n = next(iter(columns))
        labels = {o.code: o.label for o in scale.options(n)}
        pairs = sorted(scale.raw_to_canonical(n, name).items())
        shown.append(f"{name}: " + ", ".join(f"{raw} = {labels[code]}" for raw, code in pairs))
    return Undecided(why=why, codings=tuple(shown), fits=tuple(fits))


def codings_that_fit(scale: Scale, decision: Decision) -> tuple[str, ...]:
    """Named codings under which every answer would be legal; only ever proposed."""

    @cache  # most codings are ruled out by their first column
    def seen(n: int) -> set[float]:
        column = decision.items[n].column
        return _codes_seen(Numbers(column.values, column.missing))

    return tuple(
        name
        for name in scale.coding_names
        if all(seen(n) <= set(scale.raw_to_canonical(n, name)) for n in decision.items)
    )


def _codes_seen(column: Numbers | Words) -> set[float]:
    if isinstance(column, Words):
        return {v for v in (as_number(d) for d in column.distinct) if v is not None}
    values = column.values if column.missing is None else column.values[~column.missing]
    return {v for v in pd.unique(values).tolist() if v == v}


def _has_codes(column: Numbers | Words, variable: Variable | None) -> bool:
    """True when an answer of the column is a number (also one stored as text)."""
    if isinstance(column, Numbers):
        return True
    return any(
        as_number(value) is not None and not (variable and variable.is_missing_code(value))
        for value in column.distinct
    )


def as_number(value: Any) -> float | None:
    """The number a value is, or that stands there as text; None for words."""
    if isinstance(value, int | float | np.number):
        return float(value)
    text = str(value).strip()
    if re.fullmatch(r"[+-]?\d+([.,]\d+)?", text):
        return float(text.replace(",", "."))
    return None

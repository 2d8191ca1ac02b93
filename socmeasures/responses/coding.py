"""Labels and codes → canonical codes, decided by words and never by values.

Order of decision for each scale: the coding the caller stated; value labels and text answers,
matched exactly after normalising; canonical codes where the definition allows bare codes;
otherwise a refusal that shows the named codings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socmeasures.errors import ChoiceError
from socmeasures.frames import Numbers, Words
from socmeasures.kernel import Column
from socmeasures.responses.codebook import Variable
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Derived, Item

# Labels of codes that are no answer: they say nothing about the direction of a coding.
NO_ANSWER = frozenset(
    {
        "no answer", "no response", "not answered", "refused", "refusal", "missing", "unknown",
        "don t know", "dont know", "do not know", "not applicable", "n a", "na", "not asked",
        "prefer not to say", "prefer not to answer", "skipped", "not stated", "dk", "nk",
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
    column: Column
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


def decide(
    scale: Scale,
    columns: Mapping[int, Numbers | Words],
    names: Mapping[int, str],
    variables: Mapping[int, Variable | None],
    coding: str | None = None,
    pre_reversed: Sequence[int] = (),
) -> Decision | Undecided:
    """Decide what the codes of a scale's columns mean.

    Parameters
    ----------
    scale : Scale
        The instrument.
    columns, names, variables : mappings by item number
        Answers, column names, and what a codebook says of each column (None: nothing).
    coding : str, optional
        A named coding the caller states; ``"canonical"`` is always a name.
    pre_reversed : sequence of int
        Items the caller says were reversed before export: their codes are turned back.

    Returns
    -------
    Decision or Undecided
        The latter with the reason and the codings to choose from; never a guess.
    """
    if pre_reversed:
        decision = decide(scale, columns, names, variables, coding)
        if isinstance(decision, Undecided):
            return decision
        return _turned_back(scale, decision, pre_reversed)
    if coding is not None and coding not in scale.coding_names:
        raise ChoiceError(f"coding of scale {scale.id!r}", coding, scale.coding_names)
    labels = dict.fromkeys(columns, _Labels({}, {}))
    if any(v is not None for v in variables.values()):
        labels = {n: _label_meaning(scale, n, variables.get(n)) for n in columns}
    if coding is not None:
        unasked = decide(scale, columns, names, variables)
        if isinstance(unasked, Decision) and unasked.name == coding and unasked.how != "assumed":
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
        return _ready(scale, columns, names, variables, meanings, coding, how, notes)

    for n in columns:
        another = _another_form(scale, n, names[n], labels[n]) or _two_texts_for_one(
            scale, n, names[n], columns[n]
        )
        if another:
            return _undecided(scale, columns, another)
    numeric = {n for n in columns if _has_codes(columns[n])}
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
    meanings |= {n: {code: code for code in scale.codes(n)} for n in (*bare, *counts)}
    how = (
        "assumed"
        if bare or (counts and counts == numeric)
        else "value labels"
        if numeric
        else "text answers"
    )
    name = _name_of(scale, meanings)
    return _ready(scale, columns, names, variables, meanings, name, how, ())


@dataclass(frozen=True, slots=True)
class _Labels:
    found: dict[int, int]  # raw code → canonical code, by its label
    strange: dict[int, str]  # labels that are no option and no "no answer"


def _label_meaning(scale: Scale, number: int, variable: Variable | None) -> _Labels:
    found: dict[int, int] = {}
    strange: dict[int, str] = {}
    if variable is None:
        return _Labels(found, strange)
    by_word = _words_of(scale, number)
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
    by_word = _words_of(scale, number)
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


def _words_of(scale: Scale, number: int) -> dict[str, int]:
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
        if all(dict(m) == scale.raw_to_canonical(n, name) for n, m in meanings.items()):
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
    seen = {
        n: _codes_seen(Numbers(d.column.values, d.column.missing))
        for n, d in decision.items.items()
    }
    return tuple(
        name
        for name in scale.coding_names
        if all(seen[n] <= set(scale.raw_to_canonical(n, name)) for n in seen)
    )


def _codes_seen(column: Numbers | Words) -> set[float]:
    if isinstance(column, Words):
        return {v for v in (_as_number(d) for d in column.distinct) if v is not None}
    values = column.values if column.missing is None else column.values[~column.missing]
    return {v for v in np.unique(values).tolist() if v == v}


def _has_codes(column: Numbers | Words) -> bool:
    """True when the column holds at least one number (also a number stored as text)."""
    if isinstance(column, Numbers):
        return True
    return any(_as_number(value) is not None for value in column.distinct)


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | np.number):
        return float(value)
    text = str(value).strip()
    if re.fullmatch(r"[+-]?\d+([.,]\d+)?", text):
        return float(text.replace(",", "."))
    return None


def _ready(
    scale: Scale,
    columns: Mapping[int, Numbers | Words],
    names: Mapping[int, str],
    variables: Mapping[int, Variable | None],
    meanings: Mapping[int, Mapping[int, int]],
    name: str,
    how: str,
    notes: tuple[str, ...],
) -> Decision:
    items = {
        n: _without_absent(
            scale, n, _decoded(scale, n, names[n], columns[n], variables.get(n), meanings[n])
        )
        for n in columns
    }
    derived = {
        item.number: _derived(item, item.derived, items, scale.codes(item.number))
        for item in scale.derived
        if item.derived is not None
    }
    notes += tuple(_against_the_gate(scale, items))
    return Decision(name=name, how=how, items={**items, **derived}, notes=notes)


def _without_absent(scale: Scale, number: int, decoded: Decoded) -> Decoded:
    """Codes that say a question did not apply, where they count as no answer."""
    absent = scale.absent_codes(number)
    if not absent:
        return decoded
    raws = [raw for raw, code in decoded.meaning.items() if code in absent]
    gone = np.isin(decoded.column.values.astype(float), raws)
    if decoded.column.missing is not None:
        gone |= decoded.column.missing
    meaning = {raw: code for raw, code in decoded.meaning.items() if code not in absent}
    return replace(
        decoded, column=Column(decoded.column.values, gone), meaning=meaning, absent=tuple(raws)
    )


def _against_the_gate(scale: Scale, items: Mapping[int, Decoded]) -> Iterator[str]:
    """Answers to a second question of people to whom it did not apply: told, not used."""
    for item in scale.derived:
        rule = item.derived
        if rule is None or rule.rule != "follow_up":
            continue
        first, second = items[rule.items[0]], items[rule.items[-1]]
        against = (first.canonical() < rule.from_) & (second.canonical() > 0)
        if against.any():
            yield (
                f"{int(against.sum())} answers to {second.name} of people to whom it does not "
                f"apply by {first.name} were not used"
            )


def _derived(
    item: Item, rule: Derived, items: Mapping[int, Decoded], codes: Sequence[int]
) -> Decoded:
    """A code as the rule says; missing where a source it needs is, illegal where one is."""
    sources = [items[n] for n in rule.items]
    answers = np.column_stack([source.canonical() for source in sources])
    reached = answers >= rule.from_
    if rule.rule == "follow_up":
        values = np.where(reached[:, 0], answers[:, -1], 0.0)
        values[np.isnan(answers[:, 0])] = np.nan
    else:
        values = (reached.all(axis=1) if rule.rule == "all" else reached.any(axis=1)).astype(float)
        values[np.isnan(answers).any(axis=1)] = np.nan
    for source in sources:
        values[source.is_illegal()] = -1
    meaning = {code: code for code in codes}
    return Decoded(item.label, Column(values), meaning, {}, derived=True)


def _turned_back(scale: Scale, decision: Decision, numbers: Sequence[int]) -> Decision:
    unknown = sorted(set(numbers) - set(decision.items))
    if unknown:
        raise ChoiceError(f"pre_reversed item of scale {scale.id!r}", unknown[0], scale.numbers)
    items = dict(decision.items)
    for number in numbers:
        outside = scale.item(number).not_applicable
        codes = [c for c in scale.codes(number) if outside is None or c not in outside.codes]
        ends = codes[0] + codes[-1]
        turned = {
            raw: ends - code if code in codes else code
            for raw, code in items[number].meaning.items()
        }
        items[number] = replace(items[number], meaning=turned)
    shown = ", ".join(map(str, sorted(numbers)))
    note = f"items {shown} were declared as reversed before export and were turned back"
    return replace(decision, items=items, notes=(*decision.notes, note))


def _decoded(
    scale: Scale,
    number: int,
    name: str,
    column: Numbers | Words,
    variable: Variable | None,
    meaning: Mapping[int, int],
) -> Decoded:
    if isinstance(column, Numbers):
        return Decoded(name, _masked(column, variable), meaning, {})
    raw_of = {code: raw for raw, code in meaning.items()}
    by_word = _words_of(scale, number)
    text_labels = {
        k: v for k, v in (variable.value_labels if variable else {}).items() if isinstance(k, str)
    }
    table = np.full(len(column.distinct) + 1, np.nan)
    texts: dict[int, str] = {}
    for place, value in enumerate(column.distinct):
        text = str(value).strip()
        if not text or (variable is not None and variable.is_missing_code(value)):
            continue
        number_seen = _as_number(value)
        word = normalised(text_labels.get(text, text))
        if word in by_word and by_word[word] in raw_of:
            table[place] = raw_of[by_word[word]]
        elif number_seen is not None:
            if variable is None or not variable.is_missing_code(number_seen):
                table[place] = number_seen
        elif word not in NO_ANSWER:
            table[place] = TEXT + place
            texts[TEXT + place] = text
    return Decoded(name, Column(table[column.codes]), meaning, texts)


def _masked(column: Numbers, variable: Variable | None) -> Column:
    """User-missing codes are no answers, whether or not the file was read with them."""
    missing = column.missing
    if variable is not None and (variable.missing_values or variable.missing_ranges):
        declared: NDArray[np.bool_] = variable.missing_mask(column.values)
        missing = declared if missing is None else missing | declared
    return Column(column.values, missing)


def unexplained(decision: Decision) -> Sequence[tuple[str, str]]:
    """Column and text of every answer no label explains."""
    return [(d.name, text) for d in decision.items.values() for text in d.texts.values()]

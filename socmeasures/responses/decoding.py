"""Columns of answers read by a coding: canonical codes, gaps, and texts nothing explains.

`decide` is the way of data that are there as a whole; `decode` reads a part of data whose coding
was settled before (`coding.settle`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socmeasures.errors import ChoiceError
from socmeasures.frames import Numbers, Words
from socmeasures.kernel import AnyColumn, Column, Shifted
from socmeasures.responses.codebook import Variable
from socmeasures.responses.coding import (
    NO_ANSWER,
    TEXT,
    Coding,
    Decision,
    Decoded,
    Undecided,
    as_number,
    normalised,
    settle,
    words_of,
)
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Derived, Item


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
    settled = settle(scale, columns, names, variables, coding)
    if isinstance(settled, Undecided):
        return settled
    return decode(scale, columns, names, variables, settled, pre_reversed)


def decode(
    scale: Scale,
    columns: Mapping[int, Numbers | Words],
    names: Mapping[int, str],
    variables: Mapping[int, Variable | None],
    coding: Coding,
    pre_reversed: Sequence[int] = (),
) -> Decision:
    """Columns made ready by a coding that stands: this part of the data decides nothing."""
    decision = _ready(scale, columns, names, variables, coding)
    return _turned_back(scale, decision, pre_reversed) if pre_reversed else decision


def _ready(
    scale: Scale,
    columns: Mapping[int, Numbers | Words],
    names: Mapping[int, str],
    variables: Mapping[int, Variable | None],
    coding: Coding,
) -> Decision:
    meanings = coding.meanings
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
    notes = (*coding.notes, *_against_the_gate(scale, items))
    return Decision(name=coding.name, how=coding.how, items={**items, **derived}, notes=notes)


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
    by_word = words_of(scale, number)
    text_labels = {
        k: v for k, v in (variable.value_labels if variable else {}).items() if isinstance(k, str)
    }
    table = np.full(len(column.distinct) + 1, np.nan)
    texts: dict[int, str] = {}
    for place, value in enumerate(column.distinct):
        text = str(value).strip()
        if not text or (variable is not None and variable.is_missing_code(value)):
            continue
        number_seen = as_number(value)
        word = normalised(text_labels.get(text, text))
        if word in by_word and by_word[word] in raw_of:
            table[place] = raw_of[by_word[word]]
        elif number_seen is not None:
            if variable is None or not variable.is_missing_code(number_seen):
                table[place] = number_seen
        elif word not in NO_ANSWER:
            table[place] = TEXT + place
            texts[TEXT + place] = text
    return Decoded(name, _looked_up(table, column.codes), meaning, texts)


def _looked_up(table: NDArray[np.float64], places: NDArray[Any]) -> AnyColumn:
    """Codes by the place of their text; place -1, the last of the table, is no answer.

    Whole codes stay whole numbers of as few bytes as hold them, with the gaps marked beside.
    """
    known = ~np.isnan(table)
    whole = table[known]
    if not len(whole) or (whole != np.trunc(whole)).any() or np.abs(whole).max() > TEXT * 2:
        return Column(table[places])
    low, high = int(whole.min()), int(whole.max())
    small = np.iinfo(np.int8)
    dtype = np.int8 if small.min < low and high < small.max else np.int32
    if known[:-1].all() and (np.diff(table[:-1]) == 1).all():  # texts in the order of codes
        fits = np.iinfo(places.dtype)
        if fits.min < low and len(table) + high < fits.max:
            return Shifted(places, low)
    values = np.where(known, table, low).astype(dtype)[places]
    missing = ~known[places]
    return Column(values, missing if missing.any() else None)


def _masked(column: Numbers, variable: Variable | None) -> Column:
    """User-missing codes are no answers, whether or not the file was read with them."""
    missing = column.missing
    if variable is not None and (variable.missing_values or variable.missing_ranges):
        declared: NDArray[np.bool_] = variable.missing_mask(column.values)
        missing = declared if missing is None else missing | declared
    return Column(column.values, missing)


def _without_absent(scale: Scale, number: int, decoded: Decoded) -> Decoded:
    """Codes that say a question did not apply, where they count as no answer."""
    absent = scale.absent_codes(number)
    if not absent:
        return decoded
    raws = [raw for raw, code in decoded.meaning.items() if code in absent]
    values, missing = decoded.column.values, decoded.column.missing
    if missing is not None:  # what stands in a gap means nothing, and must not look like a code
        values = np.where(missing, max(raws, default=0) + 1, values)
    gone = np.isin(values.astype(float), raws)
    if missing is not None:
        gone |= missing
    meaning = {raw: code for raw, code in decoded.meaning.items() if code not in absent}
    return replace(decoded, column=Column(values, gone), meaning=meaning, absent=tuple(raws))


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


def unexplained(decision: Decision) -> Sequence[tuple[str, str]]:
    """Column and text of every answer no label explains."""
    return [(d.name, text) for d in decision.items.values() for text in d.texts.values()]

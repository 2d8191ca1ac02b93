"""Items recognised by their variable labels: key words of each item's short paraphrase."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from socmeasures.responses.codebook import Variable
from socmeasures.responses.coding import normalised
from socmeasures.responses.layouts import is_question
from socmeasures.scales.catalogue import shipped_scales
from socmeasures.scales.model import Scale

# Words too common to tell one item from another.
SMALL_WORDS = frozenset(
    """
    a an and any are as at be been by do does enough feel felt feeling for from get had has have
    how i in is it lot many me more most much my of often on or others own people someone that the
    there they thing things to too up very was we what when which who with you your
    """.split()  # noqa: SIM905 - a list of words is read as one
)


@dataclass(frozen=True, slots=True)
class Match:
    """A scale found at one time point."""

    scale: Scale
    wave: str | None
    items: Mapping[int, str]
    found_by: str
    stem: str


@cache
def flat(text: str) -> str:
    """Lower case, every run of other signs an underscore."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def listing(items: Mapping[int, str]) -> str:
    """`q1 … q20`: the first and the last column."""
    columns = list(items.values())
    return columns[0] if len(columns) == 1 else f"{columns[0]} … {columns[-1]}"


def _key_words(text: str) -> frozenset[str]:
    """Content words, shortened so that "isolated" and "isolation" meet."""
    words = normalised(text).split()
    return frozenset(w[:6] for w in words if w not in SMALL_WORDS and not w.isdigit())


def _tells_of(label: str, scale: Scale, number: int) -> bool:
    """Whether a variable label holds all key words of an item's paraphrase."""
    words = _key_words(label)
    item = scale.item(number)
    keys = [_key_words(text) for text in (item.label, *item.also)]
    return any(key and key <= words for key in keys)


def in_label_order(match: Match, variables: Mapping[str, Variable]) -> Match:
    """The items by their labels, where the labels name each of them once in another order."""
    told: dict[int, str] = {}
    for column in match.items.values():
        label = variables[column].label if column in variables else ""
        numbers = [n for n in match.items if label and _tells_of(label, match.scale, n)]
        if len(numbers) != 1 or numbers[0] in told:
            return match
        told[numbers[0]] = column
    if told == dict(match.items):
        return match
    found_by = "column names, in the order of their labels"
    return replace(match, items=dict(sorted(told.items())), found_by=found_by)


def labels_of_another_form(
    match: Match, variables: Mapping[str, Variable], ambiguous: list[str]
) -> bool:
    """The scale was asked for by name, and the labels tell of a sibling form instead."""
    if not match.scale.family or labels_agree(match, variables):
        return False
    for sibling in shipped_scales():
        same = sibling.family == match.scale.family and sibling.numbers == match.scale.numbers
        if same and sibling.id != match.scale.id:
            other = replace(match, scale=sibling)
            if labels_agree(other, variables):
                ambiguous.append(
                    f"{listing(match.items)}: {match.scale.id!r} was asked for, but the labels "
                    f"are those of {sibling.id!r} ({sibling.form})"
                )
                return True
    return False


def labels_agree(match: Match, variables: Mapping[str, Variable]) -> bool:
    """Most items' labels tell of them, and no other item's paraphrase fits better."""
    told = [
        _tells_of(variables[c].label, match.scale, n)
        for n, c in match.items.items()
        if c in variables and variables[c].label
    ]
    return len(told) == len(match.items) and sum(told) >= 0.6 * len(told)


def by_labels(
    scale: Scale, columns: Sequence[str], variables: Mapping[str, Variable]
) -> list[Match]:
    """A scale whose every item is told of by exactly one column's label, a time point each."""
    telling: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for column in columns:
        variable = variables.get(column)
        if variable is None or not variable.label:
            continue
        if variable.label == column and not is_question(column):
            continue
        for number in scale.numbers:
            if _tells_of(variable.label, scale, number):
                telling[_time_point(column)][number].append(column)
    found = []
    for wave, by_number in telling.items():
        complete = set(scale.numbers) <= set(by_number)
        single = all(len(cs) == 1 for cs in by_number.values())
        distinct = {cs[0] for cs in by_number.values()}
        if complete and single and len(distinct) == len(scale.numbers) and len(distinct) > 1:
            items = {n: by_number[n][0] for n in scale.numbers}
            found.append(Match(scale, wave or None, items, "variable labels", ""))
    return found


def _time_point(column: str) -> str:
    """The part of a name that speaks of time: `q12_t2` → `t2`, `pre_q3` → `pre`.

    In a whole question such words belong to the question: there only `…__after` speaks of time.
    """
    if is_question(column):
        return column.rpartition("__")[2] if "__" in column else ""
    marks = re.findall(
        r"(?:^|_)(t\d+|w\d+|wave_?\d+|pre|post|base(?:line)?|bl|before|after|during|follow_?up\d*|"
        r"fu\d*\w*?|m\d+|\d+m|exit|end|start|entry)(?=_|$)",
        flat(column),
    )
    return "_".join(marks)

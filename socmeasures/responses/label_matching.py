"""Items recognised by their variable labels: key words of each item's short paraphrase."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

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

STEM, LONG_STEM, LONG = 6, 9, 10  # letters compared of words up to ten letters, and of longer
FEWEST_IN_BLOCK = 3  # fewer labels side by side may tell of items by chance


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


@lru_cache(maxsize=8192)
def _key_words(text: str, *, cut: bool = True) -> frozenset[str]:
    """Content words, cut: "isolated" and "isolation" meet, "companionship" and "company" do not."""
    words = [w for w in normalised(text).split() if w not in SMALL_WORDS and not w.isdigit()]
    return frozenset(w[: STEM if len(w) <= LONG else LONG_STEM] if cut else w for w in words)


def _tells_of(label: str, scale: Scale, number: int, *, cut: bool = True) -> bool:
    """Whether a variable label holds all key words of an item's paraphrase."""
    words = _key_words(label, cut=cut)
    item = scale.item(number)
    keys = [_key_words(text, cut=cut) for text in (item.label, *item.also)]
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
    at: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        at[_time_point(column)].append(column)
    telling: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for wave, its_columns in at.items():
        for column, numbers in _told_by(its_columns, scale, variables).items():
            for number in numbers:
                telling[wave][number].append(column)
    found = []
    for wave, by_number in telling.items():
        complete = set(scale.numbers) <= set(by_number)
        single = all(len(cs) == 1 for cs in by_number.values())
        distinct = {cs[0] for cs in by_number.values()}
        if complete and single and len(distinct) == len(scale.numbers) and len(distinct) > 1:
            items = {n: by_number[n][0] for n in scale.numbers}
            found.append(Match(scale, wave or None, items, "variable labels", ""))
    return found


def in_blocks(
    scale: Scale, columns: Sequence[str], variables: Mapping[str, Variable]
) -> list[Match]:
    """A scale whose items stand side by side, each told of by its label, once or several times.

    A label elsewhere that also tells of an item does not disturb, and of two in the block that
    tell of an item the one no other item can have is taken. Blocks whose names say nothing of
    time are numbered in the order of the file.
    """
    size = len(scale.numbers)
    if size < FEWEST_IN_BLOCK:
        return []
    told = list(_told_by(columns, scale, variables).values())
    blocks: list[dict[int, str]] = []
    start = 0
    while start + size <= len(columns):
        places = _one_each(told[start : start + size], scale.numbers)
        blocks += [{n: columns[start + i] for n, i in places.items()}] if places else []
        start += size if places else 1
    waves = [{_time_point(c) for c in block.values()} for block in blocks]
    told_apart = all(len(w) == 1 for w in waves) and len(set.union(*waves, set())) == len(blocks)
    found = []
    for i, block in enumerate(blocks, start=1):
        wave = next(iter(waves[i - 1])) if told_apart else str(i) if len(blocks) > 1 else ""
        which = f", block {i} of {len(blocks)}" if len(blocks) > 1 else ", in a block"
        found.append(Match(scale, wave or None, block, f"variable labels{which}", ""))
    return found


def _one_each(told: Sequence[frozenset[int]], numbers: Sequence[int]) -> dict[int, int] | None:
    """Item → place, when there is one way only to give each item a place of its own."""
    open_places = {n: {i for i, items in enumerate(told) if n in items} for n in numbers}
    settled: dict[int, int] = {}
    while open_places:
        sure = [n for n, places in open_places.items() if len(places) == 1]
        if not sure:
            return None
        (place,) = open_places.pop(sure[0])
        settled[sure[0]] = place
        for places in open_places.values():
            places.discard(place)
    return {n: settled[n] for n in numbers}


def _told_by(
    columns: Sequence[str], scale: Scale, variables: Mapping[str, Variable]
) -> dict[str, frozenset[int]]:
    """Items that the label of each column tells of; where one has the very words, only that one.

    A label that only repeats the name of its column tells of nothing.
    """
    labels: dict[str, str] = {}
    for column in columns:
        variable = variables.get(column)
        label = "" if variable is None else variable.label
        labels[column] = "" if label == column and not is_question(column) else label
    nearly = {
        c: {n for n in scale.numbers if label and _tells_of(label, scale, n)}
        for c, label in labels.items()
    }
    surely = {
        c: {n for n in numbers if _tells_of(labels[c], scale, n, cut=False)}
        for c, numbers in nearly.items()
    }
    sure = set().union(*surely.values())
    return {
        c: frozenset(n for n in numbers if n in surely[c] or n not in sure)
        for c, numbers in nearly.items()
    }


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

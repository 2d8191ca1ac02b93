"""What can be wrong with a definition that parses: the structure, not the answers.

`faults` would give wrong scores and stop a scale from loading; `warnings` are worth a look.
Golden vectors need scoring and are run by `scale check`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeVar

from socmeasures.errors import listed
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Bands, Bin, Score

_T = TypeVar("_T")


def faults(scale: Scale, *, partial: bool = False) -> list[str]:
    """Everything that would make a score wrong; `partial` when entries were set aside."""
    found = [*_item_faults(scale), *_coding_faults(scale), *_derived_faults(scale)]
    found += _key_faults(scale)
    for score in scale.scores:
        found += _score_faults(scale, score)
    found += _reference_faults(scale)
    if not partial and not found:
        found += _unused_items(scale)
    return found


def warnings(scale: Scale) -> list[str]:
    """What is legal and still deserves a look."""
    found = []
    if len(scale.examples) < 3:
        found.append(f"[[examples]]: {len(scale.examples)} golden vectors; give at least three")
    if scale.examples and not any("NA" in example.answers for example in scale.examples):
        found.append('[[examples]]: none has a missing answer ("NA")')
    if scale.opt_in:
        found.append("evidence: unverified, so the scale is used only with the caller's word")
    for norm in scale.norms:
        found += list(_norm_warnings(scale, norm.score, norm.mean, norm.sd))
    return found


def _item_faults(scale: Scale) -> Iterator[str]:
    for number in _twice(scale.numbers):
        yield f"[[items]] {number}: this number is given twice"
    names = Counter(name.lower() for item in scale.items for name in item.names)
    for name in (name for name, times in names.items() if times > 1):
        yield f"[[items]] names: {name!r} stands at two items; a column can be only one"
    for item in scale.items:
        codes = [option.code for option in scale.options(item.number)]
        for code in _twice(codes):
            yield f"[[items]] {item.number}, options: code {code} is given twice"
        words = [w.casefold() for o in scale.options(item.number) for w in set(o.words)]
        for word in _twice(words):
            yield f"[[items]] {item.number}, options: the label {word!r} belongs to two codes"


def _coding_faults(scale: Scale) -> Iterator[str]:
    for name in _twice([coding.name for coding in scale.codings]):
        yield f"[[codings]] {name!r}: this name is given twice"
    every_code = {code for number in scale.numbers for code in scale.codes(number)}
    for coding in scale.codings:
        place = f"[[codings]] {coding.name!r}"
        if coding.name == "canonical":
            yield "[[codings]] 'canonical': this name is taken; canonical codes are in [responses]"
        if not coding.map and not coding.parts:
            yield f"{place}, map: it is empty"
        for codes in [coding.map, *(part.map for part in coding.parts)]:
            for code in sorted(set(codes.values()) - every_code):
                yield f"{place}, map: {code} is no canonical code"
            for code in _twice(list(codes.values())):
                yield f"{place}, map: two codes both mean {code}"
        named = [*coding.items, *(n for part in coding.parts for n in part.items)]
        for number in sorted(set(named) - set(scale.numbers)):
            yield f"{place}, items: there is no item {number}"
        for number in _twice([n for part in coding.parts for n in part.items]):
            yield f"{place}, parts: item {number} is in two parts"
        for number in scale.numbers:
            lost = sorted(set(scale.codes(number)) - set(coding.map_for(number).values()))
            if coding.map_for(number) and lost and scale.options(number):
                yield (
                    f"{place}, map: item {number} can be answered {_words(lost)}, which no code of "
                    "this coding stands for; give the items it is for, or a part of their own"
                )
    for order in scale.orders:
        if sorted(order.items.values()) != sorted(scale.numbers):
            yield f"[[orders]] {order.name!r}: every item must be named once"


def _derived_faults(scale: Scale) -> Iterator[str]:
    for item in scale.derived:
        sources = item.derived.items if item.derived is not None else ()
        for number in [n for n in sources if n not in scale.numbers]:
            yield f"[[items]] {item.number}, derived: there is no item {number} that is asked"
        if item.derived is not None and item.derived.rule == "follow_up" and len(sources) != 2:
            yield (
                f"[[items]] {item.number}, derived: follow_up takes two items, the question and "
                "the one that follows"
            )
    for item in scale.items:
        outside = item.not_applicable
        if outside is None:
            continue
        for code in [c for c in outside.codes if c not in scale.codes(item.number)]:
            yield f"[[items]] {item.number}, not_applicable: {code} is none of its codes"
        if not set(scale.codes(item.number)) - set(outside.codes):
            yield f"[[items]] {item.number}, not_applicable: no code is left that is an answer"
        means = [s for s in scale.scores if item.number in s.items and s.method == "mean"]
        if outside.counts_as == "skip" and means:
            yield (
                f"[[items]] {item.number}, not_applicable: 'skip' has no meaning in a mean; say "
                "how many points it is, or 'missing'"
            )


def _key_faults(scale: Scale) -> Iterator[str]:
    """What a user's own key must say, so that its name and its parts stand in every output."""
    if scale.key is not None and any(s.id in ("key", "key_hash") for s in scale.scores):
        yield "[[scores]]: 'key' and 'key_hash' are columns of their own; call the score otherwise"
    if scale.id != "mssi":
        return
    if scale.key is None:
        yield "key: a key for the MSSI needs a name, which stands in every output"
    if scale.evidence != "user-supplied":
        yield (
            f"evidence: {scale.evidence!r} cannot be said of a key for the MSSI, because none is "
            "published; write evidence = 'user-supplied'"
        )
    parts = [s for s in scale.scores if not s.id.startswith("total")]
    if len(parts) < len(scale.scores) and not parts:
        yield "[[scores]]: a total of the MSSI is only given with sub-scores beside it"


def _score_faults(scale: Scale, score: Score) -> Iterator[str]:
    place = f"[[scores]] {score.id!r}"
    known = {item.number for item in scale.items}
    unknown = [n for n in score.items if n not in known]
    if unknown:
        yield f"{place}, items: there is no item {_words(unknown)}"
    for number in _twice(score.items):
        yield f"{place}, items: item {number} is counted twice"
    for number in [n for n in score.reverse if n not in score.items]:
        yield (
            f"{place}, reverse: item {number} is not one of the score's items "
            f"({_words(score.items)})"
        )
    recoded = [n for recode in score.recode for n in recode.items]
    for number in [n for n in recoded if n not in score.items]:
        yield f"{place}, recode: item {number} is not one of the score's items"
    for number in _twice(recoded):
        yield f"{place}, recode: item {number} is recoded twice"
    for bins in [recode.bins for recode in score.recode if recode.bins]:
        yield from _bin_faults(bins, place)
    if unknown:
        return
    for number in score.items:
        worth = scale.points(score, number)
        bare = [code for code, points in worth.items() if math.isnan(points)]
        if bare:
            codes = f"code {bare[0]}" if len(bare) == 1 else f"codes {listed(bare)}"
            yield f"{place}, recode: item {number} has no points for {codes}"
    if score.missing.allow >= len(score.items):
        yield (
            f"{place}, missing: allow = {score.missing.allow} would score a person who answered "
            f"nothing ({len(score.items)} items)"
        )
    if score.missing.method == "prorate" and not scale.can_be_prorated(score):
        yield f"{place}, missing: items of different ranges cannot be prorated by their mean"
    if score.method == "lookup":
        yield from _table_faults(scale, score, place)
    elif score.table:
        yield f"{place}, table: only method 'lookup' uses a table"
    derived = scale.derived_range(score)
    if not any(map(math.isnan, derived)) and not all(
        math.isclose(a, b, abs_tol=1e-9) for a, b in zip(derived, score.range, strict=True)
    ):
        yield (
            f"{place}, range: [{score.range[0]:g}, {score.range[1]:g}] is stated, but the items, "
            f"options and method give [{derived[0]:g}, {derived[1]:g}]"
        )
    if sum(bands.default for bands in score.bands) > 1:
        yield f"{place}, bands: more than one set is the default"
    for bands in score.bands:
        yield from _band_faults(scale, score, bands)


def _bin_faults(bins: tuple[Bin, ...], place: str) -> Iterator[str]:
    """Bins stand in rising order and, where they say so, tile without gap or overlap."""
    for this, following in pairwise(bins):
        if following.from_ <= this.from_:
            yield f"{place}, bins: the bin from {following.from_} does not follow {this.from_}"
        elif this.to is not None and following.from_ != this.to + 1:
            what = "gap" if following.from_ > this.to + 1 else "overlap"
            yield f"{place}, bins: {what} between {this.to} and {following.from_}"


def _table_faults(scale: Scale, score: Score, place: str) -> Iterator[str]:
    if not score.table:
        yield f"{place}, table: method 'lookup' needs a table from each sum to its score"
        return
    low, high = scale.sum_limits(score)
    missing = [v for v in range(int(low), int(high) + 1) if v not in score.table]
    if missing:
        yield f"{place}, table: no score for the sum {_words(missing)}"
    values = [score.table[k] for k in sorted(score.table)]
    if any(later < earlier for earlier, later in pairwise(values)):
        yield f"{place}, table: a score falls while the sum rises; look for a slip"


def _band_faults(scale: Scale, score: Score, bands: Bands) -> Iterator[str]:
    place = f"[[scores]] {score.id!r}, bands {bands.set!r}"
    low, high = score.range
    starts = [cut.start for cut in bands.cuts]
    if starts[0] > low or bands.cuts[0].above is not None:
        yield f"{place}: gap below the first band: scores from {low:g} to {starts[0]:g} have none"
    if starts[0] < low:
        yield f"{place}: the first band begins at {starts[0]:g}, below the range ({low:g})"
    step = scale.step(score)
    for this, following in pairwise(bands.cuts):
        if following.start <= this.start:
            yield f"{place}: {following.label!r} does not begin above {this.label!r}"
        if this.to is None:
            continue
        gap = following.start - this.to
        if gap <= 0 and following.from_ is not None:
            yield f"{place}: {this.label!r} and {following.label!r} overlap at {this.to:g}"
        elif step is not None and gap > step + 1e-9:
            yield (
                f"{place}: gap between {this.label!r} (to {this.to:g}) and {following.label!r} "
                f"(from {following.start:g})"
            )
    if starts[-1] > high:
        yield f"{place}: {bands.cuts[-1].label!r} begins above the range ({high:g})"
    if bands.default and bands.evidence == "unverified":
        yield f"{place}: an unverified set cannot be the default"
    for name, text in (("source", bands.source), ("population", bands.population)):
        if not text.strip():
            yield f"{place}, {name}: a cut-off needs one"


def _reference_faults(scale: Scale) -> Iterator[str]:
    ids = [score.id for score in scale.scores]
    for score_id in _twice(ids):
        yield f"[[scores]] {score_id!r}: this id is given twice"
    for table, named in (("norms", scale.norms), ("change", scale.change)):
        for entry in named:
            if entry.score not in ids:
                yield f"[[{table}]]: there is no score {entry.score!r}"
    for risk in scale.risks:
        if risk.item not in scale.numbers:
            yield f"[[risks]]: there is no item {risk.item}"
    for place, example in enumerate(scale.examples, start=1):
        if len(example.answers) != len(scale.numbers):
            yield (
                f"[[examples]] number {place}: {len(example.answers)} answers for "
                f"{len(scale.numbers)} items"
            )
        for text in {a for a in example.answers if isinstance(a, str) and a != "NA"}:
            yield f'[[examples]] number {place}: {text!r} is no answer; write "NA" for missing'
        for score_id in [s for s in example.expected if s not in ids]:
            yield f"[[examples]] number {place}: there is no score {score_id!r}"
        if example.coding not in scale.coding_names:
            yield f"[[examples]] number {place}: there is no coding {example.coding!r}"


def _unused_items(scale: Scale) -> Iterator[str]:
    used = {n for score in scale.scores for n in score.items} | {r.item for r in scale.risks}
    used |= {n for item in scale.derived if item.derived for n in item.derived.items}
    for item in scale.items:
        if item.number not in used and not item.optional:
            yield (
                f"[[items]] {item.number}: no score uses it; add it to one, or mark it "
                "optional = true if it is a filler"
            )


def _norm_warnings(
    scale: Scale, score_id: str, mean: float | None, sd: float | None
) -> Iterator[str]:
    low, high = scale.score(score_id).range
    if mean is not None and not low <= mean <= high:
        yield f"[[norms]] {score_id!r}: the mean {mean:g} lies outside {low:g}-{high:g}"
    if sd is not None and sd > (high - low) / 2:
        yield f"[[norms]] {score_id!r}: an SD of {sd:g} is more than half the range"


def _twice(values: Iterable[_T]) -> list[_T]:
    return [value for value, times in Counter(values).items() if times > 1]


def _words(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)

"""The form of a scale definition: one pydantic model, parsed from one TOML file.

This is the only definition of the form; the JSON Schema for editors is generated from it.
Holds data and what follows from data by arithmetic; knows no frame and no answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from socmeasures.scales.parts import (
    Change,
    Clash,
    Coding,
    Evidence,
    Example,
    Identifier,
    Item,
    Licence,
    Norm,
    Option,
    Order,
    Part,
    Recode,
    Responses,
    Risk,
    Score,
)


class Scale(Part):
    """A whole instrument: what it is, how it is scored, and the evidence for both.

    Attributes
    ----------
    id, name, form : str
        ``ucla3`` · the instrument · which version. Versions reverse different items.
    measures, population : str
        What it measures, in whom.
    evidence : {"published", "secondary", "unverified", "user-supplied"}
        The grade of the key. An ``unverified`` key is used only with the caller's word.
    responses, codings, items, scores : …
        The key itself. Codes are whole numbers; reversal is ``min + max - code`` per score.
    norms, change, examples : …
        Published values with sources; golden vectors.

    Examples
    --------
    >>> import socmeasures as soc
    >>> scale = soc.load_scale("ucla3")
    >>> scale.name, len(scale.items), scale.score("total").range
    ('UCLA Loneliness Scale, three items', 3, (3.0, 9.0))
    """

    format: Literal[1] = 1
    id: Identifier
    name: str
    form: str
    measures: str = Field(alias="construct")  # `construct` is a method of every pydantic model
    population: str
    citation: str
    doi: str | None = None
    evidence: Evidence
    evidence_note: str = ""
    family: str = ""
    differs: str = ""  # how this form differs from its siblings, for the error that lists them
    key: str | None = Field(default=None, min_length=1)  # the name of a user's key
    licence: Licence
    responses: Responses
    codings: tuple[Coding, ...] = ()
    orders: tuple[Order, ...] = ()
    items: tuple[Item, ...] = Field(min_length=1)
    scores: tuple[Score, ...] = Field(min_length=1)
    clashes: tuple[Clash, ...] = ()
    risks: tuple[Risk, ...] = ()
    norms: tuple[Norm, ...] = ()
    change: tuple[Change, ...] = ()
    pitfalls: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def opt_in(self) -> bool:
        """True when the key is unverified, so that the caller must accept it by word."""
        return self.evidence == "unverified"

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the items that are asked, in the order of the file."""
        return tuple(item.number for item in self.items if item.derived is None)

    @property
    def derived(self) -> tuple[Item, ...]:
        """Items that are not asked but follow from others."""
        return tuple(item for item in self.items if item.derived is not None)

    @cached_property
    def _by_number(self) -> dict[int, Item]:
        return {item.number: item for item in self.items}

    def item(self, number: int) -> Item:
        """Item by its number."""
        return self._by_number[number]

    def score(self, score_id: str) -> Score:
        """Score by its id."""
        return next(score for score in self.scores if score.id == score_id)

    def options(self, number: int) -> tuple[Option, ...]:
        """Options of one item: its own, or those all items share; none for an open count."""
        item = self.item(number)
        if item.counts_to is not None or item.derived is not None:
            return ()
        return item.options or self.responses.options

    def codes(self, number: int) -> tuple[int, ...]:
        """Canonical codes of one item, ascending."""
        return self._codes[number]

    @cached_property
    def _codes(self) -> dict[int, tuple[int, ...]]:
        return {n: self._codes_of(item) for n, item in self._by_number.items()}

    def absent_codes(self, number: int) -> tuple[int, ...]:
        """Codes of one item that count as no answer because the question did not apply."""
        outside = self.item(number).not_applicable
        return outside.codes if outside is not None and outside.counts_as == "missing" else ()

    def _codes_of(self, item: Item) -> tuple[int, ...]:
        if item.derived is not None:
            if item.derived.rule != "follow_up":
                return (0, 1)
            second = self._by_number.get(item.derived.items[-1])
            return tuple(sorted({0, *(self._codes_of(second) if second else ())}))
        if item.counts_to is not None:
            counts = range(item.counts_to + 1)
            outside = item.not_applicable
            return tuple(sorted({*counts, *(outside.codes if outside is not None else ())}))
        return tuple(sorted(option.code for option in self.options(item.number)))

    def coding(self, name: str) -> Coding:
        """Coding by its name; `canonical` maps every code to itself."""
        if name == "canonical":
            return Coding(name="canonical", map={})
        return next(coding for coding in self.codings if coding.name == name)

    @property
    def coding_names(self) -> tuple[str, ...]:
        """`canonical` and the named codings."""
        return ("canonical", *(coding.name for coding in self.codings))

    def raw_to_canonical(self, number: int, coding: str = "canonical") -> dict[int, int]:
        """What each code in a file stands for, for one item under one coding."""
        known = self._meanings.get((number, coding))
        if known is None:
            known = self._meanings[number, coding] = self._meaning(number, coding)
        return known

    @cached_property
    def _meanings(self) -> dict[tuple[int, str], dict[int, int]]:
        return {}

    def _meaning(self, number: int, coding: str) -> dict[int, int]:
        derived = self.item(number).derived is not None  # nobody answers it in any coding
        given = {} if derived else self.coding(coding).map_for(number)
        codes = self.codes(number)
        if not given:
            return {code: code for code in codes}
        return {raw: code for raw, code in given.items() if code in codes}

    def points(self, score: Score, number: int) -> dict[int, float]:
        """What each canonical code of an item is worth in one score."""
        known = self._points.get((score.id, number))
        if known is None or known[0] is not score:
            known = self._points[score.id, number] = (score, self._worked_out(score, number))
        return known[1]

    @cached_property
    def _points(self) -> dict[tuple[str, int], tuple[Score, dict[int, float]]]:
        return {}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Scale:
        """Copy, with changes; what was worked out for the old key is not taken along."""
        made = super().model_copy(update=update, deep=deep)
        for name in set(made.__dict__) - set(type(made).model_fields):
            del made.__dict__[name]
        return made

    def _worked_out(self, score: Score, number: int) -> dict[int, float]:
        outside = self.item(number).not_applicable
        aside = set(outside.codes) if outside is not None else set()
        codes = [code for code in self.codes(number) if code not in aside]
        for recode in score.recode:
            if number in recode.items:
                worth = {code: _recoded(recode, code) for code in codes}
                break
        else:
            worth = {code: float(code) for code in codes}
        if number in score.reverse:
            ends = min(worth.values()) + max(worth.values())
            worth = {code: ends - value for code, value in worth.items()}
        if outside is not None and outside.counts_as != "missing":
            points = 0.0 if outside.counts_as == "skip" else float(outside.counts_as)
            worth |= dict.fromkeys(outside.codes, points)
        return worth

    def sum_limits(self, score: Score) -> tuple[float, float]:
        """Smallest and largest possible sum of points of a score."""
        spans = self._spans_of(score)
        return sum(low for low, _ in spans), sum(high for _, high in spans)

    def _spans_of(self, score: Score) -> list[tuple[float, float]]:
        """Worth of the least and the most valuable answer of each item of a score."""
        known = self._spans.get(score.id)
        if known is None or known[0] is not score:
            worth = [self.points(score, number).values() for number in score.items]
            known = self._spans[score.id] = (score, [(min(w), max(w)) for w in worth])
        return known[1]

    @cached_property
    def _spans(self) -> dict[str, tuple[Score, list[tuple[float, float]]]]:
        return {}

    def derived_range(self, score: Score) -> tuple[float, float]:
        """The range that follows from items, options and method; must equal the stated one."""
        low, high = self.sum_limits(score)
        if score.method == "pomp":
            low, high = 0.0, 100.0
        elif score.method == "mean":
            low, high = low / len(score.items), high / len(score.items)
        elif score.method == "lookup" and score.table:
            low, high = min(score.table.values()), max(score.table.values())
        return low * score.scale_by, high * score.scale_by

    def can_be_prorated(self, score: Score) -> bool:
        """Whether the mean of some items can stand for the others: all have the same span."""
        return len(set(self._spans_of(score))) == 1

    def step(self, score: Score) -> float | None:
        """Smallest possible difference between two scores; None for a lookup table."""
        low, high = self.sum_limits(score)
        if score.method == "lookup":
            return None
        one = {"mean": 1 / len(score.items), "pomp": 100 / (high - low)}.get(score.method, 1.0)
        return one * abs(score.scale_by)

    @cached_property
    def definition_hash(self) -> str:
        """SHA-256 over every field that can change a score; names and wordings are left out."""
        kept = {
            "id": self.id,
            "options": {n: self.codes(n) for n in self.numbers},
            "codings": [
                c.model_dump(include={"name", "map", "items", "parts"}) for c in self.codings
            ],
            "orders": [o.model_dump(include={"name", "items"}) for o in self.orders],
            "derived": [i.model_dump(include={"number", "derived"}) for i in self.derived],
            **(
                {
                    "not_applicable": [
                        [i.number, i.not_applicable.model_dump()]
                        for i in self.items
                        if i.not_applicable is not None
                    ]
                }
                if any(i.not_applicable is not None for i in self.items)
                else {}
            ),
            "bare_codes": self.responses.bare_codes,
            "risks": [r.model_dump(include={"item", "from_"}) for r in self.risks],
            "scores": [
                {
                    **s.model_dump(
                        include={"id", "items", "method", "reverse", "scale_by", "table", "range"}
                    ),
                    "points": {n: self.points(s, n) for n in s.items},
                    "missing": s.missing.model_dump(include={"method", "allow"}),
                    "bands": [
                        [b.set, b.default, [(c.from_, c.above, c.label) for c in b.cuts]]
                        for b in s.bands
                    ],
                }
                for s in self.scores
            ],
        }
        text = json.dumps(kept, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _recoded(recode: Recode, code: int) -> float:
    if recode.ones is not None:
        return 1.0 if code in recode.ones else 0.0
    if recode.map is not None:
        return float(recode.map.get(code, float("nan")))
    points = float("nan")
    for step in recode.bins or ():
        if code >= step.from_:
            points = step.points
    return points

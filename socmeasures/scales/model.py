"""The form of a scale definition: one pydantic model, parsed from one TOML file.

This is the only definition of the form; the JSON Schema for editors is generated from it.
Holds data and what follows from data by arithmetic; knows no frame and no answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Evidence = Literal["published", "secondary", "unverified", "user-supplied"]
MissingMethod = Literal["complete", "prorate", "count_answered"]


def _whole_keys(value: Any) -> Any:
    """TOML keys are always text: `{ 1 = 3 }` arrives as `{"1": 3}`."""
    if not isinstance(value, dict):
        return value
    return {
        int(k) if isinstance(k, str) and k.lstrip("-").isdigit() else k: v for k, v in value.items()
    }


def _strict_int(value: Any) -> Any:
    """Codes are whole numbers; `true`, `2.0` and `"2"` are slips, not codes."""
    if isinstance(value, bool | float | str):
        raise ValueError("a whole number is needed here, without decimals or quotes")
    return value


Code = Annotated[int, BeforeValidator(_strict_int)]
CodeMap = Annotated[dict[int, Code], BeforeValidator(_whole_keys)]
PointMap = Annotated[dict[int, float], BeforeValidator(_whole_keys)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(_Part):
    """One answer a person can give: its canonical code and the words it is met under."""

    code: Code
    label: str
    also: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Every wording of this option."""
        return (self.label, *self.also)


class Responses(_Part):
    """The options all items share, and whether bare numbers may be taken as canonical codes."""

    options: tuple[Option, ...] = Field(min_length=2)
    bare_codes: Literal["canonical", "stated"] = "canonical"


class CodingPart(_Part):
    """The map of some items, where a coding treats items differently."""

    items: tuple[int, ...] = Field(min_length=1)
    map: CodeMap


class Coding(_Part):
    """Another coding met in the wild, by name: its code → the canonical code."""

    name: str
    map: CodeMap = Field(default_factory=dict)
    items: tuple[int, ...] = ()  # empty: every item; otherwise the others keep canonical codes
    parts: tuple[CodingPart, ...] = ()  # items whose map is another
    evidence: Evidence | None = None  # where it is weaker than the key's
    note: str = ""

    def map_for(self, number: int) -> dict[int, int]:
        """The map of one item; empty where the item keeps canonical codes."""
        for part in self.parts:
            if number in part.items:
                return part.map
        return self.map if not self.items or number in self.items else {}


class Order(_Part):
    """Another order the items are printed in: the place in it → the item's number here."""

    name: str
    items: CodeMap
    note: str = ""


class Derived(_Part):
    """An item nobody is asked: 1 if all (or any) of these items reach this code, else 0.

    ``follow_up`` takes two items: the code of the second where the first reaches `from`, else 0
    (a question with a second one that only some are asked). With `flag` a column
    ``{scale}_{flag}`` is 1 for those to whom the second one does not apply.
    """

    items: tuple[Code, ...] = Field(min_length=1)
    rule: Literal["all", "any", "follow_up"]
    from_: Code = Field(default=1, alias="from")
    flag: Identifier | None = None

    @property
    def words(self) -> str:
        """The rule as a half sentence: `1 if all of the items 9, 10 reach 1, else 0`."""
        if self.rule == "follow_up":
            first, second = self.items[0], self.items[-1]
            return f"the code of item {second} where item {first} is {self.from_} or more, else 0"
        items = ", ".join(map(str, self.items))
        return f"1 if {self.rule} of the items {items} reach {self.from_}, else 0"


class NotApplicable(_Part):
    """Codes that say the question does not apply, and what they count as.

    A number is that many points, an answer like any other; ``skip`` adds nothing to a sum and is
    an answer too; ``missing`` is no answer. With `flag` a column ``{scale}_{flag}`` is 1 for
    those people.
    """

    codes: tuple[Code, ...] = Field(min_length=1)
    counts_as: float | Literal["missing", "skip"] = "missing"
    flag: Identifier | None = None


class Item(_Part):
    """One question: its number, a short paraphrase, and its usual column names."""

    number: Code = Field(ge=1)
    label: str = Field(max_length=60)
    names: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # other paraphrases, to recognise the item by its variable label
    options: tuple[Option, ...] | None = None  # where this item's options differ from the others'
    counts_to: Code | None = Field(default=None, ge=1, le=9999)  # an open count, 0 to this
    optional: bool = False  # may be absent from a file (a filler, a functioning question)
    derived: Derived | None = None  # not asked: follows from other items
    not_applicable: NotApplicable | None = None


class Bin(_Part):
    """A count from here up to the next bin earns these points."""

    from_: Code = Field(alias="from")
    to: Code | None = None  # as printed in the source; only checked
    points: float


class Recode(_Part):
    """Points for the codes of some items: `ones` (counted 1, else 0), `map`, or `bins`."""

    items: tuple[int, ...] = Field(min_length=1)
    ones: tuple[Code, ...] | None = None
    map: PointMap | None = None
    bins: tuple[Bin, ...] | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Recode:
        if sum(rule is not None for rule in (self.ones, self.map, self.bins)) != 1:
            raise ValueError("give exactly one of ones, map or bins")
        return self


class MissingRule(_Part):
    """What happens when answers are missing, and who says so."""

    method: MissingMethod = "complete"
    allow: Code = Field(default=0, ge=0)  # items that may be missing
    source: str

    @model_validator(mode="after")
    def _allow_fits_method(self) -> MissingRule:
        if self.method == "complete" and self.allow:
            raise ValueError("method 'complete' allows no missing item; use 'prorate'")
        return self


class Cut(_Part):
    """A band begins `from` this score (inclusive) or just `above` it, and runs to the next cut."""

    label: str
    from_: float | None = Field(default=None, alias="from")
    above: float | None = None
    to: float | None = None  # as printed in the source; only checked

    @model_validator(mode="after")
    def _one_start(self) -> Cut:
        if (self.from_ is None) == (self.above is None):
            raise ValueError("give exactly one of from or above")
        return self

    @property
    def start(self) -> float:
        """The score at (or above) which the band begins."""
        return self.from_ if self.from_ is not None else float(self.above or 0.0)


class Bands(_Part):
    """A named set of bands with its source and the population it was made for."""

    set: str
    evidence: Evidence
    source: str
    population: str
    cuts: tuple[Cut, ...] = Field(min_length=2)
    default: bool = False
    note: str = ""


class Score(_Part):
    """One score: which items, which points, which rule for missing answers, which direction."""

    id: Identifier
    items: tuple[int, ...] = Field(min_length=1)
    higher: str  # what a high score means
    better: Literal["lower", "higher", "none"]
    range: tuple[float, float]
    missing: MissingRule
    label: str = ""
    method: Literal["sum", "mean", "pomp", "lookup"] = "sum"
    reverse: tuple[int, ...] = ()
    recode: tuple[Recode, ...] = ()
    scale_by: float = 1.0
    table: PointMap | None = None  # lookup: whole-number sum → score
    bands: tuple[Bands, ...] = ()
    evidence: Evidence | None = None  # where it is weaker than the scale's
    note: str = ""

    @property
    def default_bands(self) -> Bands | None:
        """The band set that `_band` uses, or None."""
        return next((bands for bands in self.bands if bands.default), None)


class Norm(_Part):
    """Published values of one score in one population, with their source."""

    score: str
    population: str
    source: str
    evidence: Evidence
    n: Code | None = None
    mean: float | None = None
    sd: float | None = Field(default=None, gt=0)
    alpha: float | None = Field(default=None, gt=0, le=1)
    omega: float | None = Field(default=None, gt=0, le=1)
    retest_r: float | None = Field(default=None, gt=0, le=1)
    retest_interval: str = ""
    country: str = ""
    year: Code | None = None


class Change(_Part):
    """A published constant for judging change: what it is, of which score, from where."""

    score: str
    kind: Literal["minimal_important", "reliable"]
    value: float = Field(gt=0)
    source: str
    evidence: Evidence
    population: str = ""


class Risk(_Part):
    """An item returned as its own flag whatever the total: `{scale}_risk` is 1 from this code."""

    item: Code
    from_: Code = Field(alias="from")
    note: str = ""


class Clash(_Part):
    """A column stem several instruments share, and what may decide between them."""

    stem: str
    shared_with: str
    witness: Literal["labels", "count"]


class Example(_Part):
    """A golden vector: answers in item order and the scores they must give."""

    answers: tuple[int | float | str, ...]
    expected: dict[str, float | int | str]
    coding: str = "canonical"
    note: str = ""


class Licence(_Part):
    """May item wording be shipped, and on what terms is the instrument used."""

    items_text: bool
    note: str
    url: str = ""


class Scale(_Part):
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
        worth = [self.points(score, number).values() for number in score.items]
        return sum(min(w) for w in worth), sum(max(w) for w in worth)

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
        spans = {(min(w), max(w)) for w in (self.points(score, n).values() for n in score.items)}
        return len(spans) == 1

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

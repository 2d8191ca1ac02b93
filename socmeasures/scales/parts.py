"""The parts of a scale definition: options, codings, items, scores, bands, norms, examples.

Pydantic models of what stands in the file; what follows from a whole definition is in `model`.
"""

from __future__ import annotations

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


class Part(BaseModel):
    """Frozen; a field that is not in the form is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(Part):
    """One answer a person can give: its canonical code and the words it is met under."""

    code: Code
    label: str
    also: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Every wording of this option."""
        return (self.label, *self.also)


class Responses(Part):
    """The options all items share, and whether bare numbers may be taken as canonical codes."""

    options: tuple[Option, ...] = Field(min_length=2)
    bare_codes: Literal["canonical", "stated"] = "canonical"


class CodingPart(Part):
    """The map of some items, where a coding treats items differently."""

    items: tuple[int, ...] = Field(min_length=1)
    map: CodeMap


class Coding(Part):
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


class Order(Part):
    """Another order the items are printed in: the place in it → the item's number here."""

    name: str
    items: CodeMap
    note: str = ""


class Derived(Part):
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


class NotApplicable(Part):
    """Codes that say the question does not apply, and what they count as.

    A number is that many points, an answer like any other; ``skip`` adds nothing to a sum and is
    an answer too; ``missing`` is no answer. With `flag` a column ``{scale}_{flag}`` is 1 for
    those people.
    """

    codes: tuple[Code, ...] = Field(min_length=1)
    counts_as: float | Literal["missing", "skip"] = "missing"
    flag: Identifier | None = None


class Item(Part):
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


class Bin(Part):
    """A count from here up to the next bin earns these points."""

    from_: Code = Field(alias="from")
    to: Code | None = None  # as printed in the source; only checked
    points: float


class Recode(Part):
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


class MissingRule(Part):
    """What happens when answers are missing, and who says so."""

    method: MissingMethod = "complete"
    allow: Code = Field(default=0, ge=0)  # items that may be missing
    source: str

    @model_validator(mode="after")
    def _allow_fits_method(self) -> MissingRule:
        if self.method == "complete" and self.allow:
            raise ValueError("method 'complete' allows no missing item; use 'prorate'")
        return self


class Cut(Part):
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


class Bands(Part):
    """A named set of bands with its source and the population it was made for."""

    set: str
    evidence: Evidence
    source: str
    population: str
    cuts: tuple[Cut, ...] = Field(min_length=2)
    default: bool = False
    note: str = ""


class Score(Part):
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


class Norm(Part):
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


class Change(Part):
    """A published constant for judging change: what it is, of which score, from where."""

    score: str
    kind: Literal["minimal_important", "reliable"]
    value: float = Field(gt=0)
    source: str
    evidence: Evidence
    population: str = ""


class Risk(Part):
    """An item returned as its own flag whatever the total: `{scale}_risk` is 1 from this code."""

    item: Code
    from_: Code = Field(alias="from")
    note: str = ""


class Clash(Part):
    """A column stem several instruments share, and what may decide between them."""

    stem: str
    shared_with: str
    witness: Literal["labels", "count"]


class Example(Part):
    """A golden vector: answers in item order and the scores they must give."""

    answers: tuple[int | float | str, ...]
    expected: dict[str, float | int | str]
    coding: str = "canonical"
    note: str = ""


class Licence(Part):
    """May item wording be shipped, and on what terms is the instrument used."""

    items_text: bool
    note: str
    url: str = ""

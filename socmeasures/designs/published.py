"""Numbers from outside the data: reliabilities and norms, never without where they are from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from socmeasures.designs.study import Study
from socmeasures.effects.individual_change import check_reliability
from socmeasures.errors import PopulationError, ReliabilityError, SocmeasuresError

if TYPE_CHECKING:
    from socmeasures.scales.model import Scale
    from socmeasures.scales.parts import Change

KINDS = ("test-retest", "internal consistency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How reliable a score is, found in whom, from where.

    Parameters
    ----------
    value : float in (0, 1]
        The coefficient.
    kind : {"test-retest", "internal consistency"}
        Test-retest: the same people twice. Internal consistency: alpha or omega; it does not
        cover that people's answers wander from one day to the next.
    source : str
        The paper, or the data it was computed from.
    sd : float, optional
        SD of the scores of the same group: the standard error of measurement needs both from
        one group.
    n : int, optional
        People behind it.

    Raises
    ------
    ReliabilityError
        The value is outside (0, 1]; the kind is not known.
    PopulationError
        No source, or an SD that is not above 0.

    Examples
    --------
    >>> import socmeasures as soc
    >>> r = soc.Reliability(0.85, kind="test-retest", sd=0.86, source="Zimet et al. 1988, n = 69")
    >>> str(r)
    'test-retest reliability 0.85, SD 0.86 (Zimet et al. 1988, n = 69)'
    """

    value: float = field(kw_only=False)
    kind: Literal["test-retest", "internal consistency"]
    source: str
    sd: float | None = None
    n: int | None = None

    def __post_init__(self) -> None:
        check_reliability(self.value)
        if self.kind not in KINDS:
            raise ReliabilityError.unknown_kind(self.kind)
        if not str(self.source).strip():
            raise PopulationError.no_source("A reliability")
        if self.sd is not None and not self.sd > 0:
            raise PopulationError.spread("sd", self.sd)

    def __str__(self) -> str:
        spread = "" if self.sd is None else f", SD {self.sd:g}"
        return f"{self.kind} reliability {self.value:g}{spread} ({self.source})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """Scores of a population or of a published programme.

    Parameters
    ----------
    mean, sd : float
        Of the people it describes.
    source : str
        The paper or survey.
    n : int, optional
        People behind it; a comparison needs it.
    instrument : str
        Instrument and form, as the scores call theirs; compared with them when given.
    population, country, age : str
        Whom it describes.
    year : int, optional
        When they were asked.
    evidence : str
        How well the numbers are checked, where a scale definition says so.

    Raises
    ------
    PopulationError
        No source, or an SD that is not above 0.

    Examples
    --------
    >>> import socmeasures as soc
    >>> norm = soc.Norm(mean=23.6, sd=3.9, n=7196, source="Health Survey for England",
    ...                 country="England", year=2011, age="16 and over")
    >>> norm.described
    'England, 2011, age 16 and over, n = 7,196 (Health Survey for England)'
    """

    mean: float
    sd: float
    source: str
    n: int | None = None
    instrument: str = ""
    population: str = ""
    country: str = ""
    age: str = ""
    year: int | None = None
    evidence: str = ""

    def __post_init__(self) -> None:
        if not str(self.source).strip():
            raise PopulationError.no_source("A norm")
        if not self.sd > 0:
            raise PopulationError.spread("sd", self.sd)

    @property
    def described(self) -> str:
        """Who these people are: population, country, year, age, n, source."""
        parts = [
            self.population,
            self.country or "country not stated",
            "year not stated" if self.year is None else str(self.year),
            f"age {self.age}" if self.age else "age not stated",
            "n not stated" if self.n is None else f"n = {self.n:,}",
        ]
        return f"{', '.join(p for p in parts if p)} ({self.source})"


def scale_of(study: Study, outcome: str) -> tuple[Scale, str] | None:
    """The shipped scale and score id behind an outcome; None when its definition is another."""
    from socmeasures.scales.catalogue import load_scale, shipped_ids

    entry = study.record.column(outcome) if study.record else None
    known = shipped_ids()
    if entry is not None:
        pairs = [(entry.scale, entry.score)]
    else:
        pairs = [(outcome[:k], outcome[k + 1 :]) for k, c in enumerate(outcome) if c == "_"]
    for scale_id, score_id in pairs:
        if scale_id not in known:
            continue
        try:
            scale = load_scale(scale_id)
        except SocmeasuresError:  # a definition this version cannot read cites nothing
            continue
        wanted = study.outcome(outcome).definition_hash
        if any(s.id == score_id for s in scale.scores) and wanted in ("", scale.definition_hash):
            return scale, score_id
    return None


def step_of(study: Study, outcome: str) -> float | None:
    """The smallest possible difference between two scores of an outcome, where it is known."""
    entry = study.record.column(outcome) if study.record else None
    if entry is not None and entry.step is not None:
        return entry.step
    found = scale_of(study, outcome)
    return None if found is None else found[0].step(found[0].score(found[1]))


def cited_minimal_important(study: Study, outcome: str) -> Change | None:
    """The minimal important difference the outcome's scale cites; None where it cites none."""
    found = scale_of(study, outcome)
    if found is None:
        return None
    scale, score_id = found
    return next(
        (c for c in scale.change if c.score == score_id and c.kind == "minimal_important"), None
    )

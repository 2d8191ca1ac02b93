"""`Planned`: what every planned study can say of itself, whatever its design.

A design knows what a number of people (or clusters) in its arms makes of the power. It knows
nothing of keywords, tables or pictures.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from socmeasures.effects.power import power_of_difference, power_of_margin

Sizes = tuple[float, ...]


def up(number: float) -> int:
    """The next whole number; 80.0000000001, which is rounding, counts as 80."""
    return math.ceil(number - 1e-7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(ABC):
    """A planned study.

    `x` below is the one number that is searched for: people in the control arm, pairs, clusters
    in the control arm. `sizes` are what is *analysed*, one number an arm, in units of `unit`.

    Attributes
    ----------
    confidence : float
        1 − the level of the test, or the coverage of the interval.
    alternative : str
        "two-sided", "greater" or "less".
    dropout : float in [0, 1)
        Share of the people recruited who have no outcome.
    """

    title: ClassVar[str] = ""
    unit: ClassVar[str] = "people"
    effect: ClassVar[str] = "difference"
    rising: ClassVar[bool] = True  # power rises with size, a half-width falls
    size_name: ClassVar[str] = "n_per_arm"
    sources: ClassVar[str] = ""

    confidence: float = 0.95
    alternative: str = "two-sided"
    dropout: float = 0.0

    @property
    def alpha(self) -> float:
        """Level of the test."""
        return 1 - self.confidence

    @property
    def tails(self) -> int:
        """How many tails the test has."""
        return 2 if self.alternative == "two-sided" else 1

    @property
    def kept(self) -> float:
        """Share of the recruited who are analysed."""
        return 1 - self.dropout

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms, in the order of `sizes`."""
        return ("treated", "control")

    @property
    def least(self) -> float:
        """The smallest `x` there is anything to compute for."""
        return 2.0

    @abstractmethod
    def sizes(self, x: float) -> Sizes:
        """Exact sizes of the arms."""

    def whole(self, x: int) -> Sizes:
        """Sizes of the arms in whole units, `x` being whole."""
        return tuple(float(up(size)) for size in self.sizes(x))

    @abstractmethod
    def reached(self, sizes: Sizes) -> float:
        """Power (or half-width) with these sizes."""

    def recruited(self, sizes: Sizes) -> tuple[int, ...]:
        """People to recruit in each arm so that `sizes` are analysed."""
        return tuple(up(size / self.kept) for size in sizes)

    def analysed(self, given: Sizes) -> Sizes:
        """Sizes analysed of those recruited, as a caller gives them."""
        return tuple(size * self.kept for size in given)

    def too_small(self, sizes: Sizes) -> bool:
        """Whether there is nothing to test with these sizes."""
        return min(sizes) < self.least

    def with_effect(self, value: float) -> Self:
        """The same study with another true effect."""
        changed: dict[str, Any] = {self.effect: value}
        return replace(self, **changed)

    def most_effect(self, sign: int) -> float:
        """How far the effect can go on either side of 0."""
        del sign
        return math.inf

    def vary(self, field: str, value: float) -> Self:
        """The same study under another assumption."""
        changed: dict[str, Any] = {field: value}
        return replace(self, **changed)

    def columns(self, sizes: Sizes) -> dict[str, list[float]]:
        """More columns of the result's table, a number an arm."""
        del sizes
        return {}

    @abstractmethod
    def phrase(self) -> str:
        """The effect, the spread and the analysis, as the protocol says them."""

    @abstractmethod
    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """What a reader must know about this number."""

    def varied(self) -> dict[str, tuple[float, ...]]:
        """Assumptions to vary in the sensitivity table: field and values."""
        return {"dropout": around(self.dropout, (0.0, 0.1, 0.2, 0.3))}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDifference(Planned):
    """A planned study about a difference in means that has a standard error and df.

    Attributes
    ----------
    difference : float
        The true difference. With a margin: positive where the new offer is better.
    sd : float
        Standard deviation of the outcome in an arm.
    margin : float or None
        How much worse still counts as no worse (or, with `equivalence`, as the same).
    equivalence : bool
        Whether the difference is to be shown to lie within ± margin.
    standardised : bool
        Whether the difference was given in SDs.
    """

    difference: float = 0.0
    sd: float = 1.0
    margin: float | None = None
    equivalence: bool = False
    standardised: bool = False

    @abstractmethod
    def se_df(self, sizes: Sizes) -> tuple[float, float]:
        """Standard error and degrees of freedom with these sizes."""

    def reached(self, sizes: Sizes) -> float:
        """Power with these sizes."""
        se, df = self.se_df(sizes)
        if self.margin is not None:
            return power_of_margin(
                self.difference, self.margin, se, df, alpha=self.alpha, both=self.equivalence
            )
        return power_of_difference(
            self.difference, se, df, alpha=self.alpha, alternative=self.alternative
        )

    def columns(self, sizes: Sizes) -> dict[str, list[float]]:
        """Standard error and degrees of freedom."""
        se, df = self.se_df(sizes)
        return {"se": [se] * len(self.arms), "df": [df] * len(self.arms)}

    def aim(self) -> str:
        """What is to be shown, with the numbers."""
        points = "SD" if self.standardised else "points"
        spread = (
            "" if self.standardised else f" (SD {self.sd:g}; {self.difference / self.sd:.3g} SD)"
        )
        if self.margin is None:
            return f"a difference of {self.difference:g} {points}{spread}"
        true = f"a true difference of {self.difference:g}"
        sd = "" if self.standardised else f", SD {self.sd:g}"
        if self.equivalence:
            return f"equivalence within ±{self.margin:g} {points} ({true}{sd})"
        return f"non-inferiority by a margin of {self.margin:g} {points} ({true}{sd})"

    def level(self) -> str:
        """The level of the test in words."""
        return level_words(self)

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """What margins need said."""
        del sizes
        if self.margin is None:
            return ()
        told = (
            "The margin is set before the data are seen and argued for: how much worse would "
            "people accept? A positive difference means that the new offer is better."
        )
        if self.equivalence:
            interval = f"{100 * (1 - 2 * self.alpha):g} %"
            return (
                told,
                f"Equivalence is shown when the {interval} interval lies within ± margin.",
            )
        interval = f"{100 * self.confidence:g} %"
        return (
            told,
            f"Non-inferiority is shown when the two-sided {interval} interval lies above − margin.",
        )

    def varied(self) -> dict[str, tuple[float, ...]]:
        """SD a fifth smaller and a quarter larger, and drop-out."""
        spread = {} if self.standardised else {"sd": (0.8 * self.sd, self.sd, 1.25 * self.sd)}
        return {**spread, "dropout": around(self.dropout, (0.0, 0.1, 0.2, 0.3))}


def around(given: float, usual: tuple[float, ...]) -> tuple[float, ...]:
    """The usual values and the given one, in order."""
    return tuple(sorted({*usual, given}))


def level_words(design: Planned) -> str:
    """The level of a test in words."""
    margin = getattr(design, "margin", None)
    if margin is not None:
        alpha = design.alpha if getattr(design, "equivalence", False) else design.alpha / 2
        tests = "two one-sided tests" if getattr(design, "equivalence", False) else "one-sided test"
        return f"{tests} at the {100 * alpha:.3g} % level"
    side = "two-sided" if design.tails == 2 else "one-sided"
    return f"{side} test at the {100 * design.alpha:.3g} % level"

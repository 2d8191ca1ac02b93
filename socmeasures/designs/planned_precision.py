"""Planned studies that ask for a narrow interval, not for a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from socmeasures.designs.planned import Planned, Sizes, around
from socmeasures.effects.precision import alpha_limits, mean_half_width


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision(Planned):
    """An interval of a given half-width, in one group.

    Attributes
    ----------
    half_width : float
        Half the width the interval may have.
    """

    rising: ClassVar[bool] = False
    effect: ClassVar[str] = "half_width"
    size_name: ClassVar[str] = "n"

    half_width: float

    @property
    def arms(self) -> tuple[str, ...]:
        """One group."""
        return ("everybody",)

    def sizes(self, x: float) -> Sizes:
        """People."""
        return (x,)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanPrecision(Precision):
    """A mean with an interval narrow enough.

    Attributes
    ----------
    sd : float
        Standard deviation of the score.
    """

    title: ClassVar[str] = "the interval of a mean"
    sources: ClassVar[str] = "t distribution"

    sd: float

    def reached(self, sizes: Sizes) -> float:
        """Half-width with this many people."""
        return mean_half_width(self.sd, sizes[0], confidence=self.confidence)

    def phrase(self) -> str:
        """Aim, method."""
        return (
            f"a {100 * self.confidence:g} % interval of the mean of ± {self.half_width:g} points "
            f"(SD {self.sd:g}; t distribution)"
        )

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """An expected width."""
        del sizes
        return (
            "The width is the one expected; about half of all samples give a slightly wider one.",
        )

    def varied(self) -> dict[str, tuple[float, ...]]:
        """SD and drop-out."""
        return {
            "sd": (0.8 * self.sd, self.sd, 1.25 * self.sd),
            "dropout": around(self.dropout, (0.0, 0.1, 0.2, 0.3)),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AlphaPrecision(Precision):
    """Cronbach's alpha with an interval narrow enough.

    Attributes
    ----------
    cronbach_alpha : float
        The alpha expected.
    items : int
        Items of the scale.
    """

    title: ClassVar[str] = "the interval of Cronbach's alpha"
    sources: ClassVar[str] = "Feldt (1965)"

    cronbach_alpha: float
    items: int

    def limits(self, sizes: Sizes) -> tuple[float, float]:
        """Both ends of the interval."""
        return alpha_limits(self.cronbach_alpha, sizes[0], self.items, confidence=self.confidence)

    def reached(self, sizes: Sizes) -> float:
        """Half the width with this many people."""
        low, high = self.limits(sizes)
        return (high - low) / 2

    def columns(self, sizes: Sizes) -> dict[str, list[float]]:
        """Both ends of the interval."""
        low, high = self.limits(sizes)
        return {"ci_low": [low], "ci_high": [high]}

    def phrase(self) -> str:
        """Aim, method."""
        return (
            f"a {100 * self.confidence:g} % interval of Cronbach's alpha (expected "
            f"{self.cronbach_alpha:g}, {self.items} items) no wider than ± {self.half_width:g} "
            "on average of both sides (Feldt 1965)"
        )

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """Where the interval would lie."""
        low, high = self.limits(sizes)
        return (
            f"The interval would run from {low:.3f} to {high:.3f}; it is longer below than above.",
        )

    def varied(self) -> dict[str, tuple[float, ...]]:
        """The alpha expected, and drop-out."""
        moved = (self.cronbach_alpha - 0.1, self.cronbach_alpha, self.cronbach_alpha + 0.05)
        return {
            "cronbach_alpha": tuple(a for a in moved if 0 < a < 1),
            "dropout": around(self.dropout, (0.0, 0.1, 0.2, 0.3)),
        }

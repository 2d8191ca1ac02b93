"""Planned studies in which every person counts alone: arms, pairs, shares, correlations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import ClassVar, Self

from socmeasures.designs.planned import (
    Planned,
    PlannedDifference,
    Sizes,
    around,
    level_words,
)
from socmeasures.effects.anova_power import power_of_anova, power_of_correlation
from socmeasures.effects.power import baseline_balance, power_of_margin, variance_factor
from socmeasures.effects.share_power import power_of_shares, share_se

USUAL_R = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoArms(PlannedDifference):
    """Two arms of people, with or without waves before, and one or more after.

    Attributes
    ----------
    allocation_ratio : float
        People in the treated arm for each in the control arm.
    r : float or None
        Correlation of any two waves; None when no wave is used but the outcome.
    analysis : str
        "ancova", "change" or "post".
    baselines, followups : int
        Waves before and after.
    """

    sources: ClassVar[str] = "noncentral t distribution"

    allocation_ratio: float = 1.0
    r: float | None = None
    analysis: str = "post"
    baselines: int = 1
    followups: int = 1

    @property
    def title(self) -> str:  # type: ignore[override]
        """The design in words."""
        how = {
            "ancova": "adjusted for the baseline (ANCOVA)",
            "change": "compared by their change",
            "post": "compared at follow-up",
        }[self.analysis]
        return f"two arms, {how}"

    def sizes(self, x: float) -> Sizes:
        """Treated and control."""
        return (x * self.allocation_ratio, x)

    @property
    def least(self) -> float:
        """Two people an arm; three in the smaller one where a baseline is adjusted for."""
        smaller = min(self.allocation_ratio, 1.0)
        return (3.0 if self.analysis == "ancova" else 2.0) / smaller

    def too_small(self, sizes: Sizes) -> bool:
        """Fewer than two in an arm (three where a baseline is adjusted for)."""
        return min(sizes) < (3 if self.analysis == "ancova" else 2)

    def se_df(self, sizes: Sizes) -> tuple[float, float]:
        """Of the difference between the arms."""
        people = sum(sizes)
        se = self.sd * sqrt(self.factor() * (1 / sizes[0] + 1 / sizes[1]))
        if self.analysis == "ancova":
            return se / baseline_balance(people), people - 3
        return se, people - 2

    def factor(self) -> float:
        """What the waves make of the variance."""
        return variance_factor(
            self.analysis, r=self.r or 0.0, baselines=self.baselines, followups=self.followups
        )

    def phrase(self) -> str:
        """Aim, test, analysis."""
        if self.analysis == "ancova":
            how = "an analysis of covariance with the baseline as covariate"
        elif self.analysis == "change":
            how = "a t test of the changes from baseline"
        else:
            how = "a t test at follow-up"
        if self.baselines > 1 or self.followups > 1:
            how += f" on the mean of {self.followups} waves after"
            if self.analysis != "post":
                how += f" and {self.baselines} before"
        if self.r is not None:
            how += f", the correlation between waves being {self.r:g}"
        cited = ""
        if self.baselines > 1 or self.followups > 1 or self.analysis == "change":
            cited = " (Frison & Pocock 1992)"
        elif self.analysis == "ancova":
            cited = " (Borm, Fransen & Lemmens 2007)"
        return f"{self.aim()} by {how}{cited}, {self.level()}"

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """What waves and ratios need said."""
        told = list(PlannedDifference.notes(self, sizes))
        if self.r is not None:
            told.append(
                f"With these waves the variance is {self.factor():.3g} times that of a single "
                "outcome. The correlation should be that of people like these over this follow-up "
                "time; one from a shorter time is higher and makes the study too small."
            )
        if self.baselines > 1 or self.followups > 1:
            told.append(
                "Every two waves are taken to correlate alike (compound symmetry); where waves "
                "further apart correlate less, the gain of more waves is smaller."
            )
        return tuple(told)

    def varied(self) -> dict[str, tuple[float, ...]]:
        """The correlation first: it is the assumption that is least known."""
        more = {} if self.r is None else {"r": around(self.r, USUAL_R)}
        return {**more, **PlannedDifference.varied(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs(PlannedDifference):
    """One group, before and after; `sd` is that of a single wave and `r` their correlation.

    Attributes
    ----------
    r : float or None
        Correlation of before and after; None when `sd` is the SD of the change itself.
    """

    title: ClassVar[str] = "one group, before and after"
    unit: ClassVar[str] = "pairs"
    size_name: ClassVar[str] = "n"
    sources: ClassVar[str] = "noncentral t distribution"

    r: float | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """One group."""
        return ("everybody",)

    def sizes(self, x: float) -> Sizes:
        """People with both waves."""
        return (x,)

    @property
    def sd_change(self) -> float:
        """Standard deviation of the change."""
        return self.sd if self.r is None else self.sd * sqrt(2 * (1 - self.r))

    def se_df(self, sizes: Sizes) -> tuple[float, float]:
        """Of the mean change."""
        return self.sd_change / sqrt(sizes[0]), sizes[0] - 1

    def phrase(self) -> str:
        """Aim, test."""
        d_z = self.difference / self.sd_change
        if self.standardised:
            aim = f"a mean change of {self.difference:g} SD of the change (d_z)"
        elif self.r is None:
            aim = f"a mean change of {self.difference:g} points (SD of the change {self.sd:g}; "
            aim += f"d_z = {d_z:.3g})"
        else:
            aim = f"a mean change of {self.difference:g} points (SD {self.sd:g} at each wave, "
            aim += f"correlation {self.r:g}, so SD of the change {self.sd_change:.3g}; "
            aim += f"d_z = {d_z:.3g})"
        if self.margin is not None:
            aim = self.aim()
        return f"{aim} by a paired t test, {self.level()}"

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """A change is no effect."""
        return (
            *PlannedDifference.notes(self, sizes),
            "A change without a comparison group is not an effect, however many people are asked.",
        )

    def varied(self) -> dict[str, tuple[float, ...]]:
        """The correlation first."""
        more = {} if self.r is None else {"r": around(self.r, USUAL_R)}
        return {**more, **PlannedDifference.varied(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoShares(Planned):
    """Two arms of people and a yes-or-no outcome.

    Attributes
    ----------
    treated, control : float
        The true shares.
    method : str
        "pooled", "unpooled", "fleiss" or "arcsine".
    allocation_ratio : float
        People in the treated arm for each in the control arm.
    margin : float or None
        How much lower a share still counts as no worse; a higher share is better.
    equivalence : bool
        Whether the difference is to be shown to lie within ± margin.
    """

    title: ClassVar[str] = "two shares"
    sources: ClassVar[str] = "normal approximation"

    treated: float
    control: float
    method: str = "pooled"
    allocation_ratio: float = 1.0
    margin: float | None = None
    equivalence: bool = False

    @property
    def difference(self) -> float:
        """Treated minus control."""
        return self.treated - self.control

    def sizes(self, x: float) -> Sizes:
        """Treated and control."""
        return (x * self.allocation_ratio, x)

    @property
    def least(self) -> float:
        """Two people in the smaller arm."""
        return 2.0 / min(self.allocation_ratio, 1.0)

    def too_small(self, sizes: Sizes) -> bool:
        """Fewer than two in an arm."""
        return min(sizes) < 2

    def reached(self, sizes: Sizes) -> float:
        """Power with these sizes."""
        if self.margin is not None:
            se = share_se(self.treated, self.control, *sizes)
            return power_of_margin(
                self.difference, self.margin, se, alpha=self.alpha, both=self.equivalence
            )
        return power_of_shares(
            self.treated, self.control, *sizes, method=self.method, alpha=self.alpha,
            tails=self.tails,
        )  # fmt: skip

    def with_effect(self, value: float) -> Self:
        """The same share in the control arm, another in the treated arm."""
        return replace(self, treated=self.control + value)

    def most_effect(self, sign: int) -> float:
        """The treated share stays between 0 and 1."""
        return (1 - self.control if sign > 0 else self.control) - 1e-9

    def vary(self, field: str, value: float) -> Self:
        """Another share in the control arm, the same difference."""
        if field == "control":
            return replace(self, control=value, treated=value + self.difference)
        return Planned.vary(self, field, value)

    def phrase(self) -> str:
        """Aim, test."""
        aim = (
            f"a difference between {100 * self.treated:.3g} % in the treated and "
            f"{100 * self.control:.3g} % in the control arm"
        )
        if self.margin is not None:
            points = f"{100 * self.margin:g} percentage points"
            kind = f"equivalence within ±{points}" if self.equivalence else (
                f"non-inferiority by a margin of {points}"
            )  # fmt: skip
            return f"{kind}, with {aim}, {level_words(self)}, unpooled normal approximation"
        how = {
            "pooled": "a test of two proportions (pooled variance under no difference)",
            "unpooled": "a test of two proportions (unpooled variance)",
            "fleiss": "Fisher's exact test (Fleiss, Tytun & Ury 1980)",
            "arcsine": "a test of two proportions (arcsine difference, Cohen 1988)",
        }[self.method]
        return f"{aim} by {how}, {level_words(self)}"

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """What the approximation needs."""
        del sizes
        told = ["A yes-or-no outcome needs several times as many people as the score behind it."]
        if self.margin is not None:
            told.append("A higher share is taken to be better; turn both round where it is worse.")
        return tuple(told)

    def varied(self) -> dict[str, tuple[float, ...]]:
        """The share in the control arm, with the same difference; drop-out."""
        moved = (self.control - 0.1, self.control, self.control + 0.1)
        ok = tuple(c for c in moved if 0 < c < 1 and 0 < c + self.difference < 1)
        return {"control": ok, "dropout": around(self.dropout, (0.0, 0.1, 0.2, 0.3))}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralArms(Planned):
    """Several arms of equal size, any difference between them.

    Attributes
    ----------
    f : float
        Cohen's f.
    count : int
        Arms.
    """

    effect: ClassVar[str] = "f"
    sources: ClassVar[str] = "noncentral F distribution"

    f: float = 0.0
    count: int = 3

    @property
    def title(self) -> str:  # type: ignore[override]
        """The design in words."""
        return f"{self.count} arms, any difference between them"

    @property
    def arms(self) -> tuple[str, ...]:
        """Numbered."""
        return tuple(f"arm {k + 1}" for k in range(self.count))

    def sizes(self, x: float) -> Sizes:
        """The same in every arm."""
        return (x,) * self.count

    def reached(self, sizes: Sizes) -> float:
        """Power with these sizes; unequal arms by their mean, as `power` checks they are equal."""
        return power_of_anova(self.f, sizes[0], self.count, alpha=self.alpha)

    def phrase(self) -> str:
        """Aim, test."""
        return (
            f"any difference between {self.count} arms of Cohen's f = {self.f:.3g} by a one-way "
            f"analysis of variance (Cohen 1988), F test at the {100 * self.alpha:.3g} % level"
        )

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """An F test names no arm."""
        del sizes
        return (
            "The F test says that some arms differ, not which. When each arm is to be compared "
            "with one control, plan for that: two arms, with confidence=1 - 0.05 / comparisons.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation(Planned):
    """One group and the correlation of two scores.

    Attributes
    ----------
    correlation : float
        The true correlation.
    method : str
        "t" or "fisher".
    """

    title: ClassVar[str] = "a correlation in one group"
    effect: ClassVar[str] = "correlation"
    size_name: ClassVar[str] = "n"
    sources: ClassVar[str] = "Fisher's z"

    correlation: float
    method: str = "t"

    @property
    def arms(self) -> tuple[str, ...]:
        """One group."""
        return ("everybody",)

    @property
    def least(self) -> float:
        """Fisher's z needs more than three."""
        return 4.0

    def sizes(self, x: float) -> Sizes:
        """People with both scores."""
        return (x,)

    def reached(self, sizes: Sizes) -> float:
        """Power with this many."""
        return power_of_correlation(
            self.correlation, sizes[0], method=self.method, alpha=self.alpha, tails=self.tails
        )

    def phrase(self) -> str:
        """Aim, test."""
        how = "t test, power by Fisher's z" if self.method == "t" else "Fisher's z test"
        return f"a correlation of {self.correlation:g} ({how}), {level_words(self)}"

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """Unreliable scores correlate less."""
        del sizes
        return (
            "Measurement error makes correlations smaller: with two scores of reliability .8 a "
            "true .3 shows as .24.",
        )

"""Planned studies of people who come in groups: clusters, groups in one arm, stepped wedges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, sqrt
from typing import ClassVar, Self

from socmeasures.designs.planned import PlannedDifference, Sizes, around, up
from socmeasures.effects.cluster_power import (
    cluster_mean_variance,
    design_effect,
    effective_sample_size,
    partly_nested,
    stepped_wedge_se,
)

USUAL_ICC = (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2)
FEW = 20  # clusters in all under which an ICC cannot be planned with (decisions, section 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped(PlannedDifference):
    """What all studies of people in groups share.

    Attributes
    ----------
    icc : float
        Correlation of two people of one group.
    """

    icc: float

    def varied(self) -> dict[str, tuple[float, ...]]:
        """The ICC first, always; then SD and drop-out."""
        return {"icc": around(self.icc, USUAL_ICC), **PlannedDifference.varied(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsOfSize(Grouped):
    """Groups of a known size.

    Attributes
    ----------
    cluster_size : float
        People *recruited* in a group, on average.
    """

    cluster_size: float

    @property
    def size_analysed(self) -> float:
        """People analysed in a group: drop-out makes groups smaller, not fewer."""
        return self.cluster_size * self.kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters(GroupsOfSize):
    """Whole clusters in either arm.

    Attributes
    ----------
    cv : float
        Coefficient of variation of the analysed cluster sizes.
    r2_between, r2_within : float
        Share of the variance between and within clusters that the baseline explains.
    lost_clusters : int
        Whole clusters expected to be lost in each arm.
    allocation_ratio : float
        Clusters in the treated arm for each in the control arm.
    treated, control : float or None
        True shares, when the outcome is yes or no.
    """

    title: ClassVar[str] = "two arms of whole clusters"
    unit: ClassVar[str] = "clusters"
    size_name: ClassVar[str] = "clusters_per_arm"
    sources: ClassVar[str] = "noncentral t distribution"

    cv: float = 0.0
    r2_between: float = 0.0
    r2_within: float = 0.0
    lost_clusters: int = 0
    allocation_ratio: float = 1.0
    treated: float | None = None
    control: float | None = None

    @property
    def least(self) -> float:
        """Two clusters in the smaller arm."""
        return 2.0 / min(self.allocation_ratio, 1.0)

    def too_small(self, sizes: Sizes) -> bool:
        """Fewer than two clusters in an arm."""
        return min(sizes) < 2

    def sizes(self, x: float) -> Sizes:
        """Treated and control clusters."""
        return (x * self.allocation_ratio, x)

    def arm_sds(self) -> tuple[float, float]:
        """Standard deviation in each arm: of a score, or of a share."""
        if self.treated is None or self.control is None:
            return (self.sd, self.sd)
        return (
            sqrt(self.treated * (1 - self.treated)),
            sqrt(self.control * (1 - self.control)),
        )

    def se_df(self, sizes: Sizes) -> tuple[float, float]:
        """Of the difference; t with clusters − 2 degrees of freedom."""
        variance = sum(
            cluster_mean_variance(
                sd,
                clusters,
                self.size_analysed,
                self.icc,
                cv=self.cv,
                r2_between=self.r2_between,
                r2_within=self.r2_within,
            )
            for sd, clusters in zip(self.arm_sds(), sizes, strict=True)
        )
        return sqrt(variance), sum(sizes) - 2

    def with_effect(self, value: float) -> Self:
        """Another true difference; of shares, in the treated arm."""
        if self.control is None:
            return replace(self, difference=value)
        return replace(self, difference=value, treated=self.control + value)

    def most_effect(self, sign: int) -> float:
        """A share stays between 0 and 1."""
        if self.control is None:
            return inf
        return (1 - self.control if sign > 0 else self.control) - 1e-9

    def recruited(self, sizes: Sizes) -> tuple[int, ...]:
        """People to recruit: whole clusters, those expected to be lost too, of full size."""
        return tuple(up(k * self.cluster_size) for k in self.clusters_recruited(sizes))

    def clusters_recruited(self, sizes: Sizes) -> tuple[int, ...]:
        """Clusters to recruit in each arm."""
        return tuple(up(size) + self.lost_clusters for size in sizes)

    def analysed(self, given: Sizes) -> Sizes:
        """Clusters that stay."""
        return tuple(k - self.lost_clusters for k in given)

    def design_effect(self) -> float:
        """With the sizes analysed."""
        return design_effect(self.size_analysed, self.icc, self.cv)

    def columns(self, sizes: Sizes) -> dict[str, list[float]]:
        """Sizes, design effect, standard error."""
        se, df = self.se_df(sizes)
        return {
            "cluster_size": [self.cluster_size] * 2,
            "cluster_size_analysed": [self.size_analysed] * 2,
            "design_effect": [self.design_effect()] * 2,
            "effective_n": [
                effective_sample_size(k * self.size_analysed, self.size_analysed, self.icc, self.cv)
                for k in sizes
            ],
            "se": [se] * 2,
            "df": [df] * 2,
        }

    def phrase(self) -> str:
        """Aim, test, clustering."""
        aim = self.aim()
        if self.treated is not None and self.control is not None:
            aim = (
                f"a difference between {100 * self.treated:.3g} % in the treated and "
                f"{100 * self.control:.3g} % in the control arm"
            )
            if self.margin is not None:
                kind = "equivalence within" if self.equivalence else "non-inferiority by"
                aim = f"{kind} {100 * self.margin:g} percentage points, with {aim},"
        sizes = f"{self.size_analysed:g} people analysed in a cluster"
        if self.cv:
            sizes += f" (coefficient of variation of the sizes {self.cv:g})"
        base = ""
        if self.r2_between or self.r2_within:
            base = (
                f", the baseline explaining {100 * self.r2_between:g} % of the variance between "
                f"and {100 * self.r2_within:g} % within clusters"
            )
        return (
            f"{aim} by a t test with clusters − 2 degrees of freedom, {sizes}, intracluster "
            f"correlation {self.icc:g}{base} (design effect {self.design_effect():.3g}; Eldridge, "
            f"Ashby & Kerry 2006), {self.level()}"
        )

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """What clusters need said."""
        told = list(PlannedDifference.notes(self, sizes))
        told.append(
            f"Drop-out makes clusters smaller: {self.size_analysed:g} of {self.cluster_size:g} "
            f"people are analysed in a cluster, and the design effect is "
            f"{self.design_effect():.4g} for those, not "
            f"{design_effect(self.cluster_size, self.icc, self.cv):.4g}."
            if self.dropout
            else "No drop-out is planned for. People lost within clusters: dropout=; whole "
            "clusters lost: lost_clusters=."
        )
        told.append(
            "The ICC is the assumption that matters most, and the least known: look at the "
            f"sensitivity table. An ICC from fewer than {FEW} clusters is too uncertain to plan "
            "with."
        )
        if self.cv:
            told.append(
                "With unequal sizes this is the power of an analysis that weighs clusters by their "
                "people. Unweighted cluster means find less where the ICC is small, and more where "
                "it is large."
            )
        if min(sizes) < 4:
            told.append(
                "With fewer than four clusters in an arm a permutation test can never give p "
                "below .05, and one unusual cluster decides the result."
            )
        if self.r2_between:
            told.append(
                "A baseline at the level of clusters costs a degree of freedom that is not "
                "taken off here; with few clusters plan for one more in each arm."
            )
        return tuple(told)

    def varied(self) -> dict[str, tuple[float, ...]]:
        """The ICC first; the SD only where there is one."""
        if self.treated is None:
            return Grouped.varied(self)
        return {
            "icc": around(self.icc, USUAL_ICC),
            "dropout": around(self.dropout, (0.0, 0.1, 0.2, 0.3)),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PartlyNested(GroupsOfSize):
    """Groups (or volunteers with many people) in the treated arm, single people in the control.

    Attributes
    ----------
    allocation_ratio : float
        People in the treated arm for each in the control arm.
    """

    title: ClassVar[str] = "groups in the treated arm only"
    sources: ClassVar[str] = "noncentral t distribution"

    allocation_ratio: float = 1.0

    @property
    def least(self) -> float:
        """Two groups."""
        return 2.0

    def sizes(self, x: float) -> Sizes:
        """People analysed; `x` counts groups."""
        treated = x * self.size_analysed
        return (treated, treated / self.allocation_ratio)

    def whole(self, x: int) -> Sizes:
        """Whole groups in the treated arm, whole people in the control arm."""
        treated = x * self.size_analysed
        return (treated, float(up(treated / self.allocation_ratio)))

    def too_small(self, sizes: Sizes) -> bool:
        """Fewer than two groups, or than two people in the control arm."""
        return sizes[0] / self.size_analysed < 2 or sizes[1] < 2

    def se_df(self, sizes: Sizes) -> tuple[float, float]:
        """Of the difference, Welch–Satterthwaite."""
        return partly_nested(self.sd, sizes[0], sizes[1], self.size_analysed, self.icc)

    def columns(self, sizes: Sizes) -> dict[str, list[float]]:
        """Groups, design effect, standard error."""
        se, df = self.se_df(sizes)
        effect = design_effect(self.size_analysed, self.icc)
        return {
            "groups": [float(up(sizes[0] / self.size_analysed)), 0.0],
            "group_size": [self.cluster_size, 1.0],
            "group_size_analysed": [self.size_analysed, 1.0],
            "design_effect": [effect, 1.0],
            "se": [se] * 2,
            "df": [df] * 2,
        }

    def phrase(self) -> str:
        """Aim, test, groups."""
        return (
            f"{self.aim()} by a partially nested model with {self.size_analysed:g} people analysed "
            f"in a group in the treated arm, intracluster correlation {self.icc:g} (Roberts & "
            f"Roberts 2005), {self.level()}"
        )

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """Why the arms are unlike."""
        return (
            *PlannedDifference.notes(self, sizes),
            "People served by the same volunteer or in the same group are alike, those in the "
            "control arm are not: analyse it with Study(..., facilitator=...).",
            "The ICC is the assumption that matters most: look at the sensitivity table.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppedWedge(Grouped):
    """Clusters that begin with the intervention in steps, other people in every period.

    Attributes
    ----------
    first_treated : tuple of int
        The period in which each cluster begins, counted from 1.
    periods : int
        Periods in all.
    """

    title: ClassVar[str] = "stepped wedge"
    unit: ClassVar[str] = "people in each cluster and period"
    size_name: ClassVar[str] = "cluster_size"
    sources: ClassVar[str] = "normal approximation"

    first_treated: tuple[int, ...]
    periods: int

    @property
    def arms(self) -> tuple[str, ...]:
        """Every cluster is treated in the end."""
        return ("everybody",)

    @property
    def least(self) -> float:
        """One person in each cluster and period."""
        return 1.0

    def sizes(self, x: float) -> Sizes:
        """People analysed in each cluster and period."""
        return (x,)

    def recruited(self, sizes: Sizes) -> tuple[int, ...]:
        """People to recruit in all clusters and periods together."""
        return (up(sizes[0] / self.kept) * len(self.first_treated) * self.periods,)

    def se_df(self, sizes: Sizes) -> tuple[float, float]:
        """Of the effect; variances taken as known."""
        return stepped_wedge_se(self.sd, self.first_treated, self.periods, sizes[0], self.icc), inf

    def phrase(self) -> str:
        """Aim, test, steps."""
        return (
            f"{self.aim()} in a cross-sectional stepped wedge of {len(self.first_treated)} "
            f"clusters and {self.periods} periods, intracluster correlation {self.icc:g} (Hussey "
            f"& Hughes 2007), {self.level()}"
        )

    def notes(self, sizes: Sizes) -> tuple[str, ...]:
        """What the closed form leaves out."""
        return (
            *PlannedDifference.notes(self, sizes),
            "The closed form takes the variances as known, so it promises too much with few "
            "clusters, and when people of one period are more alike than people of different "
            "periods.",
            "The ICC is the assumption that matters most: look at the sensitivity table.",
        )

"""Refusals about clusters in arrays: who belongs to which, which arm they are in, how many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socmeasures.errors.base import SocmeasuresError, listed, plural


class ClusterLabelError(SocmeasuresError, ValueError):
    """People who cannot be placed in a cluster, an arm or a stratum."""

    def __init__(self, what: str, rows: Sequence[int]) -> None:
        super().__init__(
            f"The {what} is missing in {plural(len(rows), 'row')}: row "
            f"{listed([r + 1 for r in rows])}. Everybody has one in a study by cluster: look it "
            "up, or leave these people out and count them.",
            [{"row": r + 1, "rule": "study", "severity": "error"} for r in rows],
        )


class MixedClusterError(SocmeasuresError, ValueError):
    """Clusters whose people differ in what the whole cluster should share."""

    def __init__(self, what: str, clusters: Sequence[Any], found: Sequence[Sequence[Any]]) -> None:
        told = [
            f"{name!r} ({listed([str(v) for v in values])})"
            for name, values in zip(clusters, found, strict=True)
        ]
        super().__init__(
            f"{plural(len(told), 'cluster')} with more than one {what}: {listed(told)}. Clusters "
            f"are allocated as wholes, so all people of one have the same {what}. Correct it, or "
            "give clusters of different places different names; if people were allocated one by "
            "one, say so (allocation='individual').",
            [{"rule": "study", "severity": "error", "value": str(name)} for name in clusters],
        )


class TreatedError(SocmeasuresError, ValueError):
    """Arms given as something other than treated or not."""

    def __init__(self, values: Sequence[Any]) -> None:
        super().__init__(
            f"treated holds {listed([repr(v) for v in values])}. Expected True (or 1) for the "
            "treated arm and False (or 0) for the other: write arm == 'befriending'."
        )


class FewClustersError(SocmeasuresError, ValueError):
    """Too few clusters to tell the arms from the clusters."""

    def __init__(self, treated: int, control: int) -> None:
        super().__init__(
            f"There {'is' if treated == 1 else 'are'} {plural(treated, 'cluster')} in one arm and "
            f"{control} in the other. With fewer than two in an arm nobody can tell what the arm "
            "does from what that one cluster is like: no model repairs that. Report each cluster's "
            "change by itself, or add clusters."
        )


class FewPairsError(SocmeasuresError, ValueError):
    """Fewer than two comparisons left within pairs or strata."""

    def __init__(self, what: str, clusters: int, parts: int) -> None:
        several = plural(parts, what, "strata" if what == "stratum" else None)
        super().__init__(
            f"{plural(clusters, 'cluster')} in {several} leave no degrees of freedom: each {what} "
            "takes one, and at least one must have a cluster in either arm. Leave the matching "
            "out of the analysis and say so, or report each cluster by itself."
        )


class PairError(SocmeasuresError, ValueError):
    """Pairs that are not one treated and one control cluster."""

    def __init__(self, pairs: Sequence[tuple[Any, int, int]]) -> None:
        told = [
            f"{name!r} ({treated} treated, {control} control)" for name, treated, control in pairs
        ]
        super().__init__(
            f"{plural(len(told), 'pair')} without one cluster in either arm: {listed(told)}. A "
            "matched pair has one treated and one control cluster (one may be lost altogether). "
            "Correct the pairs, or give them as strata."
        )


class FewAllocationsError(SocmeasuresError, ValueError):
    """A permutation test that could hardly say anything."""

    def __init__(self, treated: int, control: int, allocations: int, smallest: float) -> None:
        self.smallest_p = smallest
        super().__init__(
            f"A permutation test of {treated} against {plural(control, 'cluster')} has only "
            f"{allocations:,} possible allocations: its smallest p value is {smallest:.3g}, "
            "whatever the data. It needs four clusters an arm or more. Use the t test of cluster "
            "means (engine='cluster-means'); allocation_test(..., few=True) gives the number "
            "nevertheless."
        )


class SchemesError(SocmeasuresError, ValueError):
    """A table of possible allocations that cannot be one."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The table of allocation schemes does not fit: {why}. Expected a row for each "
            "allocation that could have been drawn and a column for each cluster in the order of "
            "the clusters, 1 for treated and 0 for control, with the allocation that was drawn "
            "among the rows."
        )


class DesignClashError(SocmeasuresError, ValueError):
    """Pairs, strata and schemes given together."""

    exit_code = 2

    def __init__(self, given: Sequence[str]) -> None:
        super().__init__(
            f"{' and '.join(given)} were given together. Pairs are strata of two, and schemes say "
            "all of it: give the one that describes how the allocation was drawn."
        )


class IccRangeError(SocmeasuresError, ValueError):
    """An intraclass correlation that cannot be one."""

    def __init__(self, value: object, largest: int | None = None) -> None:
        low = "-1" if largest is None else f"-1/({largest:,} - 1) = {-1 / (largest - 1):.3g}"
        super().__init__(
            f"icc={value!r} is out of range: with these clusters it lies above {low} and below 1, "
            "and usually between 0 and 0.2. Give 0.05 for 5 %, with its source."
        )


class OneClusterEachError(SocmeasuresError, ValueError):
    """An intraclass correlation where no cluster has two people, or there is but one cluster."""

    def __init__(self, clusters: int, people: int) -> None:
        super().__init__(
            f"An intraclass correlation needs two clusters or more beyond the number of arms and "
            f"clusters with two people or more; there are {plural(clusters, 'cluster')} with "
            f"{plural(people, 'person', 'people')} measured. Check the cluster column; otherwise "
            "cite an intraclass correlation from a similar study."
        )


class WorkingCorrelationError(SocmeasuresError, ValueError):
    """An exchangeable working correlation that no data of these cluster sizes can have."""

    def __init__(self, found: float, largest: int) -> None:
        self.found = found
        edge = -1 / max(largest - 1, 1)
        why = (
            "one large cluster far from the others has nearly all the weight in it"
            if found > 0
            else "people of one cluster are no more alike than others here"
        )
        super().__init__(
            f"The exchangeable working correlation ran to the end of its range: it came out at "
            f"{found:.3g}, and with a cluster of {plural(largest, 'person', 'people')} it lies "
            f"above {edge:.3g} and below 1; {why}. Choose working='independence', whose standard "
            "errors are right all the same, or compare cluster means."
        )


class EstimatingEquationsError(SocmeasuresError, ValueError):
    """Estimating equations without a solution that could be found."""

    @classmethod
    def not_converged(cls, steps: int) -> EstimatingEquationsError:
        """The steps did not become small."""
        return cls(
            f"The estimating equations did not settle in {steps} steps. Nearly everybody or nearly "
            "nobody may have the event in an arm, or a covariate may nearly determine it: leave "
            "out covariates, choose working='independence', or compare cluster means."
        )

    @classmethod
    def certain(cls, link: str) -> EstimatingEquationsError:
        """Fitted shares of exactly 0 or 1, around which nothing varies."""
        return cls(
            f"With link={link!r} the fitted share of some people is 0 or 1: everybody or nobody "
            "there has the event (perhaps in a whole arm), so there is nothing to judge the "
            "difference by. Leave out covariates, or compare the clusters' shares "
            "(engine='cluster-means' or 'permutation')."
        )

    @classmethod
    def outside(cls, link: str) -> EstimatingEquationsError:
        """A fitted share outside 0 to 1, which identity and log links do not prevent."""
        return cls(
            f"With link={link!r} the fitted shares leave the range from 0 to 1. Leave out "
            "covariates, or choose link='logit' (odds ratio); a difference in shares is also given "
            "by family='gaussian' on the 0/1 outcome, and by the cluster means."
        )


class ClusterDegreesError(SocmeasuresError, ValueError):
    """No more clusters than coefficients that only whole clusters can tell apart."""

    def __init__(self, clusters: int, coefficients: int) -> None:
        super().__init__(
            f"{plural(clusters, 'cluster')} cannot carry {plural(coefficients, 'coefficient')} of "
            "whole clusters (the arm, and covariates that everybody of a cluster shares): there "
            "are no degrees of freedom left. Leave out covariates of clusters."
        )

"""Refusals of cluster trials, and of groups in one arm: who belongs where, and too few of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socmeasures.errors.base import SocmeasuresError, listed, plural


class ClusterTrialError(SocmeasuresError, ValueError):
    """Clusters, pairs or groups that do not fit the analysis; every fault at once."""

    def __init__(self, faults: Sequence[str], rows: Sequence[Mapping[str, Any]] = ()) -> None:
        self.faults = tuple(faults)
        head = f"{plural(len(faults), 'fault')} in this cluster trial:"
        tail = "All of it is in error.problems." if rows else ""
        super().__init__("\n".join([head, *(f"  - {f}" for f in faults), tail]).rstrip(), rows)


class NotAClusterTrialError(SocmeasuresError, ValueError):
    """A cluster analysis of a study whose people were allocated one by one."""

    def __init__(self, arms: Sequence[str]) -> None:
        compare = "ancova or mmrm" if len(arms) > 1 else "pre_post"
        super().__init__(
            "cluster_trial is for studies in which whole clusters were allocated to arms, or in "
            "which one facilitator serves several people of one arm, and this study declares "
            "neither. Say Study(..., cluster='site', allocation='cluster'), or "
            "Study(..., facilitator='volunteer', allocation='individual'); if people were "
            f"allocated one by one and served one by one, use {compare}."
        )


class ClusterEngineError(SocmeasuresError, ValueError):
    """An engine that does not serve this outcome or design."""

    exit_code = 2

    @classmethod
    def binary(cls, outcome: str, engine: str) -> ClusterEngineError:
        """A linear mixed model of a yes-or-no outcome."""
        return cls(
            f"engine={engine!r} is for scores, and {outcome!r} is a yes-or-no outcome. Take "
            "engine='gee' (risk difference, risk ratio and odds ratio), 'cr2', or, with few "
            "clusters, 'cluster-means' or 'permutation' (differences in the clusters' shares)."
        )

    @classmethod
    def several_waves(cls, engine: str, waves: Sequence[str]) -> ClusterEngineError:
        """Several follow-ups for an engine of one time point."""
        return cls(
            f"engine={engine!r} compares the arms at one time point, and this study has several "
            f"to compare them at: {listed(list(waves))}. Name one, wave={waves[-1]!r}, or use "
            "engine='mixed', which takes all of them together."
        )

    @classmethod
    def groups_need_a_wave(cls, waves: Sequence[str]) -> ClusterEngineError:
        """Several follow-ups of groups in one arm."""
        return cls(
            "Groups in one arm only are compared at one time point, and this study has several: "
            f"{listed(list(waves))}. Name one, wave={waves[-1]!r}."
        )

    @classmethod
    def groups_are_for_scores(cls, what: str) -> ClusterEngineError:
        """Something the partially nested model does not do."""
        return cls(
            f"{what} does not go with groups in one arm only: that model is for scores of people "
            "allocated one by one. Leave it out; a yes-or-no outcome can be compared by "
            "compare_risks, whose intervals then ignore the facilitators."
        )

    @classmethod
    def dunnett_at_all_waves(cls) -> ClusterEngineError:
        """Dunnett's intervals over several time points."""
        return cls(
            "adjustment='dunnett' is for several arms at one time point. Name it with wave=, or "
            "use adjustment='holm'."
        )

    @classmethod
    def unused(cls, engine: str, choices: Sequence[str]) -> ClusterEngineError:
        """Choices that would do nothing."""
        verb = "does" if len(choices) == 1 else "do"
        return cls(
            f"{listed(list(choices), 8)} {verb} nothing with engine={engine!r}, so what you asked "
            "for is not what you would get. Leave it out, or take the engine it belongs to."
        )

    @classmethod
    def groups_in_one_arm(cls, engine: str, facilitator: str) -> ClusterEngineError:
        """Another engine than the mixed model for groups in one arm only."""
        return cls(
            f"engine={engine!r} does not serve groups in one arm only ({facilitator!r}): that arm "
            "needs a facilitator's effect and a spread of its own. Use engine='mixed'."
        )

    @classmethod
    def not_dunnett(cls, engine: str) -> ClusterEngineError:
        """Dunnett's intervals without a common covariance."""
        return cls(
            f"adjustment='dunnett' needs the joint covariance of the comparisons, and "
            f"engine={engine!r} compares two arms at a time. Use adjustment='holm', or another "
            "engine."
        )

    @classmethod
    def pairs_and_arms(cls, arms: Sequence[str]) -> ClusterEngineError:
        """Matched pairs in a study with more than two arms."""
        return cls(
            f"pairs= matches one cluster of each of two arms, and this study has {len(arms)}: "
            f"{listed(list(arms))}. Declare the matched sets as strata: Study(..., strata=[...])."
        )

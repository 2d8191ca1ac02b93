"""Arms of a comparison: which one the others are compared with, and designs that have none."""

from __future__ import annotations

import warnings

from socmeasures.designs.study import Study
from socmeasures.errors import (
    ClusterAllocationError,
    ControlNotNamedError,
    OneArmError,
    SocmeasuresWarning,
)


def control_of(study: Study, analysis: str) -> str:
    """The arm to compare with; refuses designs an analysis of individuals does not serve."""
    if study.allocation == "cluster":
        raise ClusterAllocationError(analysis, str(study.cluster))
    if len(study.arms) < 2:
        raise OneArmError(analysis, study.arms)
    if study.control is None:
        raise ControlNotNamedError(analysis, study.arms)
    if study.facilitator is not None:
        warnings.warn(ignored_groups(study), SocmeasuresWarning, stacklevel=3)
    return study.control


def with_warning(study: Study, summary: str) -> str:
    """A summary, and what the analysis behind it ignores."""
    return f"{summary} {ignored_groups(study)}".strip()


def ignored_groups(study: Study) -> str:
    """The sentence on facilitators an analysis of individuals ignores; empty without any."""
    if study.facilitator is None:
        return ""
    return (
        f"THE INTERVALS ARE TOO NARROW if people served by one {study.facilitator!r} resemble each "
        "other, as they usually do: this analysis ignores it. cluster_trial(study, outcome, "
        "wave=...) allows for it."
    )

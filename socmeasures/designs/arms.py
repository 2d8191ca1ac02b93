"""Arms of a comparison: which one the others are compared with, and designs that have none."""

from __future__ import annotations

from socmeasures.designs.study import Study
from socmeasures.errors import ClusterAllocationError, ControlNotNamedError, OneArmError


def control_of(study: Study, analysis: str) -> str:
    """The arm to compare with; refuses designs an analysis of individuals does not serve."""
    if study.allocation == "cluster":
        raise ClusterAllocationError(analysis, str(study.cluster))
    if len(study.arms) < 2:
        raise OneArmError(analysis, study.arms)
    if study.control is None:
        raise ControlNotNamedError(analysis, study.arms)
    return study.control

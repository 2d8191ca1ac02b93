"""A pandera schema of a study, for others' pipelines."""

from __future__ import annotations

from typing import Any

from socmeasures.designs.study import Study
from socmeasures.errors import listed
from socmeasures.responses.quiet_pandera import pa


def study_schema(study: Study) -> pa.DataFrameSchema:
    """Make a pandera schema of the long data of a study.

    Parameters
    ----------
    study : Study
        Its roles: person, time point, arm, cluster, strata.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Person and time point there and once each, time points and arms of the study only, one
        arm and one cluster a person. Other columns pass. For frames like ``study.data``.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> from socmeasures.validation.schemas import study_schema
    >>> long = pd.DataFrame({"id": [1, 1], "wave": ["pre", "post"], "y": [5, 4]})
    >>> study = soc.Study(long, person="id", wave="wave", waves=["pre", "post"],
    ...                   better={"y": "lower"})
    >>> study_schema(study).validate(study.data).shape
    (2, 3)
    """
    waves = [str(w) for w in study.waves]
    columns: dict[str, Any] = {
        study.person: pa.Column(nullable=False, title="person"),
        study.wave: pa.Column(
            checks=pa.Check.isin(waves, error=f"time points of this study are {listed(waves, 12)}"),
            nullable=False,
            title="time point",
        ),
    }
    if study.arm is not None:
        arms = list(study.arms)
        columns[study.arm] = pa.Column(
            checks=pa.Check(
                lambda column: column.astype(str).isin(arms),
                name="known_arm",
                error=f"arms of this study are {listed(arms, 12)}",
            ),
            nullable=True,
            title="arm",
        )
    for name in (study.cluster, study.facilitator, *study.strata):
        if name is not None:
            columns.setdefault(name, pa.Column(nullable=True))
    held = [c for c in (study.arm, study.cluster) if c is not None]
    return pa.DataFrameSchema(
        columns,
        checks=[_once_a_person(study.person, name) for name in held],
        unique=[study.person, study.wave],
        name="study",
        description=f"{len(study.people)} people, time points {listed(waves, 12)}",
    )


def _once_a_person(person: str, name: str) -> pa.Check:
    def check(frame: Any) -> bool:
        return not bool((frame.groupby(person)[name].nunique(dropna=True) > 1).any())

    return pa.Check(
        check, name=f"one_{name}_a_person", error=f"a person is in more than one {name}"
    )

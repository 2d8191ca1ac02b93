"""Which people a result is about: everybody as allocated, those complete, those per protocol."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from socmeasures.designs.measurements import measure
from socmeasures.designs.study import Study
from socmeasures.errors import OutcomeNotFoundError, PopulationChoiceError, plural


def population(
    study: Study, *, complete: str | None = None, per_protocol: str | None = None
) -> Study:
    """The study with fewer people, said in its notes.

    Parameters
    ----------
    study : Study
        As allocated: the main analysis is of everybody in it.
    complete : str, optional
        A score column: only people who have it at every time point.
    per_protocol : str, optional
        A column of 1 and 0 (or True and False): only people who kept to the protocol. Missing
        counts as 0.

    Returns
    -------
    Study
        Give it to the same analysis and show both results: neither group is what allocation made
        alike.

    Raises
    ------
    PopulationChoiceError
        Neither or both are given, or nobody is left.
    OutcomeNotFoundError
        A column that is not there.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> len(study.people), len(population(study, per_protocol="came").people)
    (90, 82)
    """
    if (complete is None) == (per_protocol is None):
        raise PopulationChoiceError("give either complete= or per_protocol=")
    if complete is not None:
        kept = measure(study, complete).scores.notna().all(axis=1)
        why = f"with {complete!r} at every time point (complete cases)"
    else:
        if per_protocol not in study.columns:
            raise OutcomeNotFoundError(str(per_protocol), study.columns, what="column")
        values = pd.to_numeric(study.by_person(str(per_protocol)), errors="coerce")
        kept = values.fillna(0).astype(bool)
        why = f"per protocol, by the column {per_protocol!r}"
    if not kept.any():
        raise PopulationChoiceError(f"nobody is {why}")
    rows = study.data[study.person].isin(kept.index[kept]).to_numpy()
    numbers = np.asarray(study.row_numbers)[rows]
    smaller = replace(study, data=study.data[rows].reset_index(drop=True), row_numbers=numbers)
    note = (
        f"Only {plural(int(kept.sum()), 'person', 'people')} {why}; {int((~kept).sum())} of those "
        "allocated are left out. What made them complete or keep to the protocol may differ "
        "between the arms."
    )
    object.__setattr__(smaller, "notes", (*study.notes, note))
    return smaller

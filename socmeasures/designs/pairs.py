"""Two time points of a study: which two, and who is in neither, one or both."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from socmeasures.designs.measurements import Measurements
from socmeasures.designs.study import Study
from socmeasures.errors import WaveNotFoundError


def waves_in_order(study: Study, waves: Sequence[str] | None) -> list[str]:
    """The time points to use; refuses fewer than two, and ones out of order."""
    asked = [waves] if isinstance(waves, str) else waves
    used = list(study.waves) if asked is None else [str(w) for w in asked]
    places = [study.wave_position(w) for w in used]
    if len(used) < 2:
        raise WaveNotFoundError(
            used, study.waves, "A change needs two time points, an earlier and a later one."
        )
    if any(later <= earlier for earlier, later in pairwise(places)):
        raise WaveNotFoundError(
            used, study.waves, f"These time points are out of order: {', '.join(used)}."
        )
    return used


def two_waves(study: Study, waves: Sequence[str] | None) -> tuple[str, str]:
    """The first and the last of the time points asked for."""
    used = waves_in_order(study, waves)
    return used[0], used[-1]


def exclusions(measured: Measurements, waves: list[str]) -> pd.DataFrame:
    """Who is in each comparison and who is not, by reason; the reason says at which time point."""
    first = waves[0]
    rows = []
    for later in waves[1:]:
        at_first, at_later = measured.reasons[first], measured.reasons[later]
        why = pd.Series("", index=measured.scores.index, dtype=object)
        why[at_later != ""] = f"{later}: " + at_later[at_later != ""]
        why[at_first != ""] = f"{first}: " + at_first[at_first != ""]
        neither = (at_first != "") & (at_later != "")
        why[neither] = f"{first} and {later}: " + at_later[neither]
        counts = why.value_counts()
        both = int(counts.get("", 0))
        rows.append({"wave": later, "arm": "all", "group": "analysed", "reason": "", "n": both})
        rows += [
            {"wave": later, "arm": "all", "group": "excluded", "reason": reason, "n": int(n)}
            for reason, n in counts.drop("", errors="ignore").sort_index().items()
        ]
    return pd.DataFrame(rows).assign(outcome=measured.outcome.column)

"""The cut-off between having and not having the problem: which, from whom, on which side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from socmeasures.designs.measurements import Measurements
from socmeasures.designs.published import Norm
from socmeasures.effects.individual_change import CutOffs, cut_offs
from socmeasures.effects.measured import check_choice
from socmeasures.errors import CutoffSideError, DirectionUnknownError, PopulationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A cut-off and what must be said of it."""

    value: float
    notes: tuple[str, ...]


def cutoff_for(
    measured: Measurements,
    before: np.ndarray,
    asked: str | float | None,
    source: str,
    functional: Norm | None,
    clinical: Norm | None,
    better: str | None,
) -> Cut | None:
    """The cut-off asked for; refused without its source or on the wrong side."""
    if asked is None:
        return None
    if better not in ("lower", "higher"):
        raise DirectionUnknownError(measured.outcome.column, "A cut-off")
    direction: Literal["lower", "higher"] = "lower" if better == "lower" else "higher"
    own = (float(before.mean()), float(before.std(ddof=1)) if len(before) > 1 else 0.0)
    ill = own if clinical is None else (clinical.mean, clinical.sd)
    if isinstance(asked, str):
        check_choice("cutoff", asked, ("a", "b", "c"))
        needs_well = asked in "bc"
        if needs_well and functional is None:
            raise PopulationError.needs(f"cutoff={asked!r}", "functional= (a norm)")
        well = None if functional is None else (functional.mean, functional.sd)
        found: CutOffs = cut_offs(clinical=ill, functional=well, better=direction)
        value = float(getattr(found, asked) or 0.0)
        whose = "these people at the start" if clinical is None else clinical.described
        told = f"Cut-off {asked} of Jacobson & Truax is {value:.2f}, from "
        told += {"a": whose, "b": "", "c": f"{whose} and "}[asked]
        told += functional.described if needs_well and functional else ""
    else:
        if not source:
            raise PopulationError.no_source("cutoff")
        value, told = float(asked), f"The cut-off {float(asked):g} is from {source}"
    well_mean = None if functional is None else functional.mean
    sign = 1 if direction == "higher" else -1
    wrong = sign * (value - ill[0]) <= 0
    wrong |= well_mean is not None and sign * (well_mean - value) < 0 and asked != "a"
    if wrong:
        raise CutoffSideError(value, ill[0], well_mean, direction)
    notes = [told + "."]
    if functional is None:
        notes.append("No functional norm is cited, so nobody is called recovered.")
    return Cut(value=value, notes=tuple(notes))

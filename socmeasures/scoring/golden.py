"""Golden vectors: a definition's own examples, scored by the one way every frame is scored."""

from __future__ import annotations

import math

import pandas as pd

from socmeasures.errors import SocmeasuresError
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Example
from socmeasures.scoring.compute import score


def failures(scale: Scale, *, tolerance: float = 1e-6) -> list[str]:
    """What the examples of a definition should give and do not, a sentence each.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.scoring.golden import failures
    >>> failures(soc.load_scale("ucla3"))
    []
    """
    found = []
    for place, example in enumerate(scale.examples, start=1):
        try:
            got = _scored(scale, example)
        except SocmeasuresError as refusal:
            found.append(f"[[examples]] number {place}: {str(refusal).splitlines()[0]}")
            continue
        for score_id, wanted in example.expected.items():
            value = got[score_id]
            if not _equal(value, wanted, tolerance):
                shown = "no score" if math.isnan(value) else f"{value:.10g}"
                found.append(
                    f"[[examples]] number {place}: {score_id} should be {wanted}, the definition "
                    f"gives {shown} for {list(example.answers)}"
                )
    return found


def _scored(scale: Scale, example: Example) -> dict[str, float]:
    answers = [None if a == "NA" else a for a in example.answers]
    columns = {n: f"i{n}" for n in scale.numbers}
    frame = pd.DataFrame([dict(zip(columns.values(), answers, strict=True))], dtype=float)
    scored = score(
        frame,
        scale,
        items=columns,
        coding=example.coding,
        invalid="missing",
        accept_unverified=True,
    )
    return {s.id: float(scored[f"{scale.id}_{s.id}"].iloc[0]) for s in scale.scores}


def _equal(got: float, wanted: float | int | str, tolerance: float) -> bool:
    if wanted == "NA":
        return math.isnan(got)
    return math.isclose(got, float(wanted), rel_tol=tolerance, abs_tol=tolerance)

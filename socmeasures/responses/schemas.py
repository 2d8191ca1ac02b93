"""pandera schemas made from scales and plans: for our own checks and for others' pipelines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from socmeasures.responses.plan import ScoringPlan
from socmeasures.responses.quiet_pandera import pa
from socmeasures.scales.catalogue import load_scale
from socmeasures.scales.model import Scale


def scale_schema(
    scale: str | Path | Scale,
    *,
    items: Mapping[int, str] | None = None,
    coding: str = "canonical",
    required: bool = True,
) -> pa.DataFrameSchema:
    """Make a pandera schema for the item columns of one scale.

    Parameters
    ----------
    scale : str, Path or Scale
        A scale's id or a definition of your own.
    items : mapping of item number to column, optional
        Column names; ``{scale}_{n}`` where not given.
    coding : str
        The named coding the columns hold.
    required : bool
        Whether every column must be there.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        One nullable column an item, with the legal codes as its check. Missing answers pass.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> schema = soc.scale_schema("ucla3")
    >>> answers = pd.DataFrame({"ucla3_1": [1, 2], "ucla3_2": [3, 3], "ucla3_3": [2, 1]})
    >>> schema.validate(answers).shape
    (2, 3)
    """
    loaded = load_scale(scale)
    names = {n: (items or {}).get(n, f"{loaded.id}_{n}") for n in loaded.numbers}
    columns = {}
    for number, name in names.items():
        codes = sorted(loaded.raw_to_canonical(number, coding))
        shown = ", ".join(map(str, codes))
        columns[name] = pa.Column(
            checks=pa.Check.isin(codes, error=f"item {number} of {loaded.id} takes {shown}"),
            nullable=True,
            required=required and not loaded.item(number).optional,
            title=loaded.item(number).label,
        )
    return pa.DataFrameSchema(columns, name=loaded.id, description=loaded.name)


def plan_schema(
    plan: ScoringPlan, *, coding: Mapping[str, str] | str | None = None, required: bool = True
) -> pa.DataFrameSchema:
    """Make a pandera schema for all the item columns of a plan.

    Parameters
    ----------
    plan : ScoringPlan
        From `soc.match_scales`, or loaded from a file.
    coding : str or mapping of scale id to str, optional
        The named coding the columns hold, before the plan's own; else canonical.
    required : bool
        Whether every column must be there.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        One nullable column an item with the legal codes as its check, and the columns that
        identify a row; these are never missing and, together, never repeated.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> from socmeasures.responses.schemas import plan_schema
    >>> data = pd.DataFrame({"id": [1, 2], **{f"t1_ucla3_{i}": [1, 3] for i in (1, 2, 3)}})
    >>> plan_schema(soc.match_scales(data, person="id")).validate(data).shape
    (2, 4)
    """
    columns: dict[str, pa.Column] = {}
    for planned in plan.scales:
        scale = planned.load()
        asked = coding if isinstance(coding, str) else (coding or {}).get(scale.id)
        order = next((o for o in scale.orders if o.name == planned.order), None)
        items = {order.items[n] if order else n: c for n, c in planned.items.items()}
        made = scale_schema(
            scale, items=items, coding=asked or planned.coding or "canonical", required=required
        )
        columns |= {name: made.columns[name] for name in items.values()}
    keys = [name for name in (plan.person, plan.wave) if name is not None]
    columns = {name: pa.Column(nullable=False, required=required) for name in keys} | columns
    scales = ", ".join(dict.fromkeys(planned.scale for planned in plan.scales))
    return pa.DataFrameSchema(
        columns, unique=keys if plan.person else None, name="plan", description=scales
    )


def frame_schema(
    columns: Sequence[str],
    checks: Mapping[str, Callable[[pd.DataFrame], bool]],
    *,
    unique: Sequence[str] = (),
) -> pa.DataFrameSchema:
    """Schema whose frame-level checks each look at the whole frame once."""
    return pa.DataFrameSchema(
        {name: pa.Column(nullable=True, required=True) for name in columns},
        checks=[pa.Check(check, name=name, error=name) for name, check in checks.items()],
        unique=list(unique) or None,
    )


def failed_checks(schema: pa.DataFrameSchema, frame: pd.DataFrame) -> set[str]:
    """Names of the checks that fail; never the cells, which the kernel's mask gives faster."""
    try:
        schema.validate(frame, lazy=True, inplace=True)
    except pa.errors.SchemaErrors as faults:
        cases: Any = faults.schema_errors
        return {str(getattr(case.check, "name", None) or case.reason_code.name) for case in cases}
    return set()

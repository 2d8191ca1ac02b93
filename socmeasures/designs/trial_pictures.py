"""Pictures of trial results: means over time, all differences side by side, the tipping value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from socmeasures.designs.result import Result
from socmeasures.errors import NoPictureError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_trajectories(result: Result, *, times: Mapping[str, float] | None = None) -> Figure:
    """Adjusted means of every arm at every time point, with intervals and n.

    Parameters
    ----------
    result : Result
        Of `mmrm` or `ancova`.
    times : mapping of time point to number, optional
        Where each time point stands on the axis; evenly spaced without it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    NoPictureError
        A result without adjusted means.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> figure = plot_trajectories(soc.mmrm(study, "loneliness"))
    >>> figure.axes[0].get_ylabel()
    'loneliness'
    """
    from socmeasures.drawing.trajectories import trajectories

    means = result.means
    if means.empty:
        raise NoPictureError("adjusted means", result.kind, "mmrm or ancova")
    return trajectories(
        means,
        unit=result.outcome.label,
        better=result.outcome.better,
        times=None if times is None else dict(times),
    )


def plot_forest(results: Sequence[Result], *, title: str = "") -> Figure:
    """Standardised differences of several results, a row an outcome and time point.

    Parameters
    ----------
    results : sequence of Result
        Of `ancova` or `mmrm`; outcomes may differ, since the axis is in standard deviations.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    NoPictureError
        No standardised difference in any of them.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> len(plot_forest([soc.mmrm(study, "loneliness")]).axes)
    1
    """
    from socmeasures.drawing.forest import forest

    usable = [
        r for r in results if "effect_size" in r.table and r.table["effect_size"].notna().any()
    ]
    if not usable:
        kinds = ", ".join(dict.fromkeys(r.kind for r in results)) or "none"
        raise NoPictureError("standardised differences", kinds, "mmrm or ancova")
    ends = {r.outcome.better for r in usable}
    favours = {
        "lower": ("better in the first arm", "worse"),
        "higher": ("worse", "better in the first arm"),
    }.get(str(next(iter(ends))) if len(ends) == 1 else "", ("", ""))
    rows = pd.concat([r.table.assign(outcome=r.outcome.label) for r in usable], ignore_index=True)
    return forest(rows, title=title, favours=favours)


def plot_tipping(result: Result, *, contrast: str | None = None) -> Figure:
    """How far unseen outcomes would have to lie from the expected to change the verdict.

    Parameters
    ----------
    result : Result
        Of `missing_sensitivity`.
    contrast : str, optional
        Which comparison; the first unless given.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    NoPictureError
        A result of another analysis, or a contrast it does not have.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> found = soc.missing_sensitivity(soc.mmrm(study, "loneliness"), deltas=[-4, 0, 4])
    >>> len(plot_tipping(found).axes)
    3
    """
    from socmeasures.drawing.trajectories import tipping

    if result.kind != "missing_sensitivity":
        raise NoPictureError("tipping values", result.kind, "missing_sensitivity")
    named = str(result.table["contrast"].iloc[0]) if contrast is None else contrast
    table = result.table[result.table["contrast"] == named]
    if table.empty:
        raise NoPictureError(f"comparison {named!r}", result.kind, "missing_sensitivity")
    tips = result.tables["tipping values"]
    return tipping(table, tips[tips["contrast"] == named], unit=result.outcome.label)

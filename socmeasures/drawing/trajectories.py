"""Adjusted means of the arms over time, and what missing outcomes could do to a difference.

Plain tables in, a matplotlib `Figure` out; every line is labelled where it ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from socmeasures.drawing import style
from socmeasures.drawing.labels import number, printable, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BETTER = {"lower": " (lower is better)", "higher": " (higher is better)"}


def trajectories(
    means: pd.DataFrame,
    *,
    unit: str,
    better: str | None = None,
    times: dict[str, float] | None = None,
    title: str = "",
) -> Figure:
    """Model means with their intervals by arm over the time points, n under each.

    Parameters
    ----------
    means : pandas.DataFrame
        ``wave, arm, mean, ci_low, ci_high, n``, time points in order.
    unit : str
        What the means are of.
    better : {"lower", "higher", "none"} or None
        Said on the axis when it is known.
    times : mapping of time point to number, optional
        Where each stands; evenly spaced without it.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import pandas as pd
    >>> means = pd.DataFrame({"wave": ["3m", "6m"] * 2, "arm": ["new"] * 2 + ["usual"] * 2,
    ...                       "mean": [9.0, 8.5, 10.0, 10.2], "ci_low": [8.0, 7.4, 9.1, 9.0],
    ...                       "ci_high": [10.0, 9.6, 10.9, 11.4], "n": [20, 18, 21, 17]})
    >>> trajectories(means, unit="loneliness").axes[0].get_ylabel()
    'loneliness'
    """
    waves = list(dict.fromkeys(means["wave"]))
    arms = list(dict.fromkeys(means["arm"]))
    at = {w: float(k) if times is None else float(times[w]) for k, w in enumerate(waves)}
    span = max(at.values()) - min(at.values()) or 1.0
    with style.house_style():
        figure = style.blank(3.6 + 0.2 * len(arms) + (0.3 if title else 0))
        axes = figure.add_subplot()
        for place, arm in enumerate(arms):
            mine = means[means["arm"] == arm].set_index("wave").reindex(waves).reset_index()
            colour = style.SERIES[place % len(style.SERIES)]
            shift = (place - (len(arms) - 1) / 2) * 0.02 * span
            x = np.array([at[w] for w in mine["wave"]]) + shift
            low, high = mine["mean"] - mine["ci_low"], mine["ci_high"] - mine["mean"]
            axes.errorbar(
                x, mine["mean"], yerr=[low, high], color=colour, marker="o", markersize=4.5,
                linewidth=1.5, elinewidth=1.1, capsize=3,
            )  # fmt: skip
            axes.annotate(
                short(arm, 28), (x[-1], float(mine["mean"].iloc[-1])), xytext=(9, 0),
                textcoords="offset points", color=colour, va="center", annotation_clip=False,
            )  # fmt: skip
        style.bare(axes, keep=("left", "bottom"))
        axes.set_xlim(min(at.values()) - 0.08 * span, max(at.values()) + 0.35 * span)
        counted = [_under(means, w, arms) for w in waves]
        axes.set_xticks([at[w] for w in waves], counted)
        axes.set_ylabel(printable(unit) + BETTER.get(str(better), ""))
        low, high = float(means["ci_low"].min()), float(means["ci_high"].max())
        room = 0.06 * (high - low or 1.0)
        axes.set_ylim(low - room, high + room)
        style.numbered(axes, low - room, high + room, which="y")
        if title:
            axes.set_title(printable(title), loc="left", fontsize=10)
    return style.described(figure, _told(means, unit, title))


def _under(means: pd.DataFrame, wave: str, arms: list[str]) -> str:
    here = means[means["wave"] == wave].set_index("arm")["n"]
    counts = [f"{short(a, 14)} {int(here[a])}" for a in arms if a in here]
    return "\n".join([printable(wave), *counts])


def _told(means: pd.DataFrame, unit: str, title: str) -> str:
    told = [
        f"{row['arm']} at {row['wave']}: {number(row['mean'], 1)} "
        f"({number(row['ci_low'], 1)} to {number(row['ci_high'], 1)}), {int(row['n'])} people"
        for row in means.to_dict("records")
    ]
    head = f"{title}. " if title else ""
    return f"{head}Adjusted means of {unit} over time. {'; '.join(told)}."


def tipping(table: pd.DataFrame, tips: pd.DataFrame, *, unit: str, title: str = "") -> Figure:
    """How the difference moves as unseen outcomes move; where its interval reaches zero.

    Parameters
    ----------
    table : pandas.DataFrame
        ``scenario, delta, estimate, ci_low, ci_high`` of one contrast.
    tips : pandas.DataFrame
        ``scenario, tipping_value``.
    unit : str
        What the difference is in points of.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a scenario, the same axes in all.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"scenario": "both arms", "delta": [-1.0, 0.0, 1.0],
    ...     "estimate": [-2.0, -1.8, -1.6], "ci_low": [-3.0, -2.8, -2.6],
    ...     "ci_high": [-1.0, -0.8, -0.6]})
    >>> tips = pd.DataFrame({"scenario": ["both arms"], "tipping_value": [5.0]})
    >>> len(tipping(table, tips, unit="loneliness").axes)
    1
    """
    scenarios = list(dict.fromkeys(table["scenario"]))
    with style.house_style():
        figure = style.blank(3.2 + (0.3 if title else 0))
        panels = figure.subplots(1, len(scenarios), sharey=True, squeeze=False)[0]
        low = min(0.0, float(table["ci_low"].min()))
        high = max(0.0, float(table["ci_high"].max()))
        room = 0.06 * (high - low or 1.0)
        for panel, scenario in zip(panels, scenarios, strict=True):
            mine = table[table["scenario"] == scenario].sort_values("delta")
            panel.fill_between(
                mine["delta"], mine["ci_low"], mine["ci_high"], color=style.BLUE, alpha=0.18,
                linewidth=0,
            )  # fmt: skip
            panel.plot(mine["delta"], mine["estimate"], color=style.BLUE, linewidth=1.6)
            panel.axhline(0, color=style.GREY, linewidth=0.9)
            value = float(tips.loc[tips["scenario"] == scenario, "tipping_value"].iloc[0])
            inside = mine["delta"].min() <= value <= mine["delta"].max()
            if inside:
                panel.axvline(value, color=style.VERMILION, linewidth=1.1, linestyle=(0, (4, 3)))
            says = "no tipping value" if value != value else f"tips at {number(value, 1)}"
            panel.set_title(f"{scenario}\n{says}", loc="left", fontsize=8.5)
            style.bare(panel, keep=("left", "bottom"))
            style.numbered(panel, float(mine["delta"].min()), float(mine["delta"].max()), most=5)
            panel.set_xlabel("unseen minus expected (points)", fontsize=8.5)
        panels[0].set_ylim(low - room, high + room)
        style.numbered(panels[0], low - room, high + room, which="y")
        panels[0].set_ylabel(f"difference in {printable(unit)} (points)")
        if title:
            figure.suptitle(printable(title), x=0.01, ha="left", fontsize=10)
    told = "; ".join(
        f"{row['scenario']}: "
        + (
            "no tipping value"
            if row["tipping_value"] != row["tipping_value"]
            else f"tips at {row['tipping_value']:.1f} points"
        )
        for row in tips.to_dict("records")
    )
    return style.described(figure, f"Sensitivity of the difference to missing outcomes. {told}.")

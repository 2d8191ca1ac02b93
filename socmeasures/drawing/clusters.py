"""Means of clusters side by side by arm: a dot a cluster, larger for more people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from socmeasures.drawing import style
from socmeasures.drawing.labels import decimals_for, number, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALLEST, LARGEST = 22.0, 190.0  # square points of a dot


def cluster_means(
    clusters: pd.DataFrame,
    means: pd.DataFrame,
    *,
    unit: str,
    better: str | None = None,
    control: str | None = None,
    title: str = "",
) -> Figure:
    """Draw the mean of each cluster by arm, and each arm's mean with its interval.

    Parameters
    ----------
    clusters : pandas.DataFrame
        ``arm, n, mean``, a row a cluster; those without a mean are left out, and an arm may have
        none. With a column
        ``pair``, the two clusters of a pair are joined by a line.
    means : pandas.DataFrame
        ``arm, mean, ci_low, ci_high``, a row an arm.
    unit : str
        What the numbers are points of.
    better : {"lower", "higher", "none"} or None
        Which direction is better; the axis says so.
    control : str or None
        The arm drawn last, in its own colour.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure
        Dots of one arm stand beside each other in the order of their means, so that none hides
        another.

    Examples
    --------
    >>> import pandas as pd
    >>> clusters = pd.DataFrame({"arm": ["new", "new", "usual", "usual"], "n": [8, 12, 9, 11],
    ...                          "mean": [9.0, 10.0, 11.0, 12.5]})
    >>> means = pd.DataFrame({"arm": ["new", "usual"], "mean": [9.5, 11.8],
    ...                       "ci_low": [8.0, 10.4], "ci_high": [11.0, 13.2]})
    >>> picture = cluster_means(clusters, means, unit="loneliness")
    >>> picture.axes[0].get_ylabel()
    'cluster mean of loneliness'
    """
    there = clusters[clusters["mean"].notna()].copy()
    arms = list(dict.fromkeys([*there["arm"], *means["arm"]]))
    arms = [*(a for a in arms if a != control), *(a for a in arms if a == control)]
    there["place"] = there["arm"].map({arm: place for place, arm in enumerate(arms)}).astype(float)
    for _, mine in there.groupby("arm"):
        spread = np.linspace(-0.3, 0.3, len(mine)) if len(mine) > 1 else np.zeros(1)
        there.loc[mine.sort_values("mean").index, "place"] += spread
    arrow = {"lower": "\n↓ lower is better", "higher": "\n↑ higher is better"}.get(better or "", "")
    with style.house_style():
        figure = style.blank(3.6 + (0.3 if title else 0))
        axes = figure.add_subplot()
        if "pair" in there:
            for _, both in there.groupby("pair"):
                axes.plot(both["place"], both["mean"], color=style.RULE, linewidth=0.9, zorder=1)
        for colour, (arm, mine) in zip(
            style.SERIES, ((a, there[there["arm"] == a]) for a in arms), strict=False
        ):
            largest = float(there["n"].max())
            sizes = SMALLEST + (LARGEST - SMALLEST) * mine["n"].to_numpy(float) / largest
            axes.scatter(mine["place"], mine["mean"], s=sizes, color=colour, alpha=0.55,
                         edgecolor=colour, linewidth=0.8, zorder=2)  # fmt: skip
            at = arms.index(arm) + 0.42
            for row in means[means["arm"] == arm].to_dict("records"):
                axes.plot([at, at], [row["ci_low"], row["ci_high"]], color=colour, linewidth=2.2)
                axes.plot([at], [row["mean"]], "D", color=colour, markersize=6)
                if arm == arms[0]:
                    axes.annotate("mean and\ninterval", (at, row["mean"]), xytext=(7, 0),
                                  textcoords="offset points", fontsize=7.5, color=style.GREY,
                                  va="center")  # fmt: skip
        names = [f"{short(a, 26)}{_counted(int((there['arm'] == a).sum()))}" for a in arms]
        low, high = axes.get_ylim()
        style.bare(axes, keep=("left", "bottom"))
        style.numbered(axes, low, high, which="y", most=6)
        axes.set_xticks(range(len(arms)), names)
        axes.set_xlim(-0.5, len(arms) - 0.4)
        axes.set_ylabel(f"cluster mean of {short(unit, 30)}{arrow}", fontsize=8.5)
        if title:
            axes.set_title(short(title, 80), loc="left", fontsize=10, fontweight="bold", pad=8)
    return style.described(figure, _told(there, means, arms, unit))


def _counted(clusters: int) -> str:
    """People of an arm without clusters stand by themselves."""
    return f"\n{clusters} clusters" if clusters else "\npeople by themselves"


def _told(there: pd.DataFrame, means: pd.DataFrame, arms: list[str], unit: str) -> str:
    digits = decimals_for(float(there["mean"].min()), float(there["mean"].max()))
    told = []
    for arm in arms:
        mine = there[there["arm"] == arm]["mean"]
        text = f"{arm}: no clusters"
        if len(mine):
            low, high = number(float(mine.min()), digits), number(float(mine.max()), digits)
            text = f"{arm}: {len(mine)} clusters with means from {low} to {high}"
        for row in means[means["arm"] == arm].to_dict("records"):
            text += (
                f"; mean {number(row['mean'], digits)}, interval {number(row['ci_low'], digits)} "
                f"to {number(row['ci_high'], digits)}"
            )
        told.append(text)
    return f"Means of clusters in {unit} by arm, larger dots for more people. {'. '.join(told)}."

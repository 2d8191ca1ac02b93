"""How many people went from which answer to which: bands between two time points.

A plain table in, a matplotlib `Figure` out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from socmeasures.drawing import style
from socmeasures.drawing.labels import printable, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 0.055  # of a bar, where the two time points are 0 and 1
GAP = 0.035  # between two answers, as a share of everybody


def flows(
    table: pd.DataFrame,
    *,
    labels: tuple[str, str] = ("before", "after"),
    order: tuple[str, ...] = (),
    title: str = "",
) -> Figure:
    """People moving between answers, bands as wide as their number.

    Parameters
    ----------
    table : pandas.DataFrame
        ``from, to, n``: the ``transitions`` of `pre_post` for one outcome.
    labels : tuple of str
        The two time points.
    order : tuple of str
        Answers from the top down; by default from the last to the first.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure
        Those who gave the same answer twice are grey, the others coloured by where they started.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"from": ["no", "no", "yes"], "to": ["no", "yes", "yes"],
    ...                       "n": [30, 5, 12]})
    >>> figure = flows(table, title="Has somebody to talk to")
    >>> from socmeasures.drawing.style import alt_text
    >>> alt_text(figure)
    'Has somebody to talk to. 47 people, before to after: no to no 30, no to yes 5, yes to yes 12.'
    """
    rows = table[table["n"] > 0].assign(
        **{"from": table["from"].astype(str), "to": table["to"].astype(str)}
    )
    seen = list(dict.fromkeys([*rows["from"], *rows["to"]]))
    names = [*order, *(n for n in seen if n not in order)] if order else seen[::-1]
    total = int(rows["n"].sum())
    colours = {n: style.SERIES[k % len(style.SERIES)] for k, n in enumerate(names)}
    with style.house_style():
        figure = style.blank(3.4 + (0.3 if title else 0))
        axes = figure.add_subplot()
        if total:
            starts = _bars(axes, rows.groupby("from")["n"].sum(), names, total, 0.0)
            ends = _bars(axes, rows.groupby("to")["n"].sum(), names, total, 1.0)
            for one in names:
                for other in names:
                    n = rows.loc[(rows["from"] == one) & (rows["to"] == other), "n"].sum()
                    if not n:
                        continue
                    height = float(n) / total
                    starts[one] -= height
                    ends[other] -= height
                    colour = style.GREY if one == other else colours[one]
                    _band(axes, starts[one], ends[other], height, colour)
        for x, label in ((0.0, labels[0]), (1.0, labels[1])):
            axes.text(x, 1.05 + GAP * len(names), f"{short(label, 20)} · n = {total:,}",
                      ha="center", va="bottom", fontsize=9)  # fmt: skip
        axes.set_xlim(-0.42, 1.42)
        axes.set_ylim(-0.03, 1.14 + GAP * len(names))
        axes.set_axis_off()
        if title:
            axes.set_title(short(title, 80), loc="left", fontsize=10, fontweight="bold", pad=8)
    told = ", ".join(
        f"{printable(r['from'])} to {printable(r['to'])} {int(r['n']):,}"
        for r in rows.to_dict("records")
    )
    return style.described(
        figure,
        f"{printable(title) or 'From which answer to which'}. {total:,} people, "
        f"{printable(labels[0])} to {printable(labels[1])}: {told}.",
    )


def _bars(
    axes: Axes, counts: pd.Series, names: list[str], total: int, x: float
) -> dict[str, float]:
    """Bars of one time point, the first name on top; gives the upper end of each."""
    tops: dict[str, float] = {}
    y = 1.0 + GAP * (len(names) - 1)
    side = -1 if x == 0 else 1
    for name in names:
        height = float(counts.get(name, 0)) / total
        tops[name] = y
        if height:
            axes.bar(x, height, WIDE, bottom=y - height, color=style.INK, linewidth=0, zorder=3)
            axes.text(x + side * (WIDE / 2 + 0.02), y - height / 2,
                      f"{short(name, 22)}: {int(counts[name]):,}", fontsize=8.5, va="center",
                      ha="right" if side < 0 else "left")  # fmt: skip
        y -= height + GAP
    return tops


def _band(axes: Axes, left: float, right: float, height: float, colour: str) -> None:
    t = np.linspace(0, 1, 40)
    ease = t**2 * (3 - 2 * t)
    bottom = left + (right - left) * ease
    x = WIDE / 2 + t * (1 - WIDE)
    axes.fill_between(x, bottom, bottom + height, color=colour, alpha=0.45, linewidth=0)

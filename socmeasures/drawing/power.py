"""The power curve: how the chance of finding a difference grows with people or clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from socmeasures.drawing import style
from socmeasures.drawing.labels import decimals_for, number, printable, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def power_curve(
    curve: pd.DataFrame,
    *,
    size: float,
    reached: float,
    size_label: str,
    wanted: float | None = None,
    value_label: str = "power (%)",
    percent: bool = True,
    title: str = "",
) -> Figure:
    """Power (or the half-width of an interval) against size, the planned size marked.

    Parameters
    ----------
    curve : pandas.DataFrame
        ``line, size, value``: one line for each assumption, the planned one first.
    size, reached : float
        The planned size and what it reaches.
    size_label : str
        Title of the lower axis.
    wanted : float or None
        What was asked for, drawn as a level line.
    value_label : str
        Title of the left axis.
    percent : bool
        Whether values are shares to be shown in per cent.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure
        Every line is named where it ends.

    Examples
    --------
    >>> import pandas as pd
    >>> curve = pd.DataFrame({"line": "planned", "size": [20, 40, 60], "value": [0.3, 0.6, 0.78]})
    >>> figure = power_curve(curve, size=60, reached=0.78, size_label="people in each arm")
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('people in each arm', 'power (%)')
    """
    times = 100.0 if percent else 1.0
    lines = list(dict.fromkeys(curve["line"]))
    right = float(curve["size"].max())
    top = 100.0 if percent else 1.05 * float(curve["value"].max())
    with style.house_style():
        figure = style.blank(3.5 + (0.3 if title else 0))
        axes = figure.add_subplot()
        if wanted is not None:
            axes.axhline(
                times * wanted, color=style.GREY, linewidth=0.9, linestyle=(0, (3, 2)), zorder=1
            )
        ends = []
        for place, name in enumerate(lines):
            mine = curve[curve["line"] == name]
            colour = style.SERIES[place % len(style.SERIES)]
            dashes = "-" if place == 0 else (0, (5, 1.5) if place == 1 else (1.5, 1.5))
            axes.plot(
                mine["size"], times * mine["value"], color=colour, linestyle=dashes,
                linewidth=1.4 if place else 2.0, zorder=2 if place else 3,
            )  # fmt: skip
            ends.append((times * float(mine["value"].iloc[-1]), name, colour))
        axes.plot([size], [times * reached], "o", color=style.BLUE, markersize=7, zorder=4)
        digits = 0 if percent else decimals_for(0, top)
        axes.annotate(
            f"{_size(size)}: {number(times * reached, digits)}{' %' if percent else ''}",
            (size, times * reached), xytext=(8, -12), textcoords="offset points", fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip
        _name_lines(axes, ends if len(lines) > 1 else [], right, 0.055 * top)
        style.bare(axes, keep=("left", "bottom"))
        axes.set_xlim(0, right)
        axes.set_ylim(0, top)
        style.numbered(axes, 0, right)
        style.numbered(axes, 0, top, which="y", most=6)
        axes.grid(axis="y", color=style.RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(printable(size_label), fontsize=9)
        axes.set_ylabel(printable(value_label), fontsize=9)
        if title:
            axes.set_title(short(title, 80), loc="left", fontsize=10, fontweight="bold", pad=8)
    told = _told(curve, lines, size, reached, size_label, value_label, times, wanted)
    return style.described(figure, f"{printable(title)}. {told}" if title else told)


def _name_lines(axes: Axes, ends: list[tuple[float, str, str]], right: float, gap: float) -> None:
    """Each line's name beside its end, pushed down where two ends meet: they meet at the top."""
    placed: float | None = None
    for value, name, colour in sorted(ends, reverse=True):
        placed = value if placed is None else min(value, placed - gap)
        axes.annotate(
            short(name, 24), (right, placed), xytext=(6, 0), textcoords="offset points",
            color=colour, fontsize=8.5, va="center", annotation_clip=False,
        )  # fmt: skip


def _told(
    curve: pd.DataFrame,
    lines: list[str],
    size: float,
    reached: float,
    size_label: str,
    value_label: str,
    times: float,
    wanted: float | None,
) -> str:
    """The picture in words: the planned size, and every line at a few sizes."""
    digits = 0 if times > 1 else decimals_for(0, float(curve["value"].max()))
    parts = []
    for name in lines:
        mine = curve[curve["line"] == name]
        shown = mine.iloc[[0, len(mine) // 4, len(mine) // 2, -1]].drop_duplicates("size")
        pairs = zip(shown["size"], shown["value"], strict=True)
        points = ", ".join(f"{number(times * v, digits)} at {_size(s)}" for s, v in pairs)
        parts.append(f"{printable(name)}: {points}" if len(lines) > 1 else points)
    level = f" {number(times * wanted, digits)} was asked for." if wanted is not None else ""
    return (
        f"{printable(value_label)} against {printable(size_label)}. Planned: "
        f"{number(times * reached, digits)} at {_size(size)}.{level} {'; '.join(parts)}."
    )


def _size(size: float) -> str:
    return number(size, 0 if float(size).is_integer() else 1)

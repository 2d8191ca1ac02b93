"""Pictures of estimates and their intervals: plain tables in, a matplotlib `Figure` out.

Knows no study and no scale; never touches pyplot, so no window opens and nothing is kept. Each
figure carries its alternative text (`style.alt_text`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from socmeasures.drawing import style
from socmeasures.drawing.labels import decimals_for, number, printable, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 0.52  # inches a row takes: a line of text above, the interval below
ENDS = {
    "lower": ("lower (better)", "higher (worse)"),
    "higher": ("lower (worse)", "higher (better)"),
}
HEADROOM = 0.42  # how far above its interval a row's text stands, in rows


def intervals(
    table: pd.DataFrame,
    *,
    unit: str,
    better: str | None = None,
    title: str = "",
    what: str = "difference",
    decimals: int | None = None,
) -> Figure:
    """Differences or changes as dots with their intervals, one row each, zero marked.

    Parameters
    ----------
    table : pandas.DataFrame
        Tidy: ``contrast, estimate, ci_low, ci_high, n`` and, where there are several, ``term``
        and ``wave``. All rows in the same unit. A row without an estimate is left out; a row
        without an interval is a bare dot.
    unit : str
        What the numbers are points of, for the axis.
    better : {"lower", "higher", "none"} or None
        Which direction is better; the axis says so when it is known.
    title : str
        Drawn on top; none when empty.
    what : str
        What the numbers are called on the axis: "difference" or "change".
    decimals : int or None
        Digits after the point; by default as many as the range of the axis is worth.

    Returns
    -------
    matplotlib.figure.Figure
        Positive to the right. Zero is always on the axis.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {"contrast": ["after - before"], "estimate": [-1.2], "ci_low": [-1.9],
    ...      "ci_high": [-0.5], "n": [43]}
    ... )
    >>> figure = intervals(table, unit="UCLA-3 total", better="lower")
    >>> figure.axes[0].get_xlabel()
    'difference in UCLA-3 total (points)'
    """
    rows = _shown(table)
    names = _row_names(rows)
    with style.house_style():
        figure = style.blank(0.95 + ROW * max(len(rows), 1) + (0.3 if title else 0))
        axes = figure.add_subplot()
        low, high = _room(rows, include=(0.0,))
        for place in range(len(rows)):  # under each row's text, never through it
            axes.plot([0, 0], [-place - 0.34, -place + 0.2], color=style.GREY, linewidth=0.9,
                      linestyle=(0, (3, 2)), zorder=1)  # fmt: skip
        _dots(axes, rows, names, low, high, _digits(decimals, low, high))
        axes.set_xlabel(f"{what} in {short(unit, 60)} (points)", fontsize=9)
        _ends(axes, better, low, high)
        _headline(axes, title)
    return style.described(
        figure, _told(title or "Estimates with intervals", rows, names, unit, decimals)
    )


def adjusted_means(
    table: pd.DataFrame,
    *,
    unit: str,
    low: float | None = None,
    high: float | None = None,
    better: str | None = None,
    title: str = "",
    decimals: int | None = None,
) -> Figure:
    """Group means as dots with their intervals, on the range of the instrument.

    Parameters
    ----------
    table : pandas.DataFrame
        ``arm, mean, ci_low, ci_high`` and, where known, ``n`` and ``wave``.
    unit : str
        What was measured, for the axis.
    low, high : float or None
        The lowest and highest possible score; the axis runs from one to the other.
    better : {"lower", "higher", "none"} or None
        Which direction is better.
    title : str
        Drawn on top; none when empty.
    decimals : int or None
        Digits after the point; by default as many as the range of the axis is worth.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"arm": ["befriending", "usual care"], "mean": [5.1, 6.0],
    ...                       "ci_low": [4.6, 5.5], "ci_high": [5.6, 6.5], "n": [60, 58]})
    >>> figure = adjusted_means(table, unit="UCLA-3 total", low=3, high=9)
    >>> [float(end) for end in figure.axes[0].get_xlim()]
    [3.0, 9.0]
    """
    rows = _shown(table.rename(columns={"arm": "contrast", "mean": "estimate"}))
    names = _row_names(rows)
    with style.house_style():
        figure = style.blank(0.95 + ROW * max(len(rows), 1) + (0.3 if title else 0))
        axes = figure.add_subplot()
        left, right = _room(rows)
        left, right = (left if low is None else low), (right if high is None else high)
        _dots(axes, rows, names, left, right, _digits(decimals, left, right))
        axes.set_xlabel(f"{short(unit, 60)} (points)", fontsize=9)
        _ends(axes, better, left, right)
        _headline(axes, title)
    return style.described(
        figure, _told(title or "Means with intervals", rows, names, unit, decimals)
    )


def means_over_time(
    table: pd.DataFrame,
    *,
    unit: str,
    low: float | None = None,
    high: float | None = None,
    better: str | None = None,
    title: str = "",
    decimals: int | None = None,
) -> Figure:
    """Means at each time point with their intervals, a line a group, on the instrument's range.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a time point (and group), in order: ``wave, mean, ci_low, ci_high, n`` and
        ``arm`` where there are groups.
    unit : str
        What was measured, for the axis.
    low, high : float or None
        The lowest and highest possible score; the axis runs from one to the other.
    better : {"lower", "higher", "none"} or None
        Which direction is better; an arrow beside the axis says so.
    title : str
        Drawn on top; none when empty.
    decimals : int or None
        Digits after the point; by default as many as the range of the axis is worth.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"wave": ["before", "after"], "mean": [6.1, 5.2],
    ...                       "ci_low": [5.7, 4.8], "ci_high": [6.5, 5.6], "n": [80, 80]})
    >>> figure = means_over_time(table, unit="UCLA-3 total", low=3, high=9)
    >>> [float(end) for end in figure.axes[0].get_ylim()]
    [3.0, 9.0]
    """
    rows = table.dropna(subset=["mean"])
    waves = list(dict.fromkeys(rows["wave"].astype(str)))
    arms = list(dict.fromkeys(_texts(rows, "arm")))
    with style.house_style():
        figure = style.blank(3.1 + (0.3 if title else 0) + 0.16 * max(len(arms) - 1, 0))
        axes = figure.add_subplot()
        bottom, top = _room(rows.rename(columns={"mean": "estimate"}))
        bottom, top = (bottom if low is None else low), (top if high is None else high)
        digits = _digits(decimals, bottom, top)
        counts: list[str] = []
        ends: list[tuple[float, str, str]] = []
        for place, arm in enumerate(arms):
            part = rows[[text == arm for text in _texts(rows, "arm")]]
            colour = style.SERIES[place % len(style.SERIES)]
            x = np.array([waves.index(w) for w in part["wave"].astype(str)], dtype=float)
            x = x + 0.05 * (place - (len(arms) - 1) / 2)  # so that intervals do not hide each other
            mean = part["mean"].to_numpy(float)
            axes.vlines(x, part["ci_low"], part["ci_high"], color=colour, linewidth=2.2, alpha=0.75)
            axes.plot(x, mean, color=colour, linewidth=1.4, marker="o", markersize=6, zorder=3)
            ends.append((float(mean[-1]), colour, f"{short(arm, 22)} " if arm else ""))
            people = zip(part["wave"], part["n"], strict=True)
            told = ", ".join(f"{short(w, 14)} {int(n):,}" for w, n in people)
            counts.append(f"{short(arm, 30)}: n = {told}" if arm else f"n = {told}")
        _end_labels(axes, ends, len(waves) - 1, bottom, top, digits)
        axes.set_xlim(-0.35, len(waves) - 1 + 0.35)
        axes.set_ylim(bottom, top)
        axes.set_xticks(range(len(waves)), [short(w, max(10, 60 // len(waves))) for w in waves])
        style.bare(axes, keep=("left", "bottom"))
        style.numbered(axes, bottom, top, which="y", most=6)
        axes.grid(axis="y", color=style.RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_ylabel(_vertical(unit, better), fontsize=8.5)
        axes.set_xlabel("\n".join(counts), fontsize=8.5, color=style.GREY)
        _headline(axes, title)
    places = zip(_texts(rows, "arm"), _texts(rows, "wave"), strict=True)
    names = [" · ".join(part for part in place if part) for place in places]
    drawn = rows.rename(columns={"mean": "estimate"})
    return style.described(figure, _told(title or "Means over time", drawn, names, unit, decimals))


def _texts(rows: pd.DataFrame, column: str) -> list[str]:
    """A column as printable text, empty where there is none."""
    if column not in rows:
        return [""] * len(rows)
    return ["" if pd.isna(v) else printable(v) for v in rows[column]]


def _digits(asked: int | None, low: float, high: float) -> int:
    return decimals_for(low, high) if asked is None else asked


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[np.isfinite(table["estimate"].astype(float))].reset_index(drop=True)
    for column in ("ci_low", "ci_high"):
        if column not in rows:
            rows[column] = np.nan
    return rows


def _row_names(rows: pd.DataFrame) -> list[str]:
    """What tells the rows apart: the contrast, and wave or term where that is not enough."""
    names = _texts(rows, "contrast")
    for extra in ("wave", "term"):
        texts = _texts(rows, extra)
        if len(set(names)) < len(names) and len(set(texts)) > 1:
            both = zip(names, texts, strict=True)
            names = [" · ".join(part for part in parts if part) for parts in both]
    return names


def _room(rows: pd.DataFrame, include: Sequence[float] = ()) -> tuple[float, float]:
    """Both ends of an axis that holds all estimates and intervals with some air."""
    values = rows[["estimate", "ci_low", "ci_high"]].to_numpy(float).ravel()
    values = np.append(values[np.isfinite(values)], include)
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    air = 0.08 * (high - low) or max(abs(low), 1.0) * 0.5
    return low - air, high + air


def _dots(
    axes: Axes, rows: pd.DataFrame, names: list[str], low: float, high: float, decimals: int
) -> None:
    for place, row in rows.iterrows():
        y = -float(place)
        axes.plot(
            [row["ci_low"], row["ci_high"]], [y, y],
            color=style.BLUE, linewidth=2.6, solid_capstyle="butt", zorder=2,
        )  # fmt: skip
        axes.plot([row["estimate"]], [y], "o", color=style.BLUE, markersize=7, zorder=3)
        text = number(row["estimate"], decimals)
        if np.isfinite(row["ci_low"]) or np.isfinite(row["ci_high"]):
            text += f" ({number(row['ci_low'], decimals)} to {number(row['ci_high'], decimals)})"
        if "n" in rows and pd.notna(row["n"]):
            text += f" · n = {int(row['n']):,}"
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
        across = axes.get_yaxis_transform()
        axes.text(
            0, y + HEADROOM, short(names[int(place)], 48), transform=across,
            va="center", ha="left", fontsize=9, bbox=behind,
        )  # fmt: skip
        axes.text(
            1, y + HEADROOM, text, transform=across,
            va="center", ha="right", fontsize=9, color=style.INK, bbox=behind,
        )  # fmt: skip
    axes.set_xlim(low, high)
    axes.set_ylim(-len(rows) + 0.6, 0.75)
    style.bare(axes)
    style.numbered(axes, low, high)


def _ends(axes: Axes, better: str | None, low: float, high: float) -> None:
    """Say at both ends of the axis which way is better; nothing when nobody said."""
    if better not in ENDS or low >= high:
        return
    left, right = ENDS[better]
    axes.annotate(
        f"← {left}", (0, 0), xytext=(0, -24), xycoords="axes fraction",
        textcoords="offset points", ha="left", va="top", fontsize=8.5, color=style.GREY,
    )  # fmt: skip
    axes.annotate(
        f"{right} →", (1, 0), xytext=(0, -24), xycoords="axes fraction",
        textcoords="offset points", ha="right", va="top", fontsize=8.5, color=style.GREY,
    )  # fmt: skip
    axes.xaxis.labelpad = 16


def _vertical(unit: str, better: str | None) -> str:
    name = short(unit, 46)
    arrow = {"lower": "↓ lower is better", "higher": "↑ higher is better"}.get(better or "", "")
    return f"{name}\n{arrow}" if arrow else name


def _headline(axes: Axes, title: str) -> None:
    if title:
        axes.set_title(short(title, 80), loc="left", fontsize=10, fontweight="bold", pad=8)


def _end_labels(
    axes: Axes,
    ends: list[tuple[float, str, str]],
    last: float,
    bottom: float,
    top: float,
    decimals: int,
) -> None:
    """Name each line at its right end, pushed apart where two ends meet."""
    gap = 0.075 * (top - bottom)
    placed: float | None = None
    for value, colour, name in sorted(ends):
        y = value if placed is None else max(value, placed + gap)
        placed = y
        told = [(f"{name}{number(value, decimals)}", 22 if name else 12, style.INK)]
        for text, shift, ink in [*told, ("■", 12, colour)] if name else told:
            axes.annotate(
                text, (last, y), xytext=(shift, 0), textcoords="offset points",
                va="center", ha="left", fontsize=8.5, color=ink, annotation_clip=False,
            )  # fmt: skip


def _told(title: str, rows: pd.DataFrame, names: list[str], unit: str, decimals: int | None) -> str:
    """The picture in words: title, unit, then every row with its numbers."""
    values = rows["estimate"].to_numpy(float)
    digits = _digits(decimals, *_room(rows)) if len(values) else 1
    parts = []
    for name, (_, row) in zip(names, rows.iterrows(), strict=True):
        text = f"{name}: {number(row['estimate'], digits)}"
        if np.isfinite(row["ci_low"]) and np.isfinite(row["ci_high"]):
            text += f", from {number(row['ci_low'], digits)} to {number(row['ci_high'], digits)}"
        if "n" in rows and pd.notna(row["n"]):
            text += f", n = {int(row['n']):,}"
        parts.append(text)
    return f"{printable(title)}. {printable(unit)}, in points. {'; '.join(parts)}."

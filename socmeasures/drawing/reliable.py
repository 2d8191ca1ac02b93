"""Single people and groups of them: the Jacobson picture, better/same/worse bars, rainclouds.

Arrays and plain tables in, a matplotlib `Figure` out. The Jacobson picture and the raincloud show
people: for INTERNAL papers only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from socmeasures.drawing import style
from socmeasures.drawing.labels import number, printable, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GOOD, NEUTRAL, BAD = style.BLUE, style.GREY, style.VERMILION
HATCHES = {GOOD: "", NEUTRAL: "....", BAD: "////"}  # told apart without any colour too
SMOOTH = 60  # places at which a cloud's height is computed


def jacobson(
    before: ArrayLike,
    after: ArrayLike,
    *,
    limit: float,
    unit: str,
    cutoff: float | None = None,
    labels: tuple[str, str] = ("before", "after"),
    low: float | None = None,
    high: float | None = None,
    better: str | None = None,
    title: str = "",
) -> Figure:
    """Later against earlier score of each person, with the band that measurement error explains.

    Parameters
    ----------
    before, after : array-like, shape (n_people,)
        Scores of the same people in the same order; a person without either is left out.
    limit : float
        A change beyond this many points is more than measurement error.
    unit : str
        What was measured.
    cutoff : float, optional
        Drawn as a dashed line.
    labels : tuple of str
        The two time points.
    low, high : float or None
        The lowest and highest possible score.
    better : {"lower", "higher", "none"} or None
        Which direction is better; the areas are named by it.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure
        Dots where people share both scores are larger. Holds personal data.

    Examples
    --------
    >>> figure = jacobson([7, 5, 4], [4, 5, 6], limit=2.2, unit="UCLA-3 total", low=3, high=9)
    >>> figure.axes[0].get_xlabel()
    'UCLA-3 total, before (points)'
    """
    x, y = _measured(before, after)
    bottom, top = _ends(np.concatenate([x, y]), low, high)
    air = 0.09 * (top - bottom)  # room for the words in the corners
    ends = np.array([bottom - air, top + air])
    up, down = _sides(better)
    with style.house_style():
        figure = style.blank(4.6 + (0.3 if title else 0), width=5.2)
        axes = figure.add_subplot()
        axes.fill_between(ends, ends - limit, ends + limit, color="#e7ebef", linewidth=0, zorder=0)
        axes.plot(ends, ends, color=style.GREY, linewidth=0.9, zorder=1)
        if cutoff is not None:
            for straight in (axes.axhline, axes.axvline):
                straight(cutoff, color=style.INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        counts = []
        for name, colour, mark, mine in (
            (up, BAD if better == "lower" else GOOD, "^", y - x > limit),
            ("within measurement error", NEUTRAL, "o", np.abs(y - x) <= limit),
            (down, GOOD if better == "lower" else BAD, "v", x - y > limit),
        ):
            places, people = np.unique(
                np.column_stack([x[mine], y[mine]]), axis=0, return_counts=True
            )
            axes.scatter(places[:, 0], places[:, 1], s=18 * np.sqrt(people), marker=mark,
                         color=colour, alpha=0.75, linewidth=0, zorder=3)  # fmt: skip
            counts.append(f"{name} {int(mine.sum()):,}")
        for text, place, ha, va in (
            (f"{up} ▲", (0.02, 0.98), "left", "top"),
            (f"{down} ▼", (0.98, 0.02), "right", "bottom"),
        ):
            axes.text(*place, text, transform=axes.transAxes, ha=ha, va=va, fontsize=8.5)
        axes.set_xlim(*ends)
        axes.set_ylim(*ends)
        axes.set_aspect("equal")
        style.bare(axes, keep=("left", "bottom"))
        for which in ("x", "y"):
            style.numbered(axes, bottom, top, which=which, most=6)
        axes.set_xlabel(f"{short(unit, 40)}, {short(labels[0], 14)} (points)", fontsize=9)
        axes.set_ylabel(f"{short(unit, 40)}, {short(labels[1], 14)} (points)", fontsize=9)
        _headline(axes, title)
    line = "" if cutoff is None else f" A dashed line marks the cut-off {number(cutoff, 2)}."
    return style.described(
        figure,
        f"{printable(title) or 'Later score against earlier score'}. {printable(unit)}, "
        f"{len(x):,} people, {printable(labels[0])} to {printable(labels[1])}: "
        f"{', '.join(counts)}. The grey band is what measurement error explains, up to "
        f"{number(limit, 2)} points.{line}",
    )


def better_same_worse(
    table: pd.DataFrame, *, better: str | None = None, title: str = "", what: str = ""
) -> Figure:
    """Shares of people as stacked bars, one bar a measure (or time point, or group).

    Parameters
    ----------
    table : pandas.DataFrame
        ``name`` (of the bar), ``category``, ``n``, ``n_pairs``; categories in the order to stack.
    better : {"lower", "higher", "none"} or None
        Colours the categories higher and lower; better and worse have theirs.
    title : str
        Drawn on top; none when empty.
    what : str
        What counts as a change, e.g. "by more than measurement error".

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"name": ["loneliness"] * 3, "category": ["better", "same", "worse"],
    ...                       "n": [14, 40, 6], "n_pairs": [60] * 3})
    >>> figure = better_same_worse(table)
    >>> figure.axes[0].get_xlabel()
    'share of people (%)'
    """
    names = list(dict.fromkeys(table["name"].astype(str)))
    told = []
    with style.house_style():
        figure = style.blank(1.1 + 0.62 * max(len(names), 1) + (0.3 if title else 0))
        axes = figure.add_subplot()
        for place, name in enumerate(names):
            rows = table[table["name"].astype(str) == name]
            left, pieces = 0.0, []
            for row in rows.to_dict("records"):
                share = 100 * row["n"] / row["n_pairs"] if row["n_pairs"] else 0.0
                colour = _colour(str(row["category"]), better)
                axes.barh(-place, share, left=left, height=0.5, color=colour, edgecolor="white",
                          hatch=HATCHES[colour], linewidth=0.8)  # fmt: skip
                if share >= 7:
                    axes.text(left + share / 2, -place, f"{int(row['n']):,}", ha="center",
                              va="center", color=style.INK, fontsize=9,
                              bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5,
                                    "alpha": 0.85})  # fmt: skip
                left += share
                pieces.append(f"{printable(row['category'])} {int(row['n']):,}")
            total = int(rows["n_pairs"].iloc[0]) if len(rows) else 0
            axes.text(0, -place + 0.36, f"{short(name, 70)} · n = {total:,}", ha="left",
                      va="bottom", fontsize=9)  # fmt: skip
            told.append(f"{printable(name)}: {', '.join(pieces)} of {total:,}")
        _legend(axes, list(dict.fromkeys(table["category"].astype(str))), better)
        axes.set_xlim(0, 100)
        axes.set_ylim(-len(names) + 0.6, 0.85)
        style.bare(axes)
        style.numbered(axes, 0, 100, most=6)
        axes.set_xlabel(f"share of people{f', {what}' if what else ''} (%)", fontsize=9)
        _headline(axes, title)
    return style.described(figure, f"{printable(title) or 'Shares of people'}. {'; '.join(told)}.")


def raincloud(
    before: ArrayLike,
    after: ArrayLike,
    *,
    unit: str,
    labels: tuple[str, str] = ("before", "after"),
    low: float | None = None,
    high: float | None = None,
    title: str = "",
) -> Figure:
    """How scores are spread at two time points: a cloud, the middle half, and every person.

    Parameters
    ----------
    before, after : array-like, shape (n_people,)
        Scores of the same people in the same order; a person without either is left out.
    unit : str
        What was measured.
    labels : tuple of str
        The two time points.
    low, high : float or None
        The lowest and highest possible score.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure
        The dots are people: INTERNAL.

    Examples
    --------
    >>> figure = raincloud([7, 5, 4, 6], [5, 5, 6, 4], unit="UCLA-3 total", low=3, high=9)
    >>> [float(end) for end in figure.axes[0].get_xlim()]
    [3.0, 9.0]
    """
    x, y = _measured(before, after)
    bottom, top = _ends(np.concatenate([x, y]), low, high)
    jitter = np.random.default_rng(1)
    told = []
    with style.house_style():
        figure = style.blank(3.6 + (0.3 if title else 0))
        axes = figure.add_subplot()
        for place, (values, label) in enumerate(zip((x, y), labels, strict=True)):
            colour = style.SERIES[place]
            at = -1.3 * place
            grid = np.linspace(bottom, top, SMOOTH)
            axes.fill_between(grid, at + 0.08, at + 0.08 + 0.5 * _cloud(values, grid),
                              color=colour, alpha=0.45, linewidth=0)  # fmt: skip
            if len(values):
                q1, middle, q3 = np.quantile(values, [0.25, 0.5, 0.75])
                axes.plot([q1, q3], [at, at], color=colour, linewidth=5, solid_capstyle="butt")
                axes.plot([middle], [at], "|", color=style.INK, markersize=13, markeredgewidth=2)
                spread = jitter.uniform(-0.09, 0.09, len(values))
                axes.scatter(values, at - 0.22 + spread, s=9, color=colour, alpha=0.6, linewidth=0,
                             clip_on=False)  # fmt: skip
                told.append(
                    f"{printable(label)}: median {number(middle, 1)}, middle half "
                    f"{number(q1, 1)} to {number(q3, 1)}"
                )
            axes.text(0, at + 0.64, f"{short(label, 24)} · n = {len(values):,}",
                      transform=axes.get_yaxis_transform(), ha="left", fontsize=9)  # fmt: skip
        axes.set_xlim(bottom, top)
        axes.set_ylim(-1.72, 0.85)
        style.bare(axes)
        style.numbered(axes, bottom, top)
        axes.set_xlabel(f"{short(unit, 60)} (points)", fontsize=9)
        _headline(axes, title)
    return style.described(
        figure,
        f"{printable(title) or 'Spread of the scores'}. {printable(unit)}, {len(x):,} people. "
        f"{'; '.join(told)}.",
    )


def _measured(before: ArrayLike, after: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(before, float).ravel(), np.asarray(after, float).ravel()
    both = np.isfinite(x) & np.isfinite(y)
    return x[both], y[both]


def _ends(values: np.ndarray, low: float | None, high: float | None) -> tuple[float, float]:
    bottom = float(values.min(initial=np.inf)) if low is None else float(low)
    top = float(values.max(initial=-np.inf)) if high is None else float(high)
    if not np.isfinite([bottom, top]).all():
        return 0.0, 1.0
    return (bottom, top) if top > bottom else (bottom - 1, bottom + 1)


def _sides(better: str | None) -> tuple[str, str]:
    return {
        "lower": ("worse", "better"),
        "higher": ("better", "worse"),
    }.get(better or "", ("higher", "lower"))


def _colour(category: str, better: str | None) -> str:
    good = {"lower": "lower", "higher": "higher"}.get(better or "", "")
    first = category.split(",")[0].split(" and ")[0]
    if first in ("better", "recovered") or first == good:
        return GOOD
    if first in ("worse", "higher", "lower"):
        # with no known direction neither way is called bad; the two still differ
        return BAD if better in ("lower", "higher") or first in ("worse", "lower") else GOOD
    return NEUTRAL


def _legend(axes: Axes, categories: list[str], better: str | None) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=_colour(c, better), hatch=HATCHES[_colour(c, better)], edgecolor="white",
              label=short(c, 40))
        for c in categories
    ]  # fmt: skip
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.28), frameon=False,
                ncols=min(len(handles), 3), fontsize=8.5)  # fmt: skip


def _cloud(values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """A normal-kernel density, highest point 1; flat when there is nothing to smooth."""
    if len(values) < 2 or np.ptp(values) == 0:
        return np.zeros(len(grid))
    width = 1.06 * values.std(ddof=1) * len(values) ** -0.2
    height = np.exp(-(((grid[:, None] - values[None, :]) / width) ** 2) / 2).sum(axis=1)
    return np.asarray(height / height.max())


def _headline(axes: Axes, title: str) -> None:
    if title:
        axes.set_title(short(title, 80), loc="left", fontsize=10, fontweight="bold", pad=8)

"""How scores spread at each time point, with the floor and the ceiling of the instrument marked.

Arrays in, a matplotlib `Figure` out. People at the lowest or highest possible score cannot be
seen to fall or rise any further: a reader must know how many they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from socmeasures.drawing import style
from socmeasures.drawing.labels import decimals_for, number, printable, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BARS = 41  # more possible scores than this are drawn in bins


def score_distribution(
    groups: Mapping[str, ArrayLike],
    *,
    unit: str,
    low: float | None = None,
    high: float | None = None,
    columns: int = 1,
    title: str = "",
) -> Figure:
    """Bars of how many people have each score, a panel a group, floor and ceiling marked.

    Parameters
    ----------
    groups : mapping of str to array-like, shape (n_people,)
        Scores by panel heading, e.g. ``{"before": [...], "after": [...]}``; row by row. NaN means
        "no score" and is left out.
    unit : str
        What was measured, for the axis.
    low, high : float or None
        The lowest and highest possible score. The axis runs from one to the other, and the bars
        at both ends carry the share of people there. None: from the data, nothing marked.
    columns : int
        Panels side by side.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure
        All panels on the same two axes.

    Examples
    --------
    >>> figure = score_distribution({"before": [3, 3, 5, 9]}, unit="UCLA-3 total", low=3, high=9)
    >>> figure.get_label()
    'Distribution of UCLA-3 total. before: n = 4, mean 5.00, 50 % at the lowest possible score (3),
    25 % at the highest possible score (9).'
    """
    scores = {name: _measured(values) for name, values in groups.items()}
    drawn = np.concatenate([*scores.values(), np.empty(0)])
    first = low if low is not None else float(drawn.min(initial=np.inf))
    last = high if high is not None else float(drawn.max(initial=-np.inf))
    if not np.isfinite([first, last]).all():
        first, last = 0.0, 1.0
    edges = _edges(drawn, first, last)
    columns = max(1, min(columns, len(scores) or 1))
    rows = -(-max(len(scores), 1) // columns)
    with style.house_style():
        figure = style.blank(0.55 + 1.55 * rows + (0.3 if title else 0))
        panels = figure.subplots(rows, columns, squeeze=False, sharex=False, sharey=False).ravel()
        shares = {name: _shares(values, edges) for name, values in scores.items()}
        tallest = max((float(s.max(initial=0)) for s in shares.values()), default=0.0) or 1.0
        for place, (panel, name) in enumerate(zip(panels, scores, strict=False)):
            _bars(panel, edges, shares[name], tallest)
            if len(scores[name]):
                _mark_ends(panel, scores[name], edges, shares[name], (low, high), told=columns == 1)
            _heading(panel, name, scores[name], first, last)
            panel.set_xlim(edges[0], edges[-1])
            style.bare(panel)
            style.numbered(panel, first, last, most=max(8 // columns, 3))
            if place >= len(scores) - columns:
                panel.set_xlabel(f"{short(unit, 60 // columns)} (points)", fontsize=9)
        for panel in panels[len(scores) :]:
            panel.set_visible(False)
        if title:
            figure.suptitle(short(title, 80), x=0.01, ha="left", fontsize=10, fontweight="bold")
    told = "; ".join(_panel_told(name, v, low, high, first, last) for name, v in scores.items())
    return style.described(
        figure, f"{printable(title) or 'Distribution of ' + printable(unit)}. {told}."
    )


def _measured(values: ArrayLike) -> np.ndarray:
    array = np.asarray(values, dtype=float).ravel()
    measured: np.ndarray = array[np.isfinite(array)]
    return measured


def _edges(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Bar edges: a bar for each whole score where these are few, bins of equal width otherwise."""
    whole = bool(np.all(values == np.round(values))) and low == round(low) and high == round(high)
    if whole and high - low < MOST_BARS:
        return np.arange(low - 0.5, high + 1.0)
    if high <= low:
        return np.array([low - 0.5, low + 0.5])
    if whole:  # bins of whole scores, so that no bin holds more possible scores than another
        width = int(np.ceil((high - low + 1) / 20))
        return np.append(np.arange(low - 0.5, high + 0.5, width), high + 0.5)
    return np.linspace(low, high, 21)


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    counts, _ = np.histogram(values, bins=edges)
    return 100 * counts / max(len(values), 1)


def _bars(panel: Axes, edges: np.ndarray, shares: np.ndarray, tallest: float) -> None:
    panel.bar(
        edges[:-1], shares, width=np.diff(edges), align="edge",
        color=style.SKY, edgecolor="white", linewidth=0.8,
    )  # fmt: skip
    panel.set_ylim(0, 1.3 * tallest)


def _mark_ends(
    panel: Axes,
    values: np.ndarray,
    edges: np.ndarray,
    shares: np.ndarray,
    ends: tuple[float | None, float | None],
    *,
    told: bool,
) -> None:
    """Colour what stands exactly at the floor or ceiling, and say how much it is."""
    beside = max(1, int(np.ceil(0.11 * len(shares))))  # bars that the text stands above
    for end, place, side, shift in ((ends[0], 0, "left", 1), (ends[1], -1, "right", -1)):
        if end is None:
            continue
        share = 100 * float((values == end).mean())
        left, right = (edges[0], edges[1]) if place == 0 else (edges[-2], edges[-1])
        panel.bar(
            left, share, width=right - left, align="edge",
            color=style.ORANGE, edgecolor="white", linewidth=0.8,
        )  # fmt: skip
        height = float((shares[:beside] if place == 0 else shares[-beside:]).max())
        text = f"{number(share, 0)} %" + (f" at {end:g}" if told else "")
        panel.annotate(
            text, (left if place == 0 else right, height),
            xytext=(shift, 2), textcoords="offset points", ha=side, va="bottom", fontsize=8.5,
        )  # fmt: skip


def _heading(panel: Axes, name: str, values: np.ndarray, low: float, high: float) -> None:
    text = f"{short(name, 40)} · n = {len(values):,}"
    panel.set_title(text, loc="left", fontsize=9, fontweight="bold", pad=4)
    if not len(values):
        panel.text(0.5, 0.5, "no scores", transform=panel.transAxes, ha="center", color=style.GREY)
        return
    mean = float(values.mean())
    top = panel.get_ylim()[1]
    panel.plot([mean, mean], [0, 0.9 * top], color=style.INK, linewidth=1.1)
    side, shift = ("left", 3) if mean <= (low + high) / 2 else ("right", -3)
    panel.annotate(
        f"mean {number(mean, decimals_for(low, high))}", (mean, 0.9 * top), xytext=(shift, 0),
        textcoords="offset points", ha=side, va="center", fontsize=8.5,
    )  # fmt: skip


def _panel_told(
    name: str, values: np.ndarray, low: float | None, high: float | None, first: float, last: float
) -> str:
    text = f"{printable(name)}: n = {len(values):,}"
    if not len(values):
        return text
    text += f", mean {number(float(values.mean()), decimals_for(first, last))}"
    for end, word in ((low, "lowest"), (high, "highest")):
        if end is not None:
            share = number(100 * float((values == end).mean()), 0)
            text += f", {share} % at the {word} possible score ({end:g})"
    return text

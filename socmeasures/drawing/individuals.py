"""A line for each person from before to after. Person-level: for INTERNAL papers only.

Arrays in, a matplotlib `Figure` out. With many people, lines that run close together are drawn as
one line whose width is the number of people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from socmeasures.drawing import style
from socmeasures.drawing.figures import ENDS
from socmeasures.drawing.labels import decimals_for, number, printable, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MANY = 40  # people: above this, lines are gathered into bands
BINS = 10
WAYS = ("lower", "same", "higher")
COLOURS = {"lower": style.BLUE, "same": style.GREY, "higher": style.VERMILION}


def paired_lines(
    before: ArrayLike,
    after: ArrayLike,
    *,
    unit: str,
    labels: tuple[str, str] = ("before", "after"),
    low: float | None = None,
    high: float | None = None,
    better: str | None = None,
    title: str = "",
) -> Figure:
    """How each person's score moved, three panels: lower, the same, higher.

    Parameters
    ----------
    before, after : array-like, shape (n_people,)
        Scores of the same people in the same order. A person without either score is left out.
    unit : str
        What was measured, for the axis.
    labels : tuple of str
        The two time points.
    low, high : float or None
        The lowest and highest possible score; the axis runs from one to the other.
    better : {"lower", "higher", "none"} or None
        Which direction is better; the headings say so when it is known.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure
        Holds personal data: a person who knows two numbers can find their line.

    Raises
    ------
    ValueError
        `before` and `after` differ in length.

    Examples
    --------
    >>> figure = paired_lines([7, 5, 4], [5, 5, 6], unit="UCLA-3 total", low=3, high=9)
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['lower: 1 of 3', 'same: 1 of 3', 'higher: 1 of 3']
    """
    start, end = np.asarray(before, float).ravel(), np.asarray(after, float).ravel()
    if start.shape != end.shape:
        raise ValueError(f"before has {start.size} scores and after has {end.size}")
    both = np.isfinite(start) & np.isfinite(end)
    start, end = start[both], end[both]
    everything = np.concatenate([start, end])
    bottom = low if low is not None else float(everything.min(initial=np.inf))
    top = high if high is not None else float(everything.max(initial=-np.inf))
    if not np.isfinite([bottom, top]).all() or top <= bottom:
        bottom, top = (bottom - 1, bottom + 1) if np.isfinite(bottom) else (0.0, 1.0)
    moved = {"lower": end < start, "same": end == start, "higher": end > start}
    words = _words(better)
    with style.house_style():
        figure = style.blank(3.0 + (0.3 if title else 0))
        panels = figure.subplots(1, 3, sharey=False)
        for place, (panel, way) in enumerate(zip(panels, WAYS, strict=True)):
            chosen = moved[way]
            for y0, y1, people in _bands(start[chosen], end[chosen], bottom, top, start.size):
                panel.plot(
                    [0, 1], [y0, y1], color=COLOURS[way], alpha=0.6,
                    linewidth=0.9 if people == 1 else min(0.9 + 0.6 * (people - 1), 7.0),
                    solid_capstyle="round",
                )  # fmt: skip
            heading = f"{words[way]}: {int(chosen.sum()):,} of {start.size:,}"
            panel.set_title(heading, loc="left", fontsize=9, fontweight="bold")
            panel.set_xlim(-0.1, 1.1)
            air = 0.02 * (top - bottom)
            panel.set_ylim(bottom - air, top + air)
            panel.set_xticks([0, 1], [short(label, 12) for label in labels])
            style.bare(panel, keep=("left", "bottom") if place == 0 else ("bottom",))
            if place == 0:
                style.numbered(panel, bottom, top, which="y", most=6)
                panel.set_ylabel(f"{short(unit, 30)} (points)", fontsize=9)
        if title:
            figure.suptitle(short(title, 80), x=0.01, ha="left", fontsize=10, fontweight="bold")
    return style.described(figure, _told(title, unit, labels, start, end, moved, words))


def _words(better: str | None) -> dict[str, str]:
    if better not in ENDS:
        return {way: way for way in WAYS}
    lower, higher = ENDS[better]
    return {"lower": lower, "same": "same", "higher": higher}


def _bands(
    start: np.ndarray, end: np.ndarray, bottom: float, top: float, people: int
) -> list[tuple[float, float, int]]:
    """Lines to draw and how many people each stands for."""
    if people > MANY:
        width = (top - bottom) / BINS
        # A bin's middle, so that no single person's score can be read off a band.
        start, end = (
            bottom + (np.clip((v - bottom) // width, 0, BINS - 1) + 0.5) * width
            for v in (start, end)
        )
    pairs, counts = np.unique(np.column_stack([start, end]), axis=0, return_counts=True)
    return [(float(a), float(b), int(n)) for (a, b), n in zip(pairs, counts, strict=True)]


def _told(
    title: str,
    unit: str,
    labels: tuple[str, str],
    start: np.ndarray,
    end: np.ndarray,
    moved: dict[str, np.ndarray],
    words: dict[str, str],
) -> str:
    counts = ", ".join(f"{words[way]} {int(moved[way].sum()):,}" for way in WAYS)
    text = (
        f"{printable(title) or 'Each person from one time point to the other'}. "
        f"{printable(unit)}, {start.size:,} people, "
        f"{printable(labels[0])} to {printable(labels[1])}: {counts}"
    )
    if start.size:
        decimals = decimals_for(
            float(min(start.min(), end.min())), float(max(start.max(), end.max()))
        )
        text += f"; means {number(start.mean(), decimals)} and {number(end.mean(), decimals)}"
    return text + "."

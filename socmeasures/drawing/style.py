"""How every picture looks: one palette, one type size, no state of matplotlib left changed.

Colours are those of Okabe & Ito (2008), told apart by people with any colour vision; no picture
needs its colours to be read, since everything is labelled where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from socmeasures.drawing.labels import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
ORANGE = "#E69F00"
SKY = "#56B4E9"
INK = "#1f2933"
GREY = "#5f6b76"  # 5.4 : 1 on white, so small print in it can be read
RULE = "#d3d9df"

# Readable as thin lines and as small text on white; yellow of the set is not.
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
WIDTH = 7.0  # inches: the text width of an A4 page with 16 mm margins

_RC = {
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and copied
    "svg.hashsalt": "socmeasures",
    "pdf.fonttype": 42,
    "text.usetex": False,
    "text.parse_math": False,  # a label is never a formula, whatever dollars are in it
    "font.family": ["DejaVu Sans"],  # comes with matplotlib, and is wider than what browsers use
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.unicode_minus": True,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


@contextmanager
def house_style() -> Iterator[None]:
    """matplotlib's own defaults with our few changes, for as long as the block lasts.

    Yields
    ------
    None
        The caller's settings come back afterwards, whatever happened.

    Examples
    --------
    >>> import matplotlib
    >>> with house_style():
    ...     matplotlib.rcParams["svg.fonttype"]
    'none'
    """
    keep = {"backend", "backend_fallback", "interactive", "toolbar", "timezone"}
    plain = {k: v for k, v in matplotlib.rcParamsDefault.items() if k not in keep}
    with matplotlib.rc_context({**plain, **_RC}):
        yield


def blank(height: float, *, width: float = WIDTH) -> Figure:
    """An empty figure of the house's width, `height` inches high, that lays itself out."""
    return Figure(figsize=(width, height), layout="constrained")


def bare(axes: Axes, *, keep: Sequence[str] = ("bottom",)) -> None:
    """Take away every frame line but those named, and all tick marks on the others."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
        spine.set_color(GREY)
        spine.set_linewidth(0.8)
    axes.tick_params(colors=GREY, labelcolor=INK, labelsize=8.5, length=3, width=0.8)
    if "left" not in keep:
        axes.tick_params(left=False, labelleft=False)


def numbered(axes: Axes, low: float, high: float, *, which: str = "x", most: int = 8) -> None:
    """Fix the axis to `low`–`high` with round ticks, both ends of a score's range among them.

    Ticks and their texts are set here and now, so that a figure looks the same wherever and
    under whichever settings it is drawn later.
    """
    ticks = _round_ticks(low, high, most)
    gap = min(np.diff(ticks), default=high - low)
    decimals = next((d for d in range(4) if abs(round(gap, d) - gap) < 1e-9), 3)
    texts = [number(t, decimals) for t in ticks]
    if which == "x":
        axes.set_xticks(ticks, texts)
    else:
        axes.set_yticks(ticks, texts)


def _round_ticks(low: float, high: float, most: int) -> list[float]:
    span = high - low
    if low == round(low) and high == round(high) and span >= 1:
        for step in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 25, 50):
            if span % step == 0 and span / step <= most:
                return [low + step * k for k in range(int(span // step) + 1)]
    steps = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(t) for t in steps if low - 1e-9 <= t <= high + 1e-9] or [low, high]


def described(figure: Figure, alt: str) -> Figure:
    """Give `figure` its alternative text, read back by `alt_text`."""
    figure.set_label(alt)
    return figure


def alt_text(figure: Figure) -> str:
    """The words that stand for a picture where it cannot be seen.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        One of ours; every function that draws sets the text.

    Returns
    -------
    str
        Empty for a figure that is not ours.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> alt_text(Figure())
    ''
    """
    label = str(figure.get_label())
    return "" if label.startswith("_") else label

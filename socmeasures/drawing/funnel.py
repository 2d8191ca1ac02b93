"""The funnel picture: numbers of several places against how many people each rests on.

Dots inside the funnel differ by no more than chance would make them. Nothing is ranked: places
stand where their number of people puts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import stats

from socmeasures.drawing import style
from socmeasures.drawing.labels import number, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INNER, OUTER = 0.95, 0.998


def funnel(
    names: Sequence[str],
    n: npt.ArrayLike,
    estimate: npt.ArrayLike,
    *,
    centre: float,
    sd: float,
    unit: str,
    better: str | None = None,
    title: str = "",
) -> Figure:
    """Draw the change of each place against its number of people, with the reach of chance.

    Parameters
    ----------
    names : sequence of str
        The places.
    n, estimate : array-like
        People measured twice, and their mean change. Places without an estimate are left out.
    centre, sd : float
        Mean and SD of the change of everybody. The funnel is centre ± z·sd/√n at 95 and 99.8 %.
    unit : str
        What the numbers are points of.
    better : {"lower", "higher", "none"} or None
        Which direction is better; the axis says so.
    title : str
        Drawn on top; none when empty.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> picture = funnel(["Harbour", "Mill"], [20, 35], [-1.0, -0.4], centre=-0.6, sd=1.5,
    ...                  unit="UCLA-3")
    >>> picture.axes[0].get_xlabel()
    'people measured twice'
    """
    people = np.asarray(n, dtype=float)
    found = np.asarray(estimate, dtype=float)
    known = np.isfinite(people) & np.isfinite(found) & (people > 0)
    labels = [short(name, 24) for name, keep in zip(names, known, strict=True) if keep]
    people, found = people[known], found[known]
    most = float(people.max()) * 1.12 if len(people) else 10.0
    least = max(2.0, float(people.min()) * 0.6) if len(people) else 2.0
    with style.house_style():
        figure = style.blank(3.4 + (0.3 if title else 0))
        axes = figure.add_subplot()
        if np.isfinite(sd) and sd > 0:
            x = np.linspace(least, most, 200)
            for level, dash in ((INNER, (0, (4, 2))), (OUTER, (0, (1, 2)))):
                half = stats.norm.ppf(0.5 + level / 2) * sd / np.sqrt(x)
                for side in (-1, 1):
                    axes.plot(x, centre + side * half, color=style.GREY, linewidth=1.0,
                              linestyle=dash)  # fmt: skip
                end = f"{100 * level:g} %"
                axes.annotate(end, (most, centre + half[-1]), xytext=(3, 0),
                              textcoords="offset points", fontsize=7.5, color=style.GREY,
                              va="center", annotation_clip=False)  # fmt: skip
        axes.axhline(centre, color=style.GREY, linewidth=0.9)
        axes.plot(people, found, "o", color=style.BLUE, markersize=6, zorder=3)
        for place, (shift, where) in enumerate(_sides(people, found)):
            axes.annotate(labels[place], (people[place], found[place]), xytext=shift, ha=where,
                          textcoords="offset points", fontsize=8, color=style.INK)  # fmt: skip
        axes.set_xlim(least, most)
        low, high = axes.get_ylim()
        style.bare(axes, keep=("left", "bottom"))
        style.numbered(axes, low, high, which="y", most=6)
        axes.set_xlabel("people measured twice", fontsize=9)
        arrow = {"lower": "↓ lower is better", "higher": "↑ higher is better"}.get(better or "", "")
        axes.set_ylabel(f"mean change in {short(unit, 30)}\n{arrow}".strip(), fontsize=8.5)
        if title:
            axes.set_title(short(title, 80), loc="left", fontsize=10, fontweight="bold", pad=8)
    told = "; ".join(f"{name}: {number(v, 1)}" for name, v in zip(labels, found, strict=True))
    return style.described(
        figure,
        f"Funnel picture of the mean change by place, around {number(centre, 1)} for everybody. "
        f"{told}. The lines are the reach of chance.",
    )


def _sides(people: np.ndarray, found: np.ndarray) -> list[tuple[tuple[int, int], str]]:
    """Where each dot's label stands: to the right, or where a near dot has that, elsewhere."""
    places = [((6, 5), "left"), ((-6, 5), "right"), ((6, -11), "left"), ((-6, -11), "right")]
    spans = [max(float(np.ptp(v)), 1e-9) for v in (people, found)]
    taken: list[int] = []
    for n in range(len(people)):
        near = [
            taken[k]
            for k in range(n)
            if abs(people[k] - people[n]) < 0.2 * spans[0]
            and abs(found[k] - found[n]) < 0.15 * spans[1]
        ]
        free = [place for place in range(len(places)) if place not in near]
        taken.append(free[0] if free else 0)
    return [places[t] for t in taken]

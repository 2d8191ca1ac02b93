"""Differences of several outcomes and time points side by side, in standard deviations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from socmeasures.drawing import style
from socmeasures.drawing.labels import number, printable, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def forest(table: pd.DataFrame, *, title: str = "", favours: tuple[str, str] = ("", "")) -> Figure:
    """One row an outcome and time point: the standardised difference, its interval, n.

    Parameters
    ----------
    table : pandas.DataFrame
        ``outcome, wave, contrast, effect_size, effect_size_ci_low, effect_size_ci_high, n``.
        Several results' `to_frame()`, one under the other.
    title : str
        Drawn on top; none when empty.
    favours : (str, str)
        Words under the left and right end of the axis.

    Returns
    -------
    matplotlib.figure.Figure
        Zero marked; rows without an effect size are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"outcome": ["loneliness"] * 2, "wave": ["3m", "6m"],
    ...     "contrast": ["new - usual"] * 2, "effect_size": [-0.3, -0.4],
    ...     "effect_size_ci_low": [-0.6, -0.8], "effect_size_ci_high": [0.0, 0.0], "n": [90, 84]})
    >>> forest(rows).axes[0].get_xlabel()
    'difference in standard deviations'
    """
    rows = table[table["effect_size"].notna()].reset_index(drop=True)
    several = rows["contrast"].nunique() > 1
    lines: list[tuple[str, int | None]] = []
    for outcome, mine in rows.groupby("outcome", sort=False):
        lines.append((str(outcome), None))
        for place in mine.index:
            name = str(rows.loc[place, "wave"])
            if several:
                name += f" · {rows.loc[place, 'contrast']}"
            lines.append((name, int(place)))
    with style.house_style():
        figure = style.blank(0.9 + 0.27 * max(len(lines), 1) + (0.3 if title else 0))
        axes = figure.add_subplot()
        low = min(0.0, float(np.nanmin(rows["effect_size_ci_low"])))
        high = max(0.0, float(np.nanmax(rows["effect_size_ci_high"])))
        span = high - low or 1.0
        axes.axvline(0, color=style.GREY, linewidth=0.9)
        for line, (name, place) in enumerate(lines):
            head = place is None
            axes.text(
                -0.02, line, short(name, 34), transform=axes.get_yaxis_transform(), ha="right",
                va="center", fontweight="bold" if head else "normal", fontsize=8.5,
            )  # fmt: skip
            if place is None:
                continue
            row = rows.loc[place]
            ends = [row["effect_size_ci_low"], row["effect_size_ci_high"]]
            axes.plot(ends, [line, line], color=style.BLUE, linewidth=1.4)
            axes.plot(row["effect_size"], line, "s", color=style.BLUE, markersize=5)
            text = (
                f"{number(row['effect_size'], 2)} ({number(ends[0], 2)} to {number(ends[1], 2)}), "
                f"n = {int(row['n'])}"
            )
            axes.text(
                1.02, line, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8.5
            )
        axes.set_ylim(len(lines) - 0.4, -0.6)
        axes.set_xlim(low - 0.06 * span, high + 0.06 * span)
        style.bare(axes)
        style.numbered(axes, low - 0.06 * span, high + 0.06 * span, most=6)
        axes.set_xlabel("difference in standard deviations")
        for side, words in zip((0.0, 1.0), favours, strict=True):
            if words:
                axes.annotate(
                    printable(words), (side, 0), xycoords="axes fraction", xytext=(0, -38),
                    textcoords="offset points", ha="left" if side == 0 else "right", fontsize=8.5,
                    color=style.GREY, annotation_clip=False,
                )  # fmt: skip
        if title:
            axes.set_title(printable(title), loc="left", fontsize=10)
    told = "; ".join(
        f"{r['outcome']} at {r['wave']}: {number(r['effect_size'], 2)}"
        for r in rows.to_dict("records")
    )
    return style.described(figure, f"Standardised differences. {told}.")

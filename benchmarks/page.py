"""The measured parts of docs/performance.md: two tables and two pictures between their marks."""

from __future__ import annotations

import math
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from benchmarks.measuring import Growth, Outcome
from socmeasures.drawing.style import BLUE, GREY, INK, SERIES, VERMILION, bare, blank, house_style

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PICTURES = DOCS / "performance.md", DOCS / "_static" / "performance"
LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "pandera", "pyreadstat")
MARKERS = "osD^vP"
SIZES = {
    "rows": "rows × 20 items",
    "items": "items",
    "scales": "scales (up to 200 columns)",
    "people": "people, 4 waves",
    "waves": "waves",
    "clusters": "people in clusters",
    "spark": "rows × 20 items, Spark, by the clock",
}


def write(outcomes: list[Outcome], grown: list[Growth]) -> None:
    """Replace what stands between the marks, and both pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    _save(goals_picture(outcomes), "goals.svg")
    _save(growth_picture(grown), "growth.svg")
    text = PAGE.read_text(encoding="utf-8")
    for mark, part in (
        ("goals", _goals(outcomes)),
        ("growth", _growth(grown)),
        ("machine", _machine()),
    ):
        begin, end = f"<!-- {mark}: written by make bench -->", f"<!-- {mark}: end -->"
        before, rest = text.split(begin)
        text = before + begin + "\n\n" + part + "\n\n" + end + rest.split(end)[1]
    PAGE.write_text(text, encoding="utf-8")


def _save(figure: Figure, name: str) -> None:
    with house_style():
        figure.savefig(PICTURES / name, format="svg", metadata={"Date": None, "Creator": None})


def _goals(outcomes: list[Outcome]) -> str:
    lines = [
        "| Measured | Ratio of | Goal | Measured ratio | | Ours, ms | Other, ms |",
        "|---|---|---:|---:|---|---:|---:|",
    ]
    for one in outcomes:
        verdict = "" if one.goal is None else "met" if one.met else "**missed**"
        ours = f"{one.ours * 1e3:,.1f}" if one.ours else ""
        other = f"{one.other * 1e3:,.1f}" if one.other else ""
        what = f"{one.what} ({one.note})" if one.note else one.what
        lines.append(
            f"| {what} | {one.of} | {one.aim} | {one.ratio:.3g} | {verdict} | {ours} | {other} |"
        )
    return "\n".join(lines)


def _growth(grown: list[Growth]) -> str:
    lines = [
        "| By | Line | Sizes | Milliseconds | Grows with the power |",
        "|---|---|---|---|---:|",
    ]
    for line in grown:
        sizes = ", ".join(f"{size:,.0f}" for size in line.sizes)
        times = ", ".join(f"{took * 1e3:,.3g}" for took in line.seconds)
        lines.append(
            f"| {SIZES[line.picture]} | {line.line} | {sizes} | {times} | {line.slope:.2f} |"
        )
    return "\n".join(lines)


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y} on {platform.system()} "
        f"({platform.machine()}, {os.cpu_count()} cores, shared with other work), "
        f"Python {platform.python_version()}, {libraries}."
    )


def goals_picture(outcomes: list[Outcome]) -> Figure:
    """How many times better than its goal each ratio is; left of the line is a miss."""
    aimed = [one for one in outcomes if one.goal is not None and one.ratio > 0]
    with house_style():
        figure = blank(0.28 * len(aimed) + 0.9)
        axes = figure.subplots()
        for place, one in enumerate(reversed(aimed)):
            better = one.ratio / one.goal if one.at_least else one.goal / one.ratio
            axes.plot(
                [1, better], [place, place], color=BLUE if one.met else VERMILION, linewidth=2
            )
            axes.plot(
                better, place, marker="o" if one.met else "X", color=BLUE if one.met else VERMILION
            )
            axes.annotate(
                f"{one.ratio:.3g} ({one.aim})", (better, place), xytext=(7, 0),
                textcoords="offset points", va="center", fontsize=8, color=INK,
            )  # fmt: skip
        axes.set_xscale("log")
        axes.axvline(1, color=GREY, linewidth=0.8)
        axes.set_yticks(range(len(aimed)), [one.what for one in reversed(aimed)])
        low, high = axes.get_xlim()
        axes.set_xlim(min(low, 0.4), high * 12)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} ×"))
        axes.set_xlabel("better than the goal")
        bare(axes, keep=("bottom", "left"))
    return figure


def growth_picture(grown: list[Growth]) -> Figure:
    """Seconds by size, both on log scales, a panel for each kind of size."""
    panels = [(name, list(lines)) for name, lines in groupby(grown, key=lambda one: one.picture)]
    with house_style():
        rows = math.ceil(len(panels) / 2)
        figure = blank(2.5 * rows)
        every = figure.subplots(rows, 2, squeeze=False)
        for axes in every.flat[len(panels) :]:
            axes.set_visible(False)
        for axes, (name, lines) in zip(every.flat, panels, strict=False):
            for line, colour, marker in zip(lines, SERIES, MARKERS, strict=False):
                axes.plot(
                    line.sizes, line.seconds, marker=marker, color=colour, markersize=4,
                    label=f"{line.line} (power {line.slope:.2f})",
                )  # fmt: skip
            axes.set_xscale("log")
            axes.set_yscale("log")
            _ticks(axes, lines)
            axes.set_xlabel(SIZES[name])
            axes.set_ylabel("seconds")
            axes.legend(fontsize=7, frameon=False, loc="upper left")
            bare(axes, keep=("bottom", "left"))
    return figure


def _ticks(axes: Axes, lines: list[Growth]) -> None:
    """Every size and a few round times, in words that can be read; room above for the legend."""
    sizes = sorted({size for line in lines for size in line.sizes})
    times = [took for line in lines for took in line.seconds]
    low, high = min(times) / 1.5, max(times) * 1.5
    round_times = [lead * 10.0**power for power in range(-4, 3) for lead in (1, 3)]
    axes.set_xticks(sizes, [_short(size) for size in sizes])
    shown = [value for value in round_times if low <= value <= high]
    axes.set_yticks(shown, [f"{value:g}" for value in shown])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.set_ylim(low, high * (high / low) ** (0.14 * len(lines)))


def _short(size: float) -> str:
    if size >= 1e6:
        return f"{size / 1e6:g}M"
    return f"{size / 1e3:g}k" if size >= 1e3 else f"{size:g}"

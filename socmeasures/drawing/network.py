"""A person's contacts in rings by closeness, coloured by group: arrays in, a `Figure` out.

Shows one person's contacts, so it is for INTERNAL papers only. Colour is never the only sign: each
group has its own marker too, and the counts stand in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from socmeasures.drawing import style
from socmeasures.drawing.labels import printable, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKERS = ("o", "s", "^", "D", "P", "v", "X", "p")
COLOURS = (*style.SERIES, style.INK, style.GREY)
GAP = 0.35  # radians kept free on both sides of the ring labels, which stand at the bottom
NAMED = 25  # contacts up to which each is labelled
Place = tuple[float, float]


def contact_rings(
    names: Sequence[str],
    *,
    groups: Sequence[str],
    rings: Sequence[int],
    ring_labels: Sequence[str],
    ties: Sequence[tuple[int, int]] = (),
    title: str = "",
    show_names: bool = True,
) -> Figure:
    """The contacts of one person around them, the closest inside.

    Parameters
    ----------
    names : sequence of str, shape (n_contacts,)
        Identifiers of the contacts, drawn beside the marks.
    groups : sequence of str, shape (n_contacts,)
        Colour and marker: kin, friend, … The most frequent come first in the key.
    rings : sequence of int, shape (n_contacts,)
        Ring of each contact from 0, the closest.
    ring_labels : sequence of str
        What each ring means, from the inside.
    ties : sequence of (int, int)
        Pairs of contacts (places in `names`) who know each other.
    title : str
        Drawn on top.
    show_names : bool
        Draw the identifiers (up to 25 contacts).

    Returns
    -------
    matplotlib.figure.Figure
        With alternative text that counts contacts by group and ring.

    Raises
    ------
    ValueError
        The sequences differ in length.

    Examples
    --------
    >>> figure = contact_rings(["a", "b"], groups=["kin", "friend"], rings=[0, 1],
    ...                        ring_labels=["daily", "weekly"], ties=[(0, 1)])
    >>> from socmeasures.drawing.style import alt_text
    >>> "2 contacts" in alt_text(figure), "1 pair" in alt_text(figure)
    (True, True)
    """
    _same_length(names, groups, rings)
    order = _order(groups)
    with style.house_style():
        figure = style.blank(4.6, width=5.4)
        panel = figure.subplots()
        places = _places(names, groups, rings, order)
        _draw_rings(panel, ring_labels)
        for a, b in ties:
            (x0, y0), (x1, y1) = places[names[a]], places[names[b]]
            panel.plot([x0, x1], [y0, y1], color=style.GREY, linewidth=0.8, alpha=0.7, zorder=1)
        for name, group in zip(names, groups, strict=True):
            _mark(panel, places[name], group, order)
            if show_names and len(names) <= NAMED:
                _label(panel, places[name], name)
        _finish(figure, panel, order, title)
    pairs = f" {len(ties)} {'pair knows' if len(ties) == 1 else 'pairs know'} each other."
    told = f"{_told(groups, rings, ring_labels)}{pairs if ties else ''}"
    return style.described(figure, f"{printable(title) or 'Network'}. {told}")


def contact_rings_change(
    names: tuple[Sequence[str], Sequence[str]],
    *,
    groups: tuple[Sequence[str], Sequence[str]],
    rings: tuple[Sequence[int], Sequence[int]],
    ring_labels: Sequence[str],
    labels: tuple[str, str] = ("before", "after"),
    title: str = "",
    show_names: bool = True,
) -> Figure:
    """Two pictures of one person's contacts: kept ones stand in one direction in both.

    Parameters
    ----------
    names, groups, rings : pair of sequences
        As `contact_rings`, before and after; a contact in both has one identifier.
    ring_labels : sequence of str
        What each ring means, from the inside.
    labels : pair of str
        The two time points.
    title, show_names
        As `contact_rings`.

    Returns
    -------
    matplotlib.figure.Figure
        Filled marks are kept contacts; hollow ones with a cross were lost, ringed ones gained.

    Raises
    ------
    ValueError
        The sequences of one time point differ in length.

    Examples
    --------
    >>> figure = contact_rings_change((["a", "b"], ["b", "c"]), groups=(["kin"] * 2, ["kin"] * 2),
    ...                               rings=([0, 1], [1, 0]), ring_labels=["daily", "weekly"])
    >>> from socmeasures.drawing.style import alt_text
    >>> "1 kept, 1 lost, 1 gained" in alt_text(figure)
    True
    """
    for side in (0, 1):
        _same_length(names[side], groups[side], rings[side])
    before, after = set(names[0]), set(names[1])
    kept, lost, gained = before & after, before - after, after - before
    everybody = list(dict.fromkeys([*names[0], *names[1]]))
    group_of = dict(zip(names[1], groups[1], strict=True))
    group_of = {**dict(zip(names[0], groups[0], strict=True)), **group_of}
    order = _order([group_of[n] for n in everybody])
    angles = _angles(everybody, [group_of[n] for n in everybody], order)
    with style.house_style():
        figure = style.blank(4.6, width=9.2)
        panels = figure.subplots(1, 2)
        for side, panel in enumerate(panels):
            _draw_rings(panel, ring_labels)
            for name, ring in zip(names[side], rings[side], strict=True):
                place = _at(angles[name], ring)
                fate = "kept" if name in kept else "lost" if side == 0 else "gained"
                _mark(panel, place, group_of[name], order, fate)
                if show_names and len(everybody) <= NAMED:
                    _label(panel, place, name)
            gone = f"{len(lost)} lost" if side == 0 else f"{len(gained)} gained"
            heading = f"{short(labels[side], 20)}: {len(names[side])} contacts, {gone}"
            panel.set_title(heading, fontsize=9, fontweight="bold")
        _finish(figure, panels[1], order, title, fates=True)
    counts = f"{len(kept)} kept, {len(lost)} lost, {len(gained)} gained"
    told = "; ".join(
        f"{printable(labels[s])}: {_told(groups[s], rings[s], ring_labels)}" for s in (0, 1)
    )
    return style.described(figure, f"{printable(title) or 'Network'}. {counts}. {told}")


def _same_length(*rows: Sequence[object]) -> None:
    if len({len(row) for row in rows}) > 1:
        lengths = ", ".join(str(len(row)) for row in rows)
        raise ValueError(f"names, groups and rings differ in length: {lengths}")


def _order(groups: Sequence[str]) -> list[str]:
    """Groups, the most frequent first."""
    found = {g: list(groups).count(g) for g in dict.fromkeys(groups)}
    return sorted(found, key=lambda g: -found[g])


def _angles(names: Sequence[str], groups: Sequence[str], order: list[str]) -> dict[str, float]:
    """Evenly around the circle, a group side by side."""
    sorted_names = [
        name for _, _, name in sorted(
            (order.index(g), i, n) for i, (n, g) in enumerate(zip(names, groups, strict=True))
        )
    ]  # fmt: skip
    span = 2 * np.pi - 2 * GAP
    share = span / max(len(sorted_names), 1)
    return {n: -np.pi / 2 - GAP - share * (i + 0.5) for i, n in enumerate(sorted_names)}


def _at(angle: float, ring: int) -> Place:
    radius = ring + 1.0
    return float(radius * np.cos(angle)), float(radius * np.sin(angle))


def _places(
    names: Sequence[str], groups: Sequence[str], rings: Sequence[int], order: list[str]
) -> dict[str, Place]:
    angles = _angles(names, groups, order)
    return {name: _at(angles[name], ring) for name, ring in zip(names, rings, strict=True)}


def _draw_rings(panel: Axes, ring_labels: Sequence[str]) -> None:
    turn = np.linspace(0, 2 * np.pi, 181)
    for ring, label in enumerate(ring_labels):
        radius = ring + 1.0
        panel.plot(
            radius * np.cos(turn), radius * np.sin(turn), color=style.RULE, linewidth=1, zorder=0
        )
        panel.annotate(
            short(label, 18), (0, -radius), xytext=(0, 2), textcoords="offset points",
            ha="center", va="bottom", fontsize=7.5, color=style.GREY, zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
        )  # fmt: skip
    panel.plot([0], [0], marker="*", markersize=12, color=style.INK, zorder=3)
    edge = len(ring_labels) + 0.6
    panel.set_xlim(-edge, edge)
    panel.set_ylim(-edge, edge)
    panel.set_aspect("equal")
    panel.set_axis_off()


def _mark(panel: Axes, place: Place, group: str, order: list[str], fate: str = "kept") -> None:
    number = min(order.index(group), len(MARKERS) - 1)
    colour = COLOURS[number]
    face = "white" if fate == "lost" else colour
    panel.plot(
        [place[0]], [place[1]], marker=MARKERS[number], markersize=8, markerfacecolor=face,
        markeredgecolor=colour, markeredgewidth=1.4, linestyle="none", zorder=3,
    )  # fmt: skip
    if fate == "lost":
        panel.plot([place[0]], [place[1]], marker="x", markersize=5, color=colour, zorder=4)
    if fate == "gained":
        panel.plot(
            [place[0]], [place[1]], marker="o", markersize=14, markerfacecolor="none",
            markeredgecolor=style.INK, markeredgewidth=1.1, linestyle="none", zorder=2,
        )  # fmt: skip


def _label(panel: Axes, place: Place, name: str) -> None:
    panel.annotate(
        short(name, 12), place, xytext=(6, 5), textcoords="offset points", fontsize=7.5, zorder=5
    )


def _finish(
    figure: Figure, panel: Axes, order: list[str], title: str, *, fates: bool = False
) -> None:
    from matplotlib.lines import Line2D

    marks = []
    for number, group in enumerate(order):
        at = min(number, len(MARKERS) - 1)
        marks.append(
            Line2D([], [], marker=MARKERS[at], color=COLOURS[at], linestyle="none",
                   label=short(group, 24))
        )  # fmt: skip
    if fates:
        marks += [
            Line2D([], [], marker="x", color=style.GREY, linestyle="none", label="lost"),
            Line2D([], [], marker="o", markersize=11, markerfacecolor="none",
                   color=style.INK, linestyle="none", label="gained"),
        ]  # fmt: skip
    if marks:
        figure.legend(
            handles=marks, loc="outside lower center", ncols=min(len(marks), 6), frameon=False,
            fontsize=8.5,
        )  # fmt: skip
    if not order:
        panel.text(0, 0.35, "named nobody", ha="center", color=style.GREY, fontsize=9)
    if title:
        figure.suptitle(short(title, 80), x=0.01, ha="left", fontsize=10, fontweight="bold")


def _told(groups: Sequence[str], rings: Sequence[int], ring_labels: Sequence[str]) -> str:
    n = len(groups)
    if not n:
        return "0 contacts: named nobody."
    by_group = ", ".join(f"{printable(g)} {list(groups).count(g)}" for g in _order(groups))
    by_ring = ", ".join(
        f"{printable(label)} {list(rings).count(i)}" for i, label in enumerate(ring_labels)
    )
    return f"{n} {'contact' if n == 1 else 'contacts'}: {by_group}; {by_ring}."

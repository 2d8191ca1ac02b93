"""The flow of participants as boxes: lists of lines in, SVG text out."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence

from socmeasures.drawing.labels import printable
from socmeasures.drawing.style import GREY, INK

LINE, PAD, GAP, WIDTH = 17, 9, 26, 300
CHARACTERS = 40  # a line of 13 px text that fits a box


def flow_svg(
    top: Sequence[Sequence[str]], side: Sequence[str], arms: Sequence[Sequence[Sequence[str]]]
) -> str:
    """Boxes from top to bottom: shared ones, a note beside them, then a column an arm.

    Parameters
    ----------
    top : sequence of boxes
        A box is its lines; shared by all arms.
    side : sequence of str
        Lines of the box to the right, between the shared ones.
    arms : sequence of sequences of boxes
        A column of boxes an arm.

    Returns
    -------
    str
        An ``<svg>`` element with its own text alternative; no script, no font, no link.

    Examples
    --------
    >>> svg = flow_svg([["Screened", "n = 9"], ["Allocated", "n = 8"]], ["Declined 1"],
    ...                [[["new", "n = 4"]], [["usual", "n = 4"]]])
    >>> svg.startswith("<svg"), "Declined 1" in svg
    (True, True)
    """
    columns = max(len(arms), 1)
    width = max(columns * (WIDTH + GAP) + GAP, 2 * WIDTH + 3 * GAP)
    middle = width / 2
    parts: list[str] = []
    y = float(GAP)
    shared = [_lines(box) for box in top]
    beside = _lines(side)
    for place, box in enumerate(shared):
        parts.append(_box(middle - WIDTH / 2, y, box))
        y += _height(box)
        if place < len(shared) - 1:
            room = max(_height(beside) + GAP, 2.0 * GAP)
            parts.append(_line(middle, y, middle, y + room))
            parts.append(_line(middle, y + room / 2, middle + GAP, y + room / 2))
            parts.append(_box(middle + GAP, y + room / 2 - _height(beside) / 2, beside))
            y += room
    centres = [middle + (k - (columns - 1) / 2) * (WIDTH + GAP) for k in range(len(arms))]
    if arms:
        parts.append(_line(middle, y, middle, y + GAP / 2, arrow=False))
        parts.append(_line(centres[0], y + GAP / 2, centres[-1], y + GAP / 2, arrow=False))
        y += GAP / 2
    for row in range(max((len(a) for a in arms), default=0)):
        boxes = [_lines(arm[row]) if row < len(arm) else [] for arm in arms]
        tallest = max(_height(b) for b in boxes)
        for centre, box in zip(centres, boxes, strict=True):
            if box:
                parts.append(_line(centre, y, centre, y + GAP))
                parts.append(_box(centre - WIDTH / 2, y + GAP, box, height=tallest))
        y += GAP + tallest
    return _whole(parts, width, y + GAP, _told(top, side, arms))


def _told(
    top: Sequence[Sequence[str]], side: Sequence[str], arms: Sequence[Sequence[Sequence[str]]]
) -> str:
    boxes = [*(", ".join(box) for box in top), ", ".join(side)]
    boxes += [", ".join(line for box in arm for line in box) for arm in arms]
    return "; ".join(boxes)


def _whole(parts: Sequence[str], width: float, height: float, told: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:.0f} '
        f'{height:.0f}" width="{width:.0f}" style="max-width:100%;height:auto" '
        'font-family="DejaVu Sans, Arial, sans-serif" font-size="13">'
        f"<title>Flow of participants</title><desc>{_safe(told)}</desc>"
        '<defs><marker id="soc-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{GREY}"/></marker></defs>'
        f"{''.join(parts)}</svg>"
    )


def _lines(box: Sequence[str]) -> list[str]:
    """Long lines broken, what continues a line indented."""
    found: list[str] = []
    for line in box:
        found += textwrap.wrap(printable(line), CHARACTERS, subsequent_indent="   ") or [""]
    return found


def _height(lines: Sequence[str]) -> float:
    return len(lines) * LINE + 2 * PAD if lines else 0.0


def _box(x: float, y: float, lines: Sequence[str], height: float | None = None) -> str:
    tall = _height(lines) if height is None else height
    bold = ' font-weight="bold"'
    texts = "".join(
        f'<text x="{x + PAD:.1f}" y="{y + PAD + LINE * (k + 0.75):.1f}" fill="{INK}" '
        f'xml:space="preserve"{bold if k == 0 else ""}>{_safe(line)}</text>'
        for k, line in enumerate(lines)
    )
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{WIDTH}" height="{tall:.1f}" fill="white" '
        f'stroke="{GREY}"/>{texts}'
    )


def _line(x1: float, y1: float, x2: float, y2: float, *, arrow: bool = True) -> str:
    end = ' marker-end="url(#soc-arrow)"' if arrow else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{GREY}"{end}/>'


def _safe(text: str) -> str:
    return html.escape(text, quote=True)

"""The pictures of a report as files: PNG at 300 dpi, SVG, and their words in a text file."""

from __future__ import annotations

import io
import warnings
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING

import matplotlib

from socmeasures.drawing import html
from socmeasures.drawing.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from socmeasures.reports.paper import Chart, Paper

DPI = 300
ALT_TEXT = "alt-text.txt"
_SVG = "http://www.w3.org/2000/svg"
_LINK = "http://www.w3.org/1999/xlink"


def chart_files(paper: Paper) -> dict[str, bytes]:
    """Name and content of every file of the folder of charts.

    Returns
    -------
    dict of str to bytes
        ``NAME.png``, ``NAME.svg`` and ``alt-text.txt`` (file, caption, words for those who
        cannot see it).
    """
    made: dict[str, bytes] = {}
    told = []
    for n, chart in enumerate(paper.charts(), start=1):
        stem = f"{n:02d}-{chart.name}"
        made[f"{stem}.png"] = png(chart.figure)
        made[f"{stem}.svg"] = _svg_file(chart, n)
        told.append(f"{stem}\nCaption: {chart.caption}\nAlt text: {chart.alt}\n")
    made[ALT_TEXT] = "\n".join(told or ["This report has no pictures.\n"]).encode("utf-8")
    return made


def png(figure: Figure) -> bytes:
    """A figure as PNG, sharp enough for print."""
    out = io.BytesIO()
    with house_style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from", category=UserWarning)
        figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def _svg_file(chart: Chart, n: int) -> bytes:
    """The inline drawing made a file of its own: with a namespace and a font that is everywhere."""
    with matplotlib.rc_context():
        text = html.svg(chart.figure, name=f"chart-{n}", title=chart.caption, description=chart.alt)
    root = ElementTree.fromstring(text)
    for element in root.iter():
        if "href" in element.attrib:
            element.set(f"{{{_LINK}}}href", element.attrib.pop("href"))
    root.set("font-family", "DejaVu Sans, Arial, sans-serif")
    ElementTree.register_namespace("xlink", _LINK)
    root.set("xmlns", _SVG)
    body = ElementTree.tostring(root, encoding="unicode")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + body).encode("utf-8")

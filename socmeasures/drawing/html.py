"""Figures and tables as pieces of an HTML page: everything escaped, everything with words.

Knows no study. A picture becomes inline SVG without a single outside address; a table has a
caption, column heads that say they are heads, and cells that cannot turn the page around.
"""

from __future__ import annotations

import html
import io
import re
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import matplotlib
import pandas as pd

from socmeasures.drawing.labels import printable
from socmeasures.drawing.style import alt_text, house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONG = 22  # letters: a longer word may break; twice as long a text asks for a wider column
Format = Callable[[Any], str]

_REFERENCE = re.compile(r"#([A-Za-z_][\w.:-]*)")
_FONT = re.compile(r"font-family:[^;]*;?\s*")


def picture(figure: Figure, *, name: str, caption: str, alt: str | None = None) -> str:
    """A `<figure>`: the drawing as inline SVG, the words that stand for it, a caption.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn by this package, or any other.
    name : str
        Unique on the page; every id inside the drawing begins with it.
    caption : str
        Shown under the picture; escaped here.
    alt : str or None
        Alternative text; by default the one the figure carries.

    Returns
    -------
    str
        HTML. The same figure, name and caption give the same text.

    Examples
    --------
    >>> from socmeasures.drawing.distribution import score_distribution
    >>> figure = score_distribution({"before": [3, 5]}, unit="UCLA-3", low=3, high=9)
    >>> text = picture(figure, name="one", caption="UCLA-3 <before>")
    >>> 'role="img"' in text, "UCLA-3 &lt;before&gt;" in text, "http" in text
    (True, True, False)
    """
    words = alt_text(figure) if alt is None else alt
    drawing = svg(figure, name=name, title=caption, description=words)
    return f"<figure>{drawing}<figcaption>{escaped(caption)}</figcaption></figure>"


def svg(figure: Figure, *, name: str, title: str, description: str) -> str:
    """The drawing as an `<svg role="img">` element to stand inside a page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to draw.
    name : str
        Prefix of every id, so that two drawings on one page do not take each other's parts.
    title, description : str
        Short and long alternative text.

    Returns
    -------
    str
        Text stays text, in the page's own font; no metadata, date or style sheet.
    """
    out = io.StringIO()
    with house_style(), matplotlib.rc_context({"svg.hashsalt": name}), warnings.catch_warnings():
        # Letters outside matplotlib's font are drawn by the browser, which has them: text is text.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from", category=UserWarning)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    root = ElementTree.fromstring(out.getvalue())
    _strip_namespaces(root)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in ("metadata", "style"):
                parent.remove(child)
    _rename_ids(root, name)
    box = root.get("viewBox", "0 0 1 1")
    root.attrib.clear()
    root.attrib.update(
        {
            "viewBox": box,
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-words",
            "style": "stroke-linejoin:round;stroke-linecap:butt",
        }
    )
    heading = ElementTree.Element("title", {"id": f"{name}-title"})
    heading.text = printable(title)
    words = ElementTree.Element("desc", {"id": f"{name}-words"})
    words.text = printable(description)
    root.insert(0, words)
    root.insert(0, heading)
    return ElementTree.tostring(root, encoding="unicode")


def _strip_namespaces(root: ElementTree.Element) -> None:
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for key in list(element.attrib):
            if "}" in key:
                element.attrib[key.rpartition("}")[2]] = element.attrib.pop(key)


def _rename_ids(root: ElementTree.Element, name: str) -> None:
    """Put `name` before every id and every reference to one; drop ids nothing refers to."""
    used = {
        match
        for element in root.iter()
        for key, value in element.attrib.items()
        if key == "href" or "url(" in value
        for match in _REFERENCE.findall(value)
    }
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if key == "id":
                if value in used:
                    element.attrib[key] = f"{name}-{value}"
                else:
                    del element.attrib[key]
            elif key == "href" or "url(" in value:
                element.attrib[key] = _REFERENCE.sub(rf"#{name}-\1", value)
            elif key == "style":
                # The page's own font: the one matplotlib measured with may not be there.
                element.attrib[key] = _FONT.sub("", value).strip()


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    formats: Mapping[str, Format] | None = None,
    headings: Mapping[str, str] | None = None,
    row_header: str | None = None,
) -> str:
    """A frame as an accessible HTML table; every cell, head and caption escaped.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a row; the index is not shown.
    caption : str
        What the table shows; read out first.
    formats : mapping of column to function, optional
        How to write a column's values. Numbers without a format are written as they are; a
        missing value is a dash either way.
    headings : mapping of column to str, optional
        Column heads in plain words; the column's own name otherwise.
    row_header : str or None
        The column that names the row; the first by default.

    Returns
    -------
    str
        HTML. Columns of numbers, and those with a format, stand to the right.

    Examples
    --------
    >>> import pandas as pd
    >>> print(table(pd.DataFrame({"arm": ["<b>"], "n": [12]}), caption="People"))
    <table><caption>People</caption><thead><tr><th scope="col">arm</th><th scope="col"
    class="number">n</th></tr></thead><tbody><tr><th scope="row"><bdi>&lt;b&gt;</bdi></th><td
    class="number">12</td></tr></tbody></table>
    """
    formats, headings = formats or {}, headings or {}
    names = [str(c) for c in frame.columns]
    header = row_header if row_header is not None else (names[0] if names else "")
    numeric = {
        name: name in formats or pd.api.types.is_numeric_dtype(frame.iloc[:, place])
        for place, name in enumerate(names)
    }
    head = "".join(
        f'<th scope="col"{_kind(numeric[n] and n != header, n)}>{escaped(headings.get(n, n))}</th>'
        for n in names
    )
    body = []
    for row in frame.itertuples(index=False, name=None):
        cells = []
        for name, value in zip(names, row, strict=True):
            text = _cell(value, formats.get(name))
            words = numeric[name] is False or name == header
            kind = _kind(numeric[name] and name != header, text)
            text = f"<bdi>{text}</bdi>" if words else text
            cells.append(
                f'<th scope="row"{kind}>{text}</th>' if name == header else f"<td{kind}>{text}</td>"
            )
        body.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f"<table><caption>{escaped(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table>"
    )


def escaped(text: object) -> str:
    """Text made printable and safe inside an element or a quoted attribute."""
    return html.escape(printable(text), quote=True)


def _kind(numeric: bool, text: str) -> str:
    """Class of a cell: numbers stand to the right, long texts get room and may break."""
    if numeric:
        return ' class="number"'
    is_long = len(text) > 2 * LONG or any(len(word) > LONG for word in text.split())
    return ' class="long"' if is_long else ""


def _cell(value: Any, how: Format | None) -> str:
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return "–"
    return escaped(value if how is None else how(value))

"""A funder's report as one HTML page: opens from disk, needs no script, prints to clean A4."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from socmeasures.drawing import html
from socmeasures.reports import sections

if TYPE_CHECKING:
    from socmeasures.reports.paper import Paper, Table

SHORT_CELL = 14  # letters


def funder_html(paper: Paper) -> str:
    """The page as text; every label is shown as text, never as HTML."""
    templates = Environment(
        loader=PackageLoader("socmeasures.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    own = (files("socmeasures.reports") / "templates" / "funder.css").read_text(encoding="utf-8")
    pictures = {
        chart.name: Markup(
            html.picture(chart.figure, name=f"picture-{n}", caption=f"Picture {n}. {chart.caption}")
        )
        for n, chart in enumerate(paper.charts(), start=1)
    }
    return (
        templates.get_template("funder.html.j2")
        .render(
            paper=paper,
            style=sections.style_sheet() + Markup(own),
            tables={table.name: Markup(_table(table)) for table in paper.tables()},
            pictures=pictures,
        )
        .lstrip()
    )


def _table(table: Table) -> str:
    names = [str(place) for place in range(len(table.heads))]
    rows = [[_kept_together(text) for text in row] for row in table.rows]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    return html.table(
        frame,
        caption=table.caption,
        headings=dict(zip(names, table.heads, strict=True)),
    )


def _kept_together(text: str) -> str:
    """A short cell stays on one line: "not shown", "50 of 64"."""
    return text.replace(" ", "\u00a0") if len(text) <= SHORT_CELL else text

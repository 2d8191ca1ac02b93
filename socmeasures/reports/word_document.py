"""A funder's report as a Word document: native headings and tables, A4, pictures with alt text."""

from __future__ import annotations

import datetime
import io
import re
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from socmeasures.drawing.labels import runs_from_the_right
from socmeasures.reports.charts import png

if TYPE_CHECKING:
    from socmeasures.reports.paper import Block, Paper, Section, Table

MARGIN = 16  # mm, as the printed page
LINE, GAP = 112, 3  # letters on a line of a table, and between its columns
WORD, TEXT = 30, 44  # the most letters that a word or a text counts for
KEPT_ROWS = 12
RULE = "C9D0D8"
INK, GREY = RGBColor(0x1F, 0x29, 0x33), RGBColor(0x52, 0x60, 0x6D)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def word_bytes(paper: Paper, *, date: datetime.date) -> bytes:
    """The whole document. Author and time of making are not in it, only the report's date."""
    document = Document()
    _set_up(document, paper, date)
    title = document.add_heading(_clean(paper.title), level=0)
    _compact(title)
    dateline = document.add_paragraph(_clean(paper.dateline), style="Subtitle")
    _compact(dateline)
    numbers = {chart.name: n for n, chart in enumerate(paper.charts(), start=1)}
    for section in paper.first:
        _section(document, section, numbers, first=True)
    for place, section in enumerate(paper.rest):
        _section(document, section, numbers, first=False, new_page=place == 0)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up(document: Any, paper: Paper, date: datetime.date) -> None:
    part = document.sections[0]
    part.page_width, part.page_height = Mm(210), Mm(297)
    part.left_margin = part.right_margin = part.top_margin = Mm(MARGIN)
    part.bottom_margin = Mm(18)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(9.5)
    normal.font.color.rgb = INK
    normal.paragraph_format.space_after = Pt(3)
    _language(normal, paper.language)
    for level, size in ((0, 18), (1, 12), (2, 10.5)):
        style = document.styles["Title" if level == 0 else f"Heading {level}"]
        style.font.name, style.font.size, style.font.color.rgb = "Arial", Pt(size), INK
        _plain_font(style)
        style.paragraph_format.space_before = Pt(0 if level == 0 else 6)
        style.paragraph_format.space_after = Pt(1)
        style.paragraph_format.keep_with_next = True
    subtitle = document.styles["Subtitle"]
    subtitle.font.name, subtitle.font.size, subtitle.font.color.rgb = "Arial", Pt(9), GREY
    subtitle.font.italic = False
    _plain_font(subtitle)
    caption = document.styles["Caption"]
    caption.font.name, caption.font.size, caption.font.color.rgb = "Arial", Pt(8.5), GREY
    caption.font.bold = False
    told = document.core_properties
    told.title, told.author, told.last_modified_by = _clean(paper.title)[:255], "", ""
    told.comments, told.language = "", paper.language
    day = datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.UTC)
    told.created = told.modified = day
    _page_numbers(part)


def _plain_font(style: Any) -> None:
    """Take away the theme font, which would win over the named one."""
    fonts = style.element.get_or_add_rPr().find(qn("w:rFonts"))
    if fonts is None:
        return
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{key}"), None)
    fonts.set(qn("w:ascii"), "Arial")
    fonts.set(qn("w:hAnsi"), "Arial")


def _language(style: Any, language: str) -> None:
    properties = style.element.get_or_add_rPr()
    node = OxmlElement("w:lang")
    node.set(qn("w:val"), language)
    properties.append(node)


def _page_numbers(part: Any) -> None:
    paragraph = part.footer.paragraphs[0]
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        if kind:
            node = OxmlElement("w:fldChar")
            node.set(qn("w:fldCharType"), kind)
        else:
            node = OxmlElement("w:instrText")
            node.set(qn("xml:space"), "preserve")
            node.text = text
        run._r.append(node)


def _section(
    document: Any,
    section: Section,
    numbers: dict[str, int],
    *,
    first: bool,
    new_page: bool = False,
) -> None:
    heading = document.add_heading(_clean(section.title), level=1)
    heading.paragraph_format.page_break_before = new_page
    for block in section.blocks:
        _block(document, block, numbers, first=first)


def _block(document: Any, block: Block, numbers: dict[str, int], *, first: bool) -> None:
    if block.title:
        document.add_heading(_clean(block.title), level=2)
    if block.warning:
        run = document.add_paragraph().add_run(_clean(block.warning))
        run.bold = True
    for line in block.lines:
        paragraph = _paragraph(document, line)
        paragraph.paragraph_format.keep_with_next = bool(block.charts or block.tables)
    for term, text in block.facts:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{_clean(term)}: ").bold = True
        paragraph.add_run(_clean(text))
    for point in block.points:
        _paragraph(document, point, style="List Bullet")
    for table in block.tables:
        _table(document, table)
    for chart in block.charts:
        n = numbers[chart.name]
        width = Mm(125 if first else 160)
        picture = document.add_picture(io.BytesIO(png(chart.figure)), width=width)
        told = picture._inline.docPr
        told.set("descr", _clean(chart.alt))
        told.set("name", f"Picture {n}")
        document.paragraphs[-1].paragraph_format.keep_with_next = True
        document.add_paragraph(_clean(f"Picture {n}. {chart.caption}"), style="Caption")


def _table(document: Any, table: Table) -> None:
    caption = document.add_paragraph(style="Caption")
    caption.add_run(_clean(table.caption)).bold = True
    caption.paragraph_format.keep_with_next = True
    made = document.add_table(rows=1, cols=len(table.heads))
    _rules(made)
    for cell, head in zip(made.rows[0].cells, table.heads, strict=True):
        cell.paragraphs[0].add_run(_clean(head)).bold = True
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    made.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row in table.rows:
        for cell, text in zip(made.add_row().cells, row, strict=True):
            cell.paragraphs[0].add_run(_clean(text))
    for column, width in zip(made.columns, _widths(table), strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    for place, row in enumerate(made.rows):
        whole = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(whole)
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                _compact(paragraph)
                # a short table stays on one page, and the first rows with their heads
                paragraph.paragraph_format.keep_with_next = (
                    place < len(made.rows) - 1 if len(made.rows) <= KEPT_ROWS else place < 2
                )
                for run in paragraph.runs:
                    run.font.size = Pt(8.5)
    note = document.add_paragraph(_clean(table.note), style="Caption")
    note.paragraph_format.space_before, note.paragraph_format.space_after = Pt(2), Pt(8)


def _rules(made: Any) -> None:
    """Lines under the heads and under the rows, none beside them, flush with the text."""
    made.autofit = False
    properties = made._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side, size, colour in (("bottom", 4, RULE), ("insideH", 4, RULE)):
        borders.append(_border(side, size, colour))
    properties.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("left", 0), ("right", 115)):
        node = OxmlElement(f"w:{side}")
        node.set(qn("w:w"), str(width))
        node.set(qn("w:type"), "dxa")
        margins.append(node)
    properties.append(margins)
    for cell in made.rows[0].cells:
        lines = OxmlElement("w:tcBorders")
        lines.append(_border("bottom", 8, str(INK)))
        cell._tc.get_or_add_tcPr().append(lines)


def _border(side: str, size: int, colour: str) -> Any:
    node = OxmlElement(f"w:{side}")
    for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", colour)):
        node.set(qn(f"w:{key}"), value)
    return node


def _widths(table: Table) -> list[float]:
    """Widths of the columns in mm: room for the longest word of each, the rest by length of text.

    Word takes what is given here; LibreOffice would else make all columns equally wide.
    """
    columns = list(zip(table.heads, *table.rows, strict=True))
    need = [min(max(len(w) for t in c for w in f"{t} .".split(" ")), WORD) for c in columns]
    want = [max(min(max(map(len, c)), TEXT), n) + 0.0 for c, n in zip(columns, need, strict=True)]
    room = LINE - GAP * len(columns) - sum(need)
    more = [w - n for w, n in zip(want, need, strict=True)]
    if room < 0 or not sum(more):
        shares = [n + max(room, 0) / len(need) for n in need]
    else:
        shares = [n + room * m / sum(more) for n, m in zip(need, more, strict=True)]
    whole = sum(s + GAP for s in shares)
    return [(210 - 2 * MARGIN) * (s + GAP) / whole for s in shares]


def _paragraph(document: Any, text: str, style: str | None = None) -> Any:
    """A paragraph that runs the way its first letter runs."""
    paragraph = document.add_paragraph(_clean(text), style=style)
    if runs_from_the_right(text):
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
    return paragraph


def _compact(paragraph: Any) -> None:
    paragraph.paragraph_format.space_before = Pt(1)
    paragraph.paragraph_format.space_after = Pt(1)


def _clean(text: str) -> str:
    """Text without characters that a Word document cannot hold."""
    return _NOT_XML.sub("", text)

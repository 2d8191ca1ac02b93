"""A report as content, before it is HTML, Word or a workbook: sections of texts, tables, pictures.

Everything is text that a reader may see: numbers are rounded and small counts hidden already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of texts; the first column names the row."""

    name: str  # short: the sheet of a workbook
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chart:
    """A picture, the file it is saved as, and the words that stand for it."""

    name: str
    figure: Figure
    caption: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """What stands under one heading."""

    title: str = ""
    lines: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    warning: str = ""
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """A part of the report; `key` is its place in the order, for links and tests."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paper:
    """A whole report: the first page, then the rest."""

    title: str
    dateline: str
    first: tuple[Section, ...]
    rest: tuple[Section, ...]
    language: str = field(default="en-GB")

    @property
    def sections(self) -> tuple[Section, ...]:
        """All sections in their order."""
        return (*self.first, *self.rest)

    def blocks(self) -> Iterator[Block]:
        """All blocks in their order."""
        for section in self.sections:
            yield from section.blocks

    def tables(self) -> Iterator[Table]:
        """All tables in their order."""
        for block in self.blocks():
            yield from block.tables

    def charts(self) -> Iterator[Chart]:
        """All pictures in their order."""
        for block in self.blocks():
            yield from block.charts


def with_names_apart(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The same sections with a number after the name of a table that another one has too.

    Examples
    --------
    >>> table = Table(name="Groups", caption="", heads=(), rows=())
    >>> part = Section(key="between", title="", blocks=(Block(tables=(table, table)),))
    >>> [t.name for t in with_names_apart((part,))[0].blocks[0].tables]
    ['Groups', 'Groups 2']
    """
    met: dict[str, int] = {}

    def apart(table: Table) -> Table:
        met[table.name] = met.get(table.name, 0) + 1
        again = met[table.name]
        return table if again == 1 else replace(table, name=f"{table.name[:27]} {again}")

    return tuple(
        replace(
            section,
            blocks=tuple(
                replace(block, tables=tuple(apart(table) for table in block.tables))
                for block in section.blocks
            ),
        )
        for section in sections
    )

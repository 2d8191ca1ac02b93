"""The tables of a funder's report: one decimal, denominators everywhere, small counts hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from socmeasures.drawing.labels import at_time, number, printable, short
from socmeasures.reports import funder_words as say
from socmeasures.reports import tables, words
from socmeasures.reports.funder_change import Changed, changed_of, signed, slug
from socmeasures.reports.paper import Block, Chart, Table
from socmeasures.reports.suppression import (
    NOT_SHOWN,
    cells,
    cells_beside,
    count,
    grid,
    is_small,
    more_than,
)

if TYPE_CHECKING:
    from socmeasures.designs.result import Result
    from socmeasures.reports.by_service import ServiceChanges

ROUND_TO = 5  # people, in the funnel picture


def scores_table(changed: Sequence[Changed], below: int) -> Table:
    """Every measure in one table: who, before, after, change with its range."""
    rows = []
    for one in changed:
        label = words.measure_name(one.outcome.label)
        whole = count(one.started, below=below)
        people = f"{one.told_both(below)} of {whole}"
        if is_small(one.both, below):
            people = f"{count(one.both, below=below)} of {whole}"
        if is_small(one.both, below) or one.form != "score" or not len(one.means):
            before = after = change = "–"
        else:
            spread = [
                f"{number(m, 1)} (spread {number(s, 1)})".replace(" ", "\u00a0")
                for m, s in zip(one.means["mean"], one.means["sd"], strict=True)
            ]
            before, after = spread
            change = _with_range(one.estimate, one.ci_low, one.ci_high)
        rows.append((label, people, before, after, change))
    first = changed[0]
    return Table(
        name="Scores",
        caption="Before, after and change, in people who answered both times",
        heads=(
            "measure",
            "people",
            f"average {at_time(first.earlier)}",
            f"average {at_time(first.later)}",
            "change (range we can be fairly sure of)",
        ),
        rows=tuple(rows),
        note="Spread is the standard deviation.",
    )


def _with_range(estimate: float, low: float, high: float) -> str:
    if not np.isfinite(estimate):
        return "–"
    if not (np.isfinite(low) and np.isfinite(high)):
        return signed(estimate)
    text = f"{signed(estimate)} ({signed(low)} to {signed(high)})"
    return text.replace(" ", "\u00a0")  # a range stays on one line


def _difference(row: dict[Any, Any]) -> str:
    """A difference and its range; of shares in percentage points."""
    found = [float(row[name]) for name in ("estimate", "ci_low", "ci_high")]
    if row.get("term") != "risk difference":
        return _with_range(*found)
    return f"{_with_range(*(100 * value for value in found))} percentage points"


def reason_table(changed: Changed, below: int) -> Table | None:
    """Why people are not in the change; none where their number itself is hidden."""
    if not changed.reasons or changed.lost_hidden(below):
        return None
    shown = cells(
        [n for _, n in changed.reasons], below=below, total_shown=changed.both_is_shown(below)
    )
    rows = tuple(
        (printable(reason), cell) for (reason, _), cell in zip(changed.reasons, shown, strict=True)
    )
    lost = count(changed.started - changed.both, below=below)
    whole = count(changed.started, below=below)
    return Table(
        name="Not followed up",
        caption=f"People we could not follow up ({lost} of {whole}), by reason",
        heads=("reason", "people"),
        rows=rows,
    )


def service_blocks(found: ServiceChanges, below: int) -> tuple[Block, ...]:
    """The table and the funnel picture by service."""
    label = words.measure_name(found.outcome.label)
    if len(found.table) < 2:
        return (
            Block(title=label, lines=("Too few people in each service for a table by service.",)),
        )
    table = found.table
    rows, categories = _service_rows(found, below)
    heads = [
        short(found.column, words.LONGEST_LABEL),
        "people who started",
        "answered both times",
        "change (range we can be fairly sure of)",
        *(say.SHORT_CATEGORIES.get(c, c) for c in categories),
    ]
    lines = [say.SERVICES]
    if found.pooled:
        lines.append(say.POOLED.format(under=found.pool_under))
    grid_table = Table(
        name=f"By service {slug(found.outcome.column)}"[:31],
        caption=f"By service: {label}",
        heads=tuple(heads),
        rows=rows,
        note="Better and worse are by more than measurement error." if categories else "",
    )
    block = Block(title=label, lines=tuple(lines), tables=(grid_table,), charts=())
    enough = table["n"] >= max(below, found.pool_under)
    if int(enough.sum()) < 2:
        return (block,)
    return (
        block,
        Block(lines=(say.FUNNEL,), charts=(_funnel(found, table[enough]),)),
    )


def _service_rows(
    found: ServiceChanges, below: int
) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The rows, and the categories that have a column: none where every count must be hidden."""
    categories = found.categories
    told_both, counts = _told(found.table, categories, below)
    if not any(cell.isdigit() for line in counts for cell in line):
        categories = ()
        told_both, counts = _told(found.table, categories, below)
    told_started = cells([int(n) for n in found.table["n_started"]], below=below)
    rows = []
    for i, row in enumerate(found.table.to_dict("records")):
        change = say.TOO_SMALL_GROUP
        if row["n"] and not is_small(int(row["n"]), below):
            change = _with_range(row["estimate"], row["ci_low"], row["ci_high"])
        name = short(row["service"], words.LONGEST_LABEL)
        rows.append((name, told_started[i], told_both[i], change, *counts[i]))
    return tuple(rows), categories


def _told(
    table: pd.DataFrame, categories: Sequence[str], below: int
) -> tuple[list[str], list[list[str]]]:
    """How many answered both times, and the counts of each category, as the page may say them."""
    started = [int(n) for n in table["n_started"]]
    both = [int(n) for n in table["n"]]
    parts = [[int(row[c]) for c in categories] for row in table.to_dict("records")]
    parts = [part or [n] for part, n in zip(parts, both, strict=True)]
    # who was lost is a column that is not shown, but that a subtraction would give
    lost = [s - n for s, n in zip(started, both, strict=True)]
    hidden = grid([[*part, gone] for part, gone in zip(parts, lost, strict=True)], below=below)
    told = []
    for s, n, gone, line in zip(started, both, lost, hidden, strict=True):
        if is_small(n, below) or line[-1] == f"{gone:,}":
            told.append(count(n, below=below))
        else:
            told.append(more_than(s, below) if is_small(gone, below) else NOT_SHOWN)
    return told, [line[:-1] if categories else [] for line in hidden]


def _funnel(found: ServiceChanges, table: pd.DataFrame) -> Chart:
    from socmeasures.drawing import style
    from socmeasures.drawing.funnel import funnel

    people = np.maximum(np.round(table["n"].to_numpy(float) / ROUND_TO) * ROUND_TO, ROUND_TO)
    label = words.measure_name(found.outcome.label)
    figure = funnel(
        table["service"].astype(str).tolist(), people, table["estimate"].to_numpy(float),
        centre=found.change, sd=found.sd, unit=label, better=found.outcome.better,
    )  # fmt: skip
    return Chart(
        name=f"by-service-{slug(found.outcome.column)}",
        figure=figure,
        caption=f"Funnel picture: change in {label} by service.",
        alt=style.alt_text(figure),
    )


def group_blocks(result: Result, below: int) -> tuple[Block, ...]:
    """Equality groups: described, small ones hidden, never tested against each other."""
    blocks = []
    exact = {c.outcome.column: c.both_is_shown(below) for c in changed_of([result])}
    for one in tables.by_outcome(result):
        for name, table in one.tables.items():
            if not name.startswith("by ") or name == "by site" or not len(table):
                continue
            column = str(name).removeprefix("by ")
            if column not in table:
                continue
            last = table[table["contrast"] == table["contrast"].iloc[-1]]
            both = [int(n) for n in last["n"]]
            shown = cells_beside(both, below, exact.get(one.outcome.column, False))
            rows = []
            for row, cell, n in zip(last.to_dict("records"), shown, both, strict=True):
                change = say.TOO_SMALL_GROUP
                if n >= max(below, 10):
                    change = _with_range(row["estimate"], row["ci_low"], row["ci_high"])
                rows.append((short(row[column], words.LONGEST_LABEL), cell, change))
            label = words.measure_name(one.outcome.label)
            blocks.append(
                Block(
                    tables=(
                        Table(
                            name=f"By {slug(column)} {slug(one.outcome.column)}"[:31],
                            caption=f"By {short(column, words.LONGEST_LABEL)}: {label}",
                            heads=(
                                short(column, words.LONGEST_LABEL),
                                "answered both times",
                                "change (range we can be fairly sure of)",
                            ),
                            rows=tuple(rows),
                        ),
                    ),
                )
            )
    return tuple(blocks)


def between_blocks(result: Result, below: int) -> tuple[Block, ...]:
    """The difference between groups, with its range; no p value stands in the report."""
    blocks = []
    for one in tables.by_outcome(result):
        label = words.measure_name(one.outcome.label)
        rows = []
        for row in tables.main_rows(one).to_dict("records"):
            n = int(row["n"]) if row.get("n") == row.get("n") and "n" in row else 0
            if is_small(n, below):
                continue
            rows.append(
                (
                    printable(row["contrast"]),
                    printable(row.get("wave", "")),
                    count(n, below=below),
                    _difference(row),
                )
            )
        if not rows:
            continue
        way = say.better_way(one.outcome.better, one.outcome.higher)
        blocks.append(
            Block(
                title=label,
                lines=(way,),
                tables=(
                    Table(
                        name=f"Groups {slug(one.outcome.column)}"[:31],
                        caption=f"Difference between the groups: {label}",
                        heads=(
                            "comparison",
                            "time point",
                            "people",
                            "difference (range we can be fairly sure of)",
                        ),
                        rows=tuple(rows),
                    ),
                ),
            )
        )
    return tuple(blocks)

"""One measure's change as a funder's report needs it: who, before, after, by how much, a picture.

Numbers in, texts with one decimal out; small counts are hidden here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from socmeasures.drawing.labels import at_time, isolated, number, printable
from socmeasures.reports import funder_words as say
from socmeasures.reports import tables, words
from socmeasures.reports.paper import Block, Chart
from socmeasures.reports.suppression import (
    cells_beside,
    count,
    is_exact,
    is_small,
    nested,
    part_of,
)

if TYPE_CHECKING:
    from socmeasures.designs.outcome import Outcome
    from socmeasures.designs.result import Result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changed:
    """The change of one measure between the first time point and the last.

    Attributes
    ----------
    form : str
        "score", "binary" (had it or not) or "ordered".
    started, answered_first, both : int
        People in the study, with a score at the first time point, with one at both.
    before, after : pandas.DataFrame rows
        ``mean, sd, ci_low, ci_high`` for a score; for "binary" the counts `had`.
    """

    outcome: Outcome
    form: str
    confidence: float
    earlier: str
    later: str
    started: int
    answered_first: int
    both: int
    estimate: float
    ci_low: float
    ci_high: float
    means: pd.DataFrame
    had: tuple[int, int] | None = None
    moved: tuple[tuple[str, int], ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    weeks: float | None = None
    categories: tuple[str, ...] = ()
    category_counts: tuple[int, ...] = ()
    expected: tuple[float, ...] = ()
    smallest: float | None = None

    def told_both(self, below: int) -> str:
        """How many answered both times, as the page may say it."""
        told = nested([self.started, self.answered_first, self.both], below=below)[-1]
        return told.split(" of ")[0]

    def both_is_shown(self, below: int) -> bool:
        """Whether a reader knows exactly how many answered both times."""
        known = [self.started]
        if is_exact(self.answered_first, known, below=below):
            known.append(self.answered_first)
        return is_exact(self.both, known, below=below)

    def lost_hidden(self, below: int) -> bool:
        """Whether the number of people who were lost is hidden."""
        return is_small(self.started - self.both, below)

    def category_cells(self, below: int) -> list[str]:
        """Better, same and worse as the page may say them."""
        return cells_beside(self.category_counts, below, self.both_is_shown(below))


def changed_of(results: Sequence[Result]) -> list[Changed]:
    """Each measure's change once, in the order of the results."""
    reliable = {r.outcome.column: r for r in results if r.kind == "reliable_change"}
    found: dict[str, Changed] = {}
    for whole in results:
        if whole.kind != "pre_post":
            continue
        for result in tables.by_outcome(whole):
            column = result.outcome.column
            if column not in found and len(result.table):
                found[column] = _changed(result, reliable.get(column))
    return list(found.values())


def _changed(result: Result, reliable: Result | None) -> Changed:
    row = result.table.iloc[-1]
    later, earlier = str(row["wave"]), str(result.waves[0])
    contrast = str(row["contrast"])
    counts = result.n[result.n["wave"].astype(str) == later] if "wave" in result.n else result.n
    out = counts[counts["group"] == "excluded"]
    scores = result.scores.dropna(subset=["value"])
    first = scores.loc[scores["wave"].astype(str) == earlier, "person"].nunique()
    pairs, shares = (
        _row(result.tables.get(name), contrast) for name in ("pairs", "share before and after")
    )
    had = None
    means = pd.DataFrame()
    form = "ordered"
    if len(shares) == 2:
        form, had = "binary", (int(shares["n"].iloc[0]), int(shares["n"].iloc[1]))
    elif len(pairs):
        form = "score"
        pair = pairs.iloc[0]
        means = tables.with_ranges(
            pd.DataFrame(
                {
                    "wave": [earlier, later],
                    "n": [pair["n"], pair["n"]],
                    "mean": [pair["mean_earlier"], pair["mean_later"]],
                    "sd": [pair["sd_earlier"], pair["sd_later"]],
                }
            ),
            result.confidence,
        )
    elif str(row.get("term", "")) == "mean change":
        form = "score"
    moved = _row(result.tables.get("higher, same, lower"), contrast)
    timing = _row(result.tables.get("timing"), contrast)
    weeks = None
    if len(timing) and np.isfinite(float(timing["median_weeks"].iloc[0])):
        weeks = float(timing["median_weeks"].iloc[0])
    return Changed(
        outcome=result.outcome,
        form=form,
        confidence=result.confidence,
        earlier=earlier,
        later=later,
        started=int(row["n"]) + int(row["n_excluded"]),
        answered_first=max(int(first), int(row["n"])),
        both=int(row["n"]),
        estimate=float(row["estimate"]),
        ci_low=float(row["ci_low"]),
        ci_high=float(row["ci_high"]),
        means=means,
        had=had,
        moved=tuple(zip(moved["direction"].astype(str), moved["n"].astype(int), strict=True))
        if len(moved) and "direction" in moved
        else (),
        reasons=tuple(zip(out["reason"].astype(str), out["n"].astype(int), strict=True)),
        weeks=weeks,
        **_reliable(reliable),
    )


def _row(table: pd.DataFrame | None, contrast: str) -> pd.DataFrame:
    if table is None or not len(table):
        return pd.DataFrame()
    if "contrast" not in table:
        return table
    return table[table["contrast"].astype(str) == contrast]


def _reliable(reliable: Result | None) -> dict[str, Any]:
    if reliable is None:
        return {}
    rows = reliable.table
    if "arm" in rows:
        rows = rows[rows["arm"] == "all"]
    constants = getattr(reliable, "constants", {})
    smallest = constants.get("smallest_change")
    expected = rows["expected_n"].astype(float) if "expected_n" in rows else []
    return {
        "categories": tuple(rows["category"].astype(str)),
        "category_counts": tuple(rows["n"].astype(int)),
        "expected": tuple(float(v) for v in expected),
        "smallest": None if smallest is None else float(smallest),
    }


def part_blocks(changed: Changed, below: int) -> tuple[Block, ...]:
    """Before, after and the change in words, with the picture."""
    if is_small(changed.both, below):
        return (Block(lines=(say.TOO_FEW,)),)
    if changed.form == "binary" and changed.had is not None:
        return (_binary(changed, below),)
    if changed.form == "ordered":
        return (_ordered(changed, below),)
    return (_score(changed),)


def _score(changed: Changed) -> Block:
    first, then = (isolated(at_time(t)) for t in (changed.earlier, changed.later))
    line = f"The average changed by {signed(changed.estimate)} points"
    if len(changed.means):
        before, after = (number(v, 1) for v in changed.means["mean"])
        line = (
            f"The average was {before} {first} and {after} {then}: a change of "
            f"{signed(changed.estimate)} points"
        )
    if np.isfinite(changed.ci_low) and np.isfinite(changed.ci_high):
        line += (
            f" (range we can be fairly sure of: {signed(changed.ci_low)} to "
            f"{signed(changed.ci_high)})"
        )
    charts = (chart(changed),) if len(changed.means) else ()
    return Block(lines=(f"{line}. {_which_way(changed)}".strip(),), charts=charts)


def _which_way(changed: Changed) -> str:
    """The one sentence that says better or worse, and only where the range leaves no doubt."""
    if not (np.isfinite(changed.ci_low) and np.isfinite(changed.ci_high)):
        return ""
    if changed.ci_low <= 0 <= changed.ci_high:
        return "The range includes no change, so we cannot be sure which way the average moved."
    if changed.outcome.better not in ("lower", "higher"):
        return ""
    good = (changed.estimate < 0) == (changed.outcome.better == "lower")
    return f"On average, people who answered both times scored {'better' if good else 'worse'}."


def chart(changed: Changed) -> Chart:
    """Before and after on the whole range of the measure, with their ranges."""
    from socmeasures.drawing import figures, style

    outcome = changed.outcome
    label = words.measure_name(outcome.label)
    shown = changed.means.rename(columns={"wave": "arm"})[["arm", "mean", "ci_low", "ci_high"]]
    ends = shown[["mean", "ci_low", "ci_high"]].to_numpy(float)
    low = np.floor(np.nanmin(ends)) if outcome.low is None else outcome.low
    high = np.ceil(np.nanmax(ends)) if outcome.high is None else outcome.high
    figure = figures.adjusted_means(
        shown, unit=label, low=float(low), high=float(high), better=outcome.better, decimals=1
    )
    caption = (
        f"Average before and after in people who answered both times: {label}. Lines are the "
        "range we can be fairly sure of."
    )
    return Chart(
        name=f"change-{slug(outcome.column)}",
        figure=figure,
        caption=caption,
        alt=style.alt_text(figure),
    )


def _binary(changed: Changed, below: int) -> Block:
    had = changed.had or (0, 0)
    whole = changed.both
    if not changed.both_is_shown(below):
        told = [count(n, below=below) for n in had]
    else:
        told = [part_of(n, whole, below=below) for n in had]
    label = words.measure_name(changed.outcome.label)
    return Block(
        lines=(
            f"{isolated(label)}: {told[0]} {isolated(at_time(changed.earlier))}, and {told[1]} "
            f"{isolated(at_time(changed.later))}, of the {changed.told_both(below)} people who "
            "answered both times.",
        )
    )


def _ordered(changed: Changed, below: int) -> Block:
    if not changed.moved:
        return Block(lines=(say.TOO_FEW,))
    told = cells_beside([n for _, n in changed.moved], below, changed.both_is_shown(below))
    names = [say.ANY_AMOUNT.get(name, name) for name, _ in changed.moved]
    each = "; ".join(f"{say.in_words(t)} {n}" for t, n in zip(told, names, strict=True))
    return Block(
        lines=(
            f"Of {changed.told_both(below)} people who answered both times, by any amount: {each}.",
        )
    )


def signed(value: float) -> str:
    """A change with its sign and one decimal; a rise has a plus.

    Examples
    --------
    >>> signed(-0.83), signed(0.5), signed(0.01)
    ('−0.8', '+0.5', '0.0')
    """
    text = number(value, 1)
    return f"+{text}" if value > 0 and text != "0.0" else text


def slug(name: str) -> str:
    """A piece of a file name that every system takes.

    Examples
    --------
    >>> slug('ucla3_total'), slug('<b>Ärger & "co"</b>')
    ('ucla3-total', 'b-rger-co-b')
    """
    return re.sub(r"[^a-z0-9]+", "-", printable(name).lower()).strip("-")[:40] or "measure"

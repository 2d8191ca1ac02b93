"""What a funder may be shown: the first page and what follows it, from results, as content.

The only file that decides what stands in a funder's report. No person, no small count, no claim
about what brought a change about.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from socmeasures.drawing.labels import at_time, isolated, number, printable, short
from socmeasures.errors import FunderReportError
from socmeasures.reports import funder_words as say
from socmeasures.reports import sections, words
from socmeasures.reports.comparators import comparators
from socmeasures.reports.funder_change import Changed, changed_of, part_blocks
from socmeasures.reports.funder_tables import (
    between_blocks,
    group_blocks,
    reason_table,
    scores_table,
    service_blocks,
)
from socmeasures.reports.paper import Block, Paper, Section, with_names_apart
from socmeasures.reports.suppression import BELOW, check_below, count, is_small, nested, small

if TYPE_CHECKING:
    from socmeasures.designs.outcome import Outcome
    from socmeasures.designs.result import Result
    from socmeasures.reports.by_service import ServiceChanges
    from socmeasures.scoring.record import ScoringRecord

LONGEST_ABOUT = 650  # letters on the first page; the rest stands behind it
LONGEST_TITLE, LONGEST_PERIOD, LONGEST_FACT = 100, 140, 700
CONFIRMED = ("published", "secondary")
NO_COMPARISON = ("pre_post", "reliable_change")


def funder_paper(
    results: Sequence[Result],
    *,
    title: str,
    about: str = "",
    period: str = "",
    record: ScoringRecord | None = None,
    services: Sequence[ServiceChanges] = (),
    below: int = BELOW,
    date: datetime.date,
) -> Paper:
    """Put together a funder's report.

    Parameters
    ----------
    results : sequence of Result
        At least one `pre_post`; the first one's first measure is on the first page. What
        `reliable_change` gave on the same measure adds better, same and worse.
    title, about, period : str
        Heading, free text about the organisation, and when the answers were given.
    record : ScoringRecord, optional
        For the bands that were applied.
    services : sequence of ServiceChanges
        What `by_service` gave.
    below : int
        Counts from 1 up to, not including, this are hidden.
    date : datetime.date
        Of the report.

    Returns
    -------
    Paper

    Raises
    ------
    FunderReportError
        No change before and after, or answers about risk of harm among the outcomes.
    """
    check_below(below)
    _refuse_risk(results)
    changed = changed_of(results)
    if not changed:
        raise FunderReportError.no_change([r.kind for r in results])
    compared = [r for r in results if r.kind not in NO_COMPARISON and _is_comparison(r)]
    first, others = changed[0], changed[1:]
    paragraphs = [printable(p) for p in about.split("\n\n") if p.strip()]
    on_page, behind = _fitting(paragraphs)
    page = [
        Section(
            key="about",
            title=say.SECTIONS["about"],
            blocks=(Block(lines=tuple(on_page) or (say.NO_ABOUT,)),),
        ),
        Section(key="heard", title=say.SECTIONS["heard"], blocks=(_heard(first, below),)),
        Section(key="when", title=say.SECTIONS["when"], blocks=(_when(first, period),)),
        Section(key="measure", title=say.SECTIONS["measure"], blocks=(_measure_line(first),)),
        Section(key="change", title=say.SECTIONS["change"], blocks=part_blocks(first, below)),
        Section(key="people", title=say.SECTIONS["people"], blocks=(_people(first, below),)),
        Section(key="limits", title=say.SECTIONS["limits"], blocks=(_limits(compared),)),
        Section(key="lost", title=say.SECTIONS["lost"], blocks=(_lost(first, below),)),
    ]
    rest = [
        Section(
            key="tables",
            title=say.SECTIONS["tables"],
            blocks=tuple(_tables(changed, others, behind, below)),
        )
    ]
    if services:
        blocks = tuple(b for s in services for b in service_blocks(s, below))
        rest.append(Section(key="services", title=say.SECTIONS["services"], blocks=blocks))
    grouped = tuple(b for r in results if r.kind == "pre_post" for b in group_blocks(r, below))
    if grouped:
        blocks = (Block(lines=(say.GROUPS,)), *grouped)
        rest.append(Section(key="groups", title=say.SECTIONS["groups"], blocks=blocks))
    if compared:
        blocks = tuple(b for r in compared for b in between_blocks(r, below))
        rest.append(Section(key="between", title=say.SECTIONS["between"], blocks=blocks))
    figures = _compared_nationally(changed)
    if figures:
        rest.append(Section(key="compared", title=say.SECTIONS["compared"], blocks=figures))
    rest += [
        Section(
            key="method",
            title=say.SECTIONS["method"],
            blocks=tuple(_method(results, changed, compared, record)),
        ),
        Section(key="sources", title=say.SECTIONS["sources"], blocks=(_sources(changed),)),
    ]
    return Paper(
        title=short(title, LONGEST_TITLE),
        dateline=f"{words.british_date(date)} · socmeasures {sections.version_of('socmeasures')}",
        first=tuple(page),
        rest=with_names_apart(tuple(rest)),
    )


def _refuse_risk(results: Sequence[Result]) -> None:
    columns = [o.column for r in results for o in r.outcomes or (r.outcome,)]
    risky = [c for c in dict.fromkeys(columns) if re.search(r"_risk$", c)]
    if risky:
        raise FunderReportError.risk_outcome(risky)


def _is_comparison(result: Result) -> bool:
    return {"contrast", "estimate", "ci_low", "ci_high"} <= set(result.table.columns) and bool(
        result.arms
    )


def _fitting(paragraphs: Sequence[str]) -> tuple[list[str], list[str]]:
    """Paragraphs that fit the first page, and those that go behind it."""
    kept: list[str] = []
    for place, text in enumerate(paragraphs):
        if sum(map(len, kept)) + len(text) > LONGEST_ABOUT:
            if kept:
                return kept, list(paragraphs[place:])
            cut = text[:LONGEST_ABOUT].rsplit(" ", 1)[0] + " …"
            return [cut], list(paragraphs)
        kept.append(text)
    return kept, []


def _heard(changed: Changed, below: int) -> Block:
    started, at_first, both = nested(
        [changed.started, changed.answered_first, changed.both], below=below
    )
    first, then = (isolated(at_time(t)) for t in (changed.earlier, changed.later))
    return Block(
        lines=(
            f"{_people_word(started, changed.started)} started. {_capital(at_first)} answered "
            f"{first}, and {both} answered both times, {first} and {then}. "
            "All numbers of change below are about those who answered both times.",
        )
    )


def _people_word(told: str, n: int) -> str:
    return f"{told} person" if n == 1 and told == "1" else f"{told} people"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _when(changed: Changed, period: str) -> Block:
    lines = [isolated(words.sentence(short(period, LONGEST_PERIOD)))] if period.strip() else []
    if changed.weeks is not None:
        lines.append(
            f"Half of the people waited {number(changed.weeks, 0)} weeks or more between their "
            "two answers."
        )
    return Block(lines=(" ".join(lines) or say.NO_DATES,))


def _measure_line(changed: Changed, *, under_its_name: bool = False) -> Block:
    outcome = changed.outcome
    instrument = short(outcome.instrument, words.LONGEST_LABEL)
    label = words.measure_name(outcome.label)
    told = [] if under_its_name else [isolated(label)]
    if instrument and instrument not in label:
        told.append(f"from the {isolated(instrument)}")
    parts = [_capital(", ".join(told))] if told else []
    if outcome.form:
        parts.append(f"Version: {isolated(short(outcome.form, words.LONGEST_LABEL))}")
    if outcome.low is not None and outcome.high is not None:
        parts.append(f"Scores run from {outcome.low:g} to {outcome.high:g}")
    way = say.better_way(outcome.better, outcome.higher)
    ended = (part if part.endswith("…") else f"{part}." for part in parts)
    line = " ".join([*ended, way])
    return Block(lines=(line,), warning=_warning(outcome))


def _warning(outcome: Outcome) -> str:
    return {
        "unverified": say.MEASURE_UNVERIFIED,
        "user-supplied": say.MEASURE_OWN,
    }.get(outcome.evidence, "")


def _people(changed: Changed, below: int) -> Block:
    if not changed.categories:
        return Block(lines=(say.NO_ERROR_SIZE,))
    if is_small(changed.both, below):
        return Block(lines=(say.TOO_FEW,))
    whole = changed.told_both(below)
    told = [
        f"{say.in_words(cell)} {say.CATEGORIES.get(name, name)}"
        for name, cell in zip(changed.categories, changed.category_cells(below), strict=True)
    ]
    line = f"Of {whole} people who answered both times: {'; '.join(told)}."
    if changed.smallest is not None:
        line += (
            f" A change of {number(changed.smallest, 1)} points or more is more than measurement "
            "error."
        )
    by_chance = [
        f"{number(n, 1)} {say.SHORT_CATEGORIES.get(name, name)}"
        for name, n in zip(changed.categories, changed.expected, strict=False)
        if name != "no reliable change" and np.isfinite(n)
    ]
    if by_chance:
        line += f" {say.BY_CHANCE.format(told=' and '.join(by_chance))}"
    return Block(lines=(line,))


def _limits(compared: Sequence[Result]) -> Block:
    why = say.COMPARED if compared else say.WHY_NOT
    return Block(lines=(f"{say.CHANGE_NOT_EFFECT} {why} {say.CAN_SAY}",))


def _lost(changed: Changed, below: int) -> Block:
    lost = changed.started - changed.both
    if not lost:
        return Block(lines=(say.EVERYBODY_HEARD,))
    told = small(below) if changed.lost_hidden(below) else count(lost, below=below)
    noun = "person" if lost == 1 and told == "1" else "people"
    whole = count(changed.started, below=below)
    return Block(
        lines=(
            f"{told} of {whole} {noun} could not be followed up or did not answer both times. "
            f"{say.THOSE_LOST}",
        )
    )


def _tables(
    changed: Sequence[Changed], others: Sequence[Changed], behind: Sequence[str], below: int
) -> list[Block]:
    found = [Block(title="More about us", lines=tuple(behind))] if behind else []
    hidden = say.SUPPRESSED.format(most=below - 1, below=below)
    found.append(
        Block(
            lines=(say.RANGE_MEANS, *([hidden] if below > 1 else [])),
            tables=(scores_table(changed, below),),
        )
    )
    reasons = [t for c in changed[:1] if (t := reason_table(c, below)) is not None]
    if reasons:
        found.append(Block(tables=tuple(reasons)))
    for other in others:
        label = words.measure_name(other.outcome.label)
        line = _measure_line(other, under_its_name=True)
        found.append(Block(title=label, lines=(*line.lines,), warning=line.warning))
        found.append(_heard(other, below))
        found += part_blocks(other, below)
        found.append(_people(other, below))
    return found


def _compared_nationally(changed: Sequence[Changed]) -> tuple[Block, ...]:
    found = []
    for one in changed:
        figures = comparators(one.outcome.column)
        if not figures:
            continue
        points = tuple(
            f"{_figure(c.kind, c.value)} {c.what}: {c.whose}. {_capital(c.caution)}. "
            f"Asked: {c.mode}. Source: {c.source}; {c.licence}. "
            f"{say.READ_WHERE[c.evidence]}"
            for c in figures
        )
        found.append(
            Block(
                title=words.measure_name(one.outcome.label),
                lines=(say.COMPARATORS,),
                points=points,
            )
        )
    return tuple(found)


def _figure(kind: str, value: float) -> str:
    return f"{number(100 * value, 0)} %" if kind == "share" else f"A mean of {number(value, 1)} for"


def _method(
    results: Sequence[Result],
    changed: Sequence[Changed],
    compared: Sequence[Result],
    record: ScoringRecord | None,
) -> list[Block]:
    level = f"{100 * changed[0].confidence:g} %"
    lines = [
        "Change is the later score minus the earlier one, in the people who have both. "
        f"The range we can be fairly sure of is the {level} confidence interval of the mean "
        "change.",
    ]
    texts = [r.methods for r in results if r.kind == "reliable_change" or r in compared]
    for text in dict.fromkeys(texts):
        kept = [s for s in re.split(r"(?<=[.!?])\s+", text) if s and not say.banned_words(s)]
        if kept:
            lines.append(words.typeset(" ".join(kept)))
    shown = {"pre_post", "reliable_change", *(r.kind for r in compared)}
    left = [r for r in results if r.kind not in shown]
    if left:
        lines.append(f"{len(left)} further analyses stand in the internal report only.")
    blocks = [Block(lines=tuple(lines))]
    for one in changed:
        outcome = one.outcome
        facts = [
            ("Instrument", outcome.instrument),
            ("Version", outcome.form),
            ("Scoring key", words.EVIDENCE.get(outcome.evidence, outcome.evidence)),
            ("Licence", outcome.licence),
            *_bands(outcome, record),
        ]
        kept_facts = tuple((term, short(text, LONGEST_FACT)) for term, text in facts if text)
        if kept_facts:
            blocks.append(Block(title=words.measure_name(outcome.label), facts=kept_facts))
    blocks.append(Block(title="Made with", lines=(sections.versions(),)))
    return blocks


def _bands(outcome: Outcome, record: ScoringRecord | None) -> list[tuple[str, str]]:
    """The bands that were applied, with their source; none that is not confirmed."""
    from socmeasures.scales.catalogue import load_scale, shipped_ids

    if record is None:
        return []
    found: dict[str, str] = {}
    mine = {(c.scale, c.score) for c in record.columns if c.outcome == outcome.column}
    for column in record.columns:
        if column.role != "band" or (column.scale, column.score) not in mine:
            continue
        if column.scale not in shipped_ids():
            continue
        scale = load_scale(column.scale)
        if scale.definition_hash != outcome.definition_hash:
            continue
        for bands in scale.score(column.score).bands:
            if bands.set == column.band_set and bands.evidence in CONFIRMED:
                cuts = "; ".join(sections.cut_words(cut) for cut in bands.cuts)
                found[bands.set] = f"{cuts}. Source: {bands.source}. For: {bands.population}."
    return [(f"Bands ({name})", text) for name, text in found.items()]


def _sources(changed: Sequence[Changed]) -> Block:
    cited = [short(c.outcome.citation, LONGEST_FACT) for c in changed if c.outcome.citation]
    return Block(points=tuple(dict.fromkeys(cited)) or ("No source was given for the measures.",))

"""The sections of a report, in plain values for the template: texts, tables, pictures.

Nothing here is written twice: results that share people, a measure or its scores show them once.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

import pandas as pd
from markupsafe import Markup

from socmeasures.drawing.labels import printable
from socmeasures.reports import tables, words
from socmeasures.reports.pictures import Pictures
from socmeasures.scales.catalogue import load_scale, shipped_ids
from socmeasures.scoring.compute import library_version

if TYPE_CHECKING:
    from socmeasures.designs.outcome import Outcome
    from socmeasures.designs.result import Result
    from socmeasures.scales.parts import Cut
    from socmeasures.scoring.record import ScaleUse, ScoreColumn, ScoringRecord

T = TypeVar("T")
USED = ("numpy", "pandas", "scipy", "statsmodels", "pingouin", "matplotlib")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One block under a section's heading; what it lacks is empty."""

    title: str = ""
    lines: tuple[str, ...] = ()
    summary: str = ""
    text: str = ""
    warning: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Markup, ...] = ()
    pictures: tuple[Markup, ...] = ()
    notes: tuple[str, ...] = ()


def style_sheet() -> Markup:
    """The page's style, put into the page itself."""
    sheet = files("socmeasures.reports") / "templates" / "report.css"
    return Markup(sheet.read_text(encoding="utf-8"))


def who(results: Sequence[Result], rows: int | None) -> list[Part]:
    """Denominators first: who answered when, who is in the analysis, who is not and why."""
    results = _split(results)
    found: list[Part] = []
    shown: set[str] = set()
    for group in _alike(results, lambda r: (_frame_key(r.n), _people_key(r))):
        result = group[0]
        lines = [_rate(result, *counts) for counts in tables.analysed(result)]
        if rows is not None and not found:
            lines.append(f"The scored file has {rows:,} rows.")
        here = []
        if _people_key(result) not in shown:
            shown.add(_people_key(result))
            here.append(
                tables.plain_table(
                    tables.people_at_each_time(result),
                    caption="People with a score at each time point, of all people in the data",
                    decimals=0,
                )
            )
        here.append(tables.in_and_out(result, "Who is in the analysis, who is not, and why"))
        title = "" if len(group) == len(results) else _titles(group)
        found.append(Part(title=title, lines=tuple(lines), tables=tuple(map(Markup, here))))
    return found


def checks(problems: pd.DataFrame | None) -> Markup:
    """What the checks of the data found, counted by kind."""
    if problems is None:
        return Markup()
    if not len(problems):
        return Markup("<p>The checks of the data found nothing to put right.</p>")
    found = tables.problem_counts(pd.DataFrame(problems))
    return Markup(
        tables.plain_table(found, caption="What the checks of the data found", decimals=0)
    )


def measures(results: Sequence[Result], record: ScoringRecord | None) -> list[Part]:
    """Each measure once: instrument, form, evidence, licence, range, direction, bands."""
    found = []
    for group in _alike(_split(results), lambda r: r.outcome.column):
        outcome = group[0].outcome
        facts = [
            ("Instrument", outcome.instrument),
            ("Version", outcome.form),
            ("Possible scores", _range(outcome)),
            ("A high score means", outcome.higher),
            ("Which way is better", words.BETTER[outcome.better]),
            ("Scoring key", words.EVIDENCE.get(outcome.evidence, outcome.evidence)),
            ("Licence", outcome.licence),
            *_bands(outcome, record),
        ]
        shown = tuple((term, printable(text)) for term, text in facts if text)
        title, warning = words.measure_name(outcome.label), _warning(outcome)
        found.append(Part(title=title, facts=shown, warning=warning))
    return found


def scores(results: Sequence[Result], pictures: Pictures) -> list[Part]:
    """Means and spreads at each time point, and the picture of how the scores spread."""
    results = _split(results)
    found = []
    for group in _alike(results, lambda r: (r.outcome.column, _scores_key(r))):
        fullest = max(group, key=lambda r: len(r.arms))
        label = words.measure_name(fullest.outcome.label)
        shown = [
            tables.scores_at_each_time(alike[0])
            for alike in _alike(group, lambda r: _frame_key(r.descriptives))
        ]
        drawn = (pictures.distribution(fullest), pictures.individuals(fullest))
        found.append(
            Part(
                title=label if len({r.outcome.label for r in results}) > 1 else "",
                warning=_warning(fullest.outcome),
                tables=tuple(map(Markup, shown)),
                pictures=tuple(p for p in drawn if p is not None),
            )
        )
    return found


def changes(results: Sequence[Result], pictures: Pictures) -> list[Part]:
    """The sentence, the picture of ranges and the tables of each result."""
    found = []
    for whole in results:
        summary, each = words.typeset(whole.summary), tables.by_outcome(whole)
        if len(each) > 1:  # the sentences are about all of them, so they stand above all
            found.append(Part(title=printable(whole.title), summary=summary))
            summary = ""
        found += [_change(result, pictures, summary=summary) for result in each]
    return found


def _change(result: Result, pictures: Pictures, *, summary: str) -> Part:
    what = words.estimate_heading(result.kind)
    drawn = [pictures.estimates(result), pictures.over_time(result), pictures.clusters(result)]
    shown = [tables.estimates(result, f"The {what}, with its range")]
    for name, table in result.tables.items():
        if name in words.FOR_METHODS:
            continue
        title = words.table_title(name)
        shown.append(tables.further(result, title, table))
        if {"arm", "mean", "ci_low", "ci_high"} <= set(table.columns):
            drawn.append(pictures.adjusted(result, title, table))
    return Part(
        title=printable(result.title),
        summary=summary,
        warning=_warning(result.outcome),
        tables=tuple(map(Markup, shown)),
        pictures=tuple(p for p in drawn if p is not None),
    )


def limits(results: Sequence[Result]) -> list[Part]:
    """The notes: those of every result once, then each result's own."""
    common = [n for n in results[0].notes if all(n in r.notes for r in results)]
    found = [Part(notes=tuple(map(words.typeset, common)))] if common else []
    for result in results:
        own = [words.typeset(n) for n in dict.fromkeys(result.notes) if n not in common]
        if own:
            title = printable(result.title) if len(results) > 1 else ""
            found.append(Part(title=title, notes=tuple(own)))
    return found


def methods(results: Sequence[Result]) -> list[Part]:
    """The sentence for the paper and the numbers only a paper needs."""
    found = []
    for whole in results:
        shown = []
        for result in tables.by_outcome(whole):
            shown.append(
                tables.for_the_paper(
                    result, f"Test statistics: {words.measure_name(result.outcome.label)}"
                )
            )
            shown += [
                tables.further(result, words.table_title(name), result.tables[name], full=True)
                for name in words.FOR_METHODS
                if name in result.tables and len(result.tables[name])
            ]
        found.append(
            Part(
                title=printable(whole.title),
                text=words.typeset(whole.methods),
                tables=tuple(Markup(text) for text in shown if text),
            )
        )
    return found


def scoring(results: Sequence[Result], record: ScoringRecord | None) -> list[Part]:
    """How the scores were made: coding, missing rule, definition, one block a scale and time."""
    if record is None:
        return []
    found = []
    for use in record.uses:
        if _scales(results, record) and use.scale not in _scales(results, record):
            continue
        facts = [
            ("Answers read as", use.coding),
            *(
                (f"Unanswered questions, {score}", _rule(rule))
                for score, rule in use.missing.items()
            ),
            ("Illegal answers", _illegal(use)),
            ("Definition", f"{use.definition_hash[:12]} (fingerprint of the scoring rules)"),
            *(("Note", note) for note in use.notes),
        ]
        title = use.name if use.wave is None else f"{use.name} · {use.wave}"
        shown = tuple((term, printable(text)) for term, text in facts if text)
        found.append(Part(title=printable(title), facts=shown))
    return found


def statuses(results: Sequence[Result], record: ScoringRecord | None) -> Markup:
    """How many people have which kind of score."""
    if record is None:
        return Markup()
    counts = tables.status_counts(record, _scales(results, record))
    if not len(counts):
        return Markup()
    return Markup(tables.plain_table(counts, caption="Scores by kind (people)", decimals=0))


def sources(results: Sequence[Result]) -> list[str]:
    """Citations of the instruments, each once."""
    cited = [r.outcome.citation for r in _split(results) if r.outcome.citation]
    return list(dict.fromkeys(map(printable, cited)))


def version_of(package: str) -> str:
    """The installed version of a package, or words for a copy that is not installed."""
    if package == "socmeasures":
        return library_version()
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(not installed)"


def versions() -> str:
    """The library and what it computed with."""
    told = ", ".join(f"{name} {version_of(name)}" for name in USED)
    return f"socmeasures {version_of('socmeasures')} on Python {platform.python_version()}: {told}."


def _split(results: Sequence[Result]) -> list[Result]:
    return [one for result in results for one in tables.by_outcome(result)]


def _alike(results: Sequence[Result], key: Callable[[Result], Hashable]) -> list[list[Result]]:
    """Results gathered by what they share, in the order they came."""
    groups: dict[Hashable, list[Result]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return list(groups.values())


def _frame_key(frame: pd.DataFrame) -> str:
    return str(frame.to_json(orient="split", double_precision=10))


def _people_key(result: Result) -> str:
    return _frame_key(tables.people_at_each_time(result).sort_index(axis="columns"))


def _scores_key(result: Result) -> tuple[float, ...]:
    """What tells two results' scores apart, whatever the order of their rows."""
    wide = result.scores.groupby("wave")["value"].agg(["count", "sum"])
    return tuple(float(v) for v in wide.to_numpy(float).ravel())


def _titles(group: Sequence[Result]) -> str:
    return printable("; ".join(dict.fromkeys(r.title for r in group)))


def _rate(result: Result, wave: str, inside: int, everybody: int) -> str:
    at = f" at {printable(wave)}" if wave and len(tables.analysed(result)) > 1 else ""
    verb = "is" if inside == 1 else "are"
    text = f"{words.of_all(inside, everybody)} people {verb} in this analysis{at}"
    left = everybody - inside
    if not left:
        return f"{text}: everybody."
    return f"{text}; {left:,} {'is' if left == 1 else 'are'} not, for the reasons below."


def _range(outcome: Outcome) -> str:
    if outcome.low is None or outcome.high is None:
        return "not stated"
    return f"{outcome.low:g} to {outcome.high:g}"


def _warning(outcome: Outcome) -> str:
    return {"unverified": words.UNVERIFIED, "user-supplied": words.USER_SUPPLIED}.get(
        outcome.evidence, ""
    )


def _bands(outcome: Outcome, record: ScoringRecord | None) -> list[tuple[str, str]]:
    """The bands that were applied, with their source where the shipped scale tells it."""
    if record is None:
        return []
    mine = {(c.scale, c.score) for c in record.columns if c.outcome == outcome.column}
    found: dict[str, str] = {}
    for column in record.columns:
        if column.role == "band" and (column.scale, column.score) in mine:
            name = column.band_set or "default"
            found[name] = _cited_bands(column, outcome) or ", ".join(column.categories)
    return [(f"Bands ({name})", text) for name, text in found.items() if text]


def _cited_bands(column: ScoreColumn, outcome: Outcome) -> str:
    """Bands with source and population; empty unless the very definition that scored is here."""
    if column.scale not in shipped_ids():
        return ""
    scale = load_scale(column.scale)
    if scale.definition_hash != outcome.definition_hash:
        return ""
    for bands in scale.score(column.score).bands:
        if bands.set == column.band_set:
            cuts = "; ".join(cut_words(cut) for cut in bands.cuts)
            return f"{cuts}. Source: {bands.source}. For: {bands.population}."
    return ""


def cut_words(cut: Cut) -> str:
    """One cut of a set of bands: its label and where it begins."""
    if cut.from_ is not None:
        return f"{cut.label} from {cut.from_:g}"
    return cut.label if cut.above is None else f"{cut.label} above {cut.above:g}"


def _scales(results: Sequence[Result], record: ScoringRecord) -> set[str]:
    wanted = {r.outcome.column for r in _split(results)}
    return {c.scale for c in record.columns if c.outcome in wanted or c.column in wanted}


def _rule(rule: dict[str, object]) -> str:
    method, allow = str(rule.get("method", "complete")), rule.get("allow", 0)
    told = {
        "complete": "no score unless every question is answered",
        "prorate": f"up to {allow} may be unanswered; they are estimated from the others",
        "count_answered": f"up to {allow} may be unanswered; the score counts the answers given",
    }.get(method, method)
    chosen = " (chosen by the user)" if rule.get("overridden") else ""
    source = f". Source: {rule['source']}" if rule.get("source") else ""
    return f"{told}{chosen}{source}"


def _illegal(use: ScaleUse) -> str:
    if use.illegal_answers is None:
        return "not counted"
    if not use.illegal_answers:
        return ""
    return f"{use.illegal_answers:,}, treated as unanswered"

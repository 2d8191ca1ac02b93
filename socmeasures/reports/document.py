"""`report`: results in, one self-contained page for people out.

The page opens from disk, asks the network for nothing, needs no script, and prints to A4.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from socmeasures.designs.result import Result
from socmeasures.drawing.labels import printable
from socmeasures.errors import FunderReportError, OutputError, ReportError
from socmeasures.reports import sections, words
from socmeasures.reports.by_service import ServiceChanges
from socmeasures.reports.pictures import Pictures
from socmeasures.reports.suppression import BELOW
from socmeasures.responses.atomic import replacing
from socmeasures.scoring.record import ScoringRecord, scoring_record

if TYPE_CHECKING:
    import pandas as pd


def report(
    results: Result | Sequence[Result],
    path: str | Path,
    *,
    audience: Literal["internal", "funder"] = "internal",
    title: str | None = None,
    about: str = "",
    period: str = "",
    scored: pd.DataFrame | None = None,
    record: ScoringRecord | None = None,
    validation: Any = None,
    individual_lines: bool = False,
    services: ServiceChanges | Sequence[ServiceChanges] = (),
    also: Sequence[Literal["docx", "charts", "tables"]] = (),
    suppress_below: int = BELOW,
    date: datetime.date | None = None,
    overwrite: bool = True,
) -> Path:
    """Write one HTML page: who answered, the measure, the scores, the change, what it can say.

    Parameters
    ----------
    results : Result or sequence of Result
        What `pre_post`, `ancova` and their kin gave, in the order to show them.
    path : str or Path
        The file to write, usually ``….html``; for a funder also ``….docx``. Written whole or not
        at all.
    audience : {"internal", "funder"}
        Internal pages show small numbers as they are: keep them in the organisation. A funder's
        report opens with one A4 page, hides small counts and shows no single person.
    title : str, optional
        Heading of the page; by default made from the results.
    about : str
        Free text for the top: who you are and what was offered. Blank lines part paragraphs.
        It is shown as text, never as HTML.
    period : str
        When the answers were given, for a funder: "January to June 2026".
    scored : pandas.DataFrame, optional
        What `score` gave: its record is printed, and how many rows it has.
    record : ScoringRecord, optional
        How the scores were made, when `scored` is not given or lost its record.
    validation : optional
        What `validate` gave: its problems are counted by kind.
    individual_lines : bool
        Draw a line for each person. The page is then marked as holding personal data, and its
        file name must contain ``_INTERNAL``.
    services : ServiceChanges or sequence of ServiceChanges
        For a funder: what `by_service` gave.
    also : sequence of {"docx", "charts", "tables"}
        For a funder, beside `path`: a Word document of the same name, a folder ``charts`` (PNG at
        300 dpi, SVG, alt texts), and ``tables.xlsx``.
    suppress_below : int
        For a funder: counts from 1 up to, not including, this are hidden, and what would give
        them away.
    date : datetime.date, optional
        Printed as 12/03/2026; today by default. With it given, the same input gives the same
        bytes.
    overwrite : bool
        Replace a file that is there already.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ReportError
        No results, results resting on nobody, an audience this version has no page for, or
        individual lines under a file name that does not say INTERNAL.
    FunderReportError, SuppressionError
        A funder's report without a change before and after, with answers about risk of harm, or
        with a limit for small counts that is none.
    OutputError
        A file cannot be written there; then none is.

    Warns
    -----
    SocmeasuresWarning
        The free text of a funder's report claims an effect where there is no comparison group.

    Examples
    --------
    >>> import socmeasures as soc
    >>> soc.report([], "report.html")
    Traceback (most recent call last):
    socmeasures.errors.ReportError: There is nothing to report: no results were given. ...
    """
    chosen = _checked(results, audience)
    target = Path(path)
    if audience == "funder":
        from socmeasures.reports.funder_files import write_funder_report

        return write_funder_report(
            chosen,
            target,
            title=title or _title(chosen),
            about=about,
            period=period,
            record=scoring_record(scored) if record is None and scored is not None else record,
            services=[services] if isinstance(services, ServiceChanges) else list(services),
            also=also,
            below=suppress_below,
            date=date or datetime.date.today(),
            overwrite=overwrite,
        )
    if also or target.suffix.lower() == ".docx":
        raise FunderReportError.internal_is_html(target.name)
    if individual_lines and "_INTERNAL" not in target.stem:
        proposed = f"{target.stem}_INTERNAL{target.suffix or '.html'}"
        raise ReportError.not_named_internal(target.name, proposed)
    if target.exists() and not target.is_dir() and not overwrite:
        raise OutputError.exists(target)
    if record is None and scored is not None:
        record = scoring_record(scored)
    page = _page(
        chosen,
        title=title,
        about=about,
        rows=None if scored is None else len(scored),
        record=record,
        problems=None if validation is None else validation.problems,
        individual_lines=individual_lines,
        date=date or datetime.date.today(),
    )
    with replacing(target) as unfinished:
        unfinished.write_text(page, encoding="utf-8", newline="\n")
    return target


def _checked(results: Result | Sequence[Result], audience: str) -> tuple[Result, ...]:
    if audience not in ("internal", "funder"):
        raise ReportError.no_such_audience(audience)
    chosen = (results,) if isinstance(results, Result) else tuple(results)
    if not chosen:
        raise ReportError.no_results()
    for place, result in enumerate(chosen, start=1):
        if not isinstance(result, Result):
            raise ReportError.not_a_result(place, type(result).__name__)
    empty = [r.title for r in chosen if not r.n.loc[r.n["group"] == "analysed", "n"].sum()]
    if empty:
        raise ReportError.nobody_analysed(empty)
    return chosen


def _page(
    results: tuple[Result, ...],
    *,
    title: str | None,
    about: str,
    rows: int | None,
    record: ScoringRecord | None,
    problems: pd.DataFrame | None,
    individual_lines: bool,
    date: datetime.date,
) -> str:
    templates = Environment(
        loader=PackageLoader("socmeasures.reports", "templates"),
        autoescape=True,  # everything: a label is never HTML
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    pictures = Pictures(individual_lines=individual_lines)
    return templates.get_template("internal.html.j2").render(
        words=words,
        style=sections.style_sheet(),
        title=printable(title) if title else _title(results),
        about=[printable(p) for p in about.split("\n\n") if p.strip()],
        date=words.british_date(date),
        version=sections.version_of("socmeasures"),
        personal=individual_lines,
        who=sections.who(results, rows),
        checks=sections.checks(problems),
        measures=sections.measures(results, record),
        scores=sections.scores(results, pictures),
        changes=sections.changes(results, pictures),
        limits=sections.limits(results),
        methods=sections.methods(results),
        scoring=sections.scoring(results, record),
        statuses=sections.statuses(results, record),
        sources=sections.sources(results),
        versions=sections.versions(),
    )


def _title(results: Iterable[Result]) -> str:
    labels = list(
        dict.fromkeys(
            words.measure_name(o.label) for r in results for o in r.outcomes or (r.outcome,)
        )
    )
    more = f" and {len(labels) - 2} more" if len(labels) > 2 else ""
    return (", " if more else " and ").join(labels[:2]) + more

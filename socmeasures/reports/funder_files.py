"""A funder's report as files: all of them made first, then put in place, or none is."""

from __future__ import annotations

import datetime
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from socmeasures.errors import FunderReportError, OutputError, SocmeasuresWarning
from socmeasures.reports.charts import ALT_TEXT, chart_files
from socmeasures.reports.funder import NO_COMPARISON, funder_paper
from socmeasures.reports.funder_page import funder_html
from socmeasures.reports.funder_words import banned_words
from socmeasures.responses.atomic import replacing
from socmeasures.responses.writing import check_output

if TYPE_CHECKING:
    from socmeasures.designs.result import Result
    from socmeasures.reports.by_service import ServiceChanges
    from socmeasures.scoring.record import ScoringRecord

FORMATS = ("docx", "charts", "tables")


def write_funder_report(
    results: Sequence[Result],
    target: Path,
    *,
    title: str,
    about: str,
    period: str,
    record: ScoringRecord | None,
    services: Sequence[ServiceChanges],
    also: Sequence[str],
    below: int,
    date: datetime.date,
    overwrite: bool,
) -> Path:
    """Write the page (or the Word document) and what goes beside it; `report` says the rest."""
    for asked in also:
        if asked not in FORMATS:
            raise FunderReportError.unknown_format(asked, FORMATS)
    wants_word = target.suffix.lower() == ".docx"
    beside = {
        "docx": target.with_suffix(".docx"),
        "tables": target.with_name("tables.xlsx"),
        "charts": target.with_name("charts"),
    }
    outputs = [target, *(beside[a] for a in also if a in ("docx", "tables"))]
    for path in dict.fromkeys(outputs):
        check_output(path, overwrite=overwrite)
    if "charts" in also:
        _check_folder(beside["charts"], overwrite=overwrite)
    claimed = banned_words(f"{title} {about} {period}")
    if claimed and all(r.kind in NO_COMPARISON for r in results):
        said = ", ".join(repr(w) for w in claimed)
        warnings.warn(
            f"The title or text of the report says {said}. Without a comparison group the data "
            "cannot show that; say what changed instead. The text stands as you wrote it.",
            SocmeasuresWarning,
            stacklevel=4,
        )
    paper = funder_paper(
        results, title=title, about=about, period=period, record=record,
        services=services, below=below, date=date,
    )  # fmt: skip
    made: dict[Path, bytes] = {}
    if wants_word or "docx" in also:
        from socmeasures.reports.word_document import word_bytes

        made[beside["docx"]] = word_bytes(paper, date=date)
    if "tables" in also:
        from socmeasures.reports.workbook import workbook_bytes

        made[beside["tables"]] = workbook_bytes(paper)
    charts = chart_files(paper) if "charts" in also else {}
    if not wants_word:
        made[target] = funder_html(paper).encode("utf-8")
    # Word and Excel lock what they show, so these come first: a refusal leaves nothing behind
    for path, content in made.items():
        with replacing(path) as unfinished:
            unfinished.write_bytes(content)
    if charts:
        _put_folder(beside["charts"], charts)
    return target


def _check_folder(folder: Path, *, overwrite: bool) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError.is_file(folder)
    if not (folder / ALT_TEXT).is_file() and any(folder.iterdir()):
        raise FunderReportError.folder_of_others(folder.name)
    if not overwrite:
        raise OutputError.exists(folder)


def _put_folder(folder: Path, content: dict[str, bytes]) -> None:
    """The folder whole: made beside, then put in the place of the one an earlier report made."""
    unfinished = Path(tempfile.mkdtemp(prefix=".charts", dir=folder.parent))
    try:
        for name, data in content.items():
            (unfinished / name).write_bytes(data)
        folder.mkdir(exist_ok=True)
        earlier = [p for s in (".png", ".svg") for p in folder.glob(f"[0-9][0-9]-*{s}")]
        for path in earlier:
            if path.name not in content:
                path.unlink()
        for path in unfinished.iterdir():
            path.replace(folder / path.name)
    except OSError:
        raise OutputError.not_permitted(folder) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)

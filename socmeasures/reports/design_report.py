"""The `[report]` part of a design: for whom, in which forms; and the record of the run.

The record holds names and fingerprints of files, never a path, a user's name or an answer.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from socmeasures.designs.study import Study
from socmeasures.reports.by_service import ServiceChanges, by_service
from socmeasures.reports.document import report
from socmeasures.reports.sections import USED, version_of
from socmeasures.reports.suppression import BELOW
from socmeasures.responses.atomic import replacing
from socmeasures.responses.dates import as_dates
from socmeasures.scoring.record import scoring_record

if TYPE_CHECKING:
    from socmeasures.designs.result import Result

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
Audience = Literal["internal", "funder"]
Also = Literal["docx", "charts", "tables"]


class ReportPart(BaseModel):
    """Words at the head of the page, for whom it is, and in which forms."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str | None = None
    about: str = ""
    period: str = ""
    audience: Audience | tuple[Audience, ...] = "internal"
    also: tuple[Also, ...] = ()
    by_service: str | None = None
    groups: tuple[str, ...] = ()
    suppress_below: int = Field(default=BELOW, ge=1)
    date: datetime.date | None = None

    @property
    def audiences(self) -> tuple[Audience, ...]:
        """For whom, as a sequence."""
        return (self.audience,) if isinstance(self.audience, str) else self.audience


def internal_path(path: Path) -> Path:
    """The name of the page for inside, beside one for a funder: ``report_INTERNAL.html``."""
    return path.with_name(f"{path.stem}_INTERNAL.html")


def write_reports(
    part: ReportPart,
    path: Path,
    *,
    results: Sequence[Result],
    study: Study,
    scored: Any,
    validation: Any,
) -> dict[str, Path]:
    """Write what `part` declares; give what lies where, by audience.

    With one audience the page is `path`. With both, `path` is the funder's and the other one is
    named INTERNAL.
    """
    made: dict[str, Path] = {}
    common: dict[str, Any] = {
        "title": part.title,
        "about": part.about,
        "scored": scored,
        "date": part.date,
    }
    both = len(part.audiences) > 1
    if "funder" in part.audiences:
        made["funder"] = report(
            results,
            path,
            audience="funder",
            period=part.period or _period(study),
            services=_services(part, results, study),
            also=part.also,
            suppress_below=part.suppress_below,
            **common,
        )
    if "internal" in part.audiences:
        target = internal_path(path) if both else path
        made["internal"] = report(results, target, validation=validation, **common)
    return made


def _period(study: Study) -> str:
    """From which month to which people answered, where the study has dates."""
    if study.date is None:
        return ""
    dates = as_dates(study.data[study.date], errors="coerce").dropna()
    if not len(dates):
        return ""
    first, last = (f"{MONTHS[d.month - 1]} {d.year}" for d in (dates.min(), dates.max()))
    if first == last:
        return f"All answers were given in {first}"
    return f"Answers were given from {first} to {last}"


def _services(
    part: ReportPart, results: Sequence[Result], study: Study
) -> tuple[ServiceChanges, ...]:
    if part.by_service is None:
        return ()
    reliable = {r.outcome.column: r for r in results if r.kind == "reliable_change"}
    outcomes = [
        o.column for r in results if r.kind == "pre_post" for o in r.outcomes or (r.outcome,)
    ]
    return tuple(
        by_service(study, column, service=part.by_service, reliable=reliable.get(column))  # type: ignore[arg-type]  # of that kind
        for column in dict.fromkeys(outcomes[:1])
    )


def run_record(
    *,
    files: Mapping[str, Path],
    fingerprints: Mapping[str, str],
    scored: Any,
    results: Sequence[Result],
    reports: Mapping[str, Path],
) -> dict[str, Any]:
    """What was run on what, by which versions, with fingerprints of files and of numbers.

    Parameters
    ----------
    files, fingerprints : mapping
        Role ("design", "data", "plan") to file, and to its sha256.
    """
    scoring = scoring_record(scored)
    return {
        "format": 1,
        "made_with": {name: version_of(name) for name in ("socmeasures", *USED)},
        "files": {
            role: {"name": file.name, "sha256": fingerprints[role]} for role, file in files.items()
        },
        "results": [
            {
                "kind": result.kind,
                "outcomes": [o.column for o in result.outcomes or (result.outcome,)],
                "sha256": _fingerprint(result),
            }
            for result in results
        ],
        "reports": {who: path.name for who, path in reports.items()},
        "scoring": None if scoring is None else json.loads(scoring.to_json()),
    }


def _fingerprint(result: Result) -> str:
    """Of the numbers: the same file and the same data give the same one."""
    text = result.table.to_json(orient="split", double_precision=10)
    return hashlib.sha256(str(text).encode("utf-8")).hexdigest()


def save_record(record: Mapping[str, Any], report_path: Path) -> Path:
    """Write the record beside the report: ``report.record.json``."""
    target = report_path.with_name(f"{report_path.stem}.record.json")
    with replacing(target) as unfinished:
        unfinished.write_text(
            json.dumps(record, indent=1, ensure_ascii=False, sort_keys=False) + "\n",
            encoding="utf-8",
        )
    return target

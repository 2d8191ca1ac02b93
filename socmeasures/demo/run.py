"""The main job on the shipped export, end to end, with every file it makes."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import socmeasures as soc
from socmeasures.errors import OutputError
from socmeasures.reports.analysis import Analysis
from socmeasures.reports.by_service import by_service

PARTS = ("befriending_export.sav", "design.toml")


def demonstration(folder: Path, *, step: Callable[[str], None] | None = None) -> dict[str, Path]:
    """Score, check, estimate and report into `folder`; give what lies where.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as place:
    ...     sorted(path.name for path in demonstration(Path(place)).values())
    ['befriending_export.sav', 'design.toml', 'plan.toml', 'problems_INTERNAL.html',
     'report.html', 'report_for_the_funder.html', 'scored.record.json', 'scored.sav']
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError.is_file(folder) from None
    except OSError:
        raise OutputError.not_permitted(folder) from None
    shipped = files("socmeasures") / "demo"
    for name in PARTS:
        with as_file(shipped / name) as source:
            (folder / name).write_bytes(source.read_bytes())
    run = soc.analyse(folder / "design.toml", folder / "report.html", step=step)
    made = {
        "the export (simulated)": folder / "befriending_export.sav",
        "the design": folder / "design.toml",
        "the plan": folder / "plan.toml",
        "the problems in the data": folder / "problems_INTERNAL.html",
        "the scored file": folder / "scored.sav",
        "the scoring record": folder / "scored.record.json",
        "the report": folder / "report.html",
    }
    data, codebook = soc.read(folder / "befriending_export.sav")
    plan = soc.match_scales(data, codebook, person="id")
    plan.save(made["the plan"])
    soc.validate(data, plan, codebook=codebook).to_html(made["the problems in the data"])
    scored = soc.score(data, plan, codebook=codebook, invalid="missing")
    soc.write_sav(scored, made["the scored file"], codebook=codebook)
    record = soc.scoring_record(scored)
    if record is not None:
        made["the scoring record"].write_text(record.to_json(indent=1), encoding="utf-8")
    if run.report is not None:
        made["the report"] = run.report
    made["the page for a funder"] = _for_the_funder(run, folder / "report_for_the_funder.html")
    return made


def _for_the_funder(run: Analysis, page: Path) -> Path:
    """The page to pass on: the change, by service, without a single person or a small count."""
    asked = soc.Design.load(page.with_name("design.toml")).report
    changes = [r for r in run.results if r.kind == "pre_post"]
    return soc.report(
        [*changes, *(r for r in run.results if r.kind != "pre_post")],
        page,
        audience="funder",
        title=asked.title,
        about=asked.about,
        services=by_service(run.study, changes[0].outcome.column, service="site"),
        record=soc.scoring_record(run.scored),
    )

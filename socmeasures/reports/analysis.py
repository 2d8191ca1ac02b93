"""A whole analysis as a file: `design.toml` → read, score, study, analyses, report.

The same file and the same data give the same numbers. Unknown fields and impossible combinations
are reported all at once, before anything is computed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from socmeasures.designs.one_group import pre_post
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.designs.trial import ancova
from socmeasures.errors import DesignError, NoRowsError, did_you_mean
from socmeasures.frames import names
from socmeasures.reports.change_parts import ReliableChangePart
from socmeasures.reports.design_data import (
    DataPart,
    date_names,
    read_data,
    sha256,
    with_dates,
)
from socmeasures.reports.design_report import (
    ReportPart,
    internal_path,
    run_record,
    save_record,
    write_reports,
)
from socmeasures.reports.risk_list import risk_list, save_risk_list
from socmeasures.reports.trial_parts import BinaryPart, ClusterTrialPart, MmrmPart
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.duplicates import DuplicateRule, resolve_duplicates
from socmeasures.responses.labelled import apply_labels
from socmeasures.responses.matching import match_scales
from socmeasures.responses.plan import ScoringPlan
from socmeasures.responses.writing import check_output
from socmeasures.scoring.compute import score
from socmeasures.validation.report import ValidationReport, validate

Step = Callable[[str], None]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScoringPart(_Part):
    """How answers become scores; as the keywords of `soc.score`."""

    scales: tuple[str, ...] = ()
    invalid: Literal["raise", "missing"] = "raise"
    missing: str | dict[str, Any] | None = None
    coding: str | None = None
    accept_unverified: bool = False
    replace: bool = False


class StudyPart(_Part):
    """Who, when, in which arm; as the keywords of `soc.Study`."""

    person: str
    waves: dict[str, str | int] | tuple[str | int, ...]
    wave: str | None = None
    arm: str | None = None
    control: str | int | None = None
    cluster: str | None = None
    facilitator: str | None = None
    strata: tuple[str, ...] = ()
    allocation: Literal["individual", "cluster"] | None = None
    date: str | dict[str, str] | None = None  # a column, or one a time point
    duplicates: DuplicateRule | None = None
    better: dict[str, Literal["lower", "higher", "none"]] = Field(default_factory=dict)


class PrePostPart(_Part):
    """`soc.pre_post`."""

    kind: Literal["pre_post"]
    outcome: str | tuple[str, ...]
    waves: tuple[str, ...] | None = None
    role: Literal["primary", "secondary", "exploratory"] = "secondary"
    confidence: float = 0.95


class AncovaPart(_Part):
    """`soc.ancova`."""

    kind: Literal["ancova"]
    outcome: str | tuple[str, ...]
    wave: str
    covariates: tuple[str, ...] = ()
    se: Literal["classical", "HC3"] = "classical"
    role: Literal["primary", "secondary", "exploratory"] = "primary"
    confidence: float = 0.95


KINDS = ("pre_post", "reliable_change", "ancova", "mmrm", "binary", "cluster_trial")
AnalysisPart = (
    PrePostPart | ReliableChangePart | AncovaPart | MmrmPart | BinaryPart | ClusterTrialPart
)


class Design(_Part):
    """What is analysed, as `design.toml` says it.

    Examples
    --------
    >>> import socmeasures as soc
    >>> design = soc.Design.model_validate({
    ...     "study": {"person": "id", "waves": {"before": "t1", "after": "t2"}},
    ...     "analyses": [{"kind": "pre_post", "outcome": "ucla3_total"}],
    ... })
    >>> design.analyses[0].role
    'secondary'
    """

    format: Literal[1] = 1
    data: DataPart = DataPart()
    scoring: ScoringPart = ScoringPart()
    study: StudyPart
    analyses: tuple[Annotated[AnalysisPart, Field(discriminator="kind")], ...] = Field(min_length=1)
    report: ReportPart = ReportPart()

    @classmethod
    def load(cls, path: str | Path) -> Design:
        """Read a design file; every fault at once."""
        path = Path(path)
        if not path.is_file():
            raise DesignError(path.name, ["there is no such file"])
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise DesignError(path.name, [f"not valid TOML: {fault}"]) from None
        try:
            design = cls.model_validate(raw)
        except ValidationError as fault:
            faults = [_in_words(e) for e in fault.errors() if not _follows(e)]
            raise DesignError(path.name, faults) from None
        faults = list(_impossible(design))
        if faults:
            raise DesignError(path.name, faults)
        return design


def _follows(error: Any) -> bool:
    """A table is called too short only because its faulty entries were not counted."""
    return bool(error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"])


def _in_words(error: Any) -> str:
    tags = (*KINDS, "tuple[str, ...]", "str", "constrained-str")
    steps = [
        f"number {step + 1}" if isinstance(step, int) else str(step)
        for step in error["loc"]
        if step not in tags
    ]
    place = ", ".join(steps) or "the file"
    if error["type"] == "extra_forbidden":
        return f"[{place}]: there is no such field"
    if error["type"] == "missing":
        return f"[{place}]: this field is needed and not there"
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return f"[{place}]: kind must be one of {', '.join(map(repr, KINDS))}"
    return f"[{place}]: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _impossible(design: Design) -> list[str]:
    study = design.study
    found = []
    if len(study.waves) < 2:
        found.append("[study, waves]: name two time points or more, the first one first")
    if design.data.sheets and isinstance(study.waves, Mapping):
        found.append('[study, waves]: with sheets, list their time points: ["before", "after"]')
    if design.data.sheets and not isinstance(study.waves, Mapping):
        missing = [str(w) for w in study.waves if str(w) not in design.data.sheets]
        found += [f"[study, waves]: no sheet is named for the time point {w!r}" for w in missing]
    if design.data.sheets and design.data.sheet is not None:
        found.append("[data, sheet]: give sheet or sheets, not both")
    in_columns = study.wave is None and not design.data.sheets
    if in_columns and not isinstance(study.waves, Mapping):
        found.append(
            "[study, waves]: without a wave column the time points stand in the column names; "
            'write waves = { before = "t1", after = "t2" }'
        )
    if study.control is not None and study.arm is None:
        found.append("[study, control]: names an arm, but no arm column is given")
    if study.cluster is not None and study.allocation is None:
        found.append('[study, allocation]: with a cluster say "individual" or "cluster"')
    for place, analysis in enumerate(design.analyses, start=1):
        known = [str(w) for w in study.waves]
        named = [analysis.wave] if isinstance(analysis, AncovaPart) else list(analysis.waves or ())
        found += [
            f"[analyses, number {place}]: nobody has the time point {wave!r} "
            f"(there are {', '.join(known)})"
            for wave in named
            if wave not in known
        ]
        compares = isinstance(analysis, AncovaPart | MmrmPart | BinaryPart | ClusterTrialPart)
        if compares and (study.arm is None or study.control is None):
            found.append(
                f"[analyses, number {place}]: {analysis.kind!r} needs [study] arm and control"
            )
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysis:
    """What one run of a design gave.

    Attributes
    ----------
    scored : pandas.DataFrame
        The data with score columns.
    validation : ValidationReport
        Problems of the answers.
    study : Study
        People, time points and arms.
    results : tuple of Result
        In the order of the design.
    report : Path or None
        The page that was written.
    reports : dict of str to Path
        Every page, by audience.
    record : Path or None
        The record of the run: files and numbers with their fingerprints, versions, scoring.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from importlib.resources import files
    >>> run = soc.analyse(files("socmeasures") / "demo" / "design.toml")
    >>> len(run.study.people), run.report is None
    (120, True)
    """

    scored: Any
    codebook: Codebook
    validation: ValidationReport
    study: Study
    results: tuple[Result, ...]
    report: Path | None
    reports: dict[str, Path] = dataclass_field(default_factory=dict)
    record: Path | None = None


def analyse(
    design: str | Path | Design,
    report_path: str | Path | None = None,
    *,
    data: str | Path | None = None,
    invalid: Literal["raise", "missing"] | None = None,
    step: Step | None = None,
) -> Analysis:
    """Run everything a design file declares.

    Parameters
    ----------
    design : path or Design
        ``design.toml``; see the guide for its fields.
    report_path : path, optional
        Where the report goes; none is written without it.
    data : path, optional
        A data file in place of the design's own.
    invalid : {"raise", "missing"}, optional
        In place of the design's own.
    step : callable, optional
        Called with a few words before each step, for a progress line.

    Returns
    -------
    Analysis
        Scored data, problems, study, results, and the report's path.

    Raises
    ------
    DesignError
        Faults of the design, all at once.
    SocmeasuresError
        Whatever reading, scoring or analysing refuses.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from importlib.resources import files
    >>> folder = files("socmeasures") / "demo"
    >>> run = soc.analyse(folder / "design.toml")
    >>> [result.kind for result in run.results]
    ['pre_post', 'pre_post', 'pre_post', 'ancova']
    """
    tell = step or (lambda _: None)
    folder = Path() if isinstance(design, Design) else Path(str(design)).parent
    plan_of = design if isinstance(design, Design) else Design.load(Path(str(design)))
    file = data or (None if plan_of.data.file is None else folder / plan_of.data.file)
    if file is None:
        raise DesignError("the design", ["[data, file]: no data file is named"])
    target = None if report_path is None else Path(str(report_path))
    if target is not None:
        kept = [] if isinstance(design, Design) else [Path(str(design))]
        kept += [Path(str(file))] + ([folder / plan_of.data.plan] if plan_of.data.plan else [])
        pages = [target]
        if len(plan_of.report.audiences) > 1:
            pages.append(internal_path(target))
        for page in pages:
            check_output(page, inputs=kept)
    tell("reading the data")
    study_of = plan_of.study
    frame, codebook, joining = read_data(
        plan_of.data,
        Path(str(file)),
        person=study_of.person,
        wave=_wave_column(plan_of),
        duplicates=study_of.duplicates,
        fixed=[
            c
            for c in (study_of.arm, study_of.cluster, study_of.facilitator,
                      plan_of.report.by_service, *study_of.strata,
                      *plan_of.report.groups)
            if c is not None
        ],
    )  # fmt: skip
    if not len(frame):
        raise NoRowsError(file, len(names(frame)), "analyse")
    _refuse_absent(frame, plan_of)
    frame, notes = _one_row_each(frame, plan_of.study, _wave_column(plan_of))
    notes = (*joining, *notes)
    tell("finding the scales")
    plan = (
        ScoringPlan.load(folder / plan_of.data.plan)
        if plan_of.data.plan
        else match_scales(frame, codebook, scales=plan_of.scoring.scales or None)
    )
    person = plan_of.study.person
    tell("checking the answers")
    accept = plan_of.scoring.accept_unverified
    problems = validate(
        frame,
        plan,
        codebook=codebook,
        coding=plan_of.scoring.coding,
        person=person,
        wave=_wave_column(plan_of),
        accept_unverified=accept,
    )
    tell("scoring")
    scored = score(
        frame,
        plan,
        codebook=codebook,
        coding=plan_of.scoring.coding,
        invalid=invalid or plan_of.scoring.invalid,
        missing=plan_of.scoring.missing,
        accept_unverified=accept,
        replace=plan_of.scoring.replace,
        person=person,
    )
    services = plan_of.report.by_service
    described = (*plan_of.report.groups, *([] if services is None else [services]))
    study = _study(scored, codebook, plan_of.study, described)
    results = []
    for analysis in plan_of.analyses:
        tell(f"analysing ({analysis.kind})")
        results += _run(study, analysis, notes, plan_of.report.groups)
    written, reports, record = None, {}, None
    if target is not None:
        tell("writing the report")
        reports = write_reports(
            plan_of.report, target, results=results, study=study, scored=scored,
            validation=problems,
        )  # fmt: skip
        written = next(iter(reports.values()))
        risks = save_risk_list(risk_list(scored, person=person, wave=_wave_column(plan_of)), target)
        if risks is not None:
            reports["risk list, INTERNAL"] = risks
        files = {"data": Path(str(file))}
        if not isinstance(design, Design):
            files["design"] = Path(str(design))
        if plan_of.data.plan:
            files["plan"] = folder / plan_of.data.plan
        record = save_record(
            run_record(
                files=files, fingerprints={role: sha256(f) for role, f in files.items()},
                scored=scored, results=results, reports=reports,
            ),
            target,
        )  # fmt: skip
    return Analysis(
        scored=scored,
        codebook=codebook,
        validation=problems,
        study=study,
        results=tuple(results),
        report=written,
        reports=reports,
        record=record,
    )


def _wave_column(design: Design) -> str | None:
    """Column with the time point: as declared, or the one that joining sheets makes."""
    return design.study.wave or ("wave" if design.data.sheets else None)


def _refuse_absent(frame: Any, design: Design) -> None:
    """Every column that the design names and the data lack, at once."""
    study, there = design.study, names(frame)
    named = [
        ("study, person", study.person),
        ("study, wave", study.wave),
        ("study, arm", study.arm),
        ("study, cluster", study.cluster),
        ("study, facilitator", study.facilitator),
        *(("study, date", c) for c in date_names(study.date)),
        *(("study, strata", s) for s in study.strata),
        ("report, by_service", design.report.by_service),
        *(("report, groups", g) for g in design.report.groups),
    ]
    faults = [
        f"[{place}]: there is no column {name!r} in the data.{did_you_mean(name, there)}"
        for place, name in named
        if name is not None and name not in there
    ]
    if faults:
        raise DesignError("the design", faults)


def _one_row_each(frame: Any, study: StudyPart, wave: str | None) -> tuple[Any, tuple[str, ...]]:
    if study.duplicates is None:
        return frame, ()
    return resolve_duplicates(frame, person=study.person, wave=wave, rule=study.duplicates)


def _study(scored: Any, codebook: Codebook, part: StudyPart, described: Sequence[str]) -> Study:
    asked = (part.arm, part.cluster, part.facilitator, part.wave, *part.strata, *described)
    grouping = list(dict.fromkeys(c for c in asked if c is not None))
    named = apply_labels(scored, codebook, grouping)
    named, date = with_dates(named, part.date, None if part.wave else part.waves)
    choices: dict[str, Any] = {
        "person": part.person,
        "arm": part.arm,
        "control": part.control,
        "cluster": part.cluster,
        "facilitator": part.facilitator,
        "strata": part.strata,
        "allocation": part.allocation,
        "date": date,
        "better": part.better or None,
    }
    if part.wave is None and isinstance(part.waves, Mapping):
        return Study.from_wide(named, waves=dict(part.waves), **choices)  # type: ignore[arg-type]
    return Study(named, wave=part.wave or "wave", waves=part.waves, **choices)


def _run(
    study: Study, analysis: AnalysisPart, notes: Sequence[str], groups: Sequence[str]
) -> list[Result]:
    outcomes = (analysis.outcome,) if isinstance(analysis.outcome, str) else analysis.outcome
    found = []
    for outcome in outcomes:
        result: Result
        if isinstance(analysis, PrePostPart):
            result = _pre_post(study, outcome, analysis, groups)
        elif isinstance(analysis, ReliableChangePart):
            result = analysis.run(study)
        elif isinstance(analysis, MmrmPart | BinaryPart | ClusterTrialPart):
            result = analysis.run(study, outcome)
        else:
            result = ancova(
                study,
                outcome,
                wave=analysis.wave,
                covariates=analysis.covariates,
                se=analysis.se,
                confidence=analysis.confidence,
            )
        role = f"Declared as a {analysis.role} analysis."
        found.append(replace(result, notes=(*result.notes, *notes, role)))
    return found


def _pre_post(study: Study, outcome: str, part: PrePostPart, groups: Sequence[str]) -> Result:
    """The change, and by each of the groups of people that the report describes."""
    asked: Sequence[str | None] = groups or (None,)
    found = [
        pre_post(study, outcome, waves=part.waves, confidence=part.confidence, by=by)
        for by in asked
    ]
    tables = {name: table for result in found for name, table in result.tables.items()}
    return replace(found[0], tables=tables)

"""Commands: each one call into the library, with progress, plain errors and exit codes.

Exit codes: 0 fine · 1 the data have problems · 2 the call or a file it names is wrong.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

import socmeasures as soc
from socmeasures.errors import (
    ColumnsNotInFileError,
    NoRowsError,
    PseudonymError,
    ResponseError,
    ScaleDefinitionError,
    SocmeasuresError,
    UnsupportedFormatError,
    plural,
)

if TYPE_CHECKING:
    from socmeasures.responses.codebook import Codebook

app = typer.Typer(
    help="Score questionnaires of loneliness and social support, check the data, estimate change.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
scale_app = typer.Typer(help="The catalogue of scales.", no_args_is_help=True)
app.add_typer(scale_app, name="scale")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

DataFile = Annotated[Path, typer.Argument(help="The data: .sav, .zsav, .csv, .xlsx …")]
PlanFile = Annotated[Path | None, typer.Option("--plan", help="A plan from `match`.")]
Scales = Annotated[
    list[str] | None,
    typer.Option("--scale", help="Scale id or definition file; may be repeated."),
]
Coding = Annotated[
    str | None,
    typer.Option("--coding", help="What the numbers mean: canonical, or ucla3=canonical,djg6=…"),
]
Person = Annotated[
    str | None, typer.Option("--person", help="Column with the person's identifier.")
]
When = Annotated[str | None, typer.Option("--wave", help="Column with the time point (long data).")]
Encoding = Annotated[
    str | None, typer.Option("--encoding", help="Text encoding, e.g. windows-1252.")
]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Sheet of an .xlsx file.")]
Dictionary = Annotated[
    Path | None, typer.Option("--dictionary", help="Data dictionary of a REDCap export.")
]
MissingCodes = Annotated[
    str | None,
    typer.Option("--missing-codes", help='REDCap missing data codes: "-999, Refused | UNK, …".'),
]
Words = Annotated[
    Path | None, typer.Option("--labels", help="Table of words (.toml) of another language.")
]
Accept = Annotated[
    bool, typer.Option("--accept-unverified", help="Use scales whose key is unverified.")
]


def main() -> None:
    """Run a command; refusals are printed, never raised at the user."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console that lacks a sign prints "?" for it
            stream.reconfigure(errors="replace")
    try:
        app()
    except SocmeasuresError as refusal:
        err.print(str(refusal), markup=False, style="red")
        raise SystemExit(refusal.exit_code) from None
    except KeyboardInterrupt:
        err.print("Stopped; nothing was written.")
        raise SystemExit(130) from None


@contextmanager
def working(text: str) -> Iterator[Any]:
    """A line that says what is being done, on a terminal only."""
    with err.status(text) as status:
        yield lambda words: status.update(f"{words} …")


# ------------------------------------------------------------------------------ demo


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")] = Path(
        "demo-output"
    ),
) -> None:
    """Run the main job on an invented service's export: score, check, estimate, report."""
    from socmeasures.demo import run

    with working("running the demonstration") as step:
        made = run.demonstration(folder, step=step)
    out.print("The demonstration is done. The data are simulated: nobody in them ever lived.\n")
    for what, path in made.items():
        out.print(f"  {what:<28} {path}", markup=False)
    out.print(
        "\nOpen the report in a browser. Next: socmeasures match YOUR_FILE.sav -o plan.toml",
        markup=False,
    )


# ------------------------------------------------------------------------------ start


@app.command()
def start(
    file: DataFile,
    folder: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for plan.toml and design.toml.")
    ] = None,
    person: Annotated[str | None, typer.Option("--person", help="Column with the id.")] = None,
    when: Annotated[
        str | None,
        typer.Option("--when", help="Sheets, marks or the column of the time points."),
    ] = None,
    labels: Annotated[
        str | None, typer.Option("--labels", help='Names of the time points: "before, after".')
    ] = None,
    group: Annotated[str | None, typer.Option("--group", help="Column of the group.")] = None,
    control: Annotated[
        str | None, typer.Option("--control", help="The group to compare with.")
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Column of the service.")] = None,
    date: Annotated[
        str | None, typer.Option("--date", help="Column that says when people answered; none.")
    ] = None,
    coding: Annotated[
        list[str] | None,
        typer.Option("--coding", help='What codes mean: "ucla3=canonical"; may be repeated.'),
    ] = None,
    measures: Annotated[
        str | None, typer.Option("--measures", help="Which questionnaires, of those found.")
    ] = None,
    same: Annotated[
        list[str] | None,
        typer.Option("--same", help='An id that means another: "ab1=AB01"; may be repeated.'),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take what is found; ask nothing.")] = (
        False
    ),
    encoding: Encoding = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over a plan and a design that are there.")
    ] = False,
) -> None:
    """Look at a file, ask at most seven questions, write a plan and a design."""
    from socmeasures.cli_start import coding_answers, start_command

    given = {
        "person": person, "when": when, "labels": labels, "group": group, "control": control,
        "site": site, "measures": measures, "date": date, **coding_answers(coding or []),
    }  # fmt: skip
    start_command(
        file, folder, given, same or [], yes=yes, encoding=encoding, replace=replace, out=out
    )


# ------------------------------------------------------------------------------ scales


@scale_app.command("list")
def scale_list(
    construct: Annotated[
        str | None, typer.Option("--construct", help="Only scales that measure this.")
    ] = None,
) -> None:
    """List every scale with its length, its scores and the grade of its key."""
    scales = soc.list_scales()
    if construct is not None:
        scales = scales[scales["construct"].str.contains(construct, case=False, regex=False)]
    table = Table("id", "name", "items", "scores", "measures", "key", box=None, pad_edge=False)
    for row in scales.to_dict("records"):
        grade = f"{row['evidence']}{' (opt-in)' if row['opt_in'] else ''}"
        table.add_row(
            row["id"], row["name"], str(row["items"]), row["scores"], row["construct"], grade
        )
    out.print(table)
    out.print(
        f"{plural(len(scales), 'scale')}. Keys graded unverified are used only with "
        "--accept-unverified. One scale in full: socmeasures scale show ID"
    )


@scale_app.command("show")
def scale_show(scale: Annotated[str, typer.Argument(help="Scale id or definition file.")]) -> None:
    """Show one scale: items, answers, scores, missing rule, bands, norms, sources, licence."""
    from socmeasures.scales.describe import described

    out.print(described(soc.load_scale(scale)), markup=False)


@scale_app.command("check")
def scale_check(
    files: Annotated[list[Path], typer.Argument(help="Definition files (.toml).")],
) -> None:
    """Check definition files: form, structure, golden vectors. Exit code 1 when one has faults."""
    from socmeasures.scoring.golden import failures

    bad = 0
    for file in files:
        try:
            scale = soc.load_scale(file)
            faults, remarks = failures(scale), _remarks(scale)
        except ScaleDefinitionError as refusal:
            faults, remarks = list(refusal.faults), []
        bad += bool(faults)
        verdict = plural(len(faults), "fault") if faults else "fine"
        out.print(f"{file.name}: {verdict}", markup=False, style="red" if faults else "green")
        for line in faults:
            out.print(f"  {line}", markup=False)
        for line in remarks:
            out.print(f"  remark: {line}", markup=False, style="yellow")
        if not faults and scale.key is not None:
            out.print(f"  key: {scale.key}, hash {scale.definition_hash}", markup=False)
            for one in scale.scores:
                out.print(f"  {one.id}: {one.range[0]:g} to {one.range[1]:g}", markup=False)
    if bad:
        raise typer.Exit(1)


@scale_app.command("export")
def scale_export(
    scale: Annotated[str, typer.Argument(help="Scale id or definition file.")],
    to: Annotated[str, typer.Option("--to", help="frictionless, redcap, sps, psych or codebook.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where it goes; else it is printed.")
    ] = None,
    prefix: Annotated[
        str | None, typer.Option("--prefix", help="What stands before an item's number: q4_")
    ] = None,
    coding: Annotated[
        str, typer.Option("--coding", help="What the numbers in the columns mean.")
    ] = "canonical",
    wave: Annotated[
        str | None, typer.Option("--wave", help="Time point, behind the scores' names (sps).")
    ] = None,
    accept_unverified: Accept = False,
) -> None:
    """Write a scale for another program: Table Schema, REDCap, SPSS syntax, R psych, codebook."""
    from socmeasures.scales.interchange import export_scale

    text = export_scale(
        scale,
        to,  # type: ignore[arg-type]  # checked by export_scale itself
        output,
        prefix=prefix,
        coding=coding,
        wave=wave,
        accept_unverified=accept_unverified,
    )
    if output is None:
        typer.echo(text, nl=False)
    else:
        out.print(f"{to} of {scale} written to {output}", markup=False)


@scale_app.command("new")
def scale_new(
    name: Annotated[str, typer.Argument(help="Id of the new scale, e.g. my_scale.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where it goes (my_scale.toml).")
    ] = None,
    from_psych: Annotated[
        Path | None,
        typer.Option("--from-psych", help="A keys list of R's psych package (.R or .json)."),
    ] = None,
    items: Annotated[int | None, typer.Option("--items", help="How many items; else 3.")] = None,
) -> None:
    """Begin a definition of your own: a commented file to fill in and to check."""
    from socmeasures.scales.skeleton import scale_skeleton

    text = scale_skeleton(name, output, items=items, from_psych=from_psych)
    if output is None:
        typer.echo(text, nl=False)
    else:
        out.print(
            f"Skeleton written to {output}. Fill it in, then: socmeasures scale check {output}",
            markup=False,
        )


def _remarks(scale: soc.Scale) -> list[str]:
    from socmeasures.scales.lint import warnings

    return warnings(scale)


# ------------------------------------------------------------------------------ template


@app.command()
def template(
    what: Annotated[str, typer.Argument(help="network or mssi-key.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where it goes.")],
) -> None:
    """Write an empty form: a workbook for named contacts, or a key of the MSSI to fill in."""
    from socmeasures.networks.template import write_template

    advice = write_template(what, output)
    out.print(f"{what} written to {output}. {advice}", markup=False)


# ------------------------------------------------------------------------------ match


@app.command()
def match(
    file: DataFile,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the plan goes (plan.toml).")
    ] = None,
    scale: Scales = None,
    columns: Annotated[
        str | None,
        typer.Option("--columns", help="Columns of the one --scale, item 1 first: q4a,q4b,q4c."),
    ] = None,
    person: Person = None,
    wave: When = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    dictionary: Dictionary = None,
    missing_codes: MissingCodes = None,
    labels: Words = None,
) -> None:
    """Find which columns are which items of which scale; print the plan, or save it with -o."""
    if output is not None:
        _refuse_input(output, file)
    with working("reading the data"):
        data, codebook = _read(
            file, encoding, sheet, dictionary=dictionary, codes=missing_codes, labels=labels
        )
    items = None if columns is None else [c.strip() for c in columns.split(",")]
    plan = soc.match_scales(data, codebook, scales=scale, items=items, person=person, wave=wave)
    out.print(str(plan), markup=False)
    if output is not None:
        plan.save(output)
        out.print(
            f"\nPlan written to {output}. Read it, then: "
            f"socmeasures score {file} --plan {output} -o scored.sav",
            markup=False,
        )


# ------------------------------------------------------------------------------ validate


@app.command()
def validate(
    file: DataFile,
    plan: PlanFile = None,
    scale: Scales = None,
    coding: Coding = None,
    person: Person = None,
    wave: When = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write the problems as .html or .xlsx.")
    ] = None,
    accept_unverified: Accept = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    dictionary: Dictionary = None,
    missing_codes: MissingCodes = None,
    labels: Words = None,
    stream: Annotated[
        bool | None,
        typer.Option("--stream/--whole", help="Check in blocks of rows; large files always."),
    ] = None,
) -> None:
    """List everything that is wrong with the answers. Exit code 1 when there is an error."""
    if report is not None:
        _refuse_input(report, file)
    from socmeasures import cli_files

    given = None if plan is None else soc.ScoringPlan.load(plan)
    needed = None if given is None else [*given.columns(), *(c for c in (person, wave) if c)]
    as_it_is = not (scale or labels or dictionary or missing_codes)
    if as_it_is and cli_files.is_checked_in_blocks(file, stream):
        found, checked, data, codebook = cli_files.validate_in_blocks(
            file,
            given,
            coding=coding,
            encoding=encoding,
            err=err,
            person=person,
            wave=wave,
            accept_unverified=accept_unverified,
        )
    else:
        with working("reading the data") as step:
            data, codebook = _read(
                file,
                encoding,
                sheet,
                doing="check",
                dictionary=dictionary,
                codes=missing_codes,
                labels=labels,
                columns=needed,
            )
            checked = given or soc.match_scales(
                data, codebook, scales=scale or None, person=person, wave=wave
            )
            if given is not None:
                cli_files.tell_changes(given, data, codebook, err)
            checked, coding = cli_files.with_codings(checked, coding)
            step("checking the answers")
            found = soc.validate(
                data,
                checked,
                codebook=codebook,
                coding=coding,
                person=person,
                wave=wave,
                accept_unverified=accept_unverified,
            )
    out.print(str(found), markup=False)
    if report is not None:
        shown = [*checked.columns(), *(c for c in (person, wave) if c)]
        cli_files.tell_personal(data, codebook, "The report shows them.", err, shown=shown)
        if report.suffix.lower() == ".xlsx":
            found.to_xlsx(report)
        else:
            found.to_html(report)
        out.print(f"Report written to {report}", markup=False)
    if not found.ok:
        raise typer.Exit(1)


# ------------------------------------------------------------------------------ score


@app.command()
def score(
    file: DataFile,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Scored file: .sav, .zsav, .csv, .xlsx …")
    ],
    plan: PlanFile = None,
    scale: Scales = None,
    coding: Coding = None,
    invalid: Annotated[
        str, typer.Option("--invalid", help="raise: stop at illegal answers; missing: go on.")
    ] = "raise",
    missing: Annotated[
        str | None,
        typer.Option("--missing", help="In place of the scales' rule: complete, or prorate:4."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Where the page of problems goes.")
    ] = None,
    person: Person = None,
    wave: When = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace score columns that are already there.")
    ] = False,
    accept_unverified: Accept = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    dictionary: Dictionary = None,
    missing_codes: MissingCodes = None,
    labels: Words = None,
    drop_identifiers: Annotated[
        bool,
        typer.Option("--drop-identifiers", help="Leave out columns that look like personal data."),
    ] = False,
    pseudonymise: Annotated[
        Path | None,
        typer.Option(
            "--pseudonymise", help="Codes for ids; the key is in this file, made if not there."
        ),
    ] = None,
    stream: Annotated[
        bool | None,
        typer.Option("--stream/--whole", help="Score in blocks of rows; large files always."),
    ] = None,
    with_items: Annotated[
        bool | None,
        typer.Option("--with-items/--scores-only", help="In blocks: whether answers go along."),
    ] = None,
) -> None:
    """Score a file: the same file with scores, a record beside it, and a page of problems.

    Given a folder, every export in it is scored with one plan into the folder named by -o.
    """
    from socmeasures import cli_files

    options: dict[str, Any] = {
        "coding": coding,
        "invalid": invalid,
        "missing": _missing_rule(missing),
        "accept_unverified": accept_unverified,
        "person": person,
        "wave": wave,
        "encoding": encoding,
    }
    given = None if plan is None else soc.ScoringPlan.load(plan)
    if given is not None:
        given, options["coding"] = cli_files.with_codings(given, coding)
    in_blocks = not scale and labels is None and cli_files.is_streamed(file, output, stream)
    if pseudonymise is not None and (file.is_dir() or in_blocks):
        raise PseudonymError.whole_files_only()
    if file.is_dir():
        with working("scoring the folder") as step:
            bad = cli_files.score_whole_folder(
                file,
                output,
                given,
                out=out,
                replace=replace,
                drop_personal=drop_identifiers,
                step=step,
                **options,
            )
        raise typer.Exit(1 if bad else 0)
    _refuse_ending(output)
    if in_blocks:
        _refuse_input(output, file)
        cli_files.score_in_blocks(
            file,
            output,
            given,
            with_items=with_items,
            drop=drop_identifiers,
            replace=replace,
            out=out,
            err=err,
            **options,
        )
        return
    _refuse_input(output, file)
    page = report or output.with_name(f"{output.stem}.problems.html")
    _refuse_input(page, file, *([] if plan is None else [plan]))
    with working("reading the data") as step:
        data, codebook = _read(
            file,
            encoding,
            sheet,
            doing="score",
            dictionary=dictionary,
            codes=missing_codes,
            labels=labels,
        )
        step("finding the scales")
        found_plan = _plan(data, codebook, plan, scale, person, wave)
        found_plan, coding = cli_files.with_codings(found_plan, coding)
        if plan is not None:
            cli_files.tell_changes(found_plan, data, codebook, err)
        step("checking the answers")
        common: dict[str, Any] = {
            "codebook": codebook,
            "coding": coding,
            "person": person,
            "wave": wave,
            "accept_unverified": accept_unverified,
        }
        step("scoring")
        try:
            scored = soc.score(
                data,
                found_plan,
                invalid=invalid,  # type: ignore[arg-type]  # checked by score itself
                missing=_missing_rule(missing),
                replace=replace,
                **common,
            )
        except ResponseError as refusal:
            soc.validate(data, found_plan, **common).to_html(page)
            err.print(str(refusal), markup=False, style="red")
            err.print(
                f"\nThe problems are listed in {page}; nothing else was written. "
                f"To go on without these answers:\n  {_again('--invalid', 'missing')}",
                markup=False,
            )
            raise typer.Exit(refusal.exit_code) from None
        problems = soc.validate(data, found_plan, **common)
        step("writing")
        record = soc.scoring_record(scored)
        named = person or found_plan.person
        scored, codebook = cli_files.without_identifiers(
            scored, codebook, named, drop=drop_identifiers, err=err
        )
        if pseudonymise is not None:
            from socmeasures.responses.pseudonyms import key_from, pseudonymised

            _refuse_input(pseudonymise, file, output)
            scored = pseudonymised(scored, named or "", key_from(pseudonymise))
        losses = soc.write(scored, output, codebook=codebook, record=record)
        beside = output.with_name(f"{output.stem}.record.json")
        if record is not None:
            beside.write_text(record.to_json(indent=1), encoding="utf-8")
        if len(problems.table) or report is not None:
            problems.to_html(page)
    out.print(str(cli_files.as_scored(found_plan, record)), markup=False)
    out.print("")
    if record is not None:
        for use in record.uses:
            for score_id, counts in use.counts.items():
                shown = ", ".join(f"{n:,} {status}" for status, n in counts.items())
                at = f" at {use.wave}" if use.wave else ""
                out.print(f"  {use.scale}_{score_id}{at}: {shown}", markup=False)
    if losses:
        out.print(f"\n{losses}", markup=False)
    out.print(f"\nScores:   {output}\nRecord:   {beside}", markup=False)
    if page.exists() and (len(problems.table) or report is not None):
        out.print(f"Problems: {page}  ({problems.summary})", markup=False)


# ------------------------------------------------------------------------------ change


@app.command()
def change(
    file: DataFile,
    person: Annotated[str, typer.Option("--person", help="Column with the identifier.")],
    when: Annotated[str, typer.Option("--when", help="Column with the time point.")],
    before: Annotated[
        str, typer.Option("--before", help="The earlier time point, as in the file.")
    ],
    after: Annotated[str, typer.Option("--after", help="The later time point, as in the file.")],
    outcome: Annotated[list[str], typer.Option("--outcome", help="Score column; may be repeated.")],
    better: Annotated[
        list[str] | None,
        typer.Option("--better", help="Which direction is better: loneliness=lower. Repeatable."),
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Column with the site.")] = None,
    date: Annotated[str | None, typer.Option("--date", help="Column with the date.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write a report (.html) too.")
    ] = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
) -> None:
    """Change of the same people from one time point to another, without any other file."""
    if output is not None:
        _refuse_input(output, file)
    with working("reading the data") as step:
        data, codebook = _read(file, encoding, sheet)
        step("estimating the change")
        study = soc.Study(
            soc.apply_labels(
                data, codebook, [] if site is None or site not in data.columns else [site]
            ),
            person=person,
            wave=when,
            waves=[before, after],
            cluster=site,
            allocation=None if site is None else "individual",
            date=date,
            better=_directions(better or ()),  # type: ignore[arg-type]  # checked by Study
        )
        result = soc.pre_post(study, outcome)
        if output is not None:
            step("writing the report")
            soc.report(result, output)
    out.print(f"{result.title}\n\n{result.summary}\n", markup=False)
    shown = ["outcome", "term", "estimate", "ci_low", "ci_high", "p_value", "n", "n_excluded"]
    table = result.to_frame()[shown]
    out.print(table.to_string(index=False, float_format=lambda v: f"{v:.3g}"), markup=False)
    for note in result.notes:
        out.print(f"- {note}", markup=False)
    if output is not None:
        out.print(f"\nReport written to {output}", markup=False)


def _directions(given: Sequence[str]) -> dict[str, str]:
    """`loneliness=lower` as a mapping; a word without a sign is refused by `Study`."""
    return {name: way for name, _, way in (text.partition("=") for text in given)}


# ------------------------------------------------------------------------------ analyse


@app.command()
def analyse(
    design: Annotated[Path, typer.Argument(help="The design: which study, which analyses.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The report (.html); else report.html beside it."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="A data file in place of the design's own.")
    ] = None,
    invalid: Annotated[
        str | None,
        typer.Option("--invalid", help="In place of the design's: raise, or missing to go on."),
    ] = None,
) -> None:
    """Run everything a design file declares, and write the report."""
    page = output or design.with_name("report.html")
    _refuse_input(page, design, *([] if data is None else [data]))
    with working("starting") as step:
        try:
            done = soc.analyse(design, page, data=data, invalid=invalid, step=step)  # type: ignore[arg-type]  # checked by score
        except ResponseError as refusal:
            err.print(str(refusal), markup=False, style="red")
            from socmeasures.cli_start import words_line

            err.print(
                f"\nNothing was written.{words_line(refusal, design)} "
                "To go on without these answers:\n  "
                f"{_again('--invalid', 'missing')}",
                markup=False,
            )
            raise typer.Exit(refusal.exit_code) from None
    for result in done.results:
        out.print(f"{result.title}\n  {result.summary}\n", markup=False)
    from socmeasures.cli_files import tell_personal_of

    tell_personal_of(done, err)
    for who, path in done.reports.items():
        kind = "" if len(done.reports) == 1 else f" ({who})"
        out.print(f"Report written to {path}{kind}", markup=False)
    out.print(f"Record: {done.record}", markup=False)


# ------------------------------------------------------------------------------ codebook, fix


@app.command()
def codebook(
    file: DataFile,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write it: .html, .csv or .json (Frictionless)."),
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", help="A later file: say what changed.")
    ] = None,
    encoding: Encoding = None,
) -> None:
    """Show what the columns of a file mean, or what changed between two files."""
    from socmeasures.cli_files import codebook_command

    codebook_command(file, output, compare, encoding=encoding, out=out)


@app.command()
def fix(
    file: DataFile,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="fixes.toml, or with --apply the new data file.")
    ],
    plan: PlanFile = None,
    apply: Annotated[
        Path | None, typer.Option("--apply", help="A list with apply = true where you agree.")
    ] = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
) -> None:
    """Propose corrections of answers that are not understood, or apply those agreed to."""
    from socmeasures.cli_files import fix_command

    given = None if plan is None else soc.ScoringPlan.load(plan)
    fix_command(file, output, given, apply, encoding=encoding, sheet=sheet, out=out, err=err)


# ------------------------------------------------------------------------------ shared steps


def _read(
    file: Path,
    encoding: str | None,
    sheet: str | None,
    *,
    doing: str = "",
    dictionary: Path | None = None,
    codes: str | None = None,
    labels: Path | None = None,
    columns: Sequence[str] | None = None,
) -> tuple[Any, Codebook]:
    def read(columns: Sequence[str] | None) -> tuple[Any, Codebook]:
        return soc.read(
            file,
            columns=columns,
            encoding=encoding,
            sheet=sheet,
            dictionary=dictionary,
            missing_codes=codes,
        )

    try:
        data, codebook = read(columns)
    except ColumnsNotInFileError:
        data, codebook = read(None)  # what is absent is told of with the columns that are there
    if labels is not None:
        from socmeasures.cli_files import with_words

        codebook = with_words(data, codebook, labels)
    if doing and not len(data):
        raise NoRowsError(file, len(data.columns), doing)
    for note in codebook.notes:
        err.print(f"note: {note}", markup=False, style="yellow")
    return data, codebook


def _plan(
    data: Any,
    codebook: Codebook,
    plan: Path | None,
    scales: Sequence[str] | None,
    person: str | None,
    wave: str | None,
) -> soc.ScoringPlan:
    if plan is not None:
        return soc.ScoringPlan.load(plan)
    return soc.match_scales(data, codebook, scales=scales or None, person=person, wave=wave)


def _refuse_ending(output: Path) -> None:
    from socmeasures.responses.writing import WRITABLE

    if output.suffix.lower() not in WRITABLE:
        raise UnsupportedFormatError(output, output.suffix, WRITABLE, doing="written")


def _refuse_input(output: Path, *files: Path) -> None:
    from socmeasures.responses.writing import check_output

    check_output(output, inputs=files)


def _again(*more: str) -> str:
    """The command that was given, with more options, as a shell takes it."""
    return shlex.join(["socmeasures", *sys.argv[1:], *more])


def _missing_rule(text: str | None) -> Any:
    """`complete`, or `prorate:4`."""
    if text is None or ":" not in text:
        return text
    method, _, allow = text.partition(":")
    return {"method": method, "allow": int(allow) if allow.strip().isdigit() else allow}

"""Commands about answers before they are scored: match, validate, codebook, fix."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import socmeasures as soc
from socmeasures.cli.options import (
    Accept,
    Coding,
    DataFile,
    Dictionary,
    Encoding,
    MissingCodes,
    Person,
    PlanFile,
    Scales,
    Sheet,
    When,
    Words,
    err,
    out,
    read_answers,
    refuse_input,
    working,
)


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
        refuse_input(output, file)
    with working("reading the data"):
        data, codebook = read_answers(
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
        refuse_input(report, file)
    from socmeasures.cli import files

    given = None if plan is None else soc.ScoringPlan.load(plan)
    needed = None if given is None else [*given.columns(), *(c for c in (person, wave) if c)]
    as_it_is = not (scale or labels or dictionary or missing_codes)
    if as_it_is and files.is_checked_in_blocks(file, stream):
        found, checked, data, codebook = files.validate_in_blocks(
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
            data, codebook = read_answers(
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
                files.tell_changes(given, data, codebook, err)
            checked, coding = files.with_codings(checked, coding)
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
        files.tell_personal(data, codebook, "The report shows them.", err, shown=shown)
        if report.suffix.lower() == ".xlsx":
            found.to_xlsx(report)
        else:
            found.to_html(report)
        out.print(f"Report written to {report}", markup=False)
    if not found.ok:
        raise typer.Exit(1)


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
    from socmeasures.cli.files import codebook_command

    codebook_command(file, output, compare, encoding=encoding, out=out)


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
    from socmeasures.cli.files import fix_command

    given = None if plan is None else soc.ScoringPlan.load(plan)
    fix_command(file, output, given, apply, encoding=encoding, sheet=sheet, out=out, err=err)

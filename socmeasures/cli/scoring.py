"""The command `score`: a file, a large file, a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
    missing_rule,
    out,
    plan_for,
    read_answers,
    refuse_ending,
    refuse_input,
    the_call_again,
    working,
)
from socmeasures.errors import (
    PseudonymError,
    ResponseError,
)


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
    from socmeasures.cli import files

    options: dict[str, Any] = {
        "coding": coding,
        "invalid": invalid,
        "missing": missing_rule(missing),
        "accept_unverified": accept_unverified,
        "person": person,
        "wave": wave,
        "encoding": encoding,
    }
    given = None if plan is None else soc.ScoringPlan.load(plan)
    if given is not None:
        given, options["coding"] = files.with_codings(given, coding)
    in_blocks = not scale and labels is None and files.is_streamed(file, output, stream)
    if pseudonymise is not None and (file.is_dir() or in_blocks):
        raise PseudonymError.whole_files_only()
    if file.is_dir():
        with working("scoring the folder") as step:
            bad = files.score_whole_folder(
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
    refuse_ending(output)
    if in_blocks:
        refuse_input(output, file)
        files.score_in_blocks(
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
    refuse_input(output, file)
    page = report or output.with_name(f"{output.stem}.problems.html")
    refuse_input(page, file, *([] if plan is None else [plan]))
    with working("reading the data") as step:
        data, codebook = read_answers(
            file,
            encoding,
            sheet,
            doing="score",
            dictionary=dictionary,
            codes=missing_codes,
            labels=labels,
        )
        step("finding the scales")
        found_plan = plan_for(data, codebook, plan, scale, person, wave)
        found_plan, coding = files.with_codings(found_plan, coding)
        if plan is not None:
            files.tell_changes(found_plan, data, codebook, err)
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
                missing=missing_rule(missing),
                replace=replace,
                **common,
            )
        except ResponseError as refusal:
            soc.validate(data, found_plan, **common).to_html(page)
            err.print(str(refusal), markup=False, style="red")
            err.print(
                f"\nThe problems are listed in {page}; nothing else was written. "
                f"To go on without these answers:\n  {the_call_again('--invalid', 'missing')}",
                markup=False,
            )
            raise typer.Exit(refusal.exit_code) from None
        problems = soc.validate(data, found_plan, **common)
        step("writing")
        record = soc.scoring_record(scored)
        named = person or found_plan.person
        scored, codebook = files.without_identifiers(
            scored, codebook, named, drop=drop_identifiers, err=err
        )
        if pseudonymise is not None:
            from socmeasures.responses.pseudonyms import key_from, pseudonymised

            refuse_input(pseudonymise, file, output)
            scored = pseudonymised(scored, named or "", key_from(pseudonymise))
        losses = soc.write(scored, output, codebook=codebook, record=record)
        beside = output.with_name(f"{output.stem}.record.json")
        if record is not None:
            beside.write_text(record.to_json(indent=1), encoding="utf-8")
        if len(problems.table) or report is not None:
            problems.to_html(page)
    out.print(str(files.as_scored(found_plan, record)), markup=False)
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

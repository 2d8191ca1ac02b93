"""Commands from an export to a report: demo, start, change, analyse."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import socmeasures as soc
from socmeasures.cli.options import (
    DataFile,
    Encoding,
    Sheet,
    err,
    out,
    read_answers,
    refuse_input,
    the_call_again,
    working,
)
from socmeasures.errors import (
    ResponseError,
)


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
    from socmeasures.cli.start_words import coding_answers, start_command

    given = {
        "person": person, "when": when, "labels": labels, "group": group, "control": control,
        "site": site, "measures": measures, "date": date, **coding_answers(coding or []),
    }  # fmt: skip
    start_command(
        file, folder, given, same or [], yes=yes, encoding=encoding, replace=replace, out=out
    )


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
        refuse_input(output, file)
    with working("reading the data") as step:
        data, codebook = read_answers(file, encoding, sheet)
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
    refuse_input(page, design, *([] if data is None else [data]))
    with working("starting") as step:
        try:
            done = soc.analyse(design, page, data=data, invalid=invalid, step=step)  # type: ignore[arg-type]  # checked by score
        except ResponseError as refusal:
            err.print(str(refusal), markup=False, style="red")
            from socmeasures.cli.start_words import words_line

            err.print(
                f"\nNothing was written.{words_line(refusal, design)} "
                "To go on without these answers:\n  "
                f"{the_call_again('--invalid', 'missing')}",
                markup=False,
            )
            raise typer.Exit(refusal.exit_code) from None
    for result in done.results:
        out.print(f"{result.title}\n  {result.summary}\n", markup=False)
    from socmeasures.cli.files import tell_personal_of

    tell_personal_of(done, err)
    for who, path in done.reports.items():
        kind = "" if len(done.reports) == 1 else f" ({who})"
        out.print(f"Report written to {path}{kind}", markup=False)
    out.print(f"Record: {done.record}", markup=False)

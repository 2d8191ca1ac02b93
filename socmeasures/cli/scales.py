"""Commands about instruments: the catalogue, definitions, templates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

import socmeasures as soc
from socmeasures.cli.options import (
    Accept,
    out,
)
from socmeasures.errors import (
    ScaleDefinitionError,
    plural,
)


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


def scale_show(scale: Annotated[str, typer.Argument(help="Scale id or definition file.")]) -> None:
    """Show one scale: items, answers, scores, missing rule, bands, norms, sources, licence."""
    from socmeasures.scales.describe import described

    out.print(described(soc.load_scale(scale)), markup=False)


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


def template(
    what: Annotated[str, typer.Argument(help="network or mssi-key.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where it goes.")],
) -> None:
    """Write an empty form: a workbook for named contacts, or a key of the MSSI to fill in."""
    from socmeasures.networks.template import write_template

    advice = write_template(what, output)
    out.print(f"{what} written to {output}. {advice}", markup=False)

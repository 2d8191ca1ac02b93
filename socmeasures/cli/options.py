"""What the commands share: their options, where they print, how they read and refuse."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

import socmeasures as soc
from socmeasures.errors import (
    ColumnsNotInFileError,
    NoRowsError,
    UnsupportedFormatError,
)

if TYPE_CHECKING:
    from socmeasures.responses.codebook import Codebook

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


@contextmanager
def working(text: str) -> Iterator[Any]:
    """A line that says what is being done, on a terminal only."""
    with err.status(text) as status:
        yield lambda words: status.update(f"{words} …")


def read_answers(
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
    """The data and their codebook; its notes are printed, and a file without rows is refused."""

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
        from socmeasures.cli.files import with_words

        codebook = with_words(data, codebook, labels)
    if doing and not len(data):
        raise NoRowsError(file, len(data.columns), doing)
    for note in codebook.notes:
        err.print(f"note: {note}", markup=False, style="yellow")
    return data, codebook


def plan_for(
    data: Any,
    codebook: Codebook,
    plan: Path | None,
    scales: Sequence[str] | None,
    person: str | None,
    wave: str | None,
) -> soc.ScoringPlan:
    """The plan that was given, or the scales that are recognised."""
    if plan is not None:
        return soc.ScoringPlan.load(plan)
    return soc.match_scales(data, codebook, scales=scales or None, person=person, wave=wave)


def refuse_ending(output: Path) -> None:
    """Refuse an output whose ending nothing here writes."""
    from socmeasures.responses.writing import WRITABLE

    if output.suffix.lower() not in WRITABLE:
        raise UnsupportedFormatError(output, output.suffix, WRITABLE, doing="written")


def refuse_input(output: Path, *files: Path) -> None:
    """Refuse an output that cannot be written, or that is one of the inputs."""
    from socmeasures.responses.writing import check_output

    check_output(output, inputs=files)


def the_call_again(*more: str) -> str:
    """The command that was given, with more options, as a shell takes it."""
    return shlex.join(["socmeasures", *sys.argv[1:], *more])


def missing_rule(text: str | None) -> Any:
    """`complete`, or `prorate:4`."""
    if text is None or ":" not in text:
        return text
    method, _, allow = text.partition(":")
    return {"method": method, "allow": int(allow) if allow.strip().isdigit() else allow}

"""What the command `start` says and asks. The command itself, with its options, is in `studies`."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from socmeasures.errors import ResponseError
from socmeasures.reports.design_data import proposed_words
from socmeasures.reports.start import start
from socmeasures.reports.start_talk import Question


def start_command(
    file: Path,
    folder: Path | None,
    given: dict[str, str | None],
    same: list[str],
    *,
    yes: bool,
    encoding: str | None,
    replace: bool,
    out: Console,
) -> None:
    """Ask, write plan and design, print what was found and the command that goes on."""
    done = start(
        file,
        folder=folder,
        ask=None if yes else _ask,
        answers={key: text for key, text in given.items() if text is not None},
        same=dict(_pair(text) for text in same),
        encoding=encoding,
        replace=replace,
    )
    out.print(str(done.scoring_plan), markup=False)
    for note in done.notes:
        out.print(f"  {note}", markup=False)
    out.print(f"\nPlan:   {done.plan}\nDesign: {done.design}", markup=False)
    out.print(f"\nRead the design and correct it. Then:\n  {done.next_command}", markup=False)


def _ask(question: Question) -> str:
    return str(typer.prompt(question.text, default=question.found or None, prompt_suffix="\n  > "))


def coding_answers(said: list[str]) -> dict[str, str | None]:
    """The answers to questions about codings, from `--coding SCALE=NAME`."""
    parts = (part for text in said for part in text.split(",") if part.strip())
    pairs = (_pair(part, "--coding", "SCALE=NAME") for part in parts)
    return {f"coding {scale.strip()}": name.strip() for scale, name in pairs}


def _pair(
    text: str, option: str = "--same", expected: str = "AN_ID=THE_ID_IT_MEANS"
) -> tuple[str, str]:
    if "=" not in text:
        raise typer.BadParameter(f"{text!r}: expected {expected}", param_hint=option)
    left, _, right = text.partition("=")
    return left, right


def words_line(refusal: ResponseError, design: Path) -> str:
    """The line of a design that says what nearly understood words mean; empty without any."""
    words = proposed_words(refusal.problems)
    if not words:
        return ""
    pairs = ", ".join(f'"{said}" = "{means}"' for said, means in words.items())
    return (
        f" If this is what was meant, add it under [data] in {design.name} and run again:\n"
        f"  words = {{ {pairs} }}\n"
    )

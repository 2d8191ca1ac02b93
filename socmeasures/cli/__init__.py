"""Commands: each one call into the library, with progress, plain errors and exit codes.

Exit codes: 0 fine · 1 the data have problems · 2 the call or a file it names is wrong.
"""

from __future__ import annotations

import sys

import typer

from socmeasures.cli.answers import codebook, fix, match, validate
from socmeasures.cli.options import err
from socmeasures.cli.scales import (
    scale_check,
    scale_export,
    scale_list,
    scale_new,
    scale_show,
    template,
)
from socmeasures.cli.scoring import score
from socmeasures.cli.studies import analyse, change, demo, start
from socmeasures.errors import SocmeasuresError

app = typer.Typer(
    help="Score questionnaires of loneliness and social support, check the data, estimate change.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (demo, start, template, match, validate, score, change, analyse, codebook, fix):
    app.command()(command)

scale_app = typer.Typer(help="The catalogue of scales.", no_args_is_help=True)
for name, about_scales in (
    ("list", scale_list),
    ("show", scale_show),
    ("check", scale_check),
    ("export", scale_export),
    ("new", scale_new),
):
    scale_app.command(name)(about_scales)
app.add_typer(scale_app, name="scale")


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

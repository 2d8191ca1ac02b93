"""A scale in the format of another program: one front for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, get_args

from socmeasures.errors import ChoiceError, OutputError, ScaleExportError
from socmeasures.scales.catalogue import load_scale
from socmeasures.scales.codebook_page import codebook_page
from socmeasures.scales.frictionless import table_schema
from socmeasures.scales.model import Scale
from socmeasures.scales.named_columns import NamedColumns, named_columns, refuse_unverified
from socmeasures.scales.psych import psych_keys
from socmeasures.scales.redcap import data_dictionary
from socmeasures.scales.spss_syntax import spss_syntax

Format = Literal["frictionless", "redcap", "sps", "psych", "codebook"]

_WRITERS: Mapping[str, Callable[[NamedColumns], str]] = {
    "frictionless": table_schema,
    "redcap": data_dictionary,
    "sps": spss_syntax,
    "psych": psych_keys,
    "codebook": codebook_page,
}
_COMPUTE = ("redcap", "sps", "psych")  # what computes scores needs the caller's word


def export_scale(
    scale: str | Path | Scale,
    to: Format,
    path: str | os.PathLike[str] | None = None,
    *,
    names: Mapping[int, str] | None = None,
    prefix: str | None = None,
    coding: str = "canonical",
    wave: str | None = None,
    accept_unverified: bool = False,
) -> str:
    """Write a scale for another program: its items and answers, and its scoring where it has any.

    Parameters
    ----------
    scale : str, Path or Scale
        A scale's id, or a definition file of your own.
    to : {"frictionless", "redcap", "sps", "psych", "codebook"}
        A Table Schema (JSON); a REDCap data dictionary (CSV); SPSS syntax that gives the scores
        of `soc.score`; a keys list for R's psych package; a page to print (HTML).
    path : str or path, optional
        Where to write it as UTF-8. A file that is there is replaced; the definition the scale
        came from never is.
    names : mapping of item number to column, optional
        Names of the items' columns: ``{1: "Q4a", 2: "Q4b"}``.
    prefix : str, optional
        What stands before the number of items without a name of their own: ``"ucla3_pre_"``.
        Otherwise they are named ``{scale}_{number}``.
    coding : str
        What the codes in the columns mean: ``"canonical"``, or one of the scale's named codings.
    wave : str, optional
        SPSS syntax only: a time point to put behind the names of the scores (``__pre``).
    accept_unverified : bool
        The caller's word that an unverified key may be used. Without it a scale whose key is
        unverified is not written in a form that computes scores, and single scores graded so
        are left out.

    Returns
    -------
    str
        The text, also when it was written to `path`.

    Raises
    ------
    UnverifiedScaleError
        The scale's key is unverified and the format would compute scores from it.
    ScaleExportError
        The format cannot hold the scale, or a name; nothing was written.
    ChoiceError
        There is no such format, coding or item number.
    OutputError
        The file cannot be written where it was asked for.

    Notes
    -----
    The SPSS syntax is run by PSPP on random answers to every shipped scale and agrees with
    `soc.score` row for row (``tests/reference/test_spss_syntax.py``). Item wording is in none of
    the formats: the short labels are paraphrases.

    Examples
    --------
    >>> from socmeasures.scales.interchange import export_scale
    >>> syntax = export_scale("ucla3", "sps", prefix="Q4_")
    >>> [line for line in syntax.splitlines() if line.startswith("COMPUTE ucla3_total =")]
    ['COMPUTE ucla3_total = SUM.3(#item1, #item2, #item3).']
    """
    if to not in _WRITERS:
        raise ChoiceError("to", to, get_args(Format))
    loaded = load_scale(scale)
    if wave is not None and to != "sps":
        raise ScaleExportError(
            loaded.id,
            to,
            [f"wave={wave!r} names the scores of one time point, and only SPSS syntax has them"],
            "Leave wave= out; names= or prefix= name the items of a time point.",
        )
    if to in _COMPUTE:
        refuse_unverified(loaded, accept_unverified)
    text = _WRITERS[to](
        named_columns(
            loaded,
            to=to,
            names=names,
            prefix=prefix,
            coding=coding,
            wave=wave,
            accept_unverified=accept_unverified,
        )
    )
    if path is not None:
        source = None if isinstance(scale, Scale) else Path(scale)
        write_text(text, path, source=source, mark=to in ("sps", "redcap"))
    return text


def write_text(
    text: str,
    path: str | os.PathLike[str],
    *,
    source: Path | None = None,
    overwrite: bool = True,
    mark: bool = False,
) -> None:
    """Write a text file, never over `source`; `mark` helps SPSS and Excel see that it is UTF-8."""
    target = Path(path)
    if target.is_dir():
        raise OutputError.is_folder(target)
    if not target.parent.is_dir():
        raise OutputError.no_folder(target, target.parent)
    if source is not None and source.is_file() and target.exists() and target.samefile(source):
        raise OutputError.same_as_input(target)
    if target.exists() and not overwrite:
        raise OutputError.exists(target)
    begins = "\ufeff" if mark and not text.isascii() else ""
    try:
        target.write_text(begins + text, encoding="utf-8", newline="")
    except PermissionError:
        raise OutputError.not_permitted(target) from None

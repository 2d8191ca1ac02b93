"""Empty forms: a workbook for collecting named contacts, and a key of the MSSI to fill in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from socmeasures.errors import ChoiceError, UnsupportedFormatError
from socmeasures.networks.vocabulary import SEXES, WORDS
from socmeasures.responses.atomic import replacing
from socmeasures.scales.catalogue import shipped

ROWS = 1000  # rows of the sheets that offer lists to choose from
YES_NO = ("yes", "no")
SHEETS: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "persons": (
        ("person_id", "the person, by a code that is no name", ()),
        ("wave", "time point: start, 6 months …", ()),
        ("interviewed", "yes also when nobody was named; no when there was no interview", YES_NO),
        ("interview_date", "day of the interview", ()),
        ("window_days", "contacts of how many days were asked for; 31 if empty", ()),
        ("n_refused_to_name", "people there are whom the person would not name", ()),
        ("setting", "where the person lives or is served", ()),
        ("nomination_cap", "most contacts that were taken down; empty if none", ()),
        ("sex", "of the person", SEXES),
        ("ties_collected", "whether it was asked who of the contacts know each other", YES_NO),
    ),
    "contacts": (
        ("person_id", "as in the sheet persons", ()),
        ("wave", "as in the sheet persons", ()),
        ("contact_id", "a code for this contact, the same at every time point", ()),
        ("relation", "the one that fits best", WORDS["relation"]),
        ("relation_other", "further relations, with ; between them", ()),
        ("frequency", "how often in contact", WORDS["frequency"]),
        ("mode", "how mostly", WORDS["mode"]),
        ("is_friend", "does the person call them a friend; empty = not known", YES_NO),
        ("is_confidant", "does the person confide in them", YES_NO),
        ("would_miss", "would the person miss them", YES_NO),
        ("initiates", "who gets in touch", WORDS["initiates"]),
        ("inside_service", "met only in or through the service that is evaluated", YES_NO),
        ("sex", "of the contact", SEXES),
        ("support_emotional", "listens, comforts", YES_NO),
        ("support_practical", "helps with things", YES_NO),
        ("support_companionship", "spends time with the person", YES_NO),
        ("support_information", "advises, informs", YES_NO),
    ),
    "ties": (
        ("person_id", "whose contacts these are", ()),
        ("wave", "as in the sheet persons", ()),
        ("contact_a", "contact_id of one contact", ()),
        ("contact_b", "contact_id of another contact who knows them", ()),
        ("weight", "1 know each other well … 0 do not; empty rows are no ties", ()),
    ),
}


def write_template(what: str, path: str | os.PathLike[str]) -> str:
    """Write an empty form; gives the next step in words.

    Parameters
    ----------
    what : {"network", "mssi-key"}
        A workbook (.xlsx) with the sheets persons, contacts and ties that `read_network` reads,
        or a scale definition (.toml) of the Maternal Social Support Index without points.
    path : str or path
        Where to.

    Returns
    -------
    str
        What to do next.

    Raises
    ------
    ChoiceError
        Another template.
    UnsupportedFormatError
        A file name with another ending.
    OutputError
        It cannot be written there.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from socmeasures.networks.template import write_template
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "contacts.xlsx"
    >>> write_template("network", file)[:22], file.exists()
    ('Fill in one row a pers', True)
    """
    wanted = {"network": ".xlsx", "mssi-key": ".toml"}
    if what not in wanted:
        raise ChoiceError("template", what, list(wanted))
    ending = Path(path).suffix.lower()
    if ending != wanted[what]:
        raise UnsupportedFormatError(path, ending, [wanted[what]], doing="written")
    with replacing(path) as unfinished:
        if what == "network":
            _workbook().save(unfinished)
        else:
            empty = (shipped() / "_mssi_key.toml").read_text(encoding="utf-8")
            unfinished.write_text(empty, encoding="utf-8")
    if what == "network":
        return (
            "Fill in one row a person and time point in persons and one row a named contact in "
            "contacts; then: soc.read_network(file)."
        )
    return f"Fill it in from your copy of the instrument, then: socmeasures scale check {path}"


def _workbook() -> Any:
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    book.remove(book.active)
    for title, columns in SHEETS.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for place, (name, about, choices) in enumerate(columns, start=1):
            cell = sheet.cell(row=1, column=place, value=name)
            cell.font = Font(bold=True)
            cell.comment = Comment(about, "socmeasures")
            letter = get_column_letter(place)
            sheet.column_dimensions[letter].width = max(12, len(name) + 2)
            if choices:
                offered = _list_place(name, choices)
                rule = DataValidation(type="list", formula1=offered, allow_blank=True)
                sheet.add_data_validation(rule)
                rule.add(f"{letter}2:{letter}{ROWS + 1}")
    _explained(book)
    return book


def _list_place(name: str, choices: tuple[str, ...]) -> str:
    """Where the sheet `words` holds the choices: lists longer than 255 letters need a place."""
    short = '"' + ",".join(choices) + '"'
    if len(short) <= 255:
        return short
    return f"words!$B$2:$B${len(WORDS[name]) + 1}"


def _explained(book: Any) -> None:
    """The sheet `words`: every column, what it is about, and the words it takes."""
    sheet = book.create_sheet("words")
    sheet.append(["column", "relation takes", "sheet", "about", "takes"])
    lines = [(t, *c) for t, columns in SHEETS.items() for c in columns]
    for place in range(max(len(lines), len(WORDS["relation"]))):
        relation = WORDS["relation"][place] if place < len(WORDS["relation"]) else None
        table, name, about, choices = lines[place] if place < len(lines) else ("", "", "", ())
        sheet.append([name, relation, table, about, ", ".join(choices)])
    for letter, width in zip("ABCDE", (22, 20, 10, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width

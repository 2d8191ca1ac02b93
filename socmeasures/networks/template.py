"""Empty forms: a workbook for collecting named contacts, and a key of the MSSI to fill in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from socmeasures.errors import ChoiceError, UnsupportedFormatError
from socmeasures.networks.vocabulary import SEXES, WORDS
from socmeasures.responses.atomic import replacing

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
            unfinished.write_text(MSSI_KEY, encoding="utf-8")
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


MSSI_KEY = """\
# A key for the Maternal Social Support Index, to be filled in from YOUR copy of the instrument.
# How its answers become points is not published; nothing here is a suggestion of points.
# Every {} and every range below must be filled in: until then
#   socmeasures scale check THIS-FILE.toml
# lists what is missing. Then: soc.score(data, "mssi", key="THIS-FILE.toml"), or on the command
# line: socmeasures score DATA --scale THIS-FILE.toml -o scored.sav
# Add or take away items and parts as your copy has them. The name of the key and its hash stand in
# every output; scores of different keys are never compared or pooled.
format = 1
id = "mssi"
name = "Maternal Social Support Index"
form = ""                         # which form: number of items, year
key = ""                          # a name for this key, e.g. "our_team_2026"
construct = "maternal social support"
population = "mothers"
citation = "Pascoe JM, Ialongo NS, Horn WF, Reinhart MA, Perradatto D (1988) The reliability and validity of the Maternal Social Support Index. Fam Med 20(4), 271-276"
evidence = "user-supplied"
evidence_note = ""                # where the key comes from: the author's scoring sheet of …
licence = { items_text = false, note = "status not established; wording is not in this file" }

[responses]                       # what items that have no options of their own take
bare_codes = "canonical"
options = [
    { code = 1, label = "" },
    { code = 2, label = "" },
    { code = 3, label = "" },
]

[[items]]                         # a task: who does it
number = 1
label = "a task"                  # two to five words of your own, not the wording
names = ["mssi_1"]                # the column in your data

[[items]]                         # a count
number = 2
label = "a count of people"
names = ["mssi_2"]
counts_to = 50

[[items]]                         # a question that not everybody is asked: yes or no …
number = 3
label = "has somebody"
names = ["mssi_3"]
options = [{ code = 0, label = "no" }, { code = 1, label = "yes" }]

[[items]]                         # … and the one that follows it
number = 4
label = "how satisfied with them"
names = ["mssi_3a"]

[[items]]                         # both as one: the answer to 4 where 3 is 1, else code 0
number = 5
label = "somebody and satisfaction"
derived = { items = [3, 4], rule = "follow_up", from = 1, flag = "nobody" }

[[items]]                         # the same in one column, with a code for "does not apply"
number = 6
label = "satisfaction or no partner"
names = ["mssi_6"]
options = [
    { code = 1, label = "low" },
    { code = 2, label = "high" },
    { code = 9, label = "no partner" },
]
not_applicable = { codes = [9], counts_as = "missing", flag = "no_partner" }   # or a number of points, or "skip"

[[scores]]                        # a part: tasks, kin, emergency, partner, confidant, community
id = "tasks"
items = [1]
recode = [{ items = [1], map = {} }]              # e.g. map = { 1 = …, 2 = …, 3 = … }
higher = "more support"
better = "higher"
range = [0, 0]                    # lowest and highest possible; scale check says what follows
missing = { method = "complete", source = "" }

[[scores]]
id = "kin"
items = [2]
recode = [{ items = [2], bins = [] }]             # e.g. bins = [{ from = 0, to = …, points = … }, …]
higher = "more support"
better = "higher"
range = [0, 0]
missing = { method = "complete", source = "" }

[[scores]]
id = "partner"
items = [5, 6]
recode = [{ items = [5], map = {} }, { items = [6], map = {} }]
higher = "more support"
better = "higher"
range = [0, 0]
missing = { method = "complete", source = "" }

[[scores]]
id = "total"                      # never alone: the parts stand beside it
items = [1, 2, 5, 6]
recode = [{ items = [1], map = {} }, { items = [2], bins = [] }, { items = [5], map = {} }, { items = [6], map = {} }]
higher = "more support"
better = "higher"
range = [0, 0]
missing = { method = "complete", source = "" }

[[scores]]
id = "total_pct"                  # the total in per cent of what this key allows
items = [1, 2, 5, 6]
method = "pomp"
recode = [{ items = [1], map = {} }, { items = [2], bins = [] }, { items = [5], map = {} }, { items = [6], map = {} }]
higher = "more support"
better = "higher"
range = [0, 100]
missing = { method = "complete", source = "" }

# [[examples]]                    # golden vectors: answers by hand, and the scores they must give
# answers = [1, 0, 0, "NA", 9]
# expected = { tasks = 0 }
"""

"""Who answered a question about risk of harm at or above its mark: an INTERNAL list.

It is no safety net: answers may be weeks old when a file is analysed.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font

from socmeasures.frames import to_pandas
from socmeasures.responses.atomic import replacing
from socmeasures.scales.catalogue import load_scale, shipped_ids

ON_TOP = (
    "INTERNAL – holds personal data. Do not pass it on.",
    "People who answered a question about risk of harm at or above its mark. The answers may be "
    "weeks old: this list is no safety net.",
)
_RISK = re.compile(r"(?P<scale>.+)_risk(?:__(?P<wave>.+))?")


def risk_list(scored: Any, *, person: str, wave: str | None = None) -> pd.DataFrame:
    """List the people whose `{scale}_risk` is 1.

    Parameters
    ----------
    scored : DataFrame
        What `score` gave.
    person, wave : str
        Columns with the identifier and, in long data, the time point.

    Returns
    -------
    pandas.DataFrame
        ``person, time_point, scale, note``: one row a person, time point and scale. INTERNAL.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.reports.risk_list import risk_list
    >>> scored = pd.DataFrame({"id": ["a", "b"], "phq9_risk__t1": [1.0, 0.0]})
    >>> risk_list(scored, person="id")[["person", "time_point", "scale"]].to_dict("records")
    [{'person': 'a', 'time_point': 't1', 'scale': 'phq9'}]
    """
    data = to_pandas(scored)
    rows = []
    for column in map(str, data.columns):
        found = _RISK.fullmatch(column)
        if found is None or not pd.api.types.is_numeric_dtype(data[column].dtype):
            continue
        scale = found["scale"]
        risks = load_scale(scale).risks if scale in shipped_ids() else ()
        note = "; ".join(dict.fromkeys(r.note for r in risks if r.note))
        for row in data[data[column] == 1].to_dict("records"):
            when = found["wave"] or (row.get(wave, "") if wave else "")
            rows.append({"person": row[person], "time_point": when, "scale": scale, "note": note})
    return pd.DataFrame(rows, columns=["person", "time_point", "scale", "note"])


def save_risk_list(found: pd.DataFrame, report_path: Path) -> Path | None:
    """Write the list beside a report as ``…_risk_INTERNAL.xlsx``; nothing when it is empty."""
    if not len(found):
        return None
    book = Workbook()
    sheet = book.active
    for line in ON_TOP:
        sheet.append([line])
    sheet["A1"].font = Font(bold=True)
    sheet.append(["person", "time point", "questionnaire", "note"])
    for row in found.itertuples(index=False):
        sheet.append([str(v) for v in row])
    for cells in sheet.iter_rows(min_row=4):
        for cell in cells:
            cell.data_type = "s"  # an identifier is never a formula
    out = io.BytesIO()
    book.save(out)
    target = report_path.with_name(f"{report_path.stem}_risk_INTERNAL.xlsx")
    with replacing(target) as unfinished:
        unfinished.write_bytes(out.getvalue())
    return target

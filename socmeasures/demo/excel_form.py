"""Simulate the workbook of an online form, two sheets of answers in words; nobody in it ever lived.

The dirt is that of real workbooks: an id typed in small letters, one typing slip in an answer,
people who did not come back.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

QUESTIONS = (
    "How often do you feel that you lack companionship?",
    "How often do you feel left out?",
    "How often do you feel isolated from others?",
)
ANSWERS = ("Hardly ever or never", "Some of the time", "Often")
SERVICES = ("Harbour", "Mill Lane", "Riverbank", "Old Town")
SLIP = "Oftn"


def form_sheets(people: int = 64, *, lost: int = 14, seed: int = 7) -> dict[str, pd.DataFrame]:
    """Make the two sheets: ``Before`` and ``After``.

    Parameters
    ----------
    people : int
        Who filled in the form before.
    lost : int
        Who of them did not do so after.
    seed : int
        The same seed gives the same people.

    Returns
    -------
    dict of str to DataFrame
        Heads are whole questions, the time of completion stands in both; one person comes back as
        ``vis-003`` instead of ``VIS-003``, and one answer is ``Oftn``.

    Examples
    --------
    >>> from socmeasures.demo.excel_form import form_sheets
    >>> {name: len(sheet) for name, sheet in form_sheets().items()}
    {'Before': 64, 'After': 50}
    """
    rng = np.random.default_rng(seed)
    lonely = rng.normal(0.3, 1.0, people)
    ids = [f"VIS-{100 + 37 * k % 900:03d}" for k in range(people)]
    services = np.array(SERVICES)[rng.choice(4, people, p=[0.4, 0.32, 0.23, 0.05])]
    sheets = {}
    for name, trait in (("Before", lonely), ("After", 0.75 * lonely - 0.45)):
        answers = {
            question: np.array(ANSWERS)[
                np.searchsorted((-0.4, 0.7), trait + rng.normal(0, 0.6, people))
            ]
            for question in QUESTIONS
        }
        sheets[name] = pd.DataFrame({"ID": ids, "Service": services, **answers})
    # drawn apart, so that nobody's answers depend on when they came
    days = np.random.default_rng(seed + 1)
    first = pd.Timestamp("2026-01-05 10:00") + pd.to_timedelta(days.integers(0, 40, people), "D")
    later = first + pd.to_timedelta(days.integers(70, 98, people), "D")
    for name, when in (("Before", first), ("After", later)):
        sheets[name].insert(1, "Completion time", when)
    after = sheets["After"].iloc[: people - lost].reset_index(drop=True)
    after = after.drop(columns="Service").astype(object)
    after.loc[3, "ID"] = ids[3].lower()
    after.loc[8, QUESTIONS[1]] = SLIP
    return {"Before": sheets["Before"], "After": after}


def write_form(path: str | os.PathLike[str]) -> Path:
    """Write the workbook.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from socmeasures.demo.excel_form import write_form
    >>> write_form(Path(tempfile.mkdtemp()) / "visits.xlsx").name
    'visits.xlsx'
    """
    target = Path(path)
    with pd.ExcelWriter(target, engine="openpyxl") as book:
        for name, sheet in form_sheets().items():
            sheet.to_excel(book, sheet_name=name, index=False)
    return target

"""National figures to stand beside a score, each with year, country, age, n, mode and source.

A figure is data in `comparators.toml`; one that nobody has confirmed is not there.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from socmeasures.errors import ComparatorError

NOT_YOUR_CLIENTS = "a general-population figure, not your clients"
OTHER_PEOPLE = "a national figure for other people, not your clients"


class Comparator(BaseModel):
    """One figure: whose it is, from when and where, and how well it is confirmed.

    A ``share`` is of people for whom `what` is true; on a score, `what` names the mark. `read`
    says where the number of people or the way of asking was read, if not beside the figure.

    Examples
    --------
    >>> from socmeasures.reports.comparators import comparators
    >>> figure = comparators("loneliness_direct_often_or_always")[0]
    >>> figure.country, figure.age, figure.n
    ('England', '16 and over', 175000)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: str
    kind: Literal["mean", "share"]
    value: float
    what: str
    population: str
    country: str
    year: str
    age: str
    n: int = Field(gt=0)
    n_note: str = ""
    mode: str
    source: str
    read: str = ""
    url: str
    licence: str
    evidence: Literal["published", "secondary"]
    checked: str

    @property
    def whose(self) -> str:
        """People, country, year, age and number in one line."""
        note = f" ({self.n_note})" if self.n_note else ""
        return (
            f"{self.population}, {self.country}, {self.year}, aged {self.age}; "
            f"{self.n:,} people{note}"
        )

    @property
    def caution(self) -> str:
        """The words that stand beside every figure."""
        general = self.population.startswith(("adults", "men", "women"))
        return NOT_YOUR_CLIENTS if general else OTHER_PEOPLE


@cache
def all_comparators() -> tuple[Comparator, ...]:
    """Every figure that is shipped; a fault in the file is refused whole."""
    text = (files("socmeasures.reports") / "comparators.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    found, faults = [], []
    for place, entry in enumerate(raw.get("comparators", []), start=1):
        try:
            found.append(Comparator.model_validate(entry))
        except ValidationError as fault:
            faults += [f"number {place}, {e['loc'][0]}: {e['msg']}" for e in fault.errors()]
    if faults:
        raise ComparatorError(faults)
    return tuple(found)


def comparators(outcome: str) -> tuple[Comparator, ...]:
    """The figures for a score column, by its exact name.

    Parameters
    ----------
    outcome : str
        Such as ``ons4_satisfied``; a figure never stands beside another form or another score.

    Returns
    -------
    tuple of Comparator
        Empty where none is confirmed.

    Examples
    --------
    >>> [f.value for f in comparators("ons4_satisfied")], comparators("swemwbs_raw")
    ([7.45], ())
    >>> [(f.value, f.what) for f in comparators("ucla3_total")]
    [(0.18, 'scored 6 or more (scores run from 3 to 9)'),
     (0.09, 'scored 8 or 9 (scores run from 3 to 9)')]
    """
    return tuple(c for c in all_comparators() if c.outcome == outcome)


def comparator_table() -> pd.DataFrame:
    """Every figure as a frame, a row each.

    Examples
    --------
    >>> {"outcome", "value", "year", "country", "age", "mode", "n", "source", "licence",
    ...  "evidence"} <= set(comparator_table().columns)
    True
    """
    return pd.DataFrame([c.model_dump() for c in all_comparators()])

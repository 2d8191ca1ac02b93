"""`Outcome`: what a score column measures and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["lower", "higher", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a column measures, as far as it is known.

    Attributes
    ----------
    column : str
        The column, without a wave suffix.
    label : str
        Words for a heading or an axis.
    better : {"lower", "higher", "none"} or None
        Which direction is better; None when nobody said.
    low, high : float or None
        The lowest and highest possible score.
    higher : str
        What a high score means.
    instrument, form, evidence, citation, licence, definition_hash : str
        Of the scale the score belongs to; empty when it is no scale's.
    """

    column: str
    label: str
    better: Direction | None = None
    low: float | None = None
    high: float | None = None
    higher: str = ""
    instrument: str = ""
    form: str = ""
    evidence: str = ""
    citation: str = ""
    licence: str = ""
    definition_hash: str = ""
    notes: tuple[str, ...] = ()

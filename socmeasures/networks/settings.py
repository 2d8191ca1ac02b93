"""How a network was scored: frame, window, cap and the rest, and the hash that tells it apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from socmeasures.errors import ChoiceError, NetworkIndexError, listed
from socmeasures.networks.vocabulary import FREQUENCIES, RELATIONS, Frame, frame_of

WINDOW = 31  # days: contact at least once in the previous month (Palumbo 2015 on Becker 1998)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that changes a number."""

    frame: Frame
    overlap: str
    cap: int | None
    exclude: tuple[str, ...]
    less_than_monthly: str
    window: float
    window_said: bool
    support: tuple[str, ...]
    rates: Mapping[str, float] | None

    @property
    def parts(self) -> dict[str, str]:
        """The settings in words, one a name; equal parts mean comparable numbers."""
        groups = self.frame.name
        if groups == "own":
            groups += f" ({', '.join(self.frame.categories)})"
        return {
            "frame": groups,
            "friends who have another role": self.overlap,
            "window": f"{self.window:g} days" + (" (as the caller says)" * self.window_said),
            "less than monthly": self.less_than_monthly,
            "cap": "none" if self.cap is None else str(self.cap),
            "left out": ", ".join(self.exclude) or "nobody",
        }

    @property
    def words(self) -> str:
        """`frame: full; window: 31 days; …`."""
        return "; ".join(f"{name}: {value}" for name, value in self.parts.items())

    @property
    def hash(self) -> str:
        """SHA-256 over everything that changes a number."""
        kept: dict[str, Any] = {
            "groups": dict(self.frame.groups),
            "overlap": self.overlap,
            "cap": self.cap,
            "exclude": sorted(self.exclude),
            "less": self.less_than_monthly,
            "window": float(self.window),
            "support": sorted(self.support),
            "rates": dict(self.rates or {}),
        }
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def settings_for(
    persons: pd.DataFrame,
    *,
    frame: str | Mapping[str, str],
    overlap: str,
    cap: int | None,
    exclude: Sequence[str],
    less_than_monthly: str,
    window_days: int | None,
    rates: Mapping[str, float] | None,
    support: tuple[str, ...],
) -> Settings:
    """The settings of one call; refuses interviews whose windows differ."""
    if overlap not in ("role", "friend_first"):
        raise ChoiceError("overlap", overlap, ("role", "friend_first"))
    if less_than_monthly not in ("leave_out", "count"):
        raise ChoiceError("less_than_monthly", less_than_monthly, ("leave_out", "count"))
    if cap is not None and (isinstance(cap, bool) or cap < 1):
        raise ChoiceError("cap", cap, ("None", "a whole number from 1"))
    left_out = (exclude,) if isinstance(exclude, str) else tuple(exclude)
    for name in left_out:
        if name not in RELATIONS:
            raise ChoiceError("exclude", name, RELATIONS)
    for name in rates or {}:
        if name not in FREQUENCIES:
            raise ChoiceError("rates", name, FREQUENCIES)
    window = float(window_days) if window_days is not None else _window(persons)
    return Settings(
        frame=frame_of(frame),
        overlap=overlap,
        cap=cap,
        exclude=left_out,
        less_than_monthly=less_than_monthly,
        window=window,
        window_said=window_days is not None,
        support=support,
        rates=None if rates is None else {str(k): float(v) for k, v in rates.items()},
    )


def month_or_shorter(settings: Settings) -> bool:
    """Whether contacts seen less than monthly are outside the window."""
    return settings.less_than_monthly == "leave_out" and settings.window <= WINDOW


def _window(persons: pd.DataFrame) -> float:
    if "window_days" not in persons:
        return float(WINDOW)
    said = pd.to_numeric(persons.loc[persons["interviewed"], "window_days"], errors="coerce")
    found = sorted({float(v) for v in said.fillna(WINDOW)})
    if len(found) > 1:
        days = listed([f"{v:g}" for v in found])
        raise NetworkIndexError(
            "sns_size",
            f"the interviews asked about different windows ({days} days), and a longer window "
            "gives a larger network",
            "Score them apart, or state the window all are taken to have: window_days=31.",
        )
    return found[0] if found else float(WINDOW)

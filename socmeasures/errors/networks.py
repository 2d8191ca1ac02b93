"""Refusals about networks: tables of named contacts and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socmeasures.errors.answers import _blank
from socmeasures.errors.base import SHOWN, SocmeasuresError, plural


def _network_place(place: Mapping[str, Any]) -> str:
    parts = [str(place["column"])] if not _blank(place.get("column")) else []
    if not _blank(place.get("row")):
        parts.append(f"row {place['row']}")
    parts += [f"{name} {place[name]}" for name in ("person", "wave") if not _blank(place.get(name))]
    return ", ".join(parts) + ": " if parts else ""


class NetworkError(SocmeasuresError):
    """Persons, contacts and ties do not fit together; every fault at once.

    `.problems` has a row for each: the table and column stand in `column`
    (``contacts.relation``), `row` counts the data rows of that table from 1.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        lines = [f"{plural(len(rows), 'fault')} in this network data:"]
        for place in rows[:SHOWN]:
            lines.append("  " + _network_place(place) + str(place["message"]))
        if len(rows) > SHOWN:
            lines.append(f"  … {len(rows) - SHOWN:,} more in error.problems")
        rules: dict[str, int] = {}
        for place in rows:
            rules[str(place["rule"])] = rules.get(str(place["rule"]), 0) + 1
        if len(rows) > SHOWN:
            lines.append(
                "By kind: " + ", ".join(f"{rule} {n:,}" for rule, n in rules.items()) + "."
            )
        lines.append("Nothing was scored. Mend these in the source and read it again.")
        super().__init__("\n".join(lines), rows)


class NetworkColumnsError(SocmeasuresError):
    """Columns or tables that reading a network needs and that are not there."""

    exit_code = 2

    def __init__(self, faults: Sequence[str], advice: str = "") -> None:
        self.faults = tuple(faults)
        lines = [f"The network cannot be read: {plural(len(faults), 'fault')}."]
        lines += [f"  {fault}" for fault in faults]
        lines.append(
            advice
            or "An empty workbook with every column: socmeasures template network -o contacts.xlsx"
        )
        super().__init__("\n".join(lines))


class NetworkIndexError(SocmeasuresError, ValueError):
    """A number that cannot be had from a list of contacts, with the reason."""

    exit_code = 2

    def __init__(self, asked: str, why: str, instead: str) -> None:
        super().__init__(f"{asked!r} is refused: {why}. {instead}")


class TurnoverError(SocmeasuresError, ValueError):
    """Kept, lost and gained contacts cannot be told from this data."""

    def __init__(self, why: str, rows: Sequence[Mapping[str, Any]] = ()) -> None:
        lines = [f"Turnover is refused: {why}."]
        lines += ["  " + _network_place(place) + str(place["message"]) for place in rows[:SHOWN]]
        if len(rows) > SHOWN:
            lines.append(f"  … {len(rows) - SHOWN:,} more in error.problems")
        lines.append(
            "Who was kept, lost or gained is never guessed from names or relations. Give each "
            "contact of a person an identifier that stays the same at every time point "
            "(contact_id), and compare the networks by their size and composition until then."
        )
        super().__init__("\n".join(lines), rows)


class NetworkPoolError(SocmeasuresError, ValueError):
    """Networks collected or scored in different ways were to be put together."""

    def __init__(self, differing: Mapping[str, Mapping[str, object]]) -> None:
        lines = ["These networks were not collected or scored in the same way:"]
        for what, by_name in differing.items():
            lines.append(f"  {what}: " + "; ".join(f"{n} {v}" for n, v in by_name.items()))
        lines.append(
            "Sizes and shares then differ for that reason alone. Score all of them with one "
            "frame, overlap, cap and exclude=, and state one window with window_days=, before "
            "putting them together."
        )
        super().__init__("\n".join(lines))

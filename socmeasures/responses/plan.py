"""The scoring plan: which columns are which items, per scale and time point, as a TOML file."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from socmeasures.errors import PlanError
from socmeasures.scales.catalogue import load_scale
from socmeasures.scales.model import Scale

if TYPE_CHECKING:
    import pandas as pd


ASSUMED = "assumed canonical"  # bare numbers, taken as the definition's own codes


def _item_numbers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {int(k) if str(k).lstrip("-").isdigit() else k: v for k, v in value.items()}
    return value


class PlannedScale(BaseModel):
    """One scale at one time point: its columns, its coding, and why they were taken for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scale: str
    items: Annotated[dict[int, str], BeforeValidator(_item_numbers)]
    wave: str | None = None
    coding: str | None = None
    order: str | None = None  # a named item order; items are then counted in it
    pre_reversed: tuple[int, ...] = ()  # items reversed before export, to be turned back
    missing: str | dict[str, Any] | None = None
    sha256: str | None = None  # of a definition file, so that a changed file is noticed
    accept_unverified: bool = False
    evidence: str = ""  # why these columns: for the reader

    def load(self) -> Scale:
        """Load the scale; refuses a definition file that changed since the plan was made."""
        if self.sha256 is not None:
            path = Path(self.scale)
            if path.is_file() and file_sha256(path) != self.sha256:
                raise PlanError(
                    "the plan",
                    [f"{path.name} has changed since the plan was made (its sha256 differs)"],
                )
        return load_scale(self.scale)


def _coding_told(evidence: str) -> str:
    """How the coding stands where the plan names none."""
    if evidence.endswith(ASSUMED):
        return ASSUMED
    # found, but none that the scale has a name for: each column has its own labels
    return "by its labels" if evidence.endswith("; value labels") else "to be decided"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    person: str | None = None
    wave: str | None = None


class ScoringPlan(BaseModel):
    """Which columns are which items; read it, correct it, keep it for next month's export.

    Attributes
    ----------
    scales : tuple of PlannedScale
        One entry a scale and time point: ``scale, wave, items, coding, missing, evidence``.
    person, wave : str or None
        Columns that identify a row in messages.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> data = pd.DataFrame({f"mspss_{i}_t1": [4] for i in range(1, 13)})
    >>> plan = soc.match_scales(data)
    >>> plan.scales[0].scale, plan.scales[0].wave, plan.scales[0].items[12]
    ('mspss', 't1', 'mspss_12_t1')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    data: _Data = Field(default_factory=_Data)
    scales: tuple[PlannedScale, ...] = ()
    notes: tuple[str, ...] = ()  # scales of which only a part was found: for the reader

    @property
    def person(self) -> str | None:
        """Column with the person's identifier, when one was named."""
        return self.data.person

    @property
    def wave(self) -> str | None:
        """Column with the time point of long data, when one was named."""
        return self.data.wave

    def columns(self) -> list[str]:
        """Every column the plan needs, without repeats."""
        named = [c for c in (self.person, self.wave) if c]
        wanted = [c for planned in self.scales for c in planned.items.values()]
        return list(dict.fromkeys([*named, *wanted]))

    def to_frame(self) -> pd.DataFrame:
        """Give one row a scale, time point and item: ``scale, wave, item, column, coding``."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "scale": p.scale,
                    "wave": p.wave or "",
                    "item": number,
                    "column": column,
                    "coding": p.coding or "",
                    "evidence": p.evidence,
                }
                for p in self.scales
                for number, column in p.items.items()
            ],
            columns=["scale", "wave", "item", "column", "coding", "evidence"],
        )

    def __str__(self) -> str:
        """Table with one line a scale and time point."""
        head = ("scale", "time point", "items", "columns", "coding", "found by")
        rows = [head] + [
            (
                p.scale,
                p.wave or "-",
                str(len(p.items)),
                _span(list(p.items.values())),
                p.coding or _coding_told(p.evidence),
                p.evidence or "-",
            )
            for p in self.scales
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        lines = [
            "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
        notes = [f"Not in the plan: {note}." for note in self.notes]
        return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:], *notes])

    def save(self, path: str | Path) -> Path:
        """Write the plan as TOML, to be read and corrected by hand."""
        path = Path(path)
        path.write_text(self.to_toml(), encoding="utf-8")
        return path

    def to_toml(self) -> str:
        """The plan as TOML text."""
        lines = [
            "# Which columns are which items. Correct what is wrong, then: socmeasures score FILE",
            "# --plan plan.toml -o scored.sav",
            "format = 1",
            *([f"notes = [{', '.join(map(_toml, self.notes))}]"] if self.notes else []),
            "",
            "[data]",
        ]
        lines += [
            f"{field} = {_toml(value)}"
            for field, value in (("person", self.person), ("wave", self.wave))
            if value is not None
        ]
        for planned in self.scales:
            lines += ["", "[[scales]]", f"scale = {_toml(planned.scale)}"]
            for field in ("wave", "coding", "order", "missing", "sha256"):
                value = getattr(planned, field)
                if value is not None:
                    lines.append(f"{field} = {_toml(value)}")
            if planned.pre_reversed:
                lines.append(f"pre_reversed = {list(planned.pre_reversed)}")
            if planned.accept_unverified:
                lines.append("accept_unverified = true")
            if planned.coding is None:
                lines.append('# coding = "canonical"   # say what the codes mean; see: scale show')
            if planned.evidence:
                lines.append(f"evidence = {_toml(planned.evidence)}")
            lines.append("[scales.items]")
            lines += [f"{n} = {_toml(c)}" for n, c in planned.items.items()]
        return "\n".join(lines) + "\n"

    @classmethod
    def load(cls, path: str | Path) -> ScoringPlan:
        """Read a plan file; every fault at once."""
        path = Path(path)
        if not path.is_file():
            raise PlanError(path.name, ["there is no such file"])
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise PlanError(path.name, [f"not valid TOML: {fault}"]) from None
        try:
            return cls.model_validate(raw)
        except ValidationError as fault:
            faults = [
                f"{', '.join(str(step) for step in error['loc'])}: {_plan_words(error)}"
                for error in fault.errors()
            ]
            raise PlanError(path.name, faults) from None


def _plan_words(error: Any) -> str:
    kind = {"extra_forbidden": "there is no such field", "missing": "this field is needed"}
    return kind.get(error["type"], str(error["msg"]))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _span(columns: list[str]) -> str:
    return columns[0] if len(columns) == 1 else f"{columns[0]} … {columns[-1]}"


def _toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        escaped = escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
        return f'"{escaped}"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml(str(k))} = {_toml(v)}" for k, v in value.items()) + " }"
    return repr(value)

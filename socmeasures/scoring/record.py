"""The scoring record: how every score in a frame came about, as one JSON text.

It travels in `frame.attrs`, in file metadata and as `*.record.json`; it holds no answers,
no identifiers, no paths and no user names.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from socmeasures import frames
from socmeasures.errors import RecordError
from socmeasures.scoring.missing import STATUSES

ATTRS_KEY = "socmeasures"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScoreColumn(_Frozen):
    """One column that scoring added, and what it means."""

    column: str
    outcome: str  # the column without its wave suffix, e.g. "ucla3_total"
    scale: str
    score: str
    wave: str | None = None
    role: Literal["score", "n", "status", "band", "risk", "flag", "key"] = "score"
    title: str = ""  # instrument and score, for a heading
    label: str = ""  # title, range, direction and any warning, for an SPSS variable label
    low: float | None = None
    high: float | None = None
    higher: str = ""  # what a high score means, e.g. "lonelier"
    better: Literal["lower", "higher", "none"] = "none"
    step: float | None = None  # smallest possible difference between two scores
    band_set: str | None = None
    categories: tuple[str, ...] = ()  # of a status or band column, in order


class ScaleUse(_Frozen):
    """One scale scored at one wave: which key, which columns, which rules, how many people."""

    scale: str
    name: str
    form: str
    key: str | None = None
    evidence: str
    definition_hash: str
    citation: str = ""
    doi: str | None = None
    licence: str = ""
    wave: str | None = None
    coding: str  # the coding in force and how it was decided
    items: dict[str, str]  # item number -> column
    missing: dict[str, dict[str, Any]]  # score -> rule in force, with `overridden`
    counts: dict[str, dict[str, int]]  # score -> status -> people
    invalid: Literal["raise", "missing"] = "raise"
    illegal_answers: int | None = 0  # None: not counted, as by an engine that has not run yet
    notes: tuple[str, ...] = ()


class ScoringRecord(_Frozen):
    """How every score in a frame came about.

    Attributes
    ----------
    library_version : str
        Version of socmeasures that scored.
    uses : tuple of ScaleUse
        One entry for each scale and wave: form, key, evidence grade, hash over every field that
        changes a score, columns, coding, missing rule in force, counts by status.
    columns : tuple of ScoreColumn
        Every column that was added: its meaning, range and which direction is better.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> answers = pd.DataFrame({"mspss_%d" % i: [4, 5] for i in range(1, 13)})
    >>> record = soc.scoring_record(soc.score(answers, "mspss"))
    >>> record.uses[0].evidence, record.column("mspss_total").better
    ('secondary', 'higher')
    """

    format: Literal[1] = 1
    library_version: str
    uses: tuple[ScaleUse, ...] = ()
    columns: tuple[ScoreColumn, ...] = ()
    source: dict[str, Any] = Field(default_factory=dict)  # file name and hash, never a path

    def column(self, name: str) -> ScoreColumn | None:
        """Describe column `name`; with or without its wave suffix. None when it is not a score."""
        for entry in self.columns:
            if entry.column == name:
                return entry
        for entry in self.columns:
            if entry.outcome == name:
                return entry
        return None

    def uses_of(self, scale: str) -> tuple[ScaleUse, ...]:
        """All uses of one scale, a wave each."""
        return tuple(use for use in self.uses if use.scale == scale)

    def to_json(self, *, indent: int | None = None) -> str:
        """The record as JSON text."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=indent)

    @classmethod
    def from_json(cls, text: str) -> ScoringRecord:
        """Read a record back; refuses a text that is not one."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as fault:
            raise RecordError(str(fault.errors()[0]["msg"])) from None

    def merged(self, other: ScoringRecord) -> ScoringRecord:
        """Both records as one; columns scored again take the later entry."""
        again = {c.column for c in other.columns}
        rescored = {(u.scale, u.wave) for u in other.uses}
        return ScoringRecord(
            library_version=other.library_version,
            uses=(*(u for u in self.uses if (u.scale, u.wave) not in rescored), *other.uses),
            columns=(*(c for c in self.columns if c.column not in again), *other.columns),
            source={**self.source, **other.source},
        )

    def with_part(self, other: ScoringRecord) -> ScoringRecord:
        """The record of two parts of the same data, scored alike: their counts together."""
        uses = []
        for one, two in zip(self.uses, other.uses, strict=True):
            counts = {
                score: _together(one.counts[score], two.counts.get(score, {}))
                for score in one.counts
            }
            changed: dict[str, Any] = {
                "counts": counts,
                "illegal_answers": (one.illegal_answers or 0) + (two.illegal_answers or 0),
                "notes": notes_together(one.notes, two.notes),
            }
            uses.append(one.model_copy(update=changed))
        return self.model_copy(update={"uses": tuple(uses)})

    def uncounted(self) -> ScoringRecord:
        """The record of scores that nobody has made yet: all that is known before."""
        unknown: dict[str, Any] = {"counts": {}, "illegal_answers": None}
        return self.model_copy(
            update={
                "uses": tuple(
                    use.model_copy(update={**unknown, "notes": (*use.notes, NOT_COUNTED)})
                    for use in self.uses
                )
            }
        )


NOT_COUNTED = "scored by a lazy engine; people and illegal answers are not counted here"


def _together(one: dict[str, int], two: dict[str, int]) -> dict[str, int]:
    order = [status for status in STATUSES if status in one or status in two]
    return {status: one.get(status, 0) + two.get(status, 0) for status in order}


def notes_together(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
    """Notes of two parts: those that begin with a count are added up, the others told once."""
    counted: dict[str, int | None] = {}
    for note in (*one, *two):
        number, _, rest = note.partition(" ")
        if number.isdigit():
            counted[rest] = (counted.get(rest) or 0) + int(number)
        else:
            counted[note] = None
    return tuple(text if n is None else f"{n} {text}" for text, n in counted.items())


def scoring_record(frame: Any) -> ScoringRecord | None:
    """The record that travels with a scored frame.

    Parameters
    ----------
    frame : DataFrame
        What `soc.score` gave, or a frame made from it that kept its `attrs`. A pyarrow Table
        keeps it in its metadata, a Dask frame in the `attrs` of its meta, a Spark frame in the
        metadata of its score columns.

    Returns
    -------
    ScoringRecord or None
        None when the frame carries no record (it was lost in a merge, or never scored here).

    Raises
    ------
    RecordError
        The frame carries something under our name that is not a record.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> soc.scoring_record(pd.DataFrame({"a": [1]})) is None
    True
    """
    text = frames.carried(frame, ATTRS_KEY)
    return None if text is None else ScoringRecord.from_json(text)

"""What a score column means: from the scoring record, a shipped scale's name, or the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from socmeasures.designs.outcome import Direction, Outcome
from socmeasures.errors import MixedKeysError, OutcomeNotFoundError, SocmeasuresError
from socmeasures.scoring.record import ScoreColumn, ScoringRecord

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN_DIRECTION = (
    "Nobody said which direction of {column!r} is better, so changes are called higher and lower, "
    "never improved. Say it with Study(..., better={{{column!r}: 'lower'}})."
)


def find_outcome(
    name: str,
    columns: Sequence[str],
    record: ScoringRecord | None,
    better: Mapping[str, Direction],
) -> Outcome:
    """Describe column `name`; refuses a column that is not there, naming the nearest."""
    if name not in columns:
        raise OutcomeNotFoundError(name, [c for c in columns if not _is_companion(c, columns)])
    entry = record.column(name) if record else None
    if record and entry and entry.role == "score":
        return _from_record(name, entry, record)
    return _from_scale(name) or _from_caller(name, better)


def refuse_mixed_keys(name: str, data: pd.DataFrame, wave: str) -> None:
    """Scores made with different keys are never compared, whatever became of their record."""
    for column in map(str, data.columns):
        stem = column.removesuffix("key_hash")
        if not column.endswith("_key_hash") or not name.startswith(stem):
            continue
        there = data[data[column].notna() & data[name].notna()]
        if there[column].nunique() > 1:
            named = f"{stem}key" if f"{stem}key" in data else column
            seen = there[[wave, named, column]].astype(str).drop_duplicates()
            keys = [(w, f"{key} ({hashed[:12]})") for w, key, hashed in seen.to_numpy().tolist()]
            raise MixedKeysError(name, keys)


def _is_companion(column: str, columns: Sequence[str]) -> bool:
    """Tell `ucla3_total_n` and its like, which nobody means as an outcome."""
    return any(
        column.endswith(end) and column.removesuffix(end) in columns
        for end in ("_n", "_status", "_band")
    )


def _from_record(name: str, entry: ScoreColumn, record: ScoringRecord) -> Outcome:
    uses = record.uses_of(entry.scale)
    if len({use.definition_hash for use in uses}) > 1:
        raise MixedKeysError(
            name,
            [
                (use.wave or "", f"{use.key or use.form} ({use.definition_hash[:12]})")
                for use in uses
            ],
        )
    first = uses[0] if uses else None
    return Outcome(
        column=name,
        label=entry.title or entry.label or name,
        better=entry.better,
        low=entry.low,
        high=entry.high,
        higher=entry.higher,
        instrument=first.name if first else entry.scale,
        form=first.form if first else "",
        evidence=first.evidence if first else "",
        citation=_cited(first.citation, first.doi) if first else "",
        licence=first.licence if first else "",
        definition_hash=first.definition_hash if first else "",
        notes=tuple(dict.fromkeys(note for use in uses for note in use.notes)),
    )


def _from_scale(name: str) -> Outcome | None:
    """An exact `{scale}_{score}` name of a shipped scale, wherever the underscore stands."""
    from socmeasures.scales.catalogue import load_scale, shipped_ids

    known = shipped_ids()
    for place, letter in enumerate(name):
        scale_id, score_id = name[:place], name[place + 1 :]
        if letter != "_" or scale_id not in known:
            continue
        try:
            scale = load_scale(scale_id)
        except SocmeasuresError:  # a definition this version cannot read explains nothing
            continue
        score = next((s for s in scale.scores if s.id == score_id), None)
        if score is None:
            continue
        return Outcome(
            column=name,
            label=f"{scale.name}, {score.label or score.id}",
            better=score.better,
            low=score.range[0],
            high=score.range[1],
            higher=score.higher,
            instrument=scale.name,
            form=scale.form,
            evidence=scale.evidence,
            citation=_cited(scale.citation, scale.doi),
            licence=scale.licence.note,
            notes=(
                f"No scoring record came with {name!r}: what it measures was taken from its name, "
                "and how it was scored is not known.",
            ),
        )
    return None


def _from_caller(name: str, better: Mapping[str, Direction]) -> Outcome:
    direction = better.get(name)
    notes = () if direction else (UNKNOWN_DIRECTION.format(column=name),)
    return Outcome(column=name, label=name, better=direction, notes=notes)


def _cited(citation: str, doi: str | None) -> str:
    return f"{citation} doi:{doi}" if doi and doi not in citation else citation

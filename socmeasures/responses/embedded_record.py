"""The scoring record as lines of notes inside a .sav, and back.

Notes of SPSS files are lines of at most 80 bytes, padded with spaces: a line may therefore
neither begin nor end with a space of ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from socmeasures.errors import RecordError

RECORD_KEY = "socmeasures"  # in frame.attrs, where the record travels in memory
LINE = 80
_BEGIN = "socmeasures scoring record (JSON, kept so that scores can be traced): begin"
_END = "socmeasures scoring record: end"


def record_json(record: object) -> str:
    """A record given as object, mapping or text, as compact ASCII JSON without double spaces."""
    if isinstance(record, str):
        try:
            content: Any = json.loads(record)
        except json.JSONDecodeError as fault:
            raise RecordError(str(fault)) from None
    elif isinstance(record, Mapping):
        content = dict(record)
    else:
        content = json.loads(record.to_json())  # type: ignore[attr-defined]
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return text.replace("  ", " \\u0020")


def record_lines(record: object) -> list[str]:
    """Lines of notes that hold a record; `split_record` gives it back."""
    text = record_json(record)
    lines = [_BEGIN]
    while text:
        end = min(LINE, len(text))
        while end < len(text) and (text[end - 1] == " " or text[end] == " "):
            end -= 1
        lines.append(text[:end])
        text = text[end:]
    return [*lines, _END]


def split_record(lines: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
    """The notes of people, and the last record found among the lines.

    A record that was cut by another program is no record: its lines are dropped.
    """
    documents: list[str] = []
    chunks: list[str] | None = None
    record = None
    for line in lines:
        if line.strip() == _BEGIN:
            chunks = []
        elif line.strip() == _END and chunks is not None:
            record = _parsed("".join(chunks)) or record
            chunks = None
        elif chunks is not None:
            chunks.append(line)
        else:
            documents.append(line)
    return tuple(documents), record


def _parsed(text: str) -> str | None:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except json.JSONDecodeError:
        return None

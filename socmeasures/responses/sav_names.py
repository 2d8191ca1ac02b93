"""Names, labels and notes that SPSS accepts, made from any; what was changed is told."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from socmeasures.responses.losses import Loss

RESERVED = frozenset(
    ["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"]
)
NAME_BYTES, LABEL_BYTES, VALUE_LABEL_BYTES = 64, 256, 120
FILE_LABEL_BYTES, NOTE_BYTES, TEXT_BYTES = 64, 80, 32_767
_ALSO_LEGAL = "._$#@"


def cut(text: str, limit: int) -> str:
    """The longest beginning of `text` that fits `limit` bytes of UTF-8, in whole characters."""
    return text.encode("utf-8")[:limit].decode("utf-8", "ignore")


def legal_names(columns: Sequence[object]) -> tuple[list[str], list[Loss]]:
    """A name for each column that SPSS accepts, different from the others in any case.

    A column whose name is fine keeps it, whatever stands before it.
    """
    originals = [str(column) for column in columns]
    taken = {name.lower() for name in originals if _fault(name) is None}
    seen: set[str] = set()
    names: list[str] = []
    losses: list[Loss] = []
    for original in originals:
        why = _fault(original)
        name = original
        if why is not None:
            name = _unused(_mended(original), taken | seen)
        elif original.lower() in seen:
            why = "SPSS does not tell names apart by case"
            name = _unused(original, taken | seen)
        seen.add(name.lower())
        names.append(name)
        if why is not None:
            losses.append(
                Loss(
                    what="name",
                    column=original,
                    detail=f"written as {name}, because {why}",
                    lost=False,
                )
            )
    return names, losses


def _fault(name: str) -> str | None:
    if not name:
        return "it is empty"
    if not name[0].isalpha():
        return "a name begins with a letter"
    if not all(c.isalnum() or c in _ALSO_LEGAL for c in name):
        return "it holds signs SPSS does not allow"
    if name.endswith("."):
        return "a name does not end with a full stop"
    if name.lower() in RESERVED:
        return "the name is reserved in SPSS"
    if len(name.encode("utf-8")) > NAME_BYTES:
        return f"a name holds at most {NAME_BYTES} bytes"
    return None


def _mended(name: str) -> str:
    kept = "".join(c if c.isalnum() or c in _ALSO_LEGAL else "_" for c in name).rstrip(".")
    if not kept or not kept[0].isalpha():
        kept = "v" + kept
    if kept.lower() in RESERVED:
        kept += "_"
    return cut(kept, NAME_BYTES).rstrip(".")


def _unused(name: str, taken: set[str]) -> str:
    candidate, n = name, 2
    while candidate.lower() in taken:
        ending = f"_{n}"
        candidate = cut(name, NAME_BYTES - len(ending)) + ending
        n += 1
    return candidate


def fitted(text: str, limit: int, what: str, column: str, losses: list[Loss]) -> str:
    """`text` within `limit` bytes; a cut is added to `losses`. NUL ends a text in SPSS: removed."""
    clean = text.replace("\0", "")
    short = cut(clean, limit)
    if short != clean:
        losses.append(
            Loss(what=what, column=column, detail=f"cut to {limit} bytes: {short[:40]!r} …")
        )
    return short


def note_lines(documents: Sequence[str]) -> list[str]:
    """Lines of notes of at most 80 bytes each, wrapped at spaces."""
    lines: list[str] = []
    for document in documents:
        if len(document.encode("utf-8")) <= NOTE_BYTES:
            lines.append(document)
            continue
        for line in textwrap.wrap(document, NOTE_BYTES):
            rest = line
            while rest:
                piece = cut(rest, NOTE_BYTES)
                lines.append(piece)
                rest = rest[len(piece) :]
    return lines

"""The head of a .sav file, read byte by byte before the native reader sees it.

Knows the parts of the SPSS dictionary that pyreadstat does not hand on (the file weight, roles,
custom attributes) and finds files that end inside their dictionary. Record layout: PSPP
developers' guide, "System File Format".
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from socmeasures.errors import TruncatedFileError

MAGIC = (b"$FL2", b"$FL3")
WEIGHT_OFFSET = 76
CREATED_OFFSET, CREATED_LENGTH = 92, 17
ROLES = {"0": "input", "1": "target", "2": "both", "3": "none", "4": "partition", "5": "split"}
_ENTRY = re.compile(r"([^/:()\n]+):((?:[^()/:\n]+\((?:'[^\n]*'\n)+\))+)")
_ATTRIBUTE = re.compile(r"([^()/:\n]+)\(((?:'[^\n]*'\n)+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavHeader:
    """What the dictionary of a .sav says besides variables and labels.

    Attributes
    ----------
    rows : int or None
        Cases the file declares; None when it does not say.
    encoding : str or None
        Of the letters, where the file states it.
    weight : str or None
        Name of the weighting variable.
    positions : mapping of str to int
        Short name of a variable to its place in the dictionary, from 1, as a weight is stored.
    roles, attributes : mapping
        Of variables, where they are not the default.
    file_attributes : tuple of str
        Names of the custom attributes of the file.
    """

    rows: int | None
    encoding: str | None
    weight: str | None
    positions: dict[str, int]
    roles: dict[str, str]
    attributes: dict[str, tuple[str, ...]]
    file_attributes: tuple[str, ...]


class _Bytes:
    """The file as a row of numbers and bytes in its own byte order."""

    def __init__(self, path: Path, source: BinaryIO) -> None:
        self.path, self.source, self.order = path, source, "<"

    def take(self, n: int) -> bytes:
        piece = self.source.read(n) if 0 <= n < 2**28 else b""
        if len(piece) < n or n < 0:
            raise TruncatedFileError(self.path, "it ends inside the list of its variables")
        return piece

    def integers(self, n: int) -> tuple[int, ...]:
        return struct.unpack(f"{self.order}{n}i", self.take(4 * n))


def read_sav_header(path: Path) -> SavHeader:
    """Read the dictionary of a .sav or .zsav.

    Raises
    ------
    TruncatedFileError
        The file ends before its dictionary does, or the dictionary is damaged.
    """
    with path.open("rb") as source:
        return _dictionary(_Bytes(path, source))


def _dictionary(data: _Bytes) -> SavHeader:
    data.take(64)
    layout = data.take(4)
    data.order = "<" if struct.unpack("<i", layout)[0] in (2, 3) else ">"
    _, _, weight_at, rows = data.integers(4)
    data.take(8 + CREATED_LENGTH + 64 + 3)
    positions: dict[str, int] = {}
    extensions: dict[int, bytes] = {}
    place = 0
    while True:
        (kind,) = data.integers(1)
        if kind == 2:
            place += 1
            name = _variable(data)
            if name is not None:
                positions[name] = place
        elif kind == 3:
            _value_labels(data)
        elif kind == 4:
            data.take(4 * data.integers(1)[0])
        elif kind == 6:
            data.take(80 * data.integers(1)[0])
        elif kind == 7:
            subtype, size, count = data.integers(3)
            extensions[subtype] = data.take(size * count)
        elif kind == 999:
            break
        else:
            raise TruncatedFileError(data.path, f"its list of variables holds a record {kind}")
    return _header(rows, weight_at, positions, extensions)


def _variable(data: _Bytes) -> str | None:
    """Short name of a variable record; None for the further parts of a long string."""
    width, has_label, n_missing, _, _ = data.integers(5)
    name = data.take(8)
    if has_label:
        (length,) = data.integers(1)
        data.take((length + 3) // 4 * 4)
    data.take(8 * abs(n_missing))
    return None if width == -1 else name.decode("latin-1").rstrip()


def _value_labels(data: _Bytes) -> None:
    for _ in range(data.integers(1)[0]):
        data.take(8)
        length = data.take(1)[0]
        data.take((length + 8) // 8 * 8 - 1)


def _header(
    rows: int, weight_at: int, positions: dict[str, int], extensions: dict[int, bytes]
) -> SavHeader:
    encoding = extensions.get(20, b"utf-8").decode("ascii", "replace").strip("\0 ")

    def text(subtype: int) -> str:
        raw = extensions.get(subtype, b"")
        try:
            return raw.decode(encoding, "replace")
        except LookupError:
            return raw.decode("latin-1")

    long_names = dict(pair.split("=", 1) for pair in text(13).split("\t") if "=" in pair)
    short = next((name for name, place in positions.items() if place == weight_at), None)
    roles: dict[str, str] = {}
    attributes: dict[str, tuple[str, ...]] = {}
    for name, body in _ENTRY.findall(text(18)):
        found = dict(_ATTRIBUTE.findall(body))
        role = found.pop("$@Role", "'0'\n").strip().strip("'")
        if role != "0":
            roles[name] = ROLES.get(role, role)
        if found:
            attributes[name] = tuple(found)
    return SavHeader(
        rows=rows if rows >= 0 else None,
        encoding=encoding if 20 in extensions else None,
        weight=None if short is None else long_names.get(short, short),
        positions={long_names.get(name, name): place for name, place in positions.items()},
        roles=roles,
        attributes=attributes,
        file_attributes=tuple(name for name, _ in _ATTRIBUTE.findall(text(17))),
    )

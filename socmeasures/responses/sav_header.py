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
WIDEST = 255  # letters of one text variable; longer ones are stored as several
TEXT_FORMATS = (1, 2)  # A and AHEX
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
    text_codes : tuple of bytes
        Codes of labelled text variables, as they are stored.
    letters : str
        The encoding the native reader takes the letters for: the one stated, else that of the
        code page in the file, else UTF-8.
    """

    rows: int | None
    encoding: str | None
    weight: str | None
    positions: dict[str, int]
    roles: dict[str, str]
    attributes: dict[str, tuple[str, ...]]
    file_attributes: tuple[str, ...]
    text_codes: tuple[bytes, ...]
    letters: str


class _Bytes:
    """The file as a row of numbers and bytes in its own byte order."""

    def __init__(self, path: Path, source: BinaryIO) -> None:
        self.path, self.source, self.order = path, source, "<"

    def take(self, n: int) -> bytes:
        """The next `n` bytes, or a refusal."""
        piece = self.source.read(n) if 0 <= n < 2**28 else b""
        if len(piece) < n or n < 0:
            raise TruncatedFileError(self.path, "it ends inside the list of its variables")
        return piece

    def integers(self, n: int) -> tuple[int, ...]:
        """The next `n` 4-byte integers."""
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
    _, compression, weight_at, rows = data.integers(4)
    data.take(8 + CREATED_LENGTH + 64 + 3)
    positions: dict[str, int] = {}
    extensions: dict[int, bytes] = {}
    place = 0
    parts_due = 0  # records still to come of a text longer than 8 letters
    texts: set[int] = set()
    codes: list[bytes] = []
    text_codes: list[bytes] = []
    while True:
        (kind,) = data.integers(1)
        if kind == 2:
            place += 1
            name, width = _variable(data)
            # the native reader trusts the widths, and writes beyond its memory
            if (width == -1) != (parts_due > 0) or not -1 <= width <= WIDEST:
                raise TruncatedFileError(data.path, "a text variable lacks some of its parts")
            parts_due = parts_due - 1 if width == -1 else (max(width, 1) + 7) // 8 - 1
            if name is not None:
                positions[name] = place
            if width > 0:
                texts.add(place)
        elif kind == 3:
            codes = _value_labels(data)
        elif kind == 4:
            places = data.integers(data.integers(1)[0])
            # the native reader follows these without looking, and crashes
            if any(not 1 <= p <= place for p in places):
                raise TruncatedFileError(data.path, "labels of a variable that is not there")
            text_codes += codes if texts.intersection(places) else []
        elif kind == 6:
            data.take(80 * data.integers(1)[0])
        elif kind == 7:
            subtype, size, count = data.integers(3)
            extensions[subtype] = data.take(size * count)
        elif kind == 999:
            break
        else:
            raise TruncatedFileError(data.path, f"its list of variables holds a record {kind}")
    # the native reader makes room for every row that is declared before it reads one
    if rows * place > _most_cells(data, compression):
        raise TruncatedFileError(data.path, f"it declares {rows:,} rows and is too short for them")
    return _header(rows, weight_at, positions, extensions, tuple(text_codes), data.order)


def _variable(data: _Bytes) -> tuple[str | None, int]:
    """Short name of a variable, None for the further parts of a long text; its width."""
    width, has_label, n_missing, *formats = data.integers(5)
    name = data.take(8)
    # the native reader crashes on a number with the format of a text
    if width == 0 and any((code >> 16) & 0xFF in TEXT_FORMATS for code in formats):
        raise TruncatedFileError(data.path, "a number has the format of a text")
    if has_label:
        (length,) = data.integers(1)
        data.take((length + 3) // 4 * 4)
    data.take(8 * abs(n_missing))
    return (None if width == -1 else name.decode("latin-1").rstrip()), width


def _value_labels(data: _Bytes) -> list[bytes]:
    """The codes of one set of labels, as 8 bytes each."""
    codes = []
    for _ in range(data.integers(1)[0]):
        codes.append(data.take(8))
        length = data.take(1)[0]
        data.take((length + 8) // 8 * 8 - 1)
    return codes


def _header(
    rows: int,
    weight_at: int,
    positions: dict[str, int],
    extensions: dict[int, bytes],
    text_codes: tuple[bytes, ...],
    order: str,
) -> SavHeader:
    encoding = extensions.get(20, b"utf-8").decode("ascii", "replace").strip("\0 ")

    def text(subtype: int) -> str:
        raw = extensions.get(subtype, b"")
        try:
            return raw.decode(encoding, "replace")
        except (LookupError, ValueError):
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
        text_codes=text_codes,
        letters=encoding if 20 in extensions else _code_page(extensions.get(3, b""), order),
        file_attributes=tuple(name for name, _ in _ATTRIBUTE.findall(text(17))),
    )


def _code_page(machine: bytes, order: str) -> str:
    """Encoding by the code page of the machine that wrote the file, as the native reader has it."""
    if len(machine) < 32:
        return "utf-8"
    (page,) = struct.unpack(f"{order}i", machine[28:32])
    known = {2: "windows-1252", 3: "windows-1252", 28591: "iso-8859-1", 65001: "utf-8"}
    return known.get(page, f"cp{page}")


def _most_cells(data: _Bytes, compression: int) -> float:
    """Cells of 8 bytes that the rest of the file can hold at most."""
    left = data.path.stat().st_size - data.source.tell()
    if compression == 0:
        return left / 8
    # one byte a cell when compressed; zlib makes at best 1 byte of 1,032 of those
    return left if compression == 1 else left * 1032

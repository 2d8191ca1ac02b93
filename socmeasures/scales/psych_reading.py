"""Keys lists of R's psych package, read from R text or JSON without running either.

Only a list of names is understood: `list(agree = c("-A1", "A2"))`, also `keys <- list(…)` and
what `dput` prints. Anything else is refused with its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from socmeasures.errors import PsychKeysError

Keys = dict[str, list[str]]

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<name>`[^`\n]+`|[A-Za-z.][\w.]*)
    |(?P<number>-?\d+(?:\.\d+)?L?)
    |(?P<arrow><-|=)
    |(?P<sign>[(),])
    |(?P<other>.)""",
    re.VERBOSE,
)


def read_keys(path: str | Path) -> Keys:
    """Read a file: scale → item names, a minus before those that are reversed.

    Raises
    ------
    PsychKeysError
        There is no such file, or it is not a keys list; every fault is named.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from socmeasures.scales.psych_reading import read_keys
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "keys.R"
    >>> _ = file.write_text('keys <- list(agree = c("-A1", "A2"))')
    >>> read_keys(file)
    {'agree': ['-A1', 'A2']}
    """
    file = Path(path)
    if not file.is_file():
        raise PsychKeysError(file.name, ["there is no file of this name"])
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise PsychKeysError(file.name, ["not UTF-8 text; save it as UTF-8"]) from None
    if file.suffix.lower() == ".json":
        return checked_keys(_from_json(text, file.name), file.name)
    return checked_keys(_from_r(text, file.name), file.name)


def checked_keys(raw: Mapping[str, Any], source: str) -> Keys:
    """Lists of names, or a refusal that names every fault."""
    faults: list[str] = []
    for scale, names in raw.items():
        faults += _faults(scale, names)
    if not raw:
        faults.append("there is no scale in it")
    if faults:
        raise PsychKeysError(source, faults)
    return {str(scale): [str(name) for name in names] for scale, names in raw.items()}


def _faults(scale: object, names: Any) -> Iterator[str]:
    if not isinstance(scale, str) or not scale.strip():
        yield f"a list without a name: {names!r}"
        return
    if isinstance(names, str) or not hasattr(names, "__iter__") or isinstance(names, Mapping):
        yield f"{scale!r}: a list of item names is needed"
        return
    items = list(names)
    if not items:
        yield f"{scale!r}: no items"
    for name in items:
        if not isinstance(name, str):
            yield f"{scale!r}: {name!r} is the place of a column; give the names of the items"
        elif not name.removeprefix("-").strip():
            yield f"{scale!r}: an item without a name"
    bare = [n.removeprefix("-") for n in items if isinstance(n, str)]
    for name in dict.fromkeys(n for n in bare if bare.count(n) > 1):
        yield f"{scale!r}: item {name!r} stands there more than once"


def _from_json(text: str, source: str) -> dict[str, Any]:
    try:
        raw = json.loads(text, object_pairs_hook=_pairs)
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise PsychKeysError(source, [f"not valid JSON: {fault.msg} ({where})"]) from None
    except _TwiceError as fault:
        raise PsychKeysError(source, [str(fault)]) from None
    if not isinstance(raw, dict):
        raise PsychKeysError(source, ["no object of scales and their items"])
    # jsonlite writes a list of one as a bare text
    return {k: [v] if isinstance(v, str) else v for k, v in raw.items()}


class _TwiceError(Exception):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _TwiceError(f"the scale {name!r} stands there twice")
    return dict(pairs)


# ------------------------------------------------------------------- R text


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int

    @property
    def value(self) -> str:
        """A text or a name without its marks."""
        if self.kind == "text":
            return re.sub(r"\\(.)", r"\1", self.text[1:-1])
        return self.text.strip("`")


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind != "space":
            yield _Token(kind, match.group(), line)
        line += match.group().count("\n")
    yield _Token("end", "the end of the file", line)


def _from_r(text: str, source: str) -> dict[str, Any]:
    reader = _Reader(list(_tokens(text)), source)
    return reader.keys()


class _Reader:
    """Reads `[name <-] list(scale = c("…", …), …)` token by token."""

    def __init__(self, tokens: list[_Token], source: str) -> None:
        self.tokens, self.source, self.at = tokens, source, 0

    def keys(self) -> dict[str, Any]:
        if self._now.kind == "name" and self._after.kind == "arrow":
            self.at += 2
        self._take("name", "list")
        self._take("sign", "(")
        keys: dict[str, Any] = {}
        while self._now.text != ")":
            label = self._label()
            if label in keys:
                self._refuse(f"the scale {label!r} stands there twice")
            keys[label] = self._names()
            if self._now.text != ",":
                break
            self.at += 1
        self._take("sign", ")")
        if self._now.kind != "end":
            self._refuse(f"{self._now.text!r} follows the list; only one list is read")
        return keys

    @property
    def _now(self) -> _Token:
        return self.tokens[self.at]

    @property
    def _after(self) -> _Token:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def _label(self) -> str:
        token = self._now
        if token.kind not in ("name", "text") or self._after.text != "=":
            self._refuse(f"a scale needs a name, as in total = c(…); here: {token.text!r}")
        self.at += 2
        return token.value

    def _names(self) -> list[Any]:
        if self._now.kind == "text":  # one item needs no c()
            return [self._one()]
        self._take("name", "c")
        self._take("sign", "(")
        names = []
        while self._now.text != ")":
            names.append(self._one())
            if self._now.text != ",":
                break
            self.at += 1
        self._take("sign", ")")
        return names

    def _one(self) -> Any:
        token = self._now
        if token.kind == "number":
            self.at += 1
            return float(token.text.removesuffix("L"))
        if token.kind != "text":
            self._refuse(f"an item name in quotes is expected; here: {token.text!r}")
        self.at += 1
        return token.value

    def _take(self, kind: str, text: str) -> None:
        if self._now.kind != kind or self._now.text != text:
            self._refuse(f"{text!r} is expected; here: {self._now.text!r}")
        self.at += 1

    def _refuse(self, why: str) -> None:
        raise PsychKeysError(self.source, [f"line {self._now.line}: {why}"])

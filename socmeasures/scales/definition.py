"""From a TOML file to a `Scale`: every fault at once, each with its place."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from socmeasures.errors import ScaleDefinitionError
from socmeasures.scales import lint
from socmeasures.scales.model import Scale


def read_definition(path: str | Path) -> Scale:
    """Read one definition file, or refuse it with all its faults."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ScaleDefinitionError(
            path.name, ["not UTF-8 text; save the file as UTF-8 in your editor"]
        ) from None
    return parse_definition(text, path.name)


def parse_definition(text: str, file: str) -> Scale:
    """Parse the text of a definition; `file` is only for messages."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ScaleDefinitionError(file, [f"not valid TOML: {fault}"]) from None
    try:
        scale = Scale.model_validate(raw)
    except ValidationError as fault:
        errors = [error for error in fault.errors() if not _follows(error)]
        faults = [_in_words(error, raw) for error in errors]
        raise ScaleDefinitionError(file, [*faults, *_faults_of_the_rest(raw, errors)]) from None
    faults = lint.faults(scale)
    if faults:
        raise ScaleDefinitionError(file, faults)
    return scale


def _follows(error: Any) -> bool:
    """A table is called too short only because its faulty entries were not counted."""
    return bool(error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"])


def _in_words(error: Any, raw: dict[str, Any]) -> str:
    """One pydantic error as `[[scores]] 'total', range: what is wrong`."""
    place = _place(error["loc"], raw)
    kind = error["type"]
    if kind == "missing":
        return f"{place}: this field is needed and not there"
    if kind == "extra_forbidden":
        return f"{place}: there is no such field"
    message = str(error["msg"]).removeprefix("Value error, ")
    given = error.get("input")
    shown = f" (here: {given!r})" if isinstance(given, str | int | float | bool) else ""
    return f"{place}: {message[:1].lower()}{message[1:]}{shown}"


def _place(loc: Sequence[int | str], raw: Any) -> str:
    """`('scores', 0, 'bands', 1, 'cuts')` → `[[scores]] 'total', bands 2, cuts`."""
    parts: list[str] = []
    node: Any = raw
    for depth, step in enumerate(loc):
        if isinstance(step, int):
            node = node[step] if isinstance(node, list) and step < len(node) else None
            name = _own_name(node) or f"number {step + 1}"
            parts[-1] = f"[[{parts[-1]}]] {name}" if depth == 1 else f"{parts[-1]} {name}"
        else:
            node = node.get(step) if isinstance(node, dict) else None
            parts.append(str(step))
    return ", ".join(parts)


def _own_name(node: Any) -> str:
    if isinstance(node, dict):
        for field in ("id", "number", "name", "set", "code", "label"):
            if field in node:
                return repr(node[field])
    return ""


_TABLES = {"items", "scores", "bands", "codings", "norms", "change", "examples", "clashes", "risks"}


def _faults_of_the_rest(raw: dict[str, Any], errors: Sequence[Any]) -> list[str]:
    """Structural faults in what is left when the faulty entries are set aside."""
    rest = copy.deepcopy(raw)
    doomed: set[tuple[int | str, ...]] = set()
    for error in errors:
        loc = error["loc"]
        ends = [
            i + 1 for i in range(1, len(loc)) if isinstance(loc[i], int) and loc[i - 1] in _TABLES
        ]
        if ends:
            doomed.add(tuple(loc[: ends[-1]]))
        elif error["type"] == "extra_forbidden":
            rest.pop(str(loc[0]), None)
        elif len(loc) == 1:
            rest[str(loc[0])] = "unverified" if loc[0] == "evidence" else "?"
        else:
            return []
    if any(path[0] == "items" for path in doomed):
        return []  # without its items nothing else can be judged
    for path in sorted(doomed, key=len, reverse=True):
        table: Any = rest
        for step in path[:-1]:
            table = table[step]
        table[path[-1]] = None
    for table in _tables_in(rest):
        table[:] = [entry for entry in table if entry is not None]
    try:
        return lint.faults(Scale.model_validate(rest), partial=True)
    except ValidationError:
        return []


def _tables_in(raw: dict[str, Any]) -> list[list[Any]]:
    scores = [score for score in raw.get("scores", []) if isinstance(score, dict)]
    return [v for entry in (raw, *scores) for v in entry.values() if isinstance(v, list)]


def json_schema() -> dict[str, Any]:
    """JSON Schema of a definition file, for completion and checks in an editor.

    Examples
    --------
    >>> from socmeasures.scales.definition import json_schema
    >>> json_schema()["title"]
    'socmeasures scale definition'
    """
    schema = Scale.model_json_schema(by_alias=True)
    schema["title"] = "socmeasures scale definition"
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema

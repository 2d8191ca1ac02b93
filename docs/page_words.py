"""Small words for the generated pages: tables, lists, and texts in which nothing is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def text(words: str) -> str:
    """Text of a definition as Markdown shows it: nothing in it is markup."""
    return re.sub(r"([\\`*_<>|\[\]$])", r"\\\1", " ".join(words.split()))


def sentence(words: str) -> str:
    shown = text(words)
    return shown[:1].upper() + shown[1:] + ("" if shown.endswith((".", "!", "?")) else ".")


def bullets(lines: Iterator[str] | Sequence[str]) -> str:
    return "\n".join(f"* {line}" for line in lines)


def numbers(numbers: Sequence[int]) -> str:
    return ", ".join(str(n) for n in numbers)

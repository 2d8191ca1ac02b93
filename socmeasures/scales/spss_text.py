"""SPSS syntax as text: commands, comments, recodes and labels that SPSS and PSPP read alike.

Every command begins in the first column and ends with a full stop, continued lines begin with
blanks: so the text runs in a syntax window and by INSERT.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from socmeasures.scales.named_columns import number_text, runs

LABEL_BYTES = 255
VALUE_LABEL_BYTES = 120
WIDTH = 96  # SPSS cuts lines of more than 256 characters
FEW = 20  # an item with more codes is an open count, read by ranges


def comment(text: str) -> list[str]:
    """A comment command; a full stop at a line's end would end it, so none may stand there."""
    words = " ".join(text.split()).rstrip(".")
    bound = words.replace(". ", ".\u00a0")  # not broken after a full stop
    lines = textwrap.wrap(bound, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    plain = [line.replace("\u00a0", " ") for line in lines]
    plain[-1] += "."
    return ["* " + plain[0], *("    " + line for line in plain[1:])]


def command(words: Iterable[str]) -> list[str]:
    """A command over as many lines as it needs; the words are not broken."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append("   ")
        lines[-1] += f" {word}" if lines[-1] else word
    return [*lines[:-1], lines[-1] + "."]


def recode(
    columns: Mapping[str, str], worth: Mapping[int, float], other: str = "SYSMIS"
) -> Iterator[str]:
    """Points of legal codes (ascending) into new variables; any other answer becomes `other`."""
    if len(worth) <= FEW:
        rules = [f"({raw}={number_text(value)})" for raw, value in worth.items()]
    elif list(worth.values()) == list(range(min(worth), max(worth) + 1)):
        rules = [f"({min(worth)} THRU {max(worth)}=COPY)"]
    else:
        rules = [
            f"({first if first == last else f'{first} THRU {last}'}={number_text(value)})"
            for first, last, value in runs(worth)
        ]
    yield from command(
        [
            "RECODE",
            *columns,
            "(MISSING=SYSMIS)",
            *rules,
            f"(ELSE={other})",
            "INTO",
            *columns.values(),
        ]
    )
    if len(worth) > FEW:  # ranges let fractions through
        empty = "$SYSMIS" if other == "SYSMIS" else other
        for column, into in columns.items():
            yield f"IF (MOD({column}, 1) <> 0) {into} = {empty}."


def compute(name: str, function: str, arguments: Iterable[str]) -> list[str]:
    """A variable as a function of others."""
    words = [f"{argument}," for argument in arguments]
    words[0] = f"{function}({words[0]}"
    words[-1] = words[-1].removesuffix(",") + ")"
    return command([f"COMPUTE {name} =", *words])


def label(name: str, text: str) -> list[str]:
    """The label of a variable, as much of it as SPSS stores."""
    return _texts(f"VARIABLE LABELS {name}", _fitted(text, LABEL_BYTES))


def value_labels(name: str, labels: Sequence[str]) -> Iterator[str]:
    """Labels of the values 1, 2, 3 … of a variable."""
    yield f"VALUE LABELS {name}"
    for code, label in enumerate(labels, start=1):
        end = "." if code == len(labels) else ""
        yield f"   {code} {_quoted(_fitted(label, VALUE_LABEL_BYTES))}{end}"


def _texts(start: str, text: str) -> list[str]:
    """A text literal; a long one in pieces that SPSS joins by a plus."""
    pieces = textwrap.wrap(text, WIDTH - 20, drop_whitespace=False) or [""]
    lines = [f"   {_quoted(piece)} +" for piece in pieces[:-1]]
    return [start, *lines, f"   {_quoted(pieces[-1])}."]


def _fitted(text: str, size: int) -> str:
    """As many whole characters as SPSS stores."""
    return " ".join(text.split()).encode()[:size].decode(errors="ignore")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""Identifiers that are nearly the same: listed for a person to confirm, never joined.

Differences looked for: case, spaces and dashes, leading zeros, one character.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

SHORTEST = 3  # identifiers below this length differ by one character from too many others


def id_text(value: object) -> str:
    """An identifier as text; 7.0 is the 7 a spreadsheet made of it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def near_pairs(first: Sequence[str], second: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Pairs (of the first, of the second, how they differ) of identifiers in one list only.

    Parameters
    ----------
    first, second : sequence of str
        Identifiers of two time points; those in both lists are left alone.

    Examples
    --------
    >>> list(near_pairs(["AB01", "007", "x1"], ["ab1 ", "7", "x1"]))
    [('AB01', 'ab1 ', 'case, spaces, leading zeros'), ('007', '7', 'leading zeros')]
    """
    both = set(first) & set(second)
    ours = [i for i in dict.fromkeys(first) if i not in both]
    theirs = [i for i in dict.fromkeys(second) if i not in both]
    by_key: dict[str, list[str]] = defaultdict(list)
    by_part: dict[str, list[str]] = defaultdict(list)
    for other in theirs:
        by_key[_key(other)].append(other)
        if len(_key(other)) >= SHORTEST:
            for part in _parts(_key(other)):
                by_part[part].append(other)
    for own in ours:
        same = by_key.get(_key(own), [])
        for other in same:
            yield own, other, _difference(own, other)
        if same or len(_key(own)) < SHORTEST:
            continue
        close = {other for part in _parts(_key(own)) for other in by_part.get(part, [])}
        for other in theirs if close else ():
            if other in close and _one_apart(_key(own), _key(other)):
                yield own, other, "one character"


def _plain(text: str) -> str:
    return re.sub(r"[\s_.\-/]+", "", text)


def _key(text: str) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)", "", _plain(text).casefold())


def _difference(own: str, other: str) -> str:
    found = []
    if not _same_case(own, other):
        found.append("case")
    if _plain(own) != own or _plain(other) != other:
        found.append("spaces")
    if _plain(own).casefold() != _plain(other).casefold():
        found.append("leading zeros")
    return ", ".join(found)


def _same_case(own: str, other: str) -> bool:
    letters = [re.sub(r"[\W\d_]", "", text) for text in (own, other)]
    return letters[0] == letters[1]


def _parts(key: str) -> set[str]:
    """The key, and the key without each of its characters."""
    return {key, *(key[:i] + key[i + 1 :] for i in range(len(key)))}


def _one_apart(own: str, other: str) -> bool:
    """One character put in, left out, changed, or two neighbours swapped."""
    if abs(len(own) - len(other)) > 1:
        return False
    if len(own) == len(other):
        at = [i for i in range(len(own)) if own[i] != other[i]]
        if len(at) == 1:
            return True
        return (
            len(at) == 2
            and at[1] == at[0] + 1
            and own[at[0]] == other[at[1]]
            and own[at[1]] == other[at[0]]
        )
    short, long = sorted((own, other), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))

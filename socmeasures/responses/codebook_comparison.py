"""Two codebooks side by side: what was renamed, recoded, relabelled between two files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from socmeasures.responses.codebook import Codebook, Variable, code_text
from socmeasures.responses.coding import normalised

COLUMNS = ("column", "change", "code", "first", "second", "severity")


def compare_codebooks(
    first: Codebook, second: Codebook, *, names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """What changed between the files of two time points.

    Parameters
    ----------
    first, second : Codebook
        As `soc.read` gives them.
    names : mapping of str to str, optional
        Columns of the first file and their names in the second, where they are known to differ:
        ``{"q1_t1": "q1_t2"}``.

    Returns
    -------
    pandas.DataFrame
        One row a change: ``column`` (name in the first file), ``change``, ``code, first,
        second``, ``severity``. Changes: ``renamed`` (another name, the same label), ``only in
        first``, ``only in second``, ``relabelled`` (another question), ``recoded`` (the same
        words under another code: ``error``), ``code has other words``, ``code only in first``,
        ``code only in second``, ``missing codes``, ``kind``, ``measure``. Wordings are compared
        without case, accents and punctuation. Empty when nothing changed.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.responses.codebook_comparison import compare_codebooks
    >>> before = soc.Codebook.from_labels({"q1": {1: "Never", 2: "Often"}})
    >>> after = soc.Codebook.from_labels({"q1": {1: "Often", 2: "Never"}})
    >>> compare_codebooks(before, after)[["change", "code", "first", "second"]]
        change   code first second
    0  recoded  Never     1      2
    1  recoded  Often     2      1
    """
    pairs = {name: (names or {}).get(name, name) for name in first.variables}
    rows: list[dict[str, Any]] = []
    gone = [n for n, other in pairs.items() if other not in second]
    new = [n for n in second.variables if n not in set(pairs.values())]
    renamed = _renamed(first, second, gone, new)
    for name in first.variables:
        if name in renamed:
            rows.append(_row(name, "renamed", "", name, renamed[name], "warning"))
            rows += _changes(first[name], second[renamed[name]])
        elif pairs[name] in second:
            rows += _changes(first[name], second[pairs[name]])
        else:
            rows.append(_row(name, "only in first", "", name, "", "warning"))
    found = set(renamed.values())
    rows += [_row(n, "only in second", "", "", n, "warning") for n in new if n not in found]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _renamed(first: Codebook, second: Codebook, gone: list[str], new: list[str]) -> dict[str, str]:
    """Columns with one and the same label in both files, under another name."""
    ours = Counter(normalised(first[n].label) for n in gone)
    theirs = Counter(normalised(second[n].label) for n in new)
    by_label = {normalised(second[n].label): n for n in new}
    return {
        n: by_label[label]
        for n in gone
        if (label := normalised(first[n].label)) and ours[label] == 1 and theirs[label] == 1
    }


def _changes(one: Variable, other: Variable) -> Iterator[dict[str, Any]]:
    name = one.name
    if normalised(one.label) != normalised(other.label):
        yield _row(name, "relabelled", "", one.label, other.label, "warning")
    if one.kind != other.kind:
        yield _row(name, "kind", "", one.kind, other.kind, "error")
    codes_of: dict[str, list[Any]] = {}
    for code, words in other.value_labels.items():
        codes_of.setdefault(normalised(words), []).append(code)
    recoded: set[Any] = set()
    for code, words in one.value_labels.items():
        there = codes_of.get(normalised(words), [])
        if there and code not in there:
            recoded |= {code, *there}
            now = ", ".join(map(code_text, there))
            yield _row(name, "recoded", words, code_text(code), now, "error")
    for code in dict.fromkeys([*one.value_labels, *other.value_labels]):
        own, theirs = one.value_labels.get(code), other.value_labels.get(code)
        if code in recoded:
            continue
        if own is None or theirs is None:
            change = "code only in second" if own is None else "code only in first"
            yield _row(name, change, code_text(code), own or "", theirs or "", "warning")
        elif normalised(own) != normalised(theirs):
            yield _row(name, "code has other words", code_text(code), own, theirs, "error")
    if one.missing_text() != other.missing_text():
        yield _row(name, "missing codes", "", one.missing_text(), other.missing_text(), "error")
    if one.measure != other.measure:
        yield _row(name, "measure", "", one.measure, other.measure, "note")


def _row(
    column: str, change: str, code: str, first: str, second: str, severity: str
) -> dict[str, Any]:
    values = (column, change, code, first, second, severity)
    return dict(zip(COLUMNS, values, strict=True))

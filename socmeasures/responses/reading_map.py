"""One table that says how every distinct answer is read, and what a changed file changed.

Near misses are proposed here, never applied. A table of words (`"Nie" = "Never"`) is put into
the codebook, where matching, validation and scoring all find it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from socmeasures import frames
from socmeasures.errors import LabelMapError, nearest
from socmeasures.responses.codebook import Code, Codebook, Variable
from socmeasures.responses.coding import NO_ANSWER, Decision, Undecided, normalised
from socmeasures.responses.decoding import decide
from socmeasures.responses.plan import PlannedScale, ScoringPlan
from socmeasures.scales.model import Scale

CLOSE = 0.75  # likeness from which a wording is proposed as an option (difflib ratio)
COLUMNS = ("scale", "wave", "item", "column", "answer", "n", "read_as", "option", "how", "proposal")
CHANGES = ("scale", "wave", "item", "column", "change", "candidate", "evidence")


def reading_table(data: Any, plan: ScoringPlan, codebook: Codebook | None = None) -> pd.DataFrame:
    """How every distinct answer of the planned columns is read.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        The answers.
    plan : ScoringPlan
        Which columns are which items; columns that are not in the data are left out.
    codebook : Codebook, optional
        Value labels and missing codes; answers that were set to missing on reading are counted
        from `codebook.reasons`.

    Returns
    -------
    pandas.DataFrame
        One row a column and distinct answer: ``scale, wave, item, column, answer, n`` (rows with
        it), ``read_as`` (canonical code, missing where none), ``option`` (the scale's words),
        ``how`` and ``proposal`` (a near miss: nothing was applied).  `how` is one of ``value
        label, same words, number, stated coding, declared missing, no answer, not understood,
        coding undecided``.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> from socmeasures.responses.reading_map import reading_table
    >>> data = pd.DataFrame({f"ucla3_{i}": ["Often", "Oftn", None] for i in (1, 2, 3)})
    >>> table = reading_table(data, soc.match_scales(data))
    >>> table.loc[table["item"] == 1, ["answer", "n", "read_as", "how", "proposal"]]
      answer  n  read_as             how proposal
    0  Often  1        3      same words
    1   Oftn  1     <NA>  not understood    often
    """
    present = set(frames.names(data))
    rows: list[dict[str, Any]] = []
    for planned in plan.scales:
        scale = planned.load()
        items = {n: c for n, c in _items(scale, planned).items() if c in present}
        if not items:
            continue
        columns = {n: frames.column(data, c) for n, c in items.items()}
        variables = {n: codebook.get(c) if codebook else None for n, c in items.items()}
        decision = decide(scale, columns, items, variables, planned.coding, planned.pre_reversed)
        for number, column in items.items():
            rows += [
                {"scale": scale.id, "wave": planned.wave or "", "item": number, "column": column}
                | row
                for row in _answers(scale, number, columns[number], variables[number], decision)
            ]
            rows += [
                {
                    "scale": scale.id,
                    "wave": planned.wave or "",
                    "item": number,
                    "column": column,
                }
                | row
                for row in _set_missing(column, codebook)
            ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"read_as": "Int64", "n": "int64", "answer": object})


def _items(scale: Scale, planned: PlannedScale) -> dict[int, str]:
    order = next((o for o in scale.orders if o.name == planned.order), None)
    if order is None:
        return dict(planned.items)
    return {order.items[place]: column for place, column in planned.items.items()}


def _answers(
    scale: Scale,
    number: int,
    column: frames.Numbers | frames.Words,
    variable: Variable | None,
    decision: Decision | Undecided,
) -> Iterator[dict[str, Any]]:
    options = {o.code: o.label for o in scale.options(number)}
    words = {normalised(w): o.label for o in scale.options(number) for w in o.words}
    for answer, n, place in _distinct(column):
        row: dict[str, Any] = {"answer": answer, "n": n, "read_as": pd.NA, "option": ""}
        row |= {"proposal": "", "how": "not understood"}
        text = str(answer).strip()
        if variable is not None and variable.is_missing_code(answer):
            row["how"] = "declared missing"
        elif not text or normalised(text) in NO_ANSWER:
            row["how"] = "no answer"
        elif isinstance(decision, Undecided):
            row["how"] = "coding undecided"
        else:
            decoded = decision.items[number]
            value = decoded.column.values[place]
            known = value == value and float(value).is_integer() and int(value) in decoded.meaning
            if known:
                code = decoded.meaning[int(value)]
                row |= {"read_as": code, "option": options.get(code, "")}
                row["how"] = _how(text, variable, answer, words, decision)
            else:
                close = get_close_matches(normalised(text), list(words), n=1, cutoff=CLOSE)
                row["proposal"] = words[close[0]] if close else ""
        yield row


def _how(
    text: str,
    variable: Variable | None,
    answer: Any,
    words: Mapping[str, str],
    decision: Decision,
) -> str:
    labels = dict(variable.value_labels) if variable is not None else {}
    if answer in labels or text in labels:
        return "value label"
    if normalised(text) in words:
        return "same words"
    return "stated coding" if decision.how == "stated" else "number"


def _distinct(column: frames.Numbers | frames.Words) -> Iterator[tuple[Any, int, int]]:
    """Each answer, how many rows have it, and one of them."""
    if isinstance(column, frames.Words):
        counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.distinct))
        for place, value in enumerate(column.distinct):
            if counts[place]:
                yield value, int(counts[place]), int(np.argmax(column.codes == place))
        return
    values = column.values.astype(float)
    if column.missing is not None:
        values = np.where(column.missing, np.nan, values)
    found, firsts, counts = np.unique(values, return_index=True, return_counts=True)
    for value, first, n in zip(found.tolist(), firsts.tolist(), counts.tolist(), strict=True):
        if value == value:
            yield (int(value) if value.is_integer() else value), n, first


def _set_missing(column: str, codebook: Codebook | None) -> Iterator[dict[str, Any]]:
    """Answers with a missing code that reading already took out of the frame."""
    if codebook is None or not len(codebook.reasons):
        return
    told = codebook.reasons[codebook.reasons["column"] == column]
    for code, rows in told.groupby("code", sort=False):
        shown = int(code) if isinstance(code, float) and code.is_integer() else code
        yield {
            "answer": shown,
            "n": len(rows),
            "read_as": pd.NA,
            "option": "",
            "how": "declared missing",
            "proposal": "",
        }


# --- words of other languages ----------------------------------------------------------------


def load_label_map(path: str | os.PathLike[str]) -> dict[str, str]:
    """Read a table of words from TOML: `[labels]`, then `"Nie" = "Never"` a line.

    Raises
    ------
    LabelMapError
        The file is absent, no TOML, or holds something else.
    """
    file = Path(path)
    if not file.is_file():
        raise LabelMapError(file.name, "there is no such file")
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise LabelMapError(file.name, f"this is not valid TOML ({fault})") from None
    labels = raw.get("labels")
    if set(raw) - {"labels", "format"} or not isinstance(labels, dict):
        raise LabelMapError(file.name, "the table [labels] is not there, or not alone")
    if not all(isinstance(words, str) for words in labels.values()):
        raise LabelMapError(file.name, "the words behind = must stand in quotation marks")
    return dict(labels)


def translate_answers(data: Any, codebook: Codebook, labels: Mapping[str, str]) -> Codebook:
    """Say what the words of a file mean, so that scales find them.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        The answers; not changed.
    codebook : Codebook
        As `soc.read` gives it.
    labels : mapping of str to str
        Words of the file → words of the scale: ``{"Nie": "Never"}``. Compared without case,
        accents, punctuation and leading numbers.

    Returns
    -------
    Codebook
        With the words of the scale as value labels, of codes and of text answers alike. Pass it
        to `match_scales`, `validate` and `score`; data and file stay as they are.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> from socmeasures.responses.reading_map import translate_answers
    >>> data = pd.DataFrame({f"ucla3_{i}": ["Oft", "Manchmal"] for i in (1, 2, 3)})
    >>> words = {"Oft": "often", "Manchmal": "some of the time", "Selten": "hardly ever"}
    >>> book = translate_answers(data, soc.Codebook.from_labels({}), words)
    >>> soc.score(data, "ucla3", codebook=book)["ucla3_total"].tolist()
    [9.0, 6.0]
    """
    meaning = {normalised(own): words for own, words in labels.items()}
    variables = dict(codebook.variables)
    for name in frames.names(data):
        variable = variables.get(name)
        told: dict[Code, str] = {}
        if variable is not None:
            told = {
                code: meaning.get(normalised(words), words)
                for code, words in variable.value_labels.items()
            }
        column = frames.column(data, name)
        if isinstance(column, frames.Words):
            told |= {
                text: meaning[normalised(text)]
                for text in (str(value).strip() for value in column.distinct)
                if normalised(text) in meaning and text not in told
            }
        if told and (variable is None or told != dict(variable.value_labels)):
            base = variable or Variable(name=name, kind="string")
            variables[name] = replace(base, value_labels=told)
    return replace(codebook, variables=variables)


# --- next month's file ------------------------------------------------------------------------


def plan_changes(plan: ScoringPlan, data: Any, codebook: Codebook | None = None) -> pd.DataFrame:
    """What a plan does not find again in another export, and where it may be now.

    Parameters
    ----------
    plan : ScoringPlan
        Made on an earlier file.
    data : DataFrame
        The new export.
    codebook : Codebook, optional
        Its labels help to find renamed columns.

    Returns
    -------
    pandas.DataFrame
        ``scale, wave, item, column, change, candidate, evidence``; empty when nothing changed.
        `change` is ``absent`` (the column is gone; `candidate` is what may be its new name, to
        be confirmed by hand) or ``moved`` (all columns are there, in another order than the
        items; they are found by name all the same).

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> from socmeasures.responses.reading_map import plan_changes
    >>> old = pd.DataFrame({f"ucla3_{i}": [1] for i in (1, 2, 3)})
    >>> new = old.rename(columns={"ucla3_2": "ucla_3_2"})
    >>> changes = plan_changes(soc.match_scales(old), new)
    >>> changes[["item", "column", "change", "candidate"]].to_numpy().tolist()
    [[2, 'ucla3_2', 'absent', 'ucla_3_2']]
    """
    columns = frames.names(data)
    place = {c: i for i, c in enumerate(columns)}
    planned_columns = set(plan.columns())
    free = [c for c in columns if c not in planned_columns]
    rows: list[dict[str, Any]] = []
    for name in (plan.person, plan.wave):
        if name is not None and name not in place:
            close = nearest(name, free, 1)
            rows.append(_change("", "", None, name, "absent", close, "name"))
    for planned in plan.scales:
        scale = planned.load()
        items = _items(scale, planned)
        wave = planned.wave or ""
        for number, column in items.items():
            if column in place:
                continue
            told = _by_label(scale, number, free, codebook)
            close = told or nearest(column, free, 1)
            evidence = "label" if told else "name"
            rows.append(_change(scale.id, wave, number, column, "absent", close, evidence))
        spots = [place[c] for _, c in sorted(items.items()) if c in place]
        if len(spots) == len(items) and spots != sorted(spots):
            first = min(items.values(), key=lambda c: place[c])
            rows.append(_change(scale.id, wave, None, first, "moved", [], "order in the file"))
    table = pd.DataFrame(rows, columns=list(CHANGES))
    return table.astype({"item": "Int64"})


def _change(
    scale: str,
    wave: str,
    item: int | None,
    column: str,
    change: str,
    close: list[str],
    evidence: str,
) -> dict[str, Any]:
    return {
        "scale": scale,
        "wave": wave,
        "item": pd.NA if item is None else item,
        "column": column,
        "change": change,
        "candidate": close[0] if close else "",
        "evidence": evidence if close or change == "moved" else "",
    }


def _by_label(scale: Scale, number: int, free: list[str], codebook: Codebook | None) -> list[str]:
    """The one free column whose label tells of the item."""
    if codebook is None:
        return []
    item = scale.item(number)
    wanted = [set(normalised(text).split()) for text in (item.label, *item.also) if text]
    told = []
    for column in free:
        variable = codebook.get(column)
        words = set(normalised(variable.label).split()) if variable else set()
        if any(keys and keys <= words for keys in wanted):
            told.append(column)
    return told if len(told) == 1 else []

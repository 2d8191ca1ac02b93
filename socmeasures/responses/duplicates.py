"""People entered more than once: one row kept by a declared rule, the others counted."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from socmeasures.errors import ChoiceError, plural

DuplicateRule = Literal["first", "last", "most_complete"]


def resolve_duplicates(
    data: pd.DataFrame, *, person: str, wave: str | None = None, rule: DuplicateRule
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Keep one row a person (and time point) by a rule the caller declares.

    Parameters
    ----------
    data : pandas.DataFrame
        Not changed.
    person, wave : str
        Columns that identify a row; `wave` is None for data with one row a person.
    rule : {"first", "last", "most_complete"}
        Which row stays. ``most_complete`` keeps the row with most cells filled in, the first of
        equals.

    Returns
    -------
    data, notes
        Rows in their old order, row labels kept, and a sentence with the counts (none when
        nobody was there twice). Rows without an identifier are left alone.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.responses.duplicates import resolve_duplicates
    >>> twice = pd.DataFrame({"id": ["a", "a", "b"], "x": [None, 2, 3]})
    >>> kept, notes = resolve_duplicates(twice, person="id", rule="most_complete")
    >>> kept["x"].tolist(), notes
    ([2.0, 3.0], ('1 row of 1 person entered more than once was left out (rule: most complete).',))
    """
    if rule not in get_args(DuplicateRule):
        raise ChoiceError("duplicates", rule, get_args(DuplicateRule))
    keys = [person] if wave is None else [person, wave]
    known = data[person].notna().to_numpy()
    order: Any = np.arange(len(data))
    if rule == "last":
        order = order[::-1]
    elif rule == "most_complete":
        filled = data.notna() & (data.astype(object) != "")
        order = np.argsort(-filled.sum(axis=1).to_numpy(), kind="stable")
    repeated = data.iloc[order].duplicated(keys).to_numpy() & known[order]
    gone = np.zeros(len(data), bool)
    gone[order[repeated]] = True
    if not gone.any():
        return data, ()
    people = (
        data.loc[gone, person].nunique()
        if data.index.is_unique
        else len(set(data[person].to_numpy()[gone].tolist()))
    )
    note = (
        f"{plural(int(gone.sum()), 'row')} of {plural(people, 'person', 'people')} entered more "
        f"than once {'was' if gone.sum() == 1 else 'were'} left out "
        f"(rule: {rule.replace('_', ' ')})."
    )
    kept = data.iloc[np.flatnonzero(~gone)]
    kept.attrs = dict(data.attrs)
    return kept, (note,)

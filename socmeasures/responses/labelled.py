"""Codes → their words, for columns that group people (arm, site), not for answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from socmeasures import frames
from socmeasures.errors import VariableNotFoundError
from socmeasures.responses.codebook import Codebook


def apply_labels(data: Any, codebook: Codebook, columns: Sequence[str]) -> Any:
    """Put a codebook's value labels in the place of codes.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        Not changed.
    codebook : Codebook
        As `soc.read` gives it.
    columns : sequence of str
        Columns to turn into words; a column without value labels stays as it is.

    Returns
    -------
    DataFrame
        The same rows. A code without a label is written as a number; user-missing codes and
        gaps are missing.

    Raises
    ------
    VariableNotFoundError
        A column is not in the data.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> book = soc.Codebook.from_labels({"arm": {1: "usual care", 2: "befriending"}})
    >>> soc.apply_labels(pd.DataFrame({"arm": [2, 1]}), book, ["arm"])["arm"].tolist()
    ['befriending', 'usual care']
    """
    present = frames.names(data)
    new: dict[str, frames.NewColumn] = {}
    for name in columns:
        if name not in present:
            raise VariableNotFoundError(name, present)
        variable = codebook.variables.get(name)
        column = frames.column(data, name)
        if variable is None or not variable.value_labels or isinstance(column, frames.Words):
            continue
        values = column.values.astype(float)
        gone = np.isnan(values) | variable.missing_mask(values)
        if column.missing is not None:
            gone |= column.missing
        words = [
            None if missing else str(variable.value_labels.get(value, f"{value:g}"))
            for value, missing in zip(values.tolist(), gone.tolist(), strict=True)
        ]
        new[name] = np.asarray(words, dtype=object)
    order = [*present]
    out = frames.attach(data, new, drop=list(new))
    return frames.select(out, order)

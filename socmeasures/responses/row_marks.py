"""Whether the rows of a frame still stand under the labels they were read with.

Codes of missing answers are put back by row label. After a filter and `reset_index` the labels
name other people, so a few columns leave checksums in the codebook and are compared first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

COLUMNS = 6  # the most varied columns: identifiers, dates as numbers, free text
LOOKED_AT = 1000  # rows in which variety is judged
INTACT = 0.9  # a column with fewer equal rows was recoded, or the rows moved

Marks = Mapping[str, npt.NDArray[np.uint64]]


def _hashes(column: pd.Series) -> npt.NDArray[np.uint64] | None:
    """Checksum of each cell; None for kinds of column that change in passing."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        return np.asarray(pd.util.hash_array(numbers), dtype=np.uint64)
    if pd.api.types.is_string_dtype(column.dtype):
        texts = column.astype("str").fillna("").to_numpy(dtype=object)
        return np.asarray(pd.util.hash_array(texts, categorize=True), dtype=np.uint64)
    return None


def row_marks(frame: pd.DataFrame) -> dict[str, npt.NDArray[np.uint64]]:
    """Checksums, a row each, of the most varied numeric and text columns of a frame."""
    variety = frame.head(LOOKED_AT).nunique().sort_values(ascending=False, kind="stable")
    marks: dict[str, npt.NDArray[np.uint64]] = {}
    for name in variety[variety > 1].index:
        hashes = _hashes(frame[name])
        if hashes is not None:
            marks[str(name)] = hashes
        if len(marks) == COLUMNS:
            break
    return marks


def rows_in_place(frame: pd.DataFrame, marks: Marks, n_rows: int) -> npt.NDArray[np.bool_]:
    """Which rows of the file are in `frame`, once, under their own label.

    Parameters
    ----------
    frame : pandas.DataFrame
        The data now; its index labels are row numbers of the file from 0 where they still hold.
    marks : mapping of str to array of uint64, shape (n_rows,)
        What `row_marks` gave when the file was read.
    n_rows : int
        Rows of the file.

    Returns
    -------
    array of bool, shape (n_rows,)
        True where the row was found and its marked columns are what they were (one of three or
        more may have been edited). A marked column that was recoded throughout is not asked;
        when most of them changed, nobody is in place.
    """
    labels = frame.index
    in_place = np.zeros(n_rows, dtype=bool)
    if not pd.api.types.is_integer_dtype(labels.dtype):
        return in_place
    rows = labels.to_numpy(dtype=np.int64)
    usable = (rows >= 0) & (rows < n_rows) & ~labels.duplicated(keep=False)
    rows = rows[usable]
    if not len(rows):
        return in_place
    present = [name for name in marks if name in frame.columns]
    equal = []
    for name in present:
        hashes = _hashes(frame[name])
        same = np.zeros(len(rows), dtype=bool)
        equal.append(same if hashes is None else hashes[usable] == marks[name][rows])
    intact = [same for same in equal if same.mean() >= INTACT]
    if len(intact) * 2 < len(present):
        return in_place
    if present:
        allowed = 1 if len(intact) > 2 else 0
        in_place[rows] = (~np.array(intact)).sum(axis=0) <= allowed
    else:
        renumbered = len(frame) != n_rows and bool((labels == range(len(frame))).all())
        in_place[rows] = not renumbered
    return in_place

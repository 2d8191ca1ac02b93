"""Dates as people write them: year first, or day first with slashes, dots or dashes."""

from __future__ import annotations

import re
from typing import Literal

import pandas as pd

_DAY_FIRST = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4})(.*)", re.DOTALL)
_MONTH_IN_WORDS = re.compile(
    r"(?:\d{1,2}[ .\-]+)?[A-Za-z]{3,9}[ .,\-]+(?:\d{1,2},? )?\d{4}(?: .*)?"
)


def as_dates(column: pd.Series, *, errors: Literal["raise", "coerce"] = "raise") -> pd.Series:
    """A column of dates as timestamps; 12/03/2026 is in March.

    Parameters
    ----------
    column : pandas.Series
        Timestamps, or texts such as ``2026-03-12``, ``12/03/2026``, ``12.03.2026 14:05`` or
        ``12 March 2026``.
    errors : {"raise", "coerce"}
        What a text that is no date does: raise, or become NaT.

    Returns
    -------
    pandas.Series
        Of the same index. The month never stands first: 03/25/2026 is no date here.

    Raises
    ------
    ValueError
        A text that is no date, with ``errors="raise"``.

    Examples
    --------
    >>> import pandas as pd
    >>> as_dates(pd.Series(["12/03/2026", "2026-03-25", None])).dt.month.tolist()
    [3.0, 3.0, nan]
    """
    if not (
        pd.api.types.is_object_dtype(column.dtype)
        or pd.api.types.is_string_dtype(column.dtype)
        or isinstance(column.dtype, pd.CategoricalDtype)
    ):
        return pd.to_datetime(column, errors=errors)
    turned = column.astype(object).map(_year_first, na_action="ignore")
    return pd.to_datetime(turned, format="ISO8601", errors=errors)


def _year_first(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    found = _DAY_FIRST.fullmatch(text)
    if found is None and _MONTH_IN_WORDS.fullmatch(text):
        moment = pd.to_datetime(text, errors="coerce")
        return text if moment is pd.NaT else moment.isoformat()
    if found is None:
        return text or None
    day, _, month, year, rest = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}{rest}"

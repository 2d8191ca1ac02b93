"""One column of a frame as SPSS stores it: numbers or text, format, labels, missing codes.

Every conversion is made here, so that the native writer only ever meets float64 and text: left
alone it writes categories and durations as text, and dates as datetimes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from socmeasures.errors import plural
from socmeasures.responses.codebook import Code, Measure, Variable, code_text
from socmeasures.responses.losses import Loss
from socmeasures.responses.sav_names import LABEL_BYTES, TEXT_BYTES, VALUE_LABEL_BYTES, fitted
from socmeasures.responses.spss_stata import SPSS_EPOCH

EXACT = 2**53  # beyond it a float64 no longer holds every whole number
UNVERIFIED = "UNVERIFIED KEY"
_FORMAT = re.compile(r"([A-Z]+)(\d+)(?:\.(\d+))?")
_DATE_FORMATS = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE")
_FORMATS_OF_KIND = {
    "date": (*_DATE_FORMATS, "DATETIME", "YMDHMS"),
    "datetime": ("DATETIME", "YMDHMS", *_DATE_FORMATS),
    "time": ("TIME", "DTIME", "MTIME"),
}
_DEFAULT_FORMAT = {"date": "DATE11", "datetime": "DATETIME20"}


SHORT_TEXT = 8  # bytes; shorter text has its labels in records of this size


@dataclass(slots=True, kw_only=True, eq=False)
class SavColumn:
    """A column on its way into the file; codes of missing answers are still to be put back."""

    values: npt.NDArray[Any]
    kind: str = "numeric"
    label: str = ""
    value_labels: dict[Code, str] = field(default_factory=dict)
    missing_values: tuple[Code, ...] = ()
    missing_ranges: tuple[tuple[float, float], ...] = ()
    measure: Measure = "unknown"
    format: str = ""
    width: int | None = None

    @property
    def is_text(self) -> bool:
        """Whether the column is a string variable."""
        return self.kind == "string"

    def is_empty(self) -> npt.NDArray[np.bool_]:
        """Where there is no answer."""
        return np.asarray(self.values == "" if self.is_text else np.isnan(self.values), dtype=bool)


def sav_column(
    column: pd.Series,
    name: str,
    variable: Variable | None,
    score: Mapping[str, Any] | None,
    losses: list[Loss],
) -> SavColumn:
    """Convert one column.

    Parameters
    ----------
    column : pandas.Series
        Any dtype.
    name : str
        Its name in the frame, for the report.
    variable : Variable or None
        What the codebook says of it.
    score : mapping or None
        Its entry in the scoring record (with `evidence`), when it is a score column.
    losses : list of Loss
        What does not fit is added here.
    """
    coded = _coded(column, variable, score)
    if coded is not None:
        values, labels, is_codebook = coded
        made = SavColumn(values=values, value_labels=labels, measure="nominal")
        if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered:
            made.measure = "ordinal"
        if not is_codebook and variable is not None:
            if variable.has_missing_codes:
                losses.append(Loss(what="missing codes", column=name, detail="column was recoded"))
            variable = replace(variable, value_labels={}, missing_values=(), missing_ranges=())
    else:
        made = _plain(column, name, variable, losses)
    if variable is not None:
        _described(made, name, variable, losses)
    if score is not None:
        _as_score(made, score)
    if made.measure == "unknown":
        is_group = made.is_text or bool(made.value_labels)
        made.measure = "nominal" if is_group else "scale"
    made.label = fitted(made.label, LABEL_BYTES, "label", name, losses)
    _without_cut_codes(made, name, losses)
    made.value_labels = {
        code: fitted(words, VALUE_LABEL_BYTES, "value label", name, losses)
        for code, words in made.value_labels.items()
    }
    return made


def _without_cut_codes(made: SavColumn, name: str, losses: list[Loss]) -> None:
    """Leave out labels of text codes no answer is as long as: the format would cut the code."""
    if not made.is_text:
        return
    longest = max([SHORT_TEXT, *(len(str(v).encode("utf-8")) for v in made.values)])
    for code in [c for c in made.value_labels if len(str(c).encode("utf-8")) > longest]:
        del made.value_labels[code]
        losses.append(
            Loss(
                what="value label", column=name, detail=f"its code {code!r} is longer than the text"
            )
        )


# --- values -------------------------------------------------------------------------------


def _coded(
    column: pd.Series, variable: Variable | None, score: Mapping[str, Any] | None
) -> tuple[npt.NDArray[np.float64], dict[Code, str], bool] | None:
    """Categories or labels as numbers with value labels; None when the column is neither."""
    is_categorical = isinstance(column.dtype, pd.CategoricalDtype)
    is_text = pd.api.types.is_string_dtype(column.dtype) or column.dtype == object
    if not is_categorical and not is_text:
        return None
    if variable is not None and variable.kind == "string":
        return None
    stated = [str(c) for c in (score or {}).get("categories", ())]
    if is_categorical:
        categories = list(column.cat.categories)
    elif stated or (variable is not None and variable.value_labels):
        categories = [v for v in column.dropna().unique() if v != ""]
    else:
        return None
    if not all(isinstance(c, str) for c in categories):
        return None
    if stated and set(categories) <= set(stated):
        code_of = {words: float(i) for i, words in enumerate(stated, start=1)}
        return _looked_up(column, code_of), {c: w for w, c in code_of.items()}, False
    if variable is not None and categories:
        words = {w: float(c) for c, w in variable.value_labels.items() if not isinstance(c, str)}
        if len(words) == len(variable.value_labels) and set(categories) <= set(words):
            return _looked_up(column, words), dict(variable.value_labels), True
    if not is_categorical:
        return None
    code_of = {words: float(i) for i, words in enumerate(categories, start=1)}
    return _looked_up(column, code_of), {c: w for w, c in code_of.items()}, False


def _looked_up(column: pd.Series, code_of: Mapping[str, float]) -> npt.NDArray[np.float64]:
    return np.array([code_of.get(v, np.nan) for v in column.astype(object)], dtype=float)


def _plain(
    column: pd.Series, name: str, variable: Variable | None, losses: list[Loss]
) -> SavColumn:
    types = pd.api.types
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if column.dtype == object:
        column = _inferred(column, name, variable, losses)
    if types.is_bool_dtype(column.dtype):
        numbers = column.astype("boolean").to_numpy(dtype=float, na_value=np.nan)
        return SavColumn(values=numbers, value_labels={0: "no", 1: "yes"}, measure="nominal")
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        losses.append(
            Loss(what="time zone", column=name, detail=f"{column.dt.tz}: clock times are kept")
        )
        column = column.dt.tz_localize(None)
    if types.is_datetime64_any_dtype(column.dtype):
        seconds = _seconds(column, "datetime64[us]") - SPSS_EPOCH
        midnight = bool((seconds[~np.isnan(seconds)] % 86_400 == 0).all())
        return SavColumn(values=seconds, kind="date" if midnight else "datetime")
    if types.is_timedelta64_dtype(column.dtype):
        return SavColumn(values=_seconds(column, "timedelta64[us]"), kind="time")
    if types.is_complex_dtype(column.dtype) or not (
        types.is_numeric_dtype(column.dtype) or types.is_string_dtype(column.dtype)
    ):
        losses.append(
            Loss(what="type", column=name, detail=f"{column.dtype} is written as text", lost=False)
        )
        column = column.astype("str")
    if types.is_string_dtype(column.dtype):
        return SavColumn(values=_texts(column, name, losses), kind="string", measure="nominal")
    return _numbers(column, name, losses)


def _numbers(column: pd.Series, name: str, losses: list[Loss]) -> SavColumn:
    if pd.api.types.is_integer_dtype(column.dtype):
        known = column.dropna()
        if len(known) and max(abs(int(known.min())), abs(int(known.max()))) > EXACT:
            detail = "whole numbers beyond 15 digits are written as text, to keep every digit"
            losses.append(Loss(what="type", column=name, detail=detail, lost=False))
            texts = _texts(column.astype("string"), name, losses)
            return SavColumn(values=texts, kind="string", measure="nominal")
    numbers = column.to_numpy(dtype=float, na_value=np.nan, copy=True)
    infinite = np.isinf(numbers)
    if infinite.any():
        detail = f"{plural(int(infinite.sum()), 'infinite value')} written as system-missing"
        losses.append(Loss(what="value", column=name, detail=detail))
        numbers[infinite] = np.nan
    return SavColumn(values=numbers)


def _inferred(
    column: pd.Series, name: str, variable: Variable | None, losses: list[Loss]
) -> pd.Series:
    """An object column as the type of what is in it."""
    found = pd.api.types.infer_dtype(column, skipna=True)
    if found == "empty":
        return column.astype("str" if variable and variable.kind == "string" else "float64")
    if found in ("date", "datetime"):
        return pd.to_datetime(column).astype("datetime64[us]")
    if found == "time":
        texts = [None if pd.isna(v) else v.isoformat() for v in column]
        return pd.Series(pd.to_timedelta(texts), index=column.index)
    if found in ("timedelta", "boolean", "integer", "floating", "mixed-integer-float", "decimal"):
        if found == "boolean":
            return column.astype("boolean")
        return pd.to_timedelta(column) if found == "timedelta" else pd.to_numeric(column)
    if found != "string":
        detail = f"{found} values are written as text"
        losses.append(Loss(what="type", column=name, detail=detail, lost=False))
    texts = [None if pd.api.types.is_scalar(v) and pd.isna(v) else str(v) for v in column]
    return pd.Series(texts, index=column.index, dtype="str")


def _seconds(column: pd.Series, unit: str) -> npt.NDArray[np.float64]:
    stamps = column.to_numpy().astype(unit)
    ticks = stamps.view("int64")
    # whole seconds apart: microseconds since 1582 do not fit the digits of a float64
    seconds = (ticks // 1_000_000) + (ticks % 1_000_000) / 1e6
    return np.where(np.isnat(stamps), np.nan, seconds)


def _texts(column: pd.Series, name: str, losses: list[Loss]) -> npt.NDArray[np.object_]:
    texts = column.astype("str").fillna("").to_numpy(dtype=object)
    too_long = [i for i, text in enumerate(texts) if len(text) * 4 > TEXT_BYTES or "\0" in text]
    if too_long:
        texts = texts.copy()
        for i in too_long:
            texts[i] = fitted(texts[i], TEXT_BYTES, "text", name, losses)
    return np.asarray(texts, dtype=object)


# --- what the codebook and the record say --------------------------------------------------


def _described(made: SavColumn, name: str, variable: Variable, losses: list[Loss]) -> None:
    """Labels, missing codes, measure and format of the codebook, as far as they fit the type."""
    made.label = variable.label
    made.width = variable.width
    if variable.measure != "unknown":
        made.measure = variable.measure
    if made.is_text != (variable.kind == "string"):
        if variable.value_labels or variable.has_missing_codes:
            kinds = ("text", "numbers") if made.is_text else ("numbers", "text")
            detail = f"the column now holds {kinds[0]}, its codes were {kinds[1]}"
            losses.append(Loss(what="value labels and missing codes", column=name, detail=detail))
        return
    if made.kind == "date" and variable.kind == "datetime" and variable.format:
        made.kind = "datetime"
    if made.kind == variable.kind:
        made.format = variable.format
    fits = [c for c in variable.value_labels if isinstance(c, str) == made.is_text]
    made.value_labels = {c: variable.value_labels[c] for c in fits} or made.value_labels
    codes = tuple(c for c in variable.missing_values if isinstance(c, str) == made.is_text)
    stated = dict.fromkeys([*variable.value_labels, *variable.missing_values])
    dropped = [c for c in stated if c not in fits and c not in codes]
    if dropped:
        detail = f"not {'text' if made.is_text else 'numbers'}: {', '.join(map(str, dropped))}"
        losses.append(Loss(what="missing codes", column=name, detail=detail))
    made.missing_values, made.missing_ranges = codes, variable.missing_ranges


def _as_score(made: SavColumn, score: Mapping[str, Any]) -> None:
    role = score.get("role", "score")
    label = score.get("label") or made.label or str(score.get("outcome", ""))
    if score.get("evidence") == "unverified":
        label = f"{UNVERIFIED}: {label}"
    made.label = label
    if role in ("status", "band"):
        made.measure = "nominal" if role == "status" else "ordinal"
        if not made.value_labels and not made.is_text:
            stated = enumerate(score.get("categories", ()), start=1)
            made.value_labels = {float(code): str(words) for code, words in stated}
        return
    made.measure = "nominal" if role in ("flag", "key") else "scale"
    if not made.is_text:
        known = made.values[~np.isnan(made.values)]
        whole = bool((known == np.floor(known)).all())
        made.format = "F3.0" if role == "n" else "F8.0" if whole and len(known) else "F8.2"


def declared_missing(
    made: SavColumn, name: str, losses: list[Loss]
) -> list[Code | dict[str, float]]:
    """Missing codes as SPSS can declare them: three codes, or a range and one code.

    More codes become one range when no answer and no label of an answer lies inside it; what
    still does not fit is set to missing in the column and told.
    """
    if made.is_text:
        return list(_text_codes(made, name, losses))
    codes, ranges = list(made.missing_values), list(made.missing_ranges)
    if len(ranges) + len(codes) > (2 if ranges else 3) or len(ranges) > 1:
        codes, ranges = _as_one_range(made, codes, ranges, name, losses)
    if made.kind == "numeric" and all(isinstance(c, int | float) for c in codes):
        codes = [float(c) for c in codes]
    return [*({"lo": low, "hi": high} for low, high in ranges), *codes]


def _text_codes(made: SavColumn, name: str, losses: list[Loss]) -> Sequence[str]:
    width = max(
        [len(v.encode("utf-8")) for v in [*made.values, *map(str, made.value_labels)]] + [1]
    )
    kept = [str(c) for c in made.missing_values if len(str(c).encode("utf-8")) <= min(8, width)]
    for code in [str(c) for c in made.missing_values if str(c) not in kept] + kept[3:]:
        losses.append(
            Loss(
                what="missing codes",
                column=name,
                detail=f"{code!r} cannot be declared: three codes of at most 8 bytes, none "
                "longer than the answers",
            )
        )
        made.values = np.where(made.values == code, "", made.values)
    return kept[:3]


def _as_one_range(
    made: SavColumn,
    codes: list[Code],
    ranges: list[tuple[float, float]],
    name: str,
    losses: list[Loss],
) -> tuple[list[Code], list[tuple[float, float]]]:
    everything = Variable(name=name, missing_values=tuple(codes), missing_ranges=tuple(ranges))
    numbers = [float(c) for c in codes]
    labelled = np.array([float(c) for c in made.value_labels if not isinstance(c, str)])
    answers = np.concatenate([made.values[~np.isnan(made.values)], labelled])
    answers = answers[~everything.missing_mask(answers)]
    ends = [end for r in ranges for end in r]
    for left_out in [None, *numbers]:
        inside = [n for n in numbers if n != left_out] + ends
        low, high = min(inside), max(inside)
        if not ((answers >= low) & (answers <= high)).any():
            losses.append(
                Loss(
                    what="missing codes",
                    column=name,
                    detail=f"declared as a range, {code_text(low)} to {code_text(high)}"
                    if np.isfinite([low, high]).all()
                    else "declared as one range",
                    lost=False,
                )
            )
            return ([] if left_out is None else [left_out]), [(low, high)]
    kept_ranges = ranges[:1]
    kept_codes = codes[: 1 if ranges else 3]
    kept = Variable(name=name, missing_values=tuple(kept_codes), missing_ranges=tuple(kept_ranges))
    undeclared = everything.missing_mask(made.values) & ~kept.missing_mask(made.values)
    made.values = np.where(undeclared, np.nan, made.values)
    losses.append(
        Loss(
            what="missing codes",
            column=name,
            detail=f"SPSS declares three codes, or a range and one: only {kept.missing_text()} of "
            f"{everything.missing_text()}; {plural(int(undeclared.sum()), 'cell')} left blank",
        )
    )
    return kept_codes, kept_ranges


def print_format(made: SavColumn) -> str:
    """A print format wide enough for every value and every code, missing ones included."""
    if made.is_text:
        return ""
    letters, width, decimals = _parts(made.format)
    if made.kind != "numeric":
        if letters in _FORMATS_OF_KIND[made.kind]:
            return made.format
        if made.kind == "time":
            known = made.values[~np.isnan(made.values)]
            hours = (
                [f"{int(v // 3600)}" for v in known[[known.argmin(), known.argmax()]]]
                if len(known)
                else ["0"]
            )
            return f"TIME{max(8, max(map(len, hours)) + 6)}"
        return _DEFAULT_FORMAT[made.kind]
    if letters not in ("", "F"):
        return made.format
    known = made.values[~np.isnan(made.values)]
    whole = bool((known == np.floor(known)).all())
    if decimals is None:
        decimals = 0 if whole and len(known) else 2
        width = 8 if not whole else 1
    codes = [float(c) for c in [*made.value_labels, *made.missing_values] if not isinstance(c, str)]
    ends = [end for pair in made.missing_ranges for end in pair if math.isfinite(end)]
    extremes = [known.min(), known.max()] if len(known) else []
    longest = max((len(f"{v:.{decimals}f}") for v in [*extremes, *codes, *ends]), default=1)
    return f"F{min(40, max(width, longest))}.{decimals}"


def _parts(format_: str) -> tuple[str, int, int | None]:
    found = _FORMAT.fullmatch(format_)
    if not found:
        return "", 1, None
    return found[1], int(found[2]), int(found[3] or 0)

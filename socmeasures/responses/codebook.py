"""`Codebook`: what the columns of a file mean, and why answers are missing.

Knows nothing of how files are read or written. It holds no path and, of the answers, only the
user-missing ones and a few checksums that tell whether rows still stand under their labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from socmeasures.errors import VariableNotFoundError

Code = float | str
Kind = Literal["numeric", "string", "date", "datetime", "time"]
Measure = Literal["nominal", "ordinal", "scale", "unknown"]
MissingSpec = Code | tuple[float, float]

REASON_COLUMNS = ("row_label", "column", "code", "label")


def code_text(code: Code) -> str:
    """A code as people write it: `9`, not `9.0`."""
    if isinstance(code, str):
        return code
    return str(int(code)) if float(code).is_integer() else repr(float(code))


def _range_text(low: float, high: float) -> str:
    return (
        f"{'lowest' if low == -np.inf else code_text(low)} to "
        f"{'highest' if high == np.inf else code_text(high)}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One column of a file: its label, its codes, and which of them mean "no answer".

    Attributes
    ----------
    name : str
        The column.
    label : str
        What it is about, usually the question.
    kind : {"numeric", "string", "date", "datetime", "time"}
        What the column holds. In a frame a date or datetime is ``datetime64``, a time is a
        duration (``timedelta64``), as it is in SPSS.
    value_labels : mapping of code to str
        Words of the codes, missing codes included. ``1`` and ``1.0`` find the same label.
    missing_values : tuple of codes
        Single codes that mean "no answer".
    missing_ranges : tuple of (low, high)
        Ranges of such codes, both ends included; ±inf for LOWEST and HIGHEST.
    measure : {"nominal", "ordinal", "scale", "unknown"}
        As SPSS knows it.
    format : str
        SPSS (or Stata) print format, e.g. ``F8.2``; empty when the file has none.
    width : int or None
        Width of the column on the SPSS data sheet.

    Examples
    --------
    >>> import socmeasures as soc
    >>> item = soc.Variable(name="ucla3_1", value_labels={1: "Never", 9: "Refused"},
    ...                     missing_values=(9,))
    >>> item.is_missing_code(9), item.is_missing_code(1)
    (True, False)
    """

    name: str
    label: str = ""
    kind: Kind = "numeric"
    value_labels: Mapping[Code, str] = field(default_factory=dict)
    missing_values: tuple[Code, ...] = ()
    missing_ranges: tuple[tuple[float, float], ...] = ()
    measure: Measure = "unknown"
    format: str = ""
    width: int | None = None

    @property
    def has_missing_codes(self) -> bool:
        """Whether the file declares any code of this column as "no answer"."""
        return bool(self.missing_values or self.missing_ranges)

    def is_missing_code(self, value: object) -> bool:
        """Whether `value` is one of the codes that mean "no answer"."""
        return bool(self.missing_mask(np.array([value], dtype=object))[0])

    def missing_mask(self, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which of `values` mean "no answer".

        Parameters
        ----------
        values : array-like, shape (n,)
            Codes as the file has them, numbers or text. Numbers given as text do not match
            numeric codes. Trailing spaces of text do not count, as in SPSS.

        Returns
        -------
        array of bool, shape (n,)
            False where a value is absent (NaN, None): nothing was declared about those.
        """
        array = np.asarray(values)
        if not self.has_missing_codes:
            return np.zeros(len(array), dtype=bool)
        if array.dtype.kind in "fiub":
            return self._numeric_mask(array.astype(float))
        texts = {v.rstrip(" ") for v in self.missing_values if isinstance(v, str)}
        numbers = np.full(len(array), np.nan)
        mask = np.zeros(len(array), dtype=bool)
        for i, value in enumerate(array.tolist()):
            if isinstance(value, str):
                mask[i] = value.rstrip(" ") in texts
            elif isinstance(value, int | float):
                numbers[i] = value
        return mask | self._numeric_mask(numbers)

    def _numeric_mask(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        codes = [v for v in self.missing_values if not isinstance(v, str)]
        mask = np.isin(numbers, codes) if codes else np.zeros(len(numbers), dtype=bool)
        for low, high in self.missing_ranges:
            mask |= (numbers >= low) & (numbers <= high)
        return mask

    def missing_text(self) -> str:
        """The missing codes as one reads them: `9, 97 to 99`."""
        ranges = [_range_text(low, high) for low, high in self.missing_ranges]
        return ", ".join([*(code_text(v) for v in self.missing_values), *ranges])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Codebook:
    """What a file says about its columns, and every answer that was declared missing.

    Attributes
    ----------
    variables : mapping of str to Variable
        In the order of the file.
    file_name : str or None
        The name alone, never a path.
    file_format, encoding, file_label : str
        As found; empty when the file does not say.
    documents : tuple of str
        The lines of notes inside the file, written back by `write_sav`.
    notes : tuple of str
        What a reader of the data must know: a filter, a weight, the encoding used, …
    reasons : pandas.DataFrame
        One row for each answer that was user-missing, in file order. Columns ``row_label``
        (the frame's index label), ``column``, ``code``, ``label``.
    n_rows : int or None
        Rows of the file; None for a codebook made by hand.
    mrsets : mapping
        Multiple-response sets as pyreadstat gives them.
    weight : str or None
        The column the file is weighted by. Nothing in this library uses it.
    not_kept : tuple of (what, column, detail)
        What the file holds and no writer here can keep (roles, custom attributes).
    record : str or None
        The scoring record (JSON) found in the file, when socmeasures scored it.

    Examples
    --------
    >>> import socmeasures as soc
    >>> book = soc.Codebook.from_labels(
    ...     {"q1": {1: "Never", 2: "Often", 9: "Refused"}}, missing={"q1": [9]})
    >>> book.labels("q1")
    {1: 'Never', 2: 'Often'}
    """

    variables: Mapping[str, Variable]
    file_name: str | None = None
    file_format: str = ""
    encoding: str = ""
    file_label: str = ""
    documents: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: pd.DataFrame = field(default_factory=lambda: reasons_frame([]))
    n_rows: int | None = None
    mrsets: Mapping[str, Any] = field(default_factory=dict)
    weight: str | None = None
    not_kept: tuple[tuple[str, str, str], ...] = ()
    record: str | None = None
    # both private: where the data came from, so that no writer replaces it, and checksums of rows
    _source: str | None = field(default=None, repr=False)
    _row_marks: Mapping[str, npt.NDArray[np.uint64]] = field(default_factory=dict, repr=False)

    @classmethod
    def from_labels(
        cls,
        value_labels: Mapping[str, Mapping[Any, str]],
        *,
        labels: Mapping[str, str] | None = None,
        missing: Mapping[str, Sequence[Any]] | None = None,
    ) -> Codebook:
        """A codebook made by hand, for data that came without one.

        Parameters
        ----------
        value_labels : mapping of column to {code: words}
            Words of the codes.
        labels : mapping of column to str, optional
            What each column is about.
        missing : mapping of column to list, optional
            Codes that mean "no answer"; a pair ``(97, 99)`` is a range, both ends included.

        Examples
        --------
        >>> import socmeasures as soc
        >>> book = soc.Codebook.from_labels({}, missing={"age": [-1, (900, 999)]})
        >>> book["age"].is_missing_code(950)
        True
        """
        labels, missing = labels or {}, missing or {}
        variables = {}
        for name in dict.fromkeys([*value_labels, *labels, *missing]):
            codes, ranges = split_missing(missing.get(name, ()))
            words = dict(value_labels.get(name, {}))
            is_text = any(isinstance(code, str) for code in [*words, *codes])
            variables[name] = Variable(
                name=name,
                label=labels.get(name, ""),
                kind="string" if is_text else "numeric",
                value_labels=words,
                missing_values=codes,
                missing_ranges=ranges,
            )
        return cls(variables=variables)

    def __getitem__(self, name: str) -> Variable:
        try:
            return self.variables[name]
        except KeyError:
            raise VariableNotFoundError(name, list(self.variables)) from None

    def __contains__(self, name: object) -> bool:
        return name in self.variables

    def __len__(self) -> int:
        return len(self.variables)

    def get(self, name: str) -> Variable | None:
        """The variable, or None when the codebook does not describe it."""
        return self.variables.get(name)

    def labels(self, column: str) -> dict[Code, str]:
        """Words of the codes that are answers: missing codes are left out.

        A column the codebook does not describe has none.
        """
        variable = self.get(column)
        if variable is None:
            return {}
        return {
            code: words
            for code, words in variable.value_labels.items()
            if not variable.is_missing_code(code)
        }

    def missing_reason(self, column: str) -> pd.Series:
        """Why answers of one column are missing, as far as people said.

        Parameters
        ----------
        column : str
            A variable of the codebook.

        Returns
        -------
        pandas.Series of str
            Index: row label. Value: the words of the missing code, or the code where it has
            none. Rows that are missing without a code are not in it.

        Raises
        ------
        VariableNotFoundError
            The codebook does not describe the column.

        Examples
        --------
        >>> import socmeasures as soc
        >>> book = soc.Codebook.from_labels({"q1": {9: "Refused"}}, missing={"q1": [9]})
        >>> len(book.missing_reason("q1"))
        0
        """
        self[column]
        found = self.reasons[self.reasons["column"] == column]
        words = [
            label or code_text(code)
            for label, code in zip(found["label"], found["code"], strict=True)
        ]
        return pd.Series(words, index=pd.Index(found["row_label"]), name=column, dtype="str")

    def with_variable(self, variable: Variable | None = None, /, **changes: Any) -> Codebook:
        """A new codebook in which one variable is added or replaced.

        Parameters
        ----------
        variable : Variable, optional
            Takes the place of the one with its name, or stands last.
        **changes
            Instead: ``name=`` of a known variable and the fields of it to change, or the
            fields of a new one.

        Examples
        --------
        >>> import socmeasures as soc
        >>> book = soc.Codebook.from_labels({"q1": {1: "Never"}})
        >>> book.with_variable(name="q1", missing_values=(9,))["q1"].missing_values
        (9,)
        """
        if variable is None:
            known = self.get(changes["name"])
            variable = Variable(**changes) if known is None else replace(known, **changes)
        return replace(self, variables={**self.variables, variable.name: variable})

    def to_frame(self) -> pd.DataFrame:
        """One row a variable: name, label, kind, measure, format, value labels, missing codes,
        and how many answers were missing by a code.
        """
        counts = self.reasons["column"].value_counts()
        rows = [
            {
                "name": v.name,
                "label": v.label,
                "kind": v.kind,
                "measure": v.measure,
                "format": v.format,
                "value_labels": "; ".join(
                    f"{code_text(code)} = {words}" for code, words in v.value_labels.items()
                ),
                "missing": v.missing_text(),
                "n_user_missing": int(counts.get(v.name, 0)),
            }
            for v in self.variables.values()
        ]
        columns = ["name", "label", "kind", "measure", "format", "value_labels", "missing"]
        return pd.DataFrame(rows, columns=[*columns, "n_user_missing"])

    def __str__(self) -> str:
        """`export.sav: 72 variables, 155 rows, 61 answers missing by a code` and the notes."""
        parts = [f"{len(self.variables)} variables"]
        if self.n_rows is not None:
            parts.append(f"{self.n_rows:,} rows")
        parts.append(f"{len(self.reasons):,} answers missing by a code")
        head = f"{self.file_name or 'codebook'}: {', '.join(parts)}"
        return "\n".join([head, *(f"- {note}" for note in self.notes)])


def split_missing(
    spec: Iterable[Any],
) -> tuple[tuple[Code, ...], tuple[tuple[float, float], ...]]:
    """`[9, (97, 99)]` as single codes and ranges; a range of one code is a code."""
    codes: list[Code] = []
    ranges: list[tuple[float, float]] = []
    for entry in spec:
        if isinstance(entry, tuple | list):
            low, high = (float(end) for end in entry)
            if low == high:
                codes.append(low)
            else:
                ranges.append((low, high))
        else:
            codes.append(entry)
    return tuple(codes), tuple(ranges)


def reasons_frame(rows: Sequence[tuple[Any, str, Code, str]]) -> pd.DataFrame:
    """The frame of `Codebook.reasons`, with its columns even when nobody is in it."""
    frame = pd.DataFrame(list(rows), columns=list(REASON_COLUMNS))
    return frame.astype({"column": "str", "label": "str", "code": object})

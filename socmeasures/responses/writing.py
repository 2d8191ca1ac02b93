"""Writing data: whole or not at all, and never over what they were read from.

`write` chooses by the ending. What every format shares is here: the checks of the output path
and the temporary file that takes its place only when it is complete. SPSS: `sav_writing`;
workbooks: `workbooks`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from socmeasures.errors import (
    OutputError,
    SocmeasuresError,
    UnsupportedFormatError,
)
from socmeasures.responses.atomic import replacing
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.embedded_record import RECORD_KEY, record_json
from socmeasures.responses.losses import Loss, LossReport, codes_left_blank

WRITABLE = (".sav", ".zsav", ".csv", ".xlsx", ".parquet")


def write(
    frame: Any,
    path: str | os.PathLike[str],
    *,
    codebook: Codebook | None = None,
    record: object = None,
    overwrite: bool = True,
) -> LossReport:
    """Write data in the format of the ending: .sav, .zsav, .csv, .xlsx or .parquet.

    Parameters
    ----------
    frame : pandas or polars DataFrame
        The data. A pandas index is not written.
    path : str or path
        Where to. The folder must exist.
    codebook : Codebook, optional
        What `read` gave; a .sav keeps it, an .xlsx gets it as a sheet.
    record : ScoringRecord, optional
        Default: the one that travels in `frame.attrs`. Kept in .sav and .parquet.
    overwrite : bool
        Whether a file that is there may be replaced. The file the codebook came from never is.

    Returns
    -------
    LossReport
        What the file does not keep; false when it keeps all.

    Raises
    ------
    OutputError
        The output is the input, its folder is missing, or it cannot be written. Nothing is
        left behind.
    UnsupportedFormatError
        Another ending.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "out.csv"
    >>> bool(soc.write(pd.DataFrame({"q1": [1, 2]}), file))
    False
    >>> soc.read(file)[0]["q1"].tolist()
    [1, 2]
    """
    suffix = Path(path).suffix.lower()
    if suffix in (".sav", ".zsav"):
        from socmeasures.responses.sav_writing import write_sav

        return write_sav(frame, path, codebook=codebook, record=record, overwrite=overwrite)
    if suffix == ".csv":
        return write_csv(frame, path, codebook=codebook, overwrite=overwrite)
    if suffix == ".xlsx":
        from socmeasures.responses.workbooks import write_xlsx

        return write_xlsx(frame, path, codebook=codebook, overwrite=overwrite)
    if suffix == ".parquet":
        return write_parquet(frame, path, codebook=codebook, record=record, overwrite=overwrite)
    raise UnsupportedFormatError(path, suffix, WRITABLE, doing="written")


def write_csv(
    frame: Any,
    path: str | os.PathLike[str],
    *,
    codebook: Codebook | None = None,
    overwrite: bool = True,
) -> LossReport:
    """Write a .csv that spreadsheets open rightly: UTF-8 with a mark, commas, full stops.

    Categories are written as their words, whole numbers without ``.0``, missing as nothing.
    Parameters, returns and errors as `write`.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "out.csv"
    >>> _ = soc.write_csv(pd.DataFrame({"total": [3.0, None]}), file)
    >>> file.read_text(encoding="utf-8-sig")
    'total\\n3\\n""\\n'
    """
    data = as_pandas(frame)
    with whole_file(path, codebook=codebook, overwrite=overwrite) as part:
        whole_numbers(data).to_csv(part, index=False, encoding="utf-8-sig", lineterminator="\n")
    return LossReport(rows=tuple(blank_codes(data, codebook)))


def write_parquet(
    frame: Any,
    path: str | os.PathLike[str],
    *,
    codebook: Codebook | None = None,
    record: object = None,
    overwrite: bool = True,
) -> LossReport:
    """Write a .parquet; the scoring record travels in its metadata.

    Parameters, returns and errors as `write`.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "out.parquet"
    >>> _ = soc.write_parquet(pd.DataFrame({"total": [3.5]}), file)
    >>> soc.read(file)[0]["total"].tolist()
    [3.5]
    """
    try:
        import pyarrow  # noqa: F401 - pandas writes with it
    except ImportError:
        raise UnsupportedFormatError.needs_package(path, "pyarrow", "polars") from None
    data = as_pandas(frame).reset_index(drop=True)
    data.columns = [str(name) for name in data.columns]
    text = data.attrs.get(RECORD_KEY) if record is None else record_json(record)
    data.attrs = {} if text is None else {RECORD_KEY: text}
    with whole_file(path, codebook=codebook, overwrite=overwrite) as part:
        data.to_parquet(part, engine="pyarrow", index=False)
    return LossReport(rows=tuple(blank_codes(data, codebook)))


def as_pandas(frame: Any) -> pd.DataFrame:
    """The data as pandas, without touching the caller's frame; polars by way of its own method."""
    if isinstance(frame, pd.DataFrame):
        return frame.copy(deep=False)
    collected = frame.collect() if hasattr(frame, "collect") else frame
    return pd.DataFrame(collected.to_pandas())


def whole_numbers(data: pd.DataFrame) -> pd.DataFrame:
    """Floats that are all whole as integers, so that a reader sees 3 and not 3.0."""
    made = {}
    for place in range(data.shape[1]):
        column = data.iloc[:, place]
        if pd.api.types.is_float_dtype(column.dtype):
            known = column.dropna()
            if (known % 1 == 0).all() and (known.abs() < 2**53).all():
                column = column.astype("Int64")
        made[place] = column
    result = pd.DataFrame(made, index=data.index)
    result.columns = data.columns
    return result


def blank_codes(data: pd.DataFrame, codebook: Codebook | None) -> list[Loss]:
    """One loss a column whose reasons for missing the file cannot hold."""
    if codebook is None or not len(codebook.reasons):
        return []
    counts = codebook.reasons["column"].value_counts(sort=False)
    return codes_left_blank({str(c): int(n) for c, n in counts.items() if c in data.columns})


# --- the output path ----------------------------------------------------------------------


def check_output(
    path: str | os.PathLike[str],
    *,
    inputs: Sequence[str | os.PathLike[str]] = (),
    overwrite: bool = True,
) -> Path:
    """The file an output will be written to, once nothing speaks against it.

    To be called before long work, so that a refusal costs nothing.

    Parameters
    ----------
    path : str or path
        The output.
    inputs : sequence of paths
        Files that must not be replaced, also under another name (links).
    overwrite : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    OutputError
        With the reason.
    """
    target = Path(path).resolve()
    if not target.parent.is_dir():
        raise OutputError.no_folder(path, target.parent)
    if target.is_dir():
        raise OutputError.is_folder(path)
    for source in inputs:
        same = target == Path(source).resolve()
        if same or (target.exists() and Path(source).exists() and target.samefile(source)):
            raise OutputError.same_as_input(path)
    if target.exists():
        if not overwrite:
            raise OutputError.exists(path)
        if not os.access(target, os.W_OK):
            raise OutputError.not_permitted(path)
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise OutputError.not_permitted(path)
    return target


@contextmanager
def whole_file(
    path: str | os.PathLike[str], *, codebook: Codebook | None = None, overwrite: bool = True
) -> Iterator[Path]:
    """A temporary file beside the output that takes its place when the block ends well."""
    source = None if codebook is None else codebook._source
    target = check_output(path, inputs=[source] if source else [], overwrite=overwrite)
    with replacing(target) as part, output_faults(path):
        yield part


@contextmanager
def output_faults(path: str | os.PathLike[str]) -> Iterator[None]:
    """What goes wrong in a writer, told as a fault of the output."""
    try:
        yield
    except SocmeasuresError:
        raise
    except PermissionError:
        raise OutputError.not_permitted(path) from None
    except Exception as fault:  # native writers raise bare exceptions of many kinds
        raise OutputError.failed(path, str(fault)) from fault

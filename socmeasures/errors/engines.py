"""Refusals about engines: one that is not installed, and data that are there only once."""

from __future__ import annotations

from collections.abc import Sequence

from socmeasures.errors.base import SocmeasuresError, listed, plural


class EngineMissingError(SocmeasuresError, ImportError):
    """An engine that is asked for and not installed."""

    exit_code = 2

    def __init__(self, package: str, extra: str, doing: str) -> None:
        super().__init__(
            f"To {doing}, the package {package} is needed, and it is not installed. "
            f"Run: pip install 'socmeasures[{extra}]'"
        )


class SourceKindError(SocmeasuresError, TypeError):
    """Something given as a source of rows that is none."""

    exit_code = 2

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"Rows cannot be taken in blocks from: {kind}. Expected a file (.sav, .zsav, "
            ".parquet, .csv), a DuckDB relation, a polars LazyFrame, a pyarrow table, dataset or "
            "RecordBatchReader, or an iterable of frames or record batches with the same columns."
        )


class ReadOnceError(SocmeasuresError):
    """Data that can be read only once, and would have to be read again."""

    @classmethod
    def used_up(cls) -> ReadOnceError:
        """Their rows have been taken before."""
        return cls(
            "These rows can be read only once, and were read before. Make the reader anew, or "
            "give a source that can be read again: a file, a DuckDB relation, a table."
        )

    @classmethod
    def words(cls, scales: Sequence[str], columns: Sequence[str]) -> ReadOnceError:
        """Answers in words, whose coding cannot be decided from a part of them."""
        return cls(
            f"{plural(len(columns), 'column')} of {', '.join(repr(s) for s in scales)} "
            f"{'holds' if len(columns) == 1 else 'hold'} words: {listed(list(columns))}. What "
            "words mean is decided once from all of them, and these data can be read only once. "
            "Pass coding='canonical' (or the coding they are in), or give a source that can be "
            "read twice: a file, a DuckDB relation, a table."
        )


class PartsDifferError(SocmeasuresError):
    """A block of rows that has other columns than the first one."""

    def __init__(self, number: int, absent: Sequence[str], added: Sequence[str]) -> None:
        told = [
            f"{what} {listed([repr(name) for name in names])}"
            for what, names in (("without", absent), ("with", added))
            if names
        ]
        super().__init__(
            f"Block {number:,} has other columns than the first: {' and '.join(told)}. All blocks "
            "of one table have the same columns; nothing was written."
        )


class WholeOnlyError(SocmeasuresError):
    """A file that can only be read as a whole."""

    exit_code = 2

    def __init__(self, path: object, why: str) -> None:
        super().__init__(
            f"{path}: this file cannot be read in blocks of rows, because {why}. Read it as a "
            "whole: soc.read(path) and soc.score(...), on the command line with --whole."
        )

"""Refusals about files: reading them, writing them, joining and reshaping what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socmeasures.errors.base import SHOWN, SocmeasuresError, did_you_mean, listed, plural


class ReadError(SocmeasuresError):
    """A file that cannot be read; the kinds of it say why."""

    @classmethod
    def not_permitted(cls, path: object) -> ReadError:
        """The operating system does not let us open the file."""
        return cls(
            f"{path}: you may not open this file (permission denied). "
            "Close it in other programs, or ask its owner for the right to read it, and run again."
        )

    @classmethod
    def unreadable(cls, path: object, why: str) -> ReadError:
        """The reader of this kind of file gave up for a reason of its own."""
        return cls(
            f"{path}: this file cannot be read ({why}). Open it in the program that made it, "
            "save it again under a new name, and read that file."
        )


class NoRowsError(ReadError):
    """A file with columns and nobody in it."""

    def __init__(self, path: object, columns: int, doing: str) -> None:
        super().__init__(
            f"{path}: the file has {plural(columns, 'column')} but no answers (0 rows), so there "
            f"is nothing to {doing}. Expected one row a questionnaire. Export it again with its "
            "cases (in SPSS: look for a filter or a selection), and run again."
        )


class FileMissingError(ReadError, FileNotFoundError):
    """There is no such file, it is a folder, or nothing is in it."""

    exit_code = 2

    def __init__(self, path: object, why: str, neighbours: Sequence[str] = ()) -> None:
        name = str(path).replace("\\", "/").rsplit("/", 1)[-1]
        close = did_you_mean(name, list(neighbours))
        super().__init__(f"{path}: {why}.{close} Give the path of the data file itself.")

    def __str__(self) -> str:
        return str(self.args[0])


class UnsupportedFormatError(ReadError):
    """A kind of file nobody here reads or writes."""

    exit_code = 2

    def __init__(
        self, path: object, suffix: str, known: Sequence[str], doing: str = "read"
    ) -> None:
        ending = f"the ending {suffix!r}" if suffix else "no ending"
        super().__init__(
            f"{path}: a file with {ending} cannot be {doing}; expected one of "
            f"{', '.join(known)}. Save it as .sav, .xlsx or .csv, or rename it if the ending is "
            "wrong."
        )

    @classmethod
    def needs_package(cls, path: object, package: str, extra: str) -> UnsupportedFormatError:
        """The package that knows this kind of file is not installed."""
        error = cls.__new__(cls)
        SocmeasuresError.__init__(
            error,
            f"{path}: this kind of file needs the package {package}, which is not installed. "
            f'Run: pip install "socmeasures[{extra}]"',
        )
        return error


class WrongFormatError(ReadError):
    """The inside of a file is not what its ending says."""

    def __init__(self, path: object, expected: str, looks_like: str, hint: str = "") -> None:
        cure = hint or "Export the data again, or give the file the ending of what it is."
        super().__init__(f"{path}: this is not {expected}; it looks like {looks_like}. {cure}")


class NotAnSpssFileError(WrongFormatError):
    """A .sav, .zsav or .por that SPSS did not write."""


class TruncatedFileError(ReadError):
    """The end of a file is missing, or its inside is damaged."""

    def __init__(self, path: object, why: str) -> None:
        super().__init__(
            f"{path}: the file is cut short or damaged ({why}). Nothing was read. "
            "Copy or download it again, or save it again in the program that made it."
        )


class EncodingError(ReadError):
    """Letters of a file that cannot be read with the encoding in force."""

    def __init__(self, path: object, used: str, known: bool = True) -> None:
        other = "utf-8" if "1252" in used or "8859" in used else "windows-1252"
        what = (
            f"its letters are not written in {used}"
            if known
            else f"the encoding {used!r} is not known"
        )
        super().__init__(
            f"{path}: {what}. Try read(..., encoding={other!r}), or on the command line "
            f"--encoding {other}."
        )


class SheetError(ReadError):
    """A workbook with several sheets, or without the one that was asked for."""

    exit_code = 2

    def __init__(self, path: object, asked: str | None, sheets: Sequence[str]) -> None:
        names = listed([repr(s) for s in sheets], limit=20)
        if asked is None:
            what = f"this workbook has {len(sheets)} sheets"
            close = ""
        else:
            what = f"there is no sheet {asked!r}"
            close = did_you_mean(asked, list(sheets))
        example = sheets[0] if sheets else "Sheet1"
        super().__init__(
            f"{path}: {what}; its sheets are {names}.{close} "
            f'Name one: read(..., sheet={example!r}), or on the command line --sheet "{example}".'
        )


class TableError(ReadError):
    """A table whose heading or rows do not fit together; all faults at once."""

    def __init__(self, path: object, faults: Sequence[tuple[int | None, str]]) -> None:
        shown = "\n".join(f"  {text}" for _, text in faults[:SHOWN])
        rest = len(faults) - SHOWN
        more = f"\n  … {rest} more in error.problems" if rest > 0 else ""
        super().__init__(
            f"{path}: {plural(len(faults), 'fault')} in the table.\n{shown}{more}\n"
            "Expected one row of different headings, then one row a questionnaire. "
            "Mend these in the file and read it again.",
            [
                {"row": row, "rule": "table", "severity": "error", "message": text}
                for row, text in faults
            ],
        )


class ColumnsNotInFileError(ReadError):
    """Columns that were asked for and that the file does not hold."""

    exit_code = 2

    def __init__(self, path: object, missing: Sequence[str], known: Sequence[str]) -> None:
        lines = " ".join(f"{name!r}.{did_you_mean(name, known)}" for name in missing[:SHOWN])
        rest = len(missing) - SHOWN
        more = f" … {rest} more" if rest > 0 else ""
        super().__init__(
            f"{path}: {plural(len(missing), 'column')} of columns= not in the file: {lines}{more} "
            "Names are case-sensitive; leave out columns= to read all."
        )


class VariableNotFoundError(SocmeasuresError, KeyError):
    """A variable that the codebook does not describe."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"The codebook has no variable {name!r}.{did_you_mean(name, known)} "
            "codebook.to_frame() lists them all."
        )

    def __str__(self) -> str:
        return str(self.args[0])


class OutputError(SocmeasuresError, OSError):
    """A file that cannot be written where it was asked for; nothing was written."""

    exit_code = 2

    def __str__(self) -> str:
        return str(self.args[0])

    @classmethod
    def same_as_input(cls, path: object) -> OutputError:
        """The output would replace the data it was made from."""
        return cls(
            f"{path}: this is the file the data came from, and it is never written over. "
            "Give the output another name."
        )

    @classmethod
    def no_folder(cls, path: object, folder: object) -> OutputError:
        """The folder of the output is not there."""
        return cls(f"{path}: the folder {folder} does not exist. Make it, or give another path.")

    @classmethod
    def is_folder(cls, path: object) -> OutputError:
        """The output is a folder."""
        return cls(f"{path}: this is a folder. Give the name of a file in it.")

    @classmethod
    def is_file(cls, path: object) -> OutputError:
        """A folder is needed where a file stands."""
        return cls(f"{path}: this is a file, and a folder is needed. Give the name of a folder.")

    @classmethod
    def exists(cls, path: object) -> OutputError:
        """The output is there already and may not be replaced."""
        return cls(
            f"{path}: this file is there already. Give another name, or pass overwrite=True."
        )

    @classmethod
    def not_permitted(cls, path: object) -> OutputError:
        """The file is open elsewhere, or the folder may not be written to."""
        return cls(
            f"{path}: this file cannot be written. Close it in SPSS or Excel and run again; "
            "if it is not open there, choose a folder you may write to."
        )

    @classmethod
    def failed(cls, path: object, why: str) -> OutputError:
        """The writer gave up; the temporary file is gone and nothing was written."""
        return cls(f"{path}: writing failed and nothing was left behind ({why}).")

    @classmethod
    def too_large(cls, path: object, what: str, limit: int) -> OutputError:
        """More rows or columns than this kind of file holds."""
        return cls(
            f"{path}: {what}, and this kind of file holds {limit:,}. Write a .csv or .sav instead."
        )

    @classmethod
    def no_columns(cls, path: object) -> OutputError:
        """A frame without columns."""
        return cls(
            f"{path}: the data have no columns, and an SPSS file needs one. "
            "Check what was selected before writing."
        )


class DictionaryError(ReadError):
    """A file given as REDCap data dictionary that is not one, or does not belong to the export."""

    exit_code = 2

    @classmethod
    def not_one(cls, path: object, heading: Sequence[str]) -> DictionaryError:
        """The columns of a data dictionary are not there."""
        return cls(
            f"{path}: this is not a REDCap data dictionary. Its headings are "
            f"{listed([repr(h) for h in heading])}; expected 'Variable / Field Name', "
            "'Form Name', 'Field Type', … In REDCap: Project Setup, Data Dictionary, Download."
        )

    @classmethod
    def of_another_project(cls, path: object, heading: Sequence[str]) -> DictionaryError:
        """No column of the export is in the dictionary."""
        return cls(
            f"{path}: no heading of this export is a field or a label of the dictionary "
            f"(headings: {listed([repr(h) for h in heading])}). Give the data dictionary of the "
            "same REDCap project, downloaded on the same day."
        )

    @classmethod
    def not_a_csv(cls, path: object) -> DictionaryError:
        """A dictionary beside a file that is no REDCap export."""
        return cls(
            f"{path}: dictionary= and missing_codes= belong to a REDCap export, which is a .csv. "
            "Leave them out, or export the data from REDCap as CSV (raw data or labels)."
        )

    @classmethod
    def codes_without(cls, path: object) -> DictionaryError:
        """Missing data codes without the dictionary that says which columns they are in."""
        return cls(
            f"{path}: missing_codes= needs the REDCap data dictionary: read(..., "
            "dictionary='dictionary.csv'). For other files declare missing codes by column: "
            "Codebook.from_labels({}, missing={'q1': [99]})."
        )


class ReshapeError(SocmeasuresError, ValueError):
    """Wide data that cannot be made long, or long data that cannot be made wide; all faults."""

    def __init__(self, faults: Sequence[str], rows: Sequence[Mapping[str, Any]] = ()) -> None:
        self.faults = tuple(faults)
        lines = [f"{plural(len(faults), 'fault')} in the way of reshaping:"]
        lines += [f"  {fault}" for fault in faults]
        lines.append("Nothing was changed. Mend these in the source, or name the columns.")
        super().__init__("\n".join(lines), rows)


class JoinError(SocmeasuresError, ValueError):
    """Files of several time points that cannot be joined; all faults."""

    def __init__(self, faults: Sequence[str], rows: Sequence[Mapping[str, Any]] = ()) -> None:
        self.faults = tuple(faults)
        lines = [f"{plural(len(faults), 'fault')} in the way of joining the time points:"]
        lines += [f"  {fault}" for fault in faults]
        lines.append("Nothing was joined. Mend these, and join again.")
        super().__init__("\n".join(lines), rows)


class FixError(SocmeasuresError):
    """A list of corrections that has faults, or does not fit the data; nothing was changed."""

    exit_code = 2

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        lines = [f"{source}: {plural(len(faults), 'fault')} in this list of corrections."]
        lines += [f"  {fault}" for fault in faults]
        lines.append(
            "Nothing was changed. Make a new list: suggest_fixes(report, data, plan, codebook), "
            "read it, set apply = true where you agree."
        )
        super().__init__(
            "\n".join(lines),
            [{"rule": "fixes", "severity": "error", "message": fault} for fault in faults],
        )


class FolderError(SocmeasuresError):
    """A folder in which nothing can be scored."""

    exit_code = 2

    def __init__(self, folder: object, endings: Sequence[str]) -> None:
        super().__init__(
            f"{folder}: there is no data file in this folder. Expected files ending in "
            f"{', '.join(endings)}; folders inside it are not looked into."
        )


class LabelMapError(SocmeasuresError):
    """A table of words and their meaning that cannot be read."""

    exit_code = 2

    def __init__(self, source: str, why: str) -> None:
        super().__init__(
            f"{source}: {why}. Expected a TOML file with the words of the file and the words of "
            'the scale:\n  [labels]\n  "Nie" = "Never"\n  "Manchmal" = "Some of the time"'
        )

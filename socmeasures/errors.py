"""Every message a user can meet: one class a situation, the wording inside the class.

Each message says, in this order: what is wrong, where, what was expected, how to go on.
Knows nothing of frames or scales: it is given names, numbers and rows of plain values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 5  # offenders printed in a message; the whole table is on `.problems`

PROBLEM_COLUMNS = (
    "row",
    "person",
    "wave",
    "column",
    "scale",
    "item",
    "value",
    "rule",
    "severity",
    "message",
)


def nearest(name: str, known: Sequence[str], n: int = 3) -> list[str]:
    """Names in `known` that look like `name`, best first, ignoring case."""
    by_lower = {str(k).lower(): str(k) for k in reversed(known)}
    hits = get_close_matches(str(name).lower(), list(by_lower), n=n, cutoff=0.55)
    return [by_lower[hit] for hit in hits]


def listed(values: Sequence[Any], limit: int = SHOWN) -> str:
    """`a, b, c … 4 more`: the first few of a long list, and how many there are besides."""
    shown = ", ".join(str(v) for v in values[:limit])
    rest = len(values) - limit
    return f"{shown} … {rest} more" if rest > 0 else shown


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """` Close: 'x', 'y'.` or nothing."""
    close = nearest(name, known)
    return f" Close: {', '.join(repr(c) for c in close)}." if close else ""


def plural(n: int, one: str, many: str | None = None) -> str:
    """`1 answer`, `3 answers`."""
    return f"{n:,} {one if n == 1 else (many or one + 's')}"


class SocmeasuresError(Exception):
    """Base of every refusal in this library.

    Parameters
    ----------
    message : str
        The whole text a user reads.
    rows : sequence of mapping, optional
        One mapping a problem, with keys from `row, person, wave, column, scale, item, value,
        rule, severity, message`.

    Attributes
    ----------
    problems : pandas.DataFrame
        One row a problem; empty when there is nothing to show row by row.

    Examples
    --------
    >>> import socmeasures as soc
    >>> try:
    ...     soc.load_scale("ucla33")
    ... except soc.SocmeasuresError as error:
    ...     print(type(error).__name__)
    UnknownScaleError
    """

    exit_code = 1  # of a command that ends with this refusal: 1 the data, 2 the call

    def __init__(self, message: str, rows: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.rows: tuple[dict[str, Any], ...] = tuple(dict(r) for r in rows)

    @property
    def problems(self) -> pd.DataFrame:
        """One row a problem, columns as `soc.validate(...).problems`."""
        import pandas as pd

        frame = pd.DataFrame(list(self.rows))
        return frame.reindex(columns=list(PROBLEM_COLUMNS))


class SocmeasuresWarning(UserWarning):
    """A number is right but easily misread, or something was set aside and counted."""


class RecordError(SocmeasuresError):
    """A text given as a scoring record is not one."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"This is not a socmeasures scoring record (format 1): {why}. "
            "Give the *.record.json written beside the scored file, or score the data again."
        )


class ScaleDefinitionError(SocmeasuresError):
    """A scale file has faults; all of them are listed with their place."""

    def __init__(self, file: str, faults: Sequence[str]) -> None:
        self.file = file
        self.faults = tuple(faults)
        lines = [f"{file}: {plural(len(faults), 'fault')} in this scale definition."]
        lines += [f"  {fault}" for fault in faults]
        lines.append("Mend the file and run: socmeasures scale check " + _quoted(file))
        super().__init__(
            "\n".join(lines),
            [{"rule": "definition", "severity": "error", "message": fault} for fault in faults],
        )


class UnknownScaleError(SocmeasuresError):
    """No scale has this id, and no file of this name is there."""

    exit_code = 2

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no scale {name!r}.{did_you_mean(name, known)} "
            "All ids: soc.list_scales(), or: socmeasures scale list. "
            "A definition of your own is given by its file name, e.g. 'my_scale.toml'."
        )


class ScaleFormError(SocmeasuresError):
    """The name fits several forms of an instrument; the caller must say which."""

    exit_code = 2

    def __init__(self, name: str, forms: Sequence[tuple[str, str]]) -> None:
        lines = [f"{name!r} names several forms that are scored differently. Say which:"]
        lines += [f"  {scale_id}: {differs}" for scale_id, differs in forms]
        lines.append("The form stands on the questionnaire, not in the column names.")
        super().__init__("\n".join(lines))


class ExcludedScaleError(SocmeasuresError):
    """The instrument is left out on purpose."""

    exit_code = 2

    def __init__(self, name: str, reason: str, instead: str) -> None:
        more = f" {instead}" if instead else ""
        super().__init__(f"{name!r} is not offered here: {reason}{more}")


class UnverifiedScaleError(SocmeasuresError):
    """The key could not be confirmed; it is used only with the caller's word."""

    exit_code = 2

    def __init__(self, what: str, note: str) -> None:
        super().__init__(
            f"The scoring key of {what} is unverified: "
            f"{note.rstrip('.') or 'no source for it was seen'}. "
            "Compare it with your copy of the instrument; to use it all the same, pass "
            "accept_unverified=True (command line: --accept-unverified). "
            "The grade is printed with every number."
        )


def _quoted(text: str) -> str:
    """Quote `text` as a shell wants it when it holds spaces or signs."""
    return f'"{text}"' if any(c in text for c in " &()'") else text


# --- statistics: arrays ---------------------------------------------------------------------


class ConfidenceError(SocmeasuresError, ValueError):
    """A coverage that is not between 0 and 1."""

    def __init__(self, value: object) -> None:
        super().__init__(
            f"confidence={value!r} is not a share between 0 and 1. "
            "For a 95 % interval write confidence=0.95."
        )


class ScoresError(SocmeasuresError, ValueError):
    """What should be a row of scores is not one."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"{name}: {why}. Expected one number a person, with NaN where a score is missing."
        )


class AnswersError(SocmeasuresError, ValueError):
    """What should be a table of answers is not one."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"{name}: {why}. Expected a table with a row a person and a column an item (or a time "
            "point), at least two columns, with NaN where an answer is missing."
        )


class PairLengthError(SocmeasuresError, ValueError):
    """Two arrays that should hold the same people differ in length."""

    def __init__(self, names: tuple[str, str], lengths: tuple[int, int]) -> None:
        super().__init__(
            f"{names[0]} has {plural(lengths[0], 'score')} and {names[1]} has {lengths[1]:,}: "
            "they cannot be the same people. Give one score a person in the same order in both, "
            "NaN where one is missing, or pair by identifier with soc.Study."
        )


class TooFewError(SocmeasuresError, ValueError):
    """Fewer measured people than the number asked for needs."""

    def __init__(self, what: str, n: int, needed: int, unit: str = "person") -> None:
        many = "people" if unit == "person" else unit + "s"
        super().__init__(
            f"{what} needs at least {plural(needed, unit, many)} with a score; there "
            f"{'is' if n == 1 else 'are'} {n}. Look at who is missing and why before going on; "
            "with so few, report the scores themselves."
        )


class NoSpreadError(SocmeasuresError, ValueError):
    """A standardised effect was asked for where the standard deviation is zero."""

    def __init__(self, what: str, sd: str) -> None:
        super().__init__(
            f"{what} cannot be computed: {sd} is 0, so there is no unit to divide by. "
            "Everybody has the same value there. Report the raw difference instead."
        )


class CollinearError(SocmeasuresError, ValueError):
    """Columns of a model that the others already determine."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(
            f"The model cannot separate its columns: {listed(list(columns))} can be computed "
            "exactly from the others (or never varies) among the people analysed. "
            "Leave out one of the columns that say the same thing."
        )


class ModelSizeError(SocmeasuresError, ValueError):
    """More coefficients than the people can carry."""

    def __init__(self, n: int, columns: int) -> None:
        super().__init__(
            f"A model with {plural(columns, 'coefficient')} needs more than {columns} people; "
            f"{n} could be analysed. Leave out covariates, or collect more outcomes."
        )


# --- statistics: studies --------------------------------------------------------------------


class StudyError(SocmeasuresError):
    """The data and the description of the study do not fit together; every fault at once."""

    def __init__(self, faults: Sequence[str], rows: Sequence[Mapping[str, Any]] = ()) -> None:
        self.faults = tuple(faults)
        head = f"{plural(len(faults), 'fault')} in this study:"
        tail = "All of it is in error.problems." if rows else ""
        super().__init__("\n".join([head, *(f"  - {f}" for f in faults), tail]).rstrip(), rows)


class OutcomeNotFoundError(SocmeasuresError, KeyError):
    """An outcome, covariate or baseline column that the study does not hold."""

    def __init__(self, name: str, known: Sequence[str], what: str = "outcome") -> None:
        self._text = (
            f"There is no {what} {name!r} in this study.{did_you_mean(name, known)} "
            f"Columns here: {listed(list(known), 12)}."
        )
        super().__init__(self._text)

    def __str__(self) -> str:
        return self._text  # KeyError would show the text in quotes


class WaveNotFoundError(SocmeasuresError, ValueError):
    """A time point the study does not have, or one that stands in the wrong place."""

    def __init__(self, wave: object, known: Sequence[str], why: str = "") -> None:
        text = why or f"This study has no time point {wave!r}.{did_you_mean(str(wave), known)}"
        super().__init__(f"{text} Its time points, in order: {', '.join(known)}.")


class TextOutcomeError(SocmeasuresError, ValueError):
    """An outcome or baseline that holds text where numbers belong."""

    def __init__(
        self, name: str, values: Sequence[object], rows: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        shown = listed([repr(v) for v in values])
        super().__init__(
            f"{name!r} holds text where numbers belong: {shown}. Means cannot be taken of it. "
            "Score the answers first (soc.score), or turn the text into numbers by a rule you "
            "can cite.",
            rows,
        )


class NobodyMeasuredTwiceError(SocmeasuresError, ValueError):
    """No person has a score at both time points."""

    def __init__(self, outcome: str, earlier: str, later: str, counts: Sequence[str]) -> None:
        super().__init__(
            f"Nobody has {outcome!r} both at {earlier} and at {later}, so no change can be "
            f"computed. Counted: {'; '.join(counts)}. Check that the identifier is the same "
            "at both time points; if answers cannot be linked by person, change cannot be "
            "measured, only the two groups compared."
        )


class OnePairError(SocmeasuresError, ValueError):
    """Exactly one person has a score at both time points."""

    def __init__(self, outcome: str, earlier: str, later: str) -> None:
        super().__init__(
            f"Only 1 person has {outcome!r} both at {earlier} and at {later}: one change has no "
            "spread, so there is no interval and no test. Check that the identifier is the same "
            "at both time points, or report that one person's scores without an estimate."
        )


class OneArmError(SocmeasuresError, ValueError):
    """A comparison of arms was asked for where there is only one."""

    def __init__(self, analysis: str, arms: Sequence[str], where: str = "") -> None:
        seen = f"only {listed(list(arms))}" if arms else "none"
        super().__init__(
            f"{analysis} compares arms, and this study has {seen}{where}. Name the arm column "
            "with Study(arm=..., control=...); for one group before and after use "
            "pre_post(study, outcome)."
        )


class ControlNotNamedError(SocmeasuresError, ValueError):
    """Arms without saying which one the others are compared with."""

    def __init__(self, analysis: str, arms: Sequence[str]) -> None:
        super().__init__(
            f"{analysis} needs to know which arm the others are compared with. "
            f"Arms: {', '.join(arms)}. Give Study(..., control={arms[0]!r}) or another of them."
        )


class SmallArmError(SocmeasuresError, ValueError):
    """An arm with too few people with an outcome."""

    def __init__(self, outcome: str, wave: str, counts: Mapping[str, int]) -> None:
        told = ", ".join(f"{arm} {n}" for arm, n in counts.items())
        super().__init__(
            f"An arm has fewer than 2 people with {outcome!r} at {wave} ({told}), so the arms "
            "cannot be compared there. Choose another time point, or leave that arm out and say so."
        )


class ConstantOutcomeError(SocmeasuresError, ValueError):
    """Everybody analysed has the same outcome."""

    def __init__(self, outcome: str, wave: str, value: float) -> None:
        super().__init__(
            f"Everybody analysed has the same {outcome!r} at {wave} ({value:g}): there is "
            "nothing to estimate. Check that the right column was scored; report the value itself."
        )


class PerfectFitError(SocmeasuresError, ValueError):
    """A model that leaves nothing unexplained."""

    def __init__(self, outcome: str, wave: str) -> None:
        super().__init__(
            f"The model explains {outcome!r} at {wave} completely, so there is no error to judge "
            "the difference by. Check that the outcome is no copy of the baseline or a covariate, "
            "and that the scores within the arms differ."
        )


class ClusterAllocationError(SocmeasuresError, ValueError):
    """An analysis of individuals was asked for in a study allocated by cluster."""

    def __init__(self, analysis: str, cluster: str) -> None:
        super().__init__(
            f"{analysis} treats people as independent, but this study was allocated by cluster "
            f"({cluster!r}): its intervals would be too narrow. Analyse it with cluster_trial."
        )


class FrameKindError(SocmeasuresError):
    """What was given as data is no data frame we know."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"The data are a {kind}; a pandas or polars DataFrame was expected. "
            "Read a file with soc.read(path), or make a frame with pandas.DataFrame(...)."
        )


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


class CodingError(SocmeasuresError):
    """It is not known what the codes of some columns mean."""

    def __init__(
        self, undecided: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        lines = []
        for case in undecided:
            where = f" at time point {case['wave']!r}" if case.get("wave") else ""
            lines.append(
                f"The coding of scale {case['scale']!r}{where} is not known: {case['why']}"
            )
            lines.append("  Codings it could be:")
            lines += [f"    {line}" for line in case["codings"]]
            if case.get("fits"):
                fits = case["fits"]
                one = len(fits) == 1
                lines.append(
                    f"  The answers fit {'only ' if one else ''}"
                    f"{' or '.join(repr(f) for f in fits)}; nothing was applied."
                )
            name = case["fits"][0] if len(case.get("fits", ())) == 1 else "canonical"
            lines.append(
                f"  Look at the questionnaire, then pass coding={name!r} (command line: "
                f"--coding {name}; in a plan: coding = {name!r}), or give the value labels."
            )
        super().__init__("\n".join(lines), rows)


class ResponseError(SocmeasuresError):
    """Answers that do not fit their scale; every one of them is in `.problems`."""

    def __init__(
        self,
        problems: pd.DataFrame,
        *,
        scales: Sequence[str],
        people: int,
        named: bool = False,
        hints: Sequence[str] = (),
    ) -> None:
        n = len(problems)
        of = plural(people, "person", "people") if named else plural(people, "row")
        word = "does" if n == 1 else "do"
        lines = [
            f"{plural(n, 'answer')} {word} not fit scale {', '.join(repr(s) for s in scales)}."
        ]
        for place in problems.head(SHOWN).to_dict("records"):
            person = "" if _blank(place["person"]) else f", person {place['person']}"
            lines.append(
                f"  row {place['row']}{person}, column {place['column']}: {place['message']}"
            )
        if n > SHOWN:
            lines.append(f"  … {n - SHOWN:,} more in error.problems")
        lines += [f"  {hint}" for hint in hints]
        lines.append(
            f"Correct them in the source, declare missing codes as missing, or go on without them: "
            f'score(..., invalid="missing"), on the command line --invalid missing. That treats '
            f"{plural(n, 'answer')} of {of} as not given; the count is recorded."
        )
        super().__init__("\n".join(lines))
        self._table = problems

    @property
    def problems(self) -> pd.DataFrame:
        """One row an answer that does not fit."""
        return self._table


def _blank(value: Any) -> bool:
    return value is None or value != value or value == ""


class ColumnsNotFoundError(SocmeasuresError):
    """Columns a scale needs are not in the data."""

    def __init__(
        self,
        scale: str,
        missing: Mapping[int, Sequence[str]],
        columns: Sequence[str],
        n_items: int,
        hint: str = "",
    ) -> None:
        wanted = ", ".join(f"item {n} ({' or '.join(names[:2])})" for n, names in missing.items())
        close = {n: _close_column(names, columns) for n, names in missing.items()}
        offered = {n: c for n, c in close.items() if c}
        shown = ", ".join(f"{n}: {c!r}" for n, c in list(offered.items())[:SHOWN])
        message = (
            f"Scale {scale!r} has {n_items} items; no column was found for "
            f"{len(missing)} of them: {wanted}."
        )
        if offered:
            message += f" Close: {shown}. If these are the items, pass items={{{shown}, …}}."
        else:
            message += " Say which columns they are: items={1: 'your column', 2: …}."
        message += " On the command line: name them in a plan file (--plan plan.toml)."
        rows = [
            {
                "scale": scale,
                "item": n,
                "column": names[0],
                "rule": "missing_column",
                "severity": "error",
                "message": f"no column for item {n} of {scale}",
            }
            for n, names in missing.items()
        ]
        super().__init__(message + (f" {hint}" if hint else ""), rows)

    @classmethod
    def partly(cls, cases: Sequence[str]) -> ColumnsNotFoundError:
        """Some time points of a scale that was asked for lack columns."""
        error = cls.__new__(cls)
        lines = ["Not every item of the scales asked for has a column:"]
        lines += [f"  {case}" for case in cases]
        lines.append(
            "Rename the columns, or name them in a plan file (socmeasures match FILE -o plan.toml "
            "writes what was found, for correction by hand; then --plan plan.toml)."
        )
        SocmeasuresError.__init__(
            error,
            "\n".join(lines),
            [{"rule": "missing_column", "severity": "error", "message": case} for case in cases],
        )
        return error


def _close_column(names: Sequence[str], columns: Sequence[str]) -> str | None:
    for name in names:
        close = nearest(name, columns, 1)
        if close:
            return close[0]
    return None


class AmbiguousColumnsError(SocmeasuresError):
    """Two readings of the columns are possible; nothing was chosen."""

    def __init__(self, cases: Sequence[str], rows: Sequence[Mapping[str, Any]] = ()) -> None:
        lines = ["The columns can be read in more than one way, and nothing was chosen:"]
        lines += [f"  {case}" for case in cases]
        lines.append(
            "Say which: match_scales(data, codebook, scales=[...]) (command line: --scale ID), or "
            "name the columns: items={1: 'column', 2: …}, or rename the columns."
        )
        super().__init__("\n".join(lines), rows)


class NothingMatchedError(SocmeasuresError):
    """No scale was recognised in the data."""

    def __init__(self, columns: Sequence[str], near: Sequence[str]) -> None:
        lines = [f"No scale was recognised in {plural(len(columns), 'column')}: {listed(columns)}."]
        lines += [f"  {line}" for line in near]
        lines.append(
            "Columns are recognised by names such as ucla3_1, mspss_12_t2 or pre_djg6_3, or by "
            "their labels. Name them yourself: soc.score(data, 'ucla3', items={1: 'Q4a', …}), "
            "or write a plan file (socmeasures match FILE --scale ucla3 -o plan.toml)."
        )
        super().__init__("\n".join(lines))


class ScoreColumnExistsError(SocmeasuresError):
    """A column that scoring would add is already in the data."""

    def __init__(
        self, columns: Sequence[str], disagreements: Sequence[Mapping[str, Any]], compared: int
    ) -> None:
        lines = [
            f"{plural(len(columns), 'column')} that scoring would add "
            f"{'is' if len(columns) == 1 else 'are'} already in the data: {listed(columns)}."
        ]
        if disagreements:
            n = len(disagreements)
            lines.append(f"The stored values disagree with ours in {n} of {compared} places:")
            lines += [f"  {d['message']}" for d in disagreements[:SHOWN]]
            if n > SHOWN:
                lines.append(f"  … {n - SHOWN} more in error.problems")
        elif compared:
            lines.append(f"The stored values agree with ours in all {compared} places.")
        lines.append(
            "Rename the stored columns, or pass replace=True (command line: --replace) to put "
            "ours in their place."
        )
        super().__init__("\n".join(lines), disagreements)


class MissingRuleError(SocmeasuresError):
    """A rule for missing answers was given in a form that means nothing."""

    exit_code = 2

    def __init__(self, given: object, why: str) -> None:
        super().__init__(
            f"missing={given!r}: {why}. Give missing='complete', or "
            "missing={'method': 'prorate', 'allow': 2} (also 'count_answered'), or a rule for each "
            "scale: missing={'mspss': {'method': 'prorate', 'allow': 2}}."
        )


class ChoiceError(SocmeasuresError, ValueError):
    """A choice that is not on offer."""

    exit_code = 2

    def __init__(self, name: str, given: object, offered: Sequence[object]) -> None:
        shown = listed([repr(o) for o in offered], 20)
        close = did_you_mean(str(given), [str(o) for o in offered]) if len(offered) > 20 else ""
        super().__init__(f"{name}={given!r} is not on offer.{close} Choose one of: {shown}.")


class PlanError(SocmeasuresError):
    """A scoring plan has faults, or does not fit the data; all of them are listed."""

    exit_code = 2

    def __init__(self, file: str, faults: Sequence[str]) -> None:
        lines = [f"{file}: {plural(len(faults), 'fault')} in this plan."]
        lines += [f"  {fault}" for fault in faults]
        lines.append("Correct the plan, or make a new one: socmeasures match FILE -o plan.toml")
        super().__init__(
            "\n".join(lines),
            [{"rule": "plan", "severity": "error", "message": fault} for fault in faults],
        )


# --- reports --------------------------------------------------------------------------------


class ReportError(SocmeasuresError, ValueError):
    """A report that would say nothing, or would show what it must not; nothing was written."""

    @classmethod
    def no_results(cls) -> ReportError:
        """An empty list of results."""
        return cls(
            "There is nothing to report: no results were given. "
            "Pass what an analysis gave, e.g. report([pre_post(study, outcome)], path)."
        )

    @classmethod
    def not_a_result(cls, place: int, kind: str) -> ReportError:
        """Something among the results that is not one."""
        return cls(
            f"Result {place} is of kind {kind!r}; a report is made of Results, "
            "as pre_post(study, outcome) or ancova(study, outcome, wave=...) give them."
        )

    @classmethod
    def nobody_analysed(cls, titles: Sequence[str]) -> ReportError:
        """Results that rest on nobody."""
        return cls(
            f"Nobody is in the analysis of {listed([repr(t) for t in titles])}, so there is "
            "nothing to report. Look at result.n for the reasons, or leave that result out."
        )

    @classmethod
    def no_such_audience(cls, audience: object) -> ReportError:
        """A page for an audience this version has none for."""
        return cls(
            f"There is no report for audience={audience!r}. audience='internal' gives the full "
            "page, which shows small numbers as they are, so it is not one to pass on; "
            "audience='funder' gives the one to pass on."
        )

    @classmethod
    def not_named_internal(cls, name: str, proposed: str) -> ReportError:
        """Lines of single people under a file name that does not say so."""
        return cls(
            f"{name}: a report with individual lines holds personal data, and its file name must "
            f"say so. Call it {proposed!r}, or leave individual_lines=False."
        )


class DesignError(SocmeasuresError):
    """A design file has faults, or does not fit the data; all of them are listed."""

    exit_code = 2

    def __init__(self, file: str, faults: Sequence[str]) -> None:
        lines = [f"{file}: {plural(len(faults), 'fault')} in this design."]
        lines += [f"  {fault}" for fault in faults]
        lines.append(
            "Correct the design and run again; socmeasures/demo/design.toml shows every field."
        )
        super().__init__(
            "\n".join(lines),
            [{"rule": "study", "severity": "error", "message": fault} for fault in faults],
        )

    @classmethod
    def absent_column(cls, place: str, name: str, columns: Sequence[str]) -> DesignError:
        """A column the design names is not in the data."""
        return cls(
            "the design",
            [f"[{place}]: there is no column {name!r} in the data.{did_you_mean(name, columns)}"],
        )


# --- scales in other programs' formats --------------------------------------------------------


class ScaleExportError(SocmeasuresError):
    """A scale, or names for its columns, that the other format cannot hold."""

    exit_code = 2

    def __init__(self, scale: str, to: str, faults: Sequence[str], advice: str) -> None:
        self.faults = tuple(faults)
        lines = [f"Scale {scale!r} cannot be exported to {to!r}:"]
        lines += [f"  {fault}" for fault in faults]
        lines.append(advice)
        super().__init__(
            "\n".join(lines),
            [
                {"scale": scale, "rule": "export", "severity": "error", "message": fault}
                for fault in faults
            ],
        )


class PsychKeysError(SocmeasuresError):
    """A keys list for R's psych package that cannot be read; all faults are listed."""

    exit_code = 2

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        lines = [f"{source}: this is not a keys list that can be read."]
        lines += [f"  {fault}" for fault in faults]
        lines.append(
            'Expected R text such as keys <- list(total = c("-A1", "A2"), other = c("B1", "B2")), '
            'or JSON such as {"total": ["-A1", "A2"]}; a minus marks a reversed item. '
            "In R, dput(keys) prints the list in this form."
        )
        super().__init__(
            "\n".join(lines),
            [{"rule": "keys", "severity": "error", "message": fault} for fault in faults],
        )


class SkeletonNameError(SocmeasuresError, ValueError):
    """A name that cannot be the id of a scale."""

    exit_code = 2

    def __init__(self, name: str, proposed: str) -> None:
        close = f" Close: {proposed!r}." if proposed else ""
        super().__init__(
            f"{name!r} cannot be the id of a scale.{close} An id begins with a letter and goes on "
            "with small letters, digits and underscores, e.g. 'my_scale'; columns of scores are "
            "named after it."
        )


class MixedKeysError(SocmeasuresError):
    """Scores of one outcome were made with different keys, so they cannot be compared."""

    def __init__(self, outcome: str, keys: Sequence[tuple[str, str]]) -> None:
        lines = [f"{outcome!r} was scored with different keys at different time points:"]
        lines += [f"  {wave or 'no time point'}: {key}" for wave, key in keys]
        lines.append(
            "Totals of different keys or forms are never compared or pooled. Score all time "
            "points with one definition."
        )
        super().__init__("\n".join(lines))


# --- change of single people, populations, families --------------------------------------------


class ReliabilityError(SocmeasuresError, ValueError):
    """A reliability that cannot be one, or none where one is needed."""

    @classmethod
    def out_of_range(cls, value: object) -> ReliabilityError:
        """Outside (0, 1]."""
        return cls(
            f"reliability={value!r} is not a reliability: it lies above 0 and not above 1. Give "
            "the test-retest correlation over a time like yours, or Cronbach's alpha, and its "
            "source."
        )

    @classmethod
    def missing(cls, outcome: str) -> ReliabilityError:
        """No reliability was given, and none is made up."""
        return cls(
            f"Reliable change in {outcome!r} needs a reliability, and none was given. Give it with "
            "its source: reliability=soc.Reliability(0.85, sd=5.0, kind='test-retest', "
            "source='Author (year), n = 69'), or sem=... with sem_source=.... This library makes "
            "none up: different values double the change that counts."
        )

    @classmethod
    def no_sd(cls, outcome: str) -> ReliabilityError:
        """A cited reliability without the SD of the same group."""
        return cls(
            f"Reliable change in {outcome!r} needs the SD of the group the reliability was found "
            "in: SEM = SD·√(1 − r) is right only when both are of one group. Give "
            "Reliability(..., sd=...), or sd='sample' if the reliability is of these people or "
            "you accept a warning, or sem=... ."
        )

    @classmethod
    def perfect(cls) -> ReliabilityError:
        """A reliability of exactly 1 leaves no measurement error."""
        return cls(
            "With a reliability of 1 there is no measurement error and every change would count "
            "as reliable. Nothing measured by a questionnaire has it: look up the number again."
        )

    @classmethod
    def unknown_kind(cls, kind: object) -> ReliabilityError:
        """Neither stability nor internal consistency."""
        return cls(
            f"kind={kind!r} is not a kind of reliability. Say 'test-retest' (the same people "
            "twice) or 'internal consistency' (alpha, omega)."
        )

    @classmethod
    def no_error(cls, sem: object) -> ReliabilityError:
        """A standard error of measurement that is not above 0."""
        return cls(
            f"sem={sem!r}: a standard error of measurement is above 0, in points of the score."
        )

    @classmethod
    def not_for(cls, method: str, needs: str) -> ReliabilityError:
        """A method of reliable change that needs more than was given."""
        return cls(
            f"The method of {method} needs {needs}, which was not given. Give it, or leave that "
            "method out of sensitivity=."
        )


class DirectionUnknownError(SocmeasuresError, ValueError):
    """Better or worse was asked for where nobody said which direction is better."""

    exit_code = 2

    def __init__(self, outcome: str, what: str) -> None:
        super().__init__(
            f"{what} needs to know which direction of {outcome!r} is better, and nobody said. "
            f"Say it: Study(..., better={{{outcome!r}: 'lower'}}) (or 'higher')."
        )


class CutoffSideError(SocmeasuresError, ValueError):
    """A cut-off that does not lie between the group that has the problem and the one without."""

    def __init__(
        self, cutoff: float, clinical: float, functional: float | None, better: str
    ) -> None:
        over, under = ("below", "above") if better == "lower" else ("above", "below")
        ends = f"{over} the mean before of those who have the problem ({clinical:g})"
        if functional is not None:
            ends += f" and {under} the mean of those who do not ({functional:g})"
        super().__init__(
            f"The cut-off {cutoff:g} is on the wrong side. Where {better} is better it lies "
            f"{ends}. Look up which direction the scale runs in, or which group each mean is of."
        )


class SampleMeanError(SocmeasuresError, ValueError):
    """The selected people's own mean was given as the mean before selection."""

    def __init__(self, given: float, sample: float) -> None:
        super().__init__(
            f"mean={given:g} is the mean of these very people at the start ({sample:g}). "
            "Regression to the mean goes towards the mean of everybody BEFORE selection: all "
            "referrals, everybody screened, or a cited norm. With the selected people's own mean "
            "the answer is always nearly 0, and wrong. Leave mean= out for a table over possible "
            "values."
        )


class PopulationError(SocmeasuresError, ValueError):
    """Numbers of a population that cannot be, or that come without what they need."""

    exit_code = 2

    @classmethod
    def correlation(cls, r: object) -> PopulationError:
        """A correlation outside its range."""
        return cls(
            f"r={r!r} is not a correlation over the follow-up: it lies from 0 to 1. Give the "
            "correlation of two measurements as far apart as yours, and not alpha."
        )

    @classmethod
    def spread(cls, name: str, value: object) -> PopulationError:
        """An SD that is not above 0."""
        return cls(f"{name}={value!r} is not a standard deviation: it is above 0.")

    @classmethod
    def no_source(cls, what: str) -> PopulationError:
        """A number from outside without the place it is from."""
        return cls(
            f"{what} is given without source=. A number from outside the data is used only with "
            "where it is from, e.g. source='Health Survey for England 2011, adults, n = 7,196'."
        )

    @classmethod
    def needs(cls, given: str, missing: str) -> PopulationError:
        """Something that cannot be computed without another number."""
        return cls(f"{given} needs {missing}, which was not given. Give it with its source.")

    @classmethod
    def not_cited(cls, outcome: str) -> PopulationError:
        """The scale's definition cites no minimal important difference."""
        return cls(
            f"minimal_important='cited': the definition behind {outcome!r} cites no minimal "
            "important difference. Give the number of points and minimal_important_source=."
        )

    @classmethod
    def amount(cls, name: str, value: object) -> PopulationError:
        """A size of change that is not above 0."""
        return cls(f"{name}={value!r}: the size of a change is given as a number above 0.")

    @classmethod
    def one_of_two(cls, given: str, missing: str) -> PopulationError:
        """Half of what is needed."""
        return cls(
            f"{given} is given without {missing}. Give both, or neither: then a table over "
            "possible values is given instead of a number."
        )


class NormFormError(SocmeasuresError, ValueError):
    """A norm of another instrument or form."""

    def __init__(self, norm: str, outcome: str) -> None:
        super().__init__(
            f"The norm is of {norm!r} and the scores are of {outcome!r}: totals of different forms "
            "are never compared. Score the form the norm is of, or find a norm of yours."
        )


class NormValueError(SocmeasuresError, ValueError):
    """A norm without the numbers a comparison needs."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            f"This norm lacks {', '.join(missing)}. A comparison needs its mean, its SD and its n; "
            "a mean without the number of people behind it has no interval."
        )


class ProbabilityError(SocmeasuresError, ValueError):
    """Something that should be a p value and is not."""

    def __init__(self, value: object) -> None:
        super().__init__(f"{value!r} is not a p value: it lies from 0 to 1 (NaN when missing).")


class FamilyError(SocmeasuresError, ValueError):
    """A family of comparisons that does not fit the outcomes."""

    exit_code = 2

    @classmethod
    def not_analysed(cls, names: Sequence[str], outcomes: Sequence[str]) -> FamilyError:
        """Declared but not among the outcomes."""
        return cls(
            f"{listed([repr(n) for n in names])} is declared in a family but is not among the "
            f"outcomes ({', '.join(outcomes)}). Add it to the outcomes or leave it out."
        )

    @classmethod
    def in_both(cls, names: Sequence[str]) -> FamilyError:
        """Primary and secondary at once."""
        return cls(
            f"{listed([repr(n) for n in names])} is declared as primary and as secondary. An "
            "outcome belongs to one family, chosen before the data are seen."
        )


class MarginError(SocmeasuresError, ValueError):
    """Bounds of equivalence that do not enclose zero."""

    exit_code = 2

    def __init__(self, low: object, high: object) -> None:
        super().__init__(
            f"The bounds {low!r} and {high!r} do not enclose 0. Equivalence means: between a lower "
            "bound below 0 and an upper bound above 0, both set before the data are seen."
        )


class TooFewSitesError(SocmeasuresError, ValueError):
    """Robust intervals by site with too few sites."""

    def __init__(self, sites: int) -> None:
        super().__init__(
            f"Intervals by site need two sites or more; there {'is' if sites == 1 else 'are'} "
            f"{sites}. Leave the site out, or report this site by itself."
        )


class TimingError(SocmeasuresError, ValueError):
    """Weeks between time points were asked for where no dates can give them."""

    exit_code = 2

    @classmethod
    def no_dates(cls) -> TimingError:
        """A study without a date column."""
        return cls(
            "The time between answers needs dates, and this study has none. Name the column: "
            "Study(..., date='answered_on')."
        )

    @classmethod
    def bad_window(cls, window: object) -> TimingError:
        """A window that is no pair of weeks."""
        return cls(
            f"window={window!r} is not a window. Give the fewest and the most weeks between the "
            "two answers, e.g. window=(20, 32)."
        )


# --- layouts of exports, joining, reshaping ---------------------------------------------------


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


# --- keys of the user's own -------------------------------------------------------------------


class KeyNeededError(SocmeasuresError):
    """An instrument whose scoring key is not published was asked for without a key."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} (Maternal Social Support Index) cannot be scored without a key: how its "
            "answers become points is not published. Write the key from your copy of the "
            "instrument: socmeasures template mssi-key -o my-key.toml makes the form; then "
            'soc.score(data, "mssi", key="my-key.toml"), on the command line --scale my-key.toml. '
            "'mssi21_reconstructed' is a reconstruction from memory, not the published key; it is "
            "used only with accept_unverified=True. A short scale of support in pregnancy that "
            "can be scored openly is 'msss' (Maternity Social Support Scale; its key is "
            "unverified)."
        )


class KeyMismatchError(SocmeasuresError):
    """A key file for another instrument than the one that was asked for."""

    exit_code = 2

    def __init__(self, asked: str, file: str, found: str) -> None:
        super().__init__(
            f"{file}: this key is for {found!r}, and {asked!r} was asked for. Give the key of "
            f"{asked!r}, or score with {found!r} as the scale."
        )


# --- networks of named contacts -----------------------------------------------------------------


class NotAScaleError(SocmeasuresError):
    """The Social Network Schedule was asked for as if it were a rating scale."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} (Social Network Schedule) is a list of named contacts; no total or score "
            "of it is published. Read the contacts with soc.read_network and take its indices "
            "(size, friends, confidants, density …) with soc.score_network. An empty workbook to "
            "collect contacts in: socmeasures template network -o contacts.xlsx"
        )


class NetworkError(SocmeasuresError):
    """Persons, contacts and ties do not fit together; every fault at once.

    `.problems` has a row for each: the table and column stand in `column`
    (``contacts.relation``), `row` counts the data rows of that table from 1.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        lines = [f"{plural(len(rows), 'fault')} in this network data:"]
        for place in rows[:SHOWN]:
            lines.append("  " + _network_place(place) + str(place["message"]))
        if len(rows) > SHOWN:
            lines.append(f"  … {len(rows) - SHOWN:,} more in error.problems")
        rules: dict[str, int] = {}
        for place in rows:
            rules[str(place["rule"])] = rules.get(str(place["rule"]), 0) + 1
        if len(rows) > SHOWN:
            lines.append(
                "By kind: " + ", ".join(f"{rule} {n:,}" for rule, n in rules.items()) + "."
            )
        lines.append("Nothing was scored. Mend these in the source and read it again.")
        super().__init__("\n".join(lines), rows)


def _network_place(place: Mapping[str, Any]) -> str:
    parts = [str(place["column"])] if not _blank(place.get("column")) else []
    if not _blank(place.get("row")):
        parts.append(f"row {place['row']}")
    parts += [f"{name} {place[name]}" for name in ("person", "wave") if not _blank(place.get(name))]
    return ", ".join(parts) + ": " if parts else ""


class NetworkColumnsError(SocmeasuresError):
    """Columns or tables that reading a network needs and that are not there."""

    exit_code = 2

    def __init__(self, faults: Sequence[str], advice: str = "") -> None:
        self.faults = tuple(faults)
        lines = [f"The network cannot be read: {plural(len(faults), 'fault')}."]
        lines += [f"  {fault}" for fault in faults]
        lines.append(
            advice
            or "An empty workbook with every column: socmeasures template network -o contacts.xlsx"
        )
        super().__init__("\n".join(lines))


class NetworkIndexError(SocmeasuresError, ValueError):
    """A number that cannot be had from a list of contacts, with the reason."""

    exit_code = 2

    def __init__(self, asked: str, why: str, instead: str) -> None:
        super().__init__(f"{asked!r} is refused: {why}. {instead}")


class TurnoverError(SocmeasuresError, ValueError):
    """Kept, lost and gained contacts cannot be told from this data."""

    def __init__(self, why: str, rows: Sequence[Mapping[str, Any]] = ()) -> None:
        lines = [f"Turnover is refused: {why}."]
        lines += ["  " + _network_place(place) + str(place["message"]) for place in rows[:SHOWN]]
        if len(rows) > SHOWN:
            lines.append(f"  … {len(rows) - SHOWN:,} more in error.problems")
        lines.append(
            "Who was kept, lost or gained is never guessed from names or relations. Give each "
            "contact of a person an identifier that stays the same at every time point "
            "(contact_id), and compare the networks by their size and composition until then."
        )
        super().__init__("\n".join(lines), rows)


class NetworkPoolError(SocmeasuresError, ValueError):
    """Networks collected or scored in different ways were to be put together."""

    def __init__(self, differing: Mapping[str, Mapping[str, object]]) -> None:
        lines = ["These networks were not collected or scored in the same way:"]
        for what, by_name in differing.items():
            lines.append(f"  {what}: " + "; ".join(f"{n} {v}" for n, v in by_name.items()))
        lines.append(
            "Sizes and shares then differ for that reason alone. Score all of them with one "
            "frame, overlap, cap and exclude=, and state one window with window_days=, before "
            "putting them together."
        )
        super().__init__("\n".join(lines))


class NotACountError(SocmeasuresError, ValueError):
    """An outcome for a model of counts that is no count."""

    def __init__(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        shown = listed([f"{r['value']:g}" for r in rows])
        super().__init__(
            f"{name!r} is no count: it holds {shown}. A rate ratio needs whole numbers from 0. "
            "For a share or a score use pre_post(study, outcome) or ancova(study, outcome, "
            "wave=...).",
            rows,
        )


# --- statistics: repeated measures ------------------------------------------------------------


class ConvergenceError(SocmeasuresError, ValueError):
    """The likelihood of a model for repeated measures has no optimum that could be proved."""

    def __init__(self, covariance: str, tried: Sequence[str], edge: bool) -> None:
        self.covariance = covariance
        why = (
            "the estimate ran to the edge, where one time point is known exactly from the others"
            if edge
            else "no point was found where the likelihood is flat and curved downwards"
        )
        super().__init__(
            f"The model with covariance {covariance!r} did not converge: {why}. "
            f"Tried: {', '.join(tried)}. There are too few people for so many covariances, or two "
            "time points hold nearly the same numbers: choose a simpler covariance ('toeph', "
            "'csh', 'cs'), or leave out a time point."
        )


class UnseenPairError(SocmeasuresError, ValueError):
    """Two time points that nobody has together."""

    def __init__(self, covariance: str, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)
        told = [f"{a} with {b}" if a != b else a for a, b in pairs]
        super().__init__(
            f"Nobody was measured at both of these time points: {listed(told)}. Their covariance "
            f"cannot be known, and covariance {covariance!r} needs it. Check that people have the "
            "same identifier at every time point; else leave one of them out, or choose a "
            "structure that does not need it, as 'csh' or 'ar1h'."
        )


class SeparationError(SocmeasuresError, ValueError):
    """A logistic model in which some people's outcome is certain."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            "The logistic model has no estimate: some combination of its columns "
            f"({listed(list(names), 8)}) separates those with the event from those without, "
            "completely or nearly. Leave out covariates, join small categories, or report the "
            "unadjusted difference."
        )


# --- reports for funders ------------------------------------------------------------------------


class SuppressionError(SocmeasuresError, ValueError):
    """A limit for small counts that is none."""

    exit_code = 2

    def __init__(self, below: object) -> None:
        super().__init__(
            f"suppress_below={below!r}: expected a whole number of 1 or more. Counts from 1 up to, "
            "not including, this number are hidden; 5 is usual, 1 hides nothing."
        )


class FunderReportError(SocmeasuresError, ValueError):
    """A report for a funder that cannot be made from what was given; nothing was written."""

    exit_code = 2

    @classmethod
    def no_change(cls, kinds: Sequence[str]) -> FunderReportError:
        """No change before and after among the results."""
        return cls(
            "A funder's report opens with a change before and after, and there is none among the "
            f"results (there is {listed([repr(k) for k in kinds])}). Add one: "
            'pre_post(study, outcome), in a design file kind = "pre_post".'
        )

    @classmethod
    def risk_outcome(cls, columns: Sequence[str]) -> FunderReportError:
        """Answers to questions about harm among the outcomes."""
        return cls(
            f"{listed(list(columns))}: answers to questions about risk of harm are never in a "
            "funder's report. Leave them out of the results; the INTERNAL list is for them."
        )

    @classmethod
    def unknown_format(cls, asked: object, known: Sequence[str]) -> FunderReportError:
        """A format that reports are not written in."""
        return cls(
            f"{asked!r}: reports are not written in this form. Expected {listed(list(known))}."
        )

    @classmethod
    def internal_is_html(cls, name: str) -> FunderReportError:
        """An internal report in another format."""
        return cls(
            f"{name}: the internal report is written as one .html page only. Give a name that "
            'ends in .html, or audience="funder" for .docx, charts and tables.'
        )

    @classmethod
    def folder_of_others(cls, folder: str) -> FunderReportError:
        """A folder for charts that holds something else."""
        return cls(
            f"{folder}: there is a folder of this name already, and it was not made by a report "
            "(it has no alt-text.txt). Nothing was written. Rename it, or write the report "
            "somewhere else."
        )


class ServiceColumnError(SocmeasuresError, ValueError):
    """Services that cannot be told apart."""

    exit_code = 2

    def __init__(self, column: str, why: str, columns: Sequence[str] = ()) -> None:
        near = did_you_mean(column, list(columns)) if columns else ""
        super().__init__(f"by service: {column!r} {why}.{near}")


class ComparatorError(SocmeasuresError):
    """The table of national figures has a fault."""

    exit_code = 2

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(
            "\n".join(["comparators.toml has faults:", *(f"  {fault}" for fault in faults)])
        )


class MarginSizeError(SocmeasuresError, ValueError):
    """A non-inferiority margin that is no margin."""

    exit_code = 2

    def __init__(self, margin: object) -> None:
        super().__init__(
            f"margin={margin!r} is no margin: give the largest worsening that would not matter, "
            "as a number above 0 in points of the score, set before the data are seen."
        )


class NoStandardErrorError(SocmeasuresError, ValueError):
    """A result whose rows cannot be tested against a margin or shifted."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"A result of {kind!r} has rows without a standard error and degrees of freedom, or no "
            "comparison with a control, so this cannot be computed from it. Give a result of "
            "ancova or mmrm."
        )


class EventError(SocmeasuresError, ValueError):
    """An outcome that does not say who has the event."""

    @classmethod
    def not_binary(cls, outcome: str, wave: str, values: Sequence[float]) -> EventError:
        """Other values than 0 and 1."""
        return cls(
            f"{outcome!r} at {wave} holds other values than 0 and 1 "
            f"({listed([f'{v:g}' for v in values])}), so who has the event is not clear. Give a "
            "cut-off, at_least= or at_most=, chosen before the data are seen."
        )

    @classmethod
    def two_cut_offs(cls, outcome: str) -> EventError:
        """At least and at most together."""
        return cls(
            f"at_least= and at_most= are both given for {outcome!r}. The event is one or the "
            "other: give one cut-off."
        )


class FlowError(SocmeasuresError, ValueError):
    """Numbers of a participant flow that do not add up."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            f"The flow of participants does not add up: {'; '.join(faults)}. Correct the counts "
            "that were given (screened=, reasons=, lost=), or leave out what was not recorded."
        )


class NoPictureError(SocmeasuresError, ValueError):
    """A picture of something a result does not hold."""

    def __init__(self, what: str, kind: str, wanted: str) -> None:
        super().__init__(
            f"There is nothing to draw: a result of {kind!r} holds no {what}. Give a result of "
            f"{wanted}."
        )


class StartError(SocmeasuresError):
    """`start` cannot go on with what it found or was told."""

    exit_code = 2

    @classmethod
    def no_person(cls, columns: Sequence[str]) -> StartError:
        """No column that could be an identifier."""
        return cls(
            "No column was found that says who a person is, and without one nobody's two answers "
            f"can be put together. The columns are: {listed(list(columns), 8)}. Name one: "
            "socmeasures start FILE --person COLUMN. If there is none, nobody can be followed."
        )

    @classmethod
    def no_time_points(cls) -> StartError:
        """One time point only."""
        return cls(
            "Two time points are needed, and one was found. Give the sheets "
            '(--when "Before, After"), the column that says when (--when COLUMN), or mark the '
            "columns of each time point in their names (q1_t1, q1_t2)."
        )

    @classmethod
    def no_measures(cls, found: Sequence[str]) -> StartError:
        """Nothing to score."""
        return cls(f"No questionnaire was chosen. These were found: {listed(list(found))}.")

    @classmethod
    def labels(cls, said: str, marks: Sequence[str]) -> StartError:
        """Another number of names than of time points."""
        return cls(
            f"{said!r}: give one name for each of {listed(list(marks))}, in this order, with "
            'commas between them: "before, after".'
        )

    @classmethod
    def not_a_choice(
        cls, key: str, said: str, choices: Sequence[str], near: str = ""
    ) -> StartError:
        """An answer that is none of those that can be."""
        return cls(f"{key}: {said!r} is not one of {listed([repr(c) for c in choices], 8)}.{near}")


class PopulationChoiceError(SocmeasuresError, ValueError):
    """A population of a study that is not one."""

    exit_code = 2

    def __init__(self, why: str) -> None:
        super().__init__(
            f"This population cannot be made: {why}. population(study, complete='score column') "
            "keeps people measured at every time point, population(study, per_protocol='column') "
            "those marked 1 there; the study itself is everybody as allocated."
        )


class PseudonymError(SocmeasuresError, ValueError):
    """Identifiers that cannot be replaced by codes."""

    exit_code = 2

    @classmethod
    def short_key(cls) -> PseudonymError:
        """A key that can be guessed."""
        return cls("The key has fewer than 16 bytes and could be guessed. Let one be made.")

    @classmethod
    def no_column(cls, person: str, near: str) -> PseudonymError:
        """No identifier."""
        return cls(
            f"There is no column {person!r} whose identifiers could be replaced.{near} "
            "Name it: --person COLUMN."
        )

    @classmethod
    def not_a_key(cls, path: object) -> PseudonymError:
        """A file that holds something else."""
        return cls(
            f"{path}: this file is there and is no key. Name another file; a key is made in it."
        )

    @classmethod
    def whole_files_only(cls) -> PseudonymError:
        """A folder, or a file in blocks."""
        return cls(
            "--pseudonymise works on one file read whole. Give a file instead of a folder, and "
            "--whole."
        )

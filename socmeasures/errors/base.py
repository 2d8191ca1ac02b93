"""The base of every refusal, and the words all of them share."""

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

    def __reduce__(self) -> tuple[Any, ...]:
        """Refusals come back whole from other processes, whatever their own arguments are."""
        return _again, (type(self), self.args, self.__dict__)

    @property
    def problems(self) -> pd.DataFrame:
        """One row a problem, columns as `soc.validate(...).problems`."""
        import pandas as pd

        frame = pd.DataFrame(list(self.rows))
        return frame.reindex(columns=list(PROBLEM_COLUMNS))


def _again(
    kind: type[SocmeasuresError], args: tuple[Any, ...], state: dict[str, Any]
) -> SocmeasuresError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class SocmeasuresWarning(UserWarning):
    """A number is right but easily misread, or something was set aside and counted."""


class RecordError(SocmeasuresError):
    """A text given as a scoring record is not one."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"This is not a socmeasures scoring record (format 1): {why}. "
            "Give the *.record.json written beside the scored file, or score the data again."
        )


_FRAMES = "Read a file with soc.read(path), or make a frame with pandas.DataFrame(...)."


class FrameKindError(SocmeasuresError):
    """What was given as data is no data frame we know."""

    def __init__(self, kind: str, hint: str = "") -> None:
        super().__init__(
            f"The data are a {kind}; a pandas or polars DataFrame was expected (or a polars "
            f"LazyFrame, or a pyarrow Table). {hint or _FRAMES}"
        )


class ChoiceError(SocmeasuresError, ValueError):
    """A choice that is not on offer."""

    exit_code = 2

    def __init__(self, name: str, given: object, offered: Sequence[object]) -> None:
        shown = listed([repr(o) for o in offered], 20)
        close = did_you_mean(str(given), [str(o) for o in offered]) if len(offered) > 20 else ""
        super().__init__(f"{name}={given!r} is not on offer.{close} Choose one of: {shown}.")

"""`LossReport`: what a written file does not keep, and what was changed to fit it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from socmeasures.errors import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One thing that is not in the file as it was in memory.

    Attributes
    ----------
    what : str
        Kind of thing, e.g. ``"missing code"``, ``"name"``, ``"value label"``.
    column : str
        The column, by its name in the frame; empty when it concerns the whole file.
    detail : str
        What happened, in words.
    lost : bool
        True when something is gone, False when it was only changed to fit.
    """

    what: str
    column: str
    detail: str
    lost: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReport:
    """Everything a written file could not keep; false when it kept all.

    Attributes
    ----------
    rows : tuple of Loss
        One entry each.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> report = soc.write_sav(pd.DataFrame({"with": [1]}), folder / "out.sav")
    >>> print(report)
    Changed to fit the file (1):
    - name, with: written as with_, because the name is reserved in SPSS
    """

    rows: tuple[Loss, ...] = ()

    @property
    def lost(self) -> tuple[Loss, ...]:
        """The entries where something is gone, not only changed."""
        return tuple(row for row in self.rows if row.lost)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Loss]:
        return iter(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """Columns ``what, column, detail, lost``; a row each."""
        rows = [(row.what, row.column, row.detail, row.lost) for row in self.rows]
        return pd.DataFrame(rows, columns=["what", "column", "detail", "lost"])

    def __str__(self) -> str:
        """The losses, then the changes, one line each."""
        if not self.rows:
            return "Everything was kept."
        changed = [row for row in self.rows if not row.lost]
        lines: list[str] = []
        for heading, rows in (("Not in the file", self.lost), ("Changed to fit the file", changed)):
            if rows:
                lines.append(f"{heading} ({len(rows)}):")
                lines += [
                    f"- {row.what}{', ' + row.column if row.column else ''}: {row.detail}"
                    for row in rows
                ]
        return "\n".join(lines)


def codes_left_blank(counts: dict[str, int]) -> list[Loss]:
    """Losses of a file that has no way to say why an answer is missing."""
    return [
        Loss(
            what="missing code",
            column=column,
            detail=f"{plural(n, 'answer')} missing by a code: the cells are empty",
        )
        for column, n in counts.items()
    ]

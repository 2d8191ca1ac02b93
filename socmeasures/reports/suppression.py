"""Small counts made unreadable: none of 1 to 4, and none that a total would give away.

Counts in, texts out. Knows nothing of results or pages.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from socmeasures.drawing.labels import number
from socmeasures.errors import SuppressionError

BELOW = 5  # counts of 1 up to, not including, this are never shown
PERCENT_FROM = 20  # people; of fewer, a percentage looks more exact than it is
NOT_SHOWN = "not shown"


def check_below(below: int) -> int:
    """The limit, once it is a whole number of at least 1 (which hides nothing)."""
    if isinstance(below, bool) or not isinstance(below, int) or below < 1:
        raise SuppressionError(below)
    return below


def is_small(count: int, below: int = BELOW) -> bool:
    """Whether a count may not be shown: above 0 and under the limit."""
    return 0 < count < below


def small(below: int = BELOW) -> str:
    """What stands in the place of a small count: `<5`."""
    return f"<{below}"


def count(n: int, *, below: int = BELOW) -> str:
    """A count by itself, whose total is nowhere on the page.

    Parameters
    ----------
    n : int
        People.
    below : int
        Counts from 1 up to, not including, this are hidden.

    Returns
    -------
    str

    Examples
    --------
    >>> count(0), count(4), count(5), count(1200)
    ('0', '<5', '5', '1,200')
    """
    return small(below) if is_small(n, below) else f"{n:,}"


def part_of(part: int, whole: int, *, below: int = BELOW) -> str:
    """A part of a whole that is known, with its percentage where both can stand it.

    Parameters
    ----------
    part, whole : int
        People; the reader knows the whole.
    below : int
        As in `count`.

    Returns
    -------
    str
        A part that leaves a small rest is told as "more than", because the rest is a
        subtraction away. Percentages only of 20 people or more, and never of a hidden count.

    Examples
    --------
    >>> part_of(45, 60), part_of(7, 12), part_of(3, 60), part_of(57, 60)
    ('45 of 60 (75 %)', '7 of 12', '<5 of 60', 'more than 55 of 60')
    """
    if is_small(whole, below):
        return small(below)
    if is_small(part, below):
        return f"{small(below)} of {whole:,}"
    if is_small(whole - part, below):
        return f"{more_than(whole, below)} of {whole:,}"
    text = f"{part:,} of {whole:,}"
    if whole < max(PERCENT_FROM, below):
        return text
    return f"{text} ({number(100 * part / whole, 0)} %)"


def more_than(whole: int, below: int = BELOW) -> str:
    """What is said of a count that is nearly the whole: `more than 55` for a whole of 60."""
    return f"more than {max(whole - below, 0):,}"


def nested(counts: Sequence[int], *, below: int = BELOW) -> list[str]:
    """Counts that hold each other (started, answered, answered twice), as parts of the first.

    Parameters
    ----------
    counts : sequence of int
        Each one among the one before it.
    below : int
        As in `count`.

    Returns
    -------
    list of str
        The first as a count, the others as parts of it; none lets a reader subtract his way to
        a small count from one that is shown exactly.

    Examples
    --------
    >>> nested([60, 57, 44])
    ['60', 'more than 55 of 60', '44 of 60 (73 %)']
    >>> nested([60, 48, 46])
    ['60', '48 of 60 (80 %)', 'more than 43 of 60']
    """
    if not counts:
        return []
    whole = counts[0]
    told, shown = [count(whole, below=below)], whole
    for n in counts[1:]:
        if is_small(shown - n, below) and not is_small(n, below):
            told.append(f"{more_than(shown, below)} of {count(whole, below=below)}")
        else:
            told.append(part_of(n, whole, below=below))
            if not is_small(n, below):
                shown = n
    return told


def is_exact(n: int, known: Sequence[int], *, below: int = BELOW) -> bool:
    """Whether a count is shown as it is, beside counts it is a part of."""
    return not is_small(n, below) and not any(is_small(k - n, below) for k in known)


def cells(counts: Sequence[int], *, below: int = BELOW, total_shown: bool = True) -> list[str]:
    """Counts that add up to a total: the small ones hidden, and what would give them away.

    Parameters
    ----------
    counts : sequence of int
        One a category.
    below : int
        As in `count`.
    total_shown : bool
        Whether the reader knows their sum. A hidden sum must not follow from the cells either.

    Returns
    -------
    list of str
        `<5` for a small count; `not shown` for a further one that a subtraction would need.

    Examples
    --------
    >>> cells([30, 27, 3])
    ['30', 'not shown', '<5']
    >>> cells([30, 27, 0]), cells([30, 3, 2])
    (['30', '27', '0'], ['30', '<5', '<5'])
    """
    return grid([list(counts)], below=below, row_totals=total_shown, column_totals=False)[0]


def cells_beside(counts: Sequence[int], below: int, total_shown: bool) -> list[str]:
    """As `cells`; where the total is hidden, one cell at least is hidden with it.

    Parameters
    ----------
    counts : sequence of int
        One a category.
    below : int
        As in `count`.
    total_shown : bool
        Whether the reader knows their sum.

    Returns
    -------
    list of str

    Examples
    --------
    >>> cells_beside([30, 27], 5, True), cells_beside([30, 27], 5, False)
    (['30', '27'], ['30', 'not shown'])
    """
    told = cells(counts, below=below, total_shown=total_shown)
    exact = all(text == f"{n:,}" for text, n in zip(told, counts, strict=True))
    if not total_shown and exact and any(counts):
        told[min((n, place) for place, n in enumerate(counts) if n)[1]] = NOT_SHOWN
    return told


def grid(
    counts: Sequence[Sequence[int]],
    *,
    below: int = BELOW,
    row_totals: bool = True,
    column_totals: bool = True,
) -> list[list[str]]:
    """A table of counts, with hidden cells in every line that a total would open.

    Parameters
    ----------
    counts : rows of int
        One row a group, one column a category.
    below : int
        As in `count`.
    row_totals, column_totals : bool
        Whether the reader knows the sums of the rows, and of the columns.

    Returns
    -------
    list of list of str
        As `cells`, for rows and columns at once.

    Examples
    --------
    >>> for row in grid([[20, 12, 3], [15, 9, 11], [18, 14, 9]]):
    ...     print(row)
    ['20', 'not shown', '<5']
    ['15', 'not shown', 'not shown']
    ['18', '14', '9']
    """
    table = np.array([list(row) for row in counts], dtype=int)
    if not table.size:
        return [[] for _ in counts]
    primary = (table > 0) & (table < below)
    hidden = primary.copy()
    told_apart = True  # whether a hidden primary cell may be called "<5"
    while True:
        line = _open_line(table, hidden, primary, below, (row_totals, column_totals))
        if line is None:
            break
        free = [place for place in line if not hidden[place] and table[place] > 0]
        free = free or [place for place in line if not hidden[place]]
        if not free:
            told_apart = False  # nothing is left to hide behind: no cell of the table is shown
            hidden[:] = True
            break
        hidden[min(free, key=lambda place: (table[place], place))] = True
    word = small(below) if told_apart else NOT_SHOWN
    return [
        [
            word if primary[r, c] else NOT_SHOWN if hidden[r, c] else f"{table[r, c]:,}"
            for c in range(table.shape[1])
        ]
        for r in range(table.shape[0])
    ]


def _open_line(
    table: np.ndarray,
    hidden: np.ndarray,
    primary: np.ndarray,
    below: int,
    totals: tuple[bool, bool],
) -> list[tuple[int, int]] | None:
    """The first line whose hidden cells follow from its total and the cells that are shown."""
    rows, columns = table.shape
    lines = []
    if totals[0]:
        lines += [[(r, c) for c in range(columns)] for r in range(rows)]
    if totals[1]:
        lines += [[(r, c) for r in range(rows)] for c in range(columns)]
    for line in lines:
        mine = [place for place in line if hidden[place]]
        if mine and _follows(table, mine, primary, below):
            return line
    return None


def _follows(
    table: np.ndarray, mine: list[tuple[int, int]], primary: np.ndarray, below: int
) -> bool:
    """Whether the hidden cells of a line can be worked out from what is left of its total.

    A reader knows that a cell called "<5" is 1 to 4, and that one not shown is 0 or at least 5.
    """
    rest = sum(int(table[place]) for place in mine)
    few = sum(bool(primary[place]) for place in mine)
    if len(mine) == 1:
        return True
    if not few:
        return False
    if few == len(mine):
        possible = [rest]
    else:
        sums = range(few, few * (below - 1) + 1)
        possible = [s for s in sums if rest - s == 0 or rest - s >= below]
    ends = (few, few * (below - 1))
    return len(possible) == 1 and (few == 1 or possible[0] in ends)

"""Labels as people wrote them, made safe to draw and to print: cleaned, shortened, never parsed."""

from __future__ import annotations

import re
import unicodedata

# Direction overrides and isolates can turn a whole line of a page around.
_DIRECTION = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Categories that XML cannot hold or that have no shape: control, surrogate, private, unassigned.
_SHAPELESS = frozenset({"Cc", "Cs", "Co", "Cn"})

_TIME_WORDS = frozenset({"at", "after", "before", "during", "in", "on"})
_WITH_ARTICLE = frozenset({"beginning", "end", "finish", "start"})
_NO_BREAK = "\u00a0\u202f"


def printable(text: object) -> str:
    """`text` on one line, without characters that break a page or turn its direction.

    Parameters
    ----------
    text : object
        Anything; turned into text first.

    Returns
    -------
    str
        Line breaks and tabs become one space; control characters, lone surrogates and direction
        overrides go. Letters of every script stay.

    Examples
    --------
    >>> printable("usual\\ncare\\x00")
    'usual care'
    """
    spaced = "".join(" " if c.isspace() and c not in _NO_BREAK else c for c in str(text))
    line = " ".join(part for part in spaced.split(" ") if part)
    return "".join(
        c for c in line if c not in _DIRECTION and unicodedata.category(c) not in _SHAPELESS
    )


def short(text: object, most: int = 40) -> str:
    """`text` made printable and cut to `most` characters, the cut shown by an ellipsis.

    Parameters
    ----------
    text : object
        A label.
    most : int
        The longest result, in characters.

    Returns
    -------
    str
        The whole label where it fits.

    Examples
    --------
    >>> short("befriending by trained volunteers", 16)
    'befriending by…'
    """
    line = printable(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def at_time(label: object) -> str:
    """When something was answered, in the middle of a sentence.

    Parameters
    ----------
    label : object
        A time point, as the user named it.

    Returns
    -------
    str
        With the word that English wants before it.

    Examples
    --------
    >>> [at_time(label) for label in ("baseline", "before", "start", "6 months")]
    ['at baseline', 'before', 'at the start', 'at 6 months']
    """
    told = printable(label)
    first = told.lower().split(" ")[0] if told else ""
    if first in _TIME_WORDS:
        return told
    if told.lower() in _WITH_ARTICLE:
        return f"at the {told}"
    return f"at {told}"


def isolated(text: str) -> str:
    """A label of a right-to-left script, kept from turning the sentence around it.

    Parameters
    ----------
    text : str
        Made printable before.

    Returns
    -------
    str
        Between Unicode's isolates where a letter runs from right to left; else as it was.

    Examples
    --------
    >>> isolated("mood"), isolated("\u062d\u0627\u0644") == "\u2068\u062d\u0627\u0644\u2069"
    ('mood', True)
    """
    return f"\u2068{text}\u2069" if any(map(_is_right_to_left, text)) else text


def runs_from_the_right(text: str) -> bool:
    """Whether a paragraph begins in a right-to-left script: its first strong letter decides.

    Parameters
    ----------
    text : str
        A paragraph.

    Returns
    -------
    bool

    Examples
    --------
    >>> runs_from_the_right("1. \u062d\u0627\u0644"), runs_from_the_right("mood \u062d")
    (True, False)
    """
    own = re.sub("\u2068.*?\u2069", "", text)  # what stands between isolates does not count
    strong = (c for c in own if unicodedata.bidirectional(c) in ("L", "R", "AL"))
    return _is_right_to_left(next(strong, "L"))


def _is_right_to_left(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in ("R", "AL")


def number(value: float, decimals: int = 1) -> str:
    """A number with a real minus sign, thousands apart, and no minus before zero.

    Parameters
    ----------
    value : float
        NaN is shown as a dash.
    decimals : int
        Digits after the point.

    Returns
    -------
    str
        For people; the tables behind it keep every digit.

    Examples
    --------
    >>> number(-1.25, 1), number(-0.001, 1), number(12345.6, 0)
    ('−1.2', '0.0', '12,346')
    """
    if value != value:
        return "–"
    if abs(value) == float("inf"):
        return "∞" if value > 0 else "−∞"
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def decimals_for(low: float, high: float) -> int:
    """Digits after the point worth showing for a score that runs from `low` to `high`.

    Parameters
    ----------
    low, high : float
        The range of the score, or of the values there are.

    Returns
    -------
    int
        1 for a range of twenty points or more, 2 for a shorter one, 3 for one below a point.

    Examples
    --------
    >>> decimals_for(20, 80), decimals_for(3, 9), decimals_for(0, 0.5)
    (1, 2, 3)
    """
    span = high - low
    if span != span or span >= 20:
        return 1
    return 2 if span >= 1 else 3

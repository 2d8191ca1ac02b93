"""The words a report uses: every heading, label and figure of speech, in this one place.

Reports speak of time points, groups and ranges; the method's own words stay in the methods box.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from socmeasures.drawing.labels import number, printable, short

SECTIONS = {
    "who": "Who answered",
    "measure": "What was measured",
    "scores": "The scores",
    "change": "What changed, and by how much",
    "limits": "What this can and cannot say",
    "methods": "Methods and sources",
}

# Column of a tidy frame -> heading of a table for people.
HEADINGS = {
    "outcome": "measure",
    "wave": "time point",
    "arm": "group",
    "group": "in the analysis?",
    "person": "person id",
    "contrast": "comparison",
    "term": "what",
    "estimate": "difference",
    "se": "standard error",
    "df": "degrees of freedom",
    "df1": "first degrees of freedom",
    "df2": "second degrees of freedom",
    "statistic": "test statistic",
    "p_value": "p value",
    "p_value_adjusted": "p value, adjusted for several comparisons",
    "ci_low": "from",
    "ci_high": "to",
    "n": "people",
    "n_excluded": "people left out",
    "effect_size": "standardised difference",
    "effect_size_type": "standardised by",
    "effect_size_range": "range of the standardised number",
    "mean": "mean",
    "sd": "standard deviation",
    "median": "median",
    "quarters": "middle half of people",
    "extremes": "lowest to highest",
    "floor_share": "at lowest possible score",
    "ceiling_share": "at highest possible score",
    "share": "share",
    "reason": "reason",
    "category": "score",
    "direction": "score",
    "method": "method",
    "adjustment": "adjusted by",
    "family": "family of comparisons",
    "meaning": "which is",
    "mean_earlier": "mean before",
    "sd_earlier": "standard deviation before",
    "mean_later": "mean after",
    "sd_later": "standard deviation after",
    "sd_change": "standard deviation of the change",
    "n_zero": "people without change",
    "n_observed": "seen then",
    "n_pairs": "of so many",
    "n_clusters": "sites or groups",
    "n_allocated": "people allocated",
    "cluster": "site or group",
    "facilitator": "served by",
    "pair": "matched pair",
    "mean_size": "people in each, on average",
    "smallest": "people in the smallest",
    "largest": "people in the largest",
    "size_cv": "how much sizes differ (coefficient of variation)",
    "design_effect": "times as many people needed",
    "variance": "variance",
    "expected_n": "people expected with no change",
    "expected_share": "share expected with no change",
    "n_lost": "people lost",
    "n_stayed": "people who stayed",
    "n_started": "people at the start",
    "mean_lost": "mean of those lost",
    "mean_stayed": "mean of those who stayed",
    "rank_biserial": "rank-biserial correlation",
    "share_without_change": "share if nobody had changed",
    "n_dated": "people with dates",
    "median_weeks": "weeks (half waited as long or longer)",
    "min_weeks": "shortest, weeks",
    "max_weeks": "longest, weeks",
    "rule": "what",
    "severity": "how serious",
}

# Value of a closed list -> words; anything else is the user's own and stays as it is.
VALUES = {
    "analysed": "yes",
    "excluded": "no",
    "scored": "every question answered",
    "prorated": "some questions unanswered, the rest estimated from the others",
    "partial": "counted from the answers given",
    "too_few_items": "too few answers for a score",
    "not_answered": "not answered",
    "invalid": "an answer that cannot be, so no score",
    "d_baseline_sd": "spread of the scores at the start",
    "d_outcome_sd": "spread of the scores at the end",
    "d_baseline_total_sd": "spread of the scores at the start, between and within sites",
    "d_outcome_total_sd": "spread of the scores at the end, between and within sites",
    "error": "must be put right",
    "warning": "worth a look",
}

TABLES = {
    "pairs": "Means before and after, of the people measured at both time points",
    "higher, same, lower": "Higher, the same or lower, by any amount",
    "cut-off": "More than measurement error, and past the cut-off",
    "by every method": "The same counts by every method",
    "share lost": "How many were lost",
    "what predicts leaving": "What predicts leaving (log odds)",
    "possible values": "Change expected without any effect, for possible values",
    "adjusted means": "Means of the groups, had they started at the same level",
    "shares": "Share of people in each group",
    "clusters": "Each site or group",
    "facilitators": "Those who served the people, one row each",
    "cluster sizes": "How many sites or groups, and how large",
    "intraclass correlation": "How alike people of one site or group are",
    "t test of cluster means": "The difference by one mean a site or group",
    "ratios": "Ratios of the shares",
}
# Tables of a result that belong in the methods box; "pairs" and the like stay with the numbers.
FOR_METHODS = (
    "standardised change",
    "rank test",
    "bootstrap",
    "coefficients",
    "arm by baseline",
    "joint tests",
    "covariance",
    "correlation",
    "fit",
    "residuals",
    "intraclass correlation",
    "variance components",
    "t test of cluster means",
)

BETTER = {
    "lower": "Lower scores are better.",
    "higher": "Higher scores are better.",
    "none": "Neither direction is better in itself.",
    None: "Which direction is better was not stated, so nothing here is called better or worse.",
}

EVIDENCE = {
    "published": "checked against the published source",
    "secondary": "taken from a source other than the instrument's own",
    "unverified": "not verified against a published source",
    "user-supplied": "supplied by the user, not checked by this library",
}

UNVERIFIED = (
    "How this instrument is scored has not been verified against a published source. "
    "Check the scoring key before you rely on any number that comes from it."
)
USER_SUPPLIED = (
    "How this instrument is scored was supplied by the user and has not been checked by this "
    "library. Check the scoring key before you rely on any number that comes from it."
)
PERSONAL = "INTERNAL – holds personal data"
PERSONAL_WHY = (
    "Pictures in this report show single people. Keep it inside the organisation and delete it "
    "when it is no longer needed."
)
NOT_FOR_SHARING = (
    "Internal report. Small numbers are shown as they are, so people could be recognised: "
    "it is not made to be passed on."
)
FOR_THE_PAPER = "paper"
LONGEST_LABEL = 120  # letters of a name on a page; a longer one is cut, and says so
ONE_GROUP = frozenset({"pre_post", "reliable_change"})


def estimate_heading(kind: str) -> str:
    """What the main number of an analysis is called: a change in one group, else a difference."""
    return "change" if kind in ONE_GROUP else "difference"


def heading(column: str, kind: str = "") -> str:
    """The head of a table column in plain words.

    Parameters
    ----------
    column : str
        A column of a tidy frame; one we have no words for is shown without its underscores.
    kind : str
        The analysis, which decides between "change" and "difference"; `FOR_THE_PAPER` for a table
        of the methods box, where an estimate is an estimate.

    Returns
    -------
    str

    Examples
    --------
    >>> heading("wave"), heading("estimate", "pre_post"), heading("effect_size", "ancova")
    ('time point', 'change', 'standardised difference')
    """
    words = HEADINGS.get(column, column.replace("_", " "))
    if kind == FOR_THE_PAPER and column == "estimate":
        return column
    if column in ("estimate", "effect_size"):
        words = words.replace("difference", estimate_heading(kind))
    return words


def measure_name(label: str) -> str:
    """A measure's label without the range and direction in brackets, which stand elsewhere.

    Examples
    --------
    >>> measure_name("loneliness (3 to 9, higher = lonelier)"), len(measure_name("x" * 3000))
    ('loneliness', 120)
    """
    return short(re.sub(r"\s*\([^()]*higher = [^()]*\)$", "", printable(label)), LONGEST_LABEL)


def comparison(contrast: str, names: Sequence[str]) -> str:
    """`a compared with b` for a contrast `a - b` of known time points or groups.

    Parameters
    ----------
    contrast : str
        As a tidy frame has it.
    names : sequence of str
        Time points and groups; a hyphen inside one of them is no minus.

    Returns
    -------
    str
        The contrast as it was, where it is not made of two of the names.

    Examples
    --------
    >>> comparison("after - before", ["before", "after"])
    'after compared with before'
    """
    for first in names:
        rest = contrast.removeprefix(f"{first} - ")
        if rest != contrast and rest in names:
            return f"{first} compared with {rest}"
    return contrast


def typeset(text: str) -> str:
    """Running text with real minus signs before numbers and no line break before a % sign."""
    return re.sub(r"(?<=\d) %", "\u00a0%", re.sub(r"(?<![\w\-–])-(?=\d)", "−", printable(text)))


def table_title(name: str) -> str:
    """A further table's name as the head of a table."""
    return TABLES.get(name, name[:1].upper() + name[1:])


def value(text: object) -> str:
    """A value of a closed list in plain words; the user's own labels as they are."""
    return VALUES.get(str(text), str(text))


def range_words(confidence: float, kind: str = "") -> str:
    """The heading of an interval: plain words with the method's name, or that name alone."""
    if kind == FOR_THE_PAPER:
        return f"{confidence * 100:g}\u00a0% confidence interval"
    return f"range we can be fairly sure of ({confidence * 100:g}\u00a0% confidence interval)"


def interval(low: float, high: float, decimals: int) -> str:
    """`−1.9 to −0.5`; a dash where there is none."""
    if low != low and high != high:
        return "–"
    return f"{number(low, decimals)} to {number(high, decimals)}"


def p_text(p: float) -> str:
    """A p value as printed: three digits, and never zero.

    Parameters
    ----------
    p : float

    Returns
    -------
    str

    Examples
    --------
    >>> p_text(0.0031), p_text(0.00002), p_text(1.0)
    ('p = 0.003', 'p < 0.001', 'p = 1.000')
    """
    if p != p:
        return "–"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def of_all(part: int, whole: int) -> str:
    """`45 of 60 (75 %)`, and without the percentage where the whole is under 20 people.

    Parameters
    ----------
    part, whole : int
        Counts of people.

    Returns
    -------
    str
        A percentage of a dozen people looks more exact than it is.

    Examples
    --------
    >>> of_all(45, 60), of_all(7, 12)
    ('45 of 60 (75 %)', '7 of 12')
    """
    text = f"{part:,} of {whole:,}"
    return f"{text} ({number(100 * part / whole, 0)} %)" if whole >= 20 else text


def british_date(day: datetime.date) -> str:
    """`12/03/2026` is the twelfth of March."""
    return day.strftime("%d/%m/%Y")


def sentence(text: str) -> str:
    """`text` with a capital at its start and a full stop at its end."""
    text = text.strip()
    if not text:
        return text
    text = text[0].upper() + text[1:]
    return text if re.search(r"[.!?…]$", text) else f"{text}."

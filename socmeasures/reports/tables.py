"""Tables of a report: tidy frames in, accessible HTML with rounded numbers and plain words out.

Rounding happens here and nowhere earlier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from socmeasures.drawing import html
from socmeasures.drawing.labels import decimals_for, number
from socmeasures.reports import words

if TYPE_CHECKING:
    from socmeasures.designs.result import Result
    from socmeasures.scoring.record import ScoringRecord

SHARES = (
    "share",
    "floor_share",
    "ceiling_share",
    "expected_share",
    "share_treated",
    "share_control",
    "share_earlier",
    "share_later",
    "share_without_change",
)
COUNTS = (
    "n",
    "n_excluded",
    "n_pairs",
    "n_zero",
    "answers",
    "n_lost",
    "n_stayed",
    "n_started",
    "n_clusters",
    "n_allocated",
    "smallest",
    "largest",
)
WEEKS = ("n_dated", "median_weeks", "min_weeks", "max_weeks")
WORDED = ("group", "category", "direction", "effect_size_type", "severity", "status")
FOR_THE_PAPER = ("se", "df", "statistic", "method", "effect_size_type", "adjustment", "family")
SPREADS = (
    "sd_change",
    "correlation",
    "sign_test_p",
)  # with the rest for the paper, in further tables
POOLED = "all"  # the arm of a row that is about everybody


def decimals_of(result: Result) -> int:
    """Digits after the point for the scores of a result."""
    low, high = result.outcome.low, result.outcome.high
    if low is not None and high is not None:
        return decimals_for(low, high)
    values = result.scores["value"].to_numpy(float) if "value" in result.scores else np.array([])
    values = values[np.isfinite(values)]
    return decimals_for(values.min(), values.max()) if len(values) else 1


def plain_table(
    frame: pd.DataFrame,
    *,
    caption: str,
    decimals: int,
    confidence: float = 0.95,
    kind: str = "",
) -> str:
    """Any tidy frame as HTML: intervals in one column, shares in percent, words for codes.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns by their tidy names; others are shown as they are, under their own name.
    caption : str
        What the table shows.
    decimals : int
        Digits after the point for scores and differences between them.
    confidence : float
        Coverage of the intervals, for their heading.
    kind : str
        The analysis, which decides between "change" and "difference".

    Returns
    -------
    str
        HTML; columns without a single value are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"category": ["lower"], "n": [14], "share": [0.56],
    ...                       "ci_low": [0.37], "ci_high": [0.73]})
    >>> text = plain_table(frame, caption="After and before", decimals=1)
    >>> "56 %" in text, "37 % to 73 %" in text
    (True, True)
    """
    shown = _worded(_without_pooled(frame.dropna(axis="columns", how="all")))
    share = "share" in shown and "estimate" not in shown and "mean" not in shown
    how: dict[str, Callable[[float, float], str]] = {
        words.range_words(confidence, kind): _percent_range
        if share
        else (lambda low, high: words.interval(low, high, decimals)),
        words.HEADINGS["effect_size_range"]: lambda low, high: words.interval(low, high, 2),
        words.HEADINGS["quarters"]: lambda low, high: _short_range(low, high, decimals),
        words.HEADINGS["extremes"]: lambda low, high: _short_range(low, high, decimals),
    }
    formats: dict[str, Callable[[Any], str]] = {}
    ends = (
        ("ci_low", "ci_high"),
        ("effect_size_ci_low", "effect_size_ci_high"),
        ("q1", "q3"),
        ("min", "max"),
    )
    for (name, text), (low, high) in zip(how.items(), ends, strict=True):
        if low in shown and high in shown:
            shown = _joined(shown, low, high, name, text)
            formats[name] = str
    headings: dict[str, str] = {}
    for column in map(str, shown.columns):
        headings[column] = words.heading(column, kind)
        rule = _format(column, decimals)
        if rule is not None:
            formats[column] = rule
        elif pd.api.types.is_float_dtype(shown[column]):
            formats[column] = lambda v: number(float(v), decimals)
    return html.table(shown, caption=caption, formats=formats, headings=headings)


def _without_pooled(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop a column of groups that only says "all"."""
    if "arm" in frame and set(frame["arm"].dropna()) <= {POOLED}:
        return frame.drop(columns="arm")
    return frame


def _format(column: str, decimals: int) -> Callable[[Any], str] | None:
    if column in SHARES:
        return lambda v: f"{number(100 * float(v), 0)} %"
    if column in COUNTS or column in WEEKS:
        return lambda v: v if isinstance(v, str) else number(float(v), 0)
    if column.startswith("p_value") or column.endswith("_p"):
        return lambda v: words.p_text(float(v))
    if column in ("effect_size", "statistic", "se"):
        return lambda v: number(float(v), 2)
    if column in ("df", "df1", "df2"):
        return lambda v: number(float(v), 0 if float(v).is_integer() else 1)
    if column in ("correlation", "rank_biserial"):
        return lambda v: number(float(v), 2)
    if column == "median":
        return lambda v: number(float(v), 0 if float(v).is_integer() else 1)
    if column in ("estimate", "mean", "sd"):
        return lambda v: number(float(v), decimals)
    return None


def _percent_range(low: float, high: float) -> str:
    return f"{number(100 * low, 0)} % to {number(100 * high, 0)} %"


def _short_range(low: float, high: float, decimals: int) -> str:
    """Scores people can have, so whole ones without a point."""
    if low != low or high != high:  # nobody had a score
        return "–"
    digits = 0 if low == round(low) and high == round(high) else min(decimals, 1)
    return words.interval(low, high, digits)


def _joined(
    frame: pd.DataFrame, low: str, high: str, name: str, how: Callable[[float, float], str]
) -> pd.DataFrame:
    """Both ends of a range as one column of text where the lower end stood."""
    text = [how(float(a), float(b)) for a, b in zip(frame[low], frame[high], strict=True)]
    place = list(frame.columns).index(low)
    rest = frame.drop(columns=[low, high])
    rest.insert(min(place, rest.shape[1]), name, text)
    return rest


def _worded(frame: pd.DataFrame) -> pd.DataFrame:
    known = [c for c in WORDED if c in frame]
    return frame.assign(**{c: [words.value(v) for v in frame[c]] for c in known})


def scores_at_each_time(result: Result) -> str:
    """Means, spreads, floor and ceiling at each time point (and group), as HTML."""
    return plain_table(
        result.descriptives.drop(columns="outcome", errors="ignore"),
        caption=f"Scores at each time point: {words.measure_name(result.outcome.label)}",
        decimals=decimals_of(result),
    )


def by_outcome(result: Result) -> list[Result]:
    """A result on several outcomes as results on one each; its texts stay whole in all of them."""
    if len(result.outcomes) < 2:
        return [result]
    return [
        replace(
            result,
            title=words.measure_name(outcome.label),
            outcome=outcome,
            outcomes=(outcome,),
            table=_rows_of(result.table, outcome.column),
            n=_rows_of(result.n, outcome.column),
            descriptives=_rows_of(result.descriptives, outcome.column),
            scores=_rows_of(result.scores, outcome.column),
            tables={name: _rows_of(table, outcome.column) for name, table in result.tables.items()},
        )
        for outcome in result.outcomes
    ]


def _rows_of(frame: pd.DataFrame, outcome: str) -> pd.DataFrame:
    if "outcome" not in frame:
        return frame
    return frame[frame["outcome"] == outcome].reset_index(drop=True)


def arms_of(frame: pd.DataFrame, result: Result) -> list[str]:
    """Groups in `frame` in the study's order; none where all people are one group."""
    if "arm" not in frame:
        return []
    found = {str(a) for a in frame["arm"].dropna()} - {POOLED}
    known = [a for a in result.arms if a in found]
    return [*known, *sorted(found - set(known))] if len(found) > 1 else []


def people_at_each_time(result: Result) -> pd.DataFrame:
    """Who has a score at each time point, by group: columns ``wave`` and one a group, as text.

    The whole is everybody in the study, in the analysis or not, so the first number a reader
    meets has its denominator.
    """
    scores, counts = result.scores.dropna(subset=["value"]), result.n
    arms = arms_of(counts, result)
    rows = []
    for wave in result.waves or dict.fromkeys(scores["wave"]):
        here = scores[scores["wave"] == wave]
        row = {"wave": wave}
        for arm in arms:
            there = here.loc[here["arm"] == arm, "person"].nunique()
            row[arm] = words.of_all(there, _people(counts[counts["arm"] == arm]))
        row["everybody"] = words.of_all(here["person"].nunique(), _people(counts))
        rows.append(row)
    return pd.DataFrame(rows)


def _people(counts: pd.DataFrame) -> int:
    """People in all: each time point counts everybody once, as analysed or as excluded."""
    if "wave" not in counts:
        return int(counts["n"].sum())
    return int(counts.groupby("wave", dropna=False)["n"].sum().max())


def analysed(result: Result) -> list[tuple[str, int, int]]:
    """(time point, people analysed, people in all) for each time point of ``result.n``."""
    counts = result.n
    waves = (
        counts["wave"].fillna("").astype(str)
        if "wave" in counts
        else pd.Series("", index=counts.index)
    )
    found = []
    for wave in dict.fromkeys(waves):
        here = counts[(waves == wave).to_numpy()]
        inside = int(here.loc[here["group"] == "analysed", "n"].sum())
        found.append((wave, inside, int(here["n"].sum())))
    return found


def in_and_out(result: Result, caption: str) -> str:
    """Analysed and not analysed, with reasons, as HTML; rows of nobody are left out."""
    counts = result.n[result.n["n"] > 0]
    order = [c for c in ("wave", "arm", "group", "reason", "n", "n_clusters") if c in counts]
    counts = counts[order].replace({"reason": {"": None}})
    return plain_table(counts, caption=caption, decimals=0)


def estimates(result: Result, caption: str) -> str:
    """The main numbers with their ranges, as HTML; what only a paper needs is left out."""
    shown = _compared(result.table, result)
    shown = shown.drop(columns=[c for c in ("outcome", *FOR_THE_PAPER) if c in shown])
    if {"n", "n_excluded"} <= set(shown.columns):
        people = zip(shown["n"], shown["n_excluded"], strict=True)
        told = [f"{int(n):,} of {int(n + out):,}" for n, out in people]
        shown = shown.assign(n=told).drop(columns="n_excluded")
    for column in ("term", "wave"):
        if column in shown and shown[column].nunique(dropna=False) <= 1:
            shown = shown.drop(columns=column)
    shown = _without_told_wave(shown)
    first = [c for c in ("contrast", "wave", "term", "estimate", "ci_low", "ci_high") if c in shown]
    shown = shown[[*first, *(c for c in shown.columns if c not in first)]]
    return plain_table(
        shown, caption=caption, decimals=decimals_of(result), confidence=result.confidence,
        kind=result.kind,
    )  # fmt: skip


def further(result: Result, title: str, table: pd.DataFrame, *, full: bool = False) -> str:
    """A further table of a result, as HTML.

    Standard errors and the like are shown only where `full` is asked for, in the methods.
    """
    hidden = ("outcome", "method") if full else ("outcome", *FOR_THE_PAPER, *SPREADS)
    shown = _compared(table.drop(columns=[c for c in hidden if c in table]), result)
    if {"n", "n_pairs"} <= set(shown.columns):
        both = zip(shown["n"], shown["n_pairs"], strict=True)
        counted = [f"{n:,} of {pairs:,}" for n, pairs in both]
        shown = shown.drop(columns="n_pairs").assign(n=counted)
    for column in ("wave", "contrast"):
        rest = [c for c in ("contrast", "term", "arm", "direction", "category") if c != column]
        if column in shown and shown[column].nunique() <= 1 and any(c in shown for c in rest):
            shown = shown.drop(columns=column)
    shown = _without_told_wave(shown)
    if not full and "sign_test_p" in table and table["sign_test_p"].nunique() == 1:
        title += f" (higher against lower: {words.p_text(float(table['sign_test_p'].iloc[0]))})"
    unitless = title == words.table_title("standardised change")
    shown_table = plain_table(
        shown, caption=title, decimals=2 if unitless else decimals_of(result),
        confidence=result.confidence, kind=words.FOR_THE_PAPER if full else result.kind,
    )  # fmt: skip
    return shown_table + (_how(table) if full else "")


def _how(table: pd.DataFrame) -> str:
    """The methods of a table's rows, each once, under it: as a column they would leave no room."""
    if not {"term", "method"} <= set(table.columns):
        return ""
    told = dict.fromkeys(
        f"{term}: {method}" for term, method in zip(table["term"], table["method"], strict=True)
    )
    return f"<p>{html.escaped('; '.join(told))}.</p>"


def _without_told_wave(table: pd.DataFrame) -> pd.DataFrame:
    """Drop a column of time points that the comparisons name already."""
    if not {"wave", "contrast"} <= set(table.columns):
        return table
    told = all(str(w) in str(c) for w, c in zip(table["wave"], table["contrast"], strict=True))
    return table.drop(columns="wave") if told else table


def _compared(table: pd.DataFrame, result: Result) -> pd.DataFrame:
    """The contrasts of a table in words."""
    if "contrast" not in table:
        return table
    names = [*result.waves, *result.arms]
    return table.assign(contrast=[words.comparison(str(c), names) for c in table["contrast"]])


def main_rows(result: Result) -> pd.DataFrame:
    """The tidy table with its contrasts in words, for the picture."""
    return _compared(result.table, result)


def for_the_paper(result: Result, caption: str) -> str:
    """Test statistics, degrees of freedom and methods, as HTML; empty when there are none."""
    columns = [c for c in ("contrast", "wave", "term", *FOR_THE_PAPER) if c in result.table]
    if not set(columns) & set(FOR_THE_PAPER):
        return ""
    shown = _without_told_wave(_compared(result.table[columns].drop_duplicates(), result))
    return plain_table(shown, caption=caption, decimals=3, kind=result.kind)


def with_ranges(descriptives: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Means with the t interval of each, for the picture of means over time.

    Parameters
    ----------
    descriptives : pandas.DataFrame
        ``n, mean, sd``, one row a time point (and group).
    confidence : float in (0, 1)

    Returns
    -------
    pandas.DataFrame
        The same rows with ``ci_low, ci_high``: mean ± t(n − 1)·sd/√n; NaN below two people.
    """
    n = descriptives["n"].to_numpy(float)
    enough = n > 1
    half = np.full(len(n), np.nan)
    t = stats.t.ppf(0.5 + confidence / 2, n[enough] - 1)
    half[enough] = t * descriptives["sd"].to_numpy(float)[enough] / np.sqrt(n[enough])
    mean = descriptives["mean"].to_numpy(float)
    return descriptives.assign(ci_low=mean - half, ci_high=mean + half)


def same_people(result: Result) -> pd.DataFrame | None:
    """Means before and after of the people measured at both; None without a single such pair."""
    pairs = result.tables.get("pairs")
    if pairs is None or len(pairs) != 1 or len(result.waves) != 2:
        return None
    row = pairs.iloc[0]
    return pd.DataFrame(
        {
            "wave": list(result.waves),
            "n": [row["n"], row["n"]],
            "mean": [row["mean_earlier"], row["mean_later"]],
            "sd": [row["sd_earlier"], row["sd_later"]],
        }
    )


def status_counts(record: ScoringRecord, scales: set[str]) -> pd.DataFrame:
    """How many people have which kind of score: ``measure, wave, status, n``, one row a kind."""
    rows = [
        {"outcome": f"{use.scale}_{score}", "wave": use.wave, "status": status, "n": n}
        for use in record.uses
        if not scales or use.scale in scales
        for score, counts in use.counts.items()
        for status, n in counts.items()
        if n
    ]
    return pd.DataFrame(rows, columns=["outcome", "wave", "status", "n"])


def problem_counts(problems: pd.DataFrame) -> pd.DataFrame:
    """What the checks of the data found, counted by kind: no person, no value."""
    kinds = problems.groupby(["severity", "rule"], sort=True).size().rename("n").reset_index()
    kinds["rule"] = [str(rule).replace("_", " ") for rule in kinds["rule"]]
    return kinds[["rule", "severity", "n"]].rename(columns={"n": "answers"})

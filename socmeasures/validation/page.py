"""The validation report as one self-contained page, for people who do not program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from socmeasures.drawing.html import escaped, table

if TYPE_CHECKING:
    from socmeasures.validation.report import ValidationReport

CURES = {
    "missing_column": "Name the column in the plan, or rename it.",
    "ambiguous_column": "Say which column is meant: items={1: 'column', …}.",
    "text": "Replace the text by the code that was ticked, or leave the cell empty.",
    "unknown_label": "Correct the wording to one of the options, or leave the cell empty.",
    "fractional": "Look at the questionnaire; an answer is a whole number.",
    "out_of_range": "Look at the questionnaire; declare codes such as 99 as missing.",
    "duplicate_person_wave": "Keep one row a person and time point.",
    "not_answered": "Nothing to do if the person was not asked; no score is given.",
    "straight_line": "Look at the questionnaire; leave it in unless it was not filled in for real.",
    "keying": "Check the questionnaire version and whether items were reversed before export.",
    "coding": "Say what the codes mean: coding='canonical' or a named coding.",
    "study": "See the message.",
}

KINDS = {
    "missing_column": "column missing",
    "ambiguous_column": "two columns fit",
    "text": "text for a number",
    "unknown_label": "wording not known",
    "fractional": "not a whole number",
    "out_of_range": "not an option",
    "duplicate_person_wave": "person entered twice",
    "not_answered": "nothing answered",
    "straight_line": "one answer throughout",
    "keying": "item runs against the rest",
    "coding": "coding",
    "study": "study",
}

MOST = 2000  # problems shown one by one; the frame has them all
ROWS_SHOWN = 40  # rows named in one line of the remarks

HEADS = {"wave": "time point", "rule": "kind", "message": "what is wrong"}

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#1b1b1b;margin:0;background:#fff}"
    "main{max-width:70rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.6rem}"
    "h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}"
    "caption{text-align:left;color:#555;padding:.3rem 0}th,td{text-align:left;vertical-align:top;"
    "padding:.3rem .6rem;border-bottom:1px solid #ddd;overflow-wrap:break-word}"
    "thead th{border-bottom:2px solid #333}tbody th{font-weight:400}"
    ".number{text-align:right}.sum{font-size:1.1rem}.hint{background:#fff6dd;padding:.6rem}"
    ".internal{background:#7a1020;color:#fff;padding:.5rem .8rem;font-weight:600}"
    "@media print{main{margin:0;max-width:none}tr{break-inside:avoid}@page{size:A4;margin:15mm}}"
)


def page(report: ValidationReport) -> str:
    """The whole page."""
    title = report.title or "Problems in the data"
    warning = (
        "<p class='internal'>INTERNAL: this page holds identifiers of people.</p>"
        if report.named and len(report.table)
        else ""
    )
    return (
        "<!doctype html>\n<html lang='en-GB'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escaped(title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escaped(title)}</h1>{warning}{body(report)}</main></body></html>\n"
    )


def body(report: ValidationReport) -> str:
    """Summary, counts by kind and by column, errors one by one, remarks by kind."""
    found = report.table.assign(rule=report.table["rule"].map(KINDS).fillna(report.table["rule"]))
    parts = [f"<p class='sum'>{escaped(report.summary)}</p>"]
    parts += [f"<p class='hint'>{escaped(hint)}</p>" for hint in report.hints]
    parts += [f"<p>{escaped(report.sampling)}</p>"] if report.sampling else []
    if not len(found):
        return "".join(parts)
    parts.append("<h2>By kind</h2>" + _table(_by_kind(found), "How many problems of each kind"))
    by_column = found[found["column"].notna()].groupby(["column"], sort=False).size()
    if len(by_column):
        frame = by_column.rename("problems").reset_index()
        parts.append("<h2>By column</h2>" + _table(frame, "Problems in each column"))
    errors = found[found["severity"] == "error"].drop(columns="severity")
    if len(errors):
        more = (
            f"<p>The first {MOST:,} of {len(errors):,} are shown.</p>" if len(errors) > MOST else ""
        )
        shown = errors.head(MOST).astype(object)
        parts.append("<h2>Errors, one by one</h2>" + more + _table(shown, "Every error"))
    remarks = found[found["severity"] != "error"]
    if len(remarks):
        parts.append("<h2>To look at</h2>" + _table(_remarks(remarks), "Remarks, and their rows"))
    return "".join(parts)


def _by_kind(found: pd.DataFrame) -> pd.DataFrame:
    cures = {KINDS[rule]: cure for rule, cure in CURES.items()}
    counts = (
        found.groupby(["severity", "rule"], sort=False)
        .agg(problems=("message", "size"), rows=("row", "nunique"))
        .reset_index()
    )
    counts["what to do"] = counts["rule"].map(cures).fillna("")
    return counts[["rule", "severity", "problems", "rows", "what to do"]]


def _remarks(remarks: pd.DataFrame) -> pd.DataFrame:
    """One line for remarks that say the same of the same time point, with their rows."""
    keys = ["rule", "wave", "message"]
    lines = []
    for (rule, wave, message), group in remarks.groupby(keys, sort=False, dropna=False):
        rows = [str(row) for row in group["row"].dropna()]
        rest = len(rows) - ROWS_SHOWN
        lines.append(
            {
                "rule": rule,
                "wave": wave,
                "message": message,
                "times": len(group),
                "rows": ", ".join(rows[:ROWS_SHOWN]) + (f" … {rest} more" if rest > 0 else ""),
            }
        )
    return pd.DataFrame(lines).replace("", None)


def _table(frame: pd.DataFrame, caption: str) -> str:
    return table(frame.dropna(axis=1, how="all"), caption=caption, headings=HEADS)

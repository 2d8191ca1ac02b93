"""The text of `design.toml` as `start` writes it: in plain words, to be read and corrected."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from socmeasures.reports.design_data import DataPart
from socmeasures.responses.plan import ScoringPlan
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Norm, Score

CONFIRMED = ("published", "secondary")


def design_text(
    part: DataPart,
    *,
    person: str,
    wave: str | None,
    waves: Any,
    group: str | None,
    control: str | None,
    site: str | None,
    date: str | Mapping[str, str] | None,
    plan: ScoringPlan,
    data_name: str,
    command: str,
    folder: Path,
    source: Path,
) -> str:
    """The design with a comment above every part that a person should look at."""
    same_folder = source.parent == folder
    where = data_name if same_folder else os.path.relpath(source, folder).replace("\\", "/")
    lines = [
        "# What is analysed, and for whom. Read it, correct it, then:",
        f"#   {command}",
        "format = 1",
        "",
        "[data]",
        f"file = {_text(where)}",
        'plan = "plan.toml"             # which columns are which questions',
    ]
    if part.encoding:
        lines.append(f"encoding = {_text(part.encoding)}")
    if part.sheets:
        lines.append(f"sheets = {_table(part.sheets)}   # time point = sheet")
    if part.same:
        lines.append(f"same = {_table(part.same)}   # an id = the id it means")
    elif part.sheets:
        lines.append('# same = { "ab1" = "AB01" }    # ids that mean the same person')
    lines += [
        '# words = { "Oftn" = "Often" }  # a word of the file = the word of the questionnaire',
        "",
        "[scoring]",
        '# "raise" stops at an answer that cannot be; "missing" counts it as not given',
        'invalid = "raise"',
        "",
        "[study]",
        f"person = {_text(person)}",
    ]
    if wave is not None:
        lines.append(f"wave = {_text(wave)}")
    if isinstance(waves, Mapping):
        lines.append(f"waves = {_table(waves)}   # time point = mark in the names of columns")
    else:
        lines.append(f"waves = [{', '.join(_text(w) for w in waves)}]   # the first one first")
    if group is not None:
        lines += [f"arm = {_text(group)}", f"control = {_text(control or '')}"]
    lines += [
        '# duplicates = "most_complete"  # a person entered twice: keep the row with most answers',
    ]
    if isinstance(date, str):
        lines.append(f"date = {_text(date)}   # when people answered: shows the weeks between")
    elif date:
        lines.append(f"date = {_table(date)}   # time point = column of its dates")
    last = list(waves)[-1]
    for scale, score in _scores(plan):
        column = f"{scale.id}_{score.id}"
        lines += ["", "[[analyses]]", 'kind = "pre_post"', f"outcome = {_text(column)}"]
        lines += _reliable(scale, score, column)
        if group is not None:
            lines += [
                "",
                "[[analyses]]",
                'kind = "ancova"',
                f"outcome = {_text(column)}",
                f"wave = {_text(str(last))}",
            ]
    lines += [
        "",
        "[report]",
        '# "funder" opens with one page to pass on; "internal" stays inside',
        'audience = ["funder", "internal"]',
        'also = ["docx", "charts", "tables"]',
        '# title = "Befriending in Harbour"',
        'about = ""                      # who you are and what was offered',
        'period = ""                     # when people answered: "January to June 2026"',
    ]
    if site is not None:
        lines.append(f"by_service = {_text(site)}")
    return "\n".join(lines) + "\n"


def _scores(plan: ScoringPlan) -> list[tuple[Scale, Score]]:
    """The total of each scale, or all its scores where there is none."""
    found = []
    for name in dict.fromkeys(p.scale for p in plan.scales):
        scale = next(p for p in plan.scales if p.scale == name).load()
        totals = [s for s in scale.scores if s.id == "total"] or list(scale.scores)
        found += [(scale, score) for score in totals]
    return found


def _reliable(scale: Scale, score: Score, column: str) -> list[str]:
    """Reliable change, where the scale cites a reliability and an SD of one group."""
    norm = _norm(scale, score)
    if norm is None:
        return [
            "",
            "# To count people as better or worse, say how reliable this score is and who says so:",
            "# [[analyses]]",
            '# kind = "reliable_change"',
            f"# outcome = {_text(column)}",
            '# reliability = { value = 0.80, kind = "test-retest", sd = 2.0, source = "…" }',
        ]
    value, kind = (
        (norm.retest_r, "test-retest")
        if norm.retest_r is not None
        else (norm.alpha, "internal consistency")
    )
    source = f"{norm.population}; {norm.source}"
    return [
        "",
        "# Better and worse by more than measurement error. Is this group like yours?",
        "[[analyses]]",
        'kind = "reliable_change"',
        f"outcome = {_text(column)}",
        f"reliability = {{ value = {value}, kind = {_text(kind)}, sd = {norm.sd}, "
        f"source = {_text(source)} }}",
    ]


def _norm(scale: Scale, score: Score) -> Norm | None:
    fits = [
        n
        for n in scale.norms
        if n.score == score.id
        and n.sd
        and n.evidence in CONFIRMED
        and (n.retest_r is not None or n.alpha is not None)
    ]
    return min(fits, key=lambda n: n.retest_r is None, default=None)


def _table(values: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{_text(k)} = {_text(str(v))}" for k, v in values.items()) + " }"


def _text(value: str) -> str:
    """A text as TOML writes it; JSON's strings are TOML's basic strings."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

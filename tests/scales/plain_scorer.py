"""A second scorer in plain Python: dictionary arithmetic straight from the TOML file.

Shares no code with the library, so that a slip in one of the two shows as a disagreement.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

SCALES = Path(__file__).resolve().parents[2] / "scales"
NA = "NA"


def definition_files() -> list[Path]:
    """Every shipped definition; files that begin with `_` are none."""
    return sorted(path for path in SCALES.glob("*.toml") if not path.name.startswith("_"))


def read(scale_id: str) -> dict[str, Any]:
    """The TOML file of a scale as dictionaries and lists."""
    return tomllib.loads((SCALES / f"{scale_id}.toml").read_text(encoding="utf-8"))


def item_codes(raw: dict[str, Any], number: int) -> list[int]:
    """Canonical codes of one item."""
    item = next(i for i in raw["items"] if i["number"] == number)
    if "derived" in item:
        if item["derived"]["rule"] == "follow_up":
            return sorted({0, *item_codes(raw, item["derived"]["items"][1])})
        return [0, 1]
    if "counts_to" in item:
        return list(range(item["counts_to"] + 1))
    options = item.get("options", raw["responses"]["options"])
    return sorted(option["code"] for option in options)


def canonical(raw: dict[str, Any], answers: list[Any], coding: str) -> dict[int, Any]:
    """Answers by item number in canonical codes; an illegal answer is an error."""
    numbers = [item["number"] for item in raw["items"] if "derived" not in item]
    assert len(numbers) == len(answers), "one answer an item"
    by_number = dict(zip(numbers, answers, strict=True))
    if coding != "canonical":
        chosen = next(c for c in raw["codings"] if c["name"] == coding)
        parts = {n: part["map"] for part in chosen.get("parts", []) for n in part["items"]}
        for number in chosen.get("items", numbers):
            if by_number[number] != NA:
                by_number[number] = parts.get(number, chosen["map"])[str(by_number[number])]
    for number, code in by_number.items():
        assert code == NA or code in item_codes(raw, number), f"item {number}: {code} is no code"
    for item in raw["items"]:
        if "derived" in item:
            by_number[item["number"]] = derived(item["derived"], by_number)
    return by_number


def derived(rule: dict[str, Any], codes: dict[int, Any]) -> Any:
    """1 if all (or any) of the items reach the code, else 0; NA where one is missing."""
    answers = [codes[n] for n in rule["items"]]
    if rule["rule"] == "follow_up":
        gate, second = answers
        return NA if gate == NA else second if gate >= rule.get("from", 1) else 0
    if NA in answers:
        return NA
    reached = [a >= rule.get("from", 1) for a in answers]
    return int(all(reached) if rule["rule"] == "all" else any(reached))


def worth(raw: dict[str, Any], score: dict[str, Any], number: int, code: int) -> float:
    """Points of one code of one item in one score, recoding first and reversal after."""

    def recoded(value: int) -> float:
        for rule in score.get("recode", []):
            if number not in rule["items"]:
                continue
            if "ones" in rule:
                return float(value in rule["ones"])
            if "map" in rule:
                return float(rule["map"][str(value)])
            return float([b["points"] for b in rule["bins"] if value >= b["from"]][-1])
        return float(value)

    if number not in score.get("reverse", []):
        return recoded(code)
    every = [recoded(value) for value in item_codes(raw, number)]
    return min(every) + max(every) - recoded(code)


def score_person(
    raw: dict[str, Any], answers: list[Any], coding: str = "canonical"
) -> dict[str, float | str]:
    """Every score of one person; `"NA"` where the missing rule gives none."""
    codes = canonical(raw, answers, coding)
    return {score["id"]: one_score(raw, score, codes) for score in raw["scores"]}


def one_score(raw: dict[str, Any], score: dict[str, Any], codes: dict[int, Any]) -> float | str:
    """One score of one person."""
    answered = [n for n in score["items"] if codes[n] != NA]
    n_missing = len(score["items"]) - len(answered)
    rule = score["missing"]
    if not answered or n_missing > rule.get("allow", 0):
        return NA
    total = sum(worth(raw, score, n, codes[n]) for n in answered)
    if n_missing and rule["method"] == "prorate":
        total = total / len(answered) * len(score["items"])
    method = score.get("method", "sum")
    low, high = limits(raw, score)
    if method == "mean":
        total = total / len(score["items"])
    elif method == "pomp":
        total = 100 * (total - low) / (high - low)
    elif method == "lookup":
        total = score["table"][str(int(total))]
    return total * score.get("scale_by", 1)


def limits(raw: dict[str, Any], score: dict[str, Any]) -> tuple[float, float]:
    """Smallest and largest possible sum of points."""
    spans = [[worth(raw, score, n, c) for c in item_codes(raw, n)] for n in score["items"]]
    return sum(min(span) for span in spans), sum(max(span) for span in spans)


def risk_flags(raw: dict[str, Any], answers: list[Any], coding: str = "canonical") -> list[Any]:
    """1, 0 or "NA" for every item that is flagged whatever the total."""
    codes = canonical(raw, answers, coding)
    return [
        NA if codes[risk["item"]] == NA else int(codes[risk["item"]] >= risk["from"])
        for risk in raw.get("risks", [])
    ]


def band(score: dict[str, Any], set_name: str, value: float) -> str:
    """The label of the band a score falls in."""
    bands = next(b for b in score["bands"] if b["set"] == set_name)
    inside = [
        cut["label"]
        for cut in bands["cuts"]
        if ("from" in cut and value >= cut["from"]) or ("above" in cut and value > cut["above"])
    ]
    return inside[-1]

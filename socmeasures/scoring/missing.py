"""The rule for missing answers: which sums become scores, and with what status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from socmeasures.errors import MissingRuleError, did_you_mean
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import MissingMethod, Score

STATUSES = ("scored", "prorated", "partial", "too_few_items", "not_answered", "invalid")
SCORED, PRORATED, PARTIAL, TOO_FEW, NOT_ANSWERED, INVALID = range(len(STATUSES))


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done about missing answers, and whether the caller overrode the scale."""

    method: MissingMethod
    allow: int
    source: str
    overridden: bool = False
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For the record."""
        noted = {"note": self.note} if self.note else {}
        return {
            "method": self.method,
            "allow": self.allow,
            "source": self.source,
            "overridden": self.overridden,
            **noted,
        }


def rule_for(scale: Scale, score: Score, asked: Any) -> Rule:
    """The scale's own rule, or the caller's in its place (recorded as overridden)."""
    own = Rule(score.missing.method, score.missing.allow, score.missing.source)
    if asked is None:
        return own
    if isinstance(asked, Mapping) and not ({"method", "allow"} & set(asked)):
        asked = asked.get(scale.id)
        if asked is None:
            return own
        if isinstance(asked, Mapping) and not ({"method", "allow"} & set(asked)):
            asked = asked.get(score.id)
            if asked is None:
                return own
    method, allow = _parsed(asked)
    if (method, allow) == (own.method, own.allow):
        return own
    if method == "prorate" and allow and not scale.can_be_prorated(score):
        if any(scale.can_be_prorated(other) for other in scale.scores):
            return replace(own, note="not prorated as asked: its items have different ranges")
        raise MissingRuleError(
            asked,
            f"the items of {scale.id}_{score.id} have different ranges, so the mean of some cannot "
            "stand for the others",
        )
    return Rule(method, allow, "the caller's choice", overridden=True)


def refuse_unused(asked: Any, scales: Sequence[Scale]) -> None:
    """Rules by scale or score id must each have their scale here: a slip would go unnoticed."""
    if not isinstance(asked, Mapping) or {"method", "allow"} & set(asked):
        return
    known = {scale.id: [score.id for score in scale.scores] for scale in scales}
    for scale_id, rule in asked.items():
        if scale_id not in known:
            close = did_you_mean(str(scale_id), list(known)).removesuffix(".")
            why = f"no scale {scale_id!r} is being scored{'.' if close else ''}{close}"
            raise MissingRuleError(dict(asked), why)
        if not isinstance(rule, Mapping) or {"method", "allow"} & set(rule):
            continue
        for score_id in set(rule) - set(known[scale_id]):
            raise MissingRuleError(dict(asked), f"{scale_id!r} has no score {score_id!r}")


def _parsed(asked: Any) -> tuple[MissingMethod, int]:
    methods = get_args(MissingMethod)
    if isinstance(asked, str):
        if asked != "complete":
            why = (
                f"{asked!r} needs the number of answers that may be missing"
                if asked in methods
                else f"there is no method {asked!r}"
            )
            raise MissingRuleError(asked, why)
        return "complete", 0
    if not isinstance(asked, Mapping):
        raise MissingRuleError(asked, "a rule is a text or a mapping")
    unknown = set(asked) - {"method", "allow"}
    if unknown:
        raise MissingRuleError(dict(asked), f"there is no field {sorted(map(str, unknown))[0]!r}")
    method = asked.get("method", "prorate")
    if method not in methods:
        raise MissingRuleError(dict(asked), f"there is no method {method!r}")
    allow = asked.get("allow", 0)
    if isinstance(allow, bool) or not isinstance(allow, int) or allow < 0:
        raise MissingRuleError(dict(asked), "allow is a whole number of answers, 0 or more")
    if method == "complete" and allow:
        raise MissingRuleError(dict(asked), "method 'complete' allows no missing answer")
    return method, allow


def apply(
    scale: Scale,
    score: Score,
    rule: Rule,
    sums: NDArray[np.float64],
    answered: NDArray[np.int16],
    illegal: NDArray[np.int16] | None,
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Scores and statuses from sums over the legal answers.

    Complete answers give the sum; a prorated score is the mean of the answered items times their
    number; `count_answered` counts what is there. A person who answered nothing has no score.
    """
    k = len(score.items)
    statuses = np.full(k + 1, TOO_FEW, np.int8)
    partial = PARTIAL if rule.method == "count_answered" else PRORATED
    statuses[max(1, k - rule.allow) : k] = partial
    statuses[k] = SCORED
    statuses[0] = NOT_ANSWERED
    status = statuses.take(answered)
    if illegal is not None:
        status[(illegal > 0) & (status >= TOO_FEW)] = INVALID

    totals = sums.copy()
    if rule.method == "prorate" and rule.allow:
        some = np.flatnonzero(status == PRORATED)
        # multiplied first: 20 * 18 / 15 is 24, and 20 / 15 * 18 a hair below it
        totals[some] = sums[some] * k / answered[some]
    values = _finished(scale, score, totals)
    np.copyto(values, np.nan, where=status >= TOO_FEW)
    return values, status


def _finished(scale: Scale, score: Score, totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum → the score's own metric."""
    low, high = scale.sum_limits(score)
    if score.method == "mean":
        totals = totals / len(score.items)
    elif score.method == "pomp":
        totals = (totals - low) * 100.0 / (high - low)
    elif score.method == "lookup":
        return _looked_up(score, totals, low, high)
    return totals * score.scale_by if score.scale_by != 1.0 else totals


def _looked_up(
    score: Score, totals: NDArray[np.float64], low: float, high: float
) -> NDArray[np.float64]:
    """Whole sums → table values; a prorated sum is rounded half up first."""
    table = np.array([(score.table or {})[v] for v in range(int(low), int(high) + 1)])
    whole = np.floor(np.where(np.isfinite(totals), totals, low) + 0.5)
    place = np.clip(whole, low, high).astype(np.int64) - int(low)
    return np.asarray(table[place] * score.scale_by)

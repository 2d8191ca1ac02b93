"""One outcome from one time point to another: what moved, and its rows of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from socmeasures.designs import change_words as words
from socmeasures.designs.measurements import Measurements
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.study import Study
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.overlap import matched_rank_biserial, paired_superiority
from socmeasures.effects.paired import Kind, mean_change, paired_d
from socmeasures.effects.proportions import sign_test, wilson_interval
from socmeasures.effects.signed_rank import SignedRank, wilcoxon
from socmeasures.errors import (
    NobodyMeasuredTwiceError,
    NoSpreadError,
    OnePairError,
    plural,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """One outcome from one time point to another."""

    outcome: Outcome
    earlier: str
    later: str
    before: np.ndarray
    after: np.ndarray
    n_people: int
    mean: Estimate
    effects: dict[str, Estimate]  # by the name of the SD: baseline, av, z
    ranks: SignedRank
    notes: tuple[str, ...]

    @property
    def contrast(self) -> str:
        return f"{self.later} - {self.earlier}"

    @property
    def key(self) -> dict[str, Any]:
        return {"outcome": self.outcome.column, "wave": self.later, "contrast": self.contrast}

    @property
    def n(self) -> int:
        return len(self.before)


def change_between(
    study: Study, measured: Measurements, earlier: str, later: str, level: float, correct: bool
) -> Change:
    both = measured.scores[[earlier, later]].notna().all(axis=1)
    name = measured.outcome.column
    if both.sum() == 0:
        scores = measured.scores
        there = [
            f"{w} {plural(int(scores[w].notna().sum()), 'person', 'people')}"
            for w in (earlier, later)
        ]
        raise NobodyMeasuredTwiceError(name, earlier, later, there)
    if both.sum() == 1:
        raise OnePairError(name, earlier, later)
    before = measured.scores.loc[both, earlier].to_numpy()
    after = measured.scores.loc[both, later].to_numpy()
    mean = mean_change(after, before, confidence=level)
    notes = [*mean.notes]
    effects: dict[str, Estimate] = {}
    kinds: tuple[Kind, ...] = ("baseline", "av", "z")
    for kind in kinds:
        try:
            effects[kind] = paired_d(after, before, kind=kind, correct=correct, confidence=level)
        except NoSpreadError as fault:
            notes.append(str(fault))
    ranks = wilcoxon(after, before, confidence=level)
    if ranks.n_zero:
        notes.append(
            f"{ranks.n_zero:,} of {len(before):,} people did not change; the rank test leaves "
            "them out."
        )
    if set(np.unique(np.concatenate([before, after]))) <= {0.0, 1.0}:
        notes.append("The outcome is 0 or 1: read the mean change as a change in the share of 1.")
    n_out = len(study.people) - len(before)
    if n_out:
        notes.append(
            f"{n_out:,} of {len(study.people):,} people are not in this change; those who stayed "
            "may be those who did well. The reasons are counted in .n."
        )
    where = f"{name}, {later} - {earlier}: "
    return Change(
        outcome=measured.outcome,
        earlier=earlier,
        later=later,
        before=before,
        after=after,
        n_people=len(study.people),
        mean=mean,
        effects=effects,
        ranks=ranks,
        notes=tuple(where + note for note in dict.fromkeys(notes)),
    )


def main_row(change: Change) -> dict[str, Any]:
    mean, effect = change.mean, change.effects.get("baseline")
    t = mean.estimate / mean.se if mean.se else np.nan
    return {
        **change.key,
        "term": "mean change",
        "estimate": mean.estimate,
        "se": mean.se,
        "df": mean.df,
        "statistic": t,
        "p_value": np.nan if mean.p_value is None else mean.p_value,
        "ci_low": mean.ci_low,
        "ci_high": mean.ci_high,
        "n": change.n,
        "n_excluded": change.n_people - change.n,
        "method": mean.method,
        "effect_size": effect.estimate if effect else np.nan,
        "effect_size_type": effect.name if effect else "d_baseline_sd",
        "effect_size_ci_low": effect.ci_low if effect else np.nan,
        "effect_size_ci_high": effect.ci_high if effect else np.nan,
    }


def pairs_row(change: Change) -> dict[str, Any]:
    before, after = change.before, change.after
    varies = before.std() > 0 and after.std() > 0
    return {
        **change.key,
        "n": change.n,
        "mean_earlier": before.mean(),
        "sd_earlier": before.std(ddof=1),
        "mean_later": after.mean(),
        "sd_later": after.std(ddof=1),
        "sd_change": (after - before).std(ddof=1),
        "correlation": np.corrcoef(before, after)[0, 1] if varies else np.nan,
    }


def effect_rows(change: Change) -> list[dict[str, Any]]:
    use = {
        "baseline": "the one to report",
        "av": "for comparison with other studies",
        "z": "for power calculations: it grows with the correlation of the two scores",
    }
    return [
        {
            **change.key,
            "term": e.name,
            "estimate": e.estimate,
            "se": e.se,
            "ci_low": e.ci_low,
            "ci_high": e.ci_high,
            "n": e.n,
            "use": use[kind],
            "method": e.method,
        }
        for kind, e in change.effects.items()
    ]


def rank_row(change: Change) -> dict[str, Any]:
    ranks = change.ranks
    return {
        **change.key,
        "term": "typical change (Hodges-Lehmann)",
        "estimate": ranks.hodges_lehmann.estimate,
        "statistic": ranks.statistic,
        "p_value": np.nan if ranks.p_value is None else ranks.p_value,
        "ci_low": ranks.hodges_lehmann.ci_low,
        "ci_high": ranks.hodges_lehmann.ci_high,
        "n": ranks.n,
        "n_zero": ranks.n_zero,
        "rank_biserial": np.nan if ranks.rank_biserial is None else ranks.rank_biserial,
        "method": f"Wilcoxon signed rank, {ranks.method}",
    }


def share_rows(change: Change, level: float) -> list[dict[str, Any]]:
    difference = change.after - change.before
    size = np.maximum(np.abs(change.after), np.abs(change.before))
    moved = np.abs(difference) > 1e-10 * size  # means of items differ in their last digits
    counts = {
        "higher": int(np.sum(moved & (difference > 0))),
        "same": int(np.sum(~moved)),
        "lower": int(np.sum(moved & (difference < 0))),
    }
    p_value = sign_test(counts["higher"], counts["lower"])
    meaning = words.meaning_of(change.outcome)
    rows = []
    for direction, count in counts.items():
        share = wilson_interval(count, change.n, confidence=level)
        rows.append(
            {
                **change.key,
                "direction": direction,
                **({"meaning": meaning[direction]} if meaning else {}),
                "n": count,
                "n_pairs": change.n,
                "share": share.estimate,
                "ci_low": share.ci_low,
                "ci_high": share.ci_high,
                "sign_test_p": np.nan if p_value is None else p_value,
            }
        )
    return rows



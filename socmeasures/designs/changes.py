"""One outcome from one time point to another: what moved, and its rows of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from socmeasures.designs import change_words as words
from socmeasures.designs.category_change import change_in_order, change_in_share
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
from socmeasures.models.site_mean import site_mean

Form = Literal["score", "binary", "ordered"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """One outcome from one time point to another, in the people with both."""

    outcome: Outcome
    form: Form
    earlier: str
    later: str
    people: pd.Index
    before: np.ndarray
    after: np.ndarray
    n_people: int
    main: Estimate  # mean change; difference in share; share higher minus share lower
    effects: dict[str, Estimate]  # by the name of the SD: baseline, av, z; scores only
    ranks: SignedRank | None
    notes: tuple[str, ...]
    categories: tuple[str, ...] = ()

    @property
    def contrast(self) -> str:
        """`later - earlier`, as the tables name it."""
        return f"{self.later} - {self.earlier}"

    @property
    def key(self) -> dict[str, Any]:
        """What tells this change's rows from others."""
        return {"outcome": self.outcome.column, "wave": self.later, "contrast": self.contrast}

    @property
    def n(self) -> int:
        """Pairs."""
        return len(self.before)


def change_between(
    study: Study,
    measured: Measurements,
    earlier: str,
    later: str,
    level: float,
    correct: bool,
    *,
    among: pd.Series | None = None,
    sites: pd.Series | None = None,
) -> Change:
    """Estimate one change; refuses fewer than two pairs.

    `among` (True for people to use) narrows it to a subgroup; `sites` gives the interval by site.
    """
    both = measured.scores[[earlier, later]].notna().all(axis=1)
    everybody = len(study.people)
    if among is not None:
        both &= among
        everybody = int(among.sum())
    name = measured.outcome.column
    if both.sum() == 0:
        scores = measured.scores if among is None else measured.scores[among]
        there = [
            f"{w} {plural(int(scores[w].notna().sum()), 'person', 'people')}"
            for w in (earlier, later)
        ]
        raise NobodyMeasuredTwiceError(name, earlier, later, there)
    if both.sum() == 1:
        raise OnePairError(name, earlier, later)
    before = measured.scores.loc[both, earlier].to_numpy()
    after = measured.scores.loc[both, later].to_numpy()
    form = form_of(measured)
    notes: list[str] = []
    effects: dict[str, Estimate] = {}
    ranks = None
    if form == "score":
        main = mean_change(after, before, confidence=level)
        effects = _effects(after, before, level, correct, notes)
        ranks = wilcoxon(after, before, confidence=level)
        if ranks.n_zero:
            notes.append(
                f"{ranks.n_zero:,} of {len(before):,} people did not change; the rank test leaves "
                "them out."
            )
    elif form == "binary":
        main = change_in_share(before, after, level)
    else:
        main = change_in_order(before, after, level)
    notes = [*main.notes, *notes]
    if sites is not None:
        moved = np.sign(after - before) if form == "ordered" else after - before
        by_site = site_mean(moved, sites[both].to_numpy(), confidence=level)
        if np.isfinite(by_site.ci_low):
            main = by_site
            if effects:
                notes.append(
                    "The interval of the mean change allows for people of one site being alike; "
                    "those of the standardised change and of the rank test do not."
                )
    if form == "score":
        notes.append(words.shares_without_change(*_moved(after, before)))
    n_out = everybody - len(before)
    if n_out:
        notes.append(
            f"{n_out:,} of {everybody:,} people are not in this change; those who stayed "
            "may be those who did well. The reasons are counted in .n."
        )
    where = f"{name}, {later} - {earlier}: "
    return Change(
        outcome=measured.outcome,
        form=form,
        earlier=earlier,
        later=later,
        people=measured.scores.index[both],
        before=before,
        after=after,
        n_people=everybody,
        main=main,
        effects=effects,
        ranks=ranks,
        notes=tuple(where + note for note in dict.fromkeys(notes)),
        categories=measured.categories,
    )


def form_of(measured: Measurements) -> Form:
    """A score, an answer of 0 or 1, or one of several ordered answers."""
    if measured.categories:
        return "ordered"
    values = measured.scores.to_numpy()
    values = values[~np.isnan(values)]
    return "binary" if len(values) and np.isin(values, (0.0, 1.0)).all() else "score"


def _effects(
    after: np.ndarray, before: np.ndarray, level: float, correct: bool, notes: list[str]
) -> dict[str, Estimate]:
    found: dict[str, Estimate] = {}
    kinds: tuple[Kind, ...] = ("baseline", "av", "z")
    for kind in kinds:
        try:
            found[kind] = paired_d(after, before, kind=kind, correct=correct, confidence=level)
        except NoSpreadError as fault:
            notes.append(str(fault))
    return found


TERMS = {
    "score": "mean change",
    "binary": "change in share",
    "ordered": "share higher minus share lower",
}


def main_row(change: Change) -> dict[str, Any]:
    """The row of the tidy table."""
    main, effect = change.main, change.effects.get("baseline")
    t = main.estimate / main.se if main.se and main.df is not None else np.nan
    effect_size = {
        "effect_size": effect.estimate if effect else np.nan,
        "effect_size_type": effect.name if effect else "d_baseline_sd",
        "effect_size_ci_low": effect.ci_low if effect else np.nan,
        "effect_size_ci_high": effect.ci_high if effect else np.nan,
    }
    return {
        **change.key,
        "term": TERMS[change.form],
        "estimate": main.estimate,
        "se": np.nan if main.se is None else main.se,
        "df": np.nan if main.df is None else main.df,
        "statistic": t,
        "p_value": np.nan if main.p_value is None else main.p_value,
        "ci_low": main.ci_low,
        "ci_high": main.ci_high,
        "n": change.n,
        "n_excluded": change.n_people - change.n,
        "method": main.method,
        **effect_size,
    }


def pairs_row(change: Change) -> dict[str, Any]:
    """Means, SDs and correlation of the pairs."""
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
    """Each standardised change and what it is for."""
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


def rank_row(change: Change, level: float) -> dict[str, Any]:
    """Wilcoxon's test and its relatives."""
    ranks = change.ranks
    if ranks is None:
        return {}
    biserial = matched_rank_biserial(change.after, change.before, confidence=level)
    superiority = paired_superiority(change.after, change.before, confidence=level)
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
        "rank_biserial": biserial.estimate,
        "rank_biserial_ci_low": biserial.ci_low,
        "rank_biserial_ci_high": biserial.ci_high,
        "superiority": superiority.estimate,
        "superiority_ci_low": superiority.ci_low,
        "superiority_ci_high": superiority.ci_high,
        "method": f"Wilcoxon signed rank, {ranks.method}",
    }


def _moved(after: np.ndarray, before: np.ndarray) -> tuple[int, int, int]:
    """How many are higher, the same, lower, by any amount."""
    difference = after - before
    size = np.maximum(np.abs(after), np.abs(before))
    moved = np.abs(difference) > 1e-10 * size  # means of items differ in their last digits
    return (
        int(np.sum(moved & (difference > 0))),
        int(np.sum(~moved)),
        int(np.sum(moved & (difference < 0))),
    )


def share_rows(change: Change, level: float) -> list[dict[str, Any]]:
    """How many are higher, the same, lower, by any amount, and with no change at all."""
    counts = dict(
        zip(("higher", "same", "lower"), _moved(change.after, change.before), strict=True)
    )
    tie = counts["same"] / change.n
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
                "share_without_change": tie if direction == "same" else (1 - tie) / 2,
                "sign_test_p": np.nan if p_value is None else p_value,
            }
        )
    return rows

"""One group before and after: what changed, in whom, how sure, and what it does not say."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs import change_words as words
from socmeasures.designs.measurements import (
    Measurements,
    describe,
    floor_and_ceiling_notes,
    measure,
    outcome_notes,
    person_level,
)
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.effects.bootstrap import STATISTICS, bootstrap_change
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_confidence
from socmeasures.effects.paired import Kind, mean_change, paired_d
from socmeasures.effects.proportions import sign_test, wilson_interval
from socmeasures.effects.signed_rank import SignedRank, wilcoxon
from socmeasures.errors import (
    ChoiceError,
    NobodyMeasuredTwiceError,
    NoSpreadError,
    OnePairError,
    SocmeasuresError,
    WaveNotFoundError,
    plural,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Change:
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


def pre_post(
    study: Study,
    outcome: str | Sequence[str],
    *,
    waves: Sequence[str] | None = None,
    confidence: float = 0.95,
    correct: bool = False,
    bootstrap: bool = False,
    seed: int = 0,
) -> Result:
    """Change in the same people between time points, with everybody who is not in it counted.

    Parameters
    ----------
    study : Study
        Arms, if it has any, are pooled, and a note says so.
    outcome : str or sequence of str
        Score columns. Several give a row each.
    waves : sequence of str, optional
        Time points to use, in the study's order; all of them by default. Each later one is
        compared with the first.
    confidence : float in (0, 1)
        Coverage of the intervals.
    correct : bool
        Give g (Hedges' exact small-sample correction) instead of d.
    bootstrap : bool
        Add BCa bootstrap intervals (10,000 resamples) as ``.tables["bootstrap"]``.
    seed : int
        For the bootstrap; streams are separate for each outcome.

    Returns
    -------
    Result
        `to_frame()`: one row an outcome and later time point, term ``mean change``: later −
        earlier in the unit of the score, t interval, paired t test, ``n`` pairs,
        ``n_excluded`` people, and the headline ``effect_size`` in baseline SDs. `.tables`:
        ``pairs`` (means, SDs, correlation), ``standardised change`` (baseline SD, d_av, d_z),
        ``rank test``, ``higher, same, lower``. `.notes` always hold the sentence that change
        without a comparison group is not an effect.

    Raises
    ------
    NobodyMeasuredTwiceError, OnePairError
        No person, or one, has a score at both time points.
    TextOutcomeError, OutcomeNotFoundError, WaveNotFoundError
        The outcome is text or not there; a time point is unknown or out of order.

    Notes
    -----
    A person without a score at either time point is left out of that comparison and counted by
    reason in `.n`. Methods and simulated coverage: docs/methods.md.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> wide = pd.DataFrame({"id": [1, 2, 3, 4, 5], "score__pre": [5, 7, 6, 8, 4],
    ...                      "score__post": [4, 6, 6, 5, None]})
    >>> study = soc.Study.from_wide(wide, person="id", waves={"before": "pre", "after": "post"})
    >>> result = soc.pre_post(study, "score")
    >>> result.to_frame()[["contrast", "estimate", "n", "n_excluded"]].to_dict("records")
    [{'contrast': 'after - before', 'estimate': -1.25, 'n': 4, 'n_excluded': 1}]
    """
    level = check_confidence(confidence)
    names = [outcome] if isinstance(outcome, str) else list(dict.fromkeys(outcome))
    if not names:
        raise ChoiceError("outcome", outcome, study.columns)
    used = _waves_in_order(study, waves)
    measured = [measure(study, name) for name in names]
    changes: list[_Change] = []
    not_possible: list[SocmeasuresError] = []
    for one in measured:
        for later in used[1:]:
            try:
                changes.append(_change(study, one, used[0], later, level, correct))
            except (NobodyMeasuredTwiceError, OnePairError) as fault:
                not_possible.append(fault)
    if not changes:
        raise not_possible[0]
    descriptives = pd.concat([describe(m, used, ()) for m in measured], ignore_index=True)
    tables = {
        "pairs": pd.DataFrame([_pairs_row(c) for c in changes]),
        "standardised change": pd.DataFrame([row for c in changes for row in _effect_rows(c)]),
        "rank test": pd.DataFrame([_rank_row(c) for c in changes]),
        "higher, same, lower": pd.DataFrame([r for c in changes for r in _share_rows(c, level)]),
    }
    if bootstrap:
        tables["bootstrap"] = pd.DataFrame(
            [row for c in changes for row in _bootstrap_rows(c, level, seed)]
        )
    outcomes = tuple(m.outcome for m in measured)
    notes = [
        *words.design_notes(study, len(changes)),
        *(str(fault) for fault in not_possible),
        *(note for o in outcomes for note in outcome_notes(o)),
        *(note for c in changes for note in c.notes),
        *floor_and_ceiling_notes(descriptives),
        *study.notes,
    ]
    return Result(
        kind="pre_post",
        title=words.title([o.label for o in outcomes], used),
        outcome=outcomes[0],
        outcomes=outcomes,
        table=pd.DataFrame([_main_row(c) for c in changes]),
        n=pd.concat([_counts(m, used) for m in measured], ignore_index=True),
        descriptives=descriptives,
        scores=pd.concat([person_level(m, used) for m in measured], ignore_index=True),
        summary=words.summary(
            [(c.outcome, c.mean, c.n_people, c.earlier, c.later) for c in changes]
        ),
        methods=words.methods(outcomes, level, correct, bootstrap, seed),
        notes=tuple(dict.fromkeys(notes)),
        confidence=level,
        waves=tuple(used),
        tables=tables,
    )


def _waves_in_order(study: Study, waves: Sequence[str] | None) -> list[str]:
    asked = [waves] if isinstance(waves, str) else waves
    used = list(study.waves) if asked is None else [str(w) for w in asked]
    places = [study.wave_position(w) for w in used]
    if len(used) < 2:
        raise WaveNotFoundError(
            used, study.waves, "A change needs two time points, an earlier and a later one."
        )
    if any(later <= earlier for earlier, later in pairwise(places)):
        raise WaveNotFoundError(
            used, study.waves, f"These time points are out of order: {', '.join(used)}."
        )
    return used


def _change(
    study: Study, measured: Measurements, earlier: str, later: str, level: float, correct: bool
) -> _Change:
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
    return _Change(
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


def _main_row(change: _Change) -> dict[str, Any]:
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


def _pairs_row(change: _Change) -> dict[str, Any]:
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


def _effect_rows(change: _Change) -> list[dict[str, Any]]:
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


def _rank_row(change: _Change) -> dict[str, Any]:
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


def _share_rows(change: _Change, level: float) -> list[dict[str, Any]]:
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


def _bootstrap_rows(change: _Change, level: float, seed: int) -> list[dict[str, Any]]:
    stream = (seed, zlib.crc32(f"{change.outcome.column}\n{change.contrast}".encode()))
    rows = []
    for statistic in STATISTICS:
        try:
            e = bootstrap_change(
                change.after, change.before, statistic=statistic, confidence=level, seed=stream
            )
        except SocmeasuresError:  # too few or no spread: the notes of the main row say so
            continue
        rows.append(
            {
                **change.key,
                "term": statistic,
                "estimate": e.estimate,
                "se": e.se,
                "ci_low": e.ci_low,
                "ci_high": e.ci_high,
                "n": e.n,
                "method": e.method,
            }
        )
    return rows


def _counts(measured: Measurements, waves: list[str]) -> pd.DataFrame:
    """Who is in each comparison and who is not, by reason; the reason says at which time point."""
    first = waves[0]
    rows = []
    for later in waves[1:]:
        at_first, at_later = measured.reasons[first], measured.reasons[later]
        why = pd.Series("", index=measured.scores.index, dtype=object)
        why[at_later != ""] = f"{later}: " + at_later[at_later != ""]
        why[at_first != ""] = f"{first}: " + at_first[at_first != ""]
        neither = (at_first != "") & (at_later != "")
        why[neither] = f"{first} and {later}: " + at_later[neither]
        counts = why.value_counts()
        rows.append(
            {
                "wave": later,
                "arm": "all",
                "group": "analysed",
                "reason": "",
                "n": int(counts.get("", 0)),
            }
        )
        rows += [
            {"wave": later, "arm": "all", "group": "excluded", "reason": reason, "n": int(n)}
            for reason, n in counts.drop("", errors="ignore").sort_index().items()
        ]
    return pd.DataFrame(rows).assign(outcome=measured.outcome.column)

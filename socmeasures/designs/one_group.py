"""One group before and after: what changed, in whom, how sure, and what it does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs import change_words as words
from socmeasures.designs.category_change import distribution_rows, transition_rows
from socmeasures.designs.category_change import share_rows as category_share_rows
from socmeasures.designs.changes import (
    Change,
    change_between,
    effect_rows,
    main_row,
    pairs_row,
    rank_row,
    share_rows,
)
from socmeasures.designs.families import adjusted_rows, check_families, family_notes
from socmeasures.designs.groups import changes_by, site_groups, sites_of
from socmeasures.designs.measurements import (
    Measurements,
    describe,
    floor_and_ceiling_notes,
    is_ordered,
    measure,
    measure_ordered,
    outcome_notes,
    person_level,
)
from socmeasures.designs.pairs import exclusions, waves_in_order
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.designs.timing import check_window, timing_notes, timing_row, weeks_between
from socmeasures.effects.bootstrap import bootstrap_changes, changes_differ
from socmeasures.effects.equivalence import equivalence
from socmeasures.effects.measured import check_confidence
from socmeasures.effects.multiplicity import Adjustment
from socmeasures.errors import (
    ChoiceError,
    FamilyError,
    NobodyMeasuredTwiceError,
    NoSpreadError,
    OnePairError,
    SocmeasuresError,
    TimingError,
)


def pre_post(
    study: Study,
    outcome: str | Sequence[str],
    *,
    waves: Sequence[str] | None = None,
    confidence: float = 0.95,
    correct: bool = False,
    bootstrap: bool = False,
    seed: int = 0,
    ordered: str | Sequence[str] = (),
    primary: str | Sequence[str] = (),
    secondary: str | Sequence[str] = (),
    adjust: Adjustment = "holm",
    by: str | None = None,
    within: Mapping[str, tuple[float, float]] | None = None,
    window: tuple[float, float] | None = None,
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
        For the bootstrap. An outcome's interval is the same alone and among others.
    ordered : str or sequence of str
        Outcomes that are one ordered answer (an ordered pandas categorical is one without being
        named): their whole distribution is shown and no mean of codes is taken.
    primary, secondary : str or sequence of str
        Families of outcomes, declared before the data were seen; p values are adjusted within
        each.
    adjust : str
        How, as in `adjust_p_values`; Holm by default.
    by : str, optional
        A column of groups (age band, gender): changes by group, as ``.tables["by ..."]``,
        descriptive and without a test between them.
    within : mapping of outcome to (low, high), optional
        Bounds of equivalence in points, set beforehand: two one-sided tests as
        ``.tables["equivalence"]``.
    window : tuple of float, optional
        Fewest and most weeks there should be between two answers; needs ``Study(date=...)``.

    Returns
    -------
    Result
        `to_frame()`: one row an outcome and later time point, term ``mean change``: later −
        earlier in the unit of the score, t interval, paired t test, ``n`` pairs,
        ``n_excluded`` people, and the headline ``effect_size`` in baseline SDs. `.tables`:
        ``pairs`` (means, SDs, correlation), ``standardised change`` (baseline SD, d_av, d_z),
        ``rank test``, ``higher, same, lower``, and ``timing`` where there are dates. An outcome
        of 0 and 1 has the change in its share (Newcombe's interval, exact McNemar test), an
        ordered one the share higher minus the share lower; both have ``transitions``. With five
        or more declared sites the interval is by site (CR2) and ``by site`` shows each. `.notes`
        always hold the sentence that change without a comparison group is not an effect.

    Raises
    ------
    NobodyMeasuredTwiceError, OnePairError
        No person, or one, has a score at both time points.
    TextOutcomeError, OutcomeNotFoundError, WaveNotFoundError
        The outcome is text or not there; a time point is unknown or out of order.
    FamilyError, TimingError
        A family or a window that does not fit.

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
    families = check_families(primary, secondary, names)
    used = waves_in_order(study, waves)
    span = check_window(window)
    if span is not None and study.date is None:
        raise TimingError.no_dates()
    as_answers = {ordered} if isinstance(ordered, str) else set(ordered)
    measured = [
        measure_ordered(study, name)
        if name in as_answers or is_ordered(study, name)
        else measure(study, name)
        for name in names
    ]
    sites = sites_of(study)
    changes, not_possible = _changes(study, measured, used, level, correct, sites)
    descriptives = pd.concat([_described(m, used) for m in measured], ignore_index=True)
    tables = _tables(changes, level)
    if bootstrap and any(c.form == "score" for c in changes):
        tables["bootstrap"] = _bootstrapped(changes, level, seed)
    if within:
        tables["equivalence"] = _equivalence(changes, within, names)
    if sites is not None:
        tables["by site"] = changes_by(study, measured, used, site_groups(sites), level, "site")
    if by is not None:
        groups = study.by_person(by)
        tables[f"by {by}"] = changes_by(study, measured, used, groups, level, by)
    notes_of_time: list[str] = []
    if study.date is not None:
        tables["timing"], notes_of_time = _timing(study, changes, span)
    table = adjusted_rows(pd.DataFrame([main_row(c) for c in changes]), families, adjust)
    outcomes = tuple(m.outcome for m in measured)
    notes = [
        *words.design_notes(study, sites is not None),
        *family_notes(table),
        *words.group_notes(by),
        *(str(fault) for fault in not_possible),
        *(note for o in outcomes for note in outcome_notes(o)),
        *(note for c in changes for note in c.notes),
        *floor_and_ceiling_notes(descriptives),
        *notes_of_time,
        *study.notes,
    ]
    return Result(
        kind="pre_post",
        title=words.title([o.label for o in outcomes], used),
        outcome=outcomes[0],
        outcomes=outcomes,
        table=table,
        n=pd.concat([exclusions(m, used) for m in measured], ignore_index=True),
        descriptives=descriptives,
        scores=pd.concat([person_level(m, used) for m in measured], ignore_index=True),
        summary=words.summary(changes),
        methods=words.methods(
            outcomes, level, correct, seed if bootstrap else None,
            {c.form for c in changes}, sites is not None, adjust if families else None,
        ),
        notes=tuple(dict.fromkeys(notes)),
        confidence=level,
        waves=tuple(used),
        tables=tables,
    )  # fmt: skip


def _changes(
    study: Study,
    measured: list[Measurements],
    used: list[str],
    level: float,
    correct: bool,
    sites: pd.Series | None,
) -> tuple[list[Change], list[SocmeasuresError]]:
    changes: list[Change] = []
    not_possible: list[SocmeasuresError] = []
    for one in measured:
        for later in used[1:]:
            try:
                change = change_between(study, one, used[0], later, level, correct, sites=sites)
            except (NobodyMeasuredTwiceError, OnePairError) as fault:
                not_possible.append(fault)
            else:
                changes.append(change)
    if not changes:
        raise not_possible[0]
    return changes, not_possible


def _described(measured: Measurements, used: list[str]) -> pd.DataFrame:
    table = describe(measured, used, ())
    if measured.categories:  # places of answers have no mean
        table[["mean", "sd", "median", "q1", "q3", "min", "max"]] = np.nan
    return table


def _tables(changes: list[Change], level: float) -> dict[str, pd.DataFrame]:
    scores = [c for c in changes if c.form == "score"]
    binary = [c for c in changes if c.form == "binary"]
    ordered = [c for c in changes if c.form == "ordered"]
    moved = [c for c in changes if c.form != "binary"]
    made: dict[str, list[dict[str, Any]]] = {
        "pairs": [pairs_row(c) for c in scores],
        "standardised change": [row for c in scores for row in effect_rows(c)],
        "rank test": [rank_row(c, level) for c in scores],
        "share before and after": [row for c in binary for row in category_share_rows(c, level)],
        "answers before and after": [row for c in ordered for row in distribution_rows(c)],
        "higher, same, lower": [row for c in moved for row in share_rows(c, level)],
        "transitions": [row for c in [*binary, *ordered] for row in transition_rows(c)],
    }
    return {name: pd.DataFrame(rows) for name, rows in made.items() if rows}


def _bootstrapped(changes: list[Change], level: float, seed: int) -> pd.DataFrame:
    """Outcomes of equally many people are resampled together."""
    possible = [
        c for c in changes
        if c.form == "score" and c.n >= 3 and bool(changes_differ(c.after, c.before))
    ]  # fmt: skip
    rows: dict[int, list[dict[str, Any]]] = {}
    for n in {c.n for c in possible}:
        alike = [c for c in possible if c.n == n]
        found = bootstrap_changes(
            np.column_stack([c.after for c in alike]),
            np.column_stack([c.before for c in alike]),
            confidence=level,
            seed=seed,
        )
        for change, estimates in zip(alike, found, strict=True):
            rows[id(change)] = [
                {
                    **change.key,
                    "term": e.name,
                    "estimate": e.estimate,
                    "se": e.se,
                    "ci_low": e.ci_low,
                    "ci_high": e.ci_high,
                    "n": e.n,
                    "method": e.method,
                }
                for e in estimates
                if np.isfinite(e.estimate)
            ]
    return pd.DataFrame([row for c in possible for row in rows[id(c)]])


def _equivalence(
    changes: list[Change], within: Mapping[str, tuple[float, float]], names: list[str]
) -> pd.DataFrame:
    unknown = [n for n in within if n not in names]
    if unknown:
        raise FamilyError.not_analysed(unknown, names)
    rows = []
    for change in changes:
        if change.outcome.column not in within or change.main.df is None:
            continue
        low, high = within[change.outcome.column]
        try:
            test = equivalence(change.main, low=low, high=high)
        except NoSpreadError:  # everybody changed by the same amount: the main row says so
            continue
        rows.append(
            {
                **change.key,
                "estimate": test.estimate,
                "bound_low": low,
                "bound_high": high,
                "p_lower": test.p_lower,
                "p_upper": test.p_upper,
                "p_value": test.p_value,
                "ci_low": test.ci_low,
                "ci_high": test.ci_high,
                "equivalent": test.equivalent,
                "n": test.n,
                "method": "two one-sided t tests, 90 % interval",
            }
        )
    return pd.DataFrame(rows)


def _timing(
    study: Study, changes: list[Change], window: tuple[float, float] | None
) -> tuple[pd.DataFrame, list[str]]:
    rows, notes = [], []
    for change in changes:
        weeks = weeks_between(study, change.earlier, change.later)
        row = timing_row(weeks, change.people, window)
        rows.append({**change.key, **row})
        notes += timing_notes(row, f"{change.outcome.column}, {change.contrast}")
    return pd.DataFrame(rows), notes

"""Counts of people (network size, friends, confidants): rate ratios, and mean differences beside.

One group before and after, or arms at one time point adjusted for the baseline.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from socmeasures.designs import count_words as words
from socmeasures.designs.adjustment import Covariate, compared_people, gather
from socmeasures.designs.arms import control_of, with_warning
from socmeasures.designs.groups import mean_by_site, sites_of
from socmeasures.designs.measurements import (
    Measurements,
    describe,
    measure,
    outcome_notes,
    person_level,
)
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.effects.bootstrap import bootstrap_change
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_choice, check_confidence
from socmeasures.errors import (
    NobodyMeasuredTwiceError,
    NoSpreadError,
    NotACountError,
    OnePairError,
    TooFewError,
    WaveNotFoundError,
)
from socmeasures.models.bootstrap_ols import bootstrap_coefficient
from socmeasures.models.counts import CountModel, Family, count_model


def pre_post_counts(
    study: Study,
    outcome: str,
    *,
    waves: Sequence[str] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Result:
    """Change of a count in the same people: rate ratio, and mean change with bootstrap interval.

    Parameters
    ----------
    study : Study
        Arms, if it has any, are pooled, and a note says so.
    outcome : str
        A column of counts, e.g. ``sns_size``.
    waves : sequence of two str, optional
        The earlier and the later time point; the first and the last by default.
    confidence : float in (0, 1)
        Coverage of the intervals.
    seed : int
        For the bootstrap.

    Returns
    -------
    Result
        `to_frame()`: a row ``rate ratio`` (later mean over earlier mean, no unit; above 1 is
        more at the later time point) and a row ``mean change`` (people, BCa bootstrap). With five
        or more declared sites both intervals are by site.
        `.descriptives` has medians and quartiles; ``floor_share`` is the share of zeros.

    Raises
    ------
    NobodyMeasuredTwiceError, OnePairError
        No person, or one, has a count at both time points.
    NotACountError
        Fractions or negative numbers.

    Notes
    -----
    Poisson model with a log link and standard errors robust to overdispersion and clustered by
    person (G − 1 degrees of freedom); a negative binomial model gives the same ratio and the same
    robust error here, since nothing but the time point is in it. Where everybody has 0 at a time
    point the ratio is missing, with a note.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> wide = pd.DataFrame({"id": [1, 2, 3, 4, 5], "friends__pre": [2, 3, 1, 4, 2],
    ...                      "friends__post": [3, 5, 1, 6, 3]})
    >>> study = soc.Study.from_wide(wide, person="id", waves={"before": "pre", "after": "post"})
    >>> result = soc.pre_post_counts(study, "friends")
    >>> result.to_frame()[["term", "estimate", "n"]].round(6).values.tolist()
    [['rate ratio', 1.5, 5], ['mean change', 1.2, 5]]
    """
    level = check_confidence(confidence)
    asked = [study.waves[0], study.waves[-1]] if waves is None else [str(w) for w in waves]
    places = [study.wave_position(w) for w in asked]
    if len(asked) != 2 or places[1] <= places[0]:
        why = "Give two time points, the earlier one first."
        raise WaveNotFoundError(asked, study.waves, why)
    earlier, later = (str(study.waves[p]) for p in places)
    measured = measure(study, outcome)
    _refuse_fractions(measured, [earlier, later])
    both = measured.scores[[earlier, later]].notna().all(axis=1)
    if both.sum() < 2:
        counts = [f"{w} {int(measured.scores[w].notna().sum())} people" for w in (earlier, later)]
        if both.any():
            raise OnePairError(outcome, earlier, later)
        raise NobodyMeasuredTwiceError(outcome, earlier, later, counts)
    before = measured.scores.loc[both, earlier].to_numpy()
    after = measured.scores.loc[both, later].to_numpy()
    n = len(before)
    contrast = f"{later} - {earlier}"
    key = {"outcome": outcome, "wave": later, "contrast": contrast}
    shared = {"n": n, "n_excluded": len(study.people) - n}
    notes: list[str] = []
    by_site = mean_by_site(study, both, after - before, level)
    sites = sites_of(study)
    unit = "person" if by_site is None or sites is None else "site"
    groups = np.arange(n) if sites is None or unit == "person" else sites[both].to_numpy()
    ratio = _missing_ratio(f"Poisson model, SE clustered by {unit}")
    if before.sum() > 0 and after.sum() > 0:
        design = np.column_stack([np.ones(2 * n), np.repeat([0.0, 1.0], n)])
        fit = count_model(
            np.concatenate([before, after]), design, ["intercept", "later"],
            family="poisson", groups=np.tile(groups, 2),
        )  # fmt: skip
        ratio = _ratio_row(fit, "later", level, f"Poisson model, SE clustered by {unit}")
    else:
        notes.append(words.no_ratio(outcome, earlier if before.sum() == 0 else later))
    of_these = (seed, zlib.crc32(f"{outcome}{contrast}".encode()))
    change = by_site or _mean_change(after, before, level, of_these)
    notes += [*change.notes]
    table = pd.DataFrame(
        [
            {**key, "term": "rate ratio", **ratio, **shared},
            {**key, "term": "mean change", **_mean_row(change), **shared},
        ]
    )
    used = [earlier, later]
    return Result(
        kind="pre_post_counts",
        title=f"Change in {measured.outcome.label}, {earlier} to {later}",
        outcome=measured.outcome,
        outcomes=(measured.outcome,),
        table=table,
        n=_who_is_in(measured, used, both),
        descriptives=describe(measured, used, ()),
        scores=person_level(measured, used),
        summary=words.summary_pre_post(measured.outcome, table, earlier, later, len(study.people)),
        methods=words.methods_pre_post(measured.outcome, level, seed, by_site is not None),
        notes=tuple(
            dict.fromkeys(
                [
                    *words.notes_pre_post(study, by_site is not None),
                    *notes,
                    *outcome_notes(measured.outcome),
                    *study.notes,
                ]
            )
        ),
        confidence=level,
        waves=(earlier, later),
    )


def compare_counts(
    study: Study,
    outcome: str,
    *,
    wave: str,
    baseline: str | None = "first",
    covariates: str | Sequence[str] = (),
    model: Family = "negative-binomial",
    missing_baseline: Literal["impute-mean", "drop"] = "impute-mean",
    confidence: float = 0.95,
    seed: int = 0,
) -> Result:
    """Counts in two or more arms at one time point: rate ratio, adjusted for the baseline.

    Parameters
    ----------
    study : Study
        With ``arm`` and ``control``. Strata, and a declared site, are covariates.
    outcome : str
        A column of counts, e.g. ``sns_n_outside``.
    wave : str
        Time point of the comparison.
    baseline : str or None
        Time point of the baseline; ``log(baseline + 1)`` is in the model. None: not adjusted.
    covariates : str or sequence of str
        Further columns, as `ancova`.
    model, missing_baseline
        Family, with robust standard errors: without overdispersion a negative binomial ends as a
        Poisson model. A missing baseline is treated as in `ancova`.
    confidence : float in (0, 1)
        Coverage of the intervals.
    seed : int
        For the bootstrap.

    Returns
    -------
    Result
        `to_frame()`: for each arm against the control a row ``adjusted rate ratio`` (above 1:
        more in that arm; robust t interval, n − p degrees of freedom) and a row ``adjusted
        difference in means`` (people; least squares, BCa bootstrap within arms).

    Raises
    ------
    ClusterAllocationError, OneArmError, ControlNotNamedError, SmallArmError
        As `ancova`.
    NotACountError
        Fractions or negative numbers.
    CollinearError, ModelSizeError, TooFewError
        Columns that say the same, too few people, or nobody with a baseline.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> wide = pd.DataFrame({"id": range(8), "arm": ["new"] * 4 + ["usual"] * 4,
    ...     "size__pre": [5, 7, 6, 8, 5, 7, 6, 8], "size__post": [8, 9, 9, 12, 5, 8, 6, 8]})
    >>> study = soc.Study.from_wide(wide, person="id", waves={"start": "pre", "6m": "post"},
    ...                             arm="arm", control="usual", allocation="individual")
    >>> result = soc.compare_counts(study, "size", wave="6m")
    >>> result.to_frame()[["contrast", "term", "estimate"]].round(3).values.tolist()[0]
    ['new - usual', 'adjusted rate ratio', 1.407]
    """
    level = check_confidence(confidence)
    check_choice("missing_baseline", missing_baseline, ("impute-mean", "drop"))
    check_choice("model", model, ("negative-binomial", "poisson"))
    control = control_of(study, "compare_counts")
    wave, first = _time_points(study, wave, baseline)
    measured = measure(study, outcome)
    used = [w for w in (first, wave) if w is not None]
    _refuse_fractions(measured, used)
    found, covariate_notes = gather(study, covariates, first)
    data = _compared(study, measured, wave, first, control, found, missing_baseline)
    rows, notes, fit = _contrasts(data, model, level, seed)
    table = pd.DataFrame(rows)
    return Result(
        kind="compare_counts",
        title=words.title_compare(measured.outcome, wave, study.arms, control),
        outcome=measured.outcome,
        outcomes=(measured.outcome,),
        table=table,
        n=_who_is_in(measured, [wave], data.people, data.why_not),
        descriptives=describe(measured, used, study.arms),
        scores=person_level(measured, used),
        summary=with_warning(
            study, words.summary_compare(measured.outcome, table, control, wave, first)
        ),
        methods=words.methods_compare(
            measured.outcome,
            wave,
            first,
            [c.name for c in found],
            fit,
            level,
            seed,
            data.n_imputed,
        ),
        notes=tuple(
            dict.fromkeys(
                [
                    *words.notes_compare(study, data.n_imputed),
                    *notes,
                    *covariate_notes,
                    *outcome_notes(measured.outcome),
                    *study.notes,
                ]
            )
        ),
        confidence=level,
        waves=tuple(used),
        arms=study.arms,
        control=control,
        tables={} if fit is None else {"coefficients": _coefficients(fit, level)},
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Compared:
    """The people in a comparison of arms."""

    measured: Measurements
    wave: str
    why_not: pd.Series
    people: np.ndarray
    arm: np.ndarray
    outcome: np.ndarray
    baseline: np.ndarray | None
    n_imputed: int
    covariates: list[Covariate]
    arms: tuple[str, ...]
    control: str

    def design(self, *, log: bool, without: Sequence[str] = ()) -> dict[str, np.ndarray]:
        columns = {"intercept": np.ones(len(self.outcome))}
        if self.baseline is not None:
            name = "log(baseline + 1)" if log else "baseline"
            columns[name] = np.log1p(self.baseline) if log else self.baseline
        for arm in self.arms:
            if arm != self.control and arm not in without:
                columns[f"arm: {arm}"] = (self.arm == arm).astype(np.float64)
        for covariate in self.covariates:
            columns.update(covariate.columns(self.people))
        return columns


def _time_points(study: Study, wave: str, baseline: str | None) -> tuple[str, str | None]:
    place = study.wave_position(wave)
    if baseline is None:
        return str(study.waves[place]), None
    first = 0 if baseline == "first" else study.wave_position(baseline)
    if first >= place:
        raise WaveNotFoundError(
            wave, study.waves,
            f"The comparison at {wave!r} needs an earlier baseline; give a later wave=, or "
            "baseline=None.",
        )  # fmt: skip
    return str(study.waves[place]), str(study.waves[first])


def _compared(
    study: Study,
    measured: Measurements,
    wave: str,
    first: str | None,
    control: str,
    covariates: list[Covariate],
    missing_baseline: str,
) -> _Compared:
    why_not, before, people, arm = compared_people(
        study, measured, wave, first, covariates, missing_baseline
    )
    return _Compared(
        measured=measured,
        wave=wave,
        why_not=why_not,
        people=people,
        arm=arm,
        outcome=measured.scores.loc[people, wave].to_numpy(),
        baseline=None if before is None else before.fillna(before.mean())[people].to_numpy(),
        n_imputed=0 if before is None else int(before[people].isna().sum()),
        covariates=covariates,
        arms=study.arms,
        control=control,
    )


def _contrasts(
    data: _Compared, model: Family, level: float, seed: int
) -> tuple[list[dict[str, Any]], list[str], CountModel | None]:
    """Rate ratio and difference in means of each arm; an arm of zeros has no ratio."""
    zeros = [a for a in data.arms if data.outcome[data.arm == a].sum() == 0]
    notes = [words.no_ratio(data.measured.outcome.column, f"{data.wave} ({a})") for a in zeros]
    fit: CountModel | None = None
    if data.control not in zeros and len(zeros) < len(data.arms) - 1:
        some = ~np.isin(data.arm, zeros)
        columns = {k: v[some] for k, v in data.design(log=True, without=zeros).items()}
        fit = count_model(
            data.outcome[some], np.column_stack(list(columns.values())), list(columns), family=model
        )
        notes += words.family_note(fit, model)
    straight = data.design(log=False)
    matrix = np.column_stack(list(straight.values()))
    rows = []
    for arm in [a for a in data.arms if a != data.control]:
        in_two = data.measured.arm.isin([arm, data.control])
        n = int(np.isin(data.arm, [arm, data.control]).sum())
        key = {
            "outcome": data.measured.outcome.column,
            "wave": data.wave,
            "contrast": f"{arm} - {data.control}",
        }
        shared = {"n": n, "n_excluded": int(in_two.sum()) - n}
        adjusted = "adjusted " if data.baseline is not None or data.covariates else ""
        ratio = _missing_ratio("no model: all counts are 0")
        if fit is not None and arm not in zeros:
            ratio = _ratio_row(fit, f"arm: {arm}", level, f"{fit.family} model, robust SE")
        rows.append({**key, "term": f"{adjusted}rate ratio", **ratio, **shared})
        stream = (seed, zlib.crc32(f"{data.measured.outcome.column}{arm}".encode()))
        try:
            means = bootstrap_coefficient(
                data.outcome, matrix, list(straight).index(f"arm: {arm}"), strata=data.arm,
                confidence=level, seed=stream,
            )  # fmt: skip
        except NoSpreadError as fault:
            notes.append(str(fault))
            continue
        rows.append({**key, "term": f"{adjusted}difference in means", **_mean_row(means), **shared})
    return rows, notes, fit


def _refuse_fractions(measured: Measurements, waves: list[str]) -> None:
    rows = []
    for wave in waves:
        values = measured.scores[wave].dropna()
        wrong = values[(values < 0) | (values != np.floor(values))]
        rows += [
            {
                "person": person,
                "wave": wave,
                "column": measured.outcome.column,
                "value": float(value),
                "rule": "count",
                "severity": "error",
                "message": f"{value:g} is no whole number from 0",
            }
            for person, value in wrong.items()
        ]
    if rows:
        raise NotACountError(measured.outcome.column, rows)


def _ratio_row(fit: CountModel, name: str, level: float, method: str) -> dict[str, Any]:
    one = fit.coefficient(name, confidence=level)
    return {
        "estimate": float(np.exp(one.estimate)),
        "se": float(np.exp(one.estimate)) * one.se,
        "df": one.df,
        "statistic": one.statistic,
        "p_value": one.p_value,
        "ci_low": float(np.exp(one.ci_low)),
        "ci_high": float(np.exp(one.ci_high)),
        "method": f"{method}, t interval of the log ratio",
    }


def _missing_ratio(method: str) -> dict[str, Any]:
    names = ("estimate", "se", "df", "statistic", "p_value", "ci_low", "ci_high")
    return {**dict.fromkeys(names, float("nan")), "method": method}


def _mean_change(after: np.ndarray, before: np.ndarray, level: float, seed: Any) -> Estimate:
    try:
        return bootstrap_change(after, before, confidence=level, seed=seed)
    except (NoSpreadError, TooFewError) as fault:
        change = float(np.mean(after - before))
        return Estimate(
            estimate=change, ci_low=float("nan"), ci_high=float("nan"), n=len(after),
            name="mean change", method="no interval", source="", notes=(str(fault),),
        )  # fmt: skip


def _mean_row(estimate: Estimate) -> dict[str, Any]:
    return {
        "estimate": estimate.estimate,
        "se": float("nan") if estimate.se is None else estimate.se,
        "ci_low": estimate.ci_low,
        "ci_high": estimate.ci_high,
        "method": estimate.method,
    }


def _coefficients(fit: CountModel, level: float) -> pd.DataFrame:
    found = [(name, fit.coefficient(name, confidence=level)) for name in fit.names]
    return pd.DataFrame(
        [
            {
                "term": name,
                "estimate": c.estimate,
                "se": c.se,
                "df": c.df,
                "statistic": c.statistic,
                "p_value": c.p_value,
                "ci_low": c.ci_low,
                "ci_high": c.ci_high,
                "rate_ratio": float(np.exp(c.estimate)),
            }
            for name, c in found
        ]
    )


def _who_is_in(
    measured: Measurements, waves: list[str], people: Any, why_not: pd.Series | None = None
) -> pd.DataFrame:
    """Analysed and excluded by arm, with the reason."""
    later = waves[-1]
    reasons = measured.reasons[later] if why_not is None else why_not
    if why_not is None:
        first = measured.reasons[waves[0]]
        reasons = reasons.where(reasons == "", f"{later}: " + reasons)
        reasons = reasons.where(first == "", f"{waves[0]}: " + first)
    table = pd.DataFrame({"arm": measured.arm, "reason": reasons, "analysed": np.asarray(people)})
    counts = table.groupby(["arm", "analysed", "reason"], sort=True).size().reset_index(name="n")
    group = np.where(counts["analysed"], "analysed", "excluded")
    return counts.assign(wave=later, group=group, outcome=measured.outcome.column)[
        ["wave", "arm", "group", "reason", "n", "outcome"]
    ]

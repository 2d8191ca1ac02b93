"""Two or more arms and a yes-or-no outcome: risk difference, ratios, number needed to treat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import special

from socmeasures.designs import binary_words as words
from socmeasures.designs import trial_words
from socmeasures.designs.adjustment import Covariate, counts_by_arm, gather
from socmeasures.designs.arms import control_of, with_warning
from socmeasures.designs.measurements import (
    Measurements,
    describe,
    measure,
    outcome_notes,
    person_level,
)
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_choice, check_confidence
from socmeasures.effects.proportions import risk_difference, wilson_interval
from socmeasures.effects.two_proportions import (
    number_needed_to_treat,
    odds_ratio,
    risk_difference_score,
    risk_ratio,
)
from socmeasures.errors import EventError, NoSpreadError, SmallArmError
from socmeasures.models.logistic import RiskErrors, fit_logistic

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Analysed:
    measured: Measurements
    wave: str
    why_not: pd.Series
    people: np.ndarray
    arm: np.ndarray
    event: np.ndarray
    control: str
    arms: tuple[str, ...]

    def counts(self, arm: str) -> tuple[int, int]:
        mine = self.arm == arm
        return int(self.event[mine].sum()), int(mine.sum())


def compare_risks(
    study: Study,
    outcome: str,
    *,
    wave: str,
    at_least: float | None = None,
    at_most: float | None = None,
    event: Literal["good", "bad"] | None = None,
    baseline: str | None = None,
    covariates: str | Sequence[str] = (),
    interval: Literal["newcombe", "score"] = "newcombe",
    se: RiskErrors = "sandwich",
    confidence: float = 0.95,
) -> Result:
    """Share of people with an event in each arm, and how the shares differ.

    Parameters
    ----------
    study : Study
        With ``arm`` and ``control``.
    outcome : str
        A column of 0 and 1, or a score with a cut-off.
    wave : str
        Time point of the comparison; it is named beside every NNT.
    at_least, at_most : float, optional
        The event is a score of at least, or at most, this.
    event : {"good", "bad"}, optional
        Whether the event is what the programme wants; taken from the outcome's better direction
        unless given. Unknown: no number needed to treat.
    baseline : str, optional
        A time point whose value of the outcome (the score, not the event) is adjusted for.
    covariates : str or sequence of str
        Further columns. With these, a baseline, or declared strata, the shares are those of a
        logistic model averaged over everybody (g-computation); else the shares as they are.
    interval : {"newcombe", "score"}
        Of the unadjusted risk difference: Newcombe's, or Miettinen and Nurminen's.
    se : {"sandwich", "delta"}
        Of adjusted shares: counting the averaging and not trusting the model's variance; or
        covariates fixed and the model true.
    confidence : float in (0, 1)
        Coverage of the intervals.

    Returns
    -------
    Result
        `to_frame()`: the risk difference of each arm against the control. `.tables`: ``ratios``
        (risk and odds ratios), ``shares`` (each arm), ``number needed to treat``.

    Raises
    ------
    EventError
        A column that is no 0 and 1, without a cut-off; or two cut-offs.
    ClusterAllocationError, OneArmError, ControlNotNamedError, SmallArmError
        As for `ancova`.
    SeparationError, CollinearError, ModelSizeError
        An adjusted model without an estimate.

    Notes
    -----
    Agrees with R (tests/reference/test_two_proportions.py). Formulas: docs/methods.md.

    References
    ----------
    .. [1] Newcombe (1998). Stat. Med. 17, 873-890.
    .. [2] Altman (1998). BMJ 317, 1309-1312.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> result = compare_risks(study, "lonely", wave="12m", event="bad")
    >>> result.to_frame()["term"].tolist(), result.tables["ratios"]["term"].tolist()
    (['risk difference'], ['risk ratio', 'odds ratio'])
    """
    level = check_confidence(confidence)
    check_choice("interval", interval, ("newcombe", "score"))
    check_choice("se", se, ("sandwich", "delta"))
    if event is not None:
        check_choice("event", event, ("good", "bad"))
    control = control_of(study, "compare_risks")
    wave = study.waves[study.wave_position(wave)]
    measured = measure(study, outcome)
    happened = events(measured, wave, at_least, at_most)
    found, notes = gather(study, covariates, baseline)
    if baseline is not None:
        first = study.waves[study.wave_position(baseline)]
        before = measured.scores[first]
        values = before.fillna(before.mean())
        found = [Covariate(name="baseline", values=values, is_factor=False), *found]
    data = _analysed(study, measured, happened, wave, control, found)
    n_imputed = 0
    if baseline is not None:
        n_imputed = int(before[data.people].isna().sum())
    if found:
        shares, comparisons = _adjusted(data, found, se, level)
    else:
        shares, comparisons = _unadjusted(data, interval, level)
    direction = event or _direction(measured.outcome, at_most)
    tables = {"shares": pd.DataFrame(shares)}
    if direction is not None:
        tables["number needed to treat"] = _needed(data, comparisons, shares, direction)
        notes.append(
            "A number needed to treat belongs to this time point and to people like these; read "
            "it beside both shares."
        )
    else:
        notes.append(
            "Nobody said whether the event is good or bad, so there is no number needed to treat. "
            "Say it with event='good' or event='bad'."
        )
    what = words.event_words(measured.outcome, at_least, at_most)
    whole = pd.DataFrame([{"outcome": outcome, "wave": wave, **row} for row in comparisons])
    whole = whole.drop(columns="arm")
    is_difference = whole["term"] == "risk difference"
    table = whole[is_difference].reset_index(drop=True)
    if not is_difference.all():
        tables["ratios"] = whole[~is_difference].reset_index(drop=True)
    adjusted_for = [c.name for c in found]
    return Result(
        kind="binary",
        title=trial_words.title(what, wave, study.arms, control),
        outcome=measured.outcome,
        outcomes=(measured.outcome,),
        table=table,
        n=counts_by_arm(measured, data.why_not, wave, study.arms),
        descriptives=describe(measured, [wave], study.arms),
        scores=person_level(measured, [wave]),
        summary=with_warning(study, words.summary(shares, comparisons, what, wave, level)),
        methods=words.methods(measured.outcome, what, wave, adjusted_for, interval, se, level),
        notes=tuple(
            dict.fromkeys(
                [
                    *trial_words.design_notes(study, n_imputed, "impute-mean", len(study.arms) - 1),
                    *notes,
                    *outcome_notes(measured.outcome),
                    *study.notes,
                ]
            )
        ),
        confidence=level,
        waves=(wave,),
        arms=study.arms,
        control=control,
        tables=tables,
    )


def events(
    measured: Measurements, wave: str, at_least: float | None, at_most: float | None
) -> pd.Series:
    """1 and 0 a person, NaN where the score is missing."""
    scores = measured.scores[wave]
    if at_least is not None and at_most is not None:
        raise EventError.two_cut_offs(measured.outcome.column)
    if at_least is not None:
        return (scores >= at_least).astype("float64").where(scores.notna())
    if at_most is not None:
        return (scores <= at_most).astype("float64").where(scores.notna())
    other = sorted({float(v) for v in scores.dropna()} - {0.0, 1.0})
    if other:
        raise EventError.not_binary(measured.outcome.column, wave, other)
    return scores


def _analysed(
    study: Study,
    measured: Measurements,
    happened: pd.Series,
    wave: str,
    control: str,
    covariates: list[Covariate],
) -> _Analysed:
    why_not = measured.reasons[wave].copy()
    for covariate in covariates:
        lacking = (why_not == "") & covariate.values.isna()
        why_not[lacking] = f"covariate {covariate.name!r} not recorded"
    people = (why_not == "").to_numpy()
    arm = measured.arm[people].to_numpy()
    counts = {a: int(np.sum(arm == a)) for a in study.arms}
    if min(counts.values()) < 2:
        raise SmallArmError(measured.outcome.column, wave, counts)
    return _Analysed(
        measured=measured,
        wave=wave,
        why_not=why_not,
        people=people,
        arm=arm,
        event=happened[people].to_numpy(),
        control=control,
        arms=study.arms,
    )


def _row(data: _Analysed, arm: str, found: Estimate, term: str) -> dict[str, Any]:
    in_two = data.measured.arm.isin([arm, data.control])
    return {
        "arm": arm,
        "contrast": f"{arm} - {data.control}"
        if term == "risk difference"
        else f"{arm} / {data.control}",
        "term": term,
        "estimate": found.estimate,
        "se": found.se,
        "p_value": found.p_value,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "n": found.n,
        "n_excluded": int(in_two.sum()) - found.n,
        "method": found.method,
    }


def _unadjusted(data: _Analysed, interval: str, level: float) -> tuple[Rows, Rows]:
    shares, rows = [], []
    for arm in data.arms:
        events, n = data.counts(arm)
        one = wilson_interval(events, n, confidence=level)
        shares.append(_share(data, arm, one, events))
    for arm in (a for a in data.arms if a != data.control):
        counts = (*data.counts(arm), *data.counts(data.control))
        score = risk_difference_score(*counts, confidence=level)
        difference = score
        if interval == "newcombe":
            newcombe = risk_difference(*counts, confidence=level)
            difference = _with_p(newcombe, score.p_value)
        rows.append(_row(data, arm, difference, "risk difference"))
        ratios: list[tuple[str, Callable[..., Estimate]]] = [
            ("risk ratio", risk_ratio),
            ("odds ratio", odds_ratio),
        ]
        for term, ratio in ratios:
            try:
                rows.append(_row(data, arm, ratio(*counts, confidence=level), term))
            except NoSpreadError:  # nobody, or everybody, in both arms: there is no ratio
                continue
    return shares, rows


def _with_p(estimate: Estimate, p_value: float | None) -> Estimate:
    return replace(estimate, p_value=p_value, method=f"{estimate.method}; p by the score test")


def _share(data: _Analysed, arm: str, found: Estimate, events: int) -> dict[str, Any]:
    return {
        "wave": data.wave,
        "arm": arm,
        "share": found.estimate,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "events": events,
        "n": data.counts(arm)[1],
        "method": found.method,
    }


def _adjusted(
    data: _Analysed, covariates: list[Covariate], se: RiskErrors, level: float
) -> tuple[Rows, Rows]:
    treated = [a for a in data.arms if a != data.control]
    columns = {"intercept": np.ones(len(data.arm))}
    columns |= {f"arm: {a}": (data.arm == a).astype(np.float64) for a in treated}
    for covariate in covariates:
        columns.update(covariate.columns(data.people))
    names = list(columns)
    fit = fit_logistic(data.event, np.column_stack(list(columns.values())), names)
    designs = []
    for arm in data.arms:
        moved = fit.design.copy()
        for other in treated:
            moved[:, names.index(f"arm: {other}")] = float(other == arm)
        designs.append(moved)
    risks, cov = fit.standardised(designs, se=se)
    how = f"logistic model averaged over everybody (g-computation), {se} errors, normal"
    z = float(special.ndtri((1 + level) / 2))
    n = {a: data.counts(a)[1] for a in data.arms}

    def estimate(value: float, error: float, name: str, people: int, log: bool) -> Estimate:
        low, high = value - z * error, value + z * error
        change = np.exp if log else (lambda v: v)
        return Estimate(
            estimate=float(change(value)),
            ci_low=float(change(low)),
            ci_high=float(change(high)),
            n=people,
            name=name,
            method=how + (" on the logarithm; se is of the logarithm" if log else ""),
            source="",
            confidence=level,
            se=error,
            p_value=float(2 * special.ndtr(-abs(value / error))),
        )

    shares = []
    for place, arm in enumerate(data.arms):
        logit = float(special.logit(risks[place]))
        slope = risks[place] * (1 - risks[place])
        half = z * float(np.sqrt(cov[place, place])) / slope
        one = estimate(float(risks[place]), float(np.sqrt(cov[place, place])), "", n[arm], False)
        row = _share(data, arm, one, data.counts(arm)[0])
        row |= {"ci_low": special.expit(logit - half), "ci_high": special.expit(logit + half)}
        shares.append(row)
    rows = []
    last = data.arms.index(data.control)
    for arm in treated:
        place = data.arms.index(arm)
        p, q = float(risks[place]), float(risks[last])
        people = n[arm] + n[data.control]
        terms = {
            "risk difference": (p - q, (1.0, -1.0), False),
            "risk ratio": (np.log(p / q), (1 / p, -1 / q), True),
            "odds ratio": (
                float(special.logit(p) - special.logit(q)),
                (1 / (p * (1 - p)), -1 / (q * (1 - q))),
                True,
            ),
        }
        for term, (value, slopes, log) in terms.items():
            weights = np.zeros(len(data.arms))
            weights[place], weights[last] = slopes
            error = float(np.sqrt(weights @ cov @ weights))
            rows.append(_row(data, arm, estimate(float(value), error, term, people, log), term))
    return shares, rows


def _direction(outcome: Outcome, at_most: float | None) -> Literal["good", "bad"] | None:
    """Is the event good? By the better direction of the score it is a cut of."""
    if outcome.better not in ("lower", "higher"):
        return None
    high_is_event = at_most is None
    return "good" if (outcome.better == "higher") == high_is_event else "bad"


def _needed(
    data: _Analysed, comparisons: Rows, shares: Rows, direction: Literal["good", "bad"]
) -> pd.DataFrame:
    by_arm = {row["arm"]: row["share"] for row in shares}
    rows = []
    for row in (r for r in comparisons if r["term"] == "risk difference"):
        difference = Estimate(
            estimate=row["estimate"],
            ci_low=row["ci_low"],
            ci_high=row["ci_high"],
            n=row["n"],
            name="risk difference",
            method=row["method"],
            source="",
        )
        needed = number_needed_to_treat(difference, event=direction)
        rows.append(
            {
                "wave": data.wave,
                "contrast": row["contrast"],
                "share_treated": by_arm[row["arm"]],
                "share_control": by_arm[data.control],
                "nnt": needed.estimate,
                "is_benefit": needed.is_benefit,
                "nnt_text": str(needed),
                "nntb_from": needed.benefit_from,
                "nntb_to": needed.benefit_to,
                "nnth_from": needed.harm_from,
                "nnth_to": needed.harm_to,
            }
        )
    return pd.DataFrame(rows)

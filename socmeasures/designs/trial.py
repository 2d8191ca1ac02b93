"""Two or more arms at one time point: the difference, adjusted for the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from socmeasures.designs import trial_words as words
from socmeasures.designs.adjustment import (
    Covariate,
    compared_people,
    counts_by_arm,
    gather,
    imputed_baseline,
    mean_points,
    model_columns,
)
from socmeasures.designs.arms import control_of, with_warning
from socmeasures.designs.measurements import (
    Measurements,
    describe,
    floor_and_ceiling_notes,
    measure,
    outcome_notes,
    person_level,
)
from socmeasures.designs.result import Result
from socmeasures.designs.several_arms import in_family
from socmeasures.designs.standardising import Standardiser, standardiser
from socmeasures.designs.study import Study
from socmeasures.effects.measured import check_choice, check_confidence
from socmeasures.errors import (
    ConstantOutcomeError,
    PerfectFitError,
    SocmeasuresError,
    WaveNotFoundError,
)
from socmeasures.models.ols import Contrast, LeastSquares, StandardErrors, least_squares


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Analysed:
    """The people in the comparison, and their model."""

    measured: Measurements
    wave: str
    baseline: str | None
    why_not: pd.Series  # a person; empty text for those analysed
    n_imputed: int
    people: np.ndarray
    arm: np.ndarray
    outcome: np.ndarray
    at_baseline: np.ndarray | None
    covariates: list[Covariate]
    arms: tuple[str, ...]
    control: str

    @property
    def treated(self) -> tuple[str, ...]:
        return tuple(a for a in self.arms if a != self.control)

    def design(self, *, arm_by_baseline: bool = False) -> dict[str, np.ndarray]:
        columns = model_columns(
            self.people, self.arm, self.treated, self.at_baseline, self.covariates
        )
        if arm_by_baseline and self.at_baseline is not None:
            centred = self.at_baseline - self.at_baseline.mean()
            for arm in self.treated:
                columns[f"arm by baseline: {arm}"] = (self.arm == arm) * centred
        return columns

    def fit(self, se: StandardErrors, *, arm_by_baseline: bool = False) -> LeastSquares:
        columns = self.design(arm_by_baseline=arm_by_baseline)
        return least_squares(
            self.outcome, np.column_stack(list(columns.values())), list(columns), se=se
        )


def ancova(
    study: Study,
    outcome: str,
    *,
    wave: str,
    baseline: str | None = "first",
    covariates: str | Sequence[str] = (),
    se: StandardErrors = "classical",
    missing_baseline: Literal["impute-mean", "drop"] = "impute-mean",
    weights: Literal["proportional", "equal"] = "proportional",
    confidence: float = 0.95,
    correct: bool = False,
    change_score: bool = False,
    residual_sd: bool = False,
    family: Literal["primary", "secondary"] | None = None,
    adjustment: Literal["holm", "dunnett"] = "holm",
) -> Result:
    """Difference between arms at one time point, adjusted for the baseline.

    Parameters
    ----------
    study : Study
        With ``arm`` and ``control``. Declared strata, and a declared site of a study allocated
        individually, are covariates.
    outcome : str
        Score column.
    wave : str
        Time point of the comparison.
    baseline : str or None
        Time point of the baseline; ``"first"`` is the study's first. None: not adjusted for it.
    covariates : str or sequence of str
        Further columns; numbers as they are, text and categories as levels. Their value at
        baseline is used.
    se : {"classical", "HC0", "HC1", "HC2", "HC3", "HC4"}
        Standard errors; all with t and n − p degrees of freedom.
    missing_baseline : {"impute-mean", "drop"}
        A missing baseline is replaced by the mean of all observed baselines (right where arms
        were allocated at random), counted and named; or the person is left out.
    weights : {"proportional", "equal"}
        Adjusted means over the people analysed as they are, or with every level of a factor
        weighing the same.
    confidence : float in (0, 1)
        Coverage of the intervals.
    correct : bool
        Multiply the standardised difference by Hedges' exact J.
    change_score : bool
        Add the analysis of change scores as ``.tables["change-score analysis"]``.
    residual_sd : bool
        Add the difference in residual SDs as ``.tables["difference in residual SDs"]``, with the
        sentence that it grows with the covariates' fit.
    family : {"primary", "secondary"} or None
        Declares the comparisons of several arms with one control a family, adjusted by
        `adjustment`. A single comparison is not adjusted.
    adjustment : {"holm", "dunnett"}
        ``holm`` adjusts p values only; its intervals are the unadjusted ones, and labelled so.
        ``dunnett`` gives p values and intervals that hold together (multivariate t).

    Returns
    -------
    Result
        `to_frame()`: a row for each arm against the control (``"befriending - usual care"``):
        adjusted difference in the unit of the score, positive when the arm scores higher than
        the control; t interval, p, and the difference in pooled within-arm baseline SDs
        (``effect_size_type`` ``d_baseline_sd``; ``d_outcome_sd`` without a baseline).
        `.tables`: ``adjusted means``, ``arm by baseline``, ``coefficients``. `.n`: people
        analysed and excluded by arm, with reasons.

    Raises
    ------
    ClusterAllocationError
        The study was allocated by cluster: use ``cluster_trial``.
    OneArmError, ControlNotNamedError, SmallArmError
        No arms to compare, no control named, or an arm with fewer than two outcomes.
    ConstantOutcomeError, PerfectFitError, CollinearError, ModelSizeError
        Nothing to estimate, nothing left unexplained, columns that say the same thing, or more
        columns than people carry.
    WaveNotFoundError, OutcomeNotFoundError, TextOutcomeError
        A time point, outcome or covariate that is not there, or an outcome that is text.

    Notes
    -----
    A person without the outcome at `wave` is left out and counted. The arm × baseline check is
    reported and never chooses the model. Formulas: docs/methods.md.

    References
    ----------
    .. [1] White & Thompson (2005). Stat. Med. 24(7), 993-1007. doi:10.1002/sim.1981
    .. [2] Hedges (2007). J. Educ. Behav. Stat. 32(4), 341-370.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> wide = pd.DataFrame({"id": range(8), "arm": ["new"] * 4 + ["usual"] * 4,
    ...     "score__pre": [5, 7, 6, 8, 5, 7, 6, 8], "score__post": [3, 6, 4, 6, 5, 8, 6, 7]})
    >>> study = soc.Study.from_wide(wide, person="id", waves={"start": "pre", "6m": "post"},
    ...                             arm="arm", control="usual", allocation="individual")
    >>> result = soc.ancova(study, "score", wave="6m")
    >>> result.to_frame()[["contrast", "estimate", "n"]].round(2).to_dict("records")
    [{'contrast': 'new - usual', 'estimate': -1.75, 'n': 8}]
    """
    level = check_confidence(confidence)
    check_choice("missing_baseline", missing_baseline, ("impute-mean", "drop"))
    check_choice("weights", weights, ("proportional", "equal"))
    if family is not None:
        check_choice("family", family, ("primary", "secondary"))
    check_choice("adjustment", adjustment, ("holm", "dunnett"))
    control = control_of(study, "ancova")
    wave, first = time_points(study, wave, baseline)
    measured = measure(study, outcome)
    found, covariate_notes = gather(study, covariates, first)
    data = _analysed(study, measured, wave, first, control, found, missing_baseline)
    fit = data.fit(se)
    if fit.sigma <= 1e-10 * np.std(data.outcome):
        raise PerfectFitError(outcome, wave)
    contrasts = {arm: fit.coefficient(f"arm: {arm}", confidence=level) for arm in data.treated}
    unit = _standardiser(data)
    rows = {
        arm: {
            **_contrast_row(data, arm, contrast, se),
            **unit.effect_size(contrast, level, correct),
        }
        for arm, contrast in contrasts.items()
    }
    places = [fit.names.index(f"arm: {arm}") for arm in data.treated]
    table, family_notes = in_family(
        pd.DataFrame(list(rows.values())),
        fit.cov[np.ix_(places, places)],
        family=family,
        adjustment=adjustment,
        level=level,
    )
    used = [w for w in (first, wave) if w is not None]
    descriptives = describe(measured, used, study.arms)
    interaction, interaction_note = _arm_by_baseline(data, se)
    tables = {
        "adjusted means": _adjusted_means(data, fit, weights, level),
        "coefficients": _coefficients(fit, level),
        **({"arm by baseline": interaction} if interaction is not None else {}),
    }
    if change_score and first is not None:
        tables["change-score analysis"] = _change_scores(data, se, level)
    if residual_sd:
        tables["difference in residual SDs"] = _in_residual_sds(data, fit, level, correct)
    notes = [
        *([words.RESIDUAL_SD] if residual_sd else []),
        *words.design_notes(
            study, data.n_imputed, missing_baseline, 1 if family else len(data.treated)
        ),
        *family_notes,
        *([] if unit.sd > 0 else [words.NO_STANDARDISER]),
        *([words.CHANGE_SCORE] if "change-score analysis" in tables else []),
        *covariate_notes,
        *interaction_note,
        *outcome_notes(measured.outcome),
        *floor_and_ceiling_notes(descriptives),
        *study.notes,
    ]
    return Result(
        kind="ancova",
        title=words.title(measured.outcome.label, wave, study.arms, control),
        outcome=measured.outcome,
        outcomes=(measured.outcome,),
        table=table,
        n=counts_by_arm(measured, data.why_not, wave, study.arms),
        descriptives=descriptives,
        scores=person_level(measured, used),
        summary=with_warning(
            study, words.summary(rows, control, measured.outcome, wave, first, level)
        ),
        methods=words.methods(
            measured.outcome,
            wave,
            first,
            [c.name for c in found],
            se,
            level,
            weights,
            unit.kind,
            correct,
            data.n_imputed,
        ),
        notes=tuple(dict.fromkeys(notes)),
        confidence=level,
        waves=tuple(used),
        arms=study.arms,
        control=control,
        tables=tables,
    )


def time_points(study: Study, wave: str, baseline: str | None) -> tuple[str, str | None]:
    """The time point of a comparison and that of its baseline, which must come earlier."""
    place = study.wave_position(wave)
    wave = study.waves[place]
    if baseline is None:
        return wave, None
    first = 0 if baseline == "first" else study.wave_position(baseline)
    if first >= place:
        raise WaveNotFoundError(
            wave,
            study.waves,
            f"The comparison at {wave!r} cannot be adjusted for a baseline at "
            f"{study.waves[first]!r}: the baseline must come earlier. Give a later wave=, or "
            "baseline=None.",
        )
    return wave, str(study.waves[first])


def _analysed(
    study: Study,
    measured: Measurements,
    wave: str,
    first: str | None,
    control: str,
    covariates: list[Covariate],
    missing_baseline: str,
) -> _Analysed:
    why_not, before, people, arm = compared_people(
        study, measured, wave, first, covariates, missing_baseline
    )
    values = measured.scores.loc[people, wave].to_numpy()
    if np.ptp(values) == 0:
        raise ConstantOutcomeError(measured.outcome.column, wave, float(values[0]))
    n_imputed, at_baseline = imputed_baseline(before, people)
    return _Analysed(
        measured=measured,
        wave=wave,
        baseline=first,
        why_not=why_not,
        n_imputed=n_imputed,
        people=people,
        arm=arm,
        outcome=values,
        at_baseline=at_baseline,
        covariates=covariates,
        arms=study.arms,
        control=control,
    )


def _contrast_row(
    data: _Analysed, arm: str, contrast: Contrast, se: StandardErrors
) -> dict[str, Any]:
    in_two = data.measured.arm.isin([arm, data.control])
    n = int(np.isin(data.arm, [arm, data.control]).sum())
    errors = "classical standard errors" if se == "classical" else f"{se} standard errors"
    return {
        "outcome": data.measured.outcome.column,
        "wave": data.wave,
        "contrast": f"{arm} - {data.control}",
        "term": "adjusted difference" if data.baseline else "difference",
        **contrast.numbers(),
        "n": n,
        "n_excluded": int(in_two.sum()) - n,
        "method": f"{'ANCOVA' if data.baseline else 'linear model'}, {errors}, t with n − p df",
    }


def _in_residual_sds(
    data: _Analysed, fit: LeastSquares, level: float, correct: bool
) -> pd.DataFrame:
    unit = Standardiser(sd=fit.sigma, df=fit.df, kind="d_residual_sd")
    rows = [
        {
            "contrast": f"{arm} - {data.control}",
            **unit.effect_size(fit.coefficient(f"arm: {arm}", confidence=level), level, correct),
        }
        for arm in data.treated
    ]
    return pd.DataFrame(rows)


def _standardiser(data: _Analysed) -> Standardiser:
    """By everybody measured at baseline; by the outcome where there is none."""
    return standardiser(
        data.measured,
        data.baseline or data.wave,
        "d_baseline_sd" if data.baseline else "d_outcome_sd",
    )


def _adjusted_means(data: _Analysed, fit: LeastSquares, weights: str, level: float) -> pd.DataFrame:
    points = mean_points(data.design(), data.people, data.arms, data.covariates, weights)
    rows = []
    for arm, point in points.items():
        mean = fit.contrast(point, confidence=level)
        rows.append(
            {
                "wave": data.wave,
                "arm": arm,
                "mean": mean.estimate,
                "se": mean.se,
                "df": mean.df,
                "ci_low": mean.ci_low,
                "ci_high": mean.ci_high,
                "n": int(np.sum(data.arm == arm)),
            }
        )
    return pd.DataFrame(rows)


def _coefficients(fit: LeastSquares, level: float) -> pd.DataFrame:
    found = [(name, fit.coefficient(name, confidence=level)) for name in fit.names]
    return pd.DataFrame(
        [
            {
                "term": name,
                **c.numbers(),
            }
            for name, c in found
        ]
    )


def _arm_by_baseline(data: _Analysed, se: StandardErrors) -> tuple[pd.DataFrame | None, list[str]]:
    """Does the difference depend on the baseline? Reported; never chooses the model."""
    if data.at_baseline is None:
        return None, []
    try:
        fit = data.fit(se, arm_by_baseline=True)
    except SocmeasuresError:  # an arm whose baselines are all equal carries no slope
        return None, ["The arm × baseline check could not be computed with these people."]
    asked = [[float(n == f"arm by baseline: {arm}") for n in fit.names] for arm in data.treated]
    test = fit.joint_test(asked)
    table = pd.DataFrame(
        [
            {
                "term": "arm × baseline",
                "statistic": test.statistic,
                "df1": test.df1,
                "df2": test.df2,
                "p_value": test.p_value,
            }
        ]
    )
    return table, [words.arm_by_baseline(test.p_value)]


def _change_scores(data: _Analysed, se: StandardErrors, level: float) -> pd.DataFrame:
    """Arms compared on later − baseline, among people with both measured."""
    before = data.measured.scores.loc[data.people, data.baseline].to_numpy()
    both = ~np.isnan(before)
    columns = {"intercept": np.ones(int(both.sum()))}
    columns |= {f"arm: {a}": (data.arm[both] == a).astype(np.float64) for a in data.treated}
    fit = least_squares(
        data.outcome[both] - before[both],
        np.column_stack(list(columns.values())),
        list(columns),
        se=se,
    )
    table = _coefficients(fit, level).iloc[1:].reset_index(drop=True)
    table.insert(0, "contrast", [f"{arm} - {data.control}" for arm in data.treated])
    return table.assign(
        term="difference in change",
        n=[int(np.isin(data.arm[both], [arm, data.control]).sum()) for arm in data.treated],
    )

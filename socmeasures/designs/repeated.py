"""Two or more arms at several time points: the adjusted difference at every one (MMRM)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from socmeasures.designs import repeated_words as words
from socmeasures.designs import trial_words
from socmeasures.designs.arms import control_of, with_warning
from socmeasures.designs.families import adjusted_rows
from socmeasures.designs.measurements import (
    describe,
    floor_and_ceiling_notes,
    measure,
    outcome_notes,
    person_level,
)
from socmeasures.designs.repeated_model import Repeated, baseline_use, repeated
from socmeasures.designs.repeated_tables import (
    adjusted_means,
    coefficients,
    covariance_tables,
    joint_tests,
    residual_checks,
)
from socmeasures.designs.result import Result
from socmeasures.designs.standardising import Standardiser, standardiser
from socmeasures.designs.study import Study
from socmeasures.effects.measured import check_choice, check_confidence
from socmeasures.errors import ConvergenceError, PerfectFitError, WaveNotFoundError
from socmeasures.models.covariances import Covariance
from socmeasures.models.mmrm import (
    DegreesOfFreedom,
    Information,
    MarginalModel,
    ModelErrors,
    fit_mmrm,
)

FALLBACK: tuple[Covariance, ...] = ("toeph", "ar1h", "csh", "cs")


def mmrm(
    study: Study,
    outcome: str,
    *,
    covariates: str | Sequence[str] = (),
    baseline: str | None = "first",
    baseline_by_wave: bool = True,
    covariates_by_wave: bool = False,
    covariance: Covariance = "us",
    covariance_by_arm: bool = False,
    fallback: Sequence[Covariance] = FALLBACK,
    df: DegreesOfFreedom = "kenward-roger",
    information: Information = "observed",
    errors: ModelErrors = "model",
    reml: bool = True,
    missing_baseline: Literal["impute-mean", "drop"] = "impute-mean",
    averages: Mapping[str, Sequence[str]] | None = None,
    slopes: Mapping[str, Mapping[str, float]] | None = None,
    family: str | None = None,
    family_waves: Sequence[str] | None = None,
    weights: Literal["proportional", "equal"] = "proportional",
    confidence: float = 0.95,
    correct: bool = False,
) -> Result:
    """Difference between arms at every time point, from all outcomes people gave.

    Parameters
    ----------
    study : Study
        With ``arm`` and ``control``. Declared strata, and a declared site of a study allocated
        individually, are covariates.
    outcome : str
        Score column.
    covariates : str or sequence of str
        Further columns, as main effects; their value at baseline is used.
    baseline : str or None
        ``"first"`` (the first time point), a time point, or a column: a covariate, with its own
        slope at every later time point. None: every time point is an outcome, nothing is
        adjusted for. ``"constrained"``: every time point is an outcome and the arms are equal at
        the first (constrained longitudinal analysis).
    baseline_by_wave, covariates_by_wave : bool
        Whether the baseline and the covariates have a slope of their own at every time point.
    covariance : {"us", "toeph", "ar1h", "csh", "toep", "ar1", "cs"}
        Within a person.
    covariance_by_arm : bool
        A covariance of its own in every arm.
    fallback : sequence of str
        What is tried, in this order, when `covariance` does not converge; a note always says so.
        Empty: refuse instead.
    df : {"kenward-roger", "satterthwaite", "between-within", "residual"}
        Degrees of freedom. Kenward–Roger is the form without second derivatives of the
        covariance: R mmrm's Kenward-Roger-Linear, SAS DDFM=KR for us, toep and cs.
    information : {"observed", "expected"}
        Of the covariance parameters: SAS and R mmrm use the observed one, pbkrtest the expected.
    errors : {"model", "CR0", "CR2", "CR3"}
        Standard errors by the model, or a sandwich over people (then ``df="satterthwaite"``).
    reml : bool
        Restricted maximum likelihood; False: maximum likelihood.
    missing_baseline : {"impute-mean", "drop"}
        A missing baseline is replaced by the mean of all observed ones (right where arms were
        allocated at random), counted and named; or the person is left out.
    averages : mapping of str to time points, optional
        Further rows: differences averaged over time points, ``{"over follow-up": ["3m", "6m"]}``.
    slopes : mapping of str to mapping of time point to time, optional
        Further rows: differences in straight-line change, ``{"per month": {"3m": 3, "6m": 6}}``.
    family : {"primary", "secondary"} or None
        Declares the comparisons of `family_waves` (default: all) a family; p is adjusted by
        Holm's method, intervals are not.
    weights : {"proportional", "equal"}
        Adjusted means over the people analysed as they are, or with every level of a factor
        weighing the same.
    confidence : float in (0, 1)
        Coverage of the intervals.
    correct : bool
        Multiply the standardised difference by Hedges' exact J.

    Returns
    -------
    Result
        `to_frame()`: a row for each time point and arm against the control; adjusted difference
        in the unit of the score, positive when the arm scores higher than the control.
        `.means`: adjusted means. `.tables`: ``joint tests``, ``coefficients``, ``covariance``,
        ``correlation``, ``fit``, ``residuals``. `.n`: people analysed at each time point, and why
        the others are not.

    Raises
    ------
    ClusterAllocationError
        The study was allocated by cluster: use ``cluster_trial``.
    OneArmError, ControlNotNamedError, SmallArmError
        No arms to compare, no control named, or an arm with fewer than two outcomes at a time
        point.
    UnseenPairError, ConvergenceError
        Two time points nobody has together; no structure that converged.
    ConstantOutcomeError, PerfectFitError, CollinearError, ModelSizeError
        Nothing to estimate, nothing left unexplained, columns that say the same thing, more
        columns than outcomes.
    WaveNotFoundError, OutcomeNotFoundError, TextOutcomeError
        A time point, outcome or covariate that is not there, or an outcome that is text.

    Notes
    -----
    Agrees with R mmrm 0.3.18 and SAS (tests/reference/test_mmrm.py). With complete data and an
    unstructured covariance the difference at a time point is the pooled t test (n − 2 df) or,
    with the baseline, the ANCOVA (n − 3 df). Formulas: docs/methods.md.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> result = soc.mmrm(study, "loneliness")
    >>> result.to_frame()[["wave", "estimate", "df"]].round(1).to_dict("records")[0]
    {'wave': '3m', 'estimate': -0.6, 'df': 79.0}
    """
    level = check_confidence(confidence)
    check_choice("missing_baseline", missing_baseline, ("impute-mean", "drop"))
    check_choice("weights", weights, ("proportional", "equal"))
    if family is not None:
        check_choice("family", family, ("primary", "secondary"))
    control = control_of(study, "mmrm")
    use = baseline_use(study, baseline)
    measured = measure(study, outcome)
    data, covariate_names, covariate_notes = repeated(
        study,
        measured,
        control,
        use,
        covariates,
        baseline_by_wave=baseline_by_wave,
        covariates_by_wave=covariates_by_wave,
        missing_baseline=missing_baseline,
    )
    named = {
        **{name: _average(data, waves) for name, waves in (averages or {}).items()},
        **{name: _slope(data, times) for name, times in (slopes or {}).items()},
    }
    fit, fallback_notes = _fit(
        data, covariance, fallback, covariance_by_arm, df, information, errors, reml
    )
    units = {
        wave: standardiser(measured, use.wave or wave, _kind_of_sd(data)) for wave in data.waves
    }
    rows = [
        _row(data, fit, arm, wave, data.contrast_weights(arm, wave), units[wave], level, correct)
        for wave in data.compared
        for arm in data.treated
    ]
    table = pd.DataFrame(rows)
    further = [
        _named_row(data, fit, arm, name, parts, units[list(parts)[-1]], level, correct)
        for name, parts in named.items()
        for arm in data.treated
    ]
    if further:
        table = pd.concat([table, pd.DataFrame(further)], ignore_index=True)
    if family is not None:
        table = _in_family(table, family, family_waves, data)
    used = tuple(dict.fromkeys([*([use.wave] if use.wave else []), *data.waves]))
    descriptives = describe(measured, list(used), study.arms)
    notes = [
        *fallback_notes,
        *trial_words.design_notes(study, data.n_imputed, missing_baseline, 1),
        *words.missing_notes(data),
        *_several(table),
        *([] if all(u.sd > 0 for u in units.values()) else [trial_words.NO_STANDARDISER]),
        *covariate_notes,
        *outcome_notes(measured.outcome),
        *floor_and_ceiling_notes(descriptives),
        *study.notes,
    ]
    return Result(
        kind="mmrm",
        title=trial_words.title(
            measured.outcome.label, ", ".join(data.compared), study.arms, control
        ),
        outcome=measured.outcome,
        outcomes=(measured.outcome,),
        table=table,
        n=data.counts(),
        descriptives=descriptives,
        scores=person_level(measured, list(used)),
        summary=with_warning(study, words.summary(rows, data, measured.outcome, level)),
        methods=words.methods(
            measured.outcome,
            data,
            fit,
            covariate_names,
            covariates_by_wave=covariates_by_wave,
            by_arm=covariance_by_arm,
            level=level,
            weights=weights,
            kind=_kind_of_sd(data),
            correct=correct,
        ),
        notes=tuple(dict.fromkeys(notes)),
        confidence=level,
        waves=used,
        arms=study.arms,
        control=control,
        tables={
            "adjusted means": adjusted_means(data, fit, weights, level),
            "joint tests": joint_tests(data, fit),
            "coefficients": coefficients(fit, level),
            **covariance_tables(data, fit, covariance_by_arm),
            "residuals": residual_checks(data, fit, covariance_by_arm),
        },
    )


def _fit(
    data: Repeated,
    covariance: Covariance,
    fallback: Sequence[Covariance],
    by_arm: bool,
    df: DegreesOfFreedom,
    information: Information,
    errors: ModelErrors,
    reml: bool,
) -> tuple[MarginalModel, list[str]]:
    """The model with the structure asked for, or the next that converges, which is said."""
    design = data.design()
    group = None
    if by_arm:
        group = np.array([data.arms.index(a) for a in data.arm])[data.person]
    order = [covariance, *(c for c in fallback if c != covariance)]
    failed: ConvergenceError | None = None
    for structure in order:
        try:
            fit = fit_mmrm(
                data.outcome,
                design,
                data.names,
                person=data.person,
                wave=data.wave,
                group=group,
                covariance=structure,
                reml=reml,
                df=df,
                information=information,
                errors=errors,
                wave_names=data.waves,
            )
        except ConvergenceError as error:
            failed = failed or error
            continue
        _refuse_perfect(data, fit)
        if failed is None:
            return fit, []
        reason = "no proper optimum of its likelihood was found."
        return fit, [words.fallback_note(covariance, structure, reason)]
    assert failed is not None
    raise failed


def _refuse_perfect(data: Repeated, fit: MarginalModel) -> None:
    for place, wave in enumerate(data.waves):
        spread = float(np.std(data.outcome[data.wave == place]))
        if np.sqrt(fit.sigma[:, place, place]).min() <= 1e-8 * spread:
            raise PerfectFitError(data.measured.outcome.column, wave)


def _row(
    data: Repeated,
    fit: MarginalModel,
    arm: str,
    wave: str,
    weights: np.ndarray,
    unit: Standardiser,
    level: float,
    correct: bool,
) -> dict[str, Any]:
    contrast = fit.contrast(weights, confidence=level)
    in_two = data.measured.arm.isin([arm, data.control])
    n = int(np.isin(data.arm, [arm, data.control]).sum())
    adjusted = "adjusted difference" if data.use.is_covariate else "difference"
    return {
        "outcome": data.measured.outcome.column,
        "wave": wave,
        "contrast": f"{arm} - {data.control}",
        "term": adjusted,
        **contrast.numbers(),
        "n": n,
        "n_excluded": int(in_two.sum()) - n,
        "n_observed": _observed(data, arm, wave),
        "method": f"MMRM, {fit.covariance}, {'REML' if fit.reml else 'ML'}, {fit.df_method}, "
        f"{fit.information} information"
        + ("" if fit.errors == "model" else f", {fit.errors} errors"),
        **unit.effect_size(contrast, level, correct),
    }


def _kind_of_sd(data: Repeated) -> str:
    """By the SD at baseline; without a baseline time point, of the outcome when compared."""
    return "d_baseline_sd" if data.use.wave is not None else "d_outcome_sd"


def _observed(data: Repeated, arm: str, wave: str) -> int:
    if wave not in data.waves:
        return 0
    here = data.person[data.wave == data.waves.index(wave)]
    return int(np.isin(data.arm[here], [arm, data.control]).sum())


def _named_row(
    data: Repeated,
    fit: MarginalModel,
    arm: str,
    name: str,
    parts: dict[str, float],
    unit: Standardiser,
    level: float,
    correct: bool,
) -> dict[str, Any]:
    weights = sum(
        (share * data.contrast_weights(arm, wave) for wave, share in parts.items()),
        np.zeros(len(data.names)),
    )
    row = _row(data, fit, arm, name, weights, unit, level, correct)
    seen = np.isin(data.wave, [data.waves.index(w) for w in parts])
    people = np.unique(data.person[seen])
    row["n_observed"] = int(np.isin(data.arm[people], [arm, data.control]).sum())
    row["term"] = f"{row['term']}, {' , '.join(parts)}".replace(" ,", ",")
    return row


def _known(data: Repeated, waves: Sequence[str]) -> list[str]:
    for wave in waves:
        if str(wave) not in data.compared:
            raise WaveNotFoundError(
                wave,
                data.compared,
                f"The arms are compared at {', '.join(data.compared)}; {wave!r} is none of these.",
            )
    return [str(w) for w in waves]


def _average(data: Repeated, waves: Sequence[str]) -> dict[str, float]:
    named = _known(data, waves)
    return {w: 1 / len(named) for w in named}


def _slope(data: Repeated, times: Mapping[str, float]) -> dict[str, float]:
    """Weights of the least-squares slope over the times."""
    named = _known(data, list(times))
    when = np.array([float(times[w]) for w in times])
    centred = when - when.mean()
    if not (centred**2).sum() > 0:
        raise WaveNotFoundError(
            named[0],
            data.compared,
            "A slope needs two time points at different times: give slopes={'per month': "
            "{'3m': 3, '6m': 6}}.",
        )
    return dict(zip(named, (centred / (centred**2).sum()).tolist(), strict=True))


def _in_family(
    table: pd.DataFrame, family: str, waves: Sequence[str] | None, data: Repeated
) -> pd.DataFrame:
    members = set(_known(data, waves)) if waves is not None else set(data.compared)
    mine = table["wave"].isin(members)
    marked = table.assign(outcome=np.where(mine, "in", "out"))
    adjusted = adjusted_rows(marked, {family: ("in",)}, "holm")
    return adjusted.assign(outcome=table["outcome"])


def _several(table: pd.DataFrame) -> list[str]:
    if "family" in table:
        n = int((table["family"] != "exploratory").sum())
        if n == 1:
            return ["The declared family is one comparison, so its p value is not adjusted."]
        return [
            f"p values of the declared family ({n} comparisons) are adjusted by Holm's method; "
            "the intervals are not adjusted."
        ]
    if len(table) == 1:
        return []
    return [
        f"{len(table)} comparisons are shown; p values and intervals are not adjusted for that."
    ]

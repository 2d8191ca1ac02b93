"""Whole clusters allocated to arms: the difference, with intervals that allow for the clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from socmeasures.designs import binary_words
from socmeasures.designs.binary import events
from socmeasures.designs.clustered_engines import ENGINES, Engine
from socmeasures.designs.clustered_people import cluster_people
from socmeasures.designs.clustered_results import (
    Choices,
    ClusterTrial,
    all_waves,
    compared_waves,
    groups_in_one_arm,
    one_wave,
)
from socmeasures.designs.measurements import Measurements, measure
from socmeasures.designs.study import Study
from socmeasures.designs.trial import time_points
from socmeasures.effects.cluster_means import WEIGHTS, Weights
from socmeasures.effects.measured import check_choice, check_confidence
from socmeasures.errors import (
    ClusterEngineError,
    ControlNotNamedError,
    NotAClusterTrialError,
    OneArmError,
)
from socmeasures.models.gee import CORRECTIONS, WORKING, Correction, Working


def cluster_trial(
    study: Study,
    outcome: str,
    *,
    wave: str | None = None,
    engine: Engine = "mixed",
    baseline: str | None = "first",
    covariates: str | Sequence[str] = (),
    missing_baseline: Literal["impute-mean", "drop"] = "impute-mean",
    at_least: float | None = None,
    at_most: float | None = None,
    pairs: str | None = None,
    variance: Literal["nonnegative", "unbounded"] = "nonnegative",
    df: Literal["kenward-roger", "satterthwaite"] = "kenward-roger",
    information: Literal["expected", "observed"] | None = None,
    working: Working = "exchangeable",
    correction: Correction = "kauermann-carroll",
    cluster_weights: Weights = "equal",
    schemes: Any = None,
    seed: int = 0,
    family: Literal["primary", "secondary"] | None = None,
    adjustment: Literal["holm", "dunnett"] = "holm",
    weights: Literal["proportional", "equal"] = "proportional",
    confidence: float = 0.95,
    correct: bool = False,
) -> ClusterTrial:
    """Difference between arms to which whole clusters were allocated.

    Parameters
    ----------
    study : Study
        With ``arm``, ``control``, ``cluster`` and ``allocation="cluster"``; declared strata are
        those the clusters were allocated in. Or with ``facilitator`` and
        ``allocation="individual"``: groups in one arm only, see Notes.
    outcome : str
        Score column, or one of 0 and 1.
    wave : str, optional
        Time point of the comparison. Not given: the follow-up, where there is one; all of them
        together, with random effects of cluster, cluster × time point and person, where there
        are several (``engine="mixed"``).
    engine : {"mixed", "gee", "cluster-means", "cr2", "permutation"}
        A linear mixed model (not for 0 and 1); generalised estimating equations with a
        correction for few clusters; the t test of cluster means; least squares with CR2 standard
        errors; the permutation test over the allocations that could have been drawn.
    baseline : str or None
        ``"first"`` (the first time point) or a time point whose score is adjusted for; None: not
        adjusted. ``cluster-means`` and ``permutation`` compare residuals of a regression without
        the arm.
    covariates : str or sequence of str
        Further columns, of people or clusters; their value at baseline is used.
    missing_baseline : {"impute-mean", "drop"}
        A missing baseline is replaced by the mean of all observed ones, counted and named; or
        the person is left out.
    at_least, at_most : float, optional
        Compare the shares of people who score at least, or at most, this.
    pairs : str, optional
        Column of the matched pair; one cluster of each of two arms in each.
    variance : {"nonnegative", "unbounded"}
        Mixed model: the variance between clusters is at least 0, or may be negative (then equal
        cluster sizes give the t test of cluster means).
    df, information
        Mixed model: Kenward–Roger or Satterthwaite degrees of freedom, and the information of
        the variances; expected for the former, observed for the latter unless given.
    working, correction
        GEE: the working correlation, and the correction of its standard errors:
        ``"kauermann-carroll"``, ``"mancl-derouen"``, ``"fay-graubard"``, ``"morel"``,
        ``"average"`` (of the first two) or ``"none"``.
    cluster_weights : {"equal", "minimum-variance"}
        Cluster means: every cluster weighs the same, or m/(1 + (m − 1)·ICC) of its m people.
    schemes : DataFrame, optional
        Permutation with constrained randomisation: a row an allocation that could have been
        drawn, a column a cluster by its name, 1 for the treated arm.
    seed : int
        Permutation: of the draws where there are more than 20,000 allocations.
    family, adjustment
        As in `ancova`, for several arms; Dunnett's for the engines that fit all arms together.
    weights : {"proportional", "equal"}
        Adjusted means over the people as they are, or with every level of a factor the same.
    confidence : float in (0, 1)
        Coverage of the intervals.
    correct : bool
        Multiply the standardised difference by Hedges' exact J.

    Returns
    -------
    ClusterTrial
        `to_frame()`: a row for each arm against the control, positive when the arm scores
        higher; for a yes-or-no outcome the difference in shares. The standardised difference
        divides by the total SD √(between + within) (``effect_size_type``
        ``d_baseline_total_sd``). `.tables`: ``clusters``, ``cluster sizes``, ``intraclass
        correlation``, ``adjusted means``, ``coefficients``; ``t test of cluster means`` where
        there are fewer than 20 clusters; ``ratios`` (odds ratios, and risk ratios when not
        adjusted) for 0 and 1 with ``engine="gee"``. `.n` counts people, and clusters in
        ``n_clusters``.

    Raises
    ------
    ClusterTrialError
        Everything at once: a cluster with people of both arms, nobody's cluster recorded, one
        cluster in an arm, pairs that are none, a stratum that differs within a cluster,
        facilitators in both arms.
    NotAClusterTrialError, ClusterEngineError, ChoiceError
        A study allocated one by one; an engine that does not serve the outcome; an unknown one.
    FewAllocationsError
        A permutation test with fewer than four clusters in an arm: its smallest p is printed.
    OneArmError, ControlNotNamedError, SmallArmError, ConstantOutcomeError, PerfectFitError
        As for `ancova`.

    Notes
    -----
    Error rates of the engines at 6 to 40 clusters: docs/methods.md. A study allocated one by one
    with ``facilitator`` (a volunteer or group leader who serves several people of one arm) gets
    the partially nested model: a random effect of the facilitator and a residual variance of its
    own in that arm (Roberts & Roberts 2005; Bauer et al. 2008).

    References
    ----------
    .. [1] Donner & Klar (2000). Design and Analysis of Cluster Randomization Trials.
    .. [2] Hedges (2007). J. Educ. Behav. Stat. 32(4), 341-370.
    .. [3] Kahan et al. (2016). Trials 17, 438.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.clusters import simulated_cluster_trial
    >>> study = soc.Study(simulated_cluster_trial(), person="id", wave="wave",
    ...                   waves=["start", "6m"], arm="arm", control="usual care",
    ...                   cluster="agency", allocation="cluster", better={"loneliness": "lower"})
    >>> result = soc.cluster_trial(study, "loneliness", wave="6m", engine="cluster-means")
    >>> result.to_frame()[["contrast", "df", "n_clusters"]].to_dict("records")
    [{'contrast': 'befriending - usual care', 'df': 12.0, 'n_clusters': 14}]
    """
    level = check_confidence(confidence)
    check_choice("engine", engine, ENGINES)
    check_choice("missing_baseline", missing_baseline, ("impute-mean", "drop"))
    check_choice("variance", variance, ("nonnegative", "unbounded"))
    check_choice("df", df, ("kenward-roger", "satterthwaite"))
    if information is not None:
        check_choice("information", information, ("expected", "observed"))
    check_choice("working", working, WORKING)
    check_choice("correction", correction, tuple(CORRECTIONS))
    check_choice("cluster_weights", cluster_weights, WEIGHTS)
    check_choice("weights", weights, ("proportional", "equal"))
    check_choice("adjustment", adjustment, ("holm", "dunnett"))
    if family is not None:
        check_choice("family", family, ("primary", "secondary"))
    control = control_and_clusters(study)
    choices = Choices(
        engine=engine, variance=variance, df=df, information=information, working=working,
        correction=correction, cluster_weights=cluster_weights, schemes=schemes, seed=seed,
        family=family, adjustment=adjustment, weights=weights, level=level, correct=correct,
    )  # fmt: skip
    measured = measure(study, outcome)
    cut = at_least is not None or at_most is not None
    _refuse_unused(choices)
    if study.allocation != "cluster":
        if cut or is_yes_or_no(measured):
            raise ClusterEngineError.groups_are_for_scores("A yes-or-no outcome")
        if pairs is not None:
            raise ClusterEngineError.groups_are_for_scores("pairs=")
        return groups_in_one_arm(
            study, measured, control, wave, baseline, covariates, missing_baseline, choices
        )
    if pairs is not None and len(study.arms) > 2:
        raise ClusterEngineError.pairs_and_arms(study.arms)
    compared = compared_waves(study, wave, baseline)
    if len(compared) > 1:
        if engine != "mixed":
            raise ClusterEngineError.several_waves(engine, compared)
        if cut or is_yes_or_no(measured):
            raise ClusterEngineError.binary(outcome, engine)
        return all_waves(
            study, measured, control, baseline, covariates, pairs, missing_baseline, choices
        )
    at, first = time_points(study, compared[0], baseline)
    happened = events(measured, at, at_least, at_most) if cut or is_yes_or_no(measured) else None
    if happened is not None and engine == "mixed":
        raise ClusterEngineError.binary(outcome, engine)
    data, notes = cluster_people(
        study, measured, happened,
        binary_words.event_words(measured.outcome, at_least, at_most),
        wave=at, first=first, control=control, covariates=covariates, pairs=pairs,
        missing_baseline=missing_baseline,
    )  # fmt: skip
    return one_wave(study, data, choices, notes, missing_baseline)


def control_and_clusters(study: Study) -> str:
    """The arm to compare with; refuses studies without clusters or groups."""
    if study.allocation != "cluster" and study.facilitator is None:
        raise NotAClusterTrialError(study.arms)
    if len(study.arms) < 2:
        raise OneArmError("cluster_trial", study.arms)
    if study.control is None:
        raise ControlNotNamedError("cluster_trial", study.arms)
    return study.control


OWN: dict[str, dict[str, str | None]] = {  # engine -> its own choices with their defaults
    "mixed": {"variance": "nonnegative", "df": "kenward-roger", "information": None},
    "gee": {"working": "exchangeable", "correction": "kauermann-carroll"},
    "cluster-means": {"cluster_weights": "equal"},
    "permutation": {"schemes": None},
    "cr2": {},
}


def _refuse_unused(choices: Choices) -> None:
    """Refuse choices that belong to another engine than the one asked for."""
    idle = [
        f"{name}="
        for engine, own in OWN.items()
        if engine != choices.engine
        for name, default in own.items()
        if (value := getattr(choices, name)) is not None and (default is None or value != default)
    ]
    if idle:
        raise ClusterEngineError.unused(choices.engine, idle)


def is_yes_or_no(measured: Measurements) -> bool:
    """Whether an outcome is 0 and 1 wherever it was measured, and no score that could be more."""
    if measured.outcome.high is not None and measured.outcome.high > 1:
        return False
    values = measured.scores.to_numpy()
    return bool(np.isin(values[~np.isnan(values)], (0.0, 1.0)).all())

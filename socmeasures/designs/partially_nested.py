"""Groups in one arm only: people who share a volunteer or a group leader, others by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs.adjustment import (
    Covariate,
    compared_people,
    counts_by_arm,
    gather,
    imputed_baseline,
    mean_points,
    model_columns,
)
from socmeasures.designs.clustered_checks import check_groups, labels
from socmeasures.designs.clustered_engines import coefficient_table
from socmeasures.designs.clustered_mixed import MIXED_WORDS
from socmeasures.designs.clustered_tables import cluster_rows
from socmeasures.designs.measurements import Measurements, instrument_sentence
from socmeasures.designs.standardising import Standardiser, standardiser
from socmeasures.designs.study import Study
from socmeasures.designs.trial_words import closing
from socmeasures.effects.intracluster import (
    ENOUGH_TO_PLAN,
    IntraclassCorrelation,
    intraclass_correlation,
)
from socmeasures.errors import (
    ClusterTrialError,
    ConstantOutcomeError,
    SocmeasuresError,
    plural,
)
from socmeasures.models.mixed import (
    DegreesOfFreedom,
    Information,
    MixedModel,
    Variance,
    fit_mixed,
)

FACILITATOR = "facilitator"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NestedPeople:
    """The people of a partially nested trial at one time point, and their model.

    Attributes
    ----------
    served : str
        The arm with facilitators.
    leader_of : pandas.Series
        Facilitator of everybody in that arm, as text; missing for those who had none.
    group : array of int, shape (n,)
        Of those analysed in that arm: the people of one facilitator; −1 in the other arms.
    n_alone : int
        People of that arm without a facilitator, each a group of their own.
    """

    measured: Measurements
    wave: str
    baseline: str | None
    why_not: pd.Series
    n_imputed: int
    people: np.ndarray
    arm: np.ndarray
    arms: tuple[str, ...]
    control: str
    served: str
    leader_of: pd.Series
    group: np.ndarray
    n_alone: int
    covariates: list[Covariate]
    columns: dict[str, np.ndarray]
    outcome: np.ndarray
    fit: MixedModel
    notes: list[str]

    @property
    def treated(self) -> tuple[str, ...]:
        """Arms but the control."""
        return tuple(a for a in self.arms if a != self.control)

    @property
    def n_leaders(self) -> int:
        """Facilitators of the people analysed."""
        return int(self.leader_of[self.people].nunique())


def nested_people(
    study: Study,
    measured: Measurements,
    *,
    control: str,
    wave: str,
    first: str | None,
    covariates: str | Sequence[str],
    missing_baseline: str,
    variance: Variance,
    df: DegreesOfFreedom,
    information: Information | None,
) -> NestedPeople:
    """Gather the people and fit the model; refuses facilitators of both arms."""
    served = check_groups(study)
    found, notes = gather(study, covariates, first)
    why_not, before, people, arm = compared_people(
        study, measured, wave, first, found, missing_baseline
    )
    values = measured.scores.loc[people, wave].to_numpy()
    if np.ptp(values) == 0:
        raise ConstantOutcomeError(measured.outcome.column, wave, float(values[0]))
    n_imputed, at_baseline = imputed_baseline(before, people)
    leader_of = labels(study, str(study.facilitator))
    inside = arm == served
    mine = leader_of[people].where(inside)
    group = pd.factorize(mine)[0]
    alone = inside & (group < 0)
    group[alone] = group.max() + 1 + np.arange(alone.sum())
    sizes = np.bincount(group[inside])
    if len(sizes) < 2 or sizes.max() < 2:
        raise ClusterTrialError(
            [
                f"at {wave} nobody analysed shares a facilitator with another person, so there "
                "are no groups. Use ancova, and say how many people each facilitator served."
            ]
        )
    treated = tuple(a for a in study.arms if a != control)
    columns = model_columns(people, arm, treated, at_baseline, found)
    fit = fit_mixed(
        values, np.column_stack(list(columns.values())), list(columns),
        groups={FACILITATOR: group}, only_where={FACILITATOR: inside},
        residual_by=np.where(inside, served, "the others"),
        variance=variance, df=df, information=information,
    )  # fmt: skip
    return NestedPeople(
        measured=measured, wave=wave, baseline=first, why_not=why_not, n_imputed=n_imputed,
        people=people, arm=arm, arms=study.arms, control=control, served=served,
        leader_of=leader_of, group=group, n_alone=int(alone.sum()), covariates=found,
        columns=columns, outcome=values, fit=fit, notes=notes,
    )  # fmt: skip


def unit_of(data: NestedPeople) -> Standardiser:
    """Pooled within-arm SD at baseline, before anybody had a facilitator."""
    kind = "d_baseline_sd" if data.baseline else "d_outcome_sd"
    return standardiser(data.measured, data.baseline or data.wave, kind)


def rows_of(
    data: NestedPeople, unit: Standardiser, level: float, correct: bool
) -> dict[str, dict[str, Any]]:
    """A row for each arm against the control."""
    found = {}
    for arm in data.treated:
        contrast = data.fit.coefficient(f"arm: {arm}", confidence=level)
        both = [arm, data.control]
        n = int(np.isin(data.arm, both).sum())
        found[arm] = {
            "outcome": data.measured.outcome.column,
            "wave": data.wave,
            "contrast": f"{arm} - {data.control}",
            "term": "adjusted difference" if data.baseline else "difference",
            **contrast.numbers(),
            "n": n,
            "n_excluded": int(data.measured.arm.isin(both).sum()) - n,
            "n_clusters": data.n_leaders if data.served in both else 0,
            "method": f"partially nested mixed model, {data.n_leaders} facilitators in "
            f"{data.served}, REML, {MIXED_WORDS[data.fit.df_method]}, "
            f"{data.fit.information} information",
            **unit.effect_size(contrast, level, correct),
        }
    return found


def covariance_of(data: NestedPeople) -> np.ndarray:
    """Of the arms' coefficients."""
    places = [data.fit.names.index(f"arm: {arm}") for arm in data.treated]
    return np.asarray(data.fit.covariance[np.ix_(places, places)])


def correlation_of(data: NestedPeople, level: float) -> IntraclassCorrelation | None:
    """Of the outcome in the arm with facilitators; None where it cannot be computed."""
    inside = data.group >= 0
    try:
        return intraclass_correlation(data.outcome[inside], data.group[inside], confidence=level)
    except SocmeasuresError:
        return None


def tables_of(data: NestedPeople, weights: str, level: float) -> dict[str, pd.DataFrame]:
    """Facilitators, correlations, variances, means and coefficients."""
    fit, icc = data.fit, correlation_of(data, level)
    told: list[dict[str, Any]] = []
    if icc is not None:
        told.append(
            {
                "arm": data.served,
                "term": "not adjusted",
                "estimate": icc.estimate,
                "ci_low": icc.ci_low,
                "ci_high": icc.ci_high,
                "n_clusters": icc.n_clusters,
                "n": icc.n,
                "method": icc.method,
            }
        )
    told.append(
        {
            "arm": data.served,
            "term": "from the model, adjusted",
            "estimate": _model_icc(data),
            "n_clusters": data.n_leaders,
            "n": int((data.group >= 0).sum()),
        }
    )
    points = mean_points(data.columns, data.people, data.arms, data.covariates, weights)
    means = []
    for arm, point in points.items():
        mean = fit.contrast(np.array(point), confidence=level)
        means.append(
            {
                "wave": data.wave, "arm": arm, "mean": mean.estimate, "se": mean.se,
                "df": mean.df, "ci_low": mean.ci_low, "ci_high": mean.ci_high,
                "n": int((data.arm == arm).sum()),
            }
        )  # fmt: skip
    return {
        "facilitators": _facilitators(data),
        "intraclass correlation": pd.DataFrame(told),
        "variance components": pd.DataFrame(
            [{"term": name, "variance": value} for name, value in fit.variances.items()]
        ),
        "adjusted means": pd.DataFrame(means),
        "coefficients": coefficient_table(
            list(fit.names), [fit.coefficient(name, confidence=level) for name in fit.names]
        ),
    }


def _model_icc(data: NestedPeople) -> float:
    """Variance between facilitators over the total in their arm."""
    variances = data.fit.variances
    between = variances[FACILITATOR]
    return between / (between + variances[f"residual, {data.served}"])


def _facilitators(data: NestedPeople) -> pd.DataFrame:
    """A row a facilitator, those of people without a score too."""
    scores = pd.Series(np.nan, index=data.leader_of.index)
    scores[data.people] = data.outcome
    arm = data.measured.arm
    return pd.DataFrame(cluster_rows(scores, data.leader_of, arm, data.arms, name="facilitator"))


def counts_of(data: NestedPeople) -> pd.DataFrame:
    """Who is analysed and who is not, by arm and reason; facilitators in `n_clusters`."""
    table = counts_by_arm(data.measured, data.why_not, data.wave, data.arms)
    whole = []
    for row in table.to_dict("records"):
        inside = (data.measured.arm == row["arm"]) & (data.why_not == row["reason"])
        analysed = row["group"] == "analysed"
        whole.append(int(data.leader_of[inside].nunique()) if analysed else 0)
    return table.assign(n_clusters=whole)


def notes_of(data: NestedPeople, study: Study, level: float) -> list[str]:
    """What sharing a facilitator means for the reader."""
    icc = correlation_of(data, level)
    sizes = np.bincount(data.group[data.group >= 0])
    told = (
        f"{data.n_leaders} facilitators ({study.facilitator!r}) served the "
        f"{int(sizes.sum())} people analysed in {data.served}; the model lets people of one "
        "facilitator be alike and gives that arm a spread of its own."
    )
    if icc is not None:
        told += (
            f" Intraclass correlation in that arm {icc.estimate:.3f} ({level * 100:g} % interval "
            f"{icc.ci_low:.3f} to {icc.ci_high:.3f})."
        )
    notes = [told]
    if data.n_alone:
        notes.append(
            f"{plural(data.n_alone, 'person', 'people')} in {data.served} had no facilitator "
            "recorded; each is taken as a group of one."
        )
    if data.n_leaders < ENOUGH_TO_PLAN:
        notes.append(
            f"With {data.n_leaders} facilitators the interval of the intraclass correlation is "
            "too wide to plan another study with: use several published ones beside it."
        )
    return notes


def summary_of(data: NestedPeople, rows: dict[str, dict[str, Any]], level: float) -> str:
    """Two or three plain sentences."""
    outcome = data.measured.outcome
    adjusted = f", adjusted for the score at {data.baseline}" if data.baseline else ""
    told = [f"{outcome.label} at {data.wave}{adjusted}."]
    for arm, row in rows.items():
        way = "higher" if row["estimate"] > 0 else "lower"
        told.append(
            f"People in {arm} scored on average {abs(row['estimate']):.2f} points {way} than "
            f"people in {data.control} ({level * 100:g} % interval of the difference "
            f"{row['ci_low']:.2f} to {row['ci_high']:.2f}; {row['n']} people, "
            f"{row['n_excluded']} not analysed)."
        )
    told.append(
        f"In {data.served} {data.n_leaders} facilitators each served several people, and the "
        "interval allows for that."
    )
    direction = {"lower": "Lower is better.", "higher": "Higher is better."}
    if outcome.better in direction:
        told.append(direction[outcome.better])
    return " ".join(told)


def methods_of(data: NestedPeople, level: float, correct: bool) -> str:
    """The paragraph for the paper."""
    fit = data.fit
    terms = ["arm"]
    if data.baseline:
        terms.append(f"the score at {data.baseline}")
    terms += [c.name for c in data.covariates]
    sentences = [
        instrument_sentence(data.measured.outcome),
        f"People were allocated one by one; those in {data.served} shared {data.n_leaders} "
        f"facilitators. The score at {data.wave} was modelled on {', '.join(terms)} with a random "
        f"effect of the facilitator and a residual variance of its own in {data.served} "
        "(partially nested model; Roberts & Roberts 2005; Bauer, Sterba & Hallfors 2008), by "
        f"restricted maximum likelihood with {MIXED_WORDS[fit.df_method]} degrees of freedom "
        f"({fit.information} information); {level * 100:g} % intervals.",
        "The standardised difference is the difference divided by the pooled within-arm SD "
        f"{'at ' + data.baseline if data.baseline else 'of the outcome'}, of everybody measured "
        "then; variance se²/s² + d²/(2ν), after Hedges (2007).",
        "People without the outcome at that time point were left out.",
    ]
    return " ".join([*sentences, *closing(correct, data.n_imputed)])

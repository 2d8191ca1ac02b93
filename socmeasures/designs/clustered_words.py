"""What a comparison of clusters says in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from socmeasures.designs.clustered_engines import ArmFit
from socmeasures.designs.clustered_people import CLUSTER_LOST, ClusterPeople
from socmeasures.designs.clustered_repeated import ClusterWaves, correlations
from socmeasures.designs.measurements import instrument_sentence
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.study import Study
from socmeasures.effects.intracluster import ENOUGH_TO_PLAN, IntraclassCorrelation
from socmeasures.errors import plural

FEW = 20  # clusters: below it the t test of cluster means stands beside whatever was asked
BESIDE = "t test of cluster means"
ALLOWED = "Whole clusters were allocated, and the intervals allow for that."


def people_notes(study: Study, data: ClusterPeople, missing_baseline: str) -> list[str]:
    """Who is missing, whole clusters among them, and what replaced baselines mean."""
    notes = []
    lost = data.cluster_of[(data.why_not == CLUSTER_LOST).to_numpy()]
    if len(lost):
        names = ", ".join(dict.fromkeys(map(str, lost)))
        notes.append(
            f"{plural(lost.nunique(), 'whole cluster')} with "
            f"{plural(len(lost), 'person', 'people')} without any score at {data.wave} ({names}): "
            "losing a whole cluster is rarely chance."
        )
    return [*notes, *imputed_notes(data.n_imputed, missing_baseline), *facilitator_notes(study)]


def imputed_notes(n: int, missing_baseline: str) -> list[str]:
    """Baselines that were replaced."""
    if not n or missing_baseline != "impute-mean":
        return []
    return [
        f"{plural(n, 'missing baseline')} replaced by the mean of all observed baselines (White & "
        "Thompson 2005)."
    ]


def facilitator_notes(study: Study) -> list[str]:
    """Facilitators beside allocated clusters."""
    if study.facilitator is None:
        return []
    return [
        f"{study.facilitator!r} is not in the model: where a facilitator works within one "
        "cluster, the cluster allows for people of one facilitator being alike; one who works in "
        "several clusters is not allowed for."
    ]


def wave_notes(found: ClusterWaves, level: float) -> list[str]:
    """Clusters of a model of all time points, and how alike people of one are."""
    data = found.data
    sizes = np.bincount(found.code)
    told = [
        f"{wave} {icc.estimate:.3f} ({icc.ci_low:.3f} to {icc.ci_high:.3f})"
        for wave, icc in correlations(found, level).items()
    ]
    notes = [
        f"{found.n_clusters} clusters of {sizes.min()} to {sizes.max()} people in the model (mean "
        f"{sizes.mean():.1f}, coefficient of variation {sizes.std() / sizes.mean():.2f}). "
        f"Intraclass correlation within arms ({level * 100:g} % interval): {'; '.join(told)}."
    ]
    lost = found.cluster_of[(data.why_not == CLUSTER_LOST).to_numpy()]
    if len(lost):
        names = ", ".join(dict.fromkeys(map(str, lost)))
        notes.append(f"Nobody of these whole clusters has a score: {names}.")
    if found.n_clusters < ENOUGH_TO_PLAN:
        notes.append(too_wide(found.n_clusters))
    return notes


def few_note() -> str:
    """The t test of cluster means beside another engine."""
    return (
        f"With fewer than {FEW} clusters the t test of cluster means stands beside this analysis "
        f"({BESIDE!r} in the tables). Where the two differ, the wider interval is the safer one."
    )


def too_wide(clusters: int) -> str:
    """An intraclass correlation of few clusters."""
    return (
        f"With {clusters} clusters the interval of the intraclass correlation is too wide to plan "
        "another study with: use several published ones beside it."
    )


def several_notes(n: int) -> list[str]:
    """Several comparisons without a declared family."""
    if n < 2:
        return []
    return [f"{n} comparisons are shown; p values and intervals are not adjusted for that."]


def cluster_notes(
    data: ClusterPeople, icc: IntraclassCorrelation | None, engine: str, level: float
) -> list[str]:
    """Clusters, their sizes, how alike people of one are, and what so few of them allow."""
    sizes = np.unique(data.cluster, return_counts=True)[1]
    spread = (
        f"{data.n_clusters} clusters of {sizes.min()} to {sizes.max()} people analysed (mean "
        f"{sizes.mean():.1f}, coefficient of variation {sizes.std() / sizes.mean():.2f})"
    )
    notes = []
    if icc is None:
        notes.append(f"{spread}. The intraclass correlation could not be computed.")
    else:
        notes.append(
            f"{spread}. Intraclass correlation within arms {icc.estimate:.3f} ({level * 100:g} % "
            f"interval {icc.ci_low:.3f} to {icc.ci_high:.3f}); design effect "
            f"{icc.design_effect:.2f}."
        )
        if icc.estimate < 0:
            notes.append(
                "The intraclass correlation is negative: people of one cluster differ more than "
                "people of different ones, as happens by chance when it is near 0."
            )
    if data.n_clusters < ENOUGH_TO_PLAN:
        notes.append(too_wide(data.n_clusters))
    if data.n_clusters < FEW and engine not in ("cluster-means", "permutation"):
        notes.append(few_note())
    counts = {a: int((data.cluster_arm == a).sum()) for a in data.arms}
    if min(counts.values()) < 4:
        told = ", ".join(f"{a} {n}" for a, n in counts.items())
        notes.append(
            f"So few clusters an arm ({told}) carry hardly any comparison: one unusual cluster can "
            "decide it."
        )
    return notes


def several_arms_note(n: int) -> list[str]:
    """Comparisons without a declared family."""
    if n < 2:
        return []
    return [
        f"{n} arms are compared with one control; p values and intervals are not adjusted for that."
    ]


def summary(
    rows: Mapping[str, dict[str, Any]],
    data: ClusterPeople,
    level: float,
) -> str:
    """Two or three plain sentences."""
    outcome = data.measured.outcome
    adjusted = f", adjusted for the score at {data.baseline}" if data.baseline else ""
    told = [f"{data.event if data.is_binary else outcome.label} at {data.wave}{adjusted}."]
    for arm, row in rows.items():
        counts = (
            f"{row['n']} people in {row['n_clusters']} clusters, {row['n_excluded']} people not "
            "analysed"
        )
        if data.is_binary:
            told.append(_shares(arm, data.control, row, level, counts))
            continue
        way = "higher" if row["estimate"] > 0 else "lower"
        told.append(
            f"People in {arm} scored on average {abs(row['estimate']):.2f} points {way} than "
            f"people in {data.control} ({level * 100:g} % interval of the difference "
            f"{row['ci_low']:.2f} to {row['ci_high']:.2f}; {counts})."
        )
    told.append(ALLOWED)
    direction = {"lower": "Lower is better.", "higher": "Higher is better."}
    if outcome.better in direction and not data.is_binary:
        told.append(direction[outcome.better])
    return " ".join(told)


def _shares(arm: str, control: str, row: dict[str, Any], level: float, counts: str) -> str:
    more = "more" if row["estimate"] > 0 else "fewer"
    return (
        f"In {arm} {abs(row['estimate']) * 100:.0f} in 100 people {more} had it than in {control} "
        f"({level * 100:g} % interval {round(100 * row['ci_low'])} to "
        f"{round(100 * row['ci_high'])}; "
        f"{counts})."
    )


def methods(
    data: ClusterPeople,
    fit: ArmFit,
    *,
    level: float,
    covariates: Sequence[str],
    sd_type: str,
    correct: bool,
    icc: IntraclassCorrelation | None,
) -> str:
    """The paragraph for the paper."""
    outcome: Outcome = data.measured.outcome
    adjusters = [*([f"the score at {data.baseline}"] if data.baseline else []), *covariates]
    terms = ["arm", *adjusters, *(["matched pair"] if data.pair_of is not None else [])]
    what = f"event ({data.event}) at {data.wave}" if data.is_binary else f"score at {data.wave}"
    sentence = fit.sentence.format(
        outcome=what, terms=", ".join(terms), adjusters=", ".join(adjusters) or "nothing"
    )
    sentences = [
        instrument_sentence(outcome),
        f"Whole clusters were allocated; {data.n_clusters} were analysed. {sentence} "
        f"{level * 100:g} % intervals.",
    ]
    if sd_type:
        when = f"at {data.baseline}" if data.baseline else f"of the outcome at {data.wave}"
        sentences.append(
            "The standardised difference is the difference divided by the total SD within arms "
            f"{when}, √(between + within clusters), after Hedges (2007); variance se²/s² + d²/(2ν)."
        )
        if correct:
            sentences.append("Hedges' exact small-sample correction (1981) was applied to it.")
    if icc is not None:
        sentences.append(f"Intraclass correlation: {icc.method} ({icc.source}).")
    if data.n_imputed:
        sentences.append(
            f"Missing baselines ({data.n_imputed}) were replaced by the mean of the observed ones "
            "(White & Thompson 2005)."
        )
    sentences.append("People without the outcome at that time point were left out.")
    return " ".join(sentences)

"""What a result about counts says in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from socmeasures.designs.arms import ignored_groups
from socmeasures.designs.change_words import NOT_AN_EFFECT
from socmeasures.designs.measurements import instrument_sentence
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.study import Study
from socmeasures.drawing.labels import at_time
from socmeasures.errors import plural
from socmeasures.models.counts import CountModel

SKEWED = (
    "Counts of people are skewed: the medians, quartiles and the share of zeros (floor_share) in "
    ".descriptives say more than the means."
)


def no_ratio(outcome: str, where: str) -> str:
    """Why a ratio is missing."""
    return (
        f"{outcome}: everybody has 0 at {where}, so there is no ratio; the difference in means is "
        "given."
    )


def notes_pre_post(study: Study, by_site: bool) -> list[str]:
    """What the design does not allow to be read into the change of a count."""
    notes = [NOT_AN_EFFECT, SKEWED]
    if len(study.arms) > 1:
        notes.append(
            f"The arms ({', '.join(study.arms)}) are pooled here; compare_counts(study, outcome, "
            "wave=...) compares them."
        )
    if by_site:
        notes.append(f"The intervals allow for people of one {study.cluster!r} being alike.")
    notes += _clusters(study, by_site)
    return notes


def notes_compare(study: Study, n_imputed: int) -> list[str]:
    """What the design means for the reader of a comparison."""
    notes = [ignored_groups(study)] if study.facilitator is not None else []
    notes.append(SKEWED)
    if study.allocation is None:
        notes.append(
            "How people came into the arms was not said (allocation=). Unless it was at random, "
            "the adjusted ratio is not the effect of the programme alone."
        )
    if n_imputed:
        notes.append(
            f"{plural(n_imputed, 'missing baseline')} replaced by the mean of all observed "
            "baselines (White & Thompson 2005)."
        )
    if study.cluster is not None:
        notes.append(f"{study.cluster!r} is in the model as a fixed stratum.")
    return notes


def _clusters(study: Study, by_site: bool) -> list[str]:
    shared = [None if by_site else study.cluster, study.facilitator]
    return [
        f"People of one {name!r} may resemble each other; the intervals here take people as "
        "independent and may be too narrow."
        for name in shared
        if name is not None
    ]


def family_note(fit: CountModel, asked: str) -> list[str]:
    """Which model it was in the end, and how well its variance fits."""
    if asked == "negative-binomial" and fit.family == "poisson":
        return [
            "The counts are not more spread than a Poisson model expects, so the negative "
            "binomial model is a Poisson model here; its standard errors are robust all the same."
        ]
    if fit.family == "poisson" and fit.pearson > 1.5:
        return [
            f"The counts are more spread than the Poisson model expects (Pearson's chi-square / "
            f"df = {fit.pearson:.1f}); the robust standard errors allow for it."
        ]
    return []


def title_compare(outcome: Outcome, wave: str, arms: Sequence[str], control: str) -> str:
    """Heading of a comparison."""
    others = ", ".join(a for a in arms if a != control)
    return f"{outcome.label} at {wave}: {others} against {control}"


def summary_pre_post(
    outcome: Outcome, table: pd.DataFrame, earlier: str, later: str, people: int
) -> str:
    """Plain sentences about one group."""
    ratio, mean = table.to_dict("records")
    told = (
        f"{outcome.label}: {ratio['n']} of {people} people have a count both times, "
        f"{at_time(earlier)} and {at_time(later)}. On average they named {_by(mean)} "
        f"{at_time(later)}. "
    )
    return told + _ratio(ratio, f"the mean at {earlier}") + NOT_AN_EFFECT


def summary_compare(
    outcome: Outcome, table: pd.DataFrame, control: str, wave: str, baseline: str | None
) -> str:
    """Plain sentences about arms."""
    adjusted = f", adjusted for {baseline}" if baseline else ""
    told = [f"{outcome.label} at {wave}{adjusted}."]
    for row in table.to_dict("records"):
        arm = str(row["contrast"]).removesuffix(f" - {control}")
        if row["term"].endswith("rate ratio"):
            told.append(f"{arm}: " + _ratio(row, f"the mean in {control}").strip())
        else:
            told.append(f"In people: {_by(row)} than in {control}.")
    direction = {"lower": "Lower is better.", "higher": "Higher is better."}
    if outcome.better in direction:
        told.append(direction[outcome.better])
    return " ".join(told)


def _by(row: dict[str, Any]) -> str:
    way = "more" if row["estimate"] >= 0 else "fewer"
    text = f"{abs(row['estimate']):.2f} {way}"
    if row["ci_low"] == row["ci_low"]:
        text += f" (interval {row['ci_low']:.2f} to {row['ci_high']:.2f})"
    return text


def _ratio(row: dict[str, Any], of: str) -> str:
    if row["estimate"] != row["estimate"]:
        return "There is no rate ratio. "
    return (
        f"The mean count is {row['estimate']:.2f} times {of} (interval {row['ci_low']:.2f} to "
        f"{row['ci_high']:.2f}). "
    )


def methods_pre_post(outcome: Outcome, level: float, seed: int, by_site: bool) -> str:
    """The paragraph for the paper."""
    if by_site:
        return (
            f"{instrument_sentence(outcome)} Rate ratio: later over earlier mean count in people "
            "counted at both time points, by a Poisson model with log link and standard errors "
            f"clustered by site; {level * 100:g} % t interval of the log ratio (sites − 1 degrees "
            "of freedom). Mean change by site: CR2 with Satterthwaite degrees of freedom (Bell & "
            "McCaffrey 2002; Pustejovsky & Tipton 2018)."
        )
    return (
        f"{instrument_sentence(outcome)} Rate ratio: later over earlier mean count in people "
        "counted at both time points, by a Poisson model with log link and standard errors "
        f"clustered by person; {level * 100:g} % t interval of the log ratio (people − 1 degrees "
        "of freedom). Mean change with BCa bootstrap interval, 10,000 resamples of people, seed "
        f"{seed} (Efron 1987)."
    )


def methods_compare(
    outcome: Outcome,
    wave: str,
    baseline: str | None,
    covariates: Sequence[str],
    fit: CountModel | None,
    level: float,
    seed: int,
    n_imputed: int,
) -> str:
    """The paragraph for the paper."""
    terms = ["arm", *([f"log(count at {baseline} + 1)"] if baseline else []), *covariates]
    family = "no model" if fit is None else f"a {fit.family.replace('-', ' ')} model"
    spread = f" (dispersion {fit.alpha:.3g})" if fit is not None and fit.alpha else ""
    sentences = [
        instrument_sentence(outcome),
        f"The count at {wave} was analysed by {family}{spread} with log link on "
        f"{', '.join(terms)}; rate ratios with robust (sandwich) standard errors and "
        f"{level * 100:g} % t intervals of the log ratio (n − p degrees of freedom). Beside it "
        "the difference in means from least squares on the same terms (baseline as it is), BCa "
        f"bootstrap within arms, 10,000 resamples, seed {seed} (Efron 1987).",
        "People without the count at that time point were left out.",
    ]
    if n_imputed:
        sentences.append(
            f"Missing baselines ({n_imputed}) were replaced by the mean of the observed ones "
            "(White & Thompson 2005)."
        )
    return " ".join(sentences)

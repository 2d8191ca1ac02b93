"""What a comparison of arms says in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socmeasures.designs.arms import ignored_groups
from socmeasures.designs.measurements import instrument_sentence
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.study import Study
from socmeasures.errors import plural

NO_STANDARDISER = (
    "There is no standardised difference: the SD it would be divided by is 0 or cannot be computed."
)
RESIDUAL_SD = (
    "The difference in residual SDs grows with how well the covariates predict the score (1.15, "
    "1.40, 1.67 times at r = .5, .7, .8). It must not be pooled with other trials."
)
CHANGE_SCORE = (
    "The change-score analysis answers another question than the adjusted difference: it takes "
    "a difference at baseline as one that would have stayed. The adjusted difference is the result."
)


def title(label: str, wave: str, arms: Sequence[str], control: str) -> str:
    """Heading of the result."""
    others = ", ".join(a for a in arms if a != control)
    return f"{label} at {wave}: {others} against {control}"


def design_notes(
    study: Study, n_imputed: int, missing_baseline: str, n_contrasts: int
) -> list[str]:
    """What the design, missing baselines and several arms mean for the reader."""
    notes = [ignored_groups(study)] if study.facilitator is not None else []
    if study.allocation is None:
        notes.append(
            "How people came into the arms was not said (allocation=). Unless it was at random, "
            "the adjusted difference is not the effect of the programme alone."
        )
    if n_imputed and missing_baseline == "impute-mean":
        note = (
            f"{plural(n_imputed, 'missing baseline')} replaced by the mean of all observed "
            "baselines (White & Thompson 2005)"
        )
        random = "" if study.allocation else ", which is right only where allocation was at random"
        notes.append(f"{note}{random}.")
    if n_contrasts > 1:
        notes.append(
            f"{n_contrasts} arms are compared with one control; p values and intervals are not "
            "adjusted for that."
        )
    if study.cluster is not None:
        notes.append(f"{study.cluster!r} is in the model as a fixed stratum.")
    return notes


def arm_by_baseline(p_value: float) -> str:
    """The check that is reported and never acted on."""
    p = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    return (
        f"Check whether the difference depends on the baseline (arm × baseline): {p}. It is "
        "reported for the reader; the model was not chosen by it."
    )


def summary(
    rows: Mapping[str, dict[str, Any]],
    control: str,
    outcome: Outcome,
    wave: str,
    baseline: str | None,
    level: float,
) -> str:
    """Two or three plain sentences."""
    adjusted = f", adjusted for the score at {baseline}" if baseline else ""
    told = [f"{outcome.label} at {wave}{adjusted}."]
    for arm, row in rows.items():
        size = f"{abs(row['estimate']):.2f} points"
        way = "higher" if row["estimate"] > 0 else "lower"
        told.append(
            f"People in {arm} scored on average {size} {way} than people in {control} "
            f"({level * 100:g} % interval of the difference {row['ci_low']:.2f} to "
            f"{row['ci_high']:.2f}; {row['n']} people, {row['n_excluded']} not analysed)."
        )
    direction = {"lower": "Lower is better.", "higher": "Higher is better."}
    if outcome.better in direction:
        told.append(direction[outcome.better])
    return " ".join(told)


def methods(
    outcome: Outcome,
    wave: str,
    baseline: str | None,
    covariates: Sequence[str],
    se: str,
    level: float,
    weights: str,
    sd_type: str,
    correct: bool,
    n_imputed: int,
) -> str:
    """The paragraph for the paper."""
    terms = ["arm", *([f"score at {baseline}"] if baseline else []), *covariates]
    errors = "classical" if se == "classical" else f"heteroscedasticity-consistent ({se})"
    over = (
        "standardised over the people analysed"
        if weights == "proportional"
        else "with every level of a factor weighing the same"
    )
    when = f"at {baseline}" if sd_type == "d_baseline_sd" else f"of the outcome at {wave}"
    sentences = [
        instrument_sentence(outcome),
        f"The score at {wave} was regressed on {', '.join(terms)} by least squares with {errors} "
        f"standard errors; {level * 100:g} % intervals and p values by t with n − p degrees of "
        f"freedom. Adjusted means are {over}. The standardised difference is the adjusted "
        f"difference divided by the pooled within-arm SD {when}, of everybody measured then; "
        "variance se²/s² + d²/(2ν), after Hedges (2007).",
        "People without the outcome at that time point were left out.",
    ]
    return " ".join([*sentences, *closing(correct, n_imputed)])


def closing(correct: bool, n_imputed: int) -> list[str]:
    """The last sentences of a paragraph for the paper: what was corrected, what was replaced."""
    sentences = []
    if correct:
        sentences.append("Hedges' exact small-sample correction (1981) was applied to it.")
    if n_imputed:
        sentences.append(
            f"Missing baselines ({n_imputed}) were replaced by the mean of the observed ones "
            "(White & Thompson 2005)."
        )
    return sentences

"""What a comparison over several time points says in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socmeasures.designs.measurements import instrument_sentence
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.repeated_model import Repeated
from socmeasures.designs.trial_words import closing
from socmeasures.errors import plural
from socmeasures.models.covariances import IN_WORDS
from socmeasures.models.mmrm import MarginalModel

DF_WORDS = {
    "kenward-roger": "Kenward–Roger standard errors and degrees of freedom (1997; the first-order "
    "form, without second derivatives of the covariance)",
    "satterthwaite": "Satterthwaite degrees of freedom (Fai & Cornelius 1996)",
    "between-within": "between–within degrees of freedom (Schluchter & Elashoff 1990)",
    "residual": "residual degrees of freedom",
}


def formula(data: Repeated, covariates: Sequence[str], covariates_by_wave: bool) -> str:
    """The fixed effects as one line."""
    terms = ["wave", "arm × wave"] if data.use.constrained else ["arm", "wave", "arm × wave"]
    if data.use.is_covariate:
        name = f"baseline ({data.use.label})"
        terms.append(name)
        if data.by_wave[0]:
            terms.append(f"{name} × wave")
    for covariate in covariates:
        terms.append(covariate)
        if covariates_by_wave:
            terms.append(f"{covariate} × wave")
    suffix = ", arms equal at baseline" if data.use.constrained else ""
    return f"outcome ~ {' + '.join(terms)}{suffix}"


def summary(rows: Sequence[dict[str, Any]], data: Repeated, outcome: Outcome, level: float) -> str:
    """A sentence a time point and arm."""
    adjusted = f", adjusted for the baseline ({data.use.label})" if data.use.is_covariate else ""
    told = [f"{outcome.label} at {', '.join(data.compared)}{adjusted}."]
    for row in rows:
        way = "higher" if row["estimate"] > 0 else "lower"
        arm = row["contrast"].removesuffix(f" - {data.control}")
        told.append(
            f"{row['wave']}: people in {arm} scored on average {abs(row['estimate']):.2f} points "
            f"{way} than people in {data.control} ({level * 100:g} % interval "
            f"{row['ci_low']:.2f} to {row['ci_high']:.2f})."
        )
    direction = {"lower": "Lower is better.", "higher": "Higher is better."}
    if outcome.better in direction:
        told.append(direction[outcome.better])
    return " ".join(told)


def methods(
    outcome: Outcome,
    data: Repeated,
    fit: MarginalModel,
    covariates: Sequence[str],
    *,
    covariates_by_wave: bool,
    by_arm: bool,
    level: float,
    weights: str,
    kind: str,
    correct: bool,
) -> str:
    """The paragraph for the paper."""
    own = ", of its own in each arm" if by_arm else ""
    estimated = "restricted maximum likelihood" if fit.reml else "maximum likelihood"
    errors = "" if fit.errors == "model" else f" and {fit.errors} sandwich errors over people"
    over = (
        "standardised over the people analysed"
        if weights == "proportional"
        else "with every level of a factor weighing the same"
    )
    sentences = [
        instrument_sentence(outcome),
        f"A mixed model for repeated measures was fitted by {estimated}: "
        f"{formula(data, covariates, covariates_by_wave)}; covariance within a person "
        f"{IN_WORDS[fit.covariance]}{own}.",
        f"Intervals ({level * 100:g} %) and p values use the t distribution with "
        f"{DF_WORDS[fit.df_method]}, from the {fit.information} information of the covariance "
        f"parameters{errors}. Adjusted means are {over}.",
        f"The standardised difference is the adjusted difference divided by the pooled within-arm "
        f"SD {'at baseline' if kind == 'd_baseline_sd' else 'of the outcome'}; variance "
        "se²/s² + d²/(2ν), after Hedges (2007).",
        f"All {fit.n_people} people with at least one outcome in the model are analysed "
        f"({fit.n} outcomes); a missing outcome is taken as missing at random given what the "
        "model holds.",
    ]
    return " ".join([*sentences, *closing(correct, data.n_imputed)])


def fallback_note(asked: str, used: str, reason: str) -> str:
    """A covariance that is not the one asked for."""
    return (
        f"The model with covariance {asked!r} ({IN_WORDS[asked]}) could not be fitted: {reason} "
        f"The results are from covariance {used!r} ({IN_WORDS[used]}), the next in the order "
        "announced."
    )


def missing_notes(data: Repeated) -> list[str]:
    """What drop-out means for the reader."""
    scores = data.measured.scores.loc[data.why_not == "", list(data.waves)]
    missing = int(scores.isna().to_numpy().sum())
    notes = []
    nothing = int((data.why_not != "").sum())
    if nothing:
        notes.append(
            f"{plural(nothing, 'person', 'people')} could not be analysed; the reasons are in the "
            "table of people."
        )
    if missing:
        notes.append(
            f"{plural(missing, 'outcome')} of the people analysed "
            f"{'is' if missing == 1 else 'are'} missing. The model takes them as missing at "
            "random; missing_sensitivity shows what other assumptions would change."
        )
    if data.use.column is None and data.use.wave is None:
        notes.append("Every time point is an outcome; nothing is adjusted for a baseline.")
    if data.use.constrained:
        notes.append(
            "The baseline is an outcome at which the arms are taken as equal (constrained "
            "longitudinal analysis), which holds where allocation was at random."
        )
    return notes

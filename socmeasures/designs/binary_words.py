"""What a comparison of shares says in words."""

from __future__ import annotations

from typing import Any

from socmeasures.designs.measurements import instrument_sentence
from socmeasures.designs.outcome import Outcome

Rows = list[dict[str, Any]]


def event_words(outcome: Outcome, at_least: float | None, at_most: float | None) -> str:
    """What counts as the event."""
    if at_least is not None:
        return f"{outcome.label} of {at_least:g} or more"
    if at_most is not None:
        return f"{outcome.label} of {at_most:g} or less"
    return outcome.label


def summary(shares: Rows, rows: Rows, what: str, wave: str, level: float) -> str:
    """Shares and differences in plain sentences."""
    each = "; ".join(f"{row['arm']} {row['share'] * 100:.0f} %" for row in shares)
    told = [f"{what} at {wave}: {each}."]
    for row in rows:
        if row["term"] == "risk difference":
            told.append(
                f"Difference {row['contrast']}: {row['estimate'] * 100:.0f} percentage points "
                f"({level * 100:g} % interval {row['ci_low'] * 100:.0f} to "
                f"{row['ci_high'] * 100:.0f})."
            )
    return " ".join(told)


def methods(
    outcome: Outcome,
    what: str,
    wave: str,
    covariates: list[str],
    interval: str,
    se: str,
    level: float,
) -> str:
    """The paragraph for the paper."""
    if covariates:
        errors = (
            "sandwich standard errors that count the averaging over the covariates"
            if se == "sandwich"
            else "delta-method standard errors"
        )
        how = (
            f"The event ({what}) at {wave} was regressed on arm, {', '.join(covariates)} by "
            "logistic regression; each arm's share is the average predicted risk had everybody "
            f"been in it (g-computation), with {errors}."
        )
    else:
        name = "Newcombe's (1998)" if interval == "newcombe" else "Miettinen and Nurminen's (1985)"
        how = (
            f"Shares with the event ({what}) at {wave} were compared by {name} interval for the "
            "risk difference and normal intervals on the logarithm for the ratios; shares have "
            "Wilson's interval."
        )
    return (
        f"{instrument_sentence(outcome)} {how} Intervals are {level * 100:g} %. Numbers needed to "
        "treat invert the risk difference (Altman 1998). People without the outcome at that time "
        "point were left out."
    )

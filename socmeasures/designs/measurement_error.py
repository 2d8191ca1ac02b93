"""The standard error of measurement, where it is from, and what it brings about by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from socmeasures.designs import individual_words as words
from socmeasures.designs.published import Norm, Reliability
from socmeasures.effects.individual_change import (
    chance_of_counting,
    standard_error_of_measurement,
)
from socmeasures.errors import PopulationError, ReliabilityError


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementError:
    """The standard error of measurement used to count, and the one these people really have."""

    sem: float
    true_sem: float
    described: str
    reliability: float | None = None
    sd: float | None = None
    notes: tuple[str, ...] = ()
    warning: str = ""


def measurement_error(
    outcome: str,
    before: np.ndarray,
    reliability: Reliability | None,
    sd: float | str | None,
    sd_source: str,
    sem: float | None,
    sem_source: str,
) -> MeasurementError:
    """From a cited reliability and SD, from a cited SEM, or (warned about) from these people."""
    if sem is not None:
        if not sem > 0:
            raise ReliabilityError.no_error(sem)
        if not sem_source:
            raise PopulationError.no_source("sem")
        return MeasurementError(
            sem=float(sem),
            true_sem=float(sem),
            described=f"standard error of measurement {sem:g} points ({sem_source})",
            reliability=None if reliability is None else reliability.value,
            sd=None if reliability is None else reliability.sd,
        )
    if reliability is None:
        raise ReliabilityError.missing(outcome)
    if reliability.value == 1:
        raise ReliabilityError.perfect()
    notes = words.reliability_notes(reliability)
    if sd == "sample":
        return _sample_error(before, reliability, notes)
    if sd is not None and not isinstance(sd, str):
        if not sd_source:
            raise PopulationError.no_source("sd")
        spread, whose = float(sd), sd_source
    elif reliability.sd is not None:
        spread, whose = reliability.sd, "the group of the reliability"
    else:
        raise ReliabilityError.no_sd(outcome)
    found = standard_error_of_measurement(spread, reliability.value)
    return MeasurementError(
        sem=found,
        true_sem=found,
        reliability=reliability.value,
        sd=spread,
        notes=notes,
        described=f"{reliability}; SD {spread:g} of {whose}; standard error of measurement "
        f"{found:.2f} points",
    )


def _sample_error(
    before: np.ndarray, reliability: Reliability, notes: tuple[str, ...]
) -> MeasurementError:
    spread = float(before.std(ddof=1)) if len(before) > 1 else 0.0
    found = standard_error_of_measurement(spread, reliability.value)
    true = found
    ratio = "the SD of the group of the reliability is not known, so they cannot be compared"
    if reliability.sd is not None:
        true = standard_error_of_measurement(reliability.sd, reliability.value)
        ratio = (
            f"it is {spread / reliability.sd:.2f} times that of the group the reliability is from"
        )
    warning = (
        f"The SD of these people at the start ({spread:.2f}) is used with a reliability from "
        f"{reliability.source}: {ratio}. People selected for high (or low) scores differ less from "
        "each other; then too small a change counts, and 25 to 44 % can be 'reliably improved' "
        "when nobody changed. It is right only if the reliability is of these very people."
    )
    return MeasurementError(
        sem=found,
        true_sem=true,
        reliability=reliability.value,
        sd=spread,
        notes=(*notes, warning),
        warning=warning,
        described=f"{reliability}; SD {spread:.2f} of these people at the start; standard error "
        f"of measurement {found:.2f} points",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """People expected in each direction when nobody changed."""

    share: dict[str, np.ndarray]  # by category: a probability a person
    described: str


def chance_counts(
    error: MeasurementError,
    before: np.ndarray,
    limit: float,
    smallest: float,
    step: float | None,
    population: Norm | None,
    better: str | None,
) -> Chance:
    """Each person's chance of each category when nobody changed."""
    # between two possible scores: the midpoint below the smallest change that counts
    edge = limit if step is None else smallest - step / 2
    who = None if population is None else (population.mean, population.sd)
    r, sem = error.reliability, error.true_sem
    if population is not None:
        if r is None:
            raise PopulationError.needs("population=", "a reliability")
        sem = standard_error_of_measurement(population.sd, r)
    higher, lower = chance_of_counting(before, limit=edge, sem=sem, population=who, r=r)
    up, middle, down = words.by_direction(better)
    described = "measurement error alone" if population is None else (
        f"measurement error and the falling back towards the mean {population.mean:g} "
        f"(SD {population.sd:g}) of {population.described}"
    )  # fmt: skip
    return Chance(share={up: higher, down: lower, middle: 1 - higher - lower}, described=described)

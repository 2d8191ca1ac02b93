"""The keywords of a planned study: their types, what each may hold, and what is said when not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypedDict

from socmeasures.designs.planned import Sizes
from socmeasures.effects.power import ALTERNATIVES, ANALYSES
from socmeasures.errors.planning import fault_value


class DesignKeywords(TypedDict, total=False):
    """What a planned study is made of; which of them belong together decides the design."""

    difference: float
    sd: float
    d: float
    change: float
    sd_change: float
    d_z: float
    shares: Sequence[float]
    control_share: float
    correlation: int
    f: float
    means: Sequence[float]
    arms: int
    half_width: float
    cronbach_alpha: float
    items: int
    margin: int
    equivalence: bool
    r: float
    analysis: str
    baselines: int
    followups: int
    cluster_size: float
    icc: float
    cv: float
    r2_between: int
    r2_within: int
    lost_clusters: int
    group_size: float
    first_treated: Sequence[int]
    periods: int
    allocation_ratio: float
    dropout: float
    method: str
    n: int
    n_per_arm: int | Sequence[int]
    clusters_per_arm: int | Sequence[int]


KNOWN = tuple(DesignKeywords.__annotations__)

Rule = tuple[Callable[[Any], bool], str]


def is_number(value: Any) -> bool:
    """A finite number, no truth value."""
    try:
        return not isinstance(value, (bool, str)) and math.isfinite(value)
    except TypeError:
        return False


def is_whole(value: Any) -> bool:
    """A whole number."""
    return is_number(value) and float(value) == int(value)


def _above(low: float) -> Callable[[Any], bool]:
    return lambda v: is_number(v) and v > low


def _between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda v: is_number(v) and low < v < high


def _from(low: float, below: float = math.inf) -> Callable[[Any], bool]:
    return lambda v: is_number(v) and low <= v < below


def _whole_from(low: int) -> Callable[[Any], bool]:
    return lambda v: is_whole(v) and v >= low


def _one_of(offered: Iterable[str]) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, str) and v in tuple(offered)


def _each(values: Any, rule: Callable[[Any], bool]) -> bool:
    try:
        return not isinstance(values, str) and all(rule(v) for v in values)
    except TypeError:
        return False


def _shares(value: Any) -> bool:
    return _each(value, _between(0, 1)) and len(value) == 2


def _per_arm(least: int) -> Callable[[Any], bool]:
    one = _whole_from(least)
    return lambda v: one(v) or (_each(v, one) and len(v) == 2)


_SD = (
    "a standard deviation lies above 0, in points of the score. Take it from a published study of "
    "people like these"
)
_SHARE = "a share lies between 0 and 1, both left out; 50 % is 0.5"
_DIFFERENCE = "a difference is one number, in points of the score"
_R2 = "a share of variance lies from 0 to below 1; a correlation of .6 with the baseline is 0.36"
_ICC = (
    "an intracluster correlation is planned with from 0 to below 1. Take it from a published trial "
    "of the same outcome (.01 to .10 is usual); a negative estimate is planned with as 0"
)

RULES: dict[str, Rule] = {
    "difference": (is_number, _DIFFERENCE),
    "d": (is_number, "a standardised difference is one number, in SDs"),
    "change": (is_number, "a mean change is one number, in points of the score"),
    "d_z": (is_number, "a standardised change is one number, in SDs of the change"),
    "sd": (_above(0), _SD),
    "sd_change": (_above(0), _SD.replace("deviation lies", "deviation of the change lies")),
    "shares": (
        _shares,
        "two shares, (treated, control), each between 0 and 1, both left out; 50 % is 0.5",
    ),
    "control_share": (_between(0, 1), _SHARE),
    "correlation": (_between(-1, 1), "a correlation lies between -1 and 1, both left out"),
    "f": (_above(0), "Cohen's f lies above 0; or give means= and sd="),
    "means": (
        lambda v: _each(v, is_number) and len(v) >= 2,
        "the true mean of each arm, two or more numbers",
    ),
    "arms": (_whole_from(2), "a whole number of arms, two or more"),
    "half_width": (_above(0), "half the width of an interval lies above 0"),
    "cronbach_alpha": (_between(0, 1), "alpha lies between 0 and 1, both left out"),
    "items": (_whole_from(2), "a whole number of items, two or more"),
    "margin": (_above(0), "a margin lies above 0, in the unit of the difference"),
    "equivalence": (lambda v: isinstance(v, bool), "True or False"),
    "r": (
        _between(-1, 1),
        "a correlation of two time points lies between -1 and 1, both left out. Take it from "
        "people like these, over the same time",
    ),
    "analysis": (_one_of(ANALYSES), f"one of {', '.join(map(repr, ANALYSES))}"),
    "baselines": (_whole_from(1), "a whole number of waves before, one or more"),
    "followups": (_whole_from(1), "a whole number of waves after, one or more"),
    "cluster_size": (_from(1), "people recruited in a cluster on average, 1 or more"),
    "group_size": (_from(1), "people recruited in a group on average, 1 or more"),
    "icc": (_from(0, 1), _ICC),
    "cv": (_from(0), "SD over mean of the cluster sizes, 0 or more; .4 to .7 is usual"),
    "r2_between": (_from(0, 1), _R2),
    "r2_within": (_from(0, 1), _R2),
    "lost_clusters": (_whole_from(0), "a whole number of clusters lost in each arm, 0 or more"),
    "first_treated": (
        lambda v: _each(v, _whole_from(1)) and len(v) >= 2,
        "the period, from 1, in which each cluster begins; two clusters or more",
    ),
    "periods": (_whole_from(2), "a whole number of periods, two or more"),
    "allocation_ratio": (
        _above(0),
        "people (or clusters) in the treated arm for each in the control arm, above 0",
    ),
    "dropout": (_from(0, 1), "the share lost lies from 0 to below 1; 20 % is 0.2"),
    "n": (_whole_from(2), "a whole number of people recruited, two or more"),
    "n_per_arm": (
        _per_arm(2),
        "people recruited in each arm, a whole number from 2; (treated, control) where they differ",
    ),
    "clusters_per_arm": (
        _per_arm(2),
        "clusters recruited in each arm, a whole number from 2; (treated, control) where they "
        "differ. One cluster an arm cannot be told from the arm itself",
    ),
    "power": (_between(0, 1), "power lies between 0 and 1; 80 % is 0.8, and usual"),
    "confidence": (_between(0, 1), "1 - the level of the test: 0.95 for the 5 % level"),
    "alternative": (_one_of(ALTERNATIVES), f"one of {', '.join(map(repr, ALTERNATIVES))}"),
}


def value_faults(values: dict[str, Any]) -> dict[str, str]:
    """A sentence for every value that cannot be, by keyword."""
    return {
        name: fault_value(name, value, RULES[name][1])
        for name, value in values.items()
        if name in RULES and not RULES[name][0](value)
    }


def as_sizes(given: Any, arms: int) -> Sizes:
    """One number, or one an arm, as one number an arm."""
    if is_number(given):
        return (float(given),) * arms
    return tuple(float(v) for v in given)

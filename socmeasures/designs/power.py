"""`sample_size`, `power`, `detectable_difference`: three questions about one planned study.

Which study it is follows from the keywords; `planned_families` lists them. Leave out what is
asked for, give the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd

from socmeasures.designs.planned import Planned, Sizes, up
from socmeasures.designs.planned_choice import Choice, choose
from socmeasures.designs.planned_clusters import Clusters, Grouped
from socmeasures.designs.planned_keywords import DesignKeywords
from socmeasures.designs.planned_study import PlannedStudy
from socmeasures.designs.planned_words import effect_words, protocol, summary
from socmeasures.effects.power import smallest
from socmeasures.errors.planning import OutOfReachError

POINTS = 41  # of a curve


def sample_size(
    *,
    power: float = 0.8,
    confidence: float = 0.95,
    alternative: str = "two-sided",
    **design: Unpack[DesignKeywords],
) -> PlannedStudy:
    """How many people (or clusters) a study needs to find an effect that would matter.

    Parameters
    ----------
    power : float in (0, 1)
        Chance of finding the effect if it is true.
    confidence : float in (0, 1)
        1 − level of the test: 0.95 for 5 %.
    alternative : {"two-sided", "greater", "less"}
        Which differences the test looks for.
    **design
        Which of these are given says which study it is:

        * two arms: ``difference=, sd=`` (points) or ``d=`` (SDs); ``r=`` adjusts for the baseline
          (ANCOVA); ``baselines=, followups=, analysis="ancova" | "change" | "post"`` for repeated
          waves; ``allocation_ratio=`` treated people for each control;
        * non-inferiority: ``margin=, sd=`` and the true ``difference=`` (0); with
          ``equivalence=True`` both sides. Positive is better;
        * one group, before and after: ``change=, sd=, r=`` or ``change=, sd_change=`` or ``d_z=``;
        * two shares: ``shares=(treated, control)``, ``method="pooled" | "unpooled" | "fleiss" |
          "arcsine"``;
        * clusters: ``cluster_size=, icc=`` beside a difference or shares; ``cv=`` of the analysed
          sizes, ``r2_between=, r2_within=`` of a baseline, ``lost_clusters=`` whole ones an arm;
        * groups in the treated arm only: ``group_size=, icc=``;
        * stepped wedge: ``first_treated=, periods=, icc=``;
        * several arms: ``f=, arms=`` or ``means=, sd=``; a correlation: ``correlation=``;
        * an interval: ``half_width=, sd=``, or ``half_width=, cronbach_alpha=, items=``.

        ``dropout=`` is the share of people without an outcome; in clusters it makes clusters
        smaller and stands inside the design effect.

    Returns
    -------
    PlannedStudy
        People are rounded up to whole people, clusters to whole clusters in each arm.

    Raises
    ------
    PlanningError
        Everything that is wrong with the call, at once.
    OutOfReachError
        No size is enough.

    Notes
    -----
    Noncentral t with its degrees of freedom, solved for the size: n₁ + n₂ − 2, one less for a
    baseline; clusters − 2. Both tails count. Agrees with R's power.t.test and pwr
    (tests/reference/test_power.py). Formulas: docs/methods.md, "Sample size and power".

    Examples
    --------
    >>> import socmeasures as soc
    >>> soc.sample_size(difference=4, sd=8).n_per_arm
    (64, 64)
    >>> soc.sample_size(difference=4, sd=8, cluster_size=20, icc=0.05, dropout=0.2).clusters_per_arm
    (8, 8)
    """
    choices = {"power": power, "confidence": confidence, "alternative": alternative}
    choice = choose("sample_size", design, choices)
    exact = _needed(choice.design, power)
    whole = _smallest_whole(choice.design, exact, power)
    return _study("sample_size", choice, choice.design.sizes(exact), whole, power)


def power(
    *,
    confidence: float = 0.95,
    alternative: str = "two-sided",
    **design: Unpack[DesignKeywords],
) -> PlannedStudy:
    """How likely a study of a given size is to find an effect.

    Parameters
    ----------
    confidence : float in (0, 1)
        1 − level of the test.
    alternative : {"two-sided", "greater", "less"}
        Which differences the test looks for.
    **design
        As for `sample_size`, and the size *recruited*: ``n_per_arm=`` (a number, or (treated,
        control)), ``n=`` for one group, ``clusters_per_arm=``, or for a stepped wedge
        ``cluster_size=`` people in each cluster and period. ``dropout=`` and ``lost_clusters=``
        are taken off.

    Returns
    -------
    PlannedStudy

    Raises
    ------
    PlanningError
        Everything that is wrong with the call, at once.
    TooSmallToPlanError
        Nothing is left to test.

    Notes
    -----
    Meant for planning. Power computed from the difference a finished study has found says nothing
    that its interval does not say better.

    Examples
    --------
    >>> import socmeasures as soc
    >>> round(soc.power(d=0.6, n_per_arm=(28, 35)).power, 3)
    0.644
    """
    choices = {"confidence": confidence, "alternative": alternative}
    choice = choose("power", design, choices)
    sizes = choice.design.analysed(_given(choice))
    return _study("power", choice, sizes, sizes, None)


def detectable_difference(
    *,
    power: float = 0.8,
    confidence: float = 0.95,
    alternative: str = "two-sided",
    **design: Unpack[DesignKeywords],
) -> PlannedStudy:
    """The smallest true effect that a study of a given size would find with a given chance.

    Parameters
    ----------
    power : float in (0, 1)
        Chance of finding it.
    confidence : float in (0, 1)
        1 − level of the test.
    alternative : {"two-sided", "greater", "less"}
        Which differences the test looks for; with "less" the answer is negative.
    **design
        As for `power` without the effect: ``sd=`` for points, without it in SDs;
        ``control_share=`` for shares; ``arms=`` for several arms.

    Returns
    -------
    PlannedStudy
        The effect is `.effect`.

    Raises
    ------
    PlanningError
        Everything that is wrong with the call, at once.
    OutOfReachError
        Not even the largest possible effect would be found.

    Notes
    -----
    By the noncentral t, not by the sum of two t quantiles (Bloom 2005), which differs by under
    1 % from 10 degrees of freedom on.

    Examples
    --------
    >>> import socmeasures as soc
    >>> round(soc.detectable_difference(n_per_arm=40).effect, 3)  # in SDs
    0.634
    """
    choices = {"power": power, "confidence": confidence, "alternative": alternative}
    choice = choose("detectable_difference", design, choices)
    sizes = choice.design.analysed(_given(choice))
    sign = -1 if alternative == "less" else 1
    found = _detectable(choice.design, sizes, power, sign)
    if found is None:
        raise _too_few_for_any(choice.design, sizes, power, sign)
    return _study("detectable_difference", choice.with_effect(found), sizes, sizes, power)


def _given(choice: Choice) -> Sizes:
    assert choice.given is not None  # `choose` gives sizes for everything but sample_size
    return choice.given


def _score(design: Planned) -> Callable[[float], float]:
    """What rises with size."""
    sign = 1 if design.rising else -1
    return lambda x: sign * design.reached(design.sizes(x))


def _target(design: Planned, power: float) -> float:
    return power if design.rising else -float(getattr(design, design.effect))


def _needed(design: Planned, power: float) -> float:
    """The exact size, in the one number that is searched for."""
    exact = smallest(_score(design), _target(design, power), least=design.least)
    if exact is None:
        raise OutOfReachError(
            f"with a thousand million {design.unit}",
            power,
            design.reached(design.sizes(1e9)),
            "Look for a larger difference.",
        )
    return exact


def _smallest_whole(design: Planned, exact: float, power: float) -> Sizes:
    """The smallest whole sizes that reach the target: rounding one arm up may spare the other."""
    sign, target = (1 if design.rising else -1), _target(design, power) - 1e-12

    def enough(x: int) -> bool:
        return sign * design.reached(design.whole(x)) >= target

    x = up(exact)
    while not enough(x):
        x += 1
    while x - 1 >= design.least and enough(x - 1):
        x -= 1
    return design.whole(x)


def _detectable(design: Planned, sizes: Sizes, power: float, sign: int) -> float | None:
    most = design.most_effect(sign)
    least = min(1e-9, most / 2)
    found = smallest(
        lambda v: design.with_effect(sign * v).reached(sizes), power, least=least, most=most
    )
    return None if found is None else sign * found


def _too_few_for_any(design: Planned, sizes: Sizes, power: float, sign: int) -> OutOfReachError:
    most = design.most_effect(sign)
    best = design.with_effect(sign * most).reached(sizes)
    even = f"for the largest difference there can be ({100 * most:.3g} percentage points)"
    return OutOfReachError(even, power, best, "Plan for more people, or look at another outcome.")


def _study(
    asked: str, choice: Choice, exact: Sizes, sizes: Sizes, wanted: float | None
) -> PlannedStudy:
    design = choice.design
    reached = design.reached(sizes)
    recruited = design.recruited(sizes) if choice.given is None else _as_given(choice)
    clusters = None
    if isinstance(design, Clusters):
        clusters = design.clusters_recruited(sizes)
    effect = _effect(choice, reached)
    target = _target(design, wanted) if wanted is not None else None
    return PlannedStudy(
        asked=asked,
        design=design.title,
        unit=design.unit,
        table=_table(choice, exact, sizes, recruited, clusters, effect),
        n_per_arm=recruited,
        n_total=sum(recruited),
        clusters_per_arm=clusters,
        power=reached if design.rising else None,
        effect=effect,
        effect_name=choice.effect_name,
        summary=_plain(asked, choice, sizes, effect),
        protocol=protocol(asked, design, sizes),
        notes=(*design.notes(sizes), *_more_notes(asked, choice, sizes, wanted), _NOT_SAID),
        assumptions=_assumptions(choice),
        sensitivity=_sensitivity(asked, choice, wanted),
        curve=_curve(design, sizes),
        wanted=None if target is None else abs(target),
        marked=(sizes[-1], reached),
    )


def _effect(choice: Choice, reached: float) -> float:
    design = choice.design
    name = "margin" if choice.effect_name == "margin" else design.effect
    return float(getattr(design, name)) if design.rising else reached


def _as_given(choice: Choice) -> tuple[int, ...]:
    return choice.design.recruited(choice.design.analysed(_given(choice)))


def _plain(asked: str, choice: Choice, sizes: Sizes, effect: float) -> str:
    return summary(asked, choice.design, sizes, choice.effect_name, effect)


_NOT_SAID = (
    "This is a plan, not a promise: it is as good as the assumptions, and a study of this size can "
    "still miss a true effect, or find one that is not there."
)


def _more_notes(asked: str, choice: Choice, sizes: Sizes, wanted: float | None) -> tuple[str, ...]:
    """The other side of a detectable share."""
    design = choice.design
    control = getattr(design, "control", None)
    if asked != "detectable_difference" or control is None or design.tails == 1:
        return ()
    down = _detectable(design, sizes, wanted or 0.8, -1)
    told = "nothing below it could be found" if down is None else (
        f"downwards it is {effect_words('shares', down)}"
    )  # fmt: skip
    return (f"This is upwards from a share of {100 * control:g} %; {told}.",)


def _table(
    choice: Choice,
    exact: Sizes,
    sizes: Sizes,
    recruited: tuple[int, ...],
    clusters: tuple[int, ...] | None,
    effect: float,
) -> pd.DataFrame:
    design = choice.design
    columns: dict[str, Any] = {
        "arm": list(design.arms),
        "unit": design.unit,
        "exact": list(exact),
        "analysed": list(sizes),
        "n": list(recruited),
    }
    if clusters is not None:
        columns["clusters"] = list(clusters)
    columns |= design.columns(sizes)
    if design.rising:
        columns["power"] = design.reached(sizes)
    columns |= {"effect": effect, "effect_name": choice.effect_name}
    return pd.DataFrame({**columns, "confidence": design.confidence})


def _assumptions(choice: Choice) -> pd.DataFrame:
    names, values, defaults = zip(*choice.assumptions, strict=True)
    return pd.DataFrame(
        {
            "assumption": list(names),
            "value": pd.Series(list(values), dtype=object),
            "default": list(defaults),
        }
    )


def _sensitivity(asked: str, choice: Choice, wanted: float | None) -> pd.DataFrame:
    """What other values of each assumption would give, one at a time."""
    rows: list[Mapping[str, Any]] = []
    for field, values in choice.design.varied().items():
        planned = getattr(choice.design, field)
        for value in values:
            changed = choice.design.vary(field, value)
            row = {"assumption": field, "value": value, "planned": math.isclose(value, planned)}
            rows.append({**row, **_under(asked, choice, changed, wanted)})
    return pd.DataFrame(rows)


def _under(
    asked: str, choice: Choice, design: Planned, wanted: float | None
) -> Mapping[str, float]:
    if asked == "sample_size":
        try:
            sizes = _smallest_whole(design, _needed(design, wanted or 0.8), wanted or 0.8)
        except OutOfReachError:
            return {"n_total": math.nan}
        counted = {"n_total": sum(design.recruited(sizes))}
        if isinstance(design, Clusters):
            return {"clusters_per_arm": design.clusters_recruited(sizes)[-1], **counted}
        if len(sizes) > 1:
            return {"n_per_arm": design.recruited(sizes)[-1], **counted}
        return counted
    sizes = design.analysed(_given(choice))
    if design.too_small(sizes):
        return {"power" if asked == "power" else "effect": math.nan}
    if asked == "power":
        return {"power": design.reached(sizes)}
    sign = -1 if design.alternative == "less" else 1
    found = _detectable(design, sizes, wanted or 0.8, sign)
    return {"effect": math.nan if found is None else found}


def _curve(design: Planned, sizes: Sizes) -> pd.DataFrame:
    """Power over sizes from the smallest to twice the planned one, arms in the same ratio."""
    lines = {"planned": design}
    if isinstance(design, Grouped) and design.icc > 0:
        iccs = (design.icc, design.icc / 2, min(2 * design.icc, 0.99))
        lines = {f"ICC {icc:.3g}": design.vary("icc", icc) for icc in iccs}
    scaled = [tuple(size * x for size in sizes) for x in np.linspace(0, 2, POINTS)]
    rows = [
        {"line": name, "size": at[-1], "value": line.reached(at)}
        for name, line in lines.items()
        for at in scaled
        if not line.too_small(at)
    ]
    curve = pd.DataFrame(rows)
    if design.rising:
        return curve
    # the first few people narrow an interval so much that nothing else could be seen
    return curve[curve["value"] <= 4 * design.reached(sizes)].reset_index(drop=True)

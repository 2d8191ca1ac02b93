"""From the keywords of a call to the design that is meant and the sizes that were given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from socmeasures.designs.planned import Planned, Sizes
from socmeasures.designs.planned_families import FAMILIES, PAIRS, Family
from socmeasures.designs.planned_faults import (
    EFFECTS,
    USUAL_POWER,
    answers,
    effect_faults,
    keyword_faults,
    meaning_faults,
)
from socmeasures.designs.planned_keywords import KNOWN, as_sizes, value_faults
from socmeasures.errors.planning import (
    PlanningError,
    TooSmallToPlanError,
    fault_no_design,
    fault_unknown,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a call means.

    Attributes
    ----------
    design : Planned
        The design.
    given : tuple of float or None
        The sizes recruited, as the caller gave them; None when they are asked for.
    assumptions : tuple of tuple
        Name, value and whether it is a default, of everything that makes the number.
    effect_name : str
        What the caller calls the effect.
    """

    design: Planned
    given: Sizes | None
    assumptions: tuple[tuple[str, Any, bool], ...]
    effect_name: str

    def with_effect(self, value: float) -> Choice:
        """The same call with another true effect."""
        return replace(self, design=self.design.with_effect(value))


DEFAULTS: dict[str, Any] = {
    "allocation_ratio": 1,
    "dropout": 0,
    "cv": 0,
    "r2_between": 0,
    "r2_within": 0,
    "lost_clusters": 0,
}


def choose(function: str, given: Mapping[str, Any], choices: Mapping[str, Any]) -> Choice:
    """The design that keywords describe, and the sizes that were given.

    Parameters
    ----------
    function : {"sample_size", "power", "detectable_difference"}
        What is asked for.
    given : mapping
        Keywords of the design.
    choices : mapping
        ``power`` (where it is given), ``confidence, alternative``.

    Returns
    -------
    Choice

    Raises
    ------
    PlanningError
        Every fault of the call.
    TooSmallToPlanError
        Nothing is left to test.
    """
    words = {name: value for name, value in given.items() if value is not None}
    unknown = [fault_unknown(name, KNOWN) for name in words if name not in KNOWN]
    words = {name: value for name, value in words.items() if name in KNOWN}
    family = _family(words)
    bad = value_faults({**words, **choices})
    possible = [f for f in FAMILIES[::-1] if answers(function, f)]
    if family is None:
        ways = [(f.name, f"soc.{function}({_example(f, function)})") for f in possible]
        none = [] if unknown else [fault_no_design(ways)]
        faults = [*unknown, *bad.values(), *none]
        raise PlanningError(function, faults, f"soc.{function}({_example(possible[0], function)})")
    faults = [*unknown, *bad.values(), *keyword_faults(function, family, words)]
    right = {name: value for name, value in words.items() if name not in bad}
    faults += effect_faults(family, right, {n: v for n, v in choices.items() if n not in bad})
    if not faults:
        faults += meaning_faults(function, family, words, choices)
    if faults:
        shown = family if family in possible else possible[0]
        raise PlanningError(function, faults, f"soc.{function}({_example(shown, function)})")
    asked = {k: v for k, v in choices.items() if k != "power"}
    design = family.build({**words, **asked})
    sizes = None
    if function != "sample_size":
        sizes = as_sizes(words[family.size], len(design.arms))
        left = design.analysed(sizes)
        if design.too_small(left):
            raise TooSmallToPlanError(design.unit, left, 3 if design.least == 3 else 2)
    return Choice(
        design=design,
        given=sizes,
        assumptions=_assumptions(family, words, choices, design),
        effect_name=_effect_name(family, words),
    )


def _effect_name(family: Family, words: Mapping[str, Any]) -> str:
    """What the effect is called: by the caller, or what is found for them."""
    if "margin" in words:
        return "margin"
    for name in EFFECTS:
        if name in words:
            return name
    if "control_share" in words:
        return "shares"
    if family is PAIRS:
        return "change" if "sd" in words or "sd_change" in words else "d_z"
    if "difference" in family.keywords:
        return "difference" if "sd" in words else "d"
    return "f"


def _assumptions(
    family: Family, words: Mapping[str, Any], choices: Mapping[str, Any], design: Planned
) -> tuple[tuple[str, Any, bool], ...]:
    usual = {"power": USUAL_POWER, "confidence": 0.95, "alternative": "two-sided"}
    taken = [n for n in choices if n != "alternative" or "alternative" in family.keywords]
    if "half_width" in family.keywords:
        taken = ["confidence"]
    rows = [(name, value, False) for name, value in words.items()]
    rows += [(name, choices[name], choices[name] == usual[name]) for name in taken]
    left = {name: value for name, value in DEFAULTS.items() if name in family.keywords}
    for name in ("analysis", "method"):
        if name in family.keywords:
            left[name] = getattr(design, name)
    return (*rows, *((name, value, True) for name, value in left.items() if name not in words))


def _family(words: Mapping[str, Any]) -> Family | None:
    for family in FAMILIES:
        if any(sign in words for sign in family.signs):
            return family
    if "n" in words or {"sd", "r"} <= set(words):
        return PAIRS
    return FAMILIES[-1] if "sd" in words else None


def _example(family: Family, function: str) -> str:
    """The family's example, with a size where one is needed and no effect where none is."""
    size = {"clusters_per_arm": "8", "cluster_size": "15"}.get(family.size, "60")
    parts = _split(family.example)
    if function == "sample_size":
        return ", ".join(parts)
    if function == "detectable_difference":
        shares = ["control_share=0.5"] if "shares=(0.5, 0.75)" in parts else []
        parts = [p for p in parts if p.split("=")[0] not in EFFECTS] + shares
    return ", ".join([f"{family.size}={size}", *parts])


def _split(example: str) -> list[str]:
    parts: list[str] = []
    for piece in example.split(", "):
        if "=" in piece:
            parts.append(piece)
        else:
            parts[-1] += f", {piece}"
    return parts

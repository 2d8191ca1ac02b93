"""Everything that can be wrong in a call about a planned study, found before any of it is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from socmeasures.designs.planned_families import FAMILIES, MARGIN, PAIRS, Family
from socmeasures.errors.planning import (
    fault_asked_for,
    fault_both,
    fault_foreign,
    fault_missing,
    fault_no_difference,
    fault_value,
    fault_wrong_size,
)

USUAL_POWER = 0.8
SIZES = ("n", "n_per_arm", "clusters_per_arm")
EFFECTS = ("difference", "d", "change", "d_z", "shares", "correlation", "f", "means", "half_width")


def answers(function: str, family: Family) -> bool:
    """Whether a function can be asked about a design at all."""
    if function == "power":
        return "half_width" not in family.keywords
    return function == "sample_size" or family.detects


def keyword_faults(function: str, family: Family, words: Mapping[str, Any]) -> list[str]:
    """What is missing, what belongs elsewhere, what is asked for and given at once."""
    faults = []
    for name in words:
        if name in SIZES and name != family.size:
            if function == "sample_size":
                faults.append(fault_asked_for(name, function))
            elif family.size in words:  # else it is said below, once, which one is meant
                faults.append(fault_foreign(name, family.name, _homes(name)))
        elif name == family.size and function == "sample_size":
            faults.append(fault_asked_for(name, function))
        elif name not in family.keywords:
            faults.append(fault_foreign(name, family.name, _homes(name)))
    faults += [
        fault_missing([name], family.name, why)
        for name, why in family.needs.items()
        if name not in words and name != family.size
    ]
    if function != "sample_size" and family.size not in words:
        why = _SIZE_WORDS[family.size]
        others = [name for name in SIZES if name in words]
        faults += [fault_wrong_size(name, family.size, family.name, why) for name in others]
        if not others:
            faults.append(fault_missing([family.size], family.name, why))
    if function == "detectable_difference":
        return faults + [
            fault_asked_for(name, function) for name in words if name in EFFECTS
        ] + _not_detectable(family, words)  # fmt: skip
    if function == "power" and "half_width" in family.keywords:
        faults.append(
            f"soc.power(...): {family.name} has no power. soc.sample_size({family.example}) says "
            "how many people make it narrow enough."
        )
    return faults + _way_faults(family, words)


def _homes(name: str) -> list[str]:
    return [family.name for family in FAMILIES if name in family.keywords]


_SIZE_WORDS = {
    "n": "the number of people recruited",
    "n_per_arm": "the number of people recruited in each arm (not in all)",
    "clusters_per_arm": "the number of clusters recruited in each arm (not in all)",
    "cluster_size": "the number of people in each cluster and period",
}


def _way_faults(family: Family, words: Mapping[str, Any]) -> list[str]:
    """Exactly one way to name the effect, whole."""
    ways = [way for way in family.effects if way != ("control_share",)]
    if "control_share" in words:
        return [
            "control_share=: this is for soc.detectable_difference. Give shares=(treated, control)."
        ]
    faults = [
        fault_both(a, b)
        for a, b in (
            ("difference", "d"),
            ("change", "d_z"),
            ("sd", "sd_change"),
            ("f", "means"),
            ("shares", "difference"),
            ("shares", "d"),
        )
        if a in words and b in words
    ]
    own = next((name for name in ("d", "d_z", "f", "shares") if name in words), None)
    if own and "sd" in words and not faults:
        told = "have a spread of their own" if own == "shares" else "is in SDs already"
        faults.append(f"sd=: {own}= {told}. Leave sd= out, or name the effect in points instead.")
    if "means" in words and words.get("arms", len(words["means"])) != len(words["means"]):
        faults.append(fault_value("arms", words["arms"], f"means= holds {len(words['means'])}"))
    if faults or any(all(name in words for name in way) for way in ways):
        return faults
    begun = [way for way in ways if any(name in words for name in way)] or list(ways)
    lacking = [[name for name in way if name not in words] for way in begun]
    shown = " or ".join(dict.fromkeys(", ".join(f"{n}=" for n in way) for way in lacking))
    return [
        f"{shown} is missing: {family.name} needs the smallest effect that would matter and, when "
        "it is in points, the spread it is seen against."
    ]


def _not_detectable(family: Family, words: Mapping[str, Any]) -> list[str]:
    """What a detectable difference cannot be asked for, and what it needs."""
    if not family.detects:
        return [
            f"soc.detectable_difference(...): not for {family.name}. Use "
            f"soc.sample_size({family.example})."
        ]
    if any(name in words for name in MARGIN):
        return ["margin=: a detectable difference is one from 0. Leave it out."]
    if family.name == "two shares" and "control_share" not in words:
        return [fault_missing(["control_share"], family.name, "the share in the control arm")]
    if family.name == "several arms" and "arms" not in words:
        return [fault_missing(["arms"], family.name, "how many arms there are")]
    if family is PAIRS and "r" in words and "sd" not in words:
        return [fault_missing(["sd"], family.name, "the SD at one wave, when r is given")]
    if family is PAIRS and "sd" in words and "r" not in words:
        return [
            fault_missing(["r"], family.name, "the correlation of before and after (or sd_change=)")
        ]
    return []


def meaning_faults(
    function: str, family: Family, words: Mapping[str, Any], choices: Mapping[str, Any]
) -> list[str]:
    """What each value allows and all together do not."""
    faults: list[str] = []
    if "half_width" in family.keywords and choices["power"] != USUAL_POWER:
        told = "an interval has no power, it has a width. Leave power= out"
        faults.append(fault_value("power", choices["power"], told))
    elif "power" in choices and choices["power"] <= 1 - choices["confidence"]:
        told = "power lies above the level of the test (1 - confidence)"
        faults.append(fault_value("power", choices["power"], told))
    if choices["alternative"] != "two-sided" and "alternative" not in family.keywords:
        faults.append(fault_foreign("alternative", family.name, ["tests of one difference"]))
    faults += _margin_faults(words, choices, _true_effect(words)[1])
    faults += _wave_faults(words)
    faults += _method_faults(family, words)
    faults += _step_faults(words)
    if function != "sample_size" and family.name == "several arms":
        size = words["n_per_arm"]
        if not isinstance(size, (int, float)):
            faults.append(fault_value("n_per_arm", size, "one number: arms of equal size"))
    return faults


def effect_faults(
    family: Family, words: Mapping[str, Any], choices: Mapping[str, Any]
) -> list[str]:
    """No difference at all, or one the test does not look for."""
    effect, value = _true_effect(words)
    if not effect or "margin" in words:
        return []
    if value == 0:
        return [fault_no_difference(effect, words[effect])]
    side = choices.get("alternative", "two-sided")
    if side == "two-sided" or "alternative" not in family.keywords:
        return []
    if (side == "greater") == (value > 0):
        return []
    where = "above" if side == "greater" else "below"
    return [
        f"alternative={side!r}: the test looks for a difference {where} 0, and "
        f"{effect}={words[effect]!r} lies on the other side. Turn one of them round; the "
        "difference is treated - control, later - earlier."
    ]


def _true_effect(words: Mapping[str, Any]) -> tuple[str, float]:
    for name in ("difference", "d", "change", "d_z", "correlation"):
        if name in words:
            return name, float(words[name])
    if "shares" in words:
        return "shares", words["shares"][0] - words["shares"][1]
    if "means" in words:
        return "means", max(words["means"]) - min(words["means"])
    return "", 0.0


def _margin_faults(words: Mapping[str, Any], choices: Mapping[str, Any], true: float) -> list[str]:
    if "margin" not in words:
        return [fault_missing(["margin"], "equivalence=True", "how far apart still counts as the "
                              "same")] if words.get("equivalence") else []  # fmt: skip
    faults = []
    margin = words["margin"]
    if choices["alternative"] != "two-sided":
        faults.append("alternative=: margin= has its own side already. Leave alternative= out.")
    if words.get("method"):
        faults.append("method=: with a margin= shares are compared unpooled. Leave method= out.")
    if words.get("equivalence") and abs(true) >= margin:
        told = f"the true difference is {true:g}, so equivalence does not hold and cannot be shown"
        faults.append(fault_value("margin", margin, told))
    elif true <= -margin:
        told = f"the true difference is {true:g}, so the new offer is worse by the margin or more"
        faults.append(fault_value("margin", margin, told))
    return faults


def _wave_faults(words: Mapping[str, Any]) -> list[str]:
    before, after = words.get("baselines", 1), words.get("followups", 1)
    faults = []
    if "r" not in words:
        if before > 1 or after > 1 or words.get("analysis") in ("ancova", "change"):
            why = "the correlation of two waves"
            faults.append(fault_missing(["r"], "a study that uses several waves", why))
    elif words["r"] <= -1 / (before + after - 1) and before + after > 2:
        lowest = -1 / (before + after - 1)
        told = f"{before + after} waves cannot all correlate below {lowest:.3g} with each other"
        faults.append(fault_value("r", words["r"], told))
    elif words.get("analysis") == "post" and after == 1:
        faults.append(
            "r=: with analysis='post' and one follow-up the baseline is not used. Leave r= out, "
            "or choose analysis='ancova'."
        )
    return faults


def _method_faults(family: Family, words: Mapping[str, Any]) -> list[str]:
    offered = family.methods
    if not offered or words.get("method", offered[0]) in offered:
        return []
    return [fault_value("method", words["method"], f"one of {', '.join(map(repr, offered))}")]


def _step_faults(words: Mapping[str, Any]) -> list[str]:
    if "first_treated" not in words or "periods" not in words:
        return []
    steps, periods = words["first_treated"], words["periods"]
    if max(steps) > periods + 1:
        told = f"there are {periods} periods; a cluster that never begins has {periods + 1}"
        return [fault_value("first_treated", steps, told)]
    if len(set(steps)) < 2:
        told = "every cluster begins in the same period, so nothing is compared within a period"
        return [fault_value("first_treated", steps, told)]
    return []

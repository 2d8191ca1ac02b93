"""Refusals about planning: how many people a study needs, and what a call must say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socmeasures.errors.base import SocmeasuresError, did_you_mean, plural


class PlanningError(SocmeasuresError, ValueError):
    """A call of `sample_size`, `power` or `detectable_difference` that cannot be answered.

    Attributes
    ----------
    faults : tuple of str
        One sentence a fault, all of them.
    """

    exit_code = 2

    def __init__(self, function: str, faults: Sequence[str], example: str) -> None:
        self.faults = tuple(faults)
        count = "One thing" if len(faults) == 1 else f"{len(faults)} things"
        stand = "stands" if len(faults) == 1 else "stand"
        lines = [f"{count} in this call of soc.{function} {stand} in the way."]
        lines += [f"  {fault}" for fault in faults]
        lines.append(f"A call of this kind that works: {example}")
        rows = [{"message": fault, "rule": "planning", "severity": "error"} for fault in faults]
        super().__init__("\n".join(lines), rows)


def fault_unknown(name: str, known: Sequence[str]) -> str:
    """A keyword nobody knows."""
    close = did_you_mean(name, known)
    return f"{name}=: there is no such keyword.{close or ' Look at help(soc.sample_size).'}"


def fault_foreign(name: str, design: str, belongs: Sequence[str]) -> str:
    """A keyword of another design."""
    where = " or ".join(belongs)
    cure = "Leave it out, or leave out what says otherwise."
    if name == "r" and "cluster" in design:
        cure = "In clusters a baseline is said by r2_between= and r2_within= (.36 for r = .6)."
    return (
        f"{name}=: this does not belong to {design}, which the other keywords say it is; it "
        f"belongs to {where}. {cure}"
    )


def fault_missing(names: Sequence[str], design: str, why: str) -> str:
    """A keyword that a design cannot do without."""
    asked = " or ".join(f"{name}=" for name in names)
    return f"{asked} is missing: {design} needs {why}."


def fault_wrong_size(given: str, name: str, design: str, why: str) -> str:
    """The size of another design."""
    return f"{given}=: {design} takes {name}= instead, {why}."


def fault_value(name: str, given: Any, expected: str) -> str:
    """A value out of its range; `expected` says what it should be and where to get it."""
    return f"{name}={given!r}: {expected}."


def fault_both(first: str, second: str) -> str:
    """Two keywords that say the same thing."""
    return f"{first}= and {second}= say the same thing in two ways. Give one of them."


def fault_asked_for(name: str, function: str) -> str:
    """The very thing that the function finds was given."""
    others = {
        "sample_size": "soc.power(...) for the power of a size you have",
        "power": "soc.sample_size(...) for the size of a power you want",
        "detectable_difference": "soc.power(...) for the power against a difference you name",
    }
    return f"{name}=: soc.{function} finds this itself. Leave it out, or use {others[function]}."


def fault_no_difference(name: str, given: Any) -> str:
    """A difference of nothing."""
    return (
        f"{name}={given!r}: where there is no difference there is nothing to find, and the power "
        "is the error rate. Give the smallest difference that would matter to the people served; "
        "to show that two offers are as good, give a margin= instead"
    ) + "."


def fault_no_design(ways: Sequence[tuple[str, str]]) -> str:
    """Nothing in the call says which design it is."""
    shown = "".join(f"\n    {design}: {example}" for design, example in ways)
    return f"nothing says which study is planned. Name one of these:{shown}"


class OutOfReachError(SocmeasuresError, ValueError):
    """No size, or no difference, reaches the power that was asked for."""

    exit_code = 2

    def __init__(self, even: str, wanted: float, best: float, cure: str) -> None:
        super().__init__(
            f"Even {even} the power is {best * 100:.0f} % at most, not the {wanted * 100:g} % that "
            f"was asked for. {cure}"
        )


class TooSmallToPlanError(SocmeasuresError, ValueError):
    """So few people or clusters that there is nothing to test."""

    exit_code = 2

    def __init__(self, unit: str, analysed: Sequence[float], needed: float) -> None:
        told = " and ".join(f"{n:g}" for n in analysed)
        super().__init__(
            f"After those who are expected to be lost, {told} {unit} would be analysed; this "
            f"test needs at least {plural(int(needed), 'of them', 'of them')} in each arm. Plan "
            "for more, or report the people one by one without a test."
        )

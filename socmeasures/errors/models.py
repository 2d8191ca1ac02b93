"""Refusals of models for people in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socmeasures.errors.base import SocmeasuresError, listed, plural


class GroupsError(SocmeasuresError, ValueError):
    """Groups that cannot be the random effects of a model; every fault at once."""

    def __init__(self, faults: Sequence[str], rows: Sequence[Mapping[str, Any]] = ()) -> None:
        self.faults = tuple(faults)
        head = f"The groups do not fit a mixed model, {plural(len(faults), 'fault')}:"
        tail = "All of it is in error.problems." if rows else ""
        super().__init__("\n".join([head, *(f"  - {f}" for f in faults), tail]).rstrip(), rows)

    @staticmethod
    def length(name: str, found: int, expected: int) -> str:
        """A label a row is missing or too many."""
        return f"{name!r} has {plural(found, 'value')}, and there are {plural(expected, 'row')}."

    @staticmethod
    def kept_name(name: str) -> str:
        """A component called like the residual."""
        return (
            f"{name!r} would be mistaken for the residual variance. Call the component otherwise."
        )

    @staticmethod
    def unlabelled(name: str, rows: Sequence[int]) -> str:
        """Rows without a group."""
        return (
            f"{name!r} is missing in {plural(len(rows), 'row')} (row {listed(rows)}). Give those "
            "rows their group, leave them out and count them, or say with only_where in which "
            "rows the groups act."
        )

    @staticmethod
    def too_few(name: str, groups: int) -> str:
        """Nothing can vary between fewer than two groups."""
        return (
            f"{name!r} has {plural(groups, 'group')}; a variance between groups needs at least 2 "
            "(and means little below 6). Leave it out of the model."
        )

    @staticmethod
    def single_rows(name: str) -> str:
        """A group effect that is the residual."""
        return (
            f"every group of {name!r} has one row, so its variance cannot be told from the "
            "residual's. Leave it out of the model."
        )

    @staticmethod
    def same(one: str, other: str) -> str:
        """Two names for the same groups."""
        return (
            f"{one!r} and {other!r} put the rows into the same groups, so their variances cannot "
            "be told apart. Leave one of them out."
        )

    @staticmethod
    def not_nested(inner: str, outer: str, labels: Sequence[object]) -> str:
        """One label in two larger groups."""
        return (
            f"{inner!r} {listed([repr(v) for v in labels])} lies in more than one {outer!r}. "
            f"Groups of {inner!r} must each belong to one {outer!r}: if the labels start again in "
            f"each {outer!r}, put both labels together; people who move between groups are not "
            "covered by this model."
        )

    @staticmethod
    def constant_slope(name: str) -> str:
        """A slope over something that never varies."""
        return (
            f"what the random slope of {name!r} multiplies never varies within a group, so the "
            "slope cannot be told from the intercept. Leave the slope out."
        )

    @staticmethod
    def absorbed(names: Sequence[str], *, has_slope: bool = False) -> str:
        """Variances the data cannot tell apart."""
        told = " and ".join(repr(n) for n in names)
        if len(names) == 1:
            return (
                f"nothing is left in these data to estimate the variance of {told} from: the "
                "columns of the model already differ from group to group. Leave out those columns "
                "or the variance."
            )
        slope = " A random slope needs groups with three or more times." if has_slope else ""
        return (
            f"the variances of {told} cannot be told apart in these data. Leave one of them "
            f"out.{slope}"
        )


class MixedConvergenceError(SocmeasuresError, ValueError):
    """The likelihood of a mixed model has no optimum that could be proved."""

    def __init__(self, components: Sequence[str], edge: bool, bounded: bool) -> None:
        why = (
            "the variance that is left ran to 0: the model explains the outcome (nearly) "
            "completely, or a group's mean exactly"
            if edge
            else "no point was found where the likelihood is flat and curved downwards"
        )
        advice = (
            "Check that the outcome is no copy of a column of the model; leave out a variance, "
            "or the random slope."
            if bounded
            else "Use variance='nonnegative': with few groups of unequal size a negative variance "
            "often has no estimate."
        )
        super().__init__(
            f"The mixed model with variances of {listed(list(components))} did not converge: "
            f"{why}. No estimate is given rather than a wrong one. {advice}"
        )


class SmallSampleError(SocmeasuresError, ValueError):
    """A small-sample correction that has no proper value in these data."""

    def __init__(self, contrasts: int) -> None:
        what = "standard error of this contrast" if contrasts == 1 else "F test of these contrasts"
        super().__init__(
            f"Kenward and Roger's {what} has no proper value in these data: there are too few "
            "groups for so many variances. Leave out a variance (a random slope first), or ask "
            "for df='satterthwaite'."
        )

"""What reliable change says in words: worse by more than measurement error, not "harmed"."""

from __future__ import annotations

import numpy as np
import pandas as pd

from socmeasures.designs.change_words import NOT_AN_EFFECT
from socmeasures.designs.measurements import instrument_sentence
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.published import Reliability
from socmeasures.designs.study import Study
from socmeasures.drawing.labels import at_time
from socmeasures.errors import plural
from socmeasures.models.site_mean import ENOUGH_SITES

SAME = "no reliable change"


def by_direction(better: str | None) -> tuple[str, str, str]:
    """Words for a reliable rise, none, a reliable fall."""
    if better == "higher":
        return "better", SAME, "worse"
    if better == "lower":
        return "worse", SAME, "better"
    return "higher", SAME, "lower"


def names(better: str | None) -> tuple[str, str, str]:
    """The categories in the order to show them."""
    if better in ("higher", "lower"):
        return "better", SAME, "worse"
    return "higher", SAME, "lower"


def categories(index: np.ndarray, critical: float, better: str | None) -> np.ndarray:
    """One word a person."""
    up, same, down = by_direction(better)
    return np.where(index > critical, up, np.where(index < -critical, down, same)).astype(object)


def amount_names(better: str | None) -> tuple[str, str, str]:
    """As `names`, for a change of a given size."""
    first, _, last = names(better)
    return first, "neither", last


def by_amount(change: np.ndarray, amount: float, better: str | None) -> np.ndarray:
    """One word a person: moved by at least `amount`, up, down, or neither."""
    up, _, down = by_direction(better)
    edge = amount * (1 - 1e-10)  # means of items differ in their last digits
    return np.where(change >= edge, up, np.where(change <= -edge, down, "neither")).astype(object)


def cutoff_name(name: str, better: str, recovered: bool) -> str:
    """Words for a reliable change together with a cut-off; "recovered" only with a norm."""
    side, other = ("below", "above") if better == "lower" else ("above", "below")
    return {
        "recovered": "recovered" if recovered else f"better and now {side} the cut-off",
        "better_only": "better, not past the cut-off",
        "same": SAME,
        "worse_only": "worse",
        "worse_past": f"worse and now {other} the cut-off",
    }[name]


def reliability_notes(reliability: Reliability) -> tuple[str, ...]:
    """What kind of reliability it is, and what that leaves out."""
    if reliability.kind == "internal consistency":
        return (
            f"The reliability {reliability.value:g} is internal consistency (such as alpha). It "
            "does not cover that people's answers wander from one day to the next, so more "
            "people than it says can cross the limit by chance.",
        )
    return ()


def smallest_sentence(limit: float, smallest: float, step: float | None) -> str:
    """The smallest change that can count."""
    if step is None:
        return (
            f"A change counts when it is larger than {limit:.2f} points. Which scores are possible "
            "is not known, so this is not rounded to a possible change."
        )
    return (
        f"The smallest change that can count is {smallest:g} points (measurement error explains "
        f"up to {limit:.2f})."
    )


def chance_notes(described: str, selected: bool) -> list[str]:
    """What the expected counts are."""
    notes = [f"The expected counts are what {described} would give if nobody had changed."]
    if not selected:
        notes.append(
            "If people came because their score was bad, more would get better by themselves than "
            "expected here. Give population= (everybody before selection) to count that too."
        )
    return notes


def zero_notes(n: int) -> list[str]:
    """People of whose score at the start no per cent can be taken."""
    if n == 0:
        return []
    return [
        f"{plural(n, 'person', 'people')} scored 0 at the start: a per cent of it says nothing."
    ]


def arm_notes(study: Study, shown: bool) -> list[str]:
    """What arms and their allocation mean for the counts."""
    if len(study.arms) < 2:
        return []
    if not shown:
        return [f"The arms ({', '.join(study.arms)}) are pooled here."]
    if study.allocation == "cluster":
        return [
            "Whole clusters were allocated: differences between arms are of the clusters' shares, "
            "by a t test of cluster means; a category without any spread has none."
        ]
    return []


def site_notes(study: Study, sites: np.ndarray | None) -> list[str]:
    """Whether the intervals know of the sites."""
    if study.cluster is None:
        return []
    if sites is None:
        return [
            f"There are fewer than {ENOUGH_SITES} sites ({study.cluster!r}) with both scores: the "
            "intervals take people as independent and may be too narrow."
        ]
    return [
        f"Intervals allow for people of one {study.cluster!r} being alike. Sites are shown as "
        "they are, not adjusted for whom they serve, and not ranked."
    ]


def summary(outcome: Outcome, table: pd.DataFrame, n_people: int, earlier: str, later: str) -> str:
    """Plain sentences: how many, and how many would be expected."""
    everybody = table[table["arm"] == "all"].set_index("category")
    n = int(everybody["n_pairs"].iloc[0])
    told = [
        f"{outcome.label}: {n} of {n_people} people have a score both times, {at_time(earlier)} "
        f"and {at_time(later)}."
    ]
    for name in names(outcome.better):
        if name == SAME:
            continue
        row = everybody.loc[name]
        told.append(
            f"{_cap(name)} by more than measurement error: {int(row['n'])} of {n} "
            f"({100 * row['share']:.0f} %); about {row['expected_n']:.0f} "
            f"({100 * row['expected_share']:.0f} %) expected with no change."
        )
    return " ".join([*told, NOT_AN_EFFECT])


def _cap(word: str) -> str:
    return word[:1].upper() + word[1:]


def methods(outcome: Outcome, described: str, level: float, by_site: bool) -> str:
    """The paragraph for the paper."""
    interval = "Wilson"
    if by_site:
        interval = "CR2 (by site, Satterthwaite degrees of freedom)"
    return (
        f"{instrument_sentence(outcome)} Reliable change by Jacobson & Truax (1991): change "
        f"divided by SEM·√2, beyond 1.96 in either direction; {described}. Shares with "
        f"{level * 100:g} % {interval} intervals, beside the counts expected with no change."
    )

"""What each index means, which way is better, and which numbers are refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from socmeasures.errors import NetworkIndexError
from socmeasures.networks.density import DENSITY_STATUS
from socmeasures.networks.settings import Settings
from socmeasures.scoring.compute import library_version
from socmeasures.scoring.record import ScaleUse, ScoreColumn, ScoringRecord

SCALE = "sns"
CITATION = (
    "Dunn M, O'Driscoll C, Dayson D, Wills W, Leff J (1990) The TAPS Project 4: an observational "
    "study of the social life of long-stay patients. Br J Psychiatry 157, 842-848"
)
SKEWED = (
    "Sizes of networks are skewed counts: read medians, quartiles and the share of zeros before "
    "means, and compare them as rates (pre_post_counts, compare_counts)."
)
OUTSIDE = (
    "In an evaluation of a service report contacts outside it (sns_n_outside, "
    "sns_n_outside_confidants) beside the size: attendance alone makes a network grow."
)
NOT_SPLIT = (
    "Whether contacts were met inside the service was not recorded: attendance alone may look "
    "like a growing network."
)
NO_RELIABILITY = (
    "No test-retest reliability of these indices is published; the .95 in the paper of 1990 is "
    "of club observations, not of the interview."
)
RATIOS = "Averages of shares are means of ratios; they need not add up to 100 %."

Better = Literal["lower", "higher", "none"]
# name: (what it is, what a high value means, which direction is better)
MEANINGS: Mapping[str, tuple[str, str, Better]] = {
    "size": ("named contacts", "more contacts", "none"),
    "n_below_window": ("contacts seen too rarely for the window, left out", "more", "none"),
    "n_capped": ("contacts beyond the cap, left out", "more", "none"),
    "n_kin": ("relatives", "more relatives", "none"),
    "n_nonkin": ("contacts who are no relatives", "more", "none"),
    "prop_kin": ("share of relatives, of contacts whose relation is known", "more", "none"),
    "prop_professional": ("share of professionals, of contacts whose relation is known", "more",
                          "none"),
    "n_relation_types": ("kinds of relation (relation)", "more kinds of relation", "none"),
    "n_relation_groups": ("kinds of relation (groups of the frame)", "more kinds", "none"),
    "n_ungrouped": ("contacts in no group of the frame", "more", "none"),
    "n_friends": ("contacts called friends by the person", "more friends", "higher"),
    "prop_friends": ("share called friends, of contacts of whom it is known", "more friends",
                     "higher"),
    "n_confidants": ("confidants", "more confidants", "higher"),
    "any_confidant": ("at least one confidant (1) or none (0)", "has a confidant", "higher"),
    "n_missed": ("contacts who would be missed", "more", "higher"),
    "n_negative": ("contacts felt as negative", "more", "none"),
    "n_active": ("contacts the person seeks (alone or both do)", "more", "higher"),
    "n_weekly_plus": ("contacts seen weekly or more often", "more", "none"),
    "n_daily": ("contacts seen daily", "more", "none"),
    "contacts_per_week": ("contacts a week by the caller's rates", "more", "none"),
    "n_inside": ("contacts met in or through the service", "more", "none"),
    "n_outside": ("contacts met outside the service", "more outside the service", "higher"),
    "prop_outside": ("share met outside the service, of those known", "more outside", "higher"),
    "n_outside_confidants": ("confidants met outside the service", "more", "higher"),
    "any_outside_confidant": ("a confidant outside the service (1) or none (0)", "has one",
                              "higher"),
    "blau": ("Blau's index over the groups of the frame", "more varied", "none"),
    "iqv": ("index of qualitative variation over the groups", "more varied", "none"),
    "entropy2": ("entropy over the groups, bits", "more varied", "none"),
    "multiplexity_mean": ("mean number of kinds of support a contact", "more", "none"),
    "prop_multiplex": ("share of contacts who give two or more kinds of support", "more", "none"),
    "n_ties": ("pairs of contacts who know each other", "more", "none"),
    "density": ("pairs who know each other, of all pairs", "denser", "none"),
    "density_weighted": ("sum of weights of ties over all pairs", "denser", "none"),
    "ei_sex": ("E-I index by sex", "more contacts of another sex", "none"),
}  # fmt: skip
SHARES = ("prop_", "any_", "density", "blau", "iqv", "ei_sex")
_REFUSED: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("total", "score", "sns_total", "total_score", "sum", "sns"): (
        "no total or score of the Social Network Schedule is published, and none is made up",
        "Report size, friends, confidants and contacts outside the service side by side.",
    ),
    ("network_type", "type", "profile_type", "typology"): (
        "the published types (formal and sparse, family and stable, diverse and active) have no "
        "published rule that puts one person into one of them",
        "describe_profile gives the size, shares, density and places of a person instead.",
    ),
    ("reliable_change",): (
        "no reliability of these indices is published",
        "Give one with its source: reliable_change(study, outcome, reliability=…).",
    ),
}


def refuse_index(asked: str, *, rates: Mapping[str, float] | None) -> None:
    """Refuse numbers that cannot be had from a list of contacts."""
    name = asked.removeprefix("sns_")
    for names, (why, instead) in _REFUSED.items():
        if name in names or asked in names:
            raise NetworkIndexError(asked, why, instead)
    if name == "contacts_per_week" and rates is None:
        raise NetworkIndexError(
            asked,
            "how many contacts a week 'weekly' or 'several a week' stand for is published nowhere",
            "Give your own numbers: rates={'daily': 7, 'several_weekly': 3, 'weekly': 1, "
            "'fortnightly': 0.5, 'monthly': 0.23}.",
        )


def describe_columns(
    columns: Sequence[str], settings: Settings, *, size: NDArray[np.float64], split: bool
) -> ScoringRecord:
    """The record of one scored network: settings, citation, and the meaning of each column."""
    seen = int(np.sum(~np.isnan(size)))
    notes = [SKEWED, OUTSIDE if split else NOT_SPLIT, NO_RELIABILITY]
    if any(c.startswith("sns_prop_") for c in columns):
        notes.append(RATIOS)
    use = ScaleUse(
        scale=SCALE,
        name="Social Network Schedule (named contacts)",
        form=settings.words,
        evidence="secondary",
        definition_hash=settings.hash,
        citation=CITATION,
        licence="Status not established; column names and counts only, no text of the schedule.",
        coding="the library's words for relations and frequencies",
        items={},
        missing={},
        counts={"size": {"scored": seen, "not_interviewed": len(size) - seen}},
        notes=tuple(notes),
    )
    return ScoringRecord(
        library_version=library_version(),
        uses=(use,),
        columns=tuple(_described(c) for c in columns),
    )


def _described(column: str) -> ScoreColumn:
    name = column.removeprefix("sns_")
    common: dict[str, Any] = {"column": column, "outcome": column, "scale": SCALE, "score": name}
    if name == "density_status":
        return ScoreColumn(**common, role="status", label="Density: why there is none",
                           categories=DENSITY_STATUS)  # fmt: skip
    if name == "size_status":
        return ScoreColumn(**common, role="status", label="Network: interviewed or not",
                           categories=("scored", "not_interviewed"))  # fmt: skip
    if name.endswith("_known"):
        return ScoreColumn(**common, role="n", low=0,
                           label=f"contacts known: {name.removesuffix('_known')}")  # fmt: skip
    what, higher, better = _meaning(name)
    is_share = name.startswith(SHARES)
    return ScoreColumn(
        **common,
        title=f"Network: {what}",
        label=f"Network: {what}" + (f" (higher = {higher})" if higher else ""),
        low=-1.0 if name == "ei_sex" else 0.0,
        high=1.0 if is_share else None,
        higher=higher,
        better=better,
        step=None if is_share or name == "entropy2" else 1.0,
    )


def _meaning(name: str) -> tuple[str, str, Better]:
    if name in MEANINGS:
        return MEANINGS[name]
    if name.startswith("n_group_"):
        return f"contacts in the group {name.removeprefix('n_group_')}", "more", "none"
    return f"contacts by relation: {name.removeprefix('n_').replace('_', ' ')}", "more", "none"

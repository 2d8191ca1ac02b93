"""What a result about change without a comparison group says in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from socmeasures.designs.measurements import instrument_sentence
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.study import Study
from socmeasures.drawing.labels import at_time

if TYPE_CHECKING:
    from socmeasures.designs.changes import Change

NOT_AN_EFFECT = (
    "This is change without a comparison group, so it is not an effect of the programme: people "
    "who come at a bad time tend to get better by themselves, and other things changed too."
)


def title(labels: Sequence[str], waves: Sequence[str]) -> str:
    """Heading of the result."""
    what = labels[0] if len(labels) == 1 else f"{len(labels)} outcomes"
    later = waves[1] if len(waves) == 2 else f"{waves[1]} … {waves[-1]}"
    return f"Change in {what}, {waves[0]} to {later}"


def shares_without_change(higher: int, same: int, lower: int) -> str:
    """What higher / same / lower would be if nobody changed but by chance."""
    n = higher + same + lower
    shares = [100 * count / n for count in (higher, same, lower)]
    return (
        f"By any amount {shares[0]:.0f} % are higher, {shares[1]:.0f} % the same and "
        f"{shares[2]:.0f} % lower; with no change at all and as many the same, "
        f"{(100 - shares[1]) / 2:.0f} % would be higher."
    )


def meaning_of(outcome: Outcome) -> dict[str, str]:
    """Better, same or worse for higher, same, lower; empty when the direction is not known."""
    if outcome.better == "higher":
        return {"higher": "better", "same": "same", "lower": "worse"}
    if outcome.better == "lower":
        return {"higher": "worse", "same": "same", "lower": "better"}
    return {}


def design_notes(study: Study, by_site: bool) -> list[str]:
    """What the design does not allow to be read into a change."""
    notes = [NOT_AN_EFFECT]
    if len(study.arms) > 1:
        notes.append(
            f"The arms ({', '.join(study.arms)}) are pooled here. What one arm gained over "
            "another is estimated by ancova(study, outcome, wave=...)."
        )
    if study.cluster is not None and by_site:
        notes.append(
            f"Intervals allow for people of one {study.cluster!r} being alike (CR2 by site). "
            "Sites are shown as they are, not adjusted for whom they serve, and not ranked; those "
            "with fewer than ten people are put together."
        )
    elif study.cluster is not None:
        narrow = "the intervals here take people as independent and may be too narrow"
        notes.append(
            f"People of one {study.cluster!r} may resemble each other; with fewer than five of "
            f"them {narrow}."
        )
    if study.facilitator is not None:
        notes.append(
            f"People served by one {study.facilitator!r} may resemble each other; the intervals "
            "here take people as independent and may be too narrow."
        )
    if len(study.waves) > 2:
        notes.append(
            "With more than two time points each comparison uses the people measured at both of "
            "its own; they need not be the same people. No model of all time points together was "
            "fitted here."
        )
    return notes


def group_notes(by: str | None) -> list[str]:
    """What rows by group do not say."""
    if by is None:
        return []
    return [
        f"Changes by {by!r} are descriptive: no difference between its groups was tested, and "
        "small groups differ by chance."
    ]


def summary(changes: Sequence[Change]) -> str:
    """Two or three plain sentences, and the one that cannot be switched off."""
    told = []
    for change in changes:
        who = (
            f"{change.outcome.label}: {change.n} of {change.n_people} people have "
            f"{'a score' if change.form == 'score' else 'an answer'} both times, "
            f"{at_time(change.earlier)} and {at_time(change.later)}. "
        )
        how = {"score": _how_much, "binary": _how_many, "ordered": _which_way}[change.form]
        told.append(who + how(change))
    return " ".join([*told, NOT_AN_EFFECT])


def _how_much(change: Change) -> str:
    mean = change.main
    if mean.estimate == 0:
        moved = "On average their score did not change"
    else:
        way = "rose" if mean.estimate > 0 else "fell"
        moved = f"On average their score {way} by {abs(mean.estimate):.2f} points"
    if mean.ci_low == mean.ci_low:  # not NaN
        level = f"{mean.confidence * 100:g} %"
        moved += f" ({level} interval of the change {mean.ci_low:.2f} to {mean.ci_high:.2f})"
    return moved + _direction(change.outcome) + "."


def _how_many(change: Change) -> str:
    before, after = int(change.before.sum()), int(change.after.sum())
    main = change.main
    return (
        f"{before} had it at {change.earlier} and {after} at {change.later}, a difference of "
        f"{100 * main.estimate:.0f} in 100 ({main.confidence * 100:g} % interval "
        f"{100 * main.ci_low:.0f} to {100 * main.ci_high:.0f}){_direction(change.outcome)}."
    )


def _which_way(change: Change) -> str:
    higher = int((change.after > change.before).sum())
    lower = int((change.after < change.before).sum())
    return (
        f"{higher} gave a higher answer later, {change.n - higher - lower} the same and {lower} a "
        f"lower one{_direction(change.outcome)}."
    )


def _direction(outcome: Outcome) -> str:
    return {"lower": "; lower is better", "higher": "; higher is better"}.get(
        outcome.better or "", ""
    )


def methods(
    outcomes: Sequence[Outcome],
    level: float,
    correct: bool,
    seed: int | None,
    forms: set[str],
    by_site: bool,
    adjust: str | None,
) -> str:
    """The paragraph for the paper."""
    sentences = list(dict.fromkeys(instrument_sentence(o) for o in outcomes))
    sentences.append(
        "Change is later minus earlier in people measured at both time points, paired by "
        "identifier."
    )
    if "score" in forms:
        g = ", with Hedges' exact small-sample correction (1981)" if correct else ""
        sentences.append(
            f"Mean change with {level * 100:g} % t interval and paired t test. The "
            f"standardised change divides by the SD at the earlier time point{g}; its limits are "
            "those of the noncentral t distribution, rescaled (Becker 1988; Algina & Keselman "
            "2003). Wilcoxon signed-rank test: people without change left out, exact permutation "
            "distribution including ties up to 30 changes, else normal approximation with tie and "
            "continuity correction; Hodges-Lehmann estimate. Shares of higher, same and lower (by "
            "any amount) with Wilson intervals and an exact sign test."
        )
    if "binary" in forms:
        sentences.append(
            "Shares before and after in the same people: Newcombe's interval for paired "
            "differences (1998, method 10) and the exact McNemar test."
        )
    if "ordered" in forms:
        sentences.append(
            "Ordered answers by their whole distribution; share higher minus share lower with "
            "Tango's score interval (1998) and an exact sign test."
        )
    if by_site:
        sentences.append(
            "Intervals of mean changes by site: CR2 with Satterthwaite degrees of freedom (Bell & "
            "McCaffrey 2002; Pustejovsky & Tipton 2018)."
        )
    if adjust is not None:
        sentences.append(f"p values adjusted within declared families ({adjust}).")
    if seed is not None:
        sentences.append(
            f"BCa bootstrap intervals from 10,000 resamples of people, seed {seed} (Efron 1987)."
        )
    return " ".join(sentences)

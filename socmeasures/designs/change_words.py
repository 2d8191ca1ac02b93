"""What a result about change without a comparison group says in words."""

from __future__ import annotations

from collections.abc import Sequence

from socmeasures.designs.measurements import instrument_sentence
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.study import Study
from socmeasures.effects.estimate import Estimate

NOT_AN_EFFECT = (
    "This is change without a comparison group, so it is not an effect of the programme: people "
    "who come at a bad time tend to get better by themselves, and other things changed too."
)


def title(labels: Sequence[str], waves: Sequence[str]) -> str:
    """Heading of the result."""
    what = labels[0] if len(labels) == 1 else f"{len(labels)} outcomes"
    later = waves[1] if len(waves) == 2 else f"{waves[1]} … {waves[-1]}"
    return f"Change in {what}, {waves[0]} to {later}"


def meaning_of(outcome: Outcome) -> dict[str, str]:
    """Better, same or worse for higher, same, lower; empty when the direction is not known."""
    if outcome.better == "higher":
        return {"higher": "better", "same": "same", "lower": "worse"}
    if outcome.better == "lower":
        return {"higher": "worse", "same": "same", "lower": "better"}
    return {}


def design_notes(study: Study, n_rows: int) -> list[str]:
    """What the design does not allow to be read into a change."""
    notes = [NOT_AN_EFFECT]
    if len(study.arms) > 1:
        notes.append(
            f"The arms ({', '.join(study.arms)}) are pooled here. What one arm gained over "
            "another is estimated by ancova(study, outcome, wave=...)."
        )
    if study.cluster is not None:
        narrow = "the intervals here take people as independent and may be too narrow"
        notes.append(f"People of one {study.cluster!r} may resemble each other; {narrow}.")
    if study.facilitator is not None:
        notes.append(
            f"People served by one {study.facilitator!r} may resemble each other; the intervals "
            "here take people as independent and may be too narrow."
        )
    if n_rows > 1:
        notes.append(
            f"{n_rows} comparisons are shown; p values and intervals are not adjusted for that."
        )
    if len(study.waves) > 2:
        notes.append(
            "With more than two time points each comparison uses the people measured at both of "
            "its own; they need not be the same people."
        )
    return notes


def summary(changes: Sequence[tuple[Outcome, Estimate, int, str, str]]) -> str:
    """Two or three plain sentences, and the one that cannot be switched off."""
    told = []
    for outcome, mean, n_people, earlier, later in changes:
        who = (
            f"{outcome.label}: {mean.n} of {n_people} people have a score both at {earlier} "
            f"and at {later}. "
        )
        told.append(who + _how_much(mean, outcome))
    return " ".join([*told, NOT_AN_EFFECT])


def _how_much(mean: Estimate, outcome: Outcome) -> str:
    if mean.estimate == 0:
        moved = "On average their score did not change"
    else:
        way = "rose" if mean.estimate > 0 else "fell"
        moved = f"On average their score {way} by {abs(mean.estimate):.2f} points"
    if mean.ci_low == mean.ci_low:  # not NaN
        level = f"{mean.confidence * 100:g} %"
        moved += f" ({level} interval of the change {mean.ci_low:.2f} to {mean.ci_high:.2f})"
    direction = {"lower": "; lower is better", "higher": "; higher is better"}
    return moved + direction.get(outcome.better or "", "") + "."


def methods(
    outcomes: Sequence[Outcome], level: float, correct: bool, bootstrap: bool, seed: int
) -> str:
    """The paragraph for the paper."""
    sentences = list(dict.fromkeys(instrument_sentence(o) for o in outcomes))
    g = ", with Hedges' exact small-sample correction (1981)" if correct else ""
    sentences.append(
        "Change is later minus earlier score in people with a score at both time points, paired "
        f"by identifier; mean change with {level * 100:g} % t interval and paired t test. The "
        f"standardised change divides by the SD at the earlier time point{g}; its limits are "
        "those of the noncentral t distribution, rescaled (Becker 1988; Algina & Keselman 2003). "
        "Wilcoxon signed-rank test: people without change left out, exact permutation "
        "distribution including ties up to 30 changes, else normal approximation with tie and "
        "continuity correction; Hodges-Lehmann estimate. Shares of higher, same and lower (by any "
        "amount) with Wilson intervals and an exact sign test."
    )
    if bootstrap:
        sentences.append(
            f"BCa bootstrap intervals from 10,000 resamples of people, seed {seed} (Efron 1987)."
        )
    return " ".join(sentences)

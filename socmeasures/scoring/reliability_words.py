"""What a reader of item statistics must know, in words: rows used, keying, fit, assumptions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from socmeasures.effects.reliability import FEWEST, Against, Consistency, Opposed
from socmeasures.errors import plural
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Score
from socmeasures.scoring.answers import Answers

NEAR_ZERO = 0.20  # Streiner, Norman & Cairney (2015): an item below this hardly belongs
POOR_FIT = 0.08  # RMSEA; Browne & Cudeck (1993)

ASSUMES = (
    "Alpha is the reliability of the score only where all items measure one thing equally well "
    "and their errors are unrelated; elsewhere it is usually too low. It does not show that there "
    "is one thing behind the items, says nothing of stability over time, and is no yardstick for "
    "an index that adds up different things (roles, contacts, resources)."
)
COUNTED = (
    "This score counts things that need not go together (contacts, roles): a low alpha is no "
    "fault, a high one no merit. Judge it by test-retest."
)


def why_not(complete: NDArray[np.float64]) -> str:
    """Why there is no reliability, in words; empty when there is."""
    n, k = complete.shape
    if k < 2:
        return (
            "One item alone has no internal consistency: its reliability can only be seen by "
            "asking the same people again."
        )
    if n < 2:
        return "No reliability: fewer than two rows have every answer."
    if np.ptp(complete.sum(axis=1)) == 0:
        return "No reliability: every complete row has the same sum."
    return ""


def rows_used(
    points: NDArray[np.float64], complete: NDArray[np.float64], n_illegal: int
) -> Iterator[str]:
    """Which rows the reliability is over, and why others are not in it."""
    n_silent = int(np.isnan(points).all(axis=1).sum())
    n_gaps = len(points) - len(complete) - n_silent
    told = f"Reliability is over the {plural(len(complete), 'row')} with every answer"
    if n_gaps or n_silent:
        parts = [(n_gaps, "with an answer missing"), (n_silent, "without any answer")]
        left = " and ".join(f"{n:,} {what}" for n, what in parts if n)
        told += f" of {len(points):,}; left out: {left}"
    yield f"{told}."
    if n_gaps:
        yield (
            "Programs that use every pair of answers (R psych unless told otherwise) differ "
            "slightly, because they also count rows with gaps."
        )
    if n_illegal:
        yield f"{plural(n_illegal, 'answer')} outside the options counted as not given."


def keying_sentence(scale: Scale, score: Score, found: Against, place: int) -> str:
    """One item that runs against the others, in the words of validation and reliability alike.

    `place` counts the items named, from 0.
    """
    number = score.items[found.places[place]]
    return (
        f"item {number} ({scale.item(number).label}) runs against the other items of "
        f"{score.id!r} (item-rest r = {found.item_rest_r[place]:.2f}, {found.n} people): it may be "
        "reversed already, or reversed the wrong way. Alpha is "
        f"{found.alpha:.2f}, and {found.alpha_turned:.2f} with the items named here turned "
        "round. Nothing was changed"
    )


def opposed_sentence(scale: Scale, score: Score, found: Opposed) -> str:
    """A group of items that opposes the rest, in the words of validation and reliability alike."""
    numbers = ", ".join(str(score.items[i]) for i in found.places)
    return (
        f"items {numbers} of {scale.id}_{score.id} oppose the others ({found.n} people): a whole "
        f"group may be keyed the wrong way. Alpha is {found.alpha:.2f}, and "
        f"{found.alpha_turned:.2f} with these items turned round. Nothing was changed"
    )


def keying_notes(
    scale: Scale,
    score: Score,
    against: Against | None,
    found: Consistency | None,
    n: int,
) -> Iterator[str]:
    """Items that run against the others, or hardly with them."""
    named = set(against.places) if against else set()
    if against is not None:
        for place in range(len(against.places)):
            sentence = keying_sentence(scale, score, against, place)
            yield f"Keying: {sentence}."
    if found is None or found.k < 3:
        return
    if n < FEWEST:
        yield f"Keying was not checked: that takes {FEWEST} rows with every answer."
        return
    weak = [
        f"{score.items[i]} ({scale.item(score.items[i]).label}, r = {r:.2f})"
        for i, r in enumerate(found.item_rest_r)
        if r < NEAR_ZERO and i not in named
    ]
    if weak:
        yield (
            f"Hardly related to the other items (item-rest r below {NEAR_ZERO:.2f}): "
            f"{'; '.join(weak)}. Check the key, the wording used and the item's place in the file."
        )


def omega_notes(score: Score, found: Consistency | None) -> Iterator[str]:
    """Why there is no omega, or what speaks against it."""
    if found is None:
        return
    if found.k == 2:
        yield (
            "Two items: the standardised alpha is the Spearman-Brown reliability of the pair, "
            "which is preferred here (Eisinga, te Grotenhuis & Pelzer 2013). Omega needs three "
            "items."
        )
        return
    fit = found.factor
    if fit is None:
        flat = [score.items[i] for i, sd in enumerate(found.item_sds) if sd == 0]
        if flat:
            why = f"nobody differs on item {', '.join(map(str, flat))}"
        elif found.n <= found.k:
            why = f"{found.n} complete rows are too few for {found.k} items"
        else:
            why = "one item can be computed exactly from the others"
        yield f"No omega: {why}."
        return
    if not fit.converged:
        yield "No omega: the search for one common factor did not settle; the items may have none."
        return
    if fit.improper:
        shown = ", ".join(str(score.items[i]) for i in fit.improper)
        yield (
            f"Omega rests on an improper solution (Heywood case): item {shown} would have a "
            "negative error variance. Do not report it; report alpha."
        )
    against = [score.items[i] for i, loading in enumerate(fit.loadings) if loading < 0]
    if against:
        shown = ", ".join(map(str, against))
        word = "Item {} loads" if len(against) == 1 else "Items {} load"
        yield f"{word.format(shown)} negatively on the common factor, which pulls omega down."
    if fit.df and fit.rmsea > POOR_FIT:
        yield (
            f"One factor fits poorly (χ² = {fit.chi_square:.1f}, df = {fit.df}, "
            f"RMSEA = {fit.rmsea:.2f}): omega describes the sum of items that measure more than "
            "one thing."
        )


def kind_notes(answers: Answers, score: Score, found: Consistency | None) -> Iterator[str]:
    """What alpha assumes for this kind of score; coding and grade of the key."""
    scale = answers.scale
    if found is not None:
        if found.alpha.estimate < 0:
            yield "Alpha is negative: the items run against each other. Check the reversed items."
        if all(set(scale.points(score, n).values()) == {0.0, 1.0} for n in score.items):
            yield (
                "Every item counts 0 or 1: this alpha is KR-20, and omega treats the items as "
                "if they were measured in degrees."
            )
        yield COUNTED if _counts_things(scale, score) else ASSUMES
        if score.method == "lookup":
            yield "Alpha and omega are of the sum of items; mean, SD and SEM of the table score."
    yield f"Coding: {answers.decision.text}."
    yield from (f"{note[:1].upper()}{note[1:]}." for note in answers.decision.notes)
    if "unverified" in (scale.evidence, score.evidence):
        yield "The key is unverified: compare it with your copy of the instrument before use."


def _counts_things(scale: Scale, score: Score) -> bool:
    """Whether items are open counts, or counts put into bins: nothing makes them go together."""
    binned = {n for recode in score.recode if recode.bins is not None for n in recode.items}
    return any(n in binned or scale.item(n).counts_to is not None for n in score.items)


def methods_sentence(title: str, answers: Answers, score: Score, found: Consistency | None) -> str:
    """The sentence for the paper."""
    scale = answers.scale
    cited = f"{scale.name} ({scale.form}; {scale.citation})"
    if found is None:
        return f"Item statistics of {title}, {plural(len(score.items), 'item')}: {cited}."
    fitted = found.factor is not None and found.factor.converged
    omega = (
        "; omega total from one factor by maximum likelihood on the covariance matrix "
        "(Jöreskog 1967; McDonald 1999)"
    )
    return (
        f"Internal consistency of {title} ({found.k} items, {plural(found.n, 'complete row')}): "
        f"Cronbach's alpha (Cronbach 1951) with a {found.alpha.confidence * 100:g} % interval "
        f"after Feldt (1965){omega if fitted else ''}; item-rest correlations corrected for the "
        f"item's own part; standard error of measurement SD · √(1 − alpha). Instrument: {cited}."
    )

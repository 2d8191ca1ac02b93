"""The page of one scale, made from its definition."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from citations import bibtex
from page_words import bullets, numbers, sentence, table, text

from socmeasures.scales.catalogue import shipped_scales
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Bands, Coding, Derived, Example, Item, Norm, Recode, Score

GRADES = {
    "published": "seen in the source itself",
    "secondary": "seen in another paper's or tool's description, or in public scoring code",
    "unverified": "not confirmed from any source we have seen",
    "user-supplied": "supplied by a user",
}


def scale_page(scale: Scale) -> str:
    """The whole page of one scale, as MyST Markdown."""
    parts = [
        f"# `{scale.id}`: {scale.name}",
        *_opening(scale),
        "## Items",
        *_items(scale),
        "## Answers and what the numbers mean",
        *_answers(scale),
        "## Scores",
        *(part for score in scale.scores for part in _score(scale, score)),
    ]
    if scale.risks:
        parts += ["## Items that need a look whatever the total", *_risks(scale)]
    parts += ["## Published values", *_norms(scale)]
    if scale.change:
        parts += ["## Published values for judging change", bullets(_changes(scale))]
    if scale.pitfalls:
        parts += ["## Usual mistakes", bullets(text(p) for p in scale.pitfalls)]
    parts += [
        "## An example that is run by the tests",
        *_example(scale),
        "## Licence",
        _licence(scale),
        "## Citation",
        _citation(scale),
        f"```bibtex\n{bibtex(scale)}\n```",
        "## What this score does not mean",
        "A score is what a person wrote on one day. It is no diagnosis, and a cut-off holds only "
        "for the population it was made in.\n"
        "See [what a number does not mean](../what-a-number-does-not-mean.md).",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(scale: Scale) -> Iterator[str]:
    measures, whom = sentence(scale.measures), text(scale.population)
    yield f"**What does it measure, and in whom?** {measures} In: {whom}."
    siblings = [s for s in shipped_scales() if s.family and s.family == scale.family]
    others = ", ".join(f"[`{s.id}`]({s.id}.md)" for s in siblings if s.id != scale.id)
    check = (
        f"\nOther forms are scored differently, so check which one you have: {others}."
        if others
        else ""
    )
    yield f"Form: {text(scale.form)}.{check}"
    note = f" {text(scale.evidence_note)}" if scale.evidence_note else ""
    grade = f"Evidence for the key: **{scale.evidence}** ({GRADES[scale.evidence]}).{note}"
    if not scale.opt_in:
        yield grade
        return
    yield (
        ":::{admonition} Opt-in: the key of this scale is unverified\n:class: warning\n"
        f"{grade}\n"
        "It is scored only with your word: `accept_unverified=True`, on the command line "
        "`--accept-unverified`.\n"
        "Every output then says so.\n:::"
    )


def _items(scale: Scale) -> Iterator[str]:
    yield "Short labels, not the wording."
    rows = [
        (
            str(item.number),
            text(item.label) + (" (may be absent)" if item.optional else ""),
            "not asked" if item.derived is not None else _names(scale, item),
        )
        for item in scale.items
    ]
    yield table(("item", "about", "column names that are recognised"), rows)
    yield from (_derived(item, item.derived) for item in scale.derived if item.derived)
    if scale.orders:
        yield "Orders in which the items are printed elsewhere; a plan names one with `order`:"
        yield table(
            ("order", "its items, as numbered above", "where it is met"),
            [
                (f"`{o.name}`", numbers([o.items[k] for k in sorted(o.items)]), text(o.note))
                for o in scale.orders
            ],
        )


def _derived(item: Item, derived: Derived) -> str:
    items = numbers(derived.items)
    if derived.rule == "follow_up":
        first, second = derived.items
        rule = f"the answer to item {second} where item {first} reaches {derived.from_}, else 0"
    else:
        rule = f"1 if {derived.rule} of the items {items} reach {derived.from_}, else 0"
    return f"Item {item.number} is not asked: it is {rule}."


def _names(scale: Scale, item: Item) -> str:
    names = dict.fromkeys((f"{scale.id}_{item.number}", *item.names))
    return ", ".join(f"`{name}`" for name in names)


def _answers(scale: Scale) -> Iterator[str]:
    asked = [scale.item(number) for number in scale.numbers]
    shared = [item for item in asked if item.options is None and item.counts_to is None]
    if shared:
        yield _options_table(scale, shared[0].number)
    for top in sorted({item.counts_to for item in asked if item.counts_to is not None}):
        counted = [item.number for item in asked if item.counts_to == top]
        yield f"Answered with a number from 0 to {top}: item {numbers(counted)}."
    for item in asked:
        yield from _not_applicable(item)
    for item in asked:
        if item.counts_to is not None:
            continue
        if item.options is not None:
            yield f"Item {item.number} has answers of its own:"
            yield _options_table(scale, item.number)
    if scale.responses.bare_codes == "canonical":
        yield "Numbers without value labels are taken as these codes, and the record says so."
    else:
        yield (
            "Numbers without value labels are refused until you state the coding "
            "(`coding=`, on the command line `--coding`): more than one is in use, and the values "
            "cannot tell which."
        )
    if scale.codings:
        yield "Other codings met in files, by the name to state:"
        yield table(
            ("coding", "code in the file → code above", "where it is met"),
            [
                (f"`{c.name}`", _map(c), text(c.note) + (f" ({c.evidence})" if c.evidence else ""))
                for c in scale.codings
            ],
        )


def _not_applicable(item: Item) -> Iterator[str]:
    outside = item.not_applicable
    if outside is None:
        return
    meaning = {
        "missing": "no answer",
        "skip": "an answer that adds nothing to a sum",
    }.get(str(outside.counts_as), f"{outside.counts_as} points")
    flag = f" The column with `{outside.flag}` in its name is then 1." if outside.flag else ""
    yield (
        f"Item {item.number}: the code {numbers(outside.codes)} says that the question does not "
        f"apply. It counts as {meaning}.{flag}"
    )


def _options_table(scale: Scale, number: int) -> str:
    return table(
        ("code", "answer", "also recognised"),
        [(str(o.code), text(o.label), text(", ".join(o.also))) for o in scale.options(number)],
    )


def _map(coding: Coding) -> str:
    maps = [(coding.map, coding.items), *((part.map, part.items) for part in coding.parts)]
    return "; ".join(
        ", ".join(f"{raw} → {code}" for raw, code in codes.items())
        + (f" (items {numbers(items)})" if items else "")
        for codes, items in maps
        if codes
    )


def _score(scale: Scale, score: Score) -> Iterator[str]:
    low, high = score.range
    name = f"{scale.id}_{score.id}"
    yield f"### `{name}`"
    title = f"{sentence(score.label)} " if score.label else ""
    better = {
        "lower": "Lower is better.",
        "higher": "Higher is better.",
        "none": "Neither direction is called better.",
    }[score.better]
    yield f"{title}From {low:g} to {high:g}; a high score means: {text(score.higher)}. {better}"
    facts = [f"Method: {_method(score)} of items {numbers(score.items)}."]
    if score.reverse:
        facts.append(
            f"Reversed (smallest + largest code − answer): items {numbers(score.reverse)}."
        )
    facts += [f"Items {numbers(r.items)}: {_recode(r)}." for r in score.recode]
    facts.append(f"Missing answers: {_missing(score)}. Source: {text(score.missing.source)}.")
    if score.evidence == "unverified" and not scale.opt_in:
        facts.append(
            "**Opt-in**: the key of this score is unverified; it is given only with "
            "`accept_unverified=True`."
        )
    if score.note:
        facts.append(text(score.note))
    yield bullets(facts)
    for bands in score.bands:
        yield from _bands(bands)
    if not score.bands:
        yield "No bands: none is shipped for this score."


def _method(score: Score) -> str:
    words = {
        "sum": "sum",
        "mean": "mean",
        "pomp": "per cent of the maximum possible (0 to 100)",
        "lookup": "sum, converted by the published table,",
    }[score.method]
    return words if score.scale_by == 1 else f"{words}, times {score.scale_by:g},"


def _recode(recode: Recode) -> str:
    if recode.ones is not None:
        return f"the codes {numbers(recode.ones)} count 1, the others 0"
    if recode.map is not None:
        pairs = ", ".join(f"{code} counts {points:g}" for code, points in recode.map.items())
        return f"recoded before adding: {pairs}"
    bins = ", ".join(f"from {b.from_}: {b.points:g}" for b in recode.bins or ())
    return f"points by the number given: {bins}"


def _missing(score: Score) -> str:
    allow, k = score.missing.allow, len(score.items)
    if score.missing.method == "complete" or not allow:
        return (
            "none may be missing; otherwise there is no score" if k > 1 else "no answer, no score"
        )
    few = f"up to {allow} of {k} may be missing"
    if score.missing.method == "prorate":
        return f"{few}; the score is then estimated from the answers that are there (prorated)"
    return f"{few}; the answers that are there are counted (status partial)"


def _bands(bands: Bands) -> Iterator[str]:
    state = "shown by default" if bands.default else "not shown by default"
    yield (
        f"Bands `{bands.set}` ({state}; evidence: {bands.evidence}). Made for: "
        f"{text(bands.population)}. Source: {text(bands.source)}."
        + (f" {text(bands.note)}" if bands.note else "")
    )
    yield table(
        ("scores", "band"),
        [
            (f"{'from' if cut.above is None else 'above'} {cut.start:g}", text(cut.label))
            for cut in bands.cuts
        ],
    )


def _risks(scale: Scale) -> Iterator[str]:
    for risk in scale.risks:
        note = f" {text(risk.note)}" if risk.note else ""
        yield f"Item {risk.item}, from code {risk.from_}: the column `{scale.id}_risk` is 1.{note}"
    yield "Answers may be weeks old when they are scored: this column is no safety net."


def _norms(scale: Scale) -> Iterator[str]:
    if not scale.norms:
        yield "None is shipped."
        return
    yield (
        "A published value describes the people it was measured in.\n"
        "It is no target, and a difference from it is no effect of a service."
    )
    heads = ("score", "in whom", "n", "mean", "SD", "reliability", "grade", "source")
    yield table(heads, [_norm(norm) for norm in scale.norms])


def _norm(norm: Norm) -> tuple[str, ...]:
    whom = ", ".join(str(part) for part in (norm.population, norm.country, norm.year) if part)
    reliability = ", ".join(
        f"{name} {value:g}"
        for name, value in (("alpha", norm.alpha), ("omega", norm.omega), ("retest", norm.retest_r))
        if value is not None
    )
    numbers = ("" if v is None else f"{v:g}" for v in (norm.n, norm.mean, norm.sd))
    return (norm.score, text(whom), *numbers, reliability, norm.evidence, text(norm.source))


def _changes(scale: Scale) -> Iterator[str]:
    kinds = {"minimal_important": "Smallest important change", "reliable": "Reliable change"}
    for change in scale.change:
        whom = f" In: {text(change.population)}." if change.population else ""
        yield (
            f"{kinds[change.kind]} of `{scale.id}_{change.score}`: {change.value:g} "
            f"(evidence: {change.evidence}).{whom} Source: {text(change.source)}."
        )


def _licence(scale: Scale) -> str:
    where = f" See <{scale.licence.url}>." if scale.licence.url else ""
    return (
        f"{sentence(scale.licence.note)}{where}\n"
        "To use the questionnaire itself, ask its owner; the citation below names the authors."
    )


def _citation(scale: Scale) -> str:
    doi = f" [doi:{scale.doi}](https://doi.org/{scale.doi})" if scale.doi else ""
    return f"{sentence(scale.citation)}{doi}"


# ------------------------------------------------------------------------------ the example


def example_vectors(scale: Scale) -> tuple[str, list[Example]]:
    """A score, and golden vectors for it: one complete and, where there is one, one with a gap."""
    usable = [e for e in scale.examples if e.coding == "canonical" and _legal(scale, e)]
    for score in scale.scores:
        if score.evidence == "unverified" and not scale.opt_in:
            continue
        fitting = [e for e in usable if score.id in e.expected]
        complete = [e for e in fitting if "NA" not in e.answers]
        gaps = [e for e in fitting if "NA" in e.answers]
        if complete:
            return score.id, [complete[-1], *gaps[:1]]
    raise ValueError(f"{scale.id} has no complete example in canonical codes")


def _legal(scale: Scale, example: Example) -> bool:
    answers = zip(scale.numbers, example.answers, strict=True)
    return all(answer == "NA" or answer in scale.codes(number) for number, answer in answers)


def _example(scale: Scale) -> Iterator[str]:
    score_id, vectors = example_vectors(scale)
    name = f"{scale.id}_{score_id}"
    rows = ", ".join(
        "[" + ", ".join("None" if a == "NA" else str(a) for a in v.answers) + "]" for v in vectors
    )
    expected = [
        float("nan" if v.expected[score_id] == "NA" else v.expected[score_id]) for v in vectors
    ]
    words = ", accept_unverified=True" if scale.opt_in else ""
    lines = [
        ">>> import pandas as pd, socmeasures as soc",
        f'>>> scale = soc.load_scale("{scale.id}")',
        *_statement(f"answers = [{rows}]"),
        f'>>> columns = [f"{scale.id}_{{number}}" for number in scale.numbers]',
        ">>> data = pd.DataFrame(answers, columns=columns)",
        *_statement(f'scored = soc.score(data, "{scale.id}", coding="canonical"{words})'),
        f'>>> scored["{name}"].round(4).tolist()',
        str([round(value, 4) for value in expected]),
    ]
    if len(vectors) > 1:
        yield "The second person left an answer out."
    yield "```python\n" + "\n".join(lines) + "\n\n```"


def _statement(code: str) -> list[str]:
    broken = textwrap.wrap(code, 84, subsequent_indent="    ", break_on_hyphens=False)
    return [f"{'>>>' if place == 0 else '...'} {line}" for place, line in enumerate(broken)]

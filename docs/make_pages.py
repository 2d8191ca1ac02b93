"""Pages that are made: one a scale, the catalogue, the reference, the JSON Schema.

`python docs/make_pages.py` writes docs/scales/, docs/reference.md and docs/schema/; `--schema`
only the latter.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import socmeasures as soc
from socmeasures.scales.catalogue import shipped_scales
from socmeasures.scales.definition import json_schema
from socmeasures.scales.model import (
    Bands,
    Coding,
    Derived,
    Example,
    Item,
    Norm,
    Recode,
    Scale,
    Score,
)

DOCS = Path(__file__).resolve().parent
SCHEMA = DOCS / "schema" / "scale.schema.json"

GRADES = {
    "published": "seen in the source itself",
    "secondary": "seen in another paper's or tool's description, or in public scoring code",
    "unverified": "not confirmed from any source we have seen",
    "user-supplied": "supplied by a user",
}


NO_WORDING = "Wording is not shipped here."


# ------------------------------------------------------------------------------ one scale


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
        parts += ["## Published values for judging change", _bullets(_changes(scale))]
    if scale.pitfalls:
        parts += ["## Usual mistakes", _bullets(_text(p) for p in scale.pitfalls)]
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
    measures, whom = _sentence(scale.measures), _text(scale.population)
    yield f"**What does it measure, and in whom?** {measures} In: {whom}."
    siblings = [s for s in shipped_scales() if s.family and s.family == scale.family]
    others = ", ".join(f"[`{s.id}`]({s.id}.md)" for s in siblings if s.id != scale.id)
    check = (
        f"\nOther forms are scored differently, so check which one you have: {others}."
        if others
        else ""
    )
    yield f"Form: {_text(scale.form)}.{check}"
    note = f" {_text(scale.evidence_note)}" if scale.evidence_note else ""
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
            _text(item.label) + (" (may be absent)" if item.optional else ""),
            "not asked" if item.derived is not None else _names(scale, item),
        )
        for item in scale.items
    ]
    yield _table(("item", "about", "column names that are recognised"), rows)
    yield from (_derived(item, item.derived) for item in scale.derived if item.derived)
    if scale.orders:
        yield "Orders in which the items are printed elsewhere; a plan names one with `order`:"
        yield _table(
            ("order", "its items, as numbered above", "where it is met"),
            [
                (f"`{o.name}`", _numbers([o.items[k] for k in sorted(o.items)]), _text(o.note))
                for o in scale.orders
            ],
        )


def _derived(item: Item, derived: Derived) -> str:
    items = _numbers(derived.items)
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
    for item in asked:
        if item.counts_to is not None:
            yield f"Item {item.number} is a number, from 0 to {item.counts_to}."
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
        yield _table(
            ("coding", "code in the file → code above", "where it is met"),
            [
                (f"`{c.name}`", _map(c), _text(c.note) + (f" ({c.evidence})" if c.evidence else ""))
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
        f"Item {item.number}: the code {_numbers(outside.codes)} says that the question does not "
        f"apply. It counts as {meaning}.{flag}"
    )


def _options_table(scale: Scale, number: int) -> str:
    return _table(
        ("code", "answer", "also recognised"),
        [(str(o.code), _text(o.label), _text(", ".join(o.also))) for o in scale.options(number)],
    )


def _map(coding: Coding) -> str:
    maps = [(coding.map, coding.items), *((part.map, part.items) for part in coding.parts)]
    return "; ".join(
        ", ".join(f"{raw} → {code}" for raw, code in codes.items())
        + (f" (items {_numbers(items)})" if items else "")
        for codes, items in maps
        if codes
    )


def _score(scale: Scale, score: Score) -> Iterator[str]:
    low, high = score.range
    name = f"{scale.id}_{score.id}"
    yield f"### `{name}`"
    title = f"{_sentence(score.label)} " if score.label else ""
    better = {
        "lower": "Lower is better.",
        "higher": "Higher is better.",
        "none": "Neither direction is called better.",
    }[score.better]
    yield f"{title}From {low:g} to {high:g}; a high score means: {_text(score.higher)}. {better}"
    facts = [f"Method: {_method(score)} of items {_numbers(score.items)}."]
    if score.reverse:
        facts.append(
            f"Reversed (smallest + largest code − answer): items {_numbers(score.reverse)}."
        )
    facts += [f"Items {_numbers(r.items)}: {_recode(r)}." for r in score.recode]
    facts.append(f"Missing answers: {_missing(score)}. Source: {_text(score.missing.source)}.")
    if score.evidence == "unverified" and not scale.opt_in:
        facts.append(
            "**Opt-in**: the key of this score is unverified; it is given only with "
            "`accept_unverified=True`."
        )
    if score.note:
        facts.append(_text(score.note))
    yield _bullets(facts)
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
        return f"the codes {_numbers(recode.ones)} count 1, the others 0"
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
        f"{_text(bands.population)}. Source: {_text(bands.source)}."
        + (f" {_text(bands.note)}" if bands.note else "")
    )
    yield _table(
        ("scores", "band"),
        [
            (f"{'from' if cut.above is None else 'above'} {cut.start:g}", _text(cut.label))
            for cut in bands.cuts
        ],
    )


def _risks(scale: Scale) -> Iterator[str]:
    for risk in scale.risks:
        note = f" {_text(risk.note)}" if risk.note else ""
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
    yield _table(heads, [_norm(norm) for norm in scale.norms])


def _norm(norm: Norm) -> tuple[str, ...]:
    whom = ", ".join(str(part) for part in (norm.population, norm.country, norm.year) if part)
    reliability = ", ".join(
        f"{name} {value:g}"
        for name, value in (("alpha", norm.alpha), ("omega", norm.omega), ("retest", norm.retest_r))
        if value is not None
    )
    numbers = ("" if v is None else f"{v:g}" for v in (norm.n, norm.mean, norm.sd))
    return (norm.score, _text(whom), *numbers, reliability, norm.evidence, _text(norm.source))


def _changes(scale: Scale) -> Iterator[str]:
    kinds = {"minimal_important": "Smallest important change", "reliable": "Reliable change"}
    for change in scale.change:
        whom = f" In: {_text(change.population)}." if change.population else ""
        yield (
            f"{kinds[change.kind]} of `{scale.id}_{change.score}`: {change.value:g} "
            f"(evidence: {change.evidence}).{whom} Source: {_text(change.source)}."
        )


def _licence(scale: Scale) -> str:
    where = f" See <{scale.licence.url}>." if scale.licence.url else ""
    return (
        f"{_sentence(scale.licence.note)}{where}\n"
        "To use the questionnaire itself, ask its owner; the citation below names the authors."
    )


def _citation(scale: Scale) -> str:
    doi = f" [doi:{scale.doi}](https://doi.org/{scale.doi})" if scale.doi else ""
    return f"{_sentence(scale.citation)}{doi}"


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


# ------------------------------------------------------------------------------ BibTeX


def bibtex(scale: Scale) -> str:
    """The citation as BibTeX; what cannot be told apart stays together in a note."""
    first, _, further = scale.citation.partition("; ")
    found = re.fullmatch(
        r"(?P<who>.+?) \((?P<year>\d{4})\) (?P<title>.+?[^A-Z])\. (?P<rest>.+)", first
    )
    journal = found and re.fullmatch(
        r"(?P<journal>[^\d]+?) (?P<volume>\d+)(?:\((?P<number>[\d-]+)\))?, (?P<pages>[\d-]+)",
        found["rest"],
    )
    if found is None or journal is None:
        fields = {"title": f"{{{scale.name}}}", "note": scale.citation}
        kind = "misc"
    else:
        kind = "article"
        fields = {
            "author": _authors(found["who"]),
            "year": found["year"],
            "title": f"{{{found['title']}}}",
            "journal": journal["journal"],
            "volume": journal["volume"],
            "number": journal["number"] or "",
            "pages": journal["pages"].replace("-", "--"),
            "note": f"See also: {further}" if further else "",
        }
    if scale.doi:
        fields["doi"] = scale.doi
    body = ",\n".join(
        f"  {k} = {{{v.replace('&', chr(92) + '&')}}}" for k, v in fields.items() if v
    )
    return f"@{kind}{{{scale.id},\n{body}\n}}"


def _authors(who: str) -> str:
    others = who.endswith("et al.") or who.endswith("et al")
    names = re.sub(r",? et al\.?$", "", who)
    shown = []
    for name in re.split(r", | & ", names):
        found = re.fullmatch(r"(.+?) ([A-Z](?:-?[A-Z]){0,3})", name.strip())
        initials = "" if found is None else " ".join(f"{c}." for c in found[2].replace("-", ""))
        shown.append(name.strip() if found is None else f"{found[1]}, {initials}")
    return " and ".join([*shown, *(["others"] if others else [])])


# ------------------------------------------------------------------------------ the catalogue


def catalogue_page(scales: Sequence[Scale]) -> str:
    """A table of every scale, with boxes to filter it by, and the contents for the sidebar."""
    rows = [
        (
            f"[{s.id}]({s.id}.md)",
            _text(s.name),
            _text(s.measures),
            _text(s.population),
            str(len(s.items)),
            s.evidence + (" (opt-in)" if s.opt_in else ""),
            _text(s.licence.note.replace(NO_WORDING, "").strip()) or "not recorded",
        )
        for s in scales
    ]
    heads = ("id", "name", "measures", "for whom", "items", "evidence", "licence")
    opt_in = sum(s.opt_in for s in scales)
    return (
        "\n\n".join(
            [
                "# The catalogue of scales",
                "Which scales can be scored, and how well is each key known?",
                f"There are {len(scales)} definitions; {opt_in} of them are opt-in, because their "
                "key is unverified.\nNot sure which one? See "
                "[choose a measure](../how-to/choose-a-measure.md).",
                f"```{{raw}} html\n{_FILTER}\n```",
                _table(heads, rows),
                "No wording of items is shipped.",
                "A grade says how the key is known.\n\n"
                + _bullets(f"`{grade}`: {meaning}." for grade, meaning in GRADES.items()),
                "```{toctree}\n:hidden:\n\n"
                + "\n".join(f"{s.id} <{s.id}>" for s in scales)
                + "\n```",
            ]
        )
        + "\n"
    )


_FILTER = """\
<div class="scale-filter">
<label>Find <input id="scale-words" placeholder="loneliness, children, free ..."></label>
<label>At most <input id="scale-items" type="number" min="1" style="width:4em"> items</label>
<label><input id="scale-opt-in" type="checkbox" checked> with opt-in scales</label>
</div>
<script>
addEventListener("DOMContentLoaded", () => {
  const [words, items, optIn] = ["words", "items", "opt-in"]
    .map(name => document.getElementById("scale-" + name));
  const rows = document.querySelectorAll("table.docutils tbody tr");
  const filter = () => rows.forEach(row => {
    const text = row.textContent.toLowerCase();
    const wanted = words.value.toLowerCase().split(/\\s+/).every(word => text.includes(word));
    const short = !items.value || Number(row.cells[4].textContent) <= Number(items.value);
    row.hidden = !(wanted && short && (optIn.checked || !text.includes("(opt-in)")));
  });
  [words, items, optIn].forEach(box => box.addEventListener("input", filter));
});
</script>"""


# ------------------------------------------------------------------------------ the reference

ROOMS = {
    "responses": "Read, match, write",
    "scales": "Scales",
    "validation": "Check the answers",
    "scoring": "Score",
    "designs": "Studies and analyses",
    "networks": "Networks of named contacts",
    "reports": "Reports and whole analyses",
    "effects": "Effect sizes from arrays",
    "models": "Models of arrays",
    "errors": "Refusals and warnings",
}


def reference_page() -> str:
    """Every public name with its docstring, by the room it lives in."""
    rooms: dict[str, list[str]] = {room: [] for room in ROOMS}
    for name in soc.__all__:
        value = getattr(soc, name)
        room = value.__module__.split(".")[1]
        rooms.setdefault(room, []).append(_directive(name, value))
    parts = [
        "# Reference",
        "*What exactly does this take, give and refuse?*",
        "Every public name is reached as `soc.NAME` after `import socmeasures as soc`.\n"
        "Importing the package loads no scientific library; each name brings what it needs when "
        "it is first used.",
    ]
    for room, directives in rooms.items():
        if directives:
            shown = "\n".join(directives)
            parts += [f"## {ROOMS.get(room, room.capitalize())}", f"```{{eval-rst}}\n{shown}\n```"]
    return "\n\n".join(parts) + "\n"


def _directive(name: str, value: object) -> str:
    if not isinstance(value, type):
        return f".. autofunction:: socmeasures.{name}"
    kind = "exception" if issubclass(value, BaseException) else "class"
    own = (
        member
        for member, what in vars(value).items()
        if not member.startswith("_")
        and (inspect.isfunction(what) or isinstance(what, classmethod | property))
    )
    members = ", ".join(own)
    return f".. auto{kind}:: socmeasures.{name}" + (f"\n   :members: {members}" if members else "")


# ------------------------------------------------------------------------------ small words


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _text(text: str) -> str:
    """Text of a definition as Markdown shows it: nothing in it is markup."""
    return re.sub(r"([\\`*_<>|\[\]$])", r"\\\1", " ".join(text.split()))


def _sentence(text: str) -> str:
    shown = _text(text)
    return shown[:1].upper() + shown[1:] + ("" if shown.endswith((".", "!", "?")) else ".")


def _bullets(lines: Iterator[str] | Sequence[str]) -> str:
    return "\n".join(f"* {line}" for line in lines)


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(str(n) for n in numbers)


# ------------------------------------------------------------------------------ writing


def schema_text() -> str:
    """The JSON Schema as it is checked in."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def write_schema() -> None:
    """Write docs/schema/scale.schema.json."""
    SCHEMA.parent.mkdir(exist_ok=True)
    SCHEMA.write_text(schema_text(), encoding="utf-8")


def write_pages(folder: Path) -> None:
    """Write the catalogue and a page a scale; pages of scales that are gone are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    scales = shipped_scales()
    pages = {"index.md": catalogue_page(scales)}
    pages |= {f"{scale.id}.md": scale_page(scale) for scale in scales}
    for old in folder.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schema()
    if "--schema" not in sys.argv[1:]:
        write_pages(DOCS / "scales")
        (DOCS / "reference.md").write_text(reference_page(), encoding="utf-8")

"""A codebook of one scale to print: what it is, its items, answers, scores, bands and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from socmeasures.drawing.html import escaped
from socmeasures.scales.named_columns import NamedColumns
from socmeasures.scales.parts import Bands, Score

_STYLE = """
body { font: 11pt/1.45 "Liberation Sans", Arial, sans-serif; color: #1b1b1b; max-width: 52rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0.2rem; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; margin: 0.6rem 0 1.2rem; }
caption { text-align: left; font-weight: bold; padding-bottom: 0.3rem; }
th, td { border: 1px solid #8a8a8a; padding: 0.25rem 0.5rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
thead th { background: #ececec; }
.warning { border: 2px solid #8f1d14; padding: 0.5rem 0.8rem; }
dt { font-weight: bold; }
dd { margin: 0 0 0.4rem 0; }
@media print { body { margin: 0; max-width: none; } tr, dd { break-inside: avoid; }
  h2 { break-after: avoid; } thead { display: table-header-group; } }
""".strip()


def codebook_page(key: NamedColumns) -> str:
    """The page as HTML that stands alone: no script, nothing loaded from elsewhere.

    Examples
    --------
    >>> from socmeasures.scales.interchange import export_scale
    >>> page = export_scale("ucla3", "codebook")
    >>> "<title>ucla3: UCLA Loneliness Scale, three items</title>" in page
    True
    """
    scale = key.scale
    name = f"{scale.id}: {scale.name}"
    body = [f"<h1>{escaped(name)}</h1>", *_about(key), "<h2>Items and answers</h2>"]
    body += _items(key)
    body.append("<h2>Scores</h2>")
    for score in scale.scores:
        body += _score(key, score)
    body += _norms(key)
    if scale.pitfalls:
        points = "".join(f"<li>{escaped(p)}</li>" for p in scale.pitfalls)
        body += ["<h2>Usual mistakes</h2>", f"<ul>{points}</ul>"]
    body.append(
        f"<p>Made by socmeasures from its definition, sha256 {escaped(scale.definition_hash)}.</p>"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(name)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _about(key: NamedColumns) -> Iterator[str]:
    scale = key.scale
    if scale.opt_in:
        yield (
            '<p class="warning">The key of this scale is unverified. Compare it with your copy of '
            f"the instrument before you use it. {escaped(scale.evidence_note)}</p>"
        )
    facts = {
        "Form": scale.form,
        "Measures": f"{scale.measures}, in {scale.population}",
        "Source": f"{scale.citation}{f', doi {scale.doi}' if scale.doi else ''}",
        "Key": f"{scale.evidence}. {scale.evidence_note}",
        "Licence": " ".join(filter(None, (scale.licence.note, scale.licence.url))),
    }
    yield _facts(facts)


def _facts(facts: Mapping[str, str]) -> str:
    pairs = "".join(f"<dt>{escaped(k)}</dt><dd>{escaped(v)}</dd>" for k, v in facts.items())
    return f"<dl>{pairs}</dl>"


def _items(key: NamedColumns) -> Iterator[str]:
    scale = key.scale
    groups = key.answer_groups(scale.numbers)
    for text, numbers in groups.items():
        which = "" if len(groups) == 1 else f", items {', '.join(map(str, numbers))}"
        answers = key.answers(numbers[0])
        if answers:
            yield _table(f"Answers{which}", ("Code", "Label"), answers.items())
        else:
            yield f"<p>Answers{which}: {escaped(text)}.</p>"
    rows = []
    for number in scale.numbers:
        reversed_in = [s.id for s in scale.scores if number in s.reverse]
        used_in = [s.id for s in scale.scores if number in s.items]
        rows.append(
            (
                number,
                key.columns[number],
                scale.item(number).label,
                ", ".join(used_in) or "none",
                ", ".join(reversed_in) or "-",
            )
        )
    yield _table(
        "Items, by short labels; the wording stands on the instrument",
        ("Item", "Column", "Short label", "Used in", "Reversed in"),
        rows,
    )
    if key.coding != "canonical":
        yield f"<p>Codes are those of the coding {escaped(key.coding)}.</p>"
    for item in scale.derived:
        if item.derived is not None:
            yield (
                f"<p>Item {item.number}, {escaped(item.label)}, is not asked: it is "
                f"{item.derived.words}.</p>"
            )


def _score(key: NamedColumns, score: Score) -> Iterator[str]:
    low, high = score.range
    how = _METHODS[score.method]
    by = f", times {score.scale_by:g}" if score.scale_by != 1.0 else ""
    facts = {
        "How": f"{how}{by}: items {', '.join(map(str, score.items))}",
        "Range": f"{low:g} to {high:g}; higher = {score.higher}",
        "Reversed items": ", ".join(map(str, score.reverse)) or "none",
        "Missing answers": (
            f"{score.missing.method}, {score.missing.allow} may be missing ({score.missing.source})"
        ),
    }
    if score.evidence is not None:
        facts["Key of this score"] = score.evidence
    if score.note:
        facts["Note"] = score.note
    yield f"<h3>{escaped(key.name(score.id))}: {escaped(score.label or score.id)}</h3>"
    yield _facts(facts)
    if score.recode or any(key.scale.item(n).derived for n in score.items):
        yield _points(key, score)
    if score.table:
        yield _table(
            "Sum of points to score",
            ("Sum", "Score"),
            ((total, f"{score.table[total]:g}") for total in sorted(score.table)),
        )
    for bands in score.bands:
        yield _bands(bands)


_METHODS = {
    "sum": "sum of points",
    "mean": "mean of points",
    "pomp": "percentage of the possible range",
    "lookup": "sum of points, looked up in a table",
}


def _points(key: NamedColumns, score: Score) -> str:
    """What each answer is worth; an open count by its first few codes only."""
    groups: dict[str, list[str]] = {}
    for number in score.items:
        points = key.points(score, number)
        shown = ", ".join(f"{code} = {worth:g}" for code, worth in list(points.items())[:12])
        more = " …" if len(points) > 12 else ""
        groups.setdefault(shown + more, []).append(str(number))
    rows = ((", ".join(numbers), shown) for shown, numbers in groups.items())
    return _table("Points", ("Items", "Answer = points"), rows)


def _bands(bands: Bands) -> str:
    rows = [
        (f"{'from' if cut.above is None else 'above'} {cut.start:g}", cut.label)
        for cut in bands.cuts
    ]
    state = "used by default" if bands.default else "not used by default"
    caption = (
        f"Bands {bands.set!r} ({bands.evidence}, {state}). For {bands.population}. "
        f"Source: {bands.source}"
    )
    return _table(caption, ("Score", "Band"), rows)


def _norms(key: NamedColumns) -> Iterator[str]:
    rows = []
    for norm in key.scale.norms:
        values = {
            "n": norm.n,
            "mean": norm.mean,
            "SD": norm.sd,
            "alpha": norm.alpha,
            "omega": norm.omega,
            "retest r": norm.retest_r,
        }
        shown = ", ".join(
            f"{name} {value:g}" for name, value in values.items() if value is not None
        )
        rows.append((norm.score, norm.population, shown, norm.evidence, norm.source))
    if rows:
        yield "<h2>Published values</h2>"
        yield _table(
            "As published; a norm speaks of its own population only",
            ("Score", "Population", "Values", "Evidence", "Source"),
            rows,
        )


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = "".join(f'<th scope="col">{escaped(h)}</th>' for h in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escaped(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f"<table><caption>{escaped(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )

"""SPSS syntax that scores a scale as this library does; runs in SPSS and in PSPP.

Items are read into scratch variables as points, so the answers stay as they are. Only
transformations are used and every command begins in the first column: the text runs in a syntax
window and by INSERT alike.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from socmeasures.errors import ScaleExportError
from socmeasures.scales.model import Bands, Derived, Score
from socmeasures.scales.named_columns import NamedColumns, number_text, runs

LABEL_BYTES = 255
VALUE_LABEL_BYTES = 120
NAME_BYTES = 64
WIDTH = 96  # SPSS cuts lines of more than 256 characters
FEW = 20  # an item with more codes is an open count, read by ranges
_RESERVED = frozenset(
    ["ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"]
)
_NAME = re.compile(r"[^\W\d_][\w.@#$]*(?<![._])|@[\w.@#$]*(?<![._])")
# how a score came about, numbered as in a .sav file that this library scored
_STATUS = ("scored", "prorated", "partial", "too_few_items", "not_answered", "invalid")


def spss_syntax(key: NamedColumns) -> str:
    """The syntax of all scores of a scale, with their companions, labels and sources."""
    _refuse_names(key)
    lines = ["* Encoding: UTF-8.", *_head(key)]
    for number in _derived(key):
        lines += ["", *_derivation(key, number)]
    for score in key.scores:
        lines += ["", *_score(key, score)]
    lines += ["", *_risk(key), "EXECUTE."]
    return "\n".join(lines) + "\n"


def _refuse_names(key: NamedColumns) -> None:
    made = [key.name(s.id, c) for s in key.scores for c in ("", "_n", "_status", "_band")]
    faults = [
        f"{name!r} is no SPSS variable name"
        for name in dict.fromkeys([*key.columns.values(), *made])
        if not _NAME.fullmatch(name) or name.upper() in _RESERVED or len(name.encode()) > NAME_BYTES
    ]
    clashes = {c.lower() for c in key.columns.values()} & {name.lower() for name in made}
    faults += [f"{name!r} is the name of an item and of a score" for name in sorted(clashes)]
    if faults:
        raise ScaleExportError(
            key.scale.id,
            "sps",
            faults,
            "Names in SPSS begin with a letter, hold letters, digits, _ and ., and have at most "
            "64 bytes. Choose others with names={1: 'column', …}, prefix= or wave=.",
        )


# ------------------------------------------------------------------- comments and sources


def _head(key: NamedColumns) -> Iterator[str]:
    scale = key.scale
    yield from _comment(f"Scores of {scale.id}: {scale.name}, {scale.form}")
    yield from _comment(f"Source: {scale.citation}{f', doi {scale.doi}' if scale.doi else ''}")
    yield from _comment(f"Key: {scale.evidence}. {scale.evidence_note}")
    if scale.opt_in:
        yield from _comment(
            "WARNING: the key of this scale is unverified. Compare it with your copy of the "
            "instrument before you use the scores"
        )
    yield from _comment(f"Licence: {scale.licence.note}")
    yield from _comment(
        f"Written by socmeasures from its definition of {scale.id}, sha256 {scale.definition_hash}"
    )
    chosen = scale.coding(key.coding)
    if chosen.evidence == "unverified":
        yield from _comment(f"WARNING: the coding {key.coding} is unverified. {chosen.note}")
    for answers, numbers in key.answer_groups(_needed(key)).items():
        columns = ", ".join(key.columns[n] for n in numbers)
        yield from _comment(f"Codes these columns must hold (coding {key.coding}): {answers}")
        yield from _comment(f"Columns: {columns}")
    yield from _comment(
        "Any other answer, a fraction too, counts as not given. The columns must be numeric; "
        "variables that have the names of the scores are replaced"
    )


def _derived(key: NamedColumns) -> dict[int, Derived]:
    """Items that follow from others, where a score uses them."""
    used = {n for score in key.scores for n in score.items}
    return {i.number: i.derived for i in key.scale.derived if i.derived and i.number in used}


def _needed(key: NamedColumns) -> list[int]:
    """Items that are asked and that a score or a risk flag uses."""
    used = {n for s in key.scores for n in s.items} | {r.item for r in key.scale.risks}
    used |= {n for rule in _derived(key).values() for n in rule.items}
    return [n for n in key.scale.numbers if n in used]


def _comment(text: str) -> list[str]:
    """A comment command; a full stop at a line's end would end it, so none may stand there."""
    words = " ".join(text.split()).rstrip(".")
    bound = words.replace(". ", ".\u00a0")  # not broken after a full stop
    lines = textwrap.wrap(bound, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    plain = [line.replace("\u00a0", " ") for line in lines]
    plain[-1] += "."
    return ["* " + plain[0], *("    " + line for line in plain[1:])]


def _command(words: Iterable[str]) -> list[str]:
    """A command over as many lines as it needs; the words are not broken."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append("   ")
        lines[-1] += f" {word}" if lines[-1] else word
    return [*lines[:-1], lines[-1] + "."]


# ------------------------------------------------------------------- one score


def _score(key: NamedColumns, score: Score) -> Iterator[str]:
    name, n, status = (key.name(score.id, c) for c in ("", "_n", "_status"))
    k, rule = len(score.items), score.missing
    least = max(1, k - rule.allow)
    allowed = f", {rule.allow} may be missing" if rule.allow else ""
    yield from _comment(f"{name}: {key.title(score)}")
    if score.reverse:
        yield from _comment(f"Reversed items: {', '.join(map(str, score.reverse))}")
    yield from _comment(f"Missing answers: {rule.method}{allowed} ({rule.source})")
    if key.grade(score) == "unverified" and not key.scale.opt_in:
        yield from _comment("WARNING: this score is unverified; check it before use")

    points = {number: f"#item{number}" for number in score.items}
    for numbers, worth in _alike(key, score):
        columns = {_column(key, number): points[number] for number in numbers}
        yield from _recode(columns, dict(worth))
    yield from _function(n, "NVALID", points.values())
    yield from _function("#given", "NVALID", (_column(key, number) for number in score.items))
    if k == 1:  # SUM wants two arguments
        yield f"COMPUTE {name} = {points[score.items[0]]}."
    else:
        yield from _function(name, f"SUM.{least}", points.values())
    if rule.method == "prorate" and rule.allow:
        yield f"IF ({n} >= {least} AND {n} < {k}) {name} = {name} * {k} / {n}."
    yield from _metric(key, score, name)

    partly = 3 if rule.method == "count_answered" else 2
    yield f"COMPUTE {status} = 4."
    if least < k:
        yield f"IF ({n} >= {least}) {status} = {partly}."
    yield f"IF ({n} = {k}) {status} = 1."
    yield f"IF ({n} = 0) {status} = 5."
    yield f"IF ({status} >= 4 AND #given > {n}) {status} = 6."
    if score.default_bands is not None:
        yield from _band(name, key.name(score.id, "_band"), score.default_bands)
    yield from _labels(key, score)


def _alike(
    key: NamedColumns, score: Score
) -> Iterator[tuple[list[int], tuple[tuple[int, float], ...]]]:
    """Items of one score whose codes are worth the same, together."""
    groups: dict[tuple[tuple[int, float], ...], list[int]] = {}
    for number in score.items:
        groups.setdefault(tuple(key.points(score, number).items()), []).append(number)
    for worth, numbers in groups.items():
        yield numbers, worth


def _column(key: NamedColumns, number: int) -> str:
    return key.columns.get(number, f"#derived{number}")


def _recode(
    columns: Mapping[str, str], worth: Mapping[int, float], other: str = "SYSMIS"
) -> Iterator[str]:
    """Points of legal codes into new variables; whatever else was answered becomes `other`."""
    if len(worth) <= FEW:
        rules = [f"({raw}={number_text(value)})" for raw, value in worth.items()]
    elif all(raw == value for raw, value in worth.items()):
        rules = [f"({min(worth)} THRU {max(worth)}=COPY)"]
    else:
        rules = [
            f"({first if first == last else f'{first} THRU {last}'}={number_text(value)})"
            for first, last, value in runs(worth)
        ]
    yield from _command(
        [
            "RECODE",
            *columns,
            "(MISSING=SYSMIS)",
            *rules,
            f"(ELSE={other})",
            "INTO",
            *columns.values(),
        ]
    )
    if len(worth) > FEW:  # ranges let fractions through
        empty = "$SYSMIS" if other == "SYSMIS" else other
        for column, into in columns.items():
            yield f"IF (MOD({column}, 1) <> 0) {into} = {empty}."


def _derivation(key: NamedColumns, number: int) -> Iterator[str]:
    """An item nobody was asked: 1 or 0; missing where a source is, -1 where one is illegal."""
    item = key.scale.item(number)
    rule = _derived(key)[number]
    words = f"{rule.rule} of items {', '.join(map(str, rule.items))} from {rule.from_}"
    yield from _comment(f"Item {number}, {item.label}: 1 if {words}, else 0")
    sources = {n: f"#source{n}" for n in rule.items}
    for n, source in sources.items():
        meaning = key.scale.raw_to_canonical(n, key.coding)
        reached = {raw: float(meaning[raw] >= rule.from_) for raw in sorted(meaning)}
        yield from _recode({key.columns[n]: source}, reached, other="-1")
    name, k = f"#derived{number}", len(sources)
    if k == 1:  # MIN and MAX want two arguments
        yield f"COMPUTE {name} = {sources[rule.items[0]]}."
        return
    function = "MIN" if rule.rule == "all" else "MAX"
    yield from _function(name, f"{function}.{k}", sources.values())
    yield from _function("#least", "MIN", sources.values())
    yield f"IF (#least = -1) {name} = -1."


def _function(name: str, function: str, arguments: Iterable[str]) -> list[str]:
    words = [f"{argument}," for argument in arguments]
    words[0] = f"{function}({words[0]}"
    words[-1] = words[-1].removesuffix(",") + ")"
    return _command([f"COMPUTE {name} =", *words])


def _metric(key: NamedColumns, score: Score, name: str) -> Iterator[str]:
    """From the sum of points to the score's own metric."""
    low, high = key.scale.sum_limits(score)
    if score.method == "mean":
        yield f"COMPUTE {name} = {name} / {len(score.items)}."
    elif score.method == "pomp":
        yield (
            f"COMPUTE {name} = ({name} - ({number_text(low)})) * 100 / {number_text(high - low)}."
        )
    elif score.method == "lookup":
        first = int(low)
        if score.missing.method == "prorate":  # a prorated sum is rounded half up first
            yield f"COMPUTE {name} = TRUNC({name} - ({first}) + 0.5) + ({first})."
            yield f"IF ({name} < {number_text(low)}) {name} = {number_text(low)}."
            yield f"IF ({name} > {number_text(high)}) {name} = {number_text(high)}."
        table = score.table or {}
        sums = range(first, int(high) + 1)
        pairs = (f"({total}={number_text(table[total])})" for total in sums)
        yield from _command(["RECODE", name, *pairs, "(ELSE=SYSMIS)"])
    if score.scale_by != 1.0:
        yield f"COMPUTE {name} = {name} * ({number_text(score.scale_by)})."


def _band(score: str, band: str, bands: Bands) -> Iterator[str]:
    yield from _comment(f"Bands: {bands.set}, {bands.source}, for {bands.population}")
    yield f"COMPUTE {band} = 1."
    for place, cut in enumerate(bands.cuts[1:], start=2):
        sign = ">=" if cut.above is None else ">"
        yield f"IF ({score} {sign} {number_text(cut.start)}) {band} = {place}."
    yield f"IF (MISSING({score})) {band} = $SYSMIS."


def _risk(key: NamedColumns) -> Iterator[str]:
    """`{scale}_risk`: 1 where a safety item was answered at or above its mark."""
    risks = key.scale.risks
    if not risks:
        return
    name = key.name("risk")
    marks = ", ".join(f"item {risk.item} from {risk.from_}" for risk in risks)
    yield from _comment(f"{name}: 1 whatever the total, {marks}")
    flags = [f"#risk{place}" for place in range(len(risks))]
    for flag, risk in zip(flags, risks, strict=True):
        meaning = key.scale.raw_to_canonical(risk.item, key.coding)
        reached = {raw: float(meaning[raw] >= risk.from_) for raw in sorted(meaning)}
        yield from _recode({key.columns[risk.item]: flag}, reached)
    if len(flags) == 1:
        yield f"COMPUTE {name} = {flags[0]}."
    else:
        yield from _function(name, "MAX", flags)
    yield from _label(name, f"{key.scale.name}: an answer to look at, {marks}")
    yield f"FORMATS {name} (F1.0)."


# ------------------------------------------------------------------- labels and formats


def _labels(key: NamedColumns, score: Score) -> Iterator[str]:
    title = f"{key.scale.name}: {score.label or score.id}"
    name, n, status, band = (key.name(score.id, c) for c in ("", "_n", "_status", "_band"))
    yield from _label(name, key.title(score))
    yield from _label(n, f"{title}: answers given, of {len(score.items)}")
    yield from _label(status, f"{title}: how it was scored")
    yield from _value_labels(status, _STATUS)
    yield f"FORMATS {name} ({_format(key, score)}) /{n} (F3.0) /{status} (F1.0)."
    yield f"VARIABLE LEVEL {name} {n} (SCALE) /{status} (NOMINAL)."
    if score.default_bands is not None:
        bands = score.default_bands
        yield from _label(band, f"{title}: band ({bands.set}; {bands.source})")
        yield from _value_labels(band, [cut.label for cut in bands.cuts])
        yield f"FORMATS {band} (F2.0)."
        yield f"VARIABLE LEVEL {band} (ORDINAL)."


def _format(key: NamedColumns, score: Score) -> str:
    step = key.scale.step(score)
    whole = step is not None and step == int(step) and score.missing.method != "prorate"
    return "F8.0" if whole else "F8.2"


def _label(name: str, text: str) -> list[str]:
    return _texts(f"VARIABLE LABELS {name}", _fitted(text, LABEL_BYTES))


def _value_labels(name: str, labels: Sequence[str]) -> Iterator[str]:
    yield f"VALUE LABELS {name}"
    for code, label in enumerate(labels, start=1):
        end = "." if code == len(labels) else ""
        yield f"   {code} {_quoted(_fitted(label, VALUE_LABEL_BYTES))}{end}"


def _texts(start: str, text: str) -> list[str]:
    """A text literal; a long one in pieces that SPSS joins by a plus."""
    pieces = textwrap.wrap(text, WIDTH - 20, drop_whitespace=False) or [""]
    lines = [f"   {_quoted(piece)} +" for piece in pieces[:-1]]
    return [start, *lines, f"   {_quoted(pieces[-1])}."]


def _fitted(text: str, size: int) -> str:
    """As many whole characters as SPSS stores."""
    return " ".join(text.split()).encode()[:size].decode(errors="ignore")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

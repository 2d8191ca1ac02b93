"""SPSS syntax that scores a scale as this library does; runs in SPSS and in PSPP.

Items are read into scratch variables as points, so the answers stay as they are. Only
transformations are used, no procedure: the data are read once, by EXECUTE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from socmeasures.errors import ScaleExportError
from socmeasures.scales.named_columns import NamedColumns, number_text
from socmeasures.scales.parts import Bands, Score
from socmeasures.scales.spss_items import column, needed_items, prepared_items
from socmeasures.scales.spss_text import command, comment, compute, label, recode, value_labels

NAME_BYTES = 64
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
    lines += prepared_items(key)
    for score in key.scores:
        lines += ["", *_score(key, score)]
    lines += ["", *_risk(key), *_flags(key), "EXECUTE."]
    return "\n".join(lines) + "\n"


def _refuse_names(key: NamedColumns) -> None:
    made = [key.name(s.id, c) for s in key.scores for c in ("", "_n", "_status", "_band")]
    made += [key.name("risk")] * bool(key.scale.risks) + [
        key.name(flag) for flag, _, _ in key.flags()
    ]
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
            "64 bytes. Choose others with names={1: 'column', …}, prefix= or wave= (command line: "
            "--prefix, --wave).",
        )


# ------------------------------------------------------------------- comments and sources


def _head(key: NamedColumns) -> Iterator[str]:
    scale = key.scale
    yield from comment(f"Scores of {scale.id}: {scale.name}, {scale.form}")
    yield from comment(f"Source: {scale.citation}{f', doi {scale.doi}' if scale.doi else ''}")
    yield from comment(f"Key: {scale.evidence}. {scale.evidence_note}")
    if scale.opt_in:
        yield from comment(
            "WARNING: the key of this scale is unverified. Compare it with your copy of the "
            "instrument before you use the scores"
        )
    yield from comment(f"Licence: {scale.licence.note}")
    yield from comment(
        f"Written by socmeasures from its definition of {scale.id}, sha256 {scale.definition_hash}"
    )
    chosen = scale.coding(key.coding)
    if chosen.evidence == "unverified":
        yield from comment(f"WARNING: the coding {key.coding} is unverified. {chosen.note}")
    for answers, numbers in key.answer_groups(needed_items(key)).items():
        columns = ", ".join(key.columns[n] for n in numbers)
        yield from comment(f"Codes these columns must hold (coding {key.coding}): {answers}")
        yield from comment(f"Columns: {columns}")
    yield from comment(
        "Any other answer, a fraction too, counts as not given. The columns must be numeric; "
        "variables that have the names of the scores are replaced"
    )


# ------------------------------------------------------------------- one score


def _score(key: NamedColumns, score: Score) -> Iterator[str]:
    name, n, status = (key.name(score.id, c) for c in ("", "_n", "_status"))
    k, rule = len(score.items), score.missing
    least = max(1, k - rule.allow)
    allowed = f", {rule.allow} may be missing" if rule.allow else ""
    yield from comment(f"{name}: {key.title(score)}")
    if score.reverse:
        yield from comment(f"Reversed items: {', '.join(map(str, score.reverse))}")
    yield from comment(f"Missing answers: {rule.method}{allowed} ({rule.source})")
    if key.grade(score) == "unverified" and not key.scale.opt_in:
        yield from comment("WARNING: this score is unverified; check it before use")

    points = {number: f"#item{number}" for number in score.items}
    for numbers, worth in _alike(key, score):
        columns = {column(key, number): points[number] for number in numbers}
        yield from recode(columns, dict(worth))
    yield from compute(n, "NVALID", points.values())
    yield from compute("#given", "NVALID", (column(key, number) for number in score.items))
    if k == 1:  # SUM wants two arguments
        yield f"COMPUTE {name} = {points[score.items[0]]}."
    else:
        yield from compute(name, f"SUM.{least}", points.values())
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
        yield from command(["RECODE", name, *pairs, "(ELSE=SYSMIS)"])
    if score.scale_by != 1.0:
        yield f"COMPUTE {name} = {name} * ({number_text(score.scale_by)})."


def _band(score: str, band: str, bands: Bands) -> Iterator[str]:
    yield from comment(f"Bands: {bands.set}, {bands.source}, for {bands.population}")
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
    yield from comment(f"{name}: 1 whatever the total, {marks}")
    flags = [f"#risk{place}" for place in range(len(risks))]
    for flag, risk in zip(flags, risks, strict=True):
        reached = {raw: float(code >= risk.from_) for raw, code in key.meaning(risk.item).items()}
        yield from recode({column(key, risk.item): flag}, reached)
    if len(flags) == 1:
        yield f"COMPUTE {name} = {flags[0]}."
    else:
        yield from compute(name, "MAX", flags)
    yield from label(name, f"{key.scale.name}: an answer to look at, {marks}")
    yield f"FORMATS {name} (F1.0)."


def _flags(key: NamedColumns) -> Iterator[str]:
    """`{scale}_{flag}`: 1 where a question did not apply, 0 where it did."""
    for flag, number, applies in key.flags():
        name = key.name(flag)
        meaning = key.scale.raw_to_canonical(number, key.coding)
        raised = {raw: float(meaning[raw] in applies) for raw in sorted(meaning)}
        yield from recode({key.columns[number]: name}, raised)
        item = key.scale.item(number).label
        yield from label(name, f"{key.scale.name}: {item} does not apply (1) or does (0)")
        yield f"FORMATS {name} (F1.0)."


# ------------------------------------------------------------------- labels and formats


def _labels(key: NamedColumns, score: Score) -> Iterator[str]:
    title = f"{key.scale.name}: {score.label or score.id}"
    name, n, status, band = (key.name(score.id, c) for c in ("", "_n", "_status", "_band"))
    yield from label(name, key.title(score))
    yield from label(n, f"{title}: answers given, of {len(score.items)}")
    yield from label(status, f"{title}: how it was scored")
    yield from value_labels(status, _STATUS)
    yield f"FORMATS {name} ({_format(key, score)}) /{n} (F3.0) /{status} (F1.0)."
    yield f"VARIABLE LEVEL {name} {n} (SCALE) /{status} (NOMINAL)."
    if score.default_bands is not None:
        bands = score.default_bands
        yield from label(band, f"{title}: band ({bands.set}; {bands.source})")
        yield from value_labels(band, [cut.label for cut in bands.cuts])
        yield f"FORMATS {band} (F2.0)."
        yield f"VARIABLE LEVEL {band} (ORDINAL)."


def _format(key: NamedColumns, score: Score) -> str:
    step = key.scale.step(score)
    whole = step is not None and step == int(step) and score.missing.method != "prorate"
    return "F8.0" if whole else "F8.2"

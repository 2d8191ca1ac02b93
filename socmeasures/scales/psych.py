"""A scale as a keys list for R's psych package: sums and means, with reversal and nothing else."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from socmeasures.errors import ScaleExportError
from socmeasures.scales.named_columns import NamedColumns
from socmeasures.scales.parts import Score


def psych_keys(key: NamedColumns) -> str:
    """R text: a list of item names for each score, a minus before those that are reversed.

    Scores that a keys list cannot express (recoded, tabled, rescaled) are left out with the
    reason; a scale that has no other is refused.

    Examples
    --------
    >>> from socmeasures.scales.interchange import export_scale
    >>> print(export_scale("brs", "psych"))
    # ...
    keys <- list(
      total = c("brs_1", "-brs_2", "brs_3", "-brs_4", "brs_5", "-brs_6")  # mean, 1 to 5
    )
    ...
    """
    reasons = {score.id: list(_reasons(key, score)) for score in key.scores}
    plain = [score for score in key.scores if not reasons[score.id]]
    faults = [f"{key.name(s)}: {reason}" for s, found in reasons.items() for reason in found]
    if not plain:
        raise ScaleExportError(
            key.scale.id,
            "psych",
            faults,
            "A keys list holds only sums and means of answers as they stand or reversed. "
            "SPSS syntax (to='sps', command line: --to sps) holds all of it.",
        )
    return (
        "\n".join([*_head(key), *(f"# Left out: {f}" for f in faults), *_list(key, plain)]) + "\n"
    )


def _reasons(key: NamedColumns, score: Score) -> Iterator[str]:
    """Why psych cannot make this score."""
    if score.method not in ("sum", "mean"):
        yield f"it is not a sum or a mean of the answers but {_METHODS[score.method]}"
    if score.scale_by != 1.0:
        yield f"the result is multiplied by {score.scale_by:g}"
    if any(key.scale.item(n).derived for n in score.items):
        yield "an item is not asked but follows from others"
        return
    if any(key.absent(n) for n in score.items):
        yield "an answer that says 'does not apply' would be counted"
    worth = {n: key.points(score, n) for n in score.items}
    odd = [n for n, points in worth.items() if _sign(points) is None]
    if odd:
        which = f"item{'s' * (len(odd) > 1)} {', '.join(map(str, odd))}"
        yield f"the answers to {which} are recoded to points"
    ends = {min(p) + max(p) for p in worth.values() if _sign(p) == "-"}
    if len(ends) > 1:
        yield "its reversed items have different answers, and psych reverses all by one range"


_METHODS = {"pomp": "a percentage of the possible range", "lookup": "read from a table"}


def _sign(points: dict[int, float]) -> str | None:
    """Nothing for an answer as it stands, a minus for a reversed one, None for neither."""
    if all(code == worth for code, worth in points.items()):
        return ""
    ends = min(points) + max(points)
    return "-" if all(ends - code == worth for code, worth in points.items()) else None


def _head(key: NamedColumns) -> Iterator[str]:
    scale = key.scale
    about = [
        f"{scale.id}: {scale.name}, {scale.form}",
        f"Source: {scale.citation}{f', doi {scale.doi}' if scale.doi else ''}",
        f"Key: {scale.evidence}. {scale.evidence_note}".rstrip(),
        f"Licence: {scale.licence.note}",
    ]
    groups = key.answer_groups(list(key.columns))
    for answers, numbers in groups.items():
        which = f" to items {', '.join(map(str, numbers))}" if len(groups) > 1 else ""
        about.append(f"Answers{which} (coding {key.coding}): {answers}")
    if scale.opt_in:
        about.insert(3, "WARNING: the key is unverified; compare it with your copy before use.")
    for text in about:
        yield from textwrap.wrap(
            text, 96, initial_indent="# ", subsequent_indent="#   ", break_long_words=False
        )


def _list(key: NamedColumns, scores: list[Score]) -> Iterator[str]:
    yield "keys <- list("
    for place, score in enumerate(scores):
        names = [
            json.dumps(f"{_sign(key.points(score, n))}{key.columns[n]}", ensure_ascii=False)
            for n in score.items
        ]
        low, high = score.range
        comma = "," if place < len(scores) - 1 else ""
        shown = textwrap.wrap(", ".join(names), 88, break_long_words=False, break_on_hyphens=False)
        body = "\n    ".join(shown)
        body = f"c({body})" if len(shown) == 1 else f"c(\n    {body}\n  )"
        yield f"  {score.id} = {body}{comma}  # {score.method}, {low:g} to {high:g}"
    yield ")"
    least, most = _limits(key, scores)
    yield f"# min = {least}, max = {most}: psych reverses by them, so never leave them to the data."
    for method, totals in (("sum", "TRUE"), ("mean", "FALSE")):
        ids = [score.id for score in scores if score.method == method]
        if ids:
            chosen = ", ".join(f'"{i}"' for i in ids)
            yield (
                f"# psych::scoreItems(keys[c({chosen})], data, totals = {totals}, "
                f'missing = TRUE, impute = "none", min = {least}, max = {most})'
            )
    yield "# psych knows no rule for missing answers; these are the scale's:"
    for score in scores:
        yield f"#   {score.id}: {score.missing.method}, {score.missing.allow} may be missing"


def _limits(key: NamedColumns, scores: list[Score]) -> tuple[int, int]:
    """The range psych reverses by: that of the reversed items, else of all."""
    points = [key.points(score, n) for score in scores for n in score.items]
    chosen = [p for p in points if _sign(p) == "-"] or points
    return min(min(p) for p in chosen), max(max(p) for p in chosen)

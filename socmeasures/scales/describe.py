"""One scale as text, for the terminal."""

from __future__ import annotations

import textwrap

from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Score


def described(scale: Scale) -> str:
    """Everything a definition says that a user needs, in reading order.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.scales.describe import described
    >>> print(described(soc.load_scale("ucla3")).splitlines()[0])
    ucla3 - UCLA Loneliness Scale, three items
    """
    lines = [
        f"{scale.id} - {scale.name}",
        f"{scale.form}. Measures {scale.measures} in {scale.population}.",
        "",
        f"Key: {scale.evidence}. {scale.evidence_note}".rstrip(),
        f"Licence: {scale.licence.note}",
        f"Citation: {scale.citation}{f'. doi:{scale.doi}' if scale.doi else ''}",
        "",
        "Answers: " + "; ".join(f"{o.code} {o.label}" for o in scale.responses.options),
        "Numbers without labels are "
        + (
            "taken as these codes."
            if scale.responses.bare_codes == "canonical"
            else "refused until the coding is stated: both directions are in use."
        ),
    ]
    for coding in scale.codings:
        pairs = ", ".join(f"{raw} = {code}" for raw, code in coding.map.items())
        lines.append(f"Coding {coding.name!r}: {pairs}. {coding.note}".rstrip())
    lines += ["", "Items (short labels, not the wording):"]
    lines += [f"  {item.number:>2}  {item.label}" for item in scale.items]
    for score in scale.scores:
        lines += ["", *_score_lines(scale, score)]
    if scale.norms:
        lines += ["", "Published values:"]
        for norm in scale.norms:
            values = ", ".join(
                f"{name} {value:g}"
                for name, value in (
                    ("n", norm.n),
                    ("mean", norm.mean),
                    ("SD", norm.sd),
                    ("alpha", norm.alpha),
                    ("retest r", norm.retest_r),
                )
                if value is not None
            )
            lines.append(f"  {norm.score}: {values} - {norm.population} [{norm.evidence}]")
            lines.append(f"    {norm.source}")
    if scale.pitfalls:
        lines += ["", "Usual mistakes:", *(f"  - {pitfall}" for pitfall in scale.pitfalls)]
    names = ", ".join(scale.items[0].names[:4]) or f"{scale.id}_1"
    lines += ["", f"Columns are recognised by names such as {names} (with a time point too)."]
    return "\n".join(
        piece
        for line in lines
        for piece in (textwrap.wrap(line, 96, subsequent_indent="    ") or [""])
    )


def _score_lines(scale: Scale, score: Score) -> list[str]:
    low, high = score.range
    how = score.method if score.scale_by == 1 else f"{score.method} x {score.scale_by:g}"
    lines = [
        f"Score {scale.id}_{score.id}: {how} of items {', '.join(map(str, score.items))}; "
        f"{low:g} to {high:g}, higher = {score.higher}."
    ]
    if score.reverse:
        lines.append(f"  Reversed: {', '.join(map(str, score.reverse))}.")
    for recode in score.recode:
        rule = (
            f"count 1 for {' or '.join(map(str, recode.ones))}, else 0"
            if recode.ones is not None
            else "recoded to points"
        )
        lines.append(f"  Items {', '.join(map(str, recode.items))}: {rule}.")
    allow = f", {score.missing.allow} may be missing" if score.missing.allow else ""
    lines.append(f"  Missing answers: {score.missing.method}{allow} ({score.missing.source}).")
    for bands in score.bands:
        cuts = "; ".join(
            f"{'from' if cut.above is None else 'above'} {cut.start:g} {cut.label}"
            for cut in bands.cuts
        )
        state = "used" if bands.default else "off"
        lines.append(
            f"  Bands {bands.set!r} ({state}, {bands.evidence}): {cuts}. {bands.population}. "
            f"{bands.source}"
        )
    return lines

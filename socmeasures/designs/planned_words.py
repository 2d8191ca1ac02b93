"""What a planned study says in words: the plain sentence, and the one for the protocol."""

from __future__ import annotations

from socmeasures.designs.planned import Planned, Sizes, up
from socmeasures.designs.planned_clusters import Clusters, PartlyNested, SteppedWedge
from socmeasures.designs.planned_precision import Precision
from socmeasures.errors.base import plural


def percent(share: float) -> str:
    """`80 %`, `80.3 %`: one digit at most."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def summary(asked: str, design: Planned, sizes: Sizes, effect_name: str, effect: float) -> str:
    """Two or three plain sentences."""
    who = people(design, sizes)
    if isinstance(design, Precision):
        return (
            f"{who} are needed for an interval of ± {design.half_width:g}; "
            f"± {design.reached(sizes):.3g} is expected."
        )
    chance = percent(design.reached(sizes))
    if effect_name == "margin":
        what = _margin_words(design, effect)
        given = "if the true difference is as assumed"
    else:
        what = f"finding {effect_words(effect_name, effect)}"
        given = "if that is what is true"
    if asked == "power":
        return f"With {_low(who)} there is a chance of {chance} of {what}, {given}."
    if asked == "detectable_difference":
        return (
            f"With {_low(who)} the smallest true effect that would be found with a chance of "
            f"{chance} is {effect_words(effect_name, effect)}. A smaller one may well be there "
            "and not be found."
        )
    return f"{who} are needed for a chance of {chance} of {what}, {given}."


def _margin_words(design: Planned, margin: float) -> str:
    if getattr(design, "equivalence", False):
        return f"showing that the difference lies within ± {margin:g}"
    return f"showing that the new offer is no worse by {margin:g} or more"


def _low(text: str) -> str:
    return text[:1].lower() + text[1:]


def effect_words(name: str, effect: float) -> str:
    """A true effect as a person would say it."""
    size = f"{effect:.4g}"
    points = "point" if size in ("1", "-1") else "points"
    return {
        "difference": f"a difference of {size} {points}",
        "d": f"a difference of {size} standard deviations",
        "change": f"a mean change of {size} {points}",
        "d_z": f"a mean change of {size} standard deviations of the change",
        "shares": f"a difference of {100 * effect:.3g} percentage points",
        "correlation": f"a correlation of {size}",
        "means": f"a difference between the arms (f = {size})",
        "f": f"a difference between the arms (f = {size})",
    }.get(name, f"an effect of {size}")


def people(design: Planned, sizes: Sizes) -> str:
    """How many to recruit: `131 people in each arm (262 in all)`, with clusters and loss."""
    recruited = design.recruited(sizes)
    total = sum(recruited)
    if isinstance(design, SteppedWedge):
        each = up(sizes[0] / design.kept)
        told = f"{plural(each, 'person', 'people')} in each cluster and period ({total:,} in all)"
    elif len(recruited) == 1:
        told = plural(total, "person", "people")
    elif isinstance(design, Clusters):
        clusters = design.clusters_recruited(sizes)
        of_size = f" of {design.cluster_size:g} people"
        in_each = _each([plural(k, "cluster") + of_size for k in clusters])
        told = f"{in_each} ({total:,} people in all)"
    else:
        told = f"{_each([plural(n, 'person', 'people') for n in recruited])} ({total:,} in all)"
    if isinstance(design, PartlyNested):
        groups = up(sizes[0] / design.size_analysed)
        told += f", those in the treated arm in {plural(groups, 'group')},"
    lost = _lost(design)
    return told.removesuffix(",") + lost if lost else told


def _lost(design: Planned) -> str:
    """`, of whom 20 % are expected to be lost,`."""
    clusters = design.lost_clusters if isinstance(design, Clusters) else 0
    whole = f"{plural(clusters, 'whole cluster')} in each arm" if clusters else ""
    if design.dropout:
        more = f", besides {whole}," if whole else ","
        return f", of whom {percent(design.dropout)} are expected to be lost{more}"
    return f", {whole} expected to be lost," if whole else ""


def _each(arms: list[str]) -> str:
    if len(set(arms)) == 1:
        return f"{arms[0]} in each arm"
    return f"{arms[0]} in the treated and {arms[1]} in the control arm"


def protocol(asked: str, design: Planned, sizes: Sizes) -> str:
    """The sentence for the protocol: how many, what for, by which method."""
    who = people(design, sizes)
    who = who[:1].upper() + who[1:]
    if isinstance(design, Precision):
        return f"{who} will be recruited, for {design.phrase()}."
    chance = percent(design.reached(sizes))
    smallest = "the smallest detectable effect, " if asked == "detectable_difference" else ""
    rounded = design.unit.split(" in ")[0]
    rounding = f"; sizes rounded up to whole {rounded}" if asked == "sample_size" else ""
    return (
        f"{who} will be recruited. This gives {chance} power for {smallest}{design.phrase()}. "
        f"Power by the {design.sources}{rounding}."
    )

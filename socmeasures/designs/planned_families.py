"""The designs that can be planned, as a caller types them: keywords, needs, how each is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from socmeasures.designs.planned import Planned
from socmeasures.designs.planned_arms import (
    Correlation,
    Pairs,
    SeveralArms,
    TwoArms,
    TwoShares,
)
from socmeasures.designs.planned_clusters import Clusters, PartlyNested, SteppedWedge
from socmeasures.designs.planned_precision import AlphaPrecision, MeanPrecision
from socmeasures.effects.anova_power import CORRELATION_METHODS, f_of_means
from socmeasures.effects.share_power import SHARE_METHODS

Build = Callable[[dict[str, Any]], Planned]
MARGIN = ("margin", "equivalence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One design as a caller types it.

    Attributes
    ----------
    name : str
        In the words of a message.
    signs : tuple of str
        Keywords that say it is this design.
    effects : tuple of tuple of str
        Alternative ways to name the true effect; all keywords of one way are needed.
    needs : dict of str to str
        Keywords it cannot do without, each with the reason.
    takes : tuple of str
        Further keywords.
    size : str
        The keyword of the size.
    example : str
        Arguments of a call that works.
    methods : tuple of str
        What `method` may be, the default first.
    detects : bool
        Whether a smallest detectable effect can be asked for.
    """

    name: str
    signs: tuple[str, ...]
    effects: tuple[tuple[str, ...], ...]
    build: Build
    needs: Mapping[str, str]
    takes: tuple[str, ...]
    size: str
    example: str
    methods: tuple[str, ...] = ()
    detects: bool = True  # whether a detectable difference can be asked for

    @property
    def keywords(self) -> set[str]:
        """Every keyword of this design, its size among them."""
        ways = {name for way in self.effects for name in way}
        return {*ways, *self.needs, *self.takes, self.size, "dropout"}


def _difference(given: dict[str, Any]) -> dict[str, Any]:
    """Fields of a difference in points, or in SDs."""
    in_sds = "sd" not in given
    return {
        "difference": float(given.get("d", given.get("difference", 0.0))),
        "sd": float(given.get("sd", 1.0)),
        "standardised": in_sds,
        "margin": given.get("margin"),
        "equivalence": given.get("equivalence", False),
    }


def _kept(given: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _two_arms(given: dict[str, Any]) -> Planned:
    several = given.get("baselines", 1) > 1 or given.get("followups", 1) > 1
    usual = "ancova" if "r" in given or several else "post"
    return TwoArms(
        **_difference(given),
        **_kept(given, "r", "baselines", "followups", "allocation_ratio"),
        **_kept(given, "confidence", "alternative", "dropout"),
        analysis=given.get("analysis", usual),
    )


def _pairs(given: dict[str, Any]) -> Planned:
    fields = _difference({**given, "difference": given.get("d_z", given.get("change", 0.0))})
    if "sd_change" in given:
        fields |= {"sd": float(given["sd_change"]), "standardised": False}
    return Pairs(**fields, **_kept(given, "r", "confidence", "alternative", "dropout"))


def _two_shares(given: dict[str, Any]) -> Planned:
    control = given.get("control_share", 0.5)
    treated, control = given.get("shares", (control, control))
    return TwoShares(
        treated=treated,
        control=control,
        **_kept(given, "method", "margin", "equivalence", "allocation_ratio"),
        **_kept(given, "confidence", "alternative", "dropout"),
    )


def _several_arms(given: dict[str, Any]) -> Planned:
    means = given.get("means")
    f = given.get("f", 0.0) if means is None else f_of_means(means, given["sd"])
    count = given.get("arms") if means is None else len(means)
    return SeveralArms(f=f, count=int(count or 2), **_kept(given, "confidence", "dropout"))


def _correlation(given: dict[str, Any]) -> Planned:
    return Correlation(
        **_kept(given, "correlation", "method", "confidence", "alternative", "dropout")
    )


def _mean_precision(given: dict[str, Any]) -> Planned:
    return MeanPrecision(**_kept(given, "half_width", "sd", "confidence", "dropout"))


def _alpha_precision(given: dict[str, Any]) -> Planned:
    names = ("half_width", "cronbach_alpha", "items", "confidence", "dropout")
    return AlphaPrecision(**_kept(given, *names))


def _clusters(given: dict[str, Any]) -> Planned:
    fields = _difference(given)
    shares: dict[str, Any] = {}
    if "shares" in given or "control_share" in given:
        control = given.get("control_share", 0.5)
        treated, control = given.get("shares", (control, control))
        shares = {"treated": treated, "control": control}
        fields |= {"difference": treated - control, "standardised": False}
    return Clusters(
        **fields,
        **shares,
        **_kept(given, "icc", "cluster_size", "cv", "r2_between", "r2_within", "lost_clusters"),
        **_kept(given, "allocation_ratio", "confidence", "alternative", "dropout"),
    )


def _partly_nested(given: dict[str, Any]) -> Planned:
    return PartlyNested(
        **_difference(given),
        cluster_size=given["group_size"],
        **_kept(given, "icc", "allocation_ratio", "confidence", "alternative", "dropout"),
    )


def _stepped_wedge(given: dict[str, Any]) -> Planned:
    return SteppedWedge(
        **_difference(given),
        first_treated=tuple(int(p) for p in given["first_treated"]),
        **_kept(given, "icc", "periods", "confidence", "alternative", "dropout"),
    )


IN_POINTS = (("difference", "sd"), ("d",))
WITH_MARGIN = (*IN_POINTS, ("margin", "sd"), ("margin", "d"))
ICC = {"icc": "the correlation of two people of one cluster, from a published trial"}

PAIRS = Family(
    name="one group before and after",
    signs=("change", "d_z", "sd_change"),
    effects=(("change", "sd", "r"), ("change", "sd_change"), ("d_z",)),
    build=_pairs,
    needs={},
    takes=("alternative", *MARGIN),
    size="n",
    example="change=3, sd=8, r=0.6",
)

FAMILIES = (
    Family(
        name="a stepped wedge",
        signs=("first_treated", "periods"),
        effects=IN_POINTS,
        build=_stepped_wedge,
        needs={
            **ICC,
            "first_treated": "the period in which each cluster begins",
            "periods": "how many periods there are",
        },
        takes=("alternative",),
        size="cluster_size",
        example="difference=3, sd=8, icc=0.05, first_treated=(2, 2, 3, 3, 4, 4), periods=4",
    ),
    Family(
        name="groups in the treated arm only",
        signs=("group_size",),
        effects=WITH_MARGIN,
        build=_partly_nested,
        needs={**ICC, "group_size": "how many people a group (or a volunteer) has"},
        takes=("alternative", "allocation_ratio", *MARGIN),
        size="n_per_arm",
        example="difference=3, sd=8, group_size=10, icc=0.05",
    ),
    Family(
        name="two arms of clusters",
        signs=(
            "cluster_size", "clusters_per_arm", "icc", "cv", "lost_clusters", "r2_between",
            "r2_within",
        ),
        effects=(*WITH_MARGIN, ("shares",), ("control_share",)),
        build=_clusters,
        needs={**ICC, "cluster_size": "how many people are recruited in a cluster"},
        takes=(
            "alternative", "allocation_ratio", "cv", "lost_clusters", "r2_between", "r2_within",
            *MARGIN,
        ),
        size="clusters_per_arm",
        example="difference=3, sd=8, cluster_size=20, icc=0.05",
    ),
    Family(
        name="the interval of Cronbach's alpha",
        signs=("cronbach_alpha", "items"),
        effects=(("half_width",),),
        build=_alpha_precision,
        needs={"cronbach_alpha": "the alpha expected", "items": "how many items the scale has"},
        takes=(),
        size="n",
        example="half_width=0.05, cronbach_alpha=0.85, items=20",
        detects=False,
    ),
    Family(
        name="the interval of a mean",
        signs=("half_width",),
        effects=(("half_width",),),
        build=_mean_precision,
        needs={"sd": "the standard deviation of the score"},
        takes=(),
        size="n",
        example="half_width=2, sd=10",
        detects=False,
    ),
    Family(
        name="a correlation",
        signs=("correlation",),
        effects=(("correlation",),),
        build=_correlation,
        needs={},
        takes=("alternative", "method"),
        size="n",
        example="correlation=0.3",
        methods=CORRELATION_METHODS,
        detects=False,
    ),
    Family(
        name="several arms",
        signs=("f", "means", "arms"),
        effects=(("f", "arms"), ("means", "sd")),
        build=_several_arms,
        needs={},
        takes=(),
        size="n_per_arm",
        example="f=0.25, arms=3",
    ),
    PAIRS,
    Family(
        name="two shares",
        signs=("shares", "control_share"),
        effects=(("shares",), ("control_share",)),
        build=_two_shares,
        needs={},
        takes=("alternative", "allocation_ratio", "method", *MARGIN),
        size="n_per_arm",
        example="shares=(0.5, 0.75)",
        methods=SHARE_METHODS,
    ),
    Family(
        name="two arms",
        signs=("difference", "d", "margin", "n_per_arm", "analysis", "followups", "baselines"),
        effects=WITH_MARGIN,
        build=_two_arms,
        needs={},
        takes=(
            "alternative", "allocation_ratio", "r", "analysis", "baselines", "followups", *MARGIN,
        ),
        size="n_per_arm",
        example="difference=2.5, sd=8, r=0.6, dropout=0.2",
    ),
)  # fmt: skip

"""What a trial report must state besides its numbers: the estimand, harms, CONSORT topics.

Filled where the call or the data say it; else "not stated" or "not collected", never made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs.flow import Flow
from socmeasures.designs.groups import share_by_site
from socmeasures.designs.measurements import measure
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.errors import DirectionUnknownError

NOT_STATED = "not stated"
NOT_COLLECTED = "not collected"
SUMMARY_MEASURE = {
    "ancova": "difference in means, adjusted",
    "cluster_trial": "difference in means or shares, whole clusters allocated",
    "mmrm": "difference in means at each time point, adjusted, under missing at random",
    "binary": "risk difference, risk ratio and odds ratio",
    "pre_post": "mean change",
}


def estimand(
    result: Result, *, population: str | None = None, intercurrent: str | None = None
) -> pd.DataFrame:
    """The five attributes of the estimand (ICH E9(R1)) as a table.

    Parameters
    ----------
    result : Result
        Fills treatments, variable and summary measure.
    population : str, optional
        Whom the result is about, in words.
    intercurrent : str, optional
        What happens with events after allocation (stopping, other help, death), in words.

    Returns
    -------
    DataFrame
        ``attribute, value, stated``; what nobody said is "not stated".

    References
    ----------
    .. [1] ICH E9(R1) (2019). Addendum on estimands and sensitivity analysis in clinical trials.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> estimand(soc.ancova(study, "loneliness", wave="6m"))["stated"].tolist()
    [True, False, True, False, True]
    """
    treatments = None
    if result.control is not None:
        others = ", ".join(a for a in result.arms if a != result.control)
        treatments = f"{others} against {result.control}"
    waves = ", ".join(dict.fromkeys(str(w) for w in result.table["wave"]))
    given = [
        ("treatments", treatments),
        ("population", population),
        ("variable", f"{result.outcome.label} at {waves}"),
        ("events after allocation", intercurrent),
        ("summary measure", SUMMARY_MEASURE.get(result.kind)),
    ]
    return pd.DataFrame(
        [
            {"attribute": name, "value": value or NOT_STATED, "stated": value is not None}
            for name, value in given
        ]
    )


def harms(
    study: Study,
    outcome: str | None = None,
    *,
    wave: str | None = None,
    worse_by: float | None = None,
    events: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The harms row of a trial report: who got worse, and unwanted events, by arm.

    Parameters
    ----------
    study : Study
    outcome : str, optional
        Score column whose direction is known; counts people worse at `wave` than at the first
        time point.
    wave : str, optional
        The last time point unless given.
    worse_by : float, optional
        Only worsening of at least so many points counts (the smallest beyond measurement
        error, say); any worsening without it.
    events : str, optional
        Column with the number of unwanted events, or 1 and 0.
    confidence : float in (0, 1)
        Coverage of the interval: Wilson's; by site (CR2) with a declared cluster, and none with
        fewer than five of them in an arm.

    Returns
    -------
    DataFrame
        ``what, arm, wave, count, n, share, ci_low, ci_high, collected``. What was not collected
        has a row that says so.

    Raises
    ------
    DirectionUnknownError
        Nobody said which direction of the outcome is better.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual",
    ...                   better={"loneliness": "lower"})
    >>> harms(study, "loneliness", worse_by=3)["collected"].tolist()
    [True, True, False]
    """
    rows: list[dict[str, Any]] = []
    arms = study.arms or ("all",)
    arm = study.arm_of()
    last = study.waves[-1] if wave is None else study.waves[study.wave_position(wave)]
    if outcome is None:
        rows.append(_not_collected("worse than at the start"))
    else:
        measured = measure(study, outcome)
        if measured.outcome.better not in ("lower", "higher"):
            raise DirectionUnknownError(outcome, "harms")
        sign = -1.0 if measured.outcome.better == "higher" else 1.0
        change = sign * (measured.scores[last] - measured.scores[study.baseline])
        worse = change > 0 if worse_by is None else change >= worse_by
        far = "by any amount" if worse_by is None else f"by {worse_by:g} points or more"
        for name in arms:
            seen = (arm == name) & change.notna()
            what = f"{measured.outcome.label} worse than at {study.baseline}, {far}"
            rows.append(_harm_row(study, what, name, last, worse & seen, seen, confidence))
    if events is None:
        rows.append(_not_collected("unwanted events"))
    else:
        numbers = pd.to_numeric(study.data[events], errors="coerce")
        each = numbers.groupby(study.data[study.person]).max().reindex(list(study.people))
        for name in arms:
            seen = (arm == name) & each.notna()
            what = "people with an unwanted event"
            rows.append(_harm_row(study, what, name, "", (each > 0) & seen, seen, confidence))
    return pd.DataFrame(rows)


def _not_collected(what: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("count", "n", "share", "ci_low", "ci_high"), np.nan)
    said = f"{what}: {NOT_COLLECTED}"
    return {"what": said, "arm": "", "wave": "", **nothing, "collected": False}


def _harm_row(
    study: Study,
    what: str,
    arm: str,
    wave: str,
    hit: pd.Series,
    seen: pd.Series,
    confidence: float,
) -> dict[str, Any]:
    share = low = high = float("nan")
    count, n = int(hit.sum()), int(seen.sum())
    if n:
        found = share_by_site(study, seen, hit[seen].to_numpy(), confidence)
        share = found.estimate
        if study.cluster is None or found.df is not None or count in (0, n):
            low, high = found.ci_low, found.ci_high  # else an interval would ignore the clusters
    return {
        "what": what,
        "arm": arm,
        "wave": wave,
        "count": float(count),
        "n": float(n),
        "share": share,
        "ci_low": low,
        "ci_high": high,
        "collected": True,
    }


def consort_items(
    results: Sequence[Result],
    *,
    flow: Flow | None = None,
    baseline: pd.DataFrame | None = None,
    harms: pd.DataFrame | None = None,
    stated: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Which topics of a trial report these results fill, and which nobody has stated.

    Parameters
    ----------
    results : sequence of Result
        What the report shows.
    flow : Flow, optional
        Of `flow`.
    baseline : DataFrame, optional
        Of `table_one`.
    harms : DataFrame, optional
        Of `harms`.
    stated : mapping of str to str, optional
        Topics told elsewhere: ``{"randomisation": "blocks of four, by site"}``.

    Returns
    -------
    DataFrame
        ``topic, filled, text``; in words of our own, not the checklist's. What nothing fills is
        "not stated".

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> items = consort_items([soc.ancova(study, "loneliness", wave="6m")])
    >>> items.set_index("topic").loc["randomisation", "text"]
    'not stated'
    """
    primary = [r for r in results if any("primary" in note for note in r.notes)]
    found: dict[str, str | None] = {
        "trial registration and protocol": None,
        "randomisation": None,
        "blinding": None,
        "sample size": None,
        "eligibility": None,
        "what each arm received": None,
        "outcomes": "; ".join(dict.fromkeys(r.outcome.label for r in results)) or None,
        "primary outcome declared": "; ".join(dict.fromkeys(r.title for r in primary)) or None,
        "statistical methods": " ".join(dict.fromkeys(r.methods for r in results)) or None,
        "missing data": _missing_said(results),
        "flow of participants": None if flow is None else "; ".join(flow.notes) or "complete",
        "baseline characteristics": None
        if baseline is None
        else ", ".join(dict.fromkeys(baseline["characteristic"])),
        "numbers analysed": "; ".join(_numbers(r) for r in results) or None,
        "estimates with intervals": "; ".join(dict.fromkeys(r.title for r in results)) or None,
        "harms": None if harms is None else "; ".join(dict.fromkeys(harms["what"])),
        "limits": " ".join(dict.fromkeys(n for r in results for n in r.notes)) or None,
    }
    for topic, text in (stated or {}).items():
        found[topic] = text
    return pd.DataFrame(
        [
            {"topic": topic, "filled": text is not None, "text": text or NOT_STATED}
            for topic, text in found.items()
        ]
    )


def _missing_said(results: Sequence[Result]) -> str | None:
    said = {
        "mmrm": "mixed model for repeated measures, missing at random",
        "missing_sensitivity": "delta-shifted sensitivity analysis",
        "ancova": "people without the outcome left out",
        "cluster_trial": "see the statistical methods",
        "binary": "people without the outcome left out",
    }
    return "; ".join(dict.fromkeys(said[r.kind] for r in results if r.kind in said)) or None


def _numbers(result: Result) -> str:
    rows = result.table.to_dict("records")
    told = [f"{r.get('wave', '')}: {int(r['n'])}" for r in rows if "n" in r and r["n"] == r["n"]]
    return f"{result.outcome.label} ({', '.join(dict.fromkeys(told))})"

"""What missing outcomes could hide: the difference under other assumptions, and where it tips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special
from scipy.optimize import brentq

from socmeasures.designs.result import Result
from socmeasures.effects.measured import Floats
from socmeasures.errors import NoStandardErrorError, WaveNotFoundError

SCENARIOS = {
    "both arms": (1.0, 1.0),
    "treated arm only": (1.0, 0.0),
    "control arm only": (0.0, 1.0),
}


def missing_sensitivity(
    result: Result, *, deltas: Sequence[float], wave: str | None = None
) -> Result:
    """The difference if people whose outcome is missing differed from what the model takes.

    Parameters
    ----------
    result : Result
        Of `ancova`, `mmrm` or `cluster_trial`.
    deltas : sequence of float
        By how many points the unseen outcomes may lie above (positive) or below those of
        comparable people who were seen; declared beforehand.
    wave : str, optional
        The time point; the last one compared unless given.

    Returns
    -------
    Result
        A row for each contrast, scenario (delta in both arms, in the treated arm only, in the
        control arm only) and delta. `.tables["tipping values"]`: the delta nearest to 0 at which
        the interval first reaches 0 (NaN when none does within 100 baseline SDs or points).

    Raises
    ------
    WaveNotFoundError
        A time point the result has no comparison at.
    NoStandardErrorError
        A result without standard errors.

    Notes
    -----
    difference + δ_T·π_T − δ_C·π_C, with π the share missing in an arm, and variance
    se² + δ_T²·π_T(1 − π_T)/n_T + δ_C²·π_C(1 − π_C)/n_C; with whole clusters allocated, the
    variance of a share missing is taken from how it differs between clusters.

    References
    ----------
    .. [1] White, Carpenter & Horton (2018). Stat. Sin. 28, 1985-2003.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> found = missing_sensitivity(soc.mmrm(study, "loneliness"), deltas=[-2, 0, 2])
    >>> found.to_frame()["scenario"].unique().tolist()
    ['both arms', 'treated arm only', 'control arm only']
    """
    if not {"se", "df", "wave"} <= set(result.table.columns) or result.control is None:
        raise NoStandardErrorError(result.kind)
    compared = [w for w in result.waves if w in set(result.table["wave"])]
    where = str(wave) if wave is not None else compared[-1]
    chosen = result.table[result.table["wave"] == where]
    if chosen.empty or where not in result.waves:
        raise WaveNotFoundError(where, compared)
    shares = _shares(result, where)
    rows: list[dict[str, Any]] = []
    tipping: list[dict[str, Any]] = []
    for row in chosen.to_dict("records"):
        arm = str(row["contrast"]).removesuffix(f" - {result.control}")
        both = (shares[arm], shares[result.control])
        for scenario, on in SCENARIOS.items():
            for delta in deltas:
                rows.append(_row(row, scenario, float(delta), on, both, result.confidence))
            tipping.append(
                {
                    "contrast": row["contrast"],
                    "scenario": scenario,
                    "tipping_value": _tipping(row, on, both, result.confidence),
                    "share_missing_treated": both[0][0],
                    "share_missing_control": both[1][0],
                }
            )
    table, tips = pd.DataFrame(rows), pd.DataFrame(tipping)
    return replace(
        result,
        kind="missing_sensitivity",
        title=f"Missing outcomes: {result.title}",
        table=table,
        summary=_summary(tips, where),
        methods=f"{result.methods} Sensitivity to missing outcomes at {where}: the difference plus "
        "delta times the share missing in the treated arm, minus delta times that in the control "
        "arm (White, Carpenter & Horton 2018).",
        notes=(
            "Delta is how far unseen outcomes lie from those of comparable people who were seen, "
            "in points. No data can tell it; judge whether the tipping values are believable.",
            *result.notes,
        ),
        tables={"tipping values": tips},
    )


Share = tuple[float, float]


def _shares(result: Result, wave: str) -> dict[str, Share]:
    """Share without an outcome at `wave`, and the variance of that share, by arm."""
    here = result.n[result.n["wave"] == wave]
    clusters = result.tables.get("clusters")
    found = {}
    for arm in result.arms:
        mine = here[here["arm"] == arm]
        people = int(mine["n"].sum())
        seen = int(mine.loc[mine["group"] == "analysed", "n"].sum())
        share = 1 - seen / people if people else 0.0
        found[arm] = share, share * (1 - share) / max(people, 1)
        if clusters is not None:
            found[arm] = share, _between(clusters, wave, arm, share)
    return found


def _between(clusters: pd.DataFrame, wave: str, arm: str, share: float) -> float:
    """Variance of a share missing, from how it differs between the clusters of an arm."""
    mine = clusters[clusters["arm"] == arm]
    if "wave" in mine:
        mine = mine[mine["wave"] == wave]
    people = mine["n_allocated"].to_numpy(float)
    off = people - mine["n"].to_numpy(float) - share * people
    k = len(mine)
    return float(k / max(k - 1, 1) * np.sum(off**2) / people.sum() ** 2)


def _shifted(
    row: dict[str, Any], delta: float, on: tuple[float, float], shares: tuple[Share, Share]
) -> tuple[float, float]:
    (pi_t, v_t), (pi_c, v_c) = shares
    d_t, d_c = on[0] * delta, on[1] * delta
    variance = row["se"] ** 2 + d_t**2 * v_t + d_c**2 * v_c
    return row["estimate"] + d_t * pi_t - d_c * pi_c, float(np.sqrt(variance))


def _row(
    row: dict[str, Any],
    scenario: str,
    delta: float,
    on: tuple[float, float],
    shares: tuple[Share, Share],
    level: float,
) -> dict[str, Any]:
    estimate, se = _shifted(row, delta, on, shares)
    half = float(special.stdtrit(row["df"], (1 + level) / 2)) * se
    return {
        "outcome": row["outcome"],
        "wave": row["wave"],
        "contrast": row["contrast"],
        "term": row["term"],
        "scenario": scenario,
        "delta": delta,
        "estimate": estimate,
        "se": se,
        "df": row["df"],
        "statistic": estimate / se,
        "p_value": float(2 * special.stdtr(row["df"], -abs(estimate / se))),
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "n": row["n"],
        "n_excluded": row["n_excluded"],
        "method": f"{row['method']}; delta-shifted missing outcomes",
    }


def _tipping(
    row: dict[str, Any], on: tuple[float, float], shares: tuple[Share, Share], level: float
) -> float:
    """The delta nearest to 0 at which the interval's verdict on 0 changes."""
    t = float(special.stdtrit(row["df"], (1 + level) / 2))

    def excess(delta: float) -> float:
        estimate, se = _shifted(row, delta, on, shares)
        return abs(estimate) - t * se

    reach = 100.0 * max(abs(float(row["estimate"])), float(row["se"]))
    grid: Floats = np.linspace(0, reach, 4001)
    found = []
    for sign in (1.0, -1.0):
        values = np.array([excess(sign * d) for d in grid])
        turns = np.flatnonzero(np.sign(values[1:]) != np.sign(values[0]))
        if len(turns):
            place = int(turns[0])
            ends = sign * grid[place], sign * grid[place + 1]
            found.append(float(brentq(excess, *ends)))
    return min(found, key=abs) if found else float("nan")


def _summary(tips: pd.DataFrame, wave: str) -> str:
    told = [f"Outcomes missing at {wave}."]
    for tip in tips.to_dict("records"):
        if np.isnan(tip["tipping_value"]):
            told.append(
                f"{tip['contrast']}, {tip['scenario']}: no difference of unseen outcomes would "
                "change whether the interval holds 0."
            )
        else:
            told.append(
                f"{tip['contrast']}, {tip['scenario']}: the interval's verdict changes once unseen "
                f"outcomes lie {abs(tip['tipping_value']):.1f} points "
                f"{'above' if tip['tipping_value'] > 0 else 'below'} those of comparable people."
            )
    return " ".join(told)

"""Is a difference small enough not to matter? Non-inferiority and equivalence of any result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from scipy import special

from socmeasures.designs.outcome import Direction
from socmeasures.designs.result import Result
from socmeasures.effects.equivalence import equivalence
from socmeasures.effects.estimate import Estimate
from socmeasures.errors import DirectionUnknownError, MarginSizeError, NoStandardErrorError

RANDOMISED = "as randomised"


def equivalence_of(
    result: Result,
    *,
    low: float,
    high: float,
    sd: float | None = None,
    per_protocol: Result | None = None,
    alpha: float = 0.05,
) -> Result:
    """Two one-sided tests: do the differences lie between two margins?

    Parameters
    ----------
    result : Result
        Of `ancova`, `mmrm`, `pre_post` or another analysis whose rows have `se` and `df`.
    low, high : float
        Margins below and above 0, in points of the score; in standard deviations when `sd` is
        given. Set before the data were seen.
    sd : float, optional
        A standard deviation stated beforehand; never the sample's own.
    per_protocol : Result, optional
        The same analysis of those who kept to the protocol; its rows stand beside.
    alpha : float
        Level of each test. The interval is 1 − 2·alpha: 90 % for .05.

    Returns
    -------
    Result
        A row for each row of `result` and population: estimate, margins, the interval, both
        tests, and ``shown`` (whether equivalence is).

    Raises
    ------
    MarginError
        The margins do not enclose 0.
    NoStandardErrorError
        Rows without a standard error.

    References
    ----------
    .. [1] Schuirmann (1987). J. Pharmacokinet. Biopharm. 15, 657-680.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> found = equivalence_of(soc.ancova(study, "loneliness", wave="6m"), low=-5, high=5)
    >>> found.to_frame()["shown"].tolist()
    [True]
    """
    unit = 1.0 if sd is None else sd
    rows = []
    for population, one in _populations(result, per_protocol):
        for row in _tested(one):
            test = equivalence(_estimate(row), low=low * unit, high=high * unit, alpha=alpha)
            rows.append(
                {
                    **_named(row, population),
                    "estimate": test.estimate,
                    "se": test.se,
                    "df": test.df,
                    "margin_low": test.low,
                    "margin_high": test.high,
                    "ci_low": test.ci_low,
                    "ci_high": test.ci_high,
                    "t_lower": test.t_lower,
                    "p_lower": test.p_lower,
                    "t_upper": test.t_upper,
                    "p_upper": test.p_upper,
                    "p_value": test.p_value,
                    "n": row["n"],
                    "n_excluded": row["n_excluded"],
                    "shown": test.equivalent,
                    "method": f"two one-sided tests; {row['method']}",
                }
            )
    level = 1 - 2 * alpha
    margins = f"between {low * unit:g} and {high * unit:g} points"
    return _as_result(result, rows, "equivalence", "Equivalence", margins, level, per_protocol)


def non_inferiority(
    result: Result,
    *,
    margin: float,
    better: Direction | None = None,
    sd: float | None = None,
    per_protocol: Result | None = None,
    alpha: float = 0.025,
) -> Result:
    """Is the treated arm not worse than the control by the margin or more?

    Parameters
    ----------
    result : Result
        Of an analysis whose rows have `se`; a risk difference, too. The direction that is better
        must be known.
    margin : float
        Above 0: the largest worsening that would not matter, in points of the score (or in
        standard deviations when `sd` is given). Set before the data were seen.
    better : {"lower", "higher"}, optional
        Which direction is better, where the outcome does not say it or a cut-off turned it round.
    sd : float, optional
        A standard deviation stated beforehand; never the sample's own.
    per_protocol : Result, optional
        The same analysis of those who kept to the protocol; its rows stand beside.
    alpha : float
        One-sided level; the interval is 1 − 2·alpha: 95 % for .025.

    Returns
    -------
    Result
        A row for each row of `result` and population, with ``margin``, the interval, a
        one-sided p and ``shown``.

    Raises
    ------
    DirectionUnknownError
        Nobody said which direction is better.
    MarginSizeError
        A margin of 0 or less.
    NoStandardErrorError
        Rows without a standard error.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual",
    ...                   better={"loneliness": "lower"})
    >>> found = non_inferiority(soc.ancova(study, "loneliness", wave="6m"), margin=1)
    >>> found.to_frame()["shown"].tolist()
    [True]
    """
    if not margin > 0:
        raise MarginSizeError(margin)
    better = better or result.outcome.better
    if better not in ("lower", "higher"):
        raise DirectionUnknownError(result.outcome.column, "non_inferiority")
    sign = 1.0 if better == "higher" else -1.0
    limit = margin * (1.0 if sd is None else sd)
    rows = []
    for population, one in _populations(result, per_protocol):
        for row in _tested(one):
            t = (sign * row["estimate"] + limit) / row["se"]
            p = float(special.stdtr(row["df"], -t))
            half = float(special.stdtrit(row["df"], 1 - alpha)) * row["se"]
            rows.append(
                {
                    **_named(row, population),
                    "estimate": row["estimate"],
                    "se": row["se"],
                    "df": row["df"],
                    "margin": -sign * limit,
                    "ci_low": row["estimate"] - half,
                    "ci_high": row["estimate"] + half,
                    "statistic": t,
                    "p_value": p,
                    "n": row["n"],
                    "n_excluded": row["n_excluded"],
                    "shown": p < alpha,
                    "method": f"one-sided test against the margin; {row['method']}",
                }
            )
    margins = f"not worse by {limit:g} points or more"
    return _as_result(
        result, rows, "non_inferiority", "Non-inferiority", margins, 1 - 2 * alpha, per_protocol
    )


def _populations(result: Result, per_protocol: Result | None) -> list[tuple[str, Result]]:
    found = [(RANDOMISED, result)]
    return found if per_protocol is None else [*found, ("per protocol", per_protocol)]


def _tested(result: Result) -> list[dict[str, Any]]:
    """Rows with a standard error; without degrees of freedom the normal distribution is meant."""
    rows: list[dict[str, Any]] = result.table.to_dict("records")
    if not rows or not all(row.get("se", 0) > 0 for row in rows):
        raise NoStandardErrorError(result.kind)
    for row in rows:
        df = row.get("df", float("inf"))
        row["df"] = float("inf") if df != df else df
    return rows


def _estimate(row: dict[str, Any]) -> Estimate:
    return Estimate(
        estimate=row["estimate"],
        ci_low=row["ci_low"],
        ci_high=row["ci_high"],
        n=int(row["n"]),
        name=str(row["contrast"]),
        method=str(row["method"]),
        source="",
        se=row["se"],
        df=row["df"],
    )


def _named(row: dict[str, Any], population: str) -> dict[str, Any]:
    names: dict[str, Any] = {k: row[k] for k in ["outcome", "wave", "contrast", "term"] if k in row}
    return {**names, "population": population}


def _as_result(
    result: Result,
    rows: Sequence[dict[str, Any]],
    kind: str,
    heading: str,
    margins: str,
    level: float,
    per_protocol: Result | None,
) -> Result:
    told = [
        f"{row.get('wave', '')} ({row['population']}): {row['contrast']} "
        f"{row['estimate']:.2f} ({level * 100:g} % interval {row['ci_low']:.2f} to "
        f"{row['ci_high']:.2f}); {heading.lower()} {'shown' if row['shown'] else 'not shown'}."
        for row in rows
    ]
    notes = [
        "The margin must have been set before the data were seen; one chosen afterwards shows "
        "nothing.",
        f"{heading} that is not shown does not show a difference.",
    ]
    if per_protocol is None:
        notes.append(
            "Only people as randomised are shown. People who did not get what they were allocated "
            "make arms look alike: show the per-protocol analysis beside (per_protocol=)."
        )
    else:
        notes.append("Believe it only if both populations say the same.")
    return replace(
        result,
        kind=kind,
        title=f"{heading}: {result.title}",
        table=pd.DataFrame(list(rows)),
        summary=f"Margin: {margins}. {' '.join(told)}",
        methods=f"{result.methods} {heading} was judged against a margin ({margins}) set "
        f"beforehand, by the {level * 100:g} % interval (Schuirmann 1987).",
        notes=(*notes, *result.notes),
        confidence=level,
        tables={},
    )

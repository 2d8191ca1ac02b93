"""Who was lost: leavers beside stayers, what predicts leaving, and change if they had stayed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from socmeasures.designs.adjustment import Covariate, gather
from socmeasures.designs.change_words import NOT_AN_EFFECT
from socmeasures.designs.groups import mean_by_site, share_by_site, site_notes, sites_of
from socmeasures.designs.measurements import (
    Measurements,
    describe,
    instrument_sentence,
    measure,
    outcome_notes,
    person_level,
)
from socmeasures.designs.pairs import exclusions, two_waves
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.effects.measured import check_confidence
from socmeasures.effects.paired import mean_change
from socmeasures.errors import (
    NobodyMeasuredTwiceError,
    SocmeasuresError,
    TooFewError,
    plural,
)
from socmeasures.models.gee import fit_gee
from socmeasures.models.logistic import LogisticModel, fit_logistic

NOTEWORTHY = 0.25  # a standardised difference from which the groups are called unlike


def attrition(
    study: Study,
    outcome: str,
    *,
    characteristics: str | Sequence[str] = (),
    waves: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> Result:
    """Compare people who were lost with people who stayed, and say what their loss could hide.

    Parameters
    ----------
    study : Study
        Who was measured when.
    outcome : str
        A score column; everybody with a score at the earlier time point is in.
    characteristics : str or sequence of str
        Further columns to compare (age, gender, site).
    waves : sequence of str, optional
        The earlier and the later time point.
    confidence : float in (0, 1)
        Coverage of the intervals.

    Returns
    -------
    Result
        `to_frame()`: rows of leavers − stayers in standard deviations (no test: its p value
        would hang on n). `.tables`: ``share lost`` (by arm), ``what predicts leaving`` (logistic
        model: the score at the start, and its interaction with arm), ``change under simple
        assumptions`` (stayers only; leavers unchanged; leavers at the mean of the start; best
        and worst possible).

    Raises
    ------
    NobodyMeasuredTwiceError
        Nobody has both scores.
    TooFewError
        Nobody has a score at the start.

    Notes
    -----
    The assumptions are bounds to think with, not estimates: each replaces one value for every
    leaver, so their intervals are too narrow and none is given.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.designs.study import Study
    >>> wide = pd.DataFrame({"id": range(6), "y__pre": [5, 7, 6, 8, 9, 9],
    ...                      "y__post": [4, 6, 6, 5, None, None]})
    >>> study = Study.from_wide(wide, person="id", waves=["pre", "post"])
    >>> lost = attrition(study, "y").tables["share lost"]
    >>> lost[["arm", "n", "n_started"]].to_dict("records")
    [{'arm': 'all', 'n': 2, 'n_started': 6}]
    """
    level = check_confidence(confidence)
    measured = measure(study, outcome)
    earlier, later = two_waves(study, waves)
    start = measured.scores[earlier]
    started = start.notna()
    if not started.any():
        raise TooFewError(f"A comparison of leavers and stayers in {outcome!r}", 0, 1)
    lost = started & measured.scores[later].isna()
    stayed = started & ~lost
    if not stayed.any():
        there = [f"{w}: {int(measured.scores[w].notna().sum())}" for w in (earlier, later)]
        raise NobodyMeasuredTwiceError(outcome, earlier, later, there)
    covariates, notes = gather(study, characteristics, earlier)
    asked = {characteristics} if isinstance(characteristics, str) else set(characteristics)
    covariates = [c for c in covariates if c.name in asked]
    table = pd.DataFrame(
        _compared(f"{measured.outcome.label} at {earlier}", start, lost, stayed)
        + [row for c in covariates for row in _covariate_rows(c, lost, stayed)]
    ).assign(outcome=outcome, wave=later)
    tables = {"share lost": _shares(study, measured, lost, started, level)}
    by_site = mean_by_site(study, started, lost[started].to_numpy(dtype=float), level) is not None
    model, why_not = _model(study, measured, start, lost, started, level, by_site)
    if model is not None:
        tables["what predicts leaving"] = model
    changed = _assumptions(study, measured, earlier, later, lost, stayed, level)
    tables["change under simple assumptions"] = changed
    notes += [*_notes(table, changed, why_not, measured), *site_notes(study, by_site)]
    n_lost = int(lost.sum())
    return Result(
        kind="attrition",
        title=f"Who was lost between {earlier} and {later}: {measured.outcome.label}",
        outcome=measured.outcome,
        outcomes=(measured.outcome,),
        table=table[["outcome", "wave", *(c for c in table if c not in ("outcome", "wave"))]],
        n=exclusions(measured, [earlier, later]),
        descriptives=describe(measured, [earlier, later], ()),
        scores=person_level(measured, [earlier, later]),
        summary=(
            f"{n_lost} of {int(started.sum())} people with a score at {earlier} have none at "
            f"{later}. {_headline(table, n_lost)} {NOT_AN_EFFECT}"
        ),
        methods=(
            f"{instrument_sentence(measured.outcome)} Leavers and stayers are compared by "
            "standardised differences (mean difference ÷ the root of the mean of the two "
            "variances). Leaving is modelled by logistic regression on the score at the start."
        ),
        notes=tuple(
            dict.fromkeys([NOT_AN_EFFECT, *notes, *outcome_notes(measured.outcome), *study.notes])
        ),
        confidence=level,
        waves=(earlier, later),
        arms=study.arms,
        control=study.control,
        tables=tables,
    )


def _compared(
    name: str, values: pd.Series, lost: pd.Series, stayed: pd.Series
) -> list[dict[str, Any]]:
    one = values[lost].dropna().to_numpy(dtype=float)
    other = values[stayed].dropna().to_numpy(dtype=float)
    variances = [v.var(ddof=1) if len(v) > 1 else np.nan for v in (one, other)]
    sd = float(np.sqrt(np.mean(variances)))
    difference = one.mean() - other.mean() if len(one) and len(other) else np.nan
    return [
        {
            "contrast": "lost - stayed",
            "term": name,
            "mean_lost": one.mean() if len(one) else np.nan,
            "mean_stayed": other.mean() if len(other) else np.nan,
            "estimate": difference,
            "effect_size": difference / sd if sd > 0 else np.nan,
            "effect_size_type": "d_average_sd",
            "n": len(one) + len(other),
            "n_lost": len(one),
            "n_stayed": len(other),
            "method": "difference of means; standardised by the root of the mean variance",
        }
    ]


def _covariate_rows(
    covariate: Covariate, lost: pd.Series, stayed: pd.Series
) -> list[dict[str, Any]]:
    """A number by its means; a factor by the share in each of its levels."""
    if not covariate.is_factor:
        return _compared(covariate.name, covariate.values, lost, stayed)
    known = covariate.values.notna()
    rows = []
    for level in covariate.levels((lost | stayed).to_numpy()):
        share = (covariate.values == level).astype(float).where(known)
        rows += _compared(f"{covariate.name}: {level}", share, lost, stayed)
    return rows


def _shares(
    study: Study,
    measured: Measurements,
    lost: pd.Series,
    started: pd.Series,
    level: float,
) -> pd.DataFrame:
    rows = []
    for arm in ("all", *(study.arms if len(study.arms) > 1 else ())):
        here = started & ((measured.arm == arm) | (arm == "all"))
        if not here.any():
            continue
        count = int((lost & here).sum())
        share = share_by_site(study, here, lost[here].to_numpy(), level)
        rows.append(
            {
                "arm": arm,
                "n": count,
                "n_started": int(here.sum()),
                "share": share.estimate,
                "ci_low": share.ci_low,
                "ci_high": share.ci_high,
            }
        )
    return pd.DataFrame(rows)


def _model(
    study: Study,
    measured: Measurements,
    start: pd.Series,
    lost: pd.Series,
    started: pd.Series,
    level: float,
    by_site: bool,
) -> tuple[pd.DataFrame | None, str]:
    """Log odds of leaving by the score at the start; by arm too where there are two."""
    y = lost[started].to_numpy(dtype=float)
    if y.sum() in (0, len(y)):
        return None, "Nobody was lost." if y.sum() == 0 else "Everybody was lost."
    columns: dict[str, np.ndarray] = {
        "(start)": np.ones(len(y)),
        "score at the start": start[started].to_numpy(dtype=float),
    }
    if len(study.arms) > 1 and study.control is not None:
        for arm in study.arms:
            if arm == study.control:
                continue
            mine = (measured.arm[started] == arm).to_numpy(dtype=float)
            columns[arm] = mine
            columns[f"score at the start × {arm}"] = mine * columns["score at the start"]
    sites = sites_of(study) if by_site else None
    try:
        rows = (
            _by_person(y, columns, level)
            if sites is None
            else _by_site(y, columns, sites[started].to_numpy(), level)
        )
    except SocmeasuresError as fault:
        return None, f"No model of leaving could be fitted: {fault}"
    return pd.DataFrame(rows), ""


def _by_person(y: np.ndarray, columns: dict[str, np.ndarray], level: float) -> list[dict[str, Any]]:
    fit = fit_logistic(y, np.column_stack(list(columns.values())), list(columns))
    return [
        {"term": name, **_log_odds(fit, name, level), "n": len(y), "method": "logistic, log odds"}
        for name in columns
        if name != "(start)"
    ]


def _by_site(
    y: np.ndarray, columns: dict[str, np.ndarray], sites: np.ndarray, level: float
) -> list[dict[str, Any]]:
    """The same log odds, with errors that let people of one site be alike."""
    fit = fit_gee(
        y, np.column_stack(list(columns.values())), list(columns), sites,
        family="binomial", working="independence", cluster_level=len(columns),
    )  # fmt: skip
    rows = []
    for place, name in enumerate(columns):
        if name == "(start)":
            continue
        one = fit.contrast(np.eye(len(columns))[place], confidence=level)
        rows.append(
            {
                "term": name,
                "estimate": one.estimate,
                "se": one.se,
                "statistic": one.statistic,
                "p_value": one.p_value,
                "ci_low": one.ci_low,
                "ci_high": one.ci_high,
                "n": len(y),
                "method": "logistic, log odds; errors by site (Kauermann and Carroll), t",
            }
        )
    return rows


def _log_odds(fit: LogisticModel, name: str, level: float) -> dict[str, float]:
    at = fit.names.index(name)
    b, se = float(fit.coef[at]), float(np.sqrt(fit.cov[at, at]))
    half = float(special.ndtri((1 + level) / 2)) * se
    return {
        "estimate": b,
        "se": se,
        "statistic": b / se,
        "p_value": float(2 * special.ndtr(-abs(b) / se)),
        "ci_low": b - half,
        "ci_high": b + half,
    }


def _assumptions(
    study: Study,
    measured: Measurements,
    earlier: str,
    later: str,
    lost: pd.Series,
    stayed: pd.Series,
    level: float,
) -> pd.DataFrame:
    before, after = measured.scores[earlier], measured.scores[later]
    n = int(lost.sum() + stayed.sum())
    rows = []
    if stayed.sum() > 1:
        moved = (after - before)[stayed].to_numpy()
        by_site = mean_by_site(study, stayed, moved, level)
        seen = by_site or mean_change(after[stayed], before[stayed], confidence=level)
        rows.append(
            {"assumption": "only those who stayed", "estimate": seen.estimate,
             "ci_low": seen.ci_low, "ci_high": seen.ci_high, "n": seen.n}
        )  # fmt: skip
    start_mean = float(before[lost | stayed].mean())
    low, high = measured.outcome.low, measured.outcome.high
    changes = (after - before)[stayed]
    assumed: list[tuple[str, pd.Series]] = [
        ("those lost did not change", before[lost]),
        ("those lost came to the mean at the start", before[lost] * 0 + start_mean),
    ]
    if low is not None and high is not None:
        ends = {"lowest": low, "highest": high}
        assumed += [
            (f"those lost came to the {name} possible score", before[lost] * 0 + end)
            for name, end in ends.items()
        ]
    for name, values in assumed:
        total = float(changes.sum() + (values - before[lost]).sum())
        rows.append(
            {"assumption": name, "estimate": total / n, "ci_low": np.nan, "ci_high": np.nan,
             "n": n}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _notes(
    table: pd.DataFrame, changed: pd.DataFrame, why_not: str, measured: Measurements
) -> list[str]:
    unlike = table[table["effect_size"].abs() > NOTEWORTHY]
    notes = []
    if len(unlike):
        notes.append(
            "Those lost differ from those who stayed by more than a quarter of an SD in: "
            f"{', '.join(unlike['term'])}."
        )
    notes.append(
        "Being alike at the start does not show that those lost changed like those who stayed."
    )
    notes.append(
        "The changes under simple assumptions are bounds to think with, without intervals: each "
        "puts one value in the place of everybody lost."
    )
    if measured.outcome.low is None or measured.outcome.high is None:
        notes.append(
            "The lowest and highest possible score are not known, so the best and the worst case "
            "are not given."
        )
    signs = set(np.sign(changed["estimate"].round(12)))
    if {-1.0, 1.0} <= signs:
        notes.append("Under these assumptions the change can go in either direction.")
    if why_not:
        notes.append(why_not)
    return notes


def _headline(table: pd.DataFrame, n_lost: int) -> str:
    if n_lost == 0:
        return "Nobody was lost."
    size = float(table["effect_size"].iloc[0])
    if not np.isfinite(size):
        return f"{plural(n_lost, 'person', 'people')} cannot be compared: too few scores."
    way = "higher" if size > 0 else "lower"
    return (
        f"At the start those lost scored {abs(table['estimate'].iloc[0]):.2f} points {way} than "
        f"those who stayed ({abs(size):.2f} SD)."
    )

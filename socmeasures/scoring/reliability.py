"""`soc.item_statistics`: how a scale's items behave in the user's own sample."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_confidence
from socmeasures.effects.reliability import (
    Consistency,
    internal_consistency,
    opposed_group,
    running_against,
)
from socmeasures.errors import ChoiceError, ResponseError
from socmeasures.responses import checks
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.plan import ScoringPlan
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Score
from socmeasures.scoring.answers import Answers, answers_to, chosen_score, points_table
from socmeasures.scoring.counting import count_answers
from socmeasures.scoring.missing import apply, rule_for
from socmeasures.scoring.reliability_words import (
    keying_notes,
    kind_notes,
    methods_sentence,
    omega_notes,
    opposed_sentence,
    rows_used,
    why_not,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemStatistics:
    """How the items of one score behave in a sample, and how reliable their sum is.

    Attributes
    ----------
    scale, score, title : str
        What was looked at.
    items : DataFrame
        One row an item, answers in the direction of the score (reversed items turned):
        ``item, label, n`` (answers), ``missing, mean, sd, floor_share, ceiling_share`` (of the
        answers, at the lowest and highest points the item can earn), and over the complete rows
        ``item_rest_r, alpha_if_dropped``. An item left out makes another scale: the last column
        is for finding faults.
    whole : DataFrame
        Tidy, one row a statistic: ``outcome, term, estimate, ci_low, ci_high, n, n_excluded,
        method``. Terms: ``alpha, standardised_alpha, omega_total, mean_inter_item_r, sem, mean,
        sd``; the last three in the metric of the score. Counts are of rows.
    consistency : Consistency or None
        Everything behind `whole`, with the factor's loadings; None where nothing could be
        computed (one item, fewer than two complete rows, no spread), with the reason in `notes`.
    notes : tuple of str
        What a reader must know: rows used, items that run against the others, what alpha assumes.
    methods : str
        The sentence for the paper.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.scoring.reliability import item_statistics
    >>> answers = pd.DataFrame({"ucla3_1": [1, 2, 3, 1, 3], "ucla3_2": [2, 2, 3, 1, 2],
    ...                         "ucla3_3": [2, 3, 3, 2, 3]})
    >>> found = item_statistics(answers, "ucla3", coding="canonical")
    >>> print(found.alpha)
    alpha 0.872 [0.354, 0.986] (95 % interval), n = 5
    """

    scale: str
    score: str
    title: str
    items: pd.DataFrame
    whole: pd.DataFrame
    consistency: Consistency | None
    notes: tuple[str, ...]
    methods: str
    confidence: float = 0.95

    @property
    def alpha(self) -> Estimate | None:
        """Cronbach's alpha with its interval; None where it could not be computed."""
        return self.consistency.alpha if self.consistency is not None else None

    @property
    def omega(self) -> float:
        """Omega total; NaN where it could not be computed."""
        return self.consistency.omega if self.consistency is not None else float("nan")

    def to_frame(self) -> pd.DataFrame:
        """The tidy table of the whole score, every digit kept; `items` has the items."""
        return self.whole.copy()

    def __str__(self) -> str:
        """Title, both tables and the notes, as text."""
        whole = self.whole.drop(columns=["outcome", "method"])
        lines = [self.title, "=" * len(self.title), ""]
        for table in (whole, self.items):
            lines += [table.to_string(index=False, float_format=_three, na_rep="–"), ""]
        return "\n".join([*lines, *(f"- {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        whole = self.whole.drop(columns=["outcome", "method"])
        tables = "".join(
            table.to_html(index=False, float_format=_three, na_rep="–", border=0)
            for table in (whole, self.items)
        )
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return f"<h3>{html.escape(self.title)}</h3>{tables}<ul>{notes}</ul>"


def item_statistics(
    data: Any,
    scale: str | Path | Scale | ScoringPlan,
    *,
    items: Mapping[int, str] | None = None,
    codebook: Codebook | None = None,
    coding: str | None = None,
    order: str | None = None,
    pre_reversed: Sequence[int] = (),
    score: str | None = None,
    confidence: float = 0.95,
    invalid: Literal["raise", "missing"] = "raise",
    accept_unverified: bool = False,
) -> ItemStatistics:
    """Means, floor and ceiling of a scale's items, and its reliability in this sample.

    Parameters
    ----------
    data : DataFrame (pandas or polars), shape (n_rows, n_columns)
        One row a person. With several time points take one: the same person's rows are not
        independent. It is not changed.
    scale : str, Path, Scale or ScoringPlan
        A scale's id, a definition file of your own, or a plan with one scale at one time point.
    items, codebook, coding, order, pre_reversed, accept_unverified : optional
        As for `soc.score`.
    score : str, optional
        Which score of the scale; ``total`` unless said, else the one with the most items.
    confidence : float in (0, 1)
        Coverage of alpha's interval (Feldt).
    invalid : {"raise", "missing"}
        Answers outside the options are listed and refused, or count as not given.

    Returns
    -------
    ItemStatistics
        ``.items``, ``.whole``, ``.alpha``, ``.omega``, ``.notes``, ``.methods``. Reliability is
        over the rows with every answer; means of items over the answers there are.

    Raises
    ------
    ResponseError
        Answers outside the options (``invalid="raise"``).
    CodingError, ColumnsNotFoundError, AmbiguousColumnsError, UnverifiedScaleError
        As `soc.score`.

    Notes
    -----
    Alpha: Cronbach (1951), interval Feldt (1965). Omega total: one factor by maximum likelihood
    on the covariances (Jöreskog 1967; McDonald 1999), as lavaan's. Standard error of measurement:
    ``SD · √(1 − alpha)``. Warnings of wrong keying are those of `soc.validate`: an item is named
    when its correlation with the others is surely negative; nothing is turned round.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.scoring.reliability import item_statistics
    >>> answers = pd.DataFrame({"ucla3_1": [1, 2, 3, 1, 3], "ucla3_2": [2, 2, 3, 1, 2],
    ...                         "ucla3_3": [2, 3, 3, 2, None]})
    >>> found = item_statistics(answers, "ucla3", coding="canonical")
    >>> found.items[["item", "n", "missing", "mean", "item_rest_r"]].round(2)
       item  n  missing  mean  item_rest_r
    0     1  5        0   2.0         0.94
    1     2  5        0   2.0         0.82
    2     3  4        1   2.5         0.85
    """
    if invalid not in ("raise", "missing"):
        raise ChoiceError("invalid", invalid, ("raise", "missing"))
    level = check_confidence(confidence)
    answers = answers_to(
        data,
        scale,
        items=items,
        codebook=codebook,
        coding=coding,
        order=order,
        pre_reversed=pre_reversed,
    )
    chosen = chosen_score(answers, score, accept_unverified=accept_unverified)
    n_illegal = _illegal(answers, chosen, refuse=invalid == "raise")
    points = points_table(answers.scale, chosen, answers.decision)
    complete = points[~np.isnan(points).any(axis=1)]
    why = why_not(complete)
    consistency = None if why else internal_consistency(points, confidence=level)
    against = running_against(points) if len(chosen.items) > 2 else None
    title = f"{answers.scale.name}: {chosen.label or chosen.id}"
    group = None if against or consistency is None else opposed_group(points)
    notes = (
        *rows_used(points, complete, n_illegal),
        *([why] if why else []),
        *keying_notes(answers.scale, chosen, against, consistency, len(complete)),
        *([f"Keying: {opposed_sentence(answers.scale, chosen, group)}."] if group else []),
        *omega_notes(chosen, consistency),
        *kind_notes(answers, chosen, consistency),
    )
    return ItemStatistics(
        scale=answers.scale.id,
        score=chosen.id,
        title=title,
        items=_item_table(answers.scale, chosen, points, consistency),
        whole=_whole_table(answers.scale, chosen, complete, consistency, len(points)),
        consistency=consistency,
        notes=notes,
        methods=methods_sentence(title, answers, chosen, consistency),
        confidence=level,
    )


def _three(value: float) -> str:
    return f"{value:.3g}"


def _illegal(answers: Answers, score: Score, *, refuse: bool) -> int:
    """How many answers are outside the options; refuses them with all of them listed."""
    tally = count_answers(answers.scale, answers.decision, [score])
    if not refuse or not tally.n_faults:
        return int(tally.n_faults)
    raise ResponseError(
        checks.illegal_answers(
            answers.scale,
            answers.decision,
            tally.faults,
            wave=answers.task.wave,
            variables=answers.task.variables,
        ),
        scales=[answers.scale.id],
        people=len({row for rows in tally.faults for row in rows.tolist()}),
        hints=['item_statistics(..., invalid="missing") goes on without them in the same way.'],
    )


# ----------------------------------------------------------------------- the two tables


def _item_table(
    scale: Scale, score: Score, points: NDArray[np.float64], found: Consistency | None
) -> pd.DataFrame:
    rows = []
    for i, number in enumerate(score.items):
        given = points[~np.isnan(points[:, i]), i]
        worth = scale.points(score, number).values()
        none = float("nan")
        rows.append(
            {
                "item": number,
                "label": scale.item(number).label,
                "n": len(given),
                "missing": len(points) - len(given),
                "mean": float(given.mean()) if len(given) else none,
                "sd": float(given.std(ddof=1)) if len(given) > 1 else none,
                "floor_share": float((given == min(worth)).mean()) if len(given) else none,
                "ceiling_share": float((given == max(worth)).mean()) if len(given) else none,
                "item_rest_r": float(found.item_rest_r[i]) if found else none,
                "alpha_if_dropped": float(found.alpha_if_dropped[i]) if found else none,
            }
        )
    return pd.DataFrame(rows)


def _whole_table(
    scale: Scale,
    score: Score,
    complete: NDArray[np.float64],
    found: Consistency | None,
    n_rows: int,
) -> pd.DataFrame:
    k = len(score.items)
    every = np.full(len(complete), k, np.int16)
    values, _ = apply(scale, score, rule_for(scale, score, None), complete.sum(axis=1), every, None)
    sd = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    none = float("nan")
    terms: list[tuple[str, float, str]] = []
    if found is not None:
        alpha = found.alpha.estimate
        terms = [
            ("alpha", alpha, found.alpha.method),
            ("standardised_alpha", found.standardised_alpha, "from the mean correlation"),
            ("omega_total", found.omega, "one factor, maximum likelihood on covariances"),
            ("mean_inter_item_r", found.mean_inter_item_r, "mean of the items' correlations"),
            ("sem", sd * float(np.sqrt(1 - alpha)) if alpha >= 0 else none, "SD · √(1 − alpha)"),
        ]
    terms += [
        ("mean", float(values.mean()) if len(values) else none, "rows with every answer"),
        ("sd", sd, "rows with every answer"),
    ]
    table = pd.DataFrame(
        {
            "outcome": f"{scale.id}_{score.id}",
            "term": [term for term, _, _ in terms],
            "estimate": [value for _, value, _ in terms],
            "ci_low": none,
            "ci_high": none,
            "n": len(complete),
            "n_excluded": n_rows - len(complete),
            "method": [method for _, _, method in terms],
        }
    )
    if found is not None:
        table.loc[0, ["ci_low", "ci_high"]] = [found.alpha.ci_low, found.alpha.ci_high]
    return table

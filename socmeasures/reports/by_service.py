"""Change by service: who, how many, how much; small services pooled, none ranked.

Services stand in alphabetical order. What differs between them is who comes as much as what they
do, and nothing here adjusts for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from socmeasures.designs.measurements import measure
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.pairs import two_waves
from socmeasures.designs.study import Study
from socmeasures.designs.study_checks import label_of
from socmeasures.effects.measured import check_confidence
from socmeasures.effects.paired import mean_change
from socmeasures.errors import NobodyMeasuredTwiceError, ServiceColumnError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from socmeasures.designs.individual_change import IndividualChange

POOL_UNDER = 10  # people measured twice; smaller services are shown together
OTHERS = "others"
NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceChanges:
    """What `by_service` found.

    Attributes
    ----------
    outcome : Outcome
        What was measured.
    table : pandas.DataFrame
        One row a service: ``service, n_started, n_earlier, n, estimate, ci_low, ci_high``, the SD
        of its changes, and a column for each category of reliable change where one was given.
    pooled : int
        Services that stand together as "others".
    change, sd : float
        Mean and SD of the change of everybody measured twice.
    """

    outcome: Outcome
    column: str
    waves: tuple[str, str]
    table: pd.DataFrame
    categories: tuple[str, ...]
    pooled: int
    pool_under: int
    change: float
    sd: float
    confidence: float

    def plot(self) -> Figure:
        """The funnel picture: each service's change against how many people it rests on."""
        from socmeasures.drawing.funnel import funnel

        return funnel(
            self.table["service"].tolist(),
            self.table["n"].to_numpy(float),
            self.table["estimate"].to_numpy(float),
            centre=self.change,
            sd=self.sd,
            unit=self.outcome.label,
            better=self.outcome.better,
        )


def by_service(
    study: Study,
    outcome: str,
    *,
    service: str,
    reliable: IndividualChange | None = None,
    waves: Sequence[str] | None = None,
    pool_under: int = POOL_UNDER,
    confidence: float = 0.95,
) -> ServiceChanges:
    """Change in each service, for a table and a funnel picture, never for a ranking.

    Parameters
    ----------
    study : Study
        Who was measured when.
    outcome : str
        A score column.
    service : str
        Column with the service, site or team of each person.
    reliable : IndividualChange, optional
        What `reliable_change` gave on the same outcome: adds better, same and worse.
    waves : sequence of str, optional
        The earlier and the later time point; the first and the last by default.
    pool_under : int
        Services with fewer people measured twice are put together, the smallest of the others
        with them until they have as many.
    confidence : float in (0, 1)
        Of the t intervals.

    Returns
    -------
    ServiceChanges

    Raises
    ------
    ServiceColumnError
        The column is not there, or all people have the same service.
    NobodyMeasuredTwiceError
        As in `pre_post`.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> from socmeasures.reports.by_service import by_service
    >>> wide = pd.DataFrame({"id": range(40), "site": ["Harbour"] * 20 + ["Mill"] * 20,
    ...                      "y__pre": [6, 8] * 20, "y__post": [5, 6] * 20})
    >>> study = soc.Study.from_wide(wide, person="id", waves=["pre", "post"])
    >>> by_service(study, "y", service="site").table[["service", "n", "estimate"]]
       service   n  estimate
    0  Harbour  20      -1.5
    1     Mill  20      -1.5
    """
    level = check_confidence(confidence)
    columns = [str(c) for c in study.data.columns]
    if service not in columns:
        raise ServiceColumnError(service, "is not a column of the data", columns)
    measured = measure(study, outcome)
    earlier, later = two_waves(study, waves)
    scores = measured.scores
    both = scores[[earlier, later]].notna().all(axis=1)
    if not both.any():
        there = [f"{w}: {int(scores[w].notna().sum())}" for w in (earlier, later)]
        raise NobodyMeasuredTwiceError(outcome, earlier, later, there)
    of = study.by_person(service).map(label_of, na_action="ignore").astype(object)
    of = of.fillna(NOT_RECORDED).set_axis(scores.index)
    if of.nunique() < 2:
        raise ServiceColumnError(service, f"has one service only ({of.iloc[0]!r})")
    named, pooled = _pooled(of, both, pool_under)
    change = scores[later] - scores[earlier]
    categories, category = _categories(reliable, outcome, scores.index)
    order = sorted(set(named) - {OTHERS, NOT_RECORDED}, key=str.casefold)
    order += [last for last in (OTHERS, NOT_RECORDED) if (named == last).any()]
    rows = []
    for name in order:
        here = (named == name).to_numpy()
        mine = here & both.to_numpy()
        row = {
            "service": name,
            "n_started": int(here.sum()),
            "n_earlier": int(scores[earlier].notna().to_numpy()[here].sum()),
            "n": int(mine.sum()),
            "estimate": float(change[mine].mean()) if mine.any() else np.nan,
            "ci_low": np.nan,
            "ci_high": np.nan,
            "sd": float(change[mine].std(ddof=1)) if mine.sum() > 1 else np.nan,
        }
        if mine.sum() > 1 and row["sd"] > 0:
            found = mean_change(
                scores.loc[mine, later].to_numpy(), scores.loc[mine, earlier].to_numpy(),
                confidence=level,
            )  # fmt: skip
            row |= {"ci_low": found.ci_low, "ci_high": found.ci_high}
        row |= {c: int((category[mine] == c).sum()) for c in categories}
        rows.append(row)
    return ServiceChanges(
        outcome=measured.outcome,
        column=service,
        waves=(earlier, later),
        table=pd.DataFrame(rows),
        categories=categories,
        pooled=pooled,
        pool_under=pool_under,
        change=float(change[both].mean()),
        sd=float(change[both].std(ddof=1)) if both.sum() > 1 else float("nan"),
        confidence=level,
    )


def _pooled(of: pd.Series, both: pd.Series, pool_under: int) -> tuple[pd.Series, int]:
    """Names with small services as "others", which itself is not left small."""
    pairs = both.groupby(of).sum().astype(int).sort_values(kind="stable")
    together = [str(name) for name, n in pairs.items() if n < pool_under]
    while together and int(pairs[together].sum()) < pool_under:
        rest = [str(name) for name in pairs.index if name not in together]
        if not rest:
            break
        together.append(rest[0])
    if len(together) == len(pairs):  # nothing but others is no table by service
        return pd.Series(OTHERS, index=of.index, dtype=object), len(together)
    if not together:
        return of, 0
    return of.where(~of.isin(together), OTHERS), len(together)


def _categories(
    reliable: IndividualChange | None, outcome: str, people: pd.Index
) -> tuple[tuple[str, ...], pd.Series]:
    empty = pd.Series("", index=people, dtype=object)
    if reliable is None or reliable.outcome.column != outcome:
        return (), empty
    rows = reliable.table
    rows = rows[rows["arm"] == "all"] if "arm" in rows else rows
    found = reliable.people.set_index("person")["category"].reindex(people).fillna("")
    return tuple(dict.fromkeys(map(str, rows["category"]))), found

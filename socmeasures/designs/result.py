"""`Result`: an answer with everything a reader needs to judge it."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from socmeasures.designs.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """What an analysis found, on whom, by which method, and what it does not say.

    Attributes
    ----------
    kind : str
        The analysis, e.g. ``"pre_post"`` or ``"ancova"``.
    title : str
        A heading in plain words.
    outcome : Outcome
        What was measured: label, range, direction, instrument, citation.
    table : pandas.DataFrame
        Tidy and unrounded, one row an estimate; see `to_frame`.
    n : pandas.DataFrame
        Who is in and who is not: columns ``wave, arm, group ("analysed" or "excluded"), reason,
        n``. Counts of people.
    descriptives : pandas.DataFrame
        One row a wave (and arm): ``wave, arm, n, mean, sd, median, q1, q3, min, max,
        floor_share, ceiling_share``.
    scores : pandas.DataFrame
        The person-level numbers behind the pictures: ``person, arm, wave, value``. INTERNAL:
        never shown in a report for outsiders.
    summary : str
        Two or three sentences in plain English.
    methods : str
        The sentence for the paper, with citations.
    notes : tuple of str
        What a reader must know.
    tables : dict of str to pandas.DataFrame
        Further tables by title (adjusted means, higher/same/lower, …).
    outcomes : tuple of Outcome
        All outcomes where several were analysed together; `outcome` is the first of them. The
        frames above then hold a column ``outcome``.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> data = pd.DataFrame({"id": [1, 2, 3] * 2, "wave": ["pre"] * 3 + ["post"] * 3,
    ...                      "score": [5, 7, 6, 4, 6, 3]})
    >>> study = soc.Study(data, person="id", wave="wave", waves=["pre", "post"])
    >>> result = soc.pre_post(study, "score")
    >>> int(result.to_frame()["n"][0]), result.kind
    (3, 'pre_post')
    """

    kind: str
    title: str
    outcome: Outcome
    table: pd.DataFrame
    n: pd.DataFrame
    descriptives: pd.DataFrame
    scores: pd.DataFrame
    summary: str
    methods: str
    notes: tuple[str, ...]
    confidence: float = 0.95
    waves: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()
    control: str | None = None
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The tidy table, one row an estimate, every digit kept."""
        return self.table.copy()

    @property
    def means(self) -> pd.DataFrame:
        """Adjusted means, a row a wave and arm; no rows where an analysis has none."""
        import pandas as pd

        return self.tables.get("adjusted means", pd.DataFrame()).copy()

    def plot(self) -> Figure:
        """A picture of the estimates and their intervals (a matplotlib Figure, not pyplot)."""
        from socmeasures.drawing import figures

        several = len(self.outcomes) > 1
        same_direction = len({o.better for o in self.outcomes}) <= 1
        return figures.intervals(
            self.table.assign(term=self.table["outcome"]) if several else self.table,
            unit="each outcome" if several else self.outcome.label,
            better=self.outcome.better if same_direction else None,
            title=self.title,
        )

    def __str__(self) -> str:
        """Title, summary, the main estimates and the notes, as text."""
        shown = self.table.drop(columns=["method"], errors="ignore")
        lines = [self.title, "=" * len(self.title), "", self.summary, ""]
        lines += [shown.to_string(index=False, float_format=lambda v: f"{v:.3g}"), ""]
        lines += [f"- {note}" for note in self.notes]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        table = self.table.to_html(index=False, float_format=lambda v: f"{v:.3g}", border=0)
        return (
            f"<h3>{html.escape(self.title)}</h3><p>{html.escape(self.summary)}</p>{table}"
            f"<ul>{notes}</ul>"
        )

"""`PlannedStudy`: how many people a study needs, or what it can find, and what that rests on."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlannedStudy:
    """The answer of `sample_size`, `power` and `detectable_difference`.

    Attributes
    ----------
    asked : {"sample_size", "power", "detectable_difference"}
        Which of the three was found; the other two were given.
    design : str
        The design in words.
    unit : str
        What is counted first: "people", "pairs", "clusters".
    n_per_arm : tuple of int
        People to recruit in each arm, in the order of the table; one number for one group.
    n_total : int
        People to recruit in all.
    clusters_per_arm : tuple of int or None
        Clusters to recruit in each arm.
    power : float or None
        Power with these whole numbers; None for the width of an interval.
    effect, effect_name : float, str
        The true effect it is the power against, and what it is called: "difference" (points),
        "d" (SDs), "change", "d_z", "shares" (treated − control), "correlation", "f"; the
        half-width that is reached for the width of an interval.
    summary : str
        In plain English.
    protocol : str
        The sentence for the protocol, with method and sources.
    notes : tuple of str
        What a reader must know.
    assumptions : pandas.DataFrame
        ``assumption, value, default``: everything the number was made from.
    sensitivity : pandas.DataFrame
        ``assumption, value, planned`` and what each value would give.
    curve : pandas.DataFrame
        ``line, size, value`` behind the picture.

    Examples
    --------
    >>> import socmeasures as soc
    >>> trial = soc.sample_size(difference=2.5, sd=8, r=0.6, dropout=0.2)
    >>> trial.n_per_arm, trial.n_total
    ((132, 132), 264)
    """

    asked: str
    design: str
    unit: str
    table: pd.DataFrame
    n_per_arm: tuple[int, ...]
    n_total: int
    clusters_per_arm: tuple[int, ...] | None
    power: float | None
    effect: float
    effect_name: str
    summary: str
    protocol: str
    notes: tuple[str, ...]
    assumptions: pd.DataFrame
    sensitivity: pd.DataFrame
    curve: pd.DataFrame
    wanted: float | None
    marked: tuple[float, float]

    def to_frame(self) -> pd.DataFrame:
        """One row an arm, unrounded.

        Returns
        -------
        pandas.DataFrame
            ``arm, unit, exact`` (analysed, as computed), ``analysed`` (rounded up to whole
            units), ``n`` (people to recruit); with groups ``clusters`` to recruit (or
            ``groups``), their sizes, ``design_effect`` and ``effective_n`` (people who, alone,
            would tell as much); ``se, df`` of the test (for ANCOVA with what chance differences
            at baseline cost); ``power, effect, effect_name, confidence``.
        """
        return self.table.copy()

    def plot(self) -> Figure:
        """The power curve, the planned size marked (a matplotlib Figure, not pyplot).

        Returns
        -------
        matplotlib.figure.Figure
            With clusters a line for half and for twice the ICC as well.
        """
        from socmeasures.drawing.power import power_curve

        where = "" if len(self.n_per_arm) == 1 else " in each arm"
        if len(set(self.table["analysed"])) > 1:
            where = " in the control arm"
        return power_curve(
            self.curve,
            size=self.marked[0],
            reached=self.marked[1],
            size_label=f"{self.unit} analysed{where}",
            wanted=self.wanted,
            value_label="power (%)" if self.power is not None else "half-width of the interval",
            percent=self.power is not None,
            title=f"{self.design[:1].upper()}{self.design[1:]}",
        )

    def __str__(self) -> str:
        """Summary, exact and rounded numbers, sensitivity, notes and protocol, as text."""
        head = f"Planned: {self.design}"
        lines = [head, "=" * len(head), "", self.summary, ""]
        lines += [_text(self.table.drop(columns=["effect_name", "confidence"])), ""]
        lines += ["If an assumption is wrong (* as planned):", _text(self._marked()), ""]
        lines += [f"- {note}" for note in self.notes]
        lines += ["", f"Assumed: {self._assumed()}.", "", f"Protocol: {self.protocol}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        tables = [
            frame.to_html(index=False, float_format=lambda v: f"{v:.4g}", border=0, na_rep="–")
            for frame in (self.table, self._marked())
        ]
        return (
            f"<h3>Planned: {html.escape(self.design)}</h3><p>{html.escape(self.summary)}</p>"
            f"{tables[0]}<h4>If an assumption is wrong (* as planned)</h4>{tables[1]}"
            f"<ul>{notes}</ul><p>Assumed: {html.escape(self._assumed())}.</p>"
            f"<p>{html.escape(self.protocol)}</p>"
        )

    def _marked(self) -> pd.DataFrame:
        planned = self.sensitivity["planned"].map({True: "*", False: ""})
        return self.sensitivity.assign(planned=planned)

    def _assumed(self) -> str:
        rows = self.assumptions.to_dict("records")
        told = [
            f"{row['assumption']} = {row['value']}{' (default)' if row['default'] else ''}"
            for row in rows
        ]
        return ", ".join(told)


def _text(frame: pd.DataFrame) -> str:
    shown: str = frame.to_string(index=False, float_format=lambda v: f"{v:.4g}", na_rep="–")
    return shown

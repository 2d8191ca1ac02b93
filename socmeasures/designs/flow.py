"""Where everybody went: screened, allocated, measured, analysed; numbers that must add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from socmeasures.designs.clustered_checks import labels
from socmeasures.designs.measurements import measure
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.drawing.participants import flow_svg
from socmeasures.errors import FlowError, OneArmError, plural

NOT_RECORDED = "not recorded"
COLUMNS = ["stage", "arm", "wave", "reason", "n"]
WITH_CLUSTERS = [*COLUMNS, "n_clusters"]

Row = tuple[str, str, str, str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flow:
    """The participant flow of a study.

    Attributes
    ----------
    table : pandas.DataFrame
        ``stage, arm, wave, reason, n``, and ``n_clusters`` where whole clusters were allocated
        (missing for what only people are counted of); stages ``screened``, ``not allocated``,
        ``allocated``, ``took part``, ``measured``, ``not measured``, ``analysed``, ``not
        analysed``. An `n` that nobody recorded is missing. Checked: the numbers add up.
    waves, arms : tuple of str
        In order.
    notes : tuple of str
        What was not recorded.

    Raises
    ------
    FlowError
        Numbers that do not add up, all of them at once.
    """

    table: pd.DataFrame
    waves: tuple[str, ...]
    arms: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        faults = flow_faults(self.table, self.arms, self.waves)
        if faults:
            raise FlowError(faults)

    def to_frame(self) -> pd.DataFrame:
        """The table."""
        return self.table.copy()

    def to_svg(self) -> str:
        """The diagram as an SVG text that needs nothing else."""
        return flow_svg(self._top(), self._side(), [self._arm(a) for a in self.arms])

    def _repr_html_(self) -> str:
        return self.to_svg()

    def __str__(self) -> str:
        """The table as text."""
        shown = self.table.assign(n=[_count(v) for v in self.table["n"]])
        return str(shown.to_string(index=False))

    def _rows(self, stage: str, **cells: str) -> pd.DataFrame:
        rows = self.table[self.table["stage"] == stage]
        for column, value in cells.items():
            rows = rows[rows[column] == value]
        return rows

    def _total(self, stage: str, **cells: str) -> Any:
        return self._rows(stage, **cells)["n"].sum(min_count=1)

    def _people(self, stage: str, **cells: str) -> str:
        """`n = 65`, and of how many clusters where whole ones were allocated."""
        told = f"n = {_count(self._total(stage, **cells))}"
        if "n_clusters" not in self.table:
            return told
        clusters = self._rows(stage, **cells)["n_clusters"].sum(min_count=1)
        return told if pd.isna(clusters) else f"{told} in {plural(int(clusters), 'cluster')}"

    def _top(self) -> list[list[str]]:
        screened = self._total("screened")
        return [
            ["Screened or referred", f"n = {_count(screened)}"],
            ["Allocated", self._people("allocated")],
        ]

    def _side(self) -> list[str]:
        rows = self._rows("not allocated")
        if rows.empty:
            return [f"Not allocated: {NOT_RECORDED}"]
        total = rows["n"].sum(min_count=1)
        each = [f"{r} {_count(n)}" for r, n in zip(rows["reason"], rows["n"], strict=True) if r]
        return [f"Not allocated: n = {_count(total)}", *each]

    def _arm(self, arm: str) -> list[list[str]]:
        boxes = [[arm, f"allocated {self._people('allocated', arm=arm)}"]]
        took = self._rows("took part", arm=arm)
        said = _count(took["n"].iloc[0]) if len(took) else NOT_RECORDED
        boxes[0].append(f"took part: {said}")
        for wave in self.waves:
            lines = [wave, f"measured {self._people('measured', arm=arm, wave=wave)}"]
            lost = self._rows("not measured", arm=arm, wave=wave)
            lines += [f"{r} {_count(n)}" for r, n in zip(lost["reason"], lost["n"], strict=True)]
            boxes.append(lines)
        analysed = self._rows("analysed", arm=arm)
        if len(analysed):
            lines = [f"Analysed {self._people('analysed', arm=arm)}"]
            out = self._rows("not analysed", arm=arm)
            lines += [f"{r} {_count(n)}" for r, n in zip(out["reason"], out["n"], strict=True)]
            boxes.append(lines)
        return boxes


def flow(
    study: Study,
    *,
    outcome: str | None = None,
    result: Result | None = None,
    screened: int | None = None,
    reasons: Mapping[str, int] | None = None,
    took_part: str | None = None,
    lost: Mapping[str, Mapping[str, Mapping[str, int]]] | None = None,
) -> Flow:
    """Count where everybody went, and check that the numbers add up.

    Parameters
    ----------
    study : Study
        With arms.
    outcome : str, optional
        A person counts as measured at a time point when this score is there; without it, when
        the person has a row.
    result : Result, optional
        Of `ancova`, `mmrm`, `cluster_trial` or another analysis: fills the last boxes.
    screened : int, optional
        How many were screened or referred. Not given: "not recorded".
    reasons : mapping of str to int, optional
        Why people were not allocated: ``{"declined": 21, "not eligible": 8}``.
    took_part : str, optional
        Column (1 and 0, or True and False) of those who took up what they were allocated.
    lost : mapping, optional
        Why people were not measured: ``{"6m": {"befriending": {"moved away": 3}}}``; those it
        leaves unexplained are "reason not recorded".

    Returns
    -------
    Flow
        `.to_frame()`, `.to_svg()`.

    Raises
    ------
    FlowError
        Numbers that do not add up: screened is not allocated plus the reasons; more reasons for
        loss than people lost.
    OneArmError
        A study without arms.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> found = flow(study, screened=120, reasons={"declined": 22, "not eligible": 8})
    >>> found.to_frame()["n"].head(4).astype(int).tolist()
    [120, 22, 8, 45]
    """
    if not study.arms:
        raise OneArmError("flow", study.arms)
    arm = study.arm_of()
    there = _there(study, outcome)
    notes = []
    rows: list[Row] = []
    rows.append(("screened", "", "", "", float("nan") if screened is None else float(screened)))
    if screened is None:
        notes.append("How many were screened or referred was not recorded.")
    rows += [("not allocated", "", "", why, float(n)) for why, n in (reasons or {}).items()]
    if reasons is None:
        notes.append("Why people were not allocated was not recorded.")
    for name in study.arms:
        mine = (arm == name).to_numpy()
        rows.append(("allocated", name, "", "", float(mine.sum())))
        if took_part is not None:
            came = study.by_person(took_part)[mine]
            rows.append(("took part", name, "", "", float(came.fillna(0).astype(bool).sum())))
        for wave in study.waves:
            seen = int(there.loc[mine, wave].sum())
            rows.append(("measured", name, wave, "", float(seen)))
            gone = int(mine.sum()) - seen
            said = dict((lost or {}).get(wave, {}).get(name, {}))
            rows += [("not measured", name, wave, why, float(n)) for why, n in said.items()]
            rest = gone - sum(said.values())
            if rest > 0:
                rows.append(("not measured", name, wave, f"reason {NOT_RECORDED}", float(rest)))
        if result is not None:
            rows += _analysed(result, name)
    if took_part is None:
        notes.append("Who took up what they were allocated was not recorded (took_part=).")
    table = pd.DataFrame(rows, columns=COLUMNS)
    if study.allocation == "cluster":
        table = table.assign(n_clusters=_clusters(study, table, arm, there, result))[WITH_CLUSTERS]
    return Flow(
        table=table,
        waves=tuple(study.waves),
        arms=study.arms,
        notes=tuple(notes),
    )


def _clusters(
    study: Study, table: pd.DataFrame, arm: pd.Series, there: pd.DataFrame, result: Result | None
) -> list[float]:
    """Clusters allocated, with somebody measured, and analysed; NaN for the other rows."""
    cluster = labels(study, str(study.cluster))
    analysed = None if result is None else result.n[result.n["group"] == "analysed"]
    found = []
    for row in table.to_dict("records"):
        mine = arm == row["arm"]
        n = float("nan")
        if row["stage"] == "allocated":
            n = cluster[mine].nunique()
        elif row["stage"] == "measured":
            n = cluster[mine & there[row["wave"]]].nunique()
        elif row["stage"] == "analysed" and analysed is not None and "n_clusters" in analysed:
            n = analysed.loc[analysed["arm"] == row["arm"], "n_clusters"].max()
        found.append(float(n))
    return found


def _there(study: Study, outcome: str | None) -> pd.DataFrame:
    if outcome is not None:
        return measure(study, outcome).scores.notna()
    rows = study.data.assign(__here=True)
    table = rows.pivot_table(
        index=study.person, columns=study.wave, values="__here", aggfunc="any", observed=True
    )
    there = table.reindex(index=list(study.people), columns=list(study.waves))
    return there.notna()


def _analysed(result: Result, arm: str) -> list[Row]:
    """People in the analysis at any of its time points, and why the others are not."""
    mine = result.n[result.n["arm"] == arm]
    people = mine.groupby("wave")["n"].sum()
    rows = result.table
    elsewhere = mine["reason"].str.startswith("in the model")
    if result.kind == "mmrm" or elsewhere.any():
        mine = mine[~elsewhere]
        last = mine[mine["wave"] == result.table["wave"].iloc[0]]
        out = last[last["group"] == "excluded"]
        n = float(people.iloc[0] - out["n"].sum())
    else:
        last = mine[mine["wave"] == rows["wave"].iloc[-1]]
        out = last[last["group"] == "excluded"]
        n = float(last.loc[last["group"] == "analysed", "n"].sum())
    found = [("analysed", arm, "", "", n)]
    found += [
        ("not analysed", arm, "", str(why), float(k))
        for why, k in zip(out["reason"], out["n"], strict=True)
        if k
    ]
    return found


def flow_faults(table: pd.DataFrame, arms: tuple[str, ...], waves: tuple[str, ...]) -> list[str]:
    """Every sum that does not come out, in words."""

    def total(stage: str, **cells: str) -> float:
        rows = table[table["stage"] == stage]
        for column, value in cells.items():
            rows = rows[rows[column] == value]
        return float(rows["n"].sum(min_count=1))

    faults = []
    if (table["n"] < 0).any():
        faults.append("a count is below 0")
    screened, allocated = total("screened"), total("allocated")
    turned_away = total("not allocated")
    if screened == screened and turned_away == turned_away and screened != allocated + turned_away:
        faults.append(
            f"{screened:.0f} screened is not {allocated:.0f} allocated and {turned_away:.0f} not "
            f"allocated ({allocated + turned_away:.0f})"
        )
    if screened == screened and screened < allocated:
        faults.append(f"{allocated:.0f} allocated is more than {screened:.0f} screened")
    for arm in arms:
        mine = total("allocated", arm=arm)
        if total("took part", arm=arm) > mine:
            faults.append(f"{arm}: more took part than were allocated ({mine:.0f})")
        for wave in waves:
            seen = total("measured", arm=arm, wave=wave)
            gone = total("not measured", arm=arm, wave=wave)
            gone = 0.0 if gone != gone else gone
            if seen + gone != mine:
                faults.append(
                    f"{arm} at {wave}: {seen:.0f} measured and {gone:.0f} not measured are "
                    f"{seen + gone:.0f}, but {mine:.0f} were allocated"
                )
        inside, outside = total("analysed", arm=arm), total("not analysed", arm=arm)
        outside = 0.0 if outside != outside else outside
        if inside == inside and inside + outside != mine:
            faults.append(
                f"{arm}: {inside:.0f} analysed and {outside:.0f} not analysed are "
                f"{inside + outside:.0f}, but {mine:.0f} were allocated"
            )
    return faults


def _count(value: Any) -> str:
    return NOT_RECORDED if pd.isna(value) else f"{int(value):,}"

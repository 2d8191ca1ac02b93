"""`Study`: who was asked what, when and in which arm; every fault of it reported at once.

People are paired by their identifier, never by the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from socmeasures import frames
from socmeasures.designs.outcome import Direction, Outcome
from socmeasures.designs.outcome_lookup import find_outcome, refuse_mixed_keys
from socmeasures.designs.records import FIRST, LAST, first_and_last
from socmeasures.designs.study_checks import Description, check_study, label_of
from socmeasures.designs.wide import long_from_wide
from socmeasures.errors import OutcomeNotFoundError, WaveNotFoundError
from socmeasures.scoring.record import ScoringRecord, scoring_record

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """A study in long form: one row a person and time point.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        One row a person and time point. Not changed; kept as a pandas copy.
    person, wave : str
        Columns with the person's identifier and the time point.
    waves : sequence, or mapping of name to value
        The time points to use, in order; the first is the baseline unless an analysis says
        otherwise. A mapping gives them names: ``{"baseline": 1, "6m": 2}``. Rows of other time
        points are set aside and counted in `notes`.
    arm, control : str, optional
        Column of the arm, and the arm the others are compared with.
    cluster, facilitator : str, optional
        Column of the site, class or other group people come from, and of the volunteer or group
        leader who served them.
    strata : sequence of str
        Columns the allocation was stratified by.
    allocation : {"individual", "cluster"}, optional
        What was allocated to arms. Required when `cluster` is given.
    date : str, optional
        Column with the date of the answers.
    allocated_on : str, optional
        Column with the date each person was allocated to an arm. With `date`, people who gave
        their first answers after it are counted in `notes`.
    better : mapping of str to {"lower", "higher", "none"}, optional
        Which direction is better, for outcomes no scale describes.
    record : ScoringRecord, optional
        How the scores came about; taken from ``data.attrs`` when it travels there.
    row_numbers : sequence of int, optional
        Rows of the caller's file, for messages; counted from 1 when not given.

    Attributes
    ----------
    people : tuple
        Identifiers, sorted.
    arms : tuple of str
        The arms, the control last; empty without `arm`.
    notes : tuple of str
        What was set aside.

    Raises
    ------
    StudyError
        Every fault at once, with `.problems`: columns missing (nearest offered), a person twice
        at a time point, a time point nobody has, someone in two arms or clusters, an arm or
        identifier missing, only one arm beside a control, `cluster` without `allocation`.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> answers = pd.DataFrame({"id": [1, 2, 1, 2], "wave": ["pre", "pre", "post", "post"],
    ...                         "score": [5, 7, 4, 6]})
    >>> study = soc.Study(answers, person="id", wave="wave", waves=["pre", "post"],
    ...                   better={"score": "lower"})
    >>> study.people, study.waves
    ((1, 2), ('pre', 'post'))
    """

    data: Any = field(kw_only=False, repr=False)
    person: str
    wave: str
    waves: Any
    arm: str | None = None
    control: str | None = None
    cluster: str | None = None
    facilitator: str | None = None
    strata: Sequence[str] = ()
    allocation: str | None = None
    date: str | None = None
    allocated_on: str | None = None
    better: Mapping[str, Direction] | None = None
    record: ScoringRecord | None = None
    row_numbers: Any = field(default=None, repr=False)
    notes: tuple[str, ...] = field(init=False, default=())
    people: tuple[Any, ...] = field(init=False, repr=False, default=())
    arms: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        record = self.record or scoring_record(self.data)
        named = dict(self.waves) if isinstance(self.waves, Mapping) else None
        asked = [self.waves] if isinstance(self.waves, str) else self.waves
        values = list(named.values()) if named else list(asked)
        description = Description(
            person=self.person,
            wave=self.wave,
            waves=tuple(label_of(v) for v in values),
            wave_names=tuple(str(n) for n in named) if named else tuple(map(label_of, values)),
            arm=self.arm,
            control=None if self.control is None else label_of(self.control),
            cluster=self.cluster,
            facilitator=self.facilitator,
            strata=(self.strata,) if isinstance(self.strata, str) else tuple(self.strata),
            allocation=self.allocation,
            date=self.date,
            allocated_on=self.allocated_on,
            better=dict(self.better or {}),
        )
        checked = check_study(frames.to_pandas(self.data), description, self.row_numbers)
        settled = {
            "data": checked.data,
            "waves": description.wave_names,
            "control": description.control,
            "strata": description.strata,
            "better": description.better,
            "record": record,
            "row_numbers": checked.row_numbers,
            "notes": checked.notes,
            "people": checked.people,
            "arms": checked.arms,
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_wide(
        cls,
        data: Any,
        *,
        person: str,
        waves: Mapping[str, str] | Sequence[str],
        arm: str | None = None,
        control: str | None = None,
        cluster: str | None = None,
        **more: Any,
    ) -> Self:
        """Make a study of one row a person, with the time point at the end of column names.

        Parameters
        ----------
        data : DataFrame (pandas or polars)
            Columns such as ``ucla3_total__pre``: a name, two underscores, a suffix. Columns
            without a suffix (arm, age, site) hold at every time point.
        person : str
            Column with the person's identifier.
        waves : mapping of name to suffix, or sequence of suffixes
            ``{"baseline": "pre", "6m": "post"}``, in order.
        arm, control, cluster, **more
            As in `Study`.

        Returns
        -------
        Study

        Raises
        ------
        StudyError
            As in `Study`; also a suffix no column has, or a person in two rows.

        Examples
        --------
        >>> import pandas as pd, socmeasures as soc
        >>> wide = pd.DataFrame({"id": [1, 2], "score__pre": [5, 7], "score__post": [4, 6]})
        >>> study = soc.Study.from_wide(wide, person="id", waves={"before": "pre", "after": "post"})
        >>> study.waves
        ('before', 'after')
        """
        more.setdefault("record", scoring_record(data))
        asked = [waves] if isinstance(waves, str) else waves
        suffixes = dict(asked) if isinstance(asked, Mapping) else {w: w for w in asked}
        long, wave, row_numbers = long_from_wide(frames.to_pandas(data), person, suffixes)
        return cls(
            long,
            person=person,
            wave=wave,
            waves=list(suffixes),
            arm=arm,
            control=control,
            cluster=cluster,
            row_numbers=row_numbers,
            **more,
        )

    @classmethod
    def from_records(
        cls,
        data: Any,
        *,
        person: str,
        date: str,
        min_weeks: float = 0.0,
        **more: Any,
    ) -> Self:
        """Make a study of routine records: each person's first one and last one.

        Parameters
        ----------
        data : DataFrame (pandas or polars)
            One row a record; people have as many as there are.
        person, date : str
            Columns with the identifier and the date. Rows without either are set aside.
        min_weeks : float
            A last record nearer than this to the first is not used.
        **more
            As in `Study`.

        Returns
        -------
        Study
            Time points ``first record`` and ``last record``; a person with one record has only
            the first. Its notes say that the length of stay differs.

        Raises
        ------
        StudyError
            As in `Study`; also dates that are none.

        Examples
        --------
        >>> import pandas as pd, socmeasures as soc
        >>> records = pd.DataFrame({"id": [1, 1, 1, 2], "score": [9, 7, 5, 8],
        ...                         "on": ["2026-01-05", "2026-02-02", "2026-03-30", "2026-01-12"]})
        >>> study = soc.Study.from_records(records, person="id", date="on")
        >>> soc.Study.outcome(study, "score").column, len(study.data)
        ('score', 3)
        """
        more.setdefault("record", scoring_record(data))
        long, wave, rows, notes = first_and_last(
            frames.to_pandas(data), person=person, date=date, min_weeks=min_weeks
        )
        study = cls(
            long, person=person, wave=wave, waves=[FIRST, LAST], date=date, row_numbers=rows, **more
        )
        object.__setattr__(study, "notes", (*notes, *study.notes))
        return study

    @property
    def baseline(self) -> str:
        """The first time point."""
        return str(self.waves[0])

    def outcome(self, name: str) -> Outcome:
        """What column `name` measures and which direction is better, as far as it is known.

        Looked up in the scoring record, else an exact `{scale}_{score}` name of a shipped scale,
        else `better`. Raises `OutcomeNotFoundError` naming the nearest columns, and
        `MixedKeysError` for scores that were made with different keys.
        """
        found = find_outcome(name, self.columns, self.record, dict(self.better or {}))
        refuse_mixed_keys(name, self.data, self.wave)
        return found

    @property
    def columns(self) -> list[str]:
        """Columns that could be an outcome or a covariate."""
        structure = {self.person, self.wave, self.arm, self.date}
        return [str(c) for c in self.data.columns if c not in structure]

    def wave_position(self, wave: str) -> int:
        """Place of a time point in order, from 0; refuses one the study does not have."""
        label = label_of(wave)
        if label not in self.waves:
            raise WaveNotFoundError(wave, self.waves)
        return int(self.waves.index(label))

    def by_person(self, column: str) -> pd.Series:
        """One value a person of a column that holds at every time point (arm, site, stratum).

        The first recorded value in order of the time points; index are `people`.
        """
        if column not in self.data.columns:
            raise OutcomeNotFoundError(column, self.columns, what="column")
        order = self.data[self.wave].map({w: i for i, w in enumerate(self.waves)})
        rows = self.data.assign(__order=order).sort_values("__order", kind="stable")
        rows = rows[rows[column].notna()]
        first = rows.drop_duplicates(self.person).set_index(self.person)[column]
        return first.reindex(list(self.people))

    def arm_of(self) -> pd.Series:
        """The arm of each person, as text; one arm called ``all`` without an arm column."""
        if self.arm is None:
            return pd.Series("all", index=list(self.people), dtype=object)
        return self.by_person(self.arm).map(label_of).astype(object)

"""What bare numbers could mean: every reading of a scale's codes, on rows of the user's own file.

Nothing is decided without a person: the rows are shown, and somebody says which reading is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from socmeasures import frames
from socmeasures.drawing.labels import printable
from socmeasures.errors import StartError, did_you_mean
from socmeasures.reports.start_talk import FOR_GROUPS, MOST, Question, Talk
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.coding import Undecided
from socmeasures.responses.decoding import decide
from socmeasures.responses.plan import PlannedScale, ScoringPlan
from socmeasures.scales.catalogue import load_scale
from socmeasures.scoring.compute import score

ROWS = 3  # rows that are shown
LOOKED_AT = 2_000  # rows among which they are chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The codings that a scale's answers could have, in words, and what each makes of three rows.

    Attributes
    ----------
    scale : str
        Its id.
    codings : tuple of str
        Names of the readings; the one line to add to a plan is ``coding = "NAME"``.
    lines : tuple of str
        Why it is not known, the readings, and the rows.
    """

    scale: str
    codings: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def line(self) -> str:
        """What to add to the plan, and where."""
        choices = " or ".join(f'coding = "{name}"' for name in self.codings)
        return f'In plan.toml, under each scale = "{self.scale}", add: {choices}'


def coded(
    plan: ScoringPlan, data: Any, codebook: Codebook, talk: Talk
) -> tuple[ScoringPlan, list[str]]:
    """Ask what codes mean that can be read in several ways.

    Returns
    -------
    plan, notes
        The plan with the codings that were stated; what is still open, with its rows, in words.
    """
    notes: list[str] = []
    said: dict[str, str] = {}
    for planned in plan.scales:
        key = f"coding {planned.scale}"
        if planned.scale in said:
            continue
        found = readings(data, codebook, planned)
        if found is None:
            if key in talk.given:  # stated all the same: the value labels are held against it
                said[planned.scale] = _stated(planned.scale, talk.given[key])
            continue
        said[planned.scale] = ""
        if talk.given.get(key) or talk.remembered.get(key) or talk.asked < MOST - FOR_GROUPS:
            text = "\n".join([*found.lines, "Which is right? Press Enter if you do not know yet."])
            question = Question(key=key, text=text, found="", choices=planned.load().coding_names)
            said[planned.scale] = talk.answer(question)
        if not said[planned.scale]:
            notes += [*found.lines, f"{found.line}. Nothing can be worked out before that."]
    scales = tuple(
        p.model_copy(
            update={
                "coding": said[p.scale],
                "evidence": p.evidence.replace("coding undecided: ", "coding as stated, because "),
            }
        )
        if said.get(p.scale)
        else p
        for p in plan.scales
    )
    return plan.model_copy(update={"scales": scales}), notes


def _stated(scale: str, name: str) -> str:
    names = load_scale(scale).coding_names
    if name not in names:
        raise StartError.not_a_choice(f"coding {scale}", name, names, did_you_mean(name, names))
    return name


def readings(data: Any, codebook: Codebook, planned: PlannedScale) -> Readings | None:
    """The readings of one scale's codes; None where its coding is known.

    Parameters
    ----------
    data : DataFrame
        The answers.
    codebook : Codebook
        Value labels, where there are any.
    planned : PlannedScale
        The scale and its columns, as `match_scales` found them.

    Returns
    -------
    Readings or None

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> data = pd.DataFrame({"ucla3_1": [1, 3, 2], "ucla3_2": [1, 3, 2], "ucla3_3": [1, 2, 2]})
    >>> found = readings(data, soc.Codebook.from_labels({}), soc.match_scales(data).scales[0])
    >>> found.codings
    ('canonical', 'often-first')
    >>> found.lines[-3].strip()
    'row 1 (1, 1, 1): canonical 3, often-first 9'
    """
    scale = planned.load()
    decision = decide(
        scale,
        {n: frames.column(data, c) for n, c in planned.items.items()},
        dict(planned.items),
        {n: codebook.get(c) for n, c in planned.items.items()},
        planned.coding,
        planned.pre_reversed,
    )
    if not isinstance(decision, Undecided):
        return None
    fits = decision.fits or scale.coding_names
    lines = [f"What the codes of {scale.id} mean is not known: {decision.why}."]
    if decision.fits:
        lines.append("The answers in your file would fit:")
    shown = [text for text in decision.codings if text.split(":")[0] in fits]
    lines += [f"  {text}" for text in shown]
    means = next(iter(scale.scores)).higher
    told = _rows(frames.to_pandas(data).head(LOOKED_AT), codebook, planned, fits)
    if told:
        lines.append(f"Your own rows, read each way (a high score means {means}):")
        lines += told
    return Readings(scale=scale.id, codings=tuple(fits), lines=tuple(lines))


def _rows(
    data: pd.DataFrame, codebook: Codebook, planned: PlannedScale, codings: tuple[str, ...]
) -> list[str]:
    """Rows of different answers in which the readings differ most, with each reading's score."""
    scores = pd.DataFrame(
        {name: _scored(data, codebook, planned, name).to_numpy() for name in codings}
    ).dropna()
    patterns = data[list(planned.items.values())].astype(str).reset_index(drop=True)
    scores = scores[~patterns.duplicated().reindex(scores.index)]
    spread = scores.max(axis="columns") - scores.min(axis="columns")
    chosen = spread.sort_values(ascending=False, kind="stable").index[:ROWS]
    told = []
    for place in sorted(chosen):
        answers = ", ".join(
            printable(f"{v:g}" if isinstance(v, float) else v)
            for v in (data[c].iloc[place] for c in planned.items.values())
        )
        each = ", ".join(f"{name} {scores.loc[place, name]:g}" for name in codings)
        told.append(f"  row {place + 1} ({answers}): {each}")
    return told


def _scored(
    data: pd.DataFrame, codebook: Codebook, planned: PlannedScale, coding: str
) -> pd.Series:
    stated = planned.model_copy(update={"coding": coding, "accept_unverified": True})
    scored = score(
        data, ScoringPlan(scales=(stated,)), codebook=codebook, invalid="missing", replace=True
    )
    ending = f"__{planned.wave}" if planned.wave else ""
    scale = planned.load()
    first = next((s for s in scale.scores if s.id == "total"), next(iter(scale.scores)))
    return pd.to_numeric(scored[f"{scale.id}_{first.id}{ending}"], errors="coerce")

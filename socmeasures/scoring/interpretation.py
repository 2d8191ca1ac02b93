"""What one score says: which band of which cited set, and how it stands to cited norms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from socmeasures.errors import ChoiceError
from socmeasures.scales.catalogue import load_scale
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Bands, Norm, Score
from socmeasures.scoring import bands


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interpretation:
    """A score in words, with the population each word speaks of.

    Attributes
    ----------
    scale, score, value : str, str, float
        What was looked at.
    table : pandas.DataFrame
        One row a band set or norm: ``kind, says, population, source, evidence, default``.
    notes : tuple of str
        What the score does not mean.

    Examples
    --------
    >>> import socmeasures as soc
    >>> soc.interpret_score("djg6", "total", 0).heading
    'De Jong Gierveld Loneliness Scale, 6 items, loneliness: 0 of 0 to 6 (higher = lonelier)'
    """

    scale: str
    score: str
    value: float
    heading: str
    table: pd.DataFrame
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a statement."""
        return self.table.copy()

    def __str__(self) -> str:
        """Heading, a line a statement, and the notes."""
        lines = [self.heading]
        for row in self.table.to_dict("records"):
            lines.append(f"  {row['kind']}: {row['says']}")
            lines.append(f"    {row['population']} [{row['evidence']}; {row['source']}]")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


def interpret_score(
    scale: str | Path | Scale, score: str, value: float, *, bands: str | None = None
) -> Interpretation:
    """Say what a score means by cited bands and norms, and of which population they speak.

    Parameters
    ----------
    scale : str, Path or Scale
        A scale's id or a definition of your own.
    score : str
        Id of the score, e.g. ``"total"``.
    value : float
        The score, on its own metric.
    bands : str, optional
        Name of one band set. Without it all published and secondary sets are used; sets graded
        unverified only when named.

    Returns
    -------
    Interpretation
        A row for each band set and each norm with a mean and SD. No percentile is given: that
        needs a norm table, and a mean and SD of a skewed score are none.

    Raises
    ------
    ChoiceError
        No such score or band set, or a value outside the score's range.

    Examples
    --------
    >>> import socmeasures as soc
    >>> print(soc.interpret_score("djg6", "total", 3).to_frame()["says"][0])
    moderately lonely
    """
    loaded = load_scale(scale)
    ids = [s.id for s in loaded.scores]
    if score not in ids:
        raise ChoiceError(f"score of {loaded.id!r}", score, ids)
    one = loaded.score(score)
    low, high = one.range
    if not low <= value <= high:
        raise ChoiceError(f"value of {loaded.id}_{score}", value, [f"{low:g} to {high:g}"])
    sets = [b.set for b in one.bands]
    if bands is not None and bands not in sets:
        raise ChoiceError(f"bands of {loaded.id}_{score}", bands, sets)
    used = [b for b in one.bands if (b.set == bands if bands else b.evidence != "unverified")]
    rows = [_band_row(b, value) for b in used]
    rows += [_norm_row(norm, value) for norm in loaded.norms if _usable(norm, score)]
    columns = ["kind", "says", "population", "source", "evidence", "default"]
    return Interpretation(
        scale=loaded.id,
        score=score,
        value=float(value),
        heading=f"{loaded.name}, {one.label or one.id}: {value:g} of {low:g} to {high:g} "
        f"(higher = {one.higher})",
        table=pd.DataFrame(rows, columns=columns),
        notes=tuple(_notes(loaded, one, bool(used))),
    )


def _band_row(bands_: Bands, value: float) -> dict[str, object]:
    place = int(bands.assign(bands_, np.array([value]))[0])
    return {
        "kind": f"band ({bands_.set})",
        "says": bands_.cuts[place].label,
        "population": bands_.population,
        "source": bands_.source,
        "evidence": bands_.evidence,
        "default": bands_.default,
    }


def _usable(norm: Norm, score: str) -> bool:
    return norm.score == score and norm.mean is not None and norm.sd is not None


def _norm_row(norm: Norm, value: float) -> dict[str, object]:
    mean, sd = norm.mean or 0.0, norm.sd or 1.0
    side = "above" if value > mean else "below"
    says = f"{abs(value - mean) / sd:.1f} SD {side} a mean of {mean:g} (SD {sd:g})"
    people = f", n = {norm.n}" if norm.n else ""
    place = ", ".join(str(p) for p in (norm.country, norm.year) if p)
    return {
        "kind": "norm",
        "says": says,
        "population": norm.population + people + (f" ({place})" if place else ""),
        "source": norm.source,
        "evidence": norm.evidence,
        "default": False,
    }


def _notes(scale: Scale, score: Score, banded: bool) -> Iterator[str]:
    if not banded:
        yield "no cited set of bands exists for this score; it is read as a number"
    else:
        yield "bands describe groups in research; they diagnose nobody"
    if scale.opt_in or score.evidence == "unverified":
        yield "the scoring key is unverified"
    if any(norm.evidence == "unverified" for norm in scale.norms if _usable(norm, score.id)):
        yield "norms graded unverified are from memory: check them before you print them"

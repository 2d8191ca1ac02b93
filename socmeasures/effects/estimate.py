"""`Estimate`: one number with its interval, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number, the range we can be fairly sure of, and where both come from.

    Attributes
    ----------
    estimate, ci_low, ci_high : float
        The value and its interval, unrounded, in the unit that `name` says.
    confidence : float
        Coverage the interval aims at (0.95 unless asked otherwise).
    se, df : float or None
        Standard error and degrees of freedom where the method has them.
    n : int
        People (or pairs of measurements) the number rests on.
    name : str
        What was estimated, e.g. ``d_z``.
    method : str
        How the interval was made, in words.
    source : str
        The paper the formula is from.
    p_value : float or None
        Two-sided unless `method` says otherwise.
    notes : tuple of str
        What a reader must know to read the number rightly.

    Examples
    --------
    >>> import socmeasures as soc
    >>> soc.paired_d([5, 7, 9, 8], [4, 5, 8, 6], kind="z").name
    'd_z'
    """

    estimate: float
    ci_low: float
    ci_high: float
    n: int
    name: str
    method: str
    source: str
    confidence: float = 0.95
    se: float | None = None
    df: float | None = None
    p_value: float | None = None
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`d_z 0.49 [0.35, 0.63], n = 219` for people; the attributes keep every digit."""
        level = f"{self.confidence * 100:g} %"
        return (
            f"{self.name} {self.estimate:.3g} [{self.ci_low:.3g}, {self.ci_high:.3g}] "
            f"({level} interval), n = {self.n}"
        )

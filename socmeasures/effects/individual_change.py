"""Change of single people: is it more than measurement error, and has a cut-off been passed?

Arrays in, frozen results out. Formulas and where they come from: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from socmeasures.effects.measured import Floats, check_choice, measured_pairs
from socmeasures.errors import NoSpreadError, PopulationError, ReliabilityError, TooFewError

Method = Literal[
    "jacobson-truax",
    "edwards-nunnally",
    "gulliksen-lord-novick",
    "hsu-linn-lord",
    "nunnally-kotsch",
    "hageman-arrindell",
]
SOURCES: dict[Method, str] = {
    "jacobson-truax": "Jacobson & Truax (1991)",
    "edwards-nunnally": "Edwards et al. (1978); Speer (1992)",
    "gulliksen-lord-novick": "Gulliksen (1950); Lord & Novick (1968); Hsu (1989)",
    "hsu-linn-lord": "Hsu (1989)",
    "nunnally-kotsch": "Nunnally & Kotsch (1983)",
    "hageman-arrindell": "Hageman & Arrindell (1999)",
}
METHODS: tuple[Method, ...] = tuple(SOURCES)
CRITICAL = 1.96  # as printed by Jacobson & Truax; for 95 %
ONE_SIDED = 1.65  # the value Hageman & Arrindell take


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReliableChange:
    """How far each person moved, in units of measurement error.

    Attributes
    ----------
    method : str
        Whose index it is.
    index : array, shape (n_pairs,)
        One a person with both scores, in the caller's order. Positive: higher later.
    critical : float
        A change counts when the index is beyond this, in either direction (not at it).
    higher, same, lower : int
        People beyond it upwards, within it, beyond it downwards.
    source : str
        The paper.
    """

    method: Method
    index: Floats
    critical: float
    source: str

    @property
    def higher(self) -> int:
        """People who rose by more than measurement error."""
        return int(np.sum(self.index > self.critical))

    @property
    def lower(self) -> int:
        """People who fell by more than measurement error."""
        return int(np.sum(self.index < -self.critical))

    @property
    def same(self) -> int:
        """People whose change measurement error could explain."""
        return len(self.index) - self.higher - self.lower


def check_reliability(value: float) -> float:
    """Pass a reliability in (0, 1] on; refuse anything else."""
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number or not 0 < value <= 1:
        raise ReliabilityError.out_of_range(value)
    return float(value)


def standard_error_of_measurement(sd: float, reliability: float) -> float:
    """SEM = SD·√(1 − r).

    Parameters
    ----------
    sd : float
        Standard deviation of the scores, of the group in which `reliability` was found.
    reliability : float
        In (0, 1].

    Returns
    -------
    float
        In points of the score.

    Raises
    ------
    ReliabilityError
        `reliability` is outside (0, 1].
    PopulationError
        `sd` is not above 0.

    Examples
    --------
    >>> round(standard_error_of_measurement(7.5, 0.80), 4)
    3.3541
    """
    r = check_reliability(reliability)
    if not sd > 0:
        raise PopulationError.spread("sd", sd)
    return float(sd * np.sqrt(1 - r))


def smallest_countable_change(
    sem: float, *, step: float | None = None, critical: float = CRITICAL
) -> float:
    """The smallest change that can count as more than measurement error.

    Parameters
    ----------
    sem : float
        Standard error of measurement.
    step : float, optional
        Smallest possible difference between two scores; the change is rounded up to a multiple
        of it that is really beyond the limit.
    critical : float
        How many standard errors of a difference.

    Returns
    -------
    float
        In points of the score; without `step`, the limit itself.

    Examples
    --------
    >>> round(smallest_countable_change(0.7906), 2), smallest_countable_change(0.7906, step=1)
    (2.19, 3.0)
    """
    limit = critical * float(np.sqrt(2)) * sem
    if step is None:
        return limit
    # a change of exactly the limit does not count; allow for the last digits of means of items
    return float((np.floor(limit / step + 1e-9) + 1) * step)


def reliable_change_index(
    later: ArrayLike,
    earlier: ArrayLike,
    *,
    sem: float,
    reliability: float | None = None,
    sd: float | None = None,
    method: Method = "jacobson-truax",
    post_reliability: float | None = None,
    post_sd: Literal["baseline", "own"] = "baseline",
    critical: float | None = None,
) -> ReliableChange:
    """Each person's change in units of measurement error.

    Parameters
    ----------
    later, earlier : array-like, shape (n_people,)
        Scores of the same people in the same order. A pair with NaN in either is left out.
    sem : float
        Standard error of measurement, in points of the score.
    reliability : float in (0, 1], optional
        Needed by all methods but Jacobson-Truax and Hageman-Arrindell.
    sd : float, optional
        SD that belongs to `reliability`; from `sem` when not given.
    method : str
        ``jacobson-truax``: change ÷ (SEM·√2). ``edwards-nunnally``: later score minus the
        regressed earlier one, ÷ SEM. ``gulliksen-lord-novick``: residual change ÷ SD·√(1 − r²),
        about the earlier mean. ``hsu-linn-lord``: the same about each time point's own mean, so
        it shows who moved more than the others. ``nunnally-kotsch``: an error of its own for
        each time point. ``hageman-arrindell``: change shrunk by its own reliability.
    post_reliability : float in (0, 1], optional
        Of the later scores; for ``nunnally-kotsch``.
    post_sd : {"baseline", "own"}
        The SD in the second term of ``nunnally-kotsch``: that of the earlier scores (as the R
        package clinicalsignificance has it) or of the later ones.
    critical : float, optional
        1.96, and 1.65 for ``hageman-arrindell``.

    Returns
    -------
    ReliableChange

    Raises
    ------
    ReliabilityError
        A reliability outside (0, 1], none where the method needs one, an SEM of 0.
    TooFewError
        No pair.
    NoSpreadError
        ``hageman-arrindell`` where the changes have no spread of their own.

    Notes
    -----
    Agrees with oracles/reliable_change.json to 1e-7 (tests/reference).

    Examples
    --------
    >>> change = reliable_change_index([47.5], [32.5], sem=3.3541)  # Jacobson & Truax (1991)
    >>> round(float(change.index[0]), 2)
    3.16
    """
    check_choice("method", method, METHODS)
    check_choice("post_sd", post_sd, ("baseline", "own"))
    if not sem > 0:
        raise ReliabilityError.no_error(sem)
    after, before, _ = measured_pairs(later, earlier)
    if len(after) == 0:
        raise TooFewError("Reliable change", 0, 1, "pair")
    index = _index(method, after, before, sem, reliability, sd, post_reliability, post_sd)
    default = ONE_SIDED if method == "hageman-arrindell" else CRITICAL
    return ReliableChange(
        method=method,
        index=index,
        critical=default if critical is None else critical,
        source=SOURCES[method],
    )


def _index(
    method: Method,
    after: Floats,
    before: Floats,
    sem: float,
    reliability: float | None,
    sd: float | None,
    post_reliability: float | None,
    post_sd: str,
) -> Floats:
    change: Floats = after - before
    if method == "jacobson-truax":
        return np.asarray(change / (sem * np.sqrt(2)))
    if method == "hageman-arrindell":
        return _hageman_arrindell(after, before, sem)
    if reliability is None:
        raise ReliabilityError.not_for(SOURCES[method], "a reliability")
    r = check_reliability(reliability)
    if r == 1:
        raise ReliabilityError.perfect()
    spread = sem / np.sqrt(1 - r) if sd is None else sd
    regressed: Floats = r * (before - before.mean())
    residual: Floats = after - before.mean() - regressed
    if method == "edwards-nunnally":
        return np.asarray(residual / sem)
    if method == "gulliksen-lord-novick":
        return np.asarray(residual / (spread * np.sqrt(1 - r**2)))
    if method == "hsu-linn-lord":
        own: Floats = after - after.mean() - regressed
        return np.asarray(own / (spread * np.sqrt(1 - r**2)))
    if post_reliability is None:
        raise ReliabilityError.not_for(SOURCES[method], "post_reliability=")
    later_sd = float(after.std(ddof=1)) if post_sd == "own" else spread
    own_error = later_sd**2 * (1 - check_reliability(post_reliability))
    return np.asarray(residual / np.sqrt(r**2 * spread**2 * (1 - r) + own_error))


def _hageman_arrindell(after: Floats, before: Floats, sem: float) -> Floats:
    change: Floats = after - before
    if len(change) < 3:
        raise TooFewError("The method of Hageman & Arrindell", len(change), 3, "pair")
    of_change = float(change.var(ddof=1))
    what = "Reliable change by Hageman & Arrindell"
    if of_change <= 0:
        raise NoSpreadError(what, "the SD of the changes")
    reliability = (of_change - 2 * sem**2) / of_change
    if reliability <= 0:  # more measurement error than change: nothing is left to shrink to
        return np.zeros(len(change))
    centred: Floats = change * reliability + change.mean() * (1 - reliability)
    return np.asarray(centred / (np.sqrt(reliability) * sem * np.sqrt(2)))


def chance_of_counting(
    earlier: ArrayLike,
    *,
    limit: float,
    sem: float,
    population: tuple[float, float] | None = None,
    r: float | None = None,
) -> tuple[Floats, Floats]:
    """Each person's chance to count as higher and as lower although nothing changed.

    Parameters
    ----------
    earlier : array-like, shape (n,)
        Scores at the start.
    limit : float
        A change beyond this, in points, counts.
    sem : float
        The standard error of measurement these people really have.
    population : tuple of float, optional
        Mean and SD of everybody before selection. A score then falls back towards that mean:
        later given earlier is normal about mean + r·(earlier − mean) with SD·√(1 − r²).
    r : float, optional
        Correlation of two measurements in that population.

    Returns
    -------
    tuple of array, shape (n,)
        Chance to be higher, chance to be lower; their sums are the expected counts. With a
        population they hold for any rule of selection on the earlier score.

    Examples
    --------
    >>> higher, lower = chance_of_counting([20.0] * 60, limit=1.96 * 2**0.5, sem=1.0)
    >>> round(float(higher.sum()), 2), round(float(lower.sum()), 2)
    (1.5, 1.5)
    """
    start = np.asarray(earlier, dtype=np.float64)
    if population is None or r is None:
        tail = np.full(len(start), float(special.ndtr(-limit / (np.sqrt(2) * sem))))
        return tail, tail.copy()
    mean, sd = population
    drift = -(1 - r) * (start - mean)
    spread = sd * np.sqrt(1 - r**2)
    return special.ndtr((drift - limit) / spread), special.ndtr((-drift - limit) / spread)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOffs:
    """Cut-offs a, b and c of Jacobson & Truax; None where a group's numbers were not given."""

    a: float | None
    b: float | None
    c: float | None


def cut_offs(
    *,
    clinical: tuple[float, float] | None = None,
    functional: tuple[float, float] | None = None,
    better: Literal["lower", "higher"],
) -> CutOffs:
    """Cut-offs between people who have a problem and people who do not.

    Parameters
    ----------
    clinical, functional : tuple of float, optional
        Mean and SD of those who have the problem and of those who do not.
    better : {"lower", "higher"}
        Which direction is better.

    Returns
    -------
    CutOffs
        a: 2 SD from the clinical mean; b: 2 SD (of the functional group) from the functional
        mean; c: where both are equally far off in their own SDs.

    Raises
    ------
    PopulationError
        An SD that is not above 0.

    References
    ----------
    .. [1] Jacobson & Truax (1991). J. Consult. Clin. Psychol. 59(1), 12-19.

    Examples
    --------
    >>> cut_offs(clinical=(40, 7.5), functional=(60, 7.5), better="higher")
    CutOffs(a=55.0, b=45.0, c=50.0)
    """
    check_choice("better", better, ("lower", "higher"))
    sign = 1 if better == "higher" else -1
    for name, group in (("clinical SD", clinical), ("functional SD", functional)):
        if group is not None and not group[1] > 0:
            raise PopulationError.spread(name, group[1])
    a = None if clinical is None else float(clinical[0] + sign * 2 * clinical[1])
    b = None if functional is None else float(functional[0] - sign * 2 * functional[1])
    c = None
    if clinical is not None and functional is not None:
        weighted = functional[1] * clinical[0] + clinical[1] * functional[0]
        c = float(weighted / (clinical[1] + functional[1]))
    return CutOffs(a=a, b=b, c=c)

"""Refusals of arrays: too few, no spread, lengths that differ, models that do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socmeasures.errors.base import SocmeasuresError, listed, plural


class ConfidenceError(SocmeasuresError, ValueError):
    """A coverage that is not between 0 and 1."""

    def __init__(self, value: object) -> None:
        super().__init__(
            f"confidence={value!r} is not a share between 0 and 1. "
            "For a 95 % interval write confidence=0.95."
        )


class ScoresError(SocmeasuresError, ValueError):
    """What should be a row of scores is not one."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"{name}: {why}. Expected one number a person, with NaN where a score is missing."
        )


class AnswersError(SocmeasuresError, ValueError):
    """What should be a table of answers is not one."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"{name}: {why}. Expected a table with a row a person and a column an item (or a time "
            "point), at least two columns, with NaN where an answer is missing."
        )


class PairLengthError(SocmeasuresError, ValueError):
    """Two arrays that should hold the same people differ in length."""

    def __init__(self, names: tuple[str, str], lengths: tuple[int, int]) -> None:
        super().__init__(
            f"{names[0]} has {plural(lengths[0], 'score')} and {names[1]} has {lengths[1]:,}: "
            "they cannot be the same people. Give one score a person in the same order in both, "
            "NaN where one is missing, or pair by identifier with soc.Study."
        )


class TooFewError(SocmeasuresError, ValueError):
    """Fewer measured people than the number asked for needs."""

    def __init__(self, what: str, n: int, needed: int, unit: str = "person") -> None:
        many = "people" if unit == "person" else unit + "s"
        super().__init__(
            f"{what} needs at least {plural(needed, unit, many)} with a score; there "
            f"{'is' if n == 1 else 'are'} {n}. Look at who is missing and why before going on; "
            "with so few, report the scores themselves."
        )


class NoSpreadError(SocmeasuresError, ValueError):
    """A standardised effect was asked for where the standard deviation is zero."""

    def __init__(self, what: str, sd: str) -> None:
        super().__init__(
            f"{what} cannot be computed: {sd} is 0, so there is no unit to divide by. "
            "Everybody has the same value there. Report the raw difference instead."
        )


class CollinearError(SocmeasuresError, ValueError):
    """Columns of a model that the others already determine."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(
            f"The model cannot separate its columns: {listed(list(columns))} can be computed "
            "exactly from the others (or never varies) among the people analysed. "
            "Leave out one of the columns that say the same thing."
        )


class ModelSizeError(SocmeasuresError, ValueError):
    """More coefficients than the people can carry."""

    def __init__(self, n: int, columns: int) -> None:
        super().__init__(
            f"A model with {plural(columns, 'coefficient')} needs more than {columns} people; "
            f"{n} could be analysed. Leave out covariates, or collect more outcomes."
        )


class ConstantOutcomeError(SocmeasuresError, ValueError):
    """Everybody analysed has the same outcome."""

    def __init__(self, outcome: str, wave: str, value: float) -> None:
        super().__init__(
            f"Everybody analysed has the same {outcome!r} at {wave} ({value:g}): there is "
            "nothing to estimate. Check that the right column was scored; report the value itself."
        )


class PerfectFitError(SocmeasuresError, ValueError):
    """A model that leaves nothing unexplained."""

    def __init__(self, outcome: str, wave: str) -> None:
        super().__init__(
            f"The model explains {outcome!r} at {wave} completely, so there is no error to judge "
            "the difference by. Check that the outcome is no copy of the baseline or a covariate, "
            "and that the scores within the arms differ."
        )


class ReliabilityError(SocmeasuresError, ValueError):
    """A reliability that cannot be one, or none where one is needed."""

    @classmethod
    def out_of_range(cls, value: object) -> ReliabilityError:
        """Outside (0, 1]."""
        return cls(
            f"reliability={value!r} is not a reliability: it lies above 0 and not above 1. Give "
            "the test-retest correlation over a time like yours, or Cronbach's alpha, and its "
            "source."
        )

    @classmethod
    def missing(cls, outcome: str) -> ReliabilityError:
        """No reliability was given, and none is made up."""
        return cls(
            f"Reliable change in {outcome!r} needs a reliability, and none was given. Give it with "
            "its source: reliability=soc.Reliability(0.85, sd=5.0, kind='test-retest', "
            "source='Author (year), n = 69'), or sem=... with sem_source=.... This library makes "
            "none up: different values double the change that counts."
        )

    @classmethod
    def no_sd(cls, outcome: str) -> ReliabilityError:
        """A cited reliability without the SD of the same group."""
        return cls(
            f"Reliable change in {outcome!r} needs the SD of the group the reliability was found "
            "in: SEM = SD·√(1 − r) is right only when both are of one group. Give "
            "Reliability(..., sd=...), or sd='sample' if the reliability is of these people or "
            "you accept a warning, or sem=... ."
        )

    @classmethod
    def perfect(cls) -> ReliabilityError:
        """A reliability of exactly 1 leaves no measurement error."""
        return cls(
            "With a reliability of 1 there is no measurement error and every change would count "
            "as reliable. Nothing measured by a questionnaire has it: look up the number again."
        )

    @classmethod
    def unknown_kind(cls, kind: object) -> ReliabilityError:
        """Neither stability nor internal consistency."""
        return cls(
            f"kind={kind!r} is not a kind of reliability. Say 'test-retest' (the same people "
            "twice) or 'internal consistency' (alpha, omega)."
        )

    @classmethod
    def no_error(cls, sem: object) -> ReliabilityError:
        """A standard error of measurement that is not above 0."""
        return cls(
            f"sem={sem!r}: a standard error of measurement is above 0, in points of the score."
        )

    @classmethod
    def not_for(cls, method: str, needs: str) -> ReliabilityError:
        """A method of reliable change that needs more than was given."""
        return cls(
            f"The method of {method} needs {needs}, which was not given. Give it, or leave that "
            "method out of sensitivity=."
        )


class CutoffSideError(SocmeasuresError, ValueError):
    """A cut-off that does not lie between the group that has the problem and the one without."""

    def __init__(
        self, cutoff: float, clinical: float, functional: float | None, better: str
    ) -> None:
        over, under = ("below", "above") if better == "lower" else ("above", "below")
        ends = f"{over} the mean before of those who have the problem ({clinical:g})"
        if functional is not None:
            ends += f" and {under} the mean of those who do not ({functional:g})"
        super().__init__(
            f"The cut-off {cutoff:g} is on the wrong side. Where {better} is better it lies "
            f"{ends}. Look up which direction the scale runs in, or which group each mean is of."
        )


class NormValueError(SocmeasuresError, ValueError):
    """A norm without the numbers a comparison needs."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            f"This norm lacks {', '.join(missing)}. A comparison needs its mean, its SD and its n; "
            "a mean without the number of people behind it has no interval."
        )


class ProbabilityError(SocmeasuresError, ValueError):
    """Something that should be a p value and is not."""

    def __init__(self, value: object) -> None:
        super().__init__(f"{value!r} is not a p value: it lies from 0 to 1 (NaN when missing).")


class MarginError(SocmeasuresError, ValueError):
    """Bounds of equivalence that do not enclose zero."""

    exit_code = 2

    def __init__(self, low: object, high: object) -> None:
        super().__init__(
            f"The bounds {low!r} and {high!r} do not enclose 0. Equivalence means: between a lower "
            "bound below 0 and an upper bound above 0, both set before the data are seen."
        )


class NotACountError(SocmeasuresError, ValueError):
    """An outcome for a model of counts that is no count."""

    def __init__(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        shown = listed([f"{r['value']:g}" for r in rows])
        super().__init__(
            f"{name!r} is no count: it holds {shown}. A rate ratio needs whole numbers from 0. "
            "For a share or a score use pre_post(study, outcome) or ancova(study, outcome, "
            "wave=...).",
            rows,
        )


class ConvergenceError(SocmeasuresError, ValueError):
    """The likelihood of a model for repeated measures has no optimum that could be proved."""

    def __init__(self, covariance: str, tried: Sequence[str], edge: bool) -> None:
        self.covariance = covariance
        why = (
            "the estimate ran to the edge, where one time point is known exactly from the others"
            if edge
            else "no point was found where the likelihood is flat and curved downwards"
        )
        super().__init__(
            f"The model with covariance {covariance!r} did not converge: {why}. "
            f"Tried: {', '.join(tried)}. There are too few people for so many covariances, or two "
            "time points hold nearly the same numbers: choose a simpler covariance ('toeph', "
            "'csh', 'cs'), or leave out a time point."
        )


class UnseenPairError(SocmeasuresError, ValueError):
    """Two time points that nobody has together."""

    def __init__(self, covariance: str, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)
        told = [f"{a} with {b}" if a != b else a for a, b in pairs]
        super().__init__(
            f"Nobody was measured at both of these time points: {listed(told)}. Their covariance "
            f"cannot be known, and covariance {covariance!r} needs it. Check that people have the "
            "same identifier at every time point; else leave one of them out, or choose a "
            "structure that does not need it, as 'csh' or 'ar1h'."
        )

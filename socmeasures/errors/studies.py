"""Refusals about studies: people, time points, arms, outcomes, designs and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socmeasures.errors.base import SocmeasuresError, did_you_mean, listed, plural


class StudyError(SocmeasuresError):
    """The data and the description of the study do not fit together; every fault at once."""

    def __init__(self, faults: Sequence[str], rows: Sequence[Mapping[str, Any]] = ()) -> None:
        self.faults = tuple(faults)
        head = f"{plural(len(faults), 'fault')} in this study:"
        tail = "All of it is in error.problems." if rows else ""
        super().__init__("\n".join([head, *(f"  - {f}" for f in faults), tail]).rstrip(), rows)


class OutcomeNotFoundError(SocmeasuresError, KeyError):
    """An outcome, covariate or baseline column that the study does not hold."""

    def __init__(self, name: str, known: Sequence[str], what: str = "outcome") -> None:
        self._text = (
            f"There is no {what} {name!r} in this study.{did_you_mean(name, known)} "
            f"Columns here: {listed(list(known), 12)}."
        )
        super().__init__(self._text)

    def __str__(self) -> str:
        return self._text  # KeyError would show the text in quotes


class WaveNotFoundError(SocmeasuresError, ValueError):
    """A time point the study does not have, or one that stands in the wrong place."""

    def __init__(self, wave: object, known: Sequence[str], why: str = "") -> None:
        text = why or f"This study has no time point {wave!r}.{did_you_mean(str(wave), known)}"
        super().__init__(f"{text} Its time points, in order: {', '.join(known)}.")


class TextOutcomeError(SocmeasuresError, ValueError):
    """An outcome or baseline that holds text where numbers belong."""

    def __init__(
        self, name: str, values: Sequence[object], rows: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        shown = listed([repr(v) for v in values])
        super().__init__(
            f"{name!r} holds text where numbers belong: {shown}. Means cannot be taken of it. "
            "Score the answers first (soc.score), or turn the text into numbers by a rule you "
            "can cite.",
            rows,
        )


class NobodyMeasuredTwiceError(SocmeasuresError, ValueError):
    """No person has a score at both time points."""

    def __init__(self, outcome: str, earlier: str, later: str, counts: Sequence[str]) -> None:
        super().__init__(
            f"Nobody has {outcome!r} both at {earlier} and at {later}, so no change can be "
            f"computed. Counted: {'; '.join(counts)}. Check that the identifier is the same "
            "at both time points; if answers cannot be linked by person, change cannot be "
            "measured, only the two groups compared."
        )


class OnePairError(SocmeasuresError, ValueError):
    """Exactly one person has a score at both time points."""

    def __init__(self, outcome: str, earlier: str, later: str) -> None:
        super().__init__(
            f"Only 1 person has {outcome!r} both at {earlier} and at {later}: one change has no "
            "spread, so there is no interval and no test. Check that the identifier is the same "
            "at both time points, or report that one person's scores without an estimate."
        )


class OneArmError(SocmeasuresError, ValueError):
    """A comparison of arms was asked for where there is only one."""

    def __init__(self, analysis: str, arms: Sequence[str], where: str = "") -> None:
        seen = f"only {listed(list(arms))}" if arms else "none"
        super().__init__(
            f"{analysis} compares arms, and this study has {seen}{where}. Name the arm column "
            "with Study(arm=..., control=...); for one group before and after use "
            "pre_post(study, outcome)."
        )


class ControlNotNamedError(SocmeasuresError, ValueError):
    """Arms without saying which one the others are compared with."""

    def __init__(self, analysis: str, arms: Sequence[str]) -> None:
        super().__init__(
            f"{analysis} needs to know which arm the others are compared with. "
            f"Arms: {', '.join(arms)}. Give Study(..., control={arms[0]!r}) or another of them."
        )


class SmallArmError(SocmeasuresError, ValueError):
    """An arm with too few people with an outcome."""

    def __init__(self, outcome: str, wave: str, counts: Mapping[str, int]) -> None:
        told = ", ".join(f"{arm} {n}" for arm, n in counts.items())
        super().__init__(
            f"An arm has fewer than 2 people with {outcome!r} at {wave} ({told}), so the arms "
            "cannot be compared there. Choose another time point, or leave that arm out and say so."
        )


class ClusterAllocationError(SocmeasuresError, ValueError):
    """An analysis of individuals was asked for in a study allocated by cluster."""

    def __init__(self, analysis: str, cluster: str) -> None:
        super().__init__(
            f"{analysis} treats people as independent, but this study was allocated by cluster "
            f"({cluster!r}): its intervals would be too narrow. Analyse it with cluster_trial."
        )


class ReportError(SocmeasuresError, ValueError):
    """A report that would say nothing, or would show what it must not; nothing was written."""

    @classmethod
    def no_results(cls) -> ReportError:
        """An empty list of results."""
        return cls(
            "There is nothing to report: no results were given. "
            "Pass what an analysis gave, e.g. report([pre_post(study, outcome)], path)."
        )

    @classmethod
    def not_a_result(cls, place: int, kind: str) -> ReportError:
        """Something among the results that is not one."""
        return cls(
            f"Result {place} is of kind {kind!r}; a report is made of Results, "
            "as pre_post(study, outcome) or ancova(study, outcome, wave=...) give them."
        )

    @classmethod
    def nobody_analysed(cls, titles: Sequence[str]) -> ReportError:
        """Results that rest on nobody."""
        return cls(
            f"Nobody is in the analysis of {listed([repr(t) for t in titles])}, so there is "
            "nothing to report. Look at result.n for the reasons, or leave that result out."
        )

    @classmethod
    def no_such_audience(cls, audience: object) -> ReportError:
        """A page for an audience this version has none for."""
        return cls(
            f"There is no report for audience={audience!r}. audience='internal' gives the full "
            "page, which shows small numbers as they are, so it is not one to pass on; "
            "audience='funder' gives the one to pass on."
        )

    @classmethod
    def not_named_internal(cls, name: str, proposed: str) -> ReportError:
        """Lines of single people under a file name that does not say so."""
        return cls(
            f"{name}: a report with individual lines holds personal data, and its file name must "
            f"say so. Call it {proposed!r}, or leave individual_lines=False."
        )


class DesignError(SocmeasuresError):
    """A design file has faults, or does not fit the data; all of them are listed."""

    exit_code = 2

    def __init__(self, file: str, faults: Sequence[str]) -> None:
        lines = [f"{file}: {plural(len(faults), 'fault')} in this design."]
        lines += [f"  {fault}" for fault in faults]
        lines.append(
            "Correct the design and run again; socmeasures/demo/design.toml shows every field."
        )
        super().__init__(
            "\n".join(lines),
            [{"rule": "study", "severity": "error", "message": fault} for fault in faults],
        )

    @classmethod
    def absent_column(cls, place: str, name: str, columns: Sequence[str]) -> DesignError:
        """A column the design names is not in the data."""
        return cls(
            "the design",
            [f"[{place}]: there is no column {name!r} in the data.{did_you_mean(name, columns)}"],
        )


class MixedKeysError(SocmeasuresError):
    """Scores of one outcome were made with different keys, so they cannot be compared."""

    def __init__(self, outcome: str, keys: Sequence[tuple[str, str]]) -> None:
        lines = [f"{outcome!r} was scored with different keys at different time points:"]
        lines += [f"  {wave or 'no time point'}: {key}" for wave, key in keys]
        lines.append(
            "Totals of different keys or forms are never compared or pooled. Score all time "
            "points with one definition."
        )
        super().__init__("\n".join(lines))


class DirectionUnknownError(SocmeasuresError, ValueError):
    """Better or worse was asked for where nobody said which direction is better."""

    exit_code = 2

    def __init__(self, outcome: str, what: str) -> None:
        super().__init__(
            f"{what} needs to know which direction of {outcome!r} is better, and nobody said. "
            f"Say it: Study(..., better={{{outcome!r}: 'lower'}}) (or 'higher')."
        )


class SampleMeanError(SocmeasuresError, ValueError):
    """The selected people's own mean was given as the mean before selection."""

    def __init__(self, given: float, sample: float) -> None:
        super().__init__(
            f"mean={given:g} is the mean of these very people at the start ({sample:g}). "
            "Regression to the mean goes towards the mean of everybody BEFORE selection: all "
            "referrals, everybody screened, or a cited norm. With the selected people's own mean "
            "the answer is always nearly 0, and wrong. Leave mean= out for a table over possible "
            "values."
        )


class PopulationError(SocmeasuresError, ValueError):
    """Numbers of a population that cannot be, or that come without what they need."""

    exit_code = 2

    @classmethod
    def correlation(cls, r: object) -> PopulationError:
        """A correlation outside its range."""
        return cls(
            f"r={r!r} is not a correlation over the follow-up: it lies from 0 to 1. Give the "
            "correlation of two measurements as far apart as yours, and not alpha."
        )

    @classmethod
    def spread(cls, name: str, value: object) -> PopulationError:
        """An SD that is not above 0."""
        return cls(f"{name}={value!r} is not a standard deviation: it is above 0.")

    @classmethod
    def no_source(cls, what: str) -> PopulationError:
        """A number from outside without the place it is from."""
        return cls(
            f"{what} is given without source=. A number from outside the data is used only with "
            "where it is from, e.g. source='Health Survey for England 2011, adults, n = 7,196'."
        )

    @classmethod
    def needs(cls, given: str, missing: str) -> PopulationError:
        """Something that cannot be computed without another number."""
        return cls(f"{given} needs {missing}, which was not given. Give it with its source.")

    @classmethod
    def not_cited(cls, outcome: str) -> PopulationError:
        """The scale's definition cites no minimal important difference."""
        return cls(
            f"minimal_important='cited': the definition behind {outcome!r} cites no minimal "
            "important difference. Give the number of points and minimal_important_source=."
        )

    @classmethod
    def amount(cls, name: str, value: object) -> PopulationError:
        """A size of change that is not above 0."""
        return cls(f"{name}={value!r}: the size of a change is given as a number above 0.")

    @classmethod
    def one_of_two(cls, given: str, missing: str) -> PopulationError:
        """Half of what is needed."""
        return cls(
            f"{given} is given without {missing}. Give both, or neither: then a table over "
            "possible values is given instead of a number."
        )


class NormFormError(SocmeasuresError, ValueError):
    """A norm of another instrument or form."""

    def __init__(self, norm: str, outcome: str) -> None:
        super().__init__(
            f"The norm is of {norm!r} and the scores are of {outcome!r}: totals of different forms "
            "are never compared. Score the form the norm is of, or find a norm of yours."
        )


class FamilyError(SocmeasuresError, ValueError):
    """A family of comparisons that does not fit the outcomes."""

    exit_code = 2

    @classmethod
    def not_analysed(cls, names: Sequence[str], outcomes: Sequence[str]) -> FamilyError:
        """Declared but not among the outcomes."""
        return cls(
            f"{listed([repr(n) for n in names])} is declared in a family but is not among the "
            f"outcomes ({', '.join(outcomes)}). Add it to the outcomes or leave it out."
        )

    @classmethod
    def in_both(cls, names: Sequence[str]) -> FamilyError:
        """Primary and secondary at once."""
        return cls(
            f"{listed([repr(n) for n in names])} is declared as primary and as secondary. An "
            "outcome belongs to one family, chosen before the data are seen."
        )


class TooFewSitesError(SocmeasuresError, ValueError):
    """Robust intervals by site with too few sites."""

    def __init__(self, sites: int) -> None:
        super().__init__(
            f"Intervals by site need two sites or more; there {'is' if sites == 1 else 'are'} "
            f"{sites}. Leave the site out, or report this site by itself."
        )


class TimingError(SocmeasuresError, ValueError):
    """Weeks between time points were asked for where no dates can give them."""

    exit_code = 2

    @classmethod
    def no_dates(cls) -> TimingError:
        """A study without a date column."""
        return cls(
            "The time between answers needs dates, and this study has none. Name the column: "
            "Study(..., date='answered_on')."
        )

    @classmethod
    def bad_window(cls, window: object) -> TimingError:
        """A window that is no pair of weeks."""
        return cls(
            f"window={window!r} is not a window. Give the fewest and the most weeks between the "
            "two answers, e.g. window=(20, 32)."
        )


class SeparationError(SocmeasuresError, ValueError):
    """A logistic model in which some people's outcome is certain."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            "The logistic model has no estimate: some combination of its columns "
            f"({listed(list(names), 8)}) separates those with the event from those without, "
            "completely or nearly. Leave out covariates, join small categories, or report the "
            "unadjusted difference."
        )


class SuppressionError(SocmeasuresError, ValueError):
    """A limit for small counts that is none."""

    exit_code = 2

    def __init__(self, below: object) -> None:
        super().__init__(
            f"suppress_below={below!r}: expected a whole number of 1 or more. Counts from 1 up to, "
            "not including, this number are hidden; 5 is usual, 1 hides nothing."
        )


class FunderReportError(SocmeasuresError, ValueError):
    """A report for a funder that cannot be made from what was given; nothing was written."""

    exit_code = 2

    @classmethod
    def no_change(cls, kinds: Sequence[str]) -> FunderReportError:
        """No change before and after among the results."""
        return cls(
            "A funder's report opens with a change before and after, and there is none among the "
            f"results (there is {listed([repr(k) for k in kinds])}). Add one: "
            'pre_post(study, outcome), in a design file kind = "pre_post".'
        )

    @classmethod
    def risk_outcome(cls, columns: Sequence[str]) -> FunderReportError:
        """Answers to questions about harm among the outcomes."""
        return cls(
            f"{listed(list(columns))}: answers to questions about risk of harm are never in a "
            "funder's report. Leave them out of the results; the INTERNAL list is for them."
        )

    @classmethod
    def unknown_format(cls, asked: object, known: Sequence[str]) -> FunderReportError:
        """A format that reports are not written in."""
        return cls(
            f"{asked!r}: reports are not written in this form. Expected {listed(list(known))}."
        )

    @classmethod
    def internal_is_html(cls, name: str) -> FunderReportError:
        """An internal report in another format."""
        return cls(
            f"{name}: the internal report is written as one .html page only. Give a name that "
            'ends in .html, or audience="funder" for .docx, charts and tables.'
        )

    @classmethod
    def folder_of_others(cls, folder: str) -> FunderReportError:
        """A folder for charts that holds something else."""
        return cls(
            f"{folder}: there is a folder of this name already, and it was not made by a report "
            "(it has no alt-text.txt). Nothing was written. Rename it, or write the report "
            "somewhere else."
        )


class ServiceColumnError(SocmeasuresError, ValueError):
    """Services that cannot be told apart."""

    exit_code = 2

    def __init__(self, column: str, why: str, columns: Sequence[str] = ()) -> None:
        near = did_you_mean(column, list(columns)) if columns else ""
        super().__init__(f"by service: {column!r} {why}.{near}")


class ComparatorError(SocmeasuresError):
    """The table of national figures has a fault."""

    exit_code = 2

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(
            "\n".join(["comparators.toml has faults:", *(f"  {fault}" for fault in faults)])
        )


class MarginSizeError(SocmeasuresError, ValueError):
    """A non-inferiority margin that is no margin."""

    exit_code = 2

    def __init__(self, margin: object) -> None:
        super().__init__(
            f"margin={margin!r} is no margin: give the largest worsening that would not matter, "
            "as a number above 0 in points of the score, set before the data are seen."
        )


class NoStandardErrorError(SocmeasuresError, ValueError):
    """A result whose rows cannot be tested against a margin or shifted."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"A result of {kind!r} has rows without a standard error and degrees of freedom, or no "
            "comparison with a control, so this cannot be computed from it. Give a result of "
            "ancova, mmrm or cluster_trial."
        )


class EventError(SocmeasuresError, ValueError):
    """An outcome that does not say who has the event."""

    @classmethod
    def not_binary(cls, outcome: str, wave: str, values: Sequence[float]) -> EventError:
        """Other values than 0 and 1."""
        return cls(
            f"{outcome!r} at {wave} holds other values than 0 and 1 "
            f"({listed([f'{v:g}' for v in values])}), so who has the event is not clear. Give a "
            "cut-off, at_least= or at_most=, chosen before the data are seen."
        )

    @classmethod
    def two_cut_offs(cls, outcome: str) -> EventError:
        """At least and at most together."""
        return cls(
            f"at_least= and at_most= are both given for {outcome!r}. The event is one or the "
            "other: give one cut-off."
        )


class FlowError(SocmeasuresError, ValueError):
    """Numbers of a participant flow that do not add up."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            f"The flow of participants does not add up: {'; '.join(faults)}. Correct the counts "
            "that were given (screened=, reasons=, lost=), or leave out what was not recorded."
        )


class NoPictureError(SocmeasuresError, ValueError):
    """A picture of something a result does not hold."""

    def __init__(self, what: str, kind: str, wanted: str) -> None:
        super().__init__(
            f"There is nothing to draw: a result of {kind!r} holds no {what}. Give a result of "
            f"{wanted}."
        )


class StartError(SocmeasuresError):
    """`start` cannot go on with what it found or was told."""

    exit_code = 2

    @classmethod
    def no_person(cls, columns: Sequence[str]) -> StartError:
        """No column that could be an identifier."""
        return cls(
            "No column was found that says who a person is, and without one nobody's two answers "
            f"can be put together. The columns are: {listed(list(columns), 8)}. Name one: "
            "socmeasures start FILE --person COLUMN. If there is none, nobody can be followed."
        )

    @classmethod
    def no_time_points(cls) -> StartError:
        """One time point only."""
        return cls(
            "Two time points are needed, and one was found. Give the sheets "
            '(--when "Before, After"), the column that says when (--when COLUMN), or mark the '
            "columns of each time point in their names (q1_t1, q1_t2)."
        )

    @classmethod
    def no_measures(cls, found: Sequence[str]) -> StartError:
        """Nothing to score."""
        return cls(f"No questionnaire was chosen. These were found: {listed(list(found))}.")

    @classmethod
    def labels(cls, said: str, marks: Sequence[str]) -> StartError:
        """Another number of names than of time points."""
        return cls(
            f"{said!r}: give one name for each of {listed(list(marks))}, in this order, with "
            'commas between them: "before, after".'
        )

    @classmethod
    def not_a_choice(
        cls, key: str, said: str, choices: Sequence[str], near: str = ""
    ) -> StartError:
        """An answer that is none of those that can be."""
        return cls(f"{key}: {said!r} is not one of {listed([repr(c) for c in choices], 8)}.{near}")


class PopulationChoiceError(SocmeasuresError, ValueError):
    """A population of a study that is not one."""

    exit_code = 2

    def __init__(self, why: str) -> None:
        super().__init__(
            f"This population cannot be made: {why}. population(study, complete='score column') "
            "keeps people measured at every time point, population(study, per_protocol='column') "
            "those marked 1 there; the study itself is everybody as allocated."
        )


class PseudonymError(SocmeasuresError, ValueError):
    """Identifiers that cannot be replaced by codes."""

    exit_code = 2

    @classmethod
    def short_key(cls) -> PseudonymError:
        """A key that can be guessed."""
        return cls("The key has fewer than 16 bytes and could be guessed. Let one be made.")

    @classmethod
    def no_column(cls, person: str, near: str) -> PseudonymError:
        """No identifier."""
        return cls(
            f"There is no column {person!r} whose identifiers could be replaced.{near} "
            "Name it: --person COLUMN."
        )

    @classmethod
    def not_a_key(cls, path: object) -> PseudonymError:
        """A file that holds something else."""
        return cls(
            f"{path}: this file is there and is no key. Name another file; a key is made in it."
        )

    @classmethod
    def whole_files_only(cls) -> PseudonymError:
        """A folder, or a file in blocks."""
        return cls(
            "--pseudonymise works on one file read whole. Give a file instead of a folder, and "
            "--whole."
        )

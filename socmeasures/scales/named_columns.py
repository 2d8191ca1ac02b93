"""A scale on named columns: which column is which item, and what each code there is worth.

What every export shares. Knows no frame and no answer: names and codes only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from socmeasures.errors import ChoiceError, ScaleExportError, UnverifiedScaleError
from socmeasures.scales.model import Scale
from socmeasures.scales.parts import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedColumns:
    """A scale, the column of each item, the scores that may be used, and the coding in the file.

    Attributes
    ----------
    scale : Scale
        The instrument.
    columns : mapping of item number to str
        A name for every item that is asked, in the order of the definition.
    scores : tuple of Score
        Scores graded unverified are left out unless the caller accepted them.
    coding : str
        What the codes in the columns mean: ``canonical``, or one of the scale's named codings.
    wave : str or None
        Time point, put behind the names of scores: ``ucla3_total__pre``.
    """

    scale: Scale
    columns: Mapping[int, str]
    scores: tuple[Score, ...]
    coding: str
    wave: str | None

    def answers(self, number: int) -> dict[int, str]:
        """Codes of one item as they stand in the column, with their labels; none for a count."""
        labels = {option.code: option.label for option in self.scale.options(number)}
        codes = self.scale.raw_to_canonical(number, self.coding)
        return {raw: labels[codes[raw]] for raw in sorted(codes) if codes[raw] in labels}

    def answers_in_words(self, number: int) -> str:
        """`1 never, 2 sometimes`, or `whole numbers from 0 to 30`."""
        item = self.scale.item(number)
        shown = [f"{code} {label}" for code, label in self.answers(number).items()]
        if item.counts_to is not None:
            shown = [f"whole numbers from 0 to {item.counts_to}"]
            codes = self.scale.raw_to_canonical(number, self.coding)
            outside = () if item.not_applicable is None else item.not_applicable.codes
            shown += [f"{raw} does not apply" for raw in sorted(codes) if codes[raw] in outside]
        return ", ".join(shown)

    def meaning(self, number: int) -> dict[int, int]:
        """Code in the column → canonical code, ascending; of answers only, as they are scored."""
        if self.scale.item(number).derived is not None:  # made, not answered: no coding applies
            return {code: code for code in self.scale.codes(number)}
        absent = self.scale.absent_codes(number)
        codes = self.scale.raw_to_canonical(number, self.coding)
        return {raw: codes[raw] for raw in sorted(codes) if codes[raw] not in absent}

    def absent(self, number: int) -> tuple[int, ...]:
        """Codes in the column that count as no answer: the question did not apply."""
        absent = self.scale.absent_codes(number)
        codes = self.scale.raw_to_canonical(number, self.coding)
        return tuple(raw for raw in sorted(codes) if codes[raw] in absent)

    def flags(self) -> Iterator[tuple[str, int, tuple[int, ...]]]:
        """Name, item and canonical codes of each flag for a question that did not apply."""
        for item in self.scale.items:
            outside, rule = item.not_applicable, item.derived
            if outside is not None and outside.flag is not None:
                yield outside.flag, item.number, outside.codes
            if rule is not None and rule.flag is not None:
                gate = rule.items[0]
                below = tuple(code for code in self.scale.codes(gate) if code < rule.from_)
                yield rule.flag, gate, below

    def answer_groups(self, numbers: Sequence[int]) -> dict[str, list[int]]:
        """Items that share their answers, by these in words."""
        groups: dict[str, list[int]] = {}
        for number in numbers:
            groups.setdefault(self.answers_in_words(number), []).append(number)
        return groups

    def points(self, score: Score, number: int) -> dict[int, float]:
        """What each code in the column of one item is worth in one score, ascending by code."""
        worth = self.scale.points(score, number)
        return {raw: worth[code] for raw, code in self.meaning(number).items()}

    def name(self, score_id: str, companion: str = "") -> str:
        """Name of a score column or of its companion: `ucla3_total_n__pre`."""
        behind = f"__{self.wave}" if self.wave else ""
        return f"{self.scale.id}_{score_id}{companion}{behind}"

    def grade(self, score: Score) -> str:
        """Evidence grade of one score."""
        return score.evidence or self.scale.evidence

    def title(self, score: Score) -> str:
        """What a score is, in one line, with its warning."""
        low, high = score.range
        warning = " [key unverified, check before use]" * (self.grade(score) == "unverified")
        key = f" [key: {self.scale.key}]" if self.scale.key else ""
        return (
            f"{self.scale.name}: {score.label or score.id} "
            f"({low:g} to {high:g}, higher = {score.higher}){warning}{key}"
        )


def named_columns(
    scale: Scale,
    *,
    to: str,
    names: Mapping[int, str] | None = None,
    prefix: str | None = None,
    coding: str = "canonical",
    wave: str | None = None,
    accept_unverified: bool = False,
) -> NamedColumns:
    """Choose the column of each item and the scores, or refuse with every fault.

    Columns are `names[number]`, else the prefix and the number, else ``{scale}_{number}``.
    """
    if coding not in scale.coding_names:
        raise ChoiceError("coding", coding, scale.coding_names)
    given = {} if names is None else {int(n): str(c) for n, c in names.items()}
    for number in sorted(set(given) - set(scale.numbers)):
        raise ChoiceError(f"item number for scale {scale.id!r}", number, scale.numbers)
    before = f"{scale.id}_" if prefix is None else prefix
    columns = {n: given.get(n, f"{before}{n}") for n in scale.numbers}
    times = Counter(column.lower() for column in columns.values())
    twice = [c for c in dict.fromkeys(columns.values()) if times[c.lower()] > 1]
    if twice:
        raise ScaleExportError(
            scale.id,
            to,
            [f"column {c!r} stands for more than one item (capitals do not tell)" for c in twice],
            "Give each item a column of its own in names=.",
        )
    scores = tuple(s for s in scale.scores if accept_unverified or s.evidence != "unverified")
    return NamedColumns(scale=scale, columns=columns, scores=scores, coding=coding, wave=wave)


def refuse_unverified(scale: Scale, accept_unverified: bool) -> None:
    """A key that may compute scores elsewhere leaves only with the caller's word."""
    if scale.opt_in and not accept_unverified:
        raise UnverifiedScaleError(f"{scale.id!r} ({scale.name})", scale.evidence_note)


def number_text(value: float) -> str:
    """A number as every target reads it: `3`, `0.5`, `14.08`, without an exponent's surprise."""
    return str(int(value)) if value == int(value) else repr(float(value))


def runs(points: Mapping[int, float]) -> list[tuple[int, int, float]]:
    """Neighbouring codes that are worth the same: first code, last code, points; ascending."""
    found: list[tuple[int, int, float]] = []
    for code in sorted(points):
        if found and found[-1][1] == code - 1 and found[-1][2] == points[code]:
            found[-1] = (found[-1][0], code, points[code])
        else:
            found.append((code, code, points[code]))
    return found

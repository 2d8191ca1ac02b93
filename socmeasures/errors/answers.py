"""Refusals about answers: columns, codings, plans, values that do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from socmeasures.errors.base import SHOWN, SocmeasuresError, listed, nearest, plural

if TYPE_CHECKING:
    import pandas as pd


def _blank(value: Any) -> bool:
    return value is None or value != value or value == ""


def _close_column(names: Sequence[str], columns: Sequence[str]) -> str | None:
    for name in names:
        close = nearest(name, columns, 1)
        if close:
            return close[0]
    return None


ANOTHER_LANGUAGE = "are not among the scale's options"  # value labels nothing explains


class CodingError(SocmeasuresError):
    """It is not known what the codes of some columns mean."""

    def __init__(
        self, undecided: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        lines = []
        several = len({case["scale"] for case in undecided}) > 1
        for case, waves in _same_but_for_their_wave(undecided):
            times = " and ".join(repr(wave) for wave in waves)
            where = f" at time point{'s' * (len(waves) > 1)} {times}" if waves else ""
            lines.append(
                f"The coding of scale {case['scale']!r}{where} is not known: {case['why']}"
            )
            lines.append("  Codings it could be:")
            lines += [f"    {line}" for line in case["codings"]]
            if case.get("fits"):
                fits = case["fits"]
                one = len(fits) == 1
                lines.append(
                    f"  The answers fit {'only ' if one else ''}"
                    f"{' or '.join(repr(f) for f in fits)}; nothing was applied."
                )
            name = case["fits"][0] if len(case.get("fits", ())) == 1 else "canonical"
            told = f"{case['scale']}={name}" if several else name
            lines.append(
                f"  Look at the questionnaire, then pass coding={name!r} (command line: "
                f"--coding {told}; in a plan: coding = {name!r}), or give the value labels."
            )
            if ANOTHER_LANGUAGE in case["why"]:
                lines.append(
                    "  If they are words of another language, a table says what they mean: "
                    "--labels words.toml."
                )
        if several:
            lines.append(
                "On the command line all are given at once: --coding SCALE=NAME,SCALE=NAME."
            )
        super().__init__("\n".join(lines), rows)


def _same_but_for_their_wave(
    undecided: Sequence[Mapping[str, Any]],
) -> list[tuple[Mapping[str, Any], list[str]]]:
    """Cases of one scale that ask the same question, with the time points they ask it of."""
    found: dict[tuple[Any, ...], tuple[Mapping[str, Any], list[str]]] = {}
    for case in undecided:
        same = (case["scale"], case["why"], tuple(case["codings"]), tuple(case.get("fits") or ()))
        waves = found.setdefault(same, (case, []))[1]
        waves += [case["wave"]] if case.get("wave") else []
    return list(found.values())


class ItemColumnsError(SocmeasuresError):
    """Columns were named for the items of a scale, but not as many as it has, or of no scale."""

    exit_code = 2

    def __init__(self, scale: str, n_items: int, columns: Sequence[str]) -> None:
        super().__init__(
            f"Scale {scale!r} has {n_items} items, and {plural(len(columns), 'column')} "
            f"{'is' if len(columns) == 1 else 'are'} named: {listed(columns)}. Name {n_items}, in "
            f"the order of the items (socmeasures scale show {scale} lists them)."
        )

    @classmethod
    def of_no_scale(cls, named: Sequence[str]) -> ItemColumnsError:
        """Columns are named, and no scale or several."""
        error = cls.__new__(cls)
        given = f"{len(named)} scales are" if named else "no scale is"
        SocmeasuresError.__init__(
            error,
            f"Columns are named for the items of a scale, but {given} named beside them. Name one: "
            "match_scales(data, scales='ucla3', items=[…]), on the command line --scale ucla3 "
            "--columns Q4a,Q4b,Q4c.",
        )
        return error


class ResponseError(SocmeasuresError):
    """Answers that do not fit their scale; every one of them is in `.problems`.

    `count` says how many there are where `problems` tables only the first of them, `part` which
    part of the data their rows are counted in, where that is not the whole.
    """

    def __init__(
        self,
        problems: pd.DataFrame,
        *,
        scales: Sequence[str],
        people: int,
        named: bool = False,
        hints: Sequence[str] = (),
        count: int | None = None,
        part: str = "",
    ) -> None:
        n = len(problems) if count is None else count
        where = f"{part}, " if part else ""
        of = plural(people, "person", "people") if named else plural(people, "row")
        word = "does" if n == 1 else "do"
        lines = [
            f"{plural(n, 'answer')} {word} not fit scale {', '.join(repr(s) for s in scales)}."
        ]
        for place in problems.head(SHOWN).to_dict("records"):
            person = "" if _blank(place["person"]) else f", person {place['person']}"
            lines.append(
                f"  {where}row {place['row']}{person}, column {place['column']}: {place['message']}"
            )
        if n > SHOWN:
            lines.append(f"  … {n - SHOWN:,} more in error.problems")
        if n > len(problems):
            lines.append(f"  (the first {len(problems):,} are tabled there)")
        lines += [f"  {hint}" for hint in hints]
        lines.append(
            f"Correct them in the source, declare missing codes as missing, or go on without them: "
            f'score(..., invalid="missing"), on the command line --invalid missing. That treats '
            f"{plural(n, 'answer')} of {of} as not given; the count is recorded."
        )
        super().__init__("\n".join(lines))
        self.count, self.people, self.scales = n, people, tuple(scales)
        self._table = problems
        self._named, self._hints = named, tuple(hints)

    def moved(self, *, rows: int = 0, part: str = "") -> ResponseError:
        """The same answers, with rows counted on from those before, or within a named part."""
        return ResponseError(
            self._table.assign(row=self._table["row"] + rows),
            scales=self.scales,
            people=self.people,
            named=self._named,
            hints=self._hints,
            count=self.count,
            part=part,
        )

    @property
    def problems(self) -> pd.DataFrame:
        """One row an answer that does not fit."""
        return self._table


class ColumnsNotFoundError(SocmeasuresError):
    """Columns a scale needs are not in the data."""

    def __init__(
        self,
        scale: str,
        missing: Mapping[int, Sequence[str]],
        columns: Sequence[str],
        n_items: int,
        hint: str = "",
    ) -> None:
        wanted = ", ".join(f"item {n} ({' or '.join(names[:2])})" for n, names in missing.items())
        close = {n: _close_column(names, columns) for n, names in missing.items()}
        offered = {n: c for n, c in close.items() if c}
        shown = ", ".join(f"{n}: {c!r}" for n, c in list(offered.items())[:SHOWN])
        message = (
            f"Scale {scale!r} has {n_items} items; no column was found for "
            f"{len(missing)} of them: {wanted}."
        )
        if offered:
            message += f" Close: {shown}. If these are the items, pass items={{{shown}, …}}."
        else:
            message += " Say which columns they are: items={1: 'your column', 2: …}."
        message += (
            f" On the command line: socmeasures match FILE --scale {scale} --columns "
            "COLUMN1,COLUMN2,… -o plan.toml, the columns in the order of the items; then --plan "
            "plan.toml."
        )
        rows = [
            {
                "scale": scale,
                "item": n,
                "column": names[0],
                "rule": "missing_column",
                "severity": "error",
                "message": f"no column for item {n} of {scale}",
            }
            for n, names in missing.items()
        ]
        super().__init__(message + (f" {hint}" if hint else ""), rows)

    @classmethod
    def partly(cls, cases: Sequence[str]) -> ColumnsNotFoundError:
        """Some time points of a scale that was asked for lack columns."""
        error = cls.__new__(cls)
        lines = ["Not every item of the scales asked for has a column:"]
        lines += [f"  {case}" for case in cases]
        lines.append(
            "Rename the columns, or name them in a plan file (socmeasures match FILE -o plan.toml "
            "writes what was found, for correction by hand; then --plan plan.toml)."
        )
        SocmeasuresError.__init__(
            error,
            "\n".join(lines),
            [{"rule": "missing_column", "severity": "error", "message": case} for case in cases],
        )
        return error


class AmbiguousColumnsError(SocmeasuresError):
    """Two readings of the columns are possible; nothing was chosen."""

    def __init__(self, cases: Sequence[str], rows: Sequence[Mapping[str, Any]] = ()) -> None:
        lines = ["The columns can be read in more than one way, and nothing was chosen:"]
        lines += [f"  {case}" for case in cases]
        lines.append(
            "Say which: match_scales(data, codebook, scales=[...]) (command line: --scale ID; with "
            "start: --measures ID), or "
            "name the columns: items={1: 'column', 2: …}, or rename the columns."
        )
        super().__init__("\n".join(lines), rows)


class NothingMatchedError(SocmeasuresError):
    """No scale was recognised in the data."""

    def __init__(self, columns: Sequence[str], near: Sequence[str]) -> None:
        lines = [f"No scale was recognised in {plural(len(columns), 'column')}: {listed(columns)}."]
        lines += [f"  {line}" for line in near]
        lines.append(
            "Columns are recognised by names such as ucla3_1, mspss_12_t2 or pre_djg6_3, or by "
            "their labels. Name them yourself: soc.score(data, 'ucla3', items={1: 'Q4a', …}), on "
            "the command line socmeasures match FILE --scale ucla3 --columns Q4a,Q4b,Q4c "
            "-o plan.toml. socmeasures scale list shows the scales there are, socmeasures scale "
            "new begins one of your own."
        )
        super().__init__("\n".join(lines))


class ScoreColumnExistsError(SocmeasuresError):
    """A column that scoring would add is already in the data."""

    def __init__(
        self, columns: Sequence[str], disagreements: Sequence[Mapping[str, Any]], compared: int
    ) -> None:
        lines = [
            f"{plural(len(columns), 'column')} that scoring would add "
            f"{'is' if len(columns) == 1 else 'are'} already in the data: {listed(columns)}."
        ]
        if disagreements:
            n = len(disagreements)
            lines.append(f"The stored values disagree with ours in {n} of {compared} places:")
            lines += [f"  {d['message']}" for d in disagreements[:SHOWN]]
            if n > SHOWN:
                lines.append(f"  … {n - SHOWN} more in error.problems")
        elif compared:
            lines.append(f"The stored values agree with ours in all {compared} places.")
        lines.append(
            "Rename the stored columns, or pass replace=True (command line: --replace) to put "
            "ours in their place."
        )
        super().__init__("\n".join(lines), disagreements)


class MissingRuleError(SocmeasuresError):
    """A rule for missing answers was given in a form that means nothing."""

    exit_code = 2

    def __init__(self, given: object, why: str) -> None:
        super().__init__(
            f"missing={given!r}: {why}. Give missing='complete', or "
            "missing={'method': 'prorate', 'allow': 2} (also 'count_answered'), or a rule for each "
            "scale: missing={'mspss': {'method': 'prorate', 'allow': 2}}."
        )


class PlanError(SocmeasuresError):
    """A scoring plan has faults, or does not fit the data; all of them are listed."""

    exit_code = 2

    def __init__(self, file: str, faults: Sequence[str]) -> None:
        lines = [f"{file}: {plural(len(faults), 'fault')} in this plan."]
        lines += [f"  {fault}" for fault in faults]
        lines.append("Correct the plan, or make a new one: socmeasures match FILE -o plan.toml")
        super().__init__(
            "\n".join(lines),
            [{"rule": "plan", "severity": "error", "message": fault} for fault in faults],
        )

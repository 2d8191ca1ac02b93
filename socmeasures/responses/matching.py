"""Columns → items: by column names first, by variable labels where names say nothing.

A scale is a candidate only if all its items are found and no further number of the same stem is
left over. Two possible readings are refused with both shown, never chosen between.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from socmeasures import frames
from socmeasures.errors import (
    AmbiguousColumnsError,
    ChoiceError,
    ColumnsNotFoundError,
    ItemColumnsError,
    NothingMatchedError,
)
from socmeasures.responses.codebook import Codebook, Variable
from socmeasures.responses.coding import Undecided
from socmeasures.responses.decoding import decide
from socmeasures.responses.label_matching import (
    Match,
    by_labels,
    flat,
    in_blocks,
    in_label_order,
    labels_agree,
    labels_of_another_form,
    listing,
)
from socmeasures.responses.plan import ASSUMED, PlannedScale, ScoringPlan, file_sha256
from socmeasures.scales.catalogue import load_scale, shipped_scales
from socmeasures.scales.model import Scale


def match_scales(
    data: Any,
    codebook: Codebook | None = None,
    *,
    scales: Sequence[str] | str | None = None,
    items: Mapping[int, str] | Sequence[str] | None = None,
    person: str | None = None,
    wave: str | None = None,
) -> ScoringPlan:
    """Find which columns are which items of which scale, at each time point.

    Names such as ``ucla3_pre_1``, ``t1_mspss_3`` or ``MSPSS12_T2`` are understood: a scale's usual
    stem, the item number, and whatever else stands in the name as the time point. Where names say
    nothing, variable labels that hold the key words of every item are used. The coding is decided
    from value labels. Nothing is applied: read the plan, correct it, then score with it.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        One row a person, or a person and time point.
    codebook : Codebook, optional
        Variable and value labels, as `soc.read` gives them.
    scales : id or sequence of ids, optional
        Look only for these; scales with an unverified key are looked for only when named.
    items : mapping or sequence, optional
        Of the one scale in `scales`: item number → column, or the columns in the order of the
        items. For data whose names and labels say nothing; nothing else is then looked for.
    person, wave : str, optional
        Columns that identify a row in later messages; noted in the plan.

    Returns
    -------
    ScoringPlan
        Prints as a table; ``.save("plan.toml")`` writes it for correction by hand.

    Raises
    ------
    AmbiguousColumnsError
        Two columns fit one item, or the columns fit two scales; both readings are shown.
    NothingMatchedError
        No scale was recognised; the nearest misses are named.
    ColumnsNotFoundError
        A scale that was asked for lacks columns.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> data = pd.DataFrame({f"t1_mspss_{i}": [4, 5] for i in range(1, 13)})
    >>> print(soc.match_scales(data))
    scale  time point  items  columns                   coding             found by
    -----  ----------  -----  ------------------------  -----------------  ----------...
    mspss  t1          12     t1_mspss_1 … t1_mspss_12  assumed canonical  column names; codes
    assumed canonical
    """
    columns = frames.names(data)
    variables = dict(codebook.variables) if codebook is not None else {}
    named = [scales] if isinstance(scales, str) else scales
    wanted = (
        [load_scale(s) for s in named]
        if named is not None
        else [s for s in shipped_scales() if not s.opt_in]
    )
    if items is not None:
        if len(named or ()) != 1:
            raise ItemColumnsError.of_no_scale(named or ())
        match = _as_told(wanted[0], items, columns)
        return _plan([match], named, data, variables, person=person, wave=wave)
    taken = {c for c in (person, wave) if c}
    # REDCap adds how far an instrument is filled in: no answer, though its name is the scale's
    free = [c for c in columns if c not in taken and not c.lower().endswith("_complete")]
    ambiguous: list[str] = []
    matches: list[Match] = []
    for scale in wanted:
        matches += _by_names(scale, free, variables, ambiguous, asked=named is not None)
    ambiguous += _settle_rivals(matches)
    used = {c for match in matches for c in match.items.values()}
    labelled = [
        found
        for scale in wanted
        if scale.id not in {m.scale.id for m in matches}
        for found in by_labels(scale, [c for c in free if c not in used], variables)
        or in_blocks(scale, [c for c in free if c not in used], variables)
    ]
    ambiguous += _settle_rivals(labelled)
    matches += labelled
    if ambiguous:
        raise AmbiguousColumnsError(ambiguous)
    if named is not None:
        for scale in wanted:
            if scale.id not in {m.scale.id for m in matches}:
                raise _not_found(scale, free)
    used = {c for match in matches for c in match.items.values()}
    notes = tuple(_near_misses(wanted, [c for c in free if c not in used])) if matches else ()
    if named is not None and notes:
        raise ColumnsNotFoundError.partly(notes)
    if not matches:
        raise NothingMatchedError(columns, list(_near_misses(wanted, free)))
    order = {c: i for i, c in enumerate(columns)}
    matches.sort(key=lambda m: min(order[c] for c in m.items.values()))
    return _plan(matches, named, data, variables, person=person, wave=wave, notes=notes)


def find_items(
    scale: Scale, columns: Sequence[str], variables: Mapping[str, Variable]
) -> dict[int, str]:
    """Columns of one scale without a time point in their names, or a refusal.

    Used when a scale is scored by its id: only undecorated names count.
    """
    exact = _exactly_named(scale, columns)
    if exact is not None and not variables:
        return exact
    ambiguous: list[str] = []
    matches = _by_names(scale, columns, variables, ambiguous, asked=True)
    plain = [m for m in matches if m.wave is None]
    if ambiguous and not plain:
        raise AmbiguousColumnsError(ambiguous)
    if len(plain) == 1:
        return dict(plain[0].items)
    if matches and not plain:
        waves = ", ".join(repr(m.wave) for m in matches)
        hint = (
            f"Columns of this scale were found at the time points {waves}: "
            f"score them with soc.score(data, soc.match_scales(data, scales={scale.id!r}))."
        )
        raise ColumnsNotFoundError(
            scale.id,
            {n: item_names(scale, n) for n in scale.numbers},
            columns,
            len(scale.items),
            hint,
        )
    raise _not_found(scale, columns)


def _exactly_named(scale: Scale, columns: Sequence[str]) -> dict[int, str] | None:
    """The plain case, `{scale}_1 … {scale}_k` and nothing else that begins so."""
    stem = f"{scale.id}_"
    found = [c for c in columns if c[: len(stem)].lower() == stem and c[len(stem) :].isdigit()]
    wanted = {f"{stem}{n}": n for n in scale.numbers}
    if len(found) != len(wanted) or set(found) != set(wanted):
        return None
    return {n: name for name, n in wanted.items()}


def item_names(scale: Scale, number: int) -> tuple[str, ...]:
    """Names an item's column may have: `{scale}_{n}` first, then the usual ones."""
    return tuple(dict.fromkeys((f"{scale.id}_{number}", *scale.item(number).names)))


def refuse_missing_items(scale: Scale, items: Mapping[int, str], columns: Sequence[str]) -> None:
    """Refuse columns of items that are not there, not enough, or given twice."""
    unknown = sorted(set(items) - set(scale.numbers))
    if unknown:
        raise ChoiceError(f"item number for scale {scale.id!r}", unknown[0], scale.numbers)
    needed = [n for n in scale.numbers if not scale.item(n).optional]
    absent = {
        n: (items[n],) if n in items else item_names(scale, n)
        for n in scale.numbers
        if (n in items and items[n] not in columns) or (n in needed and n not in items)
    }
    if absent:
        free = [c for c in columns if c not in items.values()]
        raise ColumnsNotFoundError(scale.id, absent, free, len(scale.items))
    twice = [c for c in set(items.values()) if list(items.values()).count(c) > 1]
    if twice:
        cases = [
            f"column {c!r} is given for items "
            f"{', '.join(str(n) for n, name in items.items() if name == c)} of {scale.id!r}"
            for c in sorted(twice)
        ]
        raise AmbiguousColumnsError(cases)


def _not_found(scale: Scale, columns: Sequence[str]) -> ColumnsNotFoundError:
    lower = {c.lower() for c in columns}
    missing = {
        n: item_names(scale, n)
        for n in scale.numbers
        if not any(name.lower() in lower for name in item_names(scale, n))
        and not scale.item(n).optional
    }
    taken = {name.lower() for n in scale.numbers for name in item_names(scale, n)}
    return ColumnsNotFoundError(
        scale.id,
        missing or {n: item_names(scale, n) for n in scale.numbers},
        [c for c in columns if c.lower() not in taken],
        len(scale.items),
    )


# ---------------------------------------------------------------------------- column names


def _stems(scale: Scale) -> Mapping[str, Mapping[str, int]]:
    """Stem → {what follows: item}: `ucla3_1` gives `ucla3` → `1`; `LB020A` gives `lb020` → `a`."""
    return _stems_of(tuple((name, n) for n in scale.numbers for name in item_names(scale, n)))


@cache
def _stems_of(named: tuple[tuple[str, int], ...]) -> Mapping[str, Mapping[str, int]]:
    stems: dict[str, dict[str, int]] = defaultdict(dict)
    for name, number in named:
        found = re.fullmatch(r"(.*?)[_.\- ]?(\d+[a-z]?)", name.lower())
        if found is None:
            found = re.fullmatch(r"(.*?)[_.\- ]?([a-z])", name.lower())
        if found is not None and found[1]:
            ending = re.sub(r"^0+(?=\d)", "", found[2])
            stems[flat(found[1])][ending] = number
        else:
            stems[flat(name.lower())][""] = number
    return dict(stems)


@cache
def _pattern(stem: str, lettered: bool, apart: str) -> re.Pattern[str]:
    """Read a flat name as (time point) stem (time point) item (time point)."""
    # LimeSurvey calls the rows of a question SQ001, SQ002 …
    ending = r"(?P<end>[a-z])" if lettered else r"(?:sq|q|item|i)?0*(?P<end>\d+[a-z]?)"
    return re.compile(
        rf"(?:(?P<pre>[a-z0-9_]+?)_)?{re.escape(stem)}"
        rf"(?:_?|_(?P<mid>[a-z0-9_]*?[a-z][a-z0-9_]*?){apart}){ending}(?:_(?P<post>[a-z0-9_]+))?"
    )


def _readings(stem: str, column: str, endings: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """(time point, ending) if the column reads as stem + time point + item."""
    name = flat(column).replace("_dd_", "_")  # a colon, as LimeSurvey writes it for SPSS
    if stem not in name:
        return
    if name == stem and "" in endings:
        yield "", ""
        return
    lettered = any(not e[:1].isdigit() for e in endings)
    # `mspss_t1_3` is item 3 at t1, so a time point ends at its own underscore where it has one
    found = _pattern(stem, lettered, "_").fullmatch(name)
    found = found or _pattern(stem, lettered, "").fullmatch(name)
    if found is None:
        return
    marks = [found[part] for part in ("pre", "mid", "post") if found[part]]
    yield "_".join(marks), found["end"]


def _by_names(
    scale: Scale,
    columns: Sequence[str],
    variables: Mapping[str, Variable],
    ambiguous: list[str],
    *,
    asked: bool,
) -> list[Match]:
    """Every time point at which all items of the scale are found under one stem."""
    found: list[Match] = []
    needed = {n for n in scale.numbers if not scale.item(n).optional}
    for stem, endings in _stems(scale).items():
        seen: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for column in columns:
            for wave, ending in _readings(stem, column, endings):
                seen[wave][ending].append(column)
        for wave, by_ending in seen.items():
            left_over = [e for e in by_ending if e not in endings]
            numbers = {endings[e] for e in by_ending if e in endings}
            if not needed <= numbers or (left_over and _continues(endings, left_over)):
                continue
            doubled = {e: cs for e, cs in by_ending.items() if e in endings and len(cs) > 1}
            if doubled:
                ambiguous += [
                    f"scale {scale.id!r}{_at(wave)}, item {endings[e]}: {' and '.join(cs)}"
                    for e, cs in doubled.items()
                ]
                continue
            items = {endings[e]: cs[0] for e, cs in by_ending.items() if e in endings}
            match = Match(scale, wave or None, dict(sorted(items.items())), "column names", stem)
            match = in_label_order(match, variables)
            if _witnessed(match, variables, ambiguous, asked=asked):
                found.append(match)
    return _without_repeats(found, ambiguous)


def _continues(endings: Mapping[str, int], left_over: Sequence[str]) -> bool:
    """Further numbers of the same stem: the columns belong to a longer scale."""
    return any(e[:1].isdigit() for e in left_over) == any(e[:1].isdigit() for e in endings)


def _witnessed(
    match: Match, variables: Mapping[str, Variable], ambiguous: list[str], *, asked: bool
) -> bool:
    """A stem that several instruments share needs more than the names; labels may speak."""
    clash = next((c for c in match.scale.clashes if flat(c.stem) == match.stem), None)
    if asked and labels_of_another_form(match, variables, ambiguous):
        return False
    if clash is None or clash.witness == "count":
        return True
    labelled = [variables[c] for c in match.items.values() if c in variables]
    if labels_agree(match, variables):
        return True
    if asked:
        return True  # the caller named the scale: that is the second witness
    speaking = [v for v in labelled if v.label and v.label != v.name]
    if speaking:
        return False  # the labels are there and tell of something else
    ambiguous.append(
        f"columns {listing(match.items)} could be {match.scale.id!r} ({match.scale.form}), but "
        f"the name {clash.stem!r} is shared with {clash.shared_with}, and no labels decide"
    )
    return False


def _without_repeats(found: list[Match], ambiguous: list[str]) -> list[Match]:
    """The same columns under two stems are one match; other columns are a second reading."""
    kept: dict[str | None, Match] = {}
    for match in found:
        other = kept.get(match.wave)
        if other is None:
            kept[match.wave] = match
        elif dict(other.items) != dict(match.items):
            ambiguous.append(
                f"scale {match.scale.id!r}{_at(match.wave or '')}: "
                f"{listing(other.items)} or {listing(match.items)}"
            )
    return list(kept.values())


# ---------------------------------------------------------------------------- rivals and plan


def _settle_rivals(matches: list[Match]) -> list[str]:
    """Scales that claim the same columns: the more telling stem wins, else both are shown."""
    ambiguous = []
    claims: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        for column in match.items.values():
            claims[column].append(match)
    seen: set[tuple[int, int]] = set()
    for rivals in claims.values():
        for first in rivals:
            for second in rivals:
                pair = (min(id(first), id(second)), max(id(first), id(second)))
                if first is second or pair in seen:
                    continue
                seen.add(pair)
                loser = _weaker(first, second)
                if loser is not None and loser in matches:
                    matches.remove(loser)
                elif loser is None:
                    ambiguous.append(
                        f"columns {listing(first.items)} could be {first.scale.id!r} "
                        f"({first.scale.form}) or {second.scale.id!r} ({second.scale.form})"
                    )
    return ambiguous


def _weaker(first: Match, second: Match) -> Match | None:
    """Of two readings the one with a shorter stem, if the longer stem holds it."""
    a, b = first.stem, second.stem
    if a != b and a and b:
        if a in b:
            return first
        if b in a:
            return second
    return None


def _as_told(
    scale: Scale, items: Mapping[int, str] | Sequence[str], columns: Sequence[str]
) -> Match:
    if not isinstance(items, Mapping):
        if len(items) != len(scale.numbers):
            raise ItemColumnsError(scale.id, len(scale.numbers), items)
        items = dict(zip(scale.numbers, items, strict=True))
    found = {int(n): str(c) for n, c in items.items()}
    refuse_missing_items(scale, found, columns)
    return Match(scale, None, found, "named by hand", "")


def _plan(
    matches: Sequence[Match],
    named: Sequence[str] | None,
    data: Any,
    variables: Mapping[str, Variable],
    *,
    person: str | None,
    wave: str | None,
    notes: Sequence[str] = (),
) -> ScoringPlan:
    paths = {load_scale(s).id: str(s) for s in named or () if str(s).lower().endswith(".toml")}
    return ScoringPlan.model_validate(
        {
            "data": {"person": person, "wave": wave},
            "scales": [_planned(m, paths.get(m.scale.id), data, variables) for m in matches],
            "notes": notes,
        }
    )


def _planned(
    match: Match, given: str | None, data: Any, variables: Mapping[str, Variable]
) -> dict[str, Any]:
    columns = {n: frames.column(data, c) for n, c in match.items.items()}
    decision = decide(
        match.scale,
        columns,
        dict(match.items),
        {n: variables.get(c) for n, c in match.items.items()},
    )
    coding: str | None = None
    if isinstance(decision, Undecided):
        why = f"coding undecided: {decision.why}"
    elif decision.how == "assumed":
        why = f"codes {ASSUMED}"
    else:
        why = decision.how
        coding = None if decision.name == "item by item" else decision.name
    planned = PlannedScale(
        scale=given or match.scale.id,
        sha256=file_sha256(Path(given)) if given else None,
        wave=match.wave,
        items=dict(match.items),
        coding=coding,
        evidence=f"{match.found_by}; {why}",
    )
    return planned.model_dump(exclude_none=True)


def _near_misses(scales: Sequence[Scale], columns: Sequence[str]) -> Iterator[str]:
    """Scales of which some items were found."""
    for scale in scales:
        for stem, endings in _stems(scale).items():
            seen: dict[str, set[int]] = defaultdict(set)
            over: dict[str, list[str]] = defaultdict(list)
            for column in columns:
                for wave, ending in _readings(stem, column, endings):
                    if ending in endings:
                        seen[wave].add(endings[ending])
                    else:
                        over[wave].append(column)
            for wave, numbers in seen.items():
                lacking = [n for n in scale.numbers if n not in numbers]
                if lacking and len(numbers) >= len(scale.numbers) / 2:
                    shown = ", ".join(str(n) for n in lacking)
                    lack = f"item {shown} has" if len(lacking) == 1 else f"items {shown} have"
                    yield f"{scale.id}{_at(wave)}: {lack} no column"
                elif over[wave] and not lacking:
                    yield (
                        f"{scale.id}{_at(wave)}: all items found, but {over[wave][0]} goes beyond "
                        "them, so it may be a longer scale"
                    )


def _at(wave: str) -> str:
    return f" at {wave!r}" if wave else ""

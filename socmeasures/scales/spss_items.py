"""Items before they are scored, in SPSS syntax: what is no answer, what follows from others."""

from __future__ import annotations

from collections.abc import Iterator

from socmeasures.scales.named_columns import NamedColumns
from socmeasures.scales.parts import Derived
from socmeasures.scales.spss_text import comment, compute, recode


def derived_items(key: NamedColumns) -> dict[int, Derived]:
    """Items that follow from others, where a score uses them."""
    used = {n for score in key.scores for n in score.items}
    return {i.number: i.derived for i in key.scale.derived if i.derived and i.number in used}


def needed_items(key: NamedColumns) -> list[int]:
    """Items that are asked and that a score, a risk or a flag uses."""
    used = {n for s in key.scores for n in s.items} | {r.item for r in key.scale.risks}
    used |= {n for rule in derived_items(key).values() for n in rule.items}
    used |= {n for _, n, _ in key.flags()}
    return [n for n in key.scale.numbers if n in used]


def column(key: NamedColumns, number: int) -> str:
    """Where the answers to an item stand: its column, or a scratch variable made from it."""
    if key.scale.item(number).derived is not None:
        return f"#derived{number}"
    return f"#asked{number}" if key.absent(number) else key.columns[number]


def prepared_items(key: NamedColumns) -> Iterator[str]:
    """Scratch variables for items that need one before any score is made."""
    for number in needed_items(key):
        gone = key.absent(number)
        if gone:
            codes = ", ".join(map(str, gone))
            yield ""
            yield from comment(f"Item {number}: {codes} = does not apply, counts as no answer")
            rules = " ".join(f"({code}=SYSMIS)" for code in gone)
            yield (
                f"RECODE {key.columns[number]} (MISSING=SYSMIS) {rules} (ELSE=COPY) "
                f"INTO #asked{number}."
            )
    for number, rule in derived_items(key).items():
        yield ""
        yield from comment(
            f"Item {number}, {key.scale.item(number).label}, is not asked: {rule.words}"
        )
        if rule.rule == "follow_up":
            yield from _followed(key, number, rule)
        else:
            yield from _all_or_any(key, number, rule)


def _all_or_any(key: NamedColumns, number: int, rule: Derived) -> Iterator[str]:
    """1 or 0; missing where a source is, -1 where one is illegal."""
    sources = {n: f"#source{n}" for n in rule.items}
    for n, source in sources.items():
        reached = {raw: float(code >= rule.from_) for raw, code in key.meaning(n).items()}
        yield from recode({column(key, n): source}, reached, other="-1")
    name, k = f"#derived{number}", len(sources)
    if k == 1:  # MIN and MAX want two arguments
        yield f"COMPUTE {name} = {sources[rule.items[0]]}."
        return
    function = "MIN" if rule.rule == "all" else "MAX"
    yield from compute(name, f"{function}.{k}", sources.values())
    yield from compute("#least", "MIN", sources.values())
    yield f"IF (#least = -1) {name} = -1."


def _followed(key: NamedColumns, number: int, rule: Derived) -> Iterator[str]:
    """The code of the second question where the first reaches the mark, else 0."""
    gate, second = rule.items
    name, asked, answer = f"#derived{number}", f"#source{gate}", f"#source{second}"
    reached = {raw: float(code >= rule.from_) for raw, code in key.meaning(gate).items()}
    yield from recode({column(key, gate): asked}, reached, other="-1")
    codes = {raw: float(code) for raw, code in key.meaning(second).items()}
    yield from recode({column(key, second): answer}, codes, other="-1")
    yield f"COMPUTE {name} = {asked}."
    yield f"IF ({asked} = 1) {name} = {answer}."
    yield f"IF ({answer} = -1) {name} = -1."

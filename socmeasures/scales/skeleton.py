"""The beginning of a new scale definition: what is known is written, the rest is asked for.

Lines that begin with `#>` and question marks stand for facts only a person with the instrument can
give. Until they are filled in the file does not load, so nothing is scored with a guess.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from socmeasures.errors import ChoiceError, PsychKeysError, SkeletonNameError
from socmeasures.scales.interchange import write_text
from socmeasures.scales.psych_reading import Keys, checked_keys, read_keys

_ID = re.compile(r"[a-z][a-z0-9_]*")
_LABEL_LENGTH = 60


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a keys list tells of a scale: items by number, scores with their reversed items."""

    items: Mapping[int, tuple[str, str]]  # number → label, column name
    scores: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]  # id → items, reversed


def scale_skeleton(
    name: str,
    path: str | os.PathLike[str] | None = None,
    *,
    items: int | None = None,
    from_psych: str | Path | Mapping[str, Sequence[str]] | None = None,
    overwrite: bool = False,
) -> str:
    """Begin a scale definition: a TOML file with comments, to fill in and to check.

    Parameters
    ----------
    name : str
        The id of the new scale: small letters, digits and underscores.
    path : str or path, optional
        Where to write it (``my_scale.toml``).
    items : int, optional
        How many items; 3 unless a keys list tells.
    from_psych : str, Path or mapping, optional
        A keys list of R's psych package: a file of R text or JSON, or a mapping of scale to item
        names. Its scales become scores, and names with a minus their reversed items.
    overwrite : bool
        Whether a file that is there may be replaced.

    Returns
    -------
    str
        The text, also when it was written to `path`. Lines that begin with ``#>`` and question
        marks are to be filled in; ``socmeasures scale check`` names what is still missing.

    Raises
    ------
    SkeletonNameError
        The name cannot be an id.
    PsychKeysError
        The keys list cannot be read; every fault is named.
    ChoiceError
        `items` is not a whole number from 1, or was given beside a keys list.
    OutputError
        The file is there already, or cannot be written.

    Notes
    -----
    A keys list has no answers, ranges, rules for missing answers or sources. Item numbers are the
    numbers at the end of the names where all names share a stem, else the order of appearance.

    Examples
    --------
    >>> from socmeasures.scales.skeleton import scale_skeleton
    >>> text = scale_skeleton("warmth", from_psych={"agree": ["-A1", "A2", "A3"]})
    >>> [line for line in text.splitlines() if line.startswith("reverse")]
    ['reverse = [1]']
    """
    if not _ID.fullmatch(name):
        raise SkeletonNameError(name, _identifier(name))
    if from_psych is not None:
        if items is not None:
            raise ChoiceError("items", items, ("no number: the keys list tells",))
        draft = _drafted(from_psych)
    else:
        if items is not None and (isinstance(items, bool) or items < 1):
            raise ChoiceError("items", items, ("a whole number from 1",))
        count = 3 if items is None else items
        draft = _Draft(
            {n: (f"item {n}", f"{name}_{n}") for n in range(1, count + 1)},
            {"total": (tuple(range(1, count + 1)), ())},
        )
    text = _written(name, draft)
    if path is not None:
        write_text(text, path, overwrite=overwrite)
    return text


# ------------------------------------------------------------------- from a keys list


def _drafted(keys: str | Path | Mapping[str, Sequence[str]]) -> _Draft:
    if isinstance(keys, Mapping):
        source, read = "from_psych", checked_keys(keys, "from_psych")
    else:
        source, read = Path(keys).name, read_keys(keys)
    ids = {scale: _identifier(scale) for scale in read}
    times = Counter(ids.values())
    faults = [f"{scale!r} holds no letter to name a score by" for scale, i in ids.items() if not i]
    faults += [
        f"{scale!r} would be the score {i!r}, as another scale would"
        for scale, i in ids.items()
        if i and times[i] > 1
    ]
    if faults:
        raise PsychKeysError(source, faults)
    numbers = _numbered(read)
    return _Draft(
        {number: (column[:_LABEL_LENGTH], column) for column, number in numbers.items()},
        {
            ids[scale]: (
                tuple(numbers[n.removeprefix("-")] for n in names),
                tuple(numbers[n[1:]] for n in names if n.startswith("-")),
            )
            for scale, names in read.items()
        },
    )


def _identifier(text: str) -> str:
    """`Agree-ableness 2` → `agree_ableness_2`; nothing when there is no letter in it."""
    words = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return re.sub(r"^[^a-z]+", "", words)


def _numbered(keys: Keys) -> dict[str, int]:
    """Item name → number, ascending: the number in the name where one stem has them all."""
    columns = dict.fromkeys(n.removeprefix("-") for names in keys.values() for n in names)
    parts = [re.fullmatch(r"(.*?)0*([1-9]\d*)", column) for column in columns]
    found = [(part[1], int(part[2])) for part in parts if part is not None]
    stems, numbers = {stem for stem, _ in found}, [number for _, number in found]
    if len(found) < len(columns) or len(stems) > 1 or len(set(numbers)) < len(numbers):
        numbers = list(range(1, len(columns) + 1))
    return dict(sorted(zip(columns, numbers, strict=True), key=lambda pair: pair[1]))


# ------------------------------------------------------------------- the text

_HEAD = """\
# A scale definition to fill in. Take away each "#>" and write the fact behind it, from the paper,
# the manual or the form itself; write a word in place of each "?". Delete the lines that say
# "optional" if there is nothing to write. Then run:   socmeasures scale check {id}.toml
format = 1
id = "{id}"
#> name = "Full name of the instrument"
#> form = "which version, how many items: versions reverse different items"
#> construct = "loneliness"
#> population = "adults"
#> citation = "Author A, Author B (year) Title. Journal volume(issue), pages"
#> doi = "10.1000/xyz123 (optional)"

# The grade of the key - number and order of items, codes, reversed items, formula:
# published (seen in the source), secondary (seen in another's description), unverified (from
# memory: then it is used only with the caller's word), user-supplied (your own).
evidence = "?"
#> evidence_note = "where each part of the key was seen (optional)"
#> licence = {{ items_text = false, note = "who owns it, what may be done with it" }}

[responses]
# One code and one label for each answer, as on the form. "also" takes other wordings that stand
# in exports. An item with other answers gets options = [...] of its own.
#> options = [{{ code = 1, label = "never" }}, {{ code = 2, label = "often", also = ["a lot"] }}]
# canonical: numbers without labels are taken as these codes. stated: both directions are in use,
# so the coding must be said.
bare_codes = "?"

# Items by a short paraphrase of at most 60 letters, never the wording itself.
"""

_SCORE = """\
[[scores]]
id = "{id}"
#> label = "what it measures (optional)"
items = {items}
# An item is reversed as lowest + highest code - answer, in this score only.
reverse = {reverse}
# sum, mean, or pomp (percentage of the possible range)
method = "?"
#> higher = "lonelier"
# lower, higher or none: which end is good for the person
better = "?"
# lowest and highest possible score
#> range = [0, 0]
# complete (every answer is needed), or prorate with allow = how many may be missing; and the
# source of the rule
#> missing = {{ method = "complete", source = "manual, page 7" }}
"""

_EXAMPLE = """\
# At least three people with their scores, worked by hand or printed in the source; one of them
# with a missing answer, written "NA". Answers in the order of the items above ({count}).
#> [[examples]]
#> answers = [{answers}]
#> expected = {{ {expected} }}
"""


def _written(name: str, draft: _Draft) -> str:
    parts = [_HEAD.format(id=name)]
    for number, (label, column) in draft.items.items():
        parts.append(
            f"[[items]]\nnumber = {number}\nlabel = {_text(label)}\nnames = [{_text(column)}]\n"
        )
    for score_id, (items, turned) in draft.scores.items():
        parts.append(_SCORE.format(id=score_id, items=list(items), reverse=sorted(turned)))
    count = len(draft.items)
    expected = ", ".join(f"{score_id} = 0" for score_id in draft.scores)
    parts.append(_EXAMPLE.format(count=count, answers=", ".join(["1"] * count), expected=expected))
    return "\n".join(parts)


def _text(text: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False)

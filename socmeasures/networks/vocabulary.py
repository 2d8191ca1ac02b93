"""The words of a contact table: relations, frequencies, flags, and the frames that group relations.

Data, and the reading of one word. Relations, frequencies and columns are this library's import
form: no standard export of the Social Network Schedule exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from socmeasures.errors import ChoiceError, NetworkColumnsError
from socmeasures.responses.coding import NO_ANSWER, normalised

KIN = ("partner", "parent", "child", "sibling", "other_relative")
RELATIONS = (
    *KIN,
    "friend",
    "neighbour",
    "acquaintance",
    "coworker",
    "co_resident",
    "service_user_peer",
    "professional",
    "shop_or_service",
    "volunteer_befriender",
    "faith_group",
    "other",
    "unknown",
)
FREQUENCIES = ("daily", "several_weekly", "weekly", "fortnightly", "monthly", "less", "unknown")
WEEKLY = ("daily", "several_weekly", "weekly")
MODES = ("face", "phone", "online", "mixed")
INITIATES = ("self", "other", "both", "unknown")
SEXES = ("female", "male", "other", "unknown")
SUPPORT = (
    "support_emotional",
    "support_practical",
    "support_companionship",
    "support_information",
)
FLAGS = (
    "is_friend",
    "is_confidant",
    "would_miss",
    "inside_service",
    "same_sex",
    "lives_with",
    "is_negative",
    "in_window",
    *SUPPORT,
)
WORDS: Mapping[str, tuple[str, ...]] = {
    "relation": RELATIONS,
    "frequency": FREQUENCIES,
    "mode": MODES,
    "initiates": INITIATES,
    "sex": SEXES,
}
_ALSO: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "relation": {
        "partner": ("spouse", "husband", "wife", "boyfriend", "girlfriend", "civil partner"),
        "parent": ("mother", "father", "mum", "mom", "dad"),
        "child": ("son", "daughter"),
        "sibling": ("brother", "sister"),
        "other_relative": ("relative", "kin", "other family", "aunt", "uncle", "cousin"),
        "friend": ("close friend",),
        "neighbour": ("neighbor",),
        "coworker": ("colleague", "co worker", "work colleague"),
        "co_resident": ("flatmate", "housemate", "resident"),
        "service_user_peer": ("service user", "peer", "other service user", "member"),
        "professional": ("staff", "key worker", "keyworker", "social worker", "nurse", "doctor"),
        "shop_or_service": ("shop", "shopkeeper", "shop or service staff"),
        "volunteer_befriender": ("befriender", "volunteer"),
        "faith_group": ("faith", "religious group", "church"),
    },
    "frequency": {
        "daily": ("every day", "each day"),
        "several_weekly": ("several times a week", "several a week", "2 to 6 times a week"),
        "weekly": ("once a week", "every week"),
        "fortnightly": ("once a fortnight", "every two weeks", "every 2 weeks"),
        "monthly": ("once a month", "every month"),
        "less": ("less often", "less than monthly", "less than once a month"),
    },
    "mode": {"face": ("face to face", "in person"), "phone": ("telephone",)},
    "initiates": {
        "self": ("i do", "me", "the person"),
        "other": ("they do", "contact", "the contact"),
        "both": ("either", "both of us"),
    },
    "sex": {"female": ("f", "w", "woman"), "male": ("m", "man")},
}
_TRUE = frozenset({"true", "yes", "y", "1", "ja", "ticked", "checked", "selected"})
_FALSE = frozenset({"false", "no", "n", "0", "nein", "not ticked", "unchecked", "not selected"})


def _table(column: str) -> dict[str, str]:
    words = {normalised(word): word for word in WORDS[column]}
    for word, others in _ALSO.get(column, {}).items():
        words |= {normalised(other): word for other in others}
    return words


_TABLES = {column: _table(column) for column in WORDS}


def word_of(column: str, value: Any) -> Any:
    """The word a cell stands for; None for a gap; the cell itself where nothing explains it."""
    if _gap(value):
        return None
    text = normalised(value)
    known = _TABLES[column]
    if text in known:
        return known[text]
    if text in NO_ANSWER:
        return "unknown" if "unknown" in WORDS[column] else None
    return value


def flag_of(value: Any) -> Any:
    """True, False, None for a gap; the cell itself where it is neither yes nor no."""
    if _gap(value):
        return None
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    text = normalised(f"{value:g}" if isinstance(value, float) else value)
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return None if text in NO_ANSWER else value


def _gap(value: Any) -> bool:
    gone = value is None or type(value).__name__ in ("NAType", "NaTType") or value != value
    return bool(gone) or (isinstance(value, str) and not value.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How relations are grouped: the group of each relation, and the group friends are in.

    A relation that is in no group (and ``unknown``) takes no part in the diversity of groups; it
    is counted in ``sns_n_ungrouped``.
    """

    name: str
    groups: Mapping[str, str]
    friends: str | None

    @property
    def categories(self) -> tuple[str, ...]:
        """The declared groups, in order; their number is the k of the IQV."""
        return tuple(dict.fromkeys(self.groups.values()))


def _rest(special: Mapping[str, str], other: str) -> dict[str, str]:
    named = [r for r in RELATIONS if r != "unknown"]
    return {r: special.get(r, other) for r in named}


_FULL = {
    **dict.fromkeys(KIN, "kin"),
    "friend": "friend",
    "service_user_peer": "peer",
    "professional": "professional",
}
_CATTY = {
    **dict.fromkeys(KIN, "relatives"),
    "friend": "friends",
    "acquaintance": "acquaintances",
    "neighbour": "neighbours",
    "professional": "professionals",
}
FRAMES: Mapping[str, Frame] = {
    "full": Frame(name="full", groups=_rest(_FULL, "other"), friends="friend"),
    "prism3": Frame(
        name="prism3",
        groups=_rest({**dict.fromkeys(KIN, "kin"), "friend": "friend"}, "other"),
        friends="friend",
    ),
    "catty": Frame(name="catty", groups=_CATTY, friends="friends"),
}


def frame_of(frame: str | Mapping[str, str]) -> Frame:
    """A frame by its name, or of your own: a group for each relation you want grouped."""
    if isinstance(frame, str):
        if frame not in FRAMES:
            raise ChoiceError("frame", frame, [*FRAMES, "a mapping of relation to group"])
        return FRAMES[frame]
    groups = {str(relation): str(group) for relation, group in frame.items()}
    unknown = sorted(set(groups) - set(RELATIONS[:-1]))
    if unknown or not groups:
        raise NetworkColumnsError(
            [f"frame: {name!r} is none of the relations" for name in unknown] or ["frame is empty"],
            f"Relations are: {', '.join(RELATIONS[:-1])}.",
        )
    return Frame(name="own", groups=groups, friends=groups.get("friend"))

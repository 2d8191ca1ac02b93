"""The sentences of a funder's report, all in this one place, and the words it must not use.

The language table of every report (time point, group, people we could not follow up) is in
`words`. Without a comparison group a report says what changed, not why.
"""

from __future__ import annotations

import re

from socmeasures.drawing.labels import printable
from socmeasures.reports.suppression import NOT_SHOWN

SECTIONS = {
    "about": "Who we are and what was offered",
    "heard": "Who answered",
    "when": "When",
    "measure": "What was measured",
    "change": "What changed",
    "people": "How many people got better or worse",
    "limits": "What this can and cannot say",
    "lost": "Who was not heard",
    "tables": "Tables",
    "services": "By service",
    "groups": "By group of people",
    "compared": "Beside national figures",
    "between": "Compared with the other group",
    "method": "How this was worked out",
    "sources": "Sources",
}

NO_ABOUT = "(No description was given.)"
CHANGE_NOT_EFFECT = "This is change, not effect."
WHY_NOT = (
    "There was no group to compare with. People often come when things are bad and get better by "
    "themselves, so we cannot say what brought the change about."
)
COMPARED = (
    "The change before and after does not show by itself what brought it about. The comparison "
    "with the other group stands further on."
)
CAN_SAY = (
    "We can say how those who answered both times scored before and after. We can also say how "
    "sure we are of the average."
)
THOSE_LOST = (
    "We do not know how they fared. If people who did badly stayed away, the change looks better "
    "than it was."
)
EVERYBODY_HEARD = "Everybody who started answered both times."
NO_DIRECTION = "Nobody has said which way is better, so we say higher and lower only."
NO_DATES = "The dates of the answers are not in the data."
NO_ERROR_SIZE = (
    "We do not count people as better or worse: how far a score can move by chance alone "
    "was not given for this measure."
)
BY_CHANCE = (
    "If nobody had really changed, measurement error alone would make about {told} of them look so."
)
TOO_FEW = "Too few people answered both times to show numbers without showing single people."
SUPPRESSED = (
    "Counts of 1 to {most} are shown as <{below}. A second number is not shown where it would "
    "give the first one away."
)
SERVICES = (
    "Services stand in the order of the alphabet. Who comes to a service differs from place to "
    "place, and nothing here allows for that. Small services move up and down by chance."
)
POOLED = 'Services with under {under} people who answered both times stand together as "others".'
FUNNEL = (
    "Each dot is a service; numbers of people are rounded to 5. Dots between the lines differ by "
    "no more than chance would make them."
)
GROUPS = "These numbers describe who answered. They are not a test between the groups."
TOO_SMALL_GROUP = "too few people"
READ_WHERE = {
    "published": "This figure was read in the source itself.",
    "secondary": "This figure was read on a page that reports it, not in the source itself.",
}
COMPARATORS = "These figures are about other people, asked in other ways. They are no target."
MEASURE_UNVERIFIED = (
    "The scoring of this measure has not been checked against a published source. Take these "
    "numbers as a first look."
)
MEASURE_OWN = (
    "The scoring of this measure was supplied by the organisation and has not been checked by "
    "anybody else."
)
RANGE_MEANS = "The range in brackets is the range we can be fairly sure of."

# Words that claim what a change without a comparison group cannot show. Tested on every report.
BANNED = (
    r"effects?",
    r"effective(?:ness)?",
    r"impacts?",
    r"impactful",
    r"caus(?:e|es|ed|ing|al)",
    r"led to",
    r"leads to",
    r"significan(?:t|tly|ce)",
    r"prove[nsd]?",
    r"benefit(?:s|ed|ted|ting)?",
    r"recover(?:ed|y|s)",
    r"cured?",
    r"NNT",
    r"number needed to treat",
    r"SROI",
    r"statistical power",
    r"power",
    r"cohen",
    r"small effect",
    r"medium effect",
    r"large effect",
)
_BANNED = re.compile(r"\b(?:" + "|".join(BANNED) + r")\b", re.IGNORECASE)


def banned_words(text: str) -> list[str]:
    """Words in `text` that claim more than a change without a comparison group can show.

    Parameters
    ----------
    text : str
        What a reader sees. The one sentence that says "change, not effect" is let through.

    Returns
    -------
    list of str
        Each word once, in the order of the text.

    Examples
    --------
    >>> banned_words("Our impact: loneliness was reduced, a significant effect.")
    ['impact', 'significant', 'effect']
    >>> banned_words(CHANGE_NOT_EFFECT)
    []
    """
    rest = re.sub(r"change, not effect", " ", printable(text), flags=re.IGNORECASE)
    return list(dict.fromkeys(m.group(0).lower() for m in _BANNED.finditer(rest)))


def better_way(better: str | None, higher: str) -> str:
    """Which way is better, in one short sentence.

    Examples
    --------
    >>> better_way("lower", "lonelier"), better_way(None, "")
    ('A high score means lonelier. Lower is better.', 'Nobody has said which way is better, ...')
    """
    means = f"A high score means {printable(higher)}. " if higher else ""
    way = {
        "lower": "Lower is better.",
        "higher": "Higher is better.",
        "none": "Neither way is better in itself.",
    }.get(better or "", NO_DIRECTION)
    return means + way


def in_words(cell: str) -> str:
    """A cell of a table in the middle of a sentence.

    Examples
    --------
    >>> in_words("12"), in_words("not shown")
    ('12', '(number not shown)')
    """
    return "(number not shown)" if cell == NOT_SHOWN else cell


CATEGORIES = {
    "better": "better by more than measurement error",
    "no reliable change": "about the same, within measurement error",
    "worse": "worse by more than measurement error",
    "higher": "higher by more than measurement error",
    "lower": "lower by more than measurement error",
}
SHORT_CATEGORIES = {
    "better": "better",
    "no reliable change": "about the same",
    "worse": "worse",
    "higher": "higher",
    "lower": "lower",
}
ANY_AMOUNT = {"higher": "higher", "same": "the same", "lower": "lower"}

"""Signs of wrong keying: warnings, never silent mending."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from socmeasures.effects.reliability import opposed_group, running_against
from socmeasures.responses.coding import Decision
from socmeasures.scales.model import Scale
from socmeasures.scoring.answers import points_table
from socmeasures.scoring.reliability_words import keying_sentence, opposed_sentence


def keying_warnings(scale: Scale, decision: Decision, wave: str | None) -> Iterator[dict[str, Any]]:
    """Items that run against the rest of their score, surely enough to say so.

    An item is named when its item–rest correlation is negative with the upper 95 % limit
    (Fisher's z) below zero, on at least 20 complete rows.
    """
    named: set[int] = set()
    for score in sorted(scale.scores, key=lambda s: -len(s.items)):
        if len(score.items) < 3 or score.evidence == "unverified":
            continue
        points = points_table(scale, score, decision)
        again = [i for i, number in enumerate(score.items) if number in named]
        found = running_against(points, skip=again)
        if found is None:
            group = None if again else opposed_group(points)
            if group is not None:
                yield {
                    "wave": wave,
                    "column": decision.items[score.items[group.places[0]]].name,
                    "scale": scale.id,
                    "rule": "keying",
                    "severity": "warning",
                    "message": opposed_sentence(scale, score, group),
                }
            continue
        for place, i in enumerate(found.places):
            number = score.items[i]
            named.add(number)
            yield {
                "wave": wave,
                "column": decision.items[number].name,
                "scale": scale.id,
                "item": number,
                "rule": "keying",
                "severity": "warning",
                "message": keying_sentence(scale, score, found, place),
            }

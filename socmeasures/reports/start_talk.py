"""The questions of `start`: asked, answered beforehand, or remembered from a stopped run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from socmeasures.errors import StartError, did_you_mean

NONE = "none"
MOST = 7  # questions; what is only described is then taken as it was found
FOR_GROUPS = 2  # of them are kept for the group and the one to compare with


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: its key, its words, what was found, and what may be answered."""

    key: str
    text: str
    found: str
    choices: tuple[str, ...] = ()


Ask = Callable[[Question], str]


@dataclass(slots=True)
class Talk:
    """Answers given beforehand or remembered, else asked for and remembered."""

    ask: Ask | None
    given: dict[str, str]
    memory: Path
    asked: int = 0
    remembered: dict[str, str] = field(default_factory=dict)

    def remember(self) -> None:
        """Take up the answers of a run that was stopped, where there was one."""
        try:
            kept = json.loads(self.memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(kept, dict):
            self.remembered = {str(k): str(v) for k, v in kept.items()}

    def answer(self, question: Question) -> str:
        """The answer to one question, kept for the case that the run is stopped."""
        if question.key in self.given:
            text = self.given[question.key]
        elif question.key in self.remembered:
            text = self.remembered[question.key]
        elif self.ask is None or self.asked >= MOST:
            text = question.found
        else:
            self.asked += 1
            text = self.ask(question).strip() or question.found
        if question.choices and text != question.found and text not in question.choices:
            near = did_you_mean(text, list(question.choices))
            raise StartError.not_a_choice(question.key, text, question.choices, near)
        self.remembered[question.key] = text
        self.memory.write_text(json.dumps(self.remembered, indent=1), encoding="utf-8")
        return text

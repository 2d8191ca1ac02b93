"""The `reliable_change` part of a design: as the keywords of `soc.reliable_change`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from socmeasures.designs.individual_change import reliable_change
from socmeasures.designs.published import Norm, Reliability
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReliabilityPart(_Part):
    """`soc.Reliability`."""

    value: float
    kind: Literal["test-retest", "internal consistency"]
    source: str
    sd: float | None = None
    n: int | None = None


class NormPart(_Part):
    """`soc.Norm`."""

    mean: float
    sd: float
    source: str
    n: int | None = None
    instrument: str = ""
    population: str = ""
    country: str = ""
    age: str = ""
    year: int | None = None


class ReliableChangePart(_Part):
    """`soc.reliable_change`."""

    kind: Literal["reliable_change"]
    outcome: str
    reliability: ReliabilityPart | None = None
    sd: float | Literal["sample"] | None = None
    sd_source: str = ""
    sem: float | None = None
    sem_source: str = ""
    waves: tuple[str, ...] | None = None
    sensitivity: bool = False
    population: NormPart | None = None
    cutoff: Literal["a", "b", "c"] | float | None = None
    cutoff_source: str = ""
    functional: NormPart | None = None
    clinical: NormPart | None = None
    minimal_important: float | Literal["cited"] | None = None
    minimal_important_source: str = ""
    percent: float | None = None
    role: Literal["primary", "secondary", "exploratory"] = "secondary"
    confidence: float = 0.95

    def run(self, study: Study) -> Result:
        """Count the people whose score changed by more than measurement error."""
        given: dict[str, Any] = self.model_dump(
            exclude={
                "kind",
                "role",
                "outcome",
                "reliability",
                "population",
                "functional",
                "clinical",
            }
        )
        norms: dict[str, Any] = {
            name: None if norm is None else Norm(**norm.model_dump())
            for name, norm in (
                ("population", self.population),
                ("functional", self.functional),
                ("clinical", self.clinical),
            )
        }
        found = self.reliability
        reliability = None if found is None else Reliability(**found.model_dump())
        return reliable_change(study, self.outcome, reliability=reliability, **norms, **given)

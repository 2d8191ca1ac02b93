"""Analyses of trials as parts of a design file, beyond `ancova`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from socmeasures.designs.binary import compare_risks
from socmeasures.designs.clustered import cluster_trial
from socmeasures.designs.repeated import FALLBACK, mmrm
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.models.covariances import Covariance

Role = Literal["primary", "secondary", "exploratory"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def _options(self) -> dict[str, Any]:
        return self.model_dump(exclude={"kind", "outcome", "role"})


class MmrmPart(_Part):
    """`soc.mmrm`."""

    kind: Literal["mmrm"]
    outcome: str | tuple[str, ...]
    covariates: tuple[str, ...] = ()
    baseline: str | None = "first"
    baseline_by_wave: bool = True
    covariates_by_wave: bool = False
    covariance: Covariance = "us"
    covariance_by_arm: bool = False
    fallback: tuple[Covariance, ...] = FALLBACK
    df: Literal["kenward-roger", "satterthwaite", "between-within", "residual"] = "kenward-roger"
    information: Literal["observed", "expected"] = "observed"
    errors: Literal["model", "CR0", "CR2", "CR3"] = "model"
    missing_baseline: Literal["impute-mean", "drop"] = "impute-mean"
    averages: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    slopes: dict[str, dict[str, float]] = Field(default_factory=dict)
    family: Literal["primary", "secondary"] | None = None
    family_waves: tuple[str, ...] | None = None
    role: Role = "primary"
    confidence: float = 0.95

    @property
    def waves(self) -> tuple[str, ...]:
        """Time points it names."""
        named = [w for waves in self.averages.values() for w in waves]
        named += [w for times in self.slopes.values() for w in times]
        return tuple(dict.fromkeys([*named, *(self.family_waves or ())]))

    def run(self, study: Study, outcome: str) -> Result:
        """Analyse one outcome."""
        given = self._options()
        if self.baseline == "none":  # TOML has no null
            given["baseline"] = None
        return mmrm(study, outcome, **given)


class BinaryPart(_Part):
    """`soc.compare_risks`."""

    kind: Literal["binary"]
    outcome: str | tuple[str, ...]
    wave: str
    at_least: float | None = None
    at_most: float | None = None
    event: Literal["good", "bad"] | None = None
    baseline: str | None = None
    covariates: tuple[str, ...] = ()
    interval: Literal["newcombe", "score"] = "newcombe"
    se: Literal["sandwich", "delta"] = "sandwich"
    role: Role = "secondary"
    confidence: float = 0.95

    @property
    def waves(self) -> tuple[str, ...]:
        """Time points it names."""
        return (self.wave, *([self.baseline] if self.baseline else []))

    def run(self, study: Study, outcome: str) -> Result:
        """Analyse one outcome."""
        return compare_risks(study, outcome, **self._options())


class ClusterTrialPart(_Part):
    """`soc.cluster_trial`."""

    kind: Literal["cluster_trial"]
    outcome: str | tuple[str, ...]
    wave: str | None = None
    engine: Literal["mixed", "gee", "cluster-means", "cr2", "permutation"] = "mixed"
    baseline: str | None = "first"
    covariates: tuple[str, ...] = ()
    missing_baseline: Literal["impute-mean", "drop"] = "impute-mean"
    at_least: float | None = None
    at_most: float | None = None
    pairs: str | None = None
    variance: Literal["nonnegative", "unbounded"] = "nonnegative"
    df: Literal["kenward-roger", "satterthwaite"] = "kenward-roger"
    working: Literal["exchangeable", "independence"] = "exchangeable"
    correction: Literal[
        "kauermann-carroll", "mancl-derouen", "fay-graubard", "morel", "average", "none"
    ] = "kauermann-carroll"
    cluster_weights: Literal["equal", "minimum-variance"] = "equal"
    seed: int = 0
    family: Literal["primary", "secondary"] | None = None
    adjustment: Literal["holm", "dunnett"] = "holm"
    role: Role = "primary"
    confidence: float = 0.95

    @property
    def waves(self) -> tuple[str, ...]:
        """Time points it names."""
        return () if self.wave is None else (self.wave,)

    def run(self, study: Study, outcome: str) -> Result:
        """Analyse one outcome."""
        given = self._options()
        if self.baseline == "none":  # TOML has no null
            given["baseline"] = None
        return cluster_trial(study, outcome, **given)

"""Who is in a cluster trial at one time point: people, their clusters, and the model's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from socmeasures.designs.adjustment import (
    Covariate,
    compared_people,
    counts_by_arm,
    gather,
    imputed_baseline,
    model_columns,
)
from socmeasures.designs.clustered_checks import check_clusters, labels, too_few_words
from socmeasures.designs.measurements import Measurements
from socmeasures.designs.study import Study
from socmeasures.errors import ClusterTrialError, ConstantOutcomeError

CLUSTER_LOST = "nobody of the whole cluster has a score"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterPeople:
    """The people in a comparison of clusters, in the order of their identifiers.

    Attributes
    ----------
    measured : Measurements
        The outcome of everybody.
    why_not : pandas.Series
        A person's reason to be out; empty for those analysed.
    people : array of bool, shape (everybody,)
        Who is analysed.
    cluster_of, pair_of : pandas.Series
        Cluster (and matched pair) of everybody, as text.
    arm, outcome, at_baseline : array, shape (n,)
        Of those analysed.
    cluster : array of int, shape (n,)
        Place of each one's cluster in `clusters`, numbered as they first appear, so that no
        result depends on what clusters are called.
    covariates, strata : list of Covariate
        Of people, and of whole clusters.
    """

    measured: Measurements
    wave: str
    baseline: str | None
    why_not: pd.Series
    n_imputed: int
    people: np.ndarray
    cluster_of: pd.Series
    pair_of: pd.Series | None
    arm: np.ndarray
    cluster: np.ndarray
    clusters: tuple[str, ...]
    outcome: np.ndarray
    at_baseline: np.ndarray | None
    covariates: list[Covariate]
    strata: list[Covariate]
    arms: tuple[str, ...]
    control: str
    is_binary: bool
    event: str

    @property
    def treated(self) -> tuple[str, ...]:
        """Arms but the control."""
        return tuple(a for a in self.arms if a != self.control)

    @property
    def n_clusters(self) -> int:
        """Clusters analysed."""
        return len(self.clusters)

    @property
    def cluster_arm(self) -> np.ndarray:
        """Arm of each cluster analysed."""
        first = np.unique(self.cluster, return_index=True)[1]
        return np.asarray(self.arm[first])

    @property
    def pair(self) -> np.ndarray | None:
        """Matched pair of each person analysed."""
        return None if self.pair_of is None else self.pair_of[self.people].to_numpy()

    @property
    def stratum(self) -> np.ndarray | None:
        """Strata of each person analysed, put together."""
        if not self.strata:
            return None
        parts = [s.values[self.people].map(str) for s in self.strata]
        return np.asarray(parts[0].str.cat(parts[1:], sep=", ").to_numpy(), dtype=object)

    def columns(self) -> dict[str, np.ndarray]:
        """Columns of a model of people: baseline, arms, covariates, strata and pairs."""
        whole = [*self.strata]
        if self.pair_of is not None:
            whole.append(Covariate(name="pair", values=self.pair_of, is_factor=True))
        return model_columns(
            self.people, self.arm, self.treated, self.at_baseline, [*self.covariates, *whole]
        )

    def people_columns(self) -> dict[str, np.ndarray]:
        """Columns that differ between people: the baseline and covariates, without the arm."""
        found: dict[str, np.ndarray] = {}
        if self.at_baseline is not None:
            found["baseline"] = self.at_baseline
        for covariate in self.covariates:
            found.update(covariate.columns(self.people))
        return found

    def cluster_level(self, columns: dict[str, np.ndarray]) -> int:
        """How many of a model's columns are the same for everybody of a cluster."""
        first = np.unique(self.cluster, return_index=True)[1]
        return sum(
            bool((values == values[first][self.cluster]).all()) for values in columns.values()
        )

    def counts(self) -> pd.DataFrame:
        """Who is analysed and who is not, by arm and reason; whole clusters in `n_clusters`."""
        table = counts_by_arm(self.measured, self.why_not, self.wave, self.arms)
        whole = []
        for row in table.to_dict("records"):
            inside = (self.measured.arm == row["arm"]) & (self.why_not == row["reason"])
            counted = row["reason"] in ("", CLUSTER_LOST)
            whole.append(int(self.cluster_of[inside].nunique()) if counted else 0)
        return table.assign(n_clusters=whole)


def cluster_people(
    study: Study,
    measured: Measurements,
    happened: pd.Series | None,
    event: str,
    *,
    wave: str,
    first: str | None,
    control: str,
    covariates: str | Sequence[str],
    pairs: str | None,
    missing_baseline: str,
) -> tuple[ClusterPeople, list[str]]:
    """The people of the comparison, and what must be said of their covariates.

    `happened` holds 1 and 0 a person where the outcome is yes or no.
    """
    check_clusters(study, pairs)
    found, notes = gather(study, covariates, first)
    why_not, before, people, arm = compared_people(
        study, measured, wave, first, found, missing_baseline
    )
    cluster_of = labels(study, str(study.cluster))
    lost = ~cluster_of.isin(set(cluster_of[people]))
    why_not[lost.to_numpy()] = CLUSTER_LOST
    left = {a: cluster_of[people][arm == a].nunique() for a in study.arms}
    if min(left.values()) < 2:
        raise ClusterTrialError([f"at {wave}, among people with a score, {too_few_words(left)}"])
    values = (measured.scores[wave] if happened is None else happened)[people].to_numpy()
    if np.ptp(values) == 0:
        raise ConstantOutcomeError(measured.outcome.column, wave, float(values[0]))
    code, names = pd.factorize(cluster_of[people])
    n_imputed, at_baseline = imputed_baseline(before, people)
    return ClusterPeople(
        measured=measured,
        wave=wave,
        baseline=first,
        why_not=why_not,
        n_imputed=n_imputed,
        people=people,
        cluster_of=cluster_of,
        pair_of=None if pairs is None else labels(study, pairs),
        arm=arm,
        cluster=code,
        clusters=tuple(map(str, names)),
        outcome=values,
        at_baseline=at_baseline,
        covariates=[c for c in found if c.name not in study.strata],
        strata=[c for c in found if c.name in study.strata],
        arms=study.arms,
        control=control,
        is_binary=happened is not None,
        event=event,
    ), notes

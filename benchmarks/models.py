"""Models of trials beside statsmodels and R; R runs in a process of its own and times itself."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks import mixed, mmrm
from benchmarks.measuring import Growth, Outcome, in_turn, median_of, ratio_of, seconds, told

LMER = """
suppressMessages(library(lme4))
data <- read.csv("{file}")
one <- function() system.time(lmer(y ~ arm + x + (1 | cluster), data))[["user.self"]]
invisible(one()); cat(median(replicate(9, one())))
"""


def lmer_seconds(case: mixed.Case) -> float | None:
    """What R says lme4::lmer took, without degrees of freedom; None where it is not installed."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    y, X, cluster = case
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trial.csv"
        frame = pd.DataFrame({"y": y, "arm": X[:, 1], "x": X[:, 2], "cluster": cluster})
        frame.to_csv(file, index=False)
        script = LMER.format(file=file.as_posix())
        ran = subprocess.run(
            [program, "-e", script], capture_output=True, text=True, check=False, timeout=300
        )
    return float(ran.stdout) if ran.returncode == 0 and ran.stdout.strip() else None


def of_clusters(rounds: int) -> list[Outcome]:
    """A random intercept of 200 clusters of four, with Kenward–Roger."""
    case = mixed.trial(200, 4, ragged=True)
    taken = in_turn(
        {"ours": partial(mixed.ours, case), "theirs": partial(mixed.mixedlm, case)}, rounds
    )
    mine = median_of(taken, "ours")
    found = [
        Outcome(
            what="mixed model, 200 clusters × 4, beside MixedLM", of="ours / MixedLM", goal=1.0,
            at_least=False, ratio=ratio_of(taken, "ours", "theirs"), ours=mine,
            other=median_of(taken, "theirs"),
            note="ours with Kenward–Roger, MixedLM without any degrees of freedom",
        )
    ]  # fmt: skip
    theirs = lmer_seconds(case)
    if theirs:
        found.append(
            Outcome(
                what="mixed model, 200 clusters × 4, beside R lme4", of="ours / lmer",
                ratio=mine / theirs, ours=mine, other=theirs,
                note="ours with Kenward–Roger, lmer without; R in its own process",
            )
        )  # fmt: skip
    return found


def of_waves(people: int, goal: float) -> list[Outcome]:
    """The mixed model for repeated measures with Kenward–Roger, beside nlme::gls in R."""
    data = mmrm.trial(people)
    mine = mmrm.fit_seconds(data, 5)
    theirs = mmrm.gls_seconds(data)
    if not theirs:
        return []
    return [
        Outcome(
            what=f"mmrm, {people:,} people × 4 waves, beside R nlme", of="ours / gls", goal=goal,
            at_least=False, ratio=mine / theirs, ours=mine, other=theirs,
            note="ours with Kenward–Roger, gls without; R in its own process",
        )
    ]  # fmt: skip


def measure(*, small: bool = False) -> list[Outcome]:
    """Models beside their peers; those of R only where R is."""
    found = of_clusters(2 if small else 5)
    sizes = ((200, 0.2),) if small else ((200, 0.2), (5_000, 0.05))
    for people, goal in sizes:
        found += of_waves(people, goal)
    return found


def growth() -> list[Growth]:
    """Seconds of the mixed model by clusters, and by people in a cluster."""
    line, wide = Growth("clusters", "4 people each"), Growth("clusters", "200 clusters, by people")
    for clusters in (200, 1_000, 5_000, 25_000):
        case = mixed.trial(clusters, 4, ragged=True)
        line.sizes.append(clusters * 4)
        line.seconds.append(min(seconds(partial(mixed.ours, case)) for _ in range(3)))
    for size in (4, 20, 100, 500):
        case = mixed.trial(200, size, ragged=True)
        wide.sizes.append(200 * size)
        wide.seconds.append(min(seconds(partial(mixed.ours, case)) for _ in range(3)))
    return [line, wide]


if __name__ == "__main__":
    import sys

    raise SystemExit(told(measure(small="--small" in sys.argv)))

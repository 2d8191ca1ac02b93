"""Change analysis at scale: thousands of people, several waves, many outcomes, by subgroup.

No peer does this in one call, so what is told are seconds and how they grow. The bootstrap of
twenty outcomes is set beside scipy in `benchmarks.bootstrap`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

import socmeasures as soc
from benchmarks.measuring import Growth, Outcome, seconds, told

WAVES = ("t0", "t1", "t2", "t3")
OUTCOMES = tuple(f"outcome_{i}" for i in range(1, 21))
SITES = tuple("ABCDE")


def followed(people: int, outcomes: int = 20, waves: int = 4, seed: int = 1) -> pd.DataFrame:
    """Long data: a row a person and wave, correlated .7 between waves, 5 % missing, five sites."""
    rng = np.random.default_rng(seed)
    person = rng.normal(size=(people, 1, outcomes)) * 0.7**0.5
    scores = person + rng.normal(size=(people, waves, outcomes)) * 0.3**0.5
    scores += 0.1 * np.arange(waves)[None, :, None]
    scores[rng.random(scores.shape) < 0.05] = np.nan
    rows = {
        "id": np.repeat(np.arange(people), waves),
        "wave": np.tile([f"t{w}" for w in range(waves)], people),
        "site": np.repeat(rng.choice(list(SITES), people), waves),
        "arm": np.repeat(np.where(np.arange(people) % 2, "new", "usual"), waves),
    }
    flat = scores.reshape(people * waves, outcomes)
    return pd.DataFrame({**rows, **{f"outcome_{i + 1}": flat[:, i] for i in range(outcomes)}})


def one_group(data: pd.DataFrame) -> soc.Study:
    """All of them before and after."""
    outcomes = [c for c in data if c.startswith("outcome_")]
    return soc.Study(
        data, person="id", wave="wave", waves=sorted(data["wave"].unique()),
        better=dict.fromkeys(outcomes, "higher"),
    )  # fmt: skip


def two_arms(data: pd.DataFrame) -> soc.Study:
    """The same people as a trial."""
    outcomes = [c for c in data if c.startswith("outcome_")]
    return soc.Study(
        data, person="id", wave="wave", waves=sorted(data["wave"].unique()), arm="arm",
        control="usual", allocation="individual", better=dict.fromkeys(outcomes, "higher"),
    )  # fmt: skip


def outcomes_of(data: pd.DataFrame) -> list[str]:
    """Names of the outcomes."""
    return [c for c in data if c.startswith("outcome_")]


def cases(data: pd.DataFrame) -> dict[str, Callable[[], object]]:
    """What a service with that many people would ask for."""
    group, trial, names = one_group(data), two_arms(data), outcomes_of(data)
    return {
        "making the study": lambda: one_group(data),
        "pre_post, 20 outcomes": lambda: soc.pre_post(group, names),
        "pre_post, 20 outcomes, 5 sites": lambda: soc.pre_post(group, names, by="site"),
        "ancova, 20 outcomes": lambda: [soc.ancova(trial, name, wave="t3") for name in names],
        "mmrm, 20 outcomes": lambda: [soc.mmrm(trial, name) for name in names],
    }


def measure(*, small: bool = False) -> list[Outcome]:
    """Seconds of each case with 5,000 people, 4 waves and 20 outcomes."""
    people = 500 if small else 5_000
    data = followed(people)
    found = []
    for name, call in cases(data).items():
        taken = seconds(call)
        goal = None if small or name == "making the study" else 30.0
        found.append(
            Outcome(
                what=f"{people:,} people × 4 waves: {name}", of="seconds",
                goal=goal, at_least=False, ratio=taken, ours=taken,
            )
        )  # fmt: skip
    return found


def growth() -> list[Growth]:
    """Seconds of one outcome's analysis by people and by waves."""
    lines = []
    sizes = (300, 1_000, 3_000, 10_000, 30_000)
    for name, analysis in (("pre_post", soc.pre_post), ("mmrm", soc.mmrm)):
        line = Growth("people", name)
        for people in sizes:
            data = followed(people, outcomes=1)
            study = one_group(data) if name == "pre_post" else two_arms(data)
            line.sizes.append(people)
            line.seconds.append(
                min(seconds(lambda s=study, f=analysis: f(s, "outcome_1")) for _ in range(2))
            )
        lines.append(line)
    line = Growth("waves", "mmrm, 1,000 people")
    for waves in (2, 3, 4, 6, 8):
        study = two_arms(followed(1_000, outcomes=1, waves=waves))
        line.sizes.append(waves)
        line.seconds.append(
            min(seconds(lambda s=study: soc.mmrm(s, "outcome_1")) for _ in range(2))
        )
    return [*lines, line]


if __name__ == "__main__":
    import sys

    raise SystemExit(told(measure(small="--small" in sys.argv)))

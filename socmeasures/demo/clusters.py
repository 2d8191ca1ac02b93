"""Simulate trials of whole agencies, and of volunteers in one arm; nobody in them ever lived."""

from __future__ import annotations

import numpy as np
import pandas as pd

ARMS = ("befriending", "usual care")
WAVES = ("start", "6m", "12m")


def simulated_cluster_trial(
    agencies: int = 14,
    *,
    people: int = 12,
    icc: float = 0.06,
    effect: float = -1.5,
    lost: float = 0.15,
    seed: int = 11,
) -> pd.DataFrame:
    """Make a trial in which matched pairs of agencies were allocated.

    Parameters
    ----------
    agencies : int
        An even number; one agency of each pair gets the programme, drawn at random.
    people : int
        On average in an agency; agencies differ in size.
    icc : float
        How alike people of one agency are.
    effect : float
        Points the programme adds to loneliness at each follow-up.
    lost : float
        Share of people lost at each follow-up.
    seed : int
        The same seed gives the same people.

    Returns
    -------
    DataFrame
        One row a person and time point: ``id, wave, arm, agency, pair, region, age, loneliness``
        (3 to 24, lower is better) and ``lonely`` (1 at a score of 12 or more). People who were
        lost have no row at that time point.

    Examples
    --------
    >>> from socmeasures.demo.clusters import simulated_cluster_trial
    >>> simulated_cluster_trial().groupby("arm")["agency"].nunique().to_dict()
    {'befriending': 7, 'usual care': 7}
    """
    rng = np.random.default_rng(seed)
    first_treated = rng.random(agencies // 2) < 0.5
    rows = []
    person = 0
    for agency in range(agencies):
        pair, second = divmod(agency, 2)
        arm = ARMS[int(first_treated[pair] == bool(second))]
        name = f"agency {agency + 1:02d}"
        region = "town" if pair % 2 else "country"
        level = 12 + 0.6 * (pair % 3 - 1) + 3 * np.sqrt(icc) * rng.normal()
        drift = 3 * np.sqrt(icc / 3) * rng.normal(size=len(WAVES))
        for _ in range(max(4, int(rng.normal(people, people / 3)))):
            person += 1
            own = 3 * np.sqrt((1 - icc) * 0.6) * rng.normal()
            age = int(rng.integers(60, 92))
            for place, wave in enumerate(WAVES):
                seen = place == 0 or rng.random() > lost
                score = level + drift[place] + own + 3 * np.sqrt((1 - icc) * 0.4) * rng.normal()
                score += effect * (place > 0) * (arm == ARMS[0])
                score = round(min(max(float(score), 3.0), 24.0), 1)
                if seen:
                    about = (f"p{person:03d}", wave, arm, name, f"pair {pair + 1}", region, age)
                    rows.append((*about, score, int(score >= 12)))
    columns = ["id", "wave", "arm", "agency", "pair", "region", "age", "loneliness", "lonely"]
    return pd.DataFrame(rows, columns=columns)


def simulated_volunteers(
    volunteers: int = 12,
    *,
    people: int = 5,
    between: float = 1.0,
    effect: float = -1.5,
    seed: int = 5,
) -> pd.DataFrame:
    """Make a trial of people allocated one by one, some of whom share a volunteer.

    Parameters
    ----------
    volunteers : int
        In the befriending arm.
    people : int
        On average for a volunteer; the control arm has as many people, each by themselves.
    between : float
        SD of what volunteers add to the scores of the people they serve.
    effect, seed
        As in `simulated_cluster_trial`.

    Returns
    -------
    DataFrame
        One row a person and time point (``start``, ``6m``): ``id, wave, arm, volunteer`` (missing
        in the control arm) and ``loneliness``.

    Examples
    --------
    >>> from socmeasures.demo.clusters import simulated_volunteers
    >>> simulated_volunteers()["volunteer"].nunique()
    12
    """
    rng = np.random.default_rng(seed)
    sizes = np.maximum(2, rng.poisson(people, volunteers))
    names = [f"v{k + 1:02d}" for k in range(volunteers)]
    served: list[str | None] = [
        n for n, size in zip(names, sizes, strict=True) for _ in range(size)
    ]
    added = dict(zip(names, rng.normal(0, between, volunteers), strict=True))
    rows = []
    for place, volunteer in enumerate([*served, *[None] * len(served)]):
        arm = ARMS[0] if volunteer else ARMS[1]
        own = 2.2 * rng.normal()
        start = 12 + own + 1.8 * rng.normal()
        later = 12 + own + 1.8 * rng.normal()
        if volunteer:
            later += effect + added[volunteer]
        for wave, score in zip(WAVES, (start, later), strict=False):
            kept = round(min(max(float(score), 3.0), 24.0), 1)
            rows.append((f"p{place + 1:03d}", wave, arm, volunteer, kept))
    return pd.DataFrame(rows, columns=["id", "wave", "arm", "volunteer", "loneliness"])

"""Simulate a small befriending trial that loses people; nobody in it ever lived."""

from __future__ import annotations

import numpy as np
import pandas as pd

WAVES = ("baseline", "3m", "6m", "12m")
EFFECT = {"3m": -1.0, "6m": -1.6, "12m": -1.8}
ARMS = ("befriending", "usual care")


def simulated_trial(
    people: int = 90, *, drop_out: float = 0.25, arms: tuple[str, ...] = ARMS, seed: int = 7
) -> pd.DataFrame:
    """Make a trial in long form: loneliness (3 to 24, lower is better) at four times.

    Parameters
    ----------
    people : int
        Allocated in turn to the arms; the last of `arms` is the control.
    drop_out : float
        Share lost by the last time point; lonelier people are lost more often.
    arms : tuple of str
        Names of the arms.
    seed : int
        The same seed gives the same people.

    Returns
    -------
    DataFrame
        One row a person and time point: ``id, wave, arm, age, site, loneliness, lonely`` (1 at a
        score of 12 or more) and ``came`` (1 for those who took up what they were offered).
        People who dropped out have no row.

    Examples
    --------
    >>> from socmeasures.demo.trial import simulated_trial
    >>> simulated_trial(4, drop_out=0).groupby("arm")["id"].nunique().to_dict()
    {'befriending': 2, 'usual care': 2}
    """
    rng = np.random.default_rng(seed)
    lag = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    scores = 12 + 3 * rng.multivariate_normal(np.zeros(4), 0.7 ** (lag > 0) * 0.95**lag, people)
    arm = np.array([arms[k % len(arms)] for k in range(people)])
    age = rng.integers(60, 92, people)
    site = rng.choice(["Harbour", "Northside"], people)
    came = rng.random(people) < 0.85
    for place, wave in enumerate(WAVES[1:], start=1):
        scores[:, place] += EFFECT[wave] * (arm != arms[-1]) * came
    gone = np.zeros(people, dtype=bool)
    rows = []
    for place, wave in enumerate(WAVES):
        if place:
            risk = drop_out / 3 * np.exp(0.08 * (scores[:, place - 1] - 12))
            gone |= rng.random(people) < risk
        for k in np.flatnonzero(~gone):
            score = round(min(max(float(scores[k, place]), 3.0), 24.0), 1)
            rows.append(
                (
                    int(k) + 1,
                    wave,
                    arm[k],
                    int(age[k]),
                    site[k],
                    score,
                    int(score >= 12),
                    int(came[k]),
                )
            )
    columns = ["id", "wave", "arm", "age", "site", "loneliness", "lonely", "came"]
    return pd.DataFrame(rows, columns=columns)

"""Simulate the export of an invented befriending service; nobody in it ever lived.

The dirt is that of real exports: 99 and -9 as declared missing codes, one scale answered in words,
an answer that cannot be, a person entered twice, people lost before the second time point.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from socmeasures.responses.codebook import Codebook

PEOPLE = 120
SITES = ("Northside", "Harbour", "Old Mill", "Riverbank")
ARMS = {1: "usual care", 2: "befriending"}
OFTEN = {1: "Hardly ever or never", 2: "Some of the time", 3: "Often"}
AGREE = {
    1: "Very strongly disagree",
    2: "Strongly disagree",
    3: "Mildly disagree",
    4: "Neutral",
    5: "Mildly agree",
    6: "Strongly agree",
    7: "Very strongly agree",
}
FREQUENCY = (
    "Not at all",
    "Occasionally",
    "About half the time",
    "Most of the time",
    "Almost always",
)
NOT_ANSWERED = {99: "No answer", -9: "Not asked"}


def export(seed: int = 2026) -> tuple[pd.DataFrame, Codebook]:
    """Make the export: one row a person, ``_t1`` and ``_t2`` columns, raw codes and their codebook.

    Parameters
    ----------
    seed : int
        The same seed gives the same people.

    Returns
    -------
    frame, codebook
        Codes 99 and -9 stand in the frame as a file holds them.

    Examples
    --------
    >>> from socmeasures.demo.simulate import export
    >>> frame, codebook = export()
    >>> len(frame), codebook["ucla3_1_t1"].missing_values
    (121, (-9, 99))
    """
    rng = np.random.default_rng(seed)
    site = rng.integers(0, len(SITES), PEOPLE)
    arm = np.repeat([1, 2], PEOPLE // 2)[rng.permutation(PEOPLE)]
    lonely = rng.normal(0.4, 1.0, PEOPLE) + np.array([0.2, 0.0, -0.2, 0.1])[site]
    later = 0.7 * lonely + rng.normal(0.1, 0.65, PEOPLE) - 0.55 * (arm == 2)
    stays = rng.random(PEOPLE) > 0.18 + 0.06 * (arm == 1)

    columns: dict[str, Any] = {
        "id": [f"P{i:03d}" for i in range(1, PEOPLE + 1)],
        "site": site + 1.0,
        "arm": arm.astype(float),
    }
    for mark, trait in (("t1", lonely), ("t2", later)):
        here = np.ones(PEOPLE, bool) if mark == "t1" else stays
        for item in range(1, 4):
            codes = _steps(rng, trait, (0.1, 1.1), 0.8) + 1.0
            columns[f"ucla3_{item}_{mark}"] = _with_gaps(rng, codes, here)
        for item in range(1, 13):
            codes = _steps(rng, -trait + 0.8, (-2.0, -1.3, -0.6, 0.1, 0.9, 1.7), 0.9) + 1.0
            columns[f"mspss_{item}_{mark}"] = _with_gaps(rng, codes, here)
        for item in range(1, 7):
            turned = trait if item in (2, 5, 6) else -trait
            places = _steps(rng, turned + 0.3, (-1.0, -0.2, 0.6, 1.4), 0.8).astype(int)
            words = np.array(FREQUENCY, dtype=object)[places]
            words[~here | (rng.random(PEOPLE) < 0.03)] = ""
            columns[f"friendship_scale_{item}_{mark}"] = words
    frame = pd.DataFrame(columns)
    frame.loc[6, "ucla3_2_t1"] = 7.0  # an answer that cannot be
    twice = frame.iloc[[41]].copy()  # entered twice, the second time without the later answers
    twice[[c for c in frame.columns if c.endswith("_t2")]] = np.nan
    for column in [c for c in frame.columns if c.startswith("friendship") and c.endswith("_t2")]:
        twice[column] = ""
    frame = pd.concat([frame, twice], ignore_index=True)
    return frame, _codebook(frame)


def _steps(
    rng: np.random.Generator, trait: np.ndarray, cuts: tuple[float, ...], noise: float
) -> np.ndarray:
    """Answer places 0, 1, 2 … of a trait with noise."""
    return np.searchsorted(cuts, trait + rng.normal(0, noise, len(trait))).astype(float)


def _with_gaps(rng: np.random.Generator, codes: np.ndarray, here: np.ndarray) -> np.ndarray:
    """99 where an item was left out, -9 where the person was not asked again, NaN where lost."""
    codes = codes.copy()
    codes[rng.random(len(codes)) < 0.02] = 99.0
    lost = ~here
    codes[lost] = np.where(np.arange(len(codes))[lost] % 3 == 0, -9.0, np.nan)
    return codes


def _codebook(frame: pd.DataFrame) -> Codebook:
    labels: dict[str, dict[Any, str]] = {
        "site": dict(enumerate(SITES, start=1)),
        "arm": dict(ARMS),
    }
    texts = {
        "id": "Person (simulated)",
        "site": "Where the person was seen",
        "arm": "What the person was offered (allocated by lot)",
    }
    missing: dict[str, list[Any]] = {}
    when = {"t1": "at the start", "t2": "after six months"}
    names = {
        "ucla3": "UCLA three-item loneliness",
        "mspss": "Perceived social support (MSPSS)",
        "friendship_scale": "Friendship Scale",
    }
    for column in frame.columns[3:]:
        scale, item, mark = column.rsplit("_", 2)
        texts[column] = f"{names[scale]}, item {item}, {when[mark]}"
        if scale != "friendship_scale":
            labels[column] = (OFTEN if scale == "ucla3" else AGREE) | NOT_ANSWERED
            missing[column] = [-9, 99]
    return Codebook.from_labels(labels, labels=texts, missing=missing)

"""Made-up results of eight people, and real ones from a small made-up study."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.one_group import pre_post
from socmeasures.designs.outcome import Outcome
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.designs.trial import ancova

OUTCOME = Outcome(
    column="ucla3_total",
    label="UCLA-3: loneliness (3 to 9, higher = lonelier)",
    better="lower",
    low=3,
    high=9,
    higher="lonelier",
    instrument="Three-Item Loneliness Scale",
    form="3 items",
    evidence="published",
    citation="Hughes et al. (2004) Research on Aging 26(6) 655-672",
    licence="free for research",
)


@pytest.fixture
def change() -> Result:
    """Six of eight people, before and after, made by hand."""
    before, after = [7, 6, 8, 5, 9, 3, 4, 6], [5, 6, 6, 5, 7, 4, None, None]
    scores = pd.DataFrame(
        {
            "outcome": "ucla3_total",
            "person": [f"p{i}" for i in range(8)] * 2,
            "arm": "all",
            "wave": ["before"] * 8 + ["after"] * 8,
            "value": pd.array([*before, *after], dtype="Float64").astype(float),
        }
    )
    spread = {"sd": 1.9, "median": 6.0, "q1": 4.5, "q3": 7.25, "min": 3.0, "max": 9.0}
    rows = [("before", 8, 6.0, 0.125, 0.125), ("after", 6, 5.5, 0.0, 0.0)]
    return Result(
        kind="pre_post",
        title="Change in UCLA-3, before to after",
        outcome=OUTCOME,
        table=pd.DataFrame(
            [
                {
                    "outcome": "ucla3_total",
                    "wave": "after",
                    "contrast": "after - before",
                    "term": "mean change",
                    "estimate": -0.8333,
                    "se": 0.5426,
                    "df": 5.0,
                    "statistic": -1.536,
                    "p_value": 0.185,
                    "ci_low": -2.228,
                    "ci_high": 0.5614,
                    "n": 6,
                    "n_excluded": 2,
                    "method": "paired t",
                }
            ]
        ),
        n=pd.DataFrame(
            {
                "wave": "after",
                "arm": "all",
                "group": ["analysed", "excluded"],
                "reason": ["", "after: questionnaire not answered"],
                "n": [6, 2],
            }
        ),
        descriptives=pd.DataFrame(
            [
                {"wave": w, "arm": "all", "n": n, "mean": m, **spread}
                | {"floor_share": floor, "ceiling_share": ceiling}
                for w, n, m, floor, ceiling in rows
            ]
        ),
        scores=scores,
        summary="On average their score fell by 0.83 points (-2.23 to 0.56).",
        methods="Paired t test (Student 1908).",
        notes=("This is change without a comparison group, so it is not an effect.",),
        waves=("before", "after"),
    )


@pytest.fixture
def renamed(change):
    """`renamed(text)` gives the result with `text` as every label a user could have written."""

    def make(text: str) -> Result:
        waves = (f"{text} 1", f"{text} 2")
        to = dict(zip(change.waves, waves, strict=True))
        return replace(
            change,
            title=text,
            outcome=replace(OUTCOME, label=text, instrument=text, citation=text, licence=text),
            table=change.table.assign(contrast=f"{waves[1]} - {waves[0]}", wave=waves[1]),
            n=change.n.assign(wave=waves[1], reason=["", text]),
            descriptives=change.descriptives.replace({"wave": to}),
            scores=change.scores.replace({"wave": to}),
            summary=text,
            methods=text,
            notes=(text,),
            waves=waves,
            tables={text: pd.DataFrame({text: [text], "n": [3]})},
        )

    return make


@pytest.fixture(scope="session")
def trial_study() -> Study:
    """Sixty people in two groups, two measures, some lost."""
    rng = np.random.default_rng(4)
    n = 60
    wide = pd.DataFrame({"id": np.arange(n), "arm": np.where(np.arange(n) % 2, "visits", "usual")})
    for column, mean in (("ucla3_total", 6.0), ("mood", 6.5)):
        wide[f"{column}__pre"] = np.clip(rng.normal(mean, 1.5, n).round(), 3, 9)
        wide[f"{column}__post"] = np.clip(rng.normal(mean - 0.5, 1.5, n).round(), 3, 9)
    wide.loc[:9, "ucla3_total__post"] = np.nan
    waves = {"before": "pre", "6 months": "post"}
    return Study.from_wide(wide, person="id", waves=waves, arm="arm", control="usual")


@pytest.fixture(scope="session")
def real_results(trial_study) -> list[Result]:
    """A change in two measures and a comparison of two groups, as the library gives them."""
    return [
        pre_post(trial_study, ["ucla3_total", "mood"]),
        ancova(trial_study, "ucla3_total", wave="6 months"),
    ]

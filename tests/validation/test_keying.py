"""Signs of a wrong key and of careless answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import socmeasures as soc
from tests.made_up import calm


def answers(reversed_items: tuple[int, ...], people: int = 80, seed: int = 3) -> pd.DataFrame:
    """Answers to the calm scale driven by one trait."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=people)
    data = {}
    for n in range(1, 5):
        sign = -1 if n in reversed_items else 1
        data[f"calm_{n}"] = np.digitize(sign * trait + rng.normal(0, 0.6, people), [-1, 0, 1]) + 1
    return pd.DataFrame(data)


def keying(data: pd.DataFrame) -> pd.DataFrame:
    problems = soc.validate(data, calm()).problems
    return problems[problems["rule"] == "keying"]


def test_right_answers_raise_no_warning() -> None:
    assert not len(keying(answers((2,))))


@pytest.mark.parametrize(("reversed_items", "named"), [((), [2]), ((2, 4), [4])])
def test_an_item_turned_the_wrong_way_is_named(
    reversed_items: tuple[int, ...], named: list[int]
) -> None:
    found = keying(answers(reversed_items))

    assert found["item"].tolist() == named
    assert set(found["severity"]) == {"warning"}
    message = found["message"].iloc[0]
    assert f"item {named[0]} (" in message
    assert "Alpha is" in message
    assert "Nothing was changed" in message


def test_few_people_say_too_little() -> None:
    assert not len(keying(answers((), people=15)))


def test_chance_is_no_warning() -> None:
    rng = np.random.default_rng(0)
    data = pd.DataFrame({f"calm_{n}": rng.integers(1, 5, 40) for n in range(1, 5)})
    data["calm_2"] = 5 - data["calm_1"]

    assert not len(keying(data))

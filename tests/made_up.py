"""A made-up scale and made-up answers that several tests share."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from socmeasures.scales.definition import parse_definition
from socmeasures.scales.model import Scale

TOML = """
format = 1
id = "calm4"
name = "Calm scale"
form = "four items"
construct = "calm"
population = "nobody in particular"
citation = "made up for the tests"
evidence = "user-supplied"
licence = { items_text = false, note = "free" }

[responses]
options = [
    { code = 1, label = "never" },
    { code = 2, label = "sometimes", also = ["now and then"] },
    { code = 3, label = "often" },
    { code = 4, label = "always" },
]

[[codings]]
name = "always-first"
map = { 1 = 4, 2 = 3, 3 = 2, 4 = 1 }

[[items]]
number = 1
label = "restful mornings"
names = ["calm_1"]

[[items]]
number = 2
label = "racing thoughts"
names = ["calm_2"]

[[items]]
number = 3
label = "quiet evenings"
names = ["calm_3"]

[[items]]
number = 4
label = "sound sleep"
names = ["calm_4"]

[[scores]]
id = "total"
items = [1, 2, 3, 4]
method = "sum"
reverse = [2]
higher = "calmer"
better = "higher"
range = [4, 16]
missing = { method = "prorate", allow = 1, source = "made up" }

[[scores.bands]]
set = "made up"
evidence = "user-supplied"
default = true
source = "made up"
population = "nobody"
cuts = [{ from = 4, label = "low" }, { from = 8, label = "middle" }, { above = 12, label = "high" }]

[[examples]]
answers = [1, 4, 1, 1]
expected = { total = 4 }

[[examples]]
answers = [4, 1, 4, 4]
expected = { total = 16 }

[[examples]]
answers = [2, 3, "NA", 2]
expected = { total = 8 }
"""


def calm(*changes: tuple[str, str]) -> Scale:
    """The scale, with pieces of its text replaced."""
    return parse_definition(text(*changes), "calm4.toml")


def text(*changes: tuple[str, str]) -> str:
    """The text of its definition, with pieces replaced."""
    made = TOML
    for old, new in changes:
        assert made.count(old) >= 1, old
        made = made.replace(old, new)
    return made


def calm_file(folder: Path, *changes: tuple[str, str], name: str = "calm4.toml") -> Path:
    """The definition as a file."""
    path = folder / name
    path.write_text(text(*changes), encoding="utf-8")
    return path


def raw() -> dict[str, Any]:
    """The definition as dictionaries."""
    return tomllib.loads(TOML)

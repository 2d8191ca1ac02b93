"""Scales that exist nowhere: every rule of a definition, also those no shipped scale needs."""

from __future__ import annotations

from socmeasures.scales.definition import parse_definition

_TEXTS = {
    "oddly_scored": """
format = 1
id = "oddly_scored"
name = "A scale that isn't one"
form = "every rule at once"
construct = "nothing"
population = "nobody"
citation = "made up. For this test. It holds 'quotes' and ends in a full stop."
evidence = "user-supplied"
licence = { items_text = false, note = "none" }
[responses]
options = [
    { code = 1, label = "never" },
    { code = 2, label = "seldom" },
    { code = 4, label = "often" },
]
[[codings]]
name = "turned"
map = { 4 = 1, 2 = 2, 1 = 4 }
items = [1, 2]
[[items]]
number = 1
label = "a"
[[items]]
number = 2
label = "b"
[[items]]
number = 5
label = "c"
[[items]]
number = 7
label = "d"
options = [
    { code = -1, label = "less" },
    { code = 0, label = "same" },
    { code = 1, label = "more" },
]
[[items]]
number = 8
label = "e"
counts_to = 40
[[scores]]
id = "prorated"
items = [1, 2, 5]
reverse = [2]
method = "sum"
scale_by = 2.5
higher = "more"
better = "none"
range = [7.5, 30]
missing = { method = "prorate", allow = 2, source = "made up" }
[[scores.bands]]
set = "halves"
evidence = "user-supplied"
default = true
source = "it's made up"
population = "nobody's"
cuts = [{ from = 7.5, label = "low" }, { above = 15, label = "it's high" }]
[[scores]]
id = "pomp"
items = [1, 2, 5]
method = "pomp"
recode = [{ items = [1, 2, 5], map = { 1 = 0, 2 = 0.25, 4 = 1.5 } }]
higher = "more"
better = "none"
range = [0, 100]
missing = { method = "prorate", allow = 1, source = "made up" }
[[scores]]
id = "binned"
items = [8, 1]
method = "mean"
reverse = [1]
higher = "more"
better = "none"
range = [0.5, 4]
missing = { method = "count_answered", allow = 1, source = "made up" }
[[scores.recode]]
items = [8]
bins = [{ from = 0, points = 0 }, { from = 5, points = 1.5 }, { from = 20, points = 4 }]
[[scores]]
id = "looked_up"
items = [1, 2, 5]
method = "lookup"
table = { 3 = 0, 4 = 1.5, 5 = 2.25, 6 = 4, 7 = 5, 8 = 8, 9 = 9, 10 = 11, 11 = 12, 12 = 20 }
higher = "more"
better = "none"
range = [0, 20]
missing = { method = "prorate", allow = 2, source = "made up" }
[[risks]]
item = 1
from = 4
[[risks]]
item = 7
from = 1
""",
    "derived_item": """
format = 1
id = "derived_item"
name = "A scale with items nobody is asked"
form = "made up"
construct = "nothing"
population = "nobody"
citation = "made up"
evidence = "user-supplied"
licence = { items_text = false, note = "none" }
[responses]
options = [{ code = 0, label = "no" }, { code = 1, label = "a bit" }, { code = 2, label = "yes" }]
[[codings]]
name = "one-based"
map = { 1 = 0, 2 = 1, 3 = 2 }
items = [1, 2]
[[items]]
number = 1
label = "a"
[[items]]
number = 2
label = "b"
[[items]]
number = 3
label = "either"
derived = { items = [1, 2], rule = "any", from = 2 }
[[items]]
number = 4
label = "a is yes"
derived = { items = [1], rule = "all", from = 2 }
[[items]]
number = 5
label = "b where a is not no"
derived = { items = [1, 2], rule = "follow_up", flag = "not_asked" }
[[scores]]
id = "total"
items = [3, 4]
higher = "more"
better = "none"
range = [0, 2]
missing = { method = "prorate", allow = 1, source = "made up" }
[[scores]]
id = "followed"
items = [5, 1]
reverse = [5]
higher = "more"
better = "none"
range = [0, 4]
missing = { method = "count_answered", allow = 1, source = "made up" }
""",
    "not_for_all": """
format = 1
id = "not_for_all"
name = "A scale with questions that do not apply to all"
form = "made up"
construct = "nothing"
population = "nobody"
citation = "made up"
evidence = "user-supplied"
licence = { items_text = false, note = "none" }
[responses]
options = [
    { code = 1, label = "no" },
    { code = 2, label = "a bit" },
    { code = 3, label = "yes" },
    { code = 8, label = "does not apply" },
]
[[codings]]
name = "turned"
map = { 1 = 3, 2 = 2, 3 = 1, 7 = 8 }
[[items]]
number = 1
label = "a"
not_applicable = { codes = [8], counts_as = "missing" }
[[items]]
number = 2
label = "b"
not_applicable = { codes = [8], counts_as = 1.5, flag = "no_b" }
[[items]]
number = 3
label = "c"
not_applicable = { codes = [8], counts_as = "skip", flag = "no_c" }
[[items]]
number = 4
label = "d"
counts_to = 30
not_applicable = { codes = [88], counts_as = "missing" }
[[items]]
number = 6
label = "a count with a code beyond a gap"
counts_to = 30
not_applicable = { codes = [88], counts_as = 88 }
[[items]]
number = 5
label = "both"
derived = { items = [1, 2], rule = "all", from = 3 }
[[scores]]
id = "total"
items = [1, 2, 3, 5]
reverse = [1, 3]
higher = "more"
better = "none"
range = [2, 10]
missing = { method = "count_answered", allow = 2, source = "made up" }
[[scores]]
id = "counted"
items = [4, 1]
higher = "more"
better = "none"
range = [1, 33]
missing = { method = "complete", source = "made up" }
[[scores]]
id = "gap"
items = [6]
higher = "more"
better = "none"
range = [0, 88]
missing = { method = "complete", source = "made up" }
""",
}

MADE_UP = {name: parse_definition(text, f"{name}.toml") for name, text in _TEXTS.items()}

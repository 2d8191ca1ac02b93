"""Every structural fault of a definition is told."""

from __future__ import annotations

import tomllib

import pytest

from socmeasures.scales import lint
from socmeasures.scales.model import Scale
from tests.made_up import calm, text

LOOKUP = "table = { " + ", ".join(f"{v} = {v}" for v in range(4, 17)) + " }"

FAULTS = {
    "two items of one number": (
        ("number = 4", "number = 3"),
        "[[items]] 3: this number is given twice",
    ),
    "one column name at two items": (
        ('names = ["calm_4"]', 'names = ["CALM_3"]'),
        "'calm_3' stands at two items",
    ),
    "one code at two options": (
        ("{ code = 4, label", "{ code = 3, label"),
        "code 3 is given twice",
    ),
    "one label at two options": (
        ('label = "always"', 'label = "Often"'),
        "the label 'often' belongs to two codes",
    ),
    "a coding named canonical": (
        ('name = "always-first"', 'name = "canonical"'),
        "this name is taken",
    ),
    "an empty coding": (("map = { 1 = 4, 2 = 3, 3 = 2, 4 = 1 }", "map = {}"), "map: it is empty"),
    "a coding to no code": (("map = { 1 = 4,", "map = { 1 = 7,"), "7 is no canonical code"),
    "two codes of one meaning": (("map = { 1 = 4,", "map = { 1 = 3,"), "two codes both mean 3"),
    "a coding of no item": (
        ("map = { 1 = 4,", "items = [9]\nmap = { 1 = 4,"),
        "items: there is no item 9",
    ),
    "a score of no item": (
        ("items = [1, 2, 3, 4]", "items = [1, 2, 3, 5]"),
        "items: there is no item 5",
    ),
    "an item counted twice": (
        ("items = [1, 2, 3, 4]", "items = [1, 2, 3, 3]"),
        "item 3 is counted twice",
    ),
    "a reversed item outside the score": (
        ("reverse = [2]", "reverse = [6]"),
        "reverse: item 6 is not one of the score's items (1, 2, 3, 4)",
    ),
    "a recoded item outside the score": (
        ("reverse = [2]", "reverse = [2]\nrecode = [{ items = [6], ones = [1] }]"),
        "recode: item 6 is not one",
    ),
    "an item recoded twice": (
        (
            "reverse = [2]",
            "reverse = [2]\nrecode = [{ items = [1], ones = [1] }, { items = [1], ones = [2] }]",
        ),
        "item 1 is recoded twice",
    ),
    "a code without points": (
        ("reverse = [2]", "reverse = [2]\nrecode = [{ items = [1], map = { 1 = 0 } }]"),
        "item 1 has no points for codes 2, 3, 4",
    ),
    "a rule that scores nobody's answers": (
        ("allow = 1", "allow = 4"),
        "would score a person who answered nothing",
    ),
    "a lookup without a table": (('method = "sum"', 'method = "lookup"'), "needs a table"),
    "a lookup with a gap": (
        ('method = "sum"', f'method = "lookup"\n{LOOKUP.replace("9 = 9, ", "")}'),
        "no score for the sum 9",
    ),
    "a lookup that does not rise": (
        ('method = "sum"', f'method = "lookup"\n{LOOKUP.replace("9 = 9", "9 = 3")}'),
        "look for a slip",
    ),
    "a table where none is used": (
        ('method = "sum"', f'method = "sum"\n{LOOKUP}'),
        "only method 'lookup' uses a table",
    ),
    "an impossible range": (
        ("range = [4, 16]", "range = [4, 20]"),
        "[4, 20] is stated, but the items, options and method give [4, 16]",
    ),
    "bands that begin too high": (
        ('from = 4, label = "low"', 'from = 5, label = "low"'),
        "gap below the first band",
    ),
    "bands that begin too low": (
        ('from = 4, label = "low"', 'from = 3, label = "low"'),
        "below the range (4)",
    ),
    "bands out of order": (("from = 8", "from = 13"), "does not begin above"),
    "bands with a gap": (
        ("from = 4, label", "from = 4, to = 6, label"),
        "gap between 'low' (to 6) and 'middle' (from 8)",
    ),
    "bands that overlap": (
        ("from = 4, label", "from = 4, to = 8, label"),
        "'low' and 'middle' overlap at 8",
    ),
    "a band above the range": (("above = 12", "above = 17"), "begins above the range (16)"),
    "an unverified default": (
        ('set = "made up"\nevidence = "user-supplied"', 'set = "made up"\nevidence = "unverified"'),
        "an unverified set cannot be the default",
    ),
    "a cut-off without a source": (
        ('source = "made up"\npopulation', 'source = " "\npopulation'),
        "source: a cut-off needs one",
    ),
    "a cut-off without a population": (
        ('population = "nobody"\ncuts', 'population = ""\ncuts'),
        "population: a cut-off needs one",
    ),
    "a norm of no score": (
        (
            "[[examples]]\nanswers = [1, 4",
            '[[norms]]\nscore = "sum"\npopulation = "x"\nsource = "x"\nevidence = "published"\n\n[[examples]]\nanswers = [1, 4',  # noqa: E501
        ),
        "[[norms]]: there is no score 'sum'",
    ),
    "a risk of no item": (
        (
            "[[examples]]\nanswers = [1, 4",
            "[[risks]]\nitem = 9\nfrom = 2\n\n[[examples]]\nanswers = [1, 4",
        ),
        "[[risks]]: there is no item 9",
    ),
    "an example too short": (
        ("answers = [4, 1, 4, 4]", "answers = [4, 1, 4]"),
        "number 2: 3 answers for 4 items",
    ),
    "an example with a slip": (('"NA"', '"N/A"'), "'N/A' is no answer"),
    "an example of no score": (("{ total = 16 }", "{ sum = 16 }"), "there is no score 'sum'"),
    "an example in no coding": (
        ("{ total = 16 }", '{ total = 16 }\ncoding = "odd"'),
        "there is no coding 'odd'",
    ),
    "an unused item": (
        (
            'items = [1, 2, 3, 4]\nmethod = "sum"\nreverse = [2]',
            'items = [1, 2, 3]\nmethod = "sum"\nreverse = [2]',
        ),
        "[[items]] 4: no score uses it",
    ),
}


def raw_scale(*changes: tuple[str, str]) -> Scale:
    """The form only, faults and all."""
    return Scale.model_validate(tomllib.loads(text(*changes)))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told(name: str) -> None:
    change, words = FAULTS[name]
    also = (
        (
            ("range = [4, 16]", "range = [3, 12]"),
            ("from = 4, label", "from = 3, label"),
            ("{ above = 12", "{ from = 11"),
        )
        if name == "an unused item"
        else ()
    )

    found = lint.faults(raw_scale(change, *also))

    assert any(words in fault for fault in found), found


def test_a_right_definition_has_no_faults_and_no_remarks() -> None:
    assert lint.faults(calm()) == []
    assert lint.warnings(calm()) == []


def test_an_optional_item_may_stay_unused() -> None:
    scale = raw_scale(
        ("items = [1, 2, 3, 4]", "items = [1, 2, 3]"),
        ("range = [4, 16]", "range = [3, 12]"),
        ("from = 4, label", "from = 3, label"),
        ("{ above = 12", "{ from = 11"),
        ('label = "sound sleep"', 'label = "sound sleep"\noptional = true'),
    )

    assert lint.faults(scale) == []


def test_two_default_sets_are_told() -> None:
    block = text()[text().index("[[scores.bands]]") : text().index("[[examples]]")]
    twice = text().replace(block, block + block)

    found = lint.faults(Scale.model_validate(tomllib.loads(twice)))

    assert any("more than one set is the default" in fault for fault in found)


def test_an_implausible_norm_is_remarked_on() -> None:
    norm = '[[norms]]\nscore = "total"\npopulation = "x"\nsource = "x"\nevidence = "published"\nmean = 40\nsd = 9\n\n'  # noqa: E501
    found = lint.warnings(
        raw_scale(("[[examples]]\nanswers = [1, 4", norm + "[[examples]]\nanswers = [1, 4"))
    )

    assert any("the mean 40 lies outside 4-16" in remark for remark in found)
    assert any("an SD of 9 is more than half the range" in remark for remark in found)


def test_few_examples_are_remarked_on() -> None:
    cut = text()[: text().rindex("[[examples]]")]

    found = lint.warnings(Scale.model_validate(tomllib.loads(cut)))

    assert any("2 golden vectors; give at least three" in remark for remark in found)

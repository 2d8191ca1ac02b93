"""Plain English: the summaries and the funder's first page can be read at the age of 13."""

from __future__ import annotations

import re

import pytest

from socmeasures.reports import funder_words
from socmeasures.reports.funder import funder_paper
from tests.reports import funder_studies as made
from tests.reports.test_funder import DAY

METHOD_WORDS = ("p value", "confidence interval", "standard deviation", "prorated", "attrition",
                "wave", "covariate", "null")  # fmt: skip
AMERICAN = ("behavior", "center ", "color", "program ", "standardize", "analyze", "randomized")


def syllables(word: str) -> int:
    """Vowel groups, without a silent e at the end; at least one."""
    word = re.sub(r"[^a-z]", "", word.lower())
    found = len(re.findall(r"[aeiouy]+", word))
    if word.endswith("e") and not word.endswith("le") and found > 1:
        found -= 1
    return max(found, 1)


def reading_age(text: str) -> float:
    """Flesch-Kincaid grade + 5, numbers counted as one syllable."""
    sentences = [s for s in re.split(r"(?<=[.!?;:])\s+", text) if re.search(r"[a-zA-Z]", s)]
    words = re.findall(r"[A-Za-z][A-Za-z'’-]*|\d[\d.,]*", text)
    total = sum(syllables(w) if w[0].isalpha() else 1 for w in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * total / len(words) - 15.59 + 5


def test_the_formula_knows_easy_from_hard():
    assert reading_age("The cat sat on the mat. It was warm.") < 8
    assert reading_age("Heteroscedasticity notwithstanding, parameterisation invalidates it.") > 18


@pytest.mark.parametrize("name", ["WHY_NOT", "COMPARED", "CAN_SAY", "THOSE_LOST", "SERVICES"])
def test_a_sentence_of_the_report_is_plain(name):
    assert reading_age(getattr(funder_words, name)) <= 13


def test_the_summaries_and_the_first_page_are_plain():
    of = made.study(64, lost=14)
    results = made.results(of)
    paper = funder_paper(results, title="Visits", date=DAY)
    first = " ".join(line for s in paper.first for b in s.blocks for line in b.lines)
    for text in (first, *(r.summary for r in results)):
        text = text.replace("UCLA Loneliness Scale, three items: loneliness", "The score")
        assert reading_age(text) <= 13, text
        assert not [w for w in METHOD_WORDS if w in text.lower()]
        assert not [w for w in AMERICAN if w in text.lower()]

"""The page: its order, its words, its safety, and what it refuses."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace

import pandas as pd
import pytest

from socmeasures.errors import OutputError, ReportError
from socmeasures.reports.document import report
from socmeasures.scoring.record import ScaleUse, ScoreColumn, ScoringRecord

DAY = datetime.date(2026, 3, 12)
VOID = {"meta", "link", "img", "br", "hr", "input"}
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    '=HYPERLINK("http://x")',
    "x" * 5000,
    "\u202eدوستی با دیگران\u202c",
    r"$\frac{1}{0}$",
    "友情 👵🏽 \x00\x1b",
]


class _Page(HTMLParser):
    """Tags with their attributes, and whether every opened tag was closed in order."""

    def __init__(self, text):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def write(tmp_path):
    def run(results, name="report.html", **options):
        path = report(results, tmp_path / name, date=options.pop("date", DAY), **options)
        return path.read_text(encoding="utf-8")

    return run


def _words(text):
    body = re.sub(r"<(style|svg).*?</\1>", " ", text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_the_sections_stand_in_the_order_a_reader_needs(write, change):
    page = _Page(write(change))
    sections = [attrs["id"] for tag, attrs in page.tags if tag == "section"]
    assert sections == ["who", "measure", "scores", "change", "limits", "methods"]
    assert page.open == []


def test_the_response_rate_is_the_first_number(write, change):
    text = _words(write(change))
    rate = text.index("6 of 8 people are in this analysis; 2 are not")
    assert rate < text.index("UCLA-3: loneliness", rate)
    assert rate < text.index("On average")


def test_date_version_and_language_are_on_the_page(write, change):
    text = write(change)
    assert '<html lang="en-GB">' in text
    assert "12/03/2026 · socmeasures" in text


def test_the_page_asks_for_nothing_from_outside(write, real_results):
    page = _Page(write(real_results))
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "img", "object", "embed"}
    for _, attrs in page.tags:
        assert "src" not in attrs
        assert attrs.get("href", "#").startswith("#")
    assert not re.search(r"url\((?!#)|@import", write(real_results))


def test_every_picture_is_described_and_captioned(write, real_results):
    text = write(real_results)
    page = _Page(text)
    pictures = [attrs for tag, attrs in page.tags if tag == "svg"]
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(pictures) == text.count("<figcaption>") >= 6
    assert all(set(p["aria-labelledby"].split()) <= set(ids) for p in pictures)
    assert len(ids) == len(set(ids))
    assert not re.search(r"<desc[^>]*></desc>", text)


def test_pictures_are_numbered_in_the_order_they_stand(write, real_results):
    numbers = [int(n) for n in re.findall(r"<figcaption>Picture (\d+)\.", write(real_results))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_table_has_a_caption_and_heads_with_scope(write, real_results):
    text = write(real_results)
    assert text.count("<table>") == text.count("<table><caption>")
    assert all("scope" in attrs for tag, attrs in _Page(text).tags if tag == "th")


def test_headings_go_down_one_step_at_a_time(write, real_results):
    levels = [int(tag[1]) for tag, _ in _Page(write(real_results)).tags if re.match(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_method_words_stay_in_the_methods(write, change):
    before_methods = _words(write(change).split('<section id="methods">')[0])
    for word in ("wave", "arm ", "attrition", "degrees of freedom", "paired t", "effect size"):
        assert word not in before_methods


def test_a_p_value_never_stands_without_its_interval(write, real_results):
    for head in re.findall(r"<thead>(.*?)</thead>", write(real_results).split('id="methods"')[0]):
        assert ("p value" not in head) or ("range we can be fairly sure of" in head)


def test_notes_shared_by_all_results_are_said_once(write, change):
    text = write([change, replace(change, title="Again")])
    assert text.count("This is change without a comparison group") == 1


def test_results_on_the_same_people_and_scores_show_them_once(write, change):
    text = write([change, replace(change, title="Again")])
    assert text.count("People with a score at each time point") == 1
    assert text.count("How the scores spread") == 2  # title and caption of one picture


def test_the_measure_is_described_with_range_direction_licence_and_evidence(write, change):
    text = _words(write(change))
    for fact in ("3 to 9", "Lower scores are better.", "free for research", "published source"):
        assert fact in text


def test_an_unknown_direction_is_said_and_nothing_is_called_better(write, change):
    unknown = replace(change, outcome=replace(change.outcome, better=None))
    text = write(unknown)
    assert "was not stated" in text
    assert "(better)" not in text


@pytest.mark.parametrize("grade", ["unverified", "user-supplied"])
def test_an_unverified_key_is_boxed_wherever_its_numbers_stand(write, change, grade):
    text = write(replace(change, outcome=replace(change.outcome, evidence=grade)))
    for section in ("measure", "scores", "change"):
        part = text.split(f'<section id="{section}">')[1].split("</section>")[0]
        assert 'class="warning"' in part


def test_a_published_key_has_no_warning(write, change):
    assert 'class="warning"' not in write(change)


def test_the_same_input_gives_the_same_bytes(write, real_results):
    assert write(real_results, "a.html") == write(real_results, "b.html")


def test_only_the_date_differs_from_one_day_to_the_next(write, change):
    one, two = write(change), write(change, date=datetime.date(2026, 3, 13))
    assert one.replace("12/03/2026", "13/03/2026") == two


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_label_stays_text_everywhere(write, renamed, change, label):
    plain = sorted({tag for tag, _ in _Page(write(change)).tags})
    page = _Page(write(renamed(label), "r_INTERNAL.html", title=label, about=label,
                       individual_lines=True))  # fmt: skip
    assert not {tag for tag, _ in page.tags} - {*plain, "strong"}
    assert not any(key.startswith("on") for _, attrs in page.tags for key in attrs)
    assert page.open == []


def test_template_marks_in_a_label_are_not_run(write, renamed):
    assert "49" not in _words(write(renamed("{{ 7 * 7 }}")).split("Made with")[0])


def test_free_text_keeps_its_paragraphs(write, change):
    text = write(change, about="Who we are.\n\nWhat we did.")
    assert text.count('class="about"') == 2


def test_lines_of_single_people_are_drawn_only_when_asked_for_and_marked(write, change):
    plain, lines = write(change), write(change, "r_INTERNAL.html", individual_lines=True)
    assert "holds personal data" not in plain
    assert "Each person" not in plain
    assert lines.index("INTERNAL – holds personal data") < lines.index("<h1>")
    assert "Each person" in lines


def test_no_person_id_is_on_the_page(write, change):
    text = write(change, "r_INTERNAL.html", individual_lines=True)
    assert not re.search(r"\bp[0-7]\b", _words(text))


def test_individual_lines_need_a_file_name_that_says_internal(tmp_path, change):
    with pytest.raises(ReportError, match=r"Call it 'report_INTERNAL\.html'"):
        report(change, tmp_path / "report.html", individual_lines=True)
    assert list(tmp_path.iterdir()) == []


def test_the_scoring_record_is_summarised(write, change):
    use = ScaleUse(
        scale="ucla3", name="UCLA-3", form="3 items", evidence="published",
        definition_hash="0123456789abcdef", coding="labels in the file", items={"1": "a"},
        missing={"total": {"method": "complete", "overridden": True, "source": "Hughes 2004"}},
        counts={"total": {"scored": 14, "not_answered": 2}},
    )  # fmt: skip
    column = ScoreColumn(column="ucla3_total", outcome="ucla3_total", scale="ucla3", score="total")
    band = ScoreColumn(
        column="ucla3_total_band", outcome="ucla3_total_band", scale="ucla3", score="total",
        role="band", band_set="ons", categories=("not lonely", "lonely"),
    )  # fmt: skip
    record = ScoringRecord(library_version="0.1.0", uses=(use,), columns=(column, band))
    text = _words(write(change, record=record))
    assert "0123456789ab (fingerprint" in text
    assert "0123456789abc" not in text
    assert "(chosen by the user)" in text
    assert "not lonely, lonely" in text
    assert "every question answered 14" in text


def test_checks_of_the_data_are_counted_by_kind(write, change):
    problems = pd.DataFrame({"rule": ["out_of_range"], "severity": ["error"], "person": ["p1"]})
    assert "out of range" in write(change, validation=SimpleNamespace(problems=problems))
    nothing = SimpleNamespace(problems=problems.iloc[:0])
    assert "found nothing to put right" in write(change, validation=nothing)


def test_nobody_analysed_is_refused_and_nothing_is_written(tmp_path, change):
    empty = replace(change, n=change.n.assign(n=[0, 8]))
    with pytest.raises(ReportError, match="Nobody is in the analysis of 'Change in UCLA-3"):
        report(empty, tmp_path / "r.html")
    assert list(tmp_path.iterdir()) == []


def test_no_results_and_things_that_are_not_results_are_refused(tmp_path, change):
    with pytest.raises(ReportError, match="no results were given"):
        report([], tmp_path / "r.html")
    with pytest.raises(ReportError, match="Result 2 is of kind 'DataFrame'"):
        report([change, change.table], tmp_path / "r.html")


def test_an_audience_without_a_report_is_refused(tmp_path, change):
    with pytest.raises(ReportError, match="There is no report for audience='press'"):
        report(change, tmp_path / "r.html", audience="press")


def test_a_folder_that_is_not_there_and_a_folder_as_file_are_refused(tmp_path, change):
    with pytest.raises(OutputError, match="does not exist"):
        report(change, tmp_path / "no" / "r.html")
    with pytest.raises(OutputError, match="this is a folder"):
        report(change, tmp_path)


def test_an_existing_file_is_kept_when_asked(tmp_path, change):
    (tmp_path / "r.html").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="overwrite=True"):
        report(change, tmp_path / "r.html", overwrite=False)
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == "mine"


def test_the_result_is_left_as_it_was(write, change):
    before = change.table.copy(), change.scores.copy(), change.descriptives.copy()
    write(change, "r_INTERNAL.html", individual_lines=True)
    for frame, kept in zip((change.table, change.scores, change.descriptives), before, strict=True):
        pd.testing.assert_frame_equal(frame, kept)


def test_a_path_with_spaces_and_ampersand_works(write, change):
    assert "Who answered" in write(change, "our report & more.html")


def test_real_results_fill_every_section(write, real_results):
    text = _words(write(real_results))
    for words in (
        "50 of 60 (83 %) people are in this analysis",
        "Means of the groups, had they started at the same level",
        "Higher, the same or lower, by any amount",
        "not an effect of the programme",
    ):
        assert words in text
    assert not re.search(r"\bnan\b|\bNone\b|&lt;NA&gt;", text)

"""The funder's report: what it must show, what it must not, over every one the suite makes."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from docx import Document
from openpyxl import load_workbook

from socmeasures.designs.binary import compare_risks
from socmeasures.designs.one_group import pre_post
from socmeasures.designs.outcome import Outcome
from socmeasures.errors import FunderReportError, OutputError, SocmeasuresWarning
from socmeasures.reports.document import report
from socmeasures.reports.funder_words import CHANGE_NOT_EFFECT, banned_words
from tests.reports import funder_studies as made

DAY = datetime.date(2026, 3, 12)
ORDER = ["about", "heard", "when", "measure", "change", "people", "limits", "lost"]
HOSTILE = "<script>alert(1)</script>"

CASES = {
    "sixty": {"people": 60},
    "some lost": {"people": 64, "lost": 14},
    "three lost": {"people": 60, "lost": 3},
    "twelve": {"people": 12, "lost": 3},
    "seven": {"people": 7, "lost": 1},
    "a service of three": {"people": 63, "lost": 10, "small_service": 3},
}


def _report(folder, name, *, outcomes=("ucla3_total", "mood"), **more):
    of = made.study(**CASES[name], names="Zebra")
    path = folder / f"{name}.html"
    report(
        made.results(of, outcomes=outcomes), path, audience="funder", title="Visits",
        about="We visit people at home.", period="January to March 2026",
        services=made.services(of), also=("docx", "charts", "tables"), date=DAY, **more,
    )  # fmt: skip
    return path


@pytest.fixture(scope="module", params=list(CASES))
def written(request, tmp_path_factory):
    """(name, path) of each case's report, with its Word document, charts and workbook."""
    return request.param, _report(tmp_path_factory.mktemp("funder"), request.param)


def _everything(path):
    """What a reader can see of a report, in any of its files, without the box of methods."""
    page = made.without(path.read_text(encoding="utf-8"), "method", "sources")
    tables = made.workbook_text((path.parent / "tables.xlsx").read_bytes())
    alt = (path.parent / "charts" / "alt-text.txt").read_text(encoding="utf-8")
    return f"{made.seen(page)} {tables} {alt}"


# ------------------------------------------------------------------ must not show


def test_no_word_claims_what_change_alone_cannot_show(written):
    _, path = written
    whole = made.seen(path.read_text(encoding="utf-8"))
    assert banned_words(whole) == []
    assert banned_words(made.word_text(path.with_suffix(".docx"))) == []
    assert banned_words(_everything(path)) == []


def test_no_p_value_is_shown(written):
    _, path = written
    assert not re.search(r"\bp\s*[=<]\s*0|p[- ]value", made.seen(path.read_text()), re.IGNORECASE)


def test_no_number_has_more_than_one_decimal(written):
    _, path = written
    text = re.sub(r"socmeasures \S+", "", _everything(path))
    assert not re.search(r"(?<![\d.])\d+\.\d{2,}", text)


def test_no_percentage_is_of_fewer_than_twenty(written):
    _, path = written
    for whole in re.findall(r"of (\d+) \(\d+[\s\u00a0]%\)", _everything(path)):
        assert int(whole) >= 20


def test_no_identifier_and_no_path_is_in_any_file(written):
    _, path = written
    files = [path, *path.parent.rglob("*.svg"), path.parent / "charts" / "alt-text.txt"]
    text = " ".join(f.read_text(encoding="utf-8") for f in files)
    text += made.word_text(path.with_suffix(".docx"))
    text += made.workbook_text((path.parent / "tables.xlsx").read_bytes())
    assert "Zebra" not in text
    assert str(path.parent) not in text


def _small_counts(text):
    """Counts of 1 to 4 people, however a sentence or a table says them."""
    said = r"(?<![\d.−+<,/-])([1-4])(?: (?:of \d|people|person|better|worse|about the same))"
    return re.findall(said, re.sub(r"more than \d+", "", text))


def test_no_small_count_is_shown(written):
    _, path = written
    assert _small_counts(_everything(path)) == []
    book = load_workbook(path.parent / "tables.xlsx")
    for sheet in book.worksheets[1:]:
        for row in sheet.iter_rows(values_only=True):
            assert not {1, 2, 3, 4} & {v for v in row if isinstance(v, int)}, sheet.title


def test_no_picture_shows_single_people(written):
    _, path = written
    page = path.read_text(encoding="utf-8")
    assert "Each person" not in page
    assert len(re.findall("<svg", page)) <= 3


def test_a_service_of_three_stands_with_the_others(tmp_path):
    text = _everything(_report(tmp_path, "a service of three"))
    assert "Old Town" not in text
    assert "others" in text


@pytest.mark.parametrize("name", list(CASES))
def test_who_was_lost_from_a_service_does_not_follow_from_its_row(name):
    from socmeasures.reports.funder_tables import service_blocks

    of = made.study(**CASES[name])
    found = made.services(of)
    for block in service_blocks(found, 5):
        for table in block.tables:
            for row, real in zip(table.rows, found.table.to_dict("records"), strict=True):
                lost = real["n_started"] - real["n"]
                if 0 < lost < 5:
                    assert row[2] != str(real["n"])
                    assert not row[4:] or not all(cell.isdigit() for cell in row[4:]), row


def test_a_table_in_which_every_count_would_be_hidden_has_no_such_columns():
    from socmeasures.reports.funder_tables import service_blocks

    found = made.services(made.study(60, lost=3))
    [table] = service_blocks(found, 25)[0].tables
    assert "better" not in table.heads
    assert {len(row) for row in table.rows} == {len(table.heads)}


def test_a_hidden_number_is_not_read_as_a_doubt():
    from socmeasures.reports.funder_words import in_words

    assert in_words("not shown") == "(number not shown)"  # "not shown better" would be a claim


def test_services_stand_in_the_order_of_the_alphabet(tmp_path):
    page = _report(tmp_path, "sixty").read_text(encoding="utf-8")
    table = page[page.index("By service:") :]
    places = [table.index(s) for s in ("Harbour", "Mill", "Riverbank")]
    assert places == sorted(places)


# ------------------------------------------------------------------ must show


def test_the_first_page_is_in_its_order(written):
    _, path = written
    page = path.read_text(encoding="utf-8")
    found = re.findall(r'<section id="(\w+)"', page)
    assert found[: len(ORDER)] == ORDER
    assert found[len(ORDER)] == "tables"
    assert found[-2:] == ["method", "sources"]


def test_the_word_document_has_the_same_order_and_native_parts(written):
    _, path = written
    document = Document(path.with_suffix(".docx"))
    heads = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert heads[:3] == ["Who we are and what was offered", "Who answered", "When"]
    assert heads[-1] == "Sources"
    assert len(document.tables) >= 1
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    drawn = document.element.body.findall(".//{*}docPr")
    assert all(d.get("descr") for d in drawn)
    assert document.core_properties.author == ""


def test_what_must_be_shown_is_shown(written):
    name, path = written
    text = made.seen(path.read_text(encoding="utf-8"))
    assert CHANGE_NOT_EFFECT in text
    assert "January to March 2026" in text
    assert "10 weeks" in text
    assert "Lower is better" in text
    assert "Scores run from 3 to 9" in text
    assert "range we can be fairly sure of" in text
    assert "12/03/2026 · socmeasures" in text
    assert "Licence" in text
    if CASES[name].get("lost"):
        assert "could not be followed up" in text


def test_the_response_rate_is_the_first_number(written):
    _, path = written
    text = made.seen(re.sub(r"<header>.*?</header>", "", path.read_text(), flags=re.S))
    first = re.search(r"\d+", text)
    assert text[first.start() :].startswith(f"{first.group()} people started")


def test_what_measurement_error_alone_would_do_stands_beside_the_counts(tmp_path):
    text = made.seen(_report(tmp_path, "sixty").read_text(encoding="utf-8"))
    assert "If nobody had really changed, measurement error alone would make about" in text


def test_without_a_known_measurement_error_nobody_is_called_better(tmp_path):
    of = made.study(40)
    path = report([pre_post(of, "ucla3_total")], tmp_path / "r.html", audience="funder", date=DAY)
    text = made.seen(path.read_text(encoding="utf-8"))
    assert "We do not count people as better or worse" in text


def test_a_change_that_could_be_none_is_not_called_better(tmp_path):
    of = made.study(40)
    [result] = [pre_post(of, "ucla3_total")]
    unsure = replace(result, table=result.table.assign(ci_low=-1.0, ci_high=0.4))
    path = report([unsure], tmp_path / "r.html", audience="funder", date=DAY)
    text = made.seen(path.read_text(encoding="utf-8"))
    assert "we cannot be sure which way the average moved" in text
    assert "scored better" not in text


def test_bands_that_are_not_confirmed_are_left_out():
    from socmeasures.reports.funder import _bands

    assert _bands(Outcome(column="x", label="x"), None) == []


def test_the_same_input_gives_the_same_bytes(tmp_path):
    first = _report(tmp_path, "sixty").read_bytes()
    assert _report(tmp_path, "sixty").read_bytes() == first


# ------------------------------------------------------------------ hostile and refused


def test_hostile_labels_are_shown_as_text(tmp_path):
    of = made.study(40)
    hostile = [HOSTILE, "=HYPERLINK(1)", "x" * 3000, "\u202eدوستی", "a\x00b\x1b"]
    for place, text in enumerate(hostile):
        [result] = [pre_post(of, "ucla3_total")]
        labelled = replace(result.outcome, label=text, instrument=text, citation=text, licence=text)
        changed = replace(result, outcome=labelled, outcomes=(labelled,))
        folder = tmp_path / str(place)
        folder.mkdir()
        path = report(
            [changed], folder / "r.html", audience="funder", title=text, about=text,
            also=("docx", "charts", "tables"), date=DAY,
        )  # fmt: skip
        page = path.read_text(encoding="utf-8")
        assert "<script" not in page
        assert "\u202e" not in page
        assert max(map(len, re.findall(r"[^<>]+", page.split("</style>")[1]))) < 3600
        for line in re.findall(
            r'<section id="(?:when|measure|change)">(.*?)</section>', page, re.S
        ):
            assert 'dir="auto"' not in line  # our own sentences run from the left
        Document(path.with_suffix(".docx"))
        book = load_workbook(folder / "tables.xlsx")
        cells = [c for s in book for row in s.iter_rows() for c in row]
        assert all(c.data_type != "f" for c in cells)


def test_a_claim_in_the_free_text_warns_and_stays(tmp_path):
    of = made.study(30)
    with pytest.warns(SocmeasuresWarning, match="'impact'"):
        report(
            [pre_post(of, "ucla3_total")], tmp_path / "r.html", audience="funder",
            about="Our impact on loneliness.", date=DAY,
        )  # fmt: skip


def test_answers_about_risk_are_refused(tmp_path):
    of = made.study(30)
    [result] = [pre_post(of, "ucla3_total")]
    risk = replace(result.outcome, column="phq9_risk")
    with pytest.raises(FunderReportError, match="phq9_risk"):
        report(
            [replace(result, outcome=risk, outcomes=(risk,))],
            tmp_path / "r.html",
            audience="funder",
        )
    assert list(tmp_path.iterdir()) == []


def test_without_a_change_there_is_no_first_page(tmp_path, real_results):
    with pytest.raises(FunderReportError, match="pre_post"):
        report([real_results[1]], tmp_path / "r.html", audience="funder")


def test_a_comparison_is_shown_without_a_p_value(tmp_path, real_results):
    path = report(real_results, tmp_path / "r.html", audience="funder", date=DAY)
    text = made.seen(path.read_text(encoding="utf-8"))
    assert "Compared with the other group" in text
    assert not re.search(r"p\s*[=<]\s*0", text)


def test_two_comparisons_of_one_measure_both_stand_there_and_shares_are_in_points(
    tmp_path, real_results, trial_study
):
    shares = compare_risks(trial_study, "ucla3_total", wave="6 months", at_least=6)
    path = report([*real_results, shares], tmp_path / "r.html", audience="funder", date=DAY)
    text = made.seen(path.read_text(encoding="utf-8"))
    points = 100 * shares.to_frame()["estimate"].iloc[0]
    assert re.search(rf"{abs(points):.1f}\s\(.*?\)\spercentage points", text)
    raw = abs(real_results[1].to_frame()["estimate"].iloc[0])
    assert re.search(rf"{raw:.1f}\s\([^)]*\)(?! percentage)", text)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    of = made.study(30)
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "holiday.png").write_bytes(b"mine")
    with pytest.raises(FunderReportError, match="not made by a report"):
        report(
            [pre_post(of, "ucla3_total")], tmp_path / "r.html", audience="funder",
            also=("charts", "docx"), date=DAY,
        )  # fmt: skip
    assert [p.name for p in tmp_path.iterdir()] == ["charts"]


def test_a_locked_word_file_leaves_nothing_half_written(tmp_path, monkeypatch):
    of = made.study(30)
    (tmp_path / "r.docx").write_bytes(b"open in Word")
    really = Path.replace

    def locked(self, target):
        if Path(target).suffix == ".docx":
            raise PermissionError("open in another program")
        return really(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(OutputError, match=r"r\.docx"):
        report(
            [pre_post(of, "ucla3_total")], tmp_path / "r.html", audience="funder",
            also=("docx", "tables", "charts"), date=DAY,
        )  # fmt: skip
    assert [p.name for p in tmp_path.iterdir()] == ["r.docx"]
    assert (tmp_path / "r.docx").read_bytes() == b"open in Word"


def test_an_unknown_format_is_refused(tmp_path):
    of = made.study(30)
    with pytest.raises(FunderReportError, match="pptx"):
        report(
            [pre_post(of, "ucla3_total")], tmp_path / "r.html", audience="funder", also=("pptx",)
        )


def test_the_internal_page_has_no_word_document(tmp_path, change):
    with pytest.raises(FunderReportError, match="internal"):
        report(change, tmp_path / "r.docx")


def test_the_charts_are_sharp_and_described(tmp_path):
    _report(tmp_path, "sixty")
    folder = tmp_path / "charts"
    names = sorted(p.name for p in folder.iterdir())
    assert "alt-text.txt" in names
    png = (folder / "01-change-ucla3-total.png").read_bytes()
    width = int.from_bytes(png[16:20], "big")
    assert width == 2100  # 7 inches at 300 dpi
    svg = (folder / "01-change-ucla3-total.svg").read_text(encoding="utf-8")
    assert svg.startswith("<?xml")
    assert "http://www.w3.org/2000/svg" in svg
    words = (folder / "alt-text.txt").read_text(encoding="utf-8")
    assert "Alt text: " in words


def test_national_figures_stand_with_their_caution(tmp_path):
    of = made.study(40)
    wide = of.data.rename(columns={"ucla3_total": "ons4_satisfied"})
    again = replace_study(of, wide)
    path = report(
        [pre_post(again, "ons4_satisfied")], tmp_path / "r.html", audience="funder", date=DAY
    )
    text = made.seen(path.read_text(encoding="utf-8"))
    assert "A general-population figure, not your clients" in text
    assert "United Kingdom" in text
    assert "100,000 people" in text


def replace_study(of, data: pd.DataFrame):
    from socmeasures.designs.study import Study

    return Study(data, person="id", wave=of.wave, waves=list(of.waves), date="on")

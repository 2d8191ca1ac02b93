"""The funder's Word document as LibreOffice lays it out: the same pages, no table over the edge."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace

import pytest

from socmeasures.designs.one_group import pre_post
from socmeasures.reports.document import report
from tests.reports import funder_studies as made
from tests.reports.test_funder import DAY

A4 = (595, 842)  # points
pytestmark = [pytest.mark.needs("soffice", "pdftotext")]


@pytest.fixture
def laid_out(soffice, tmp_path):
    """`laid_out(path)` gives the words of each page with their places: (xmin, xmax, word)."""

    def run(document):
        subprocess.run(
            [soffice, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
             "--convert-to", "pdf", "--outdir", str(tmp_path), str(document)],
            capture_output=True, timeout=240, check=True,
        )  # fmt: skip
        pdf = tmp_path / f"{document.stem}.pdf"
        found = subprocess.run(
            ["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, text=True, check=True
        ).stdout
        pages = []
        for size, body in re.findall(r"<page ([^>]*)>(.*?)</page>", found, re.DOTALL):
            width, height = (float(v) for v in re.findall(r'"([\d.]+)"', size))
            assert (width, height) == pytest.approx(A4, abs=1)
            words = re.findall(r'xMin="([\d.]+)".*?xMax="([\d.]+)".*?>(.*?)</word>', body)
            pages.append([(float(a), float(b), word) for a, b, word in words])
        return pages

    return run


def _text(page):
    return " ".join(word for _, _, word in page)


def test_the_first_page_is_one_page_and_the_tables_begin_the_next(laid_out, tmp_path):
    of = made.study(64, lost=14, small_service=3)
    path = report(
        made.results(of, outcomes=("ucla3_total", "mood")), tmp_path / "our visits & more.docx",
        audience="funder", title="Visits", about="We visit people at home.",
        services=made.services(of), date=DAY,
    )  # fmt: skip
    pages = laid_out(path)
    assert 3 <= len(pages) <= 5
    assert "Who was not heard" in _text(pages[0])
    assert _text(pages[1]).startswith("Tables")
    assert all(b <= A4[0] - 40 for page in pages for _, b, _ in page)  # nothing over the margin
    whole = " ".join(map(_text, pages))
    assert "(−1.2 to −0.6)" in whole.replace("\u00a0", " ")  # a range is never broken in a number


@pytest.mark.parametrize(
    "label",
    ["<script>alert(1)</script>", "=HYPERLINK(1)", "Loneliness " * 270, "x" * 3000,
     "\u202eدوستی و تنهایی"],
    ids=["script", "formula", "long", "one word", "from the right"],
)  # fmt: skip
def test_hostile_labels_leave_the_first_page_one_page(laid_out, tmp_path, label):
    [result] = [pre_post(made.study(40), "ucla3_total")]
    labelled = replace(result.outcome, label=label, instrument=label, citation=label)
    changed = replace(result, outcome=labelled, outcomes=(labelled,))
    path = report(
        [changed], tmp_path / "r.docx", audience="funder", title=label, about=label,
        period=label, date=DAY,
    )  # fmt: skip
    pages = laid_out(path)
    assert "Who was not heard" in _text(pages[0])
    assert "Tables" in _text(pages[1])
    assert len(pages) <= 4
    assert all(b <= A4[0] - 40 for page in pages for _, b, _ in page)

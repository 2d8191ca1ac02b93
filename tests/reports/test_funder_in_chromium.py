"""The funder's report as a browser prints it: the first page is one page, and it is A4."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace

import pytest

from socmeasures.designs.one_group import pre_post
from socmeasures.reports.document import report
from tests.reports import funder_studies as made
from tests.reports.test_funder import DAY
from tests.reports.test_in_chromium import QUIET

LONG = "We visit older people at home, and a trained volunteer comes every week for an hour. " * 9
pytestmark = [pytest.mark.needs("chromium", "pdftotext")]


@pytest.fixture
def printed(chromium, tmp_path):
    """`printed(page)` gives the text of each printed page."""

    def run(page):
        target = tmp_path / "page.pdf"
        command = [chromium, *QUIET, f"--user-data-dir={tmp_path / 'profile'}",
                   f"--print-to-pdf={target}", page.as_uri()]  # fmt: skip
        subprocess.run(command, capture_output=True, timeout=120, check=True)
        pdf = target.read_bytes()
        width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", pdf).groups())
        assert (width, height) == pytest.approx((595, 842), abs=1)
        done = subprocess.run(
            ["pdftotext", str(target), "-"], capture_output=True, text=True, check=True
        )
        return done.stdout.rstrip("\f").split("\f")

    return run


@pytest.mark.parametrize("about", ["We visit people at home.", LONG], ids=["short", "long"])
def test_the_first_page_is_one_page_of_a4(printed, tmp_path, about):
    of = made.study(64, lost=14, small_service=3)
    page = report(
        made.results(of), tmp_path / "for the funder & others.html", audience="funder",
        title="Befriending in Harbour, Mill and Riverbank", about=about,
        period="January to March 2026", services=made.services(of), date=DAY,
    )  # fmt: skip
    first, second = printed(page)[:2]
    assert "Who was not heard" in first
    assert "could not be followed up" in first
    assert "Tables" not in first
    assert second.strip().startswith(("Tables", "More about us"))


@pytest.mark.parametrize(
    "label",
    ["<script>alert(1)</script>", "Loneliness " * 270, "x" * 3000, "\u202eدوستی و تنهایی"],
    ids=["script", "long", "one word", "from the right"],
)
def test_hostile_labels_leave_the_first_page_one_page(printed, tmp_path, label):
    [result] = [pre_post(made.study(40), "ucla3_total")]
    labelled = replace(result.outcome, label=label, instrument=label, citation=label)
    changed = replace(result, outcome=labelled, outcomes=(labelled,))
    page = report(
        [changed], tmp_path / "r.html", audience="funder", title=label, about=label,
        period=label, date=DAY,
    )  # fmt: skip
    pages = printed(page)
    assert "Who was not heard" in pages[0]
    assert "Tables" in pages[1]
    assert len(pages) <= 6

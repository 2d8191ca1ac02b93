"""The funder's report as a browser prints it: the first page is one page, and it is A4."""

from __future__ import annotations

import re
import subprocess

import pytest

from socmeasures.reports.document import report
from tests.reports import funder_studies as made
from tests.reports.test_funder import DAY
from tests.reports.test_in_chromium import QUIET

LONG = "We visit older people at home, and a trained volunteer comes every week for an hour. " * 9


@pytest.mark.needs("chromium")
@pytest.mark.needs("chromium", "pdftotext")
@pytest.mark.parametrize("about", ["We visit people at home.", LONG], ids=["short", "long"])
def test_the_first_page_is_one_page_of_a4(chromium, tmp_path, about):
    of = made.study(64, lost=14, small_service=3)
    page = report(
        made.results(of), tmp_path / "for the funder & others.html", audience="funder",
        title="Befriending in Harbour, Mill and Riverbank", about=about,
        period="January to March 2026", services=made.services(of), date=DAY,
    )  # fmt: skip
    target = tmp_path / "page.pdf"
    command = [chromium, *QUIET, f"--user-data-dir={tmp_path / 'profile'}",
               f"--print-to-pdf={target}", page.as_uri()]  # fmt: skip
    subprocess.run(command, capture_output=True, timeout=120, check=True)

    pdf = target.read_bytes()
    width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", pdf).groups())
    assert (width, height) == pytest.approx((595, 842), abs=1)
    done = subprocess.run(
        ["pdftotext", "-f", "1", "-l", "2", str(target), "-"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, second = done.stdout.split("\f")[:2]
    assert "Who was not heard" in first
    assert "could not be followed up" in first
    assert "Tables" not in first
    assert second.strip().startswith(("Tables", "More about us"))

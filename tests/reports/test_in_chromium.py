"""The page as a browser shows it: on the screen and printed."""

from __future__ import annotations

import re
import subprocess

import pytest

from socmeasures.reports.document import report

QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-pdf-header-footer", "--window-size=900,4000",
]  # fmt: skip


@pytest.fixture
def look(chromium, tmp_path, real_results):
    """`look("--screenshot=…")` opens the report and gives what the browser printed."""
    page = report(real_results, tmp_path / "our report & more_INTERNAL.html", individual_lines=True)

    def run(*options):
        profile = tmp_path / "profile"
        command = [chromium, *QUIET, f"--user-data-dir={profile}", *options, page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        return done.stdout

    return run


@pytest.mark.needs("chromium")
def test_the_page_shows_on_a_screen(look, tmp_path):
    look(f"--screenshot={tmp_path / 'page.png'}")
    picture = (tmp_path / "page.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 100_000  # a blank page of this size is under 20 kB


@pytest.mark.needs("chromium")
def test_the_page_prints_to_a4(look, tmp_path):
    look(f"--print-to-pdf={tmp_path / 'page.pdf'}")
    pdf = (tmp_path / "page.pdf").read_bytes()
    width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", pdf).groups())
    assert (width, height) == pytest.approx((595, 842), abs=1)
    assert 3 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 20


@pytest.mark.needs("chromium")
def test_the_browser_reads_the_page_as_it_was_meant(look):
    seen = look("--dump-dom")
    assert seen.count("<svg") == seen.count("<figcaption>")
    assert seen.count("<section") == 6

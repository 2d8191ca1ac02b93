"""Made-up studies for the funder's report, and everything a reader can see of one."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
from openpyxl import load_workbook

from socmeasures.designs.individual_change import reliable_change
from socmeasures.designs.one_group import pre_post
from socmeasures.designs.published import Reliability
from socmeasures.designs.result import Result
from socmeasures.designs.study import Study
from socmeasures.reports.by_service import ServiceChanges, by_service

SITES = ("Harbour", "Mill", "Riverbank", "Old Town")
NOISE = Reliability(0.8, kind="test-retest", sd=1.6, source="made up for the tests")


def study(
    people: int, *, lost: int = 0, small_service: int = 0, seed: int = 1, names: str = ""
) -> Study:
    """One group before and after; the last `lost` people have no second score."""
    rng = np.random.default_rng(seed)
    before = np.clip(rng.normal(6.4, 1.5, people).round(), 3, 9)
    after = np.clip(before + rng.normal(-0.9, 1.3, people).round(), 3, 9)
    wide = pd.DataFrame(
        {
            "id": [f"{names}P{i:03d}" for i in range(people)],
            "site": [SITES[i % 3] for i in range(people)],
            "gender": [("woman", "man")[i % 2] for i in range(people)],
            "ucla3_total__t1": before,
            "ucla3_total__t2": after,
            "mood__t1": before[::-1],
            "mood__t2": after[::-1],
            "on__t1": "2026-01-05",
            "on__t2": "2026-03-16",
        }
    )
    if lost:
        wide.loc[people - lost :, ["ucla3_total__t2", "mood__t2"]] = np.nan
    if small_service:
        wide.loc[: small_service - 1, "site"] = "Old Town"
        wide.loc[: small_service - 1, "gender"] = "another"
    return Study.from_wide(wide, person="id", waves={"the start": "t1", "the end": "t2"}, date="on")


def results(of: Study, *, outcomes: tuple[str, ...] = ("ucla3_total",)) -> list[Result]:
    """What an evaluator would run."""
    found: list[Result] = [pre_post(of, list(outcomes), by="gender")]
    found.append(reliable_change(of, "ucla3_total", reliability=NOISE))
    return found


def services(of: Study) -> ServiceChanges:
    """By service, with better, same and worse."""
    reliable = reliable_change(of, "ucla3_total", reliability=NOISE)
    return by_service(of, "ucla3_total", service="site", reliable=reliable)


def seen(page: str) -> str:
    """What a reader of the HTML sees, alternative texts and pictures' words included."""
    body = re.sub(r"<style.*?</style>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


def without(page: str, *sections: str) -> str:
    """The page without some of its sections."""
    for key in sections:
        page = re.sub(rf'<section id="{key}">.*?</section>', " ", page, flags=re.S)
    return page


def word_text(path: Path) -> str:
    """Every text of a Word document."""
    with ZipFile(path) as parts:
        xml = parts.read("word/document.xml").decode("utf-8")
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", xml)))


def workbook_text(content: bytes) -> str:
    """Every cell of a workbook."""
    book = load_workbook(io.BytesIO(content))
    return " ".join(
        str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value
    )

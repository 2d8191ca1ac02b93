"""Fixtures of the whole suite: the shared reference folder, its oracles, and outside programs."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings

# The same examples in every run, so that a failure is of the change and not of the day.
settings.register_profile("repeatable", derandomize=True, database=None)
settings.load_profile("repeatable")

SHARED = Path(__file__).resolve().parents[2] / "shared"
REQUIRED = set(os.environ.get("SOCMEASURES_REQUIRE", "").split())
PROGRAMS = {
    "pspp": ("pspp",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "pdftotext": ("pdftotext",),
    "soffice": ("soffice", "libreoffice"),
}


def _present(need: str) -> bool:
    if need == "shared":
        return (SHARED / "oracles").is_dir()
    return any(shutil.which(name) for name in PROGRAMS[need])


def _demand(need: str) -> None:
    """Skip with a reason when `need` is absent; fail when SOCMEASURES_REQUIRE names it."""
    if _present(need):
        return
    reason = f"needs {need}, which is not here"
    if need in REQUIRED:
        pytest.fail(f"{reason}, although SOCMEASURES_REQUIRE names it")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _needs(request: pytest.FixtureRequest) -> None:
    for mark in request.node.iter_markers("needs"):
        for need in mark.args:
            _demand(need)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference folder beside the checkout; tests that use it skip where it is absent."""
    _demand("shared")
    return SHARED


@pytest.fixture(scope="session")
def oracle(shared: Path):
    """`oracle("paired")` gives the entries of that file by id."""

    def entries(topic: str) -> dict[str, dict[str, Any]]:
        text = (shared / "oracles" / f"{topic}.json").read_text(encoding="utf-8")
        return {entry["id"]: entry for entry in json.loads(text)["entries"]}

    return entries


@pytest.fixture(scope="session")
def close():
    """`close(got, entry, "d_z")` asserts agreement within the entry's own tolerance."""

    def check(got: float, entry: dict[str, Any], name: str, want: float | None = None) -> None:
        want = entry["expected"][name] if want is None else want
        tolerance = (entry.get("tolerance_overrides") or {}).get(name, entry["tolerance"])
        allowed = tolerance["abs"] + tolerance["rel"] * abs(want)
        assert math.isfinite(got), f"{entry['id']}/{name}: got {got}"
        assert abs(got - want) <= allowed, f"{entry['id']}/{name}: got {got}, want {want}"

    return check


@pytest.fixture(scope="session")
def data_csv(shared: Path):
    """`data_csv("sleep/sleep.csv")` reads a reference data set."""

    def read(name: str, **options: Any) -> pd.DataFrame:
        return pd.read_csv(shared / "data" / name, **options)

    return read


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser that looks at our pages."""
    _demand("chromium")
    return next(p for name in PROGRAMS["chromium"] if (p := shutil.which(name)))


@pytest.fixture(scope="session")
def pspp() -> str:
    """Path of PSPP, which reads what we write."""
    _demand("pspp")
    return str(shutil.which("pspp"))


@pytest.fixture(scope="session")
def soffice() -> str:
    """Path of LibreOffice, which lays our Word documents out."""
    _demand("soffice")
    return next(p for name in PROGRAMS["soffice"] if (p := shutil.which(name)))

"""The wheel holds what a user needs: code, scales, demonstration, templates."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(folder),
            str(ROOT),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_scales_in_the_wheel_are_those_of_the_checkout(wheel: zipfile.ZipFile) -> None:
    packed = {
        name.removeprefix("socmeasures/_scales/"): wheel.read(name)
        for name in wheel.namelist()
        if name.startswith("socmeasures/_scales/")
    }

    assert packed == {path.name: path.read_bytes() for path in (ROOT / "scales").iterdir()}


def test_every_file_of_the_package_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "socmeasures").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert here - set(wheel.namelist()) == set()


@pytest.mark.parametrize(
    "name",
    [
        "socmeasures/py.typed",
        "socmeasures/demo/befriending_export.sav",
        "socmeasures/demo/design.toml",
        "socmeasures/reports/templates/internal.html.j2",
        "socmeasures/reports/templates/report.css",
    ],
)
def test_data_files_are_in_the_wheel(name: str, wheel: zipfile.ZipFile) -> None:
    assert wheel.getinfo(name).file_size > 0 or name.endswith("py.typed")


def test_the_command_and_the_licence_are_declared(wheel: zipfile.ZipFile) -> None:
    points = next(n for n in wheel.namelist() if n.endswith("entry_points.txt"))

    assert "socmeasures = socmeasures.cli:main" in wheel.read(points).decode()
    assert any(n.endswith("licenses/LICENSE") for n in wheel.namelist())


def test_no_tests_and_no_reference_material_are_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"socmeasures"}

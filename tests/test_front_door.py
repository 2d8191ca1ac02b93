"""The front door: what `import socmeasures` loads and offers."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import socmeasures as soc

HEAVY = (
    "numpy", "pandas", "scipy", "statsmodels", "pandera", "matplotlib", "pingouin", "narwhals",
    "pyreadstat", "pydantic", "polars", "openpyxl", "jinja2", "typer", "rich",
)  # fmt: skip


def fresh(code: str) -> str:
    """What a fresh interpreter prints."""
    root = str(Path(soc.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r})\n{code}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_importing_loads_no_scientific_package() -> None:
    loaded = fresh("import socmeasures\nprint(*sorted({m.split('.')[0] for m in sys.modules}))")

    assert not set(HEAVY) & set(loaded.split())


def test_an_effect_size_does_not_bring_the_file_readers() -> None:
    loaded = fresh(
        "import socmeasures as soc\nsoc.cohens_d([1, 2, 4], [2, 3, 5])\n"
        "print(*sorted({m.split('.')[0] for m in sys.modules}))"
    )

    assert not {"pandera", "pyreadstat", "matplotlib", "pingouin"} & set(loaded.split())


def test_the_list_the_table_and_the_typed_block_agree() -> None:
    tree = ast.parse(Path(soc.__file__).read_text(encoding="utf-8"))
    block = next(
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    typed = {
        alias.asname: f"{node.module}"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert soc.__all__ == sorted(soc._HOME)
    assert typed == {name: f"socmeasures.{home}" for name, home in soc._HOME.items()}


@pytest.mark.parametrize("name", soc.__all__)
def test_every_public_name_has_a_docstring_with_an_example(name: str) -> None:
    thing = getattr(soc, name)
    if inspect.isclass(thing) and issubclass(thing, Warning):
        assert thing.__doc__  # nothing is ever done with it but to filter it
        return

    words = inspect.getdoc(thing) or ""
    assert len(words) > 80, name
    assert ">>> " in words, name


@pytest.mark.parametrize("name", soc.__all__)
def test_a_public_name_is_never_also_a_module(name: str) -> None:
    assert not inspect.ismodule(getattr(soc, name))


def test_names_that_are_not_offered_are_told_as_usual() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scor'"):
        soc.scor  # type: ignore[attr-defined]  # noqa: B018


def test_all_names_show_in_completion() -> None:
    assert set(soc.__all__) <= set(dir(soc))


def test_every_refusal_is_one_of_ours() -> None:
    from socmeasures import errors

    for name, thing in vars(errors).items():
        if inspect.isclass(thing) and issubclass(thing, Exception) and name.endswith("Error"):
            assert issubclass(thing, soc.SocmeasuresError), name

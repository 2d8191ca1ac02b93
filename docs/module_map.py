"""The map of every module in architecture.md, made from the first line of each docstring.

`python docs/module_map.py` writes it; a test fails when it is no longer what the files say.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- the map of all modules: begin -->", "<!-- the map of all modules: end -->"
ROOMS = (
    "errors",
    "drawing",
    "effects",
    "models",
    "scales",
    "responses",
    "scoring",
    "networks",
    "designs",
    "validation",
    "reports",
    "demo",
    "cli",
)


def first_line(path: Path) -> str:
    """The first line of a module's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0] if text else ""


def module_map() -> str:
    """A table a room, with a row a module."""
    package = ROOT / "socmeasures"
    parts = ["### At the top", "", *_table(sorted(package.glob("*.py")))]
    for room in ROOMS:
        files = sorted((package / room).glob("*.py")) if (package / room).is_dir() else []
        named = [path for path in files if path.name != "__init__.py"]
        if named:
            about = first_line(package / room / "__init__.py")
            parts += ["", f"### `{room}/`", "", about, "", *_table(named)]
    return "\n".join(parts)


def _table(files: list[Path]) -> list[str]:
    rows = [f"| `{path.name}` | {first_line(path).replace('|', '/')} |" for path in files]
    return ["| file | what it knows |", "|---|---|", *rows]


def page_with_map(text: str) -> str:
    """The page with its map renewed."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{module_map()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with_map(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

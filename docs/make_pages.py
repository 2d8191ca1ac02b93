"""Pages that are made: one a scale, the catalogue, the reference, the JSON Schema.

`python docs/make_pages.py` writes docs/scales/, docs/reference.md and docs/schema/; `--schema`
only the latter.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from page_words import bullets, table, text
from scale_page import GRADES, scale_page

import socmeasures as soc
from socmeasures.scales.catalogue import shipped_scales
from socmeasures.scales.definition import json_schema
from socmeasures.scales.model import Scale

DOCS = Path(__file__).resolve().parent
SCHEMA = DOCS / "schema" / "scale.schema.json"
NO_WORDING = "Wording is not shipped here."


# ------------------------------------------------------------------------------ the catalogue


def catalogue_page(scales: Sequence[Scale]) -> str:
    """A table of every scale, with boxes to filter it by, and the contents for the sidebar."""
    rows = [
        (
            f"[{s.id}]({s.id}.md)",
            text(s.name),
            text(s.measures),
            text(s.population),
            str(len(s.items)),
            s.evidence + (" (opt-in)" if s.opt_in else ""),
            text(s.licence.note.replace(NO_WORDING, "").strip()) or "not recorded",
        )
        for s in scales
    ]
    heads = ("id", "name", "measures", "for whom", "items", "evidence", "licence")
    opt_in = sum(s.opt_in for s in scales)
    return (
        "\n\n".join(
            [
                "# The catalogue of scales",
                "Which scales can be scored, and how well is each key known?",
                f"There are {len(scales)} definitions; {opt_in} of them are opt-in, because their "
                "key is unverified.\nNot sure which one? See "
                "[choose a measure](../how-to/choose-a-measure.md).",
                f"```{{raw}} html\n{_FILTER}\n```",
                table(heads, rows),
                "No wording of items is shipped.",
                "A grade says how the key is known.\n\n"
                + bullets(f"`{grade}`: {meaning}." for grade, meaning in GRADES.items()),
                "```{toctree}\n:hidden:\n\n"
                + "\n".join(f"{s.id} <{s.id}>" for s in scales)
                + "\n```",
            ]
        )
        + "\n"
    )


_FILTER = """\
<div class="scale-filter">
<label>Find <input id="scale-words" placeholder="loneliness, children, free ..."></label>
<label>At most <input id="scale-items" type="number" min="1" style="width:4em"> items</label>
<label><input id="scale-opt-in" type="checkbox" checked> with opt-in scales</label>
</div>
<script>
addEventListener("DOMContentLoaded", () => {
  const [words, items, optIn] = ["words", "items", "opt-in"]
    .map(name => document.getElementById("scale-" + name));
  const rows = document.querySelectorAll("table.docutils tbody tr");
  const filter = () => rows.forEach(row => {
    const text = row.textContent.toLowerCase();
    const wanted = words.value.toLowerCase().split(/\\s+/).every(word => text.includes(word));
    const short = !items.value || Number(row.cells[4].textContent) <= Number(items.value);
    row.hidden = !(wanted && short && (optIn.checked || !text.includes("(opt-in)")));
  });
  [words, items, optIn].forEach(box => box.addEventListener("input", filter));
});
</script>"""


# ------------------------------------------------------------------------------ the reference

ROOMS = {
    "responses": "Read, match, write",
    "scales": "Scales",
    "validation": "Check the answers",
    "scoring": "Score",
    "designs": "Studies and analyses",
    "networks": "Networks of named contacts",
    "reports": "Reports and whole analyses",
    "effects": "Effect sizes from arrays",
    "models": "Models of arrays",
    "errors": "Refusals and warnings",
}


def reference_page() -> str:
    """Every public name with its docstring, by the room it lives in."""
    rooms: dict[str, list[str]] = {room: [] for room in ROOMS}
    for name in soc.__all__:
        value = getattr(soc, name)
        room = value.__module__.split(".")[1]
        rooms.setdefault(room, []).append(_directive(name, value))
    parts = [
        "# Reference",
        "*What exactly does this take, give and refuse?*",
        "Every public name is reached as `soc.NAME` after `import socmeasures as soc`.\n"
        "Importing the package loads no scientific library; each name brings what it needs when "
        "it is first used.",
    ]
    for room, directives in rooms.items():
        if directives:
            shown = "\n".join(directives)
            parts += [f"## {ROOMS.get(room, room.capitalize())}", f"```{{eval-rst}}\n{shown}\n```"]
    return "\n\n".join(parts) + "\n"


def _directive(name: str, value: object) -> str:
    if not isinstance(value, type):
        return f".. autofunction:: socmeasures.{name}"
    kind = "exception" if issubclass(value, BaseException) else "class"
    own = (
        member
        for member, what in vars(value).items()
        if not member.startswith("_")
        and (inspect.isfunction(what) or isinstance(what, classmethod | property))
    )
    members = ", ".join(own)
    return f".. auto{kind}:: socmeasures.{name}" + (f"\n   :members: {members}" if members else "")


# ------------------------------------------------------------------------------ writing


def schema_text() -> str:
    """The JSON Schema as it is checked in."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def write_schema() -> None:
    """Write docs/schema/scale.schema.json."""
    SCHEMA.parent.mkdir(exist_ok=True)
    SCHEMA.write_text(schema_text(), encoding="utf-8")


def write_pages(folder: Path) -> None:
    """Write the catalogue and a page a scale; pages of scales that are gone are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    scales = shipped_scales()
    pages = {"index.md": catalogue_page(scales)}
    pages |= {f"{scale.id}.md": scale_page(scale) for scale in scales}
    for old in folder.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, words in pages.items():
        (folder / name).write_text(words, encoding="utf-8")


if __name__ == "__main__":
    write_schema()
    if "--schema" not in sys.argv[1:]:
        write_pages(DOCS / "scales")
        (DOCS / "reference.md").write_text(reference_page(), encoding="utf-8")

"""The documentation is true: pages are generated, examples run, commands and names are listed."""

from __future__ import annotations

import doctest
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

import socmeasures as soc
from socmeasures.cli import app
from socmeasures.reports import analysis
from socmeasures.responses.plan import PlannedScale
from socmeasures.scales.catalogue import shipped_ids, shipped_scales
from socmeasures.scales.definition import json_schema
from socmeasures.scales.model import Scale

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "scales" / "README.md"]
    + [
        p
        for p in DOCS.rglob("*.md")
        if not {"scales", "_build", "reference.md"} & set(p.relative_to(DOCS).parts)
    ]
)


sys.path.append(str(DOCS))  # the scripts of docs/ are no package
import citations  # noqa: E402
import make_pages  # noqa: E402
import module_map  # noqa: E402
import scale_page  # noqa: E402


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def fenced(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


# ------------------------------------------------------------------ the JSON Schema


def test_the_schema_that_is_checked_in_is_current():
    assert json.loads(make_pages.SCHEMA.read_text(encoding="utf-8")) == json_schema(), (
        "run: make schema"
    )


# ------------------------------------------------------------------ a page per scale


@pytest.mark.parametrize("scale", shipped_scales(), ids=lambda scale: scale.id)
def test_the_example_on_a_scale_page_gives_the_golden_score(scale):
    text = scale_page.scale_page(scale)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    test = doctest.DocTestParser().get_doctest(text, {}, f"{scale.id}.md", None, None)
    said: list[str] = []

    result = doctest.DocTestRunner(optionflags=flags).run(test, out=said.append)

    assert result.attempted >= 6
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize("scale", shipped_scales(), ids=lambda scale: scale.id)
def test_a_scale_page_says_what_a_user_needs(scale):
    text = scale_page.scale_page(scale)
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)

    assert {"Items", "Scores", "Licence", "Citation", "Usual mistakes"} - set(heads) <= (
        set() if scale.pitfalls else {"Usual mistakes"}
    )
    for score in scale.scores:
        assert f"### `{scale.id}_{score.id}`" in text
        assert text.count("Missing answers:") == len(scale.scores)
    for item in scale.items:
        assert f"| {item.number} | " in text
    assert ("Opt-in: the key of this scale is unverified" in text) == scale.opt_in
    assert f"{{{scale.id}," in citations.bibtex(scale)


@pytest.mark.parametrize(
    ("scale_id", "authors", "pages"),
    [
        (
            "ucla3",
            "Hughes, M. E. and Waite, L. J. and Hawkley, L. C. and Cacioppo, J. T.",
            "655--672",
        ),
        ("djg6", "de Jong Gierveld, J. and van Tilburg, T.", "582--598"),
        ("core10", "Barkham, M. and others", "3--13"),
    ],
)
def test_bibtex_holds_authors_and_pages(scale_id, authors, pages):
    entry = citations.bibtex(soc.load_scale(scale_id))

    assert f"author = {{{authors}}}" in entry
    assert f"pages = {{{pages}}}" in entry


def test_a_citation_without_a_journal_is_kept_whole_in_bibtex():
    entry = citations.bibtex(soc.load_scale("cel3"))

    assert entry.startswith("@misc{cel3,")
    assert "Campaign to End Loneliness (2015)" in entry


def test_the_catalogue_lists_every_scale_and_marks_opt_in(tmp_path):
    make_pages.write_pages(tmp_path)
    text = (tmp_path / "index.md").read_text(encoding="utf-8")

    assert {p.stem for p in tmp_path.glob("*.md")} == {*shipped_ids(), "index"}
    assert re.findall(r"^\| \[(\w+)\]", text, re.MULTILINE) == list(shipped_ids())
    assert text.count("(opt-in)") >= sum(scale.opt_in for scale in shipped_scales())


def test_pages_of_scales_that_are_gone_are_removed(tmp_path):
    (tmp_path / "gone.md").write_text("# gone", encoding="utf-8")

    make_pages.write_pages(tmp_path)

    assert not (tmp_path / "gone.md").exists()


def test_choose_a_measure_names_only_scales_that_are_there():
    named = set(re.findall(r"\]\(\.\./scales/(\w+)\.md\)", page("how-to/choose-a-measure.md")))

    assert named <= set(shipped_ids())
    assert {"ucla3", "djg6", "mspss", "lsns6", "msss", "ucla3_child"} <= named


def test_choose_a_measure_says_which_scales_are_opt_in():
    for line in page("how-to/choose-a-measure.md").splitlines():
        for scale_id in re.findall(r"\]\(\.\./scales/(\w+)\.md\)", line):
            if soc.load_scale(scale_id).opt_in:
                assert "opt-in" in line, f"{scale_id} is opt-in, and this line does not say so"


# ------------------------------------------------------------------ a newcomer's scale


@pytest.fixture
def newcomer(tmp_path, monkeypatch) -> Path:
    """A folder with the definition exactly as the page shows it, and some answers."""
    definition = fenced(page("how-to/add-a-scale.md"), "toml")[0]
    (tmp_path / "tea_talk.toml").write_text(definition, encoding="utf-8")
    (tmp_path / "visits.csv").write_text(
        "id,tea_talk_1,tea_talk_2,tea_talk_3,tea_talk_4\n"
        "a,4,4,1,2\nb,1,2,3,0\nc,sometimes,often,,\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_the_definition_on_the_page_passes_scale_check(newcomer):
    told = run("scale", "check", "tea_talk.toml")

    assert told.exit_code == 0
    assert "tea_talk.toml: fine" in told.output
    assert "remark" not in told.output


def test_the_definition_on_the_page_scores_a_file_on_the_command_line(newcomer):
    told = run("score", "visits.csv", "--scale", "tea_talk.toml", "-o", "scored.csv")

    scored = pd.read_csv(newcomer / "scored.csv")
    assert told.exit_code == 0
    assert scored["tea_talk_total"].tolist() == [12, 5, 7.5]
    assert scored["tea_talk_total_status"].tolist() == ["scored", "scored", "prorated"]
    assert scored["tea_talk_total_band"].tolist() == [
        "much company",
        "little company",
        "some company",
    ]
    assert scored["tea_talk_tea"].tolist()[:2] == [1, 0]


def test_the_definition_on_the_page_is_found_at_two_time_points(newcomer):
    (newcomer / "twice.csv").write_text(
        "id,t1_talk_1,t1_talk_2,t1_talk_3,t1_talk_4,t2_talk_1,t2_talk_2,t2_talk_3,t2_talk_4\n"
        "a,4,4,1,2,3,3,3,1\n",
        encoding="utf-8",
    )

    assert run("match", "twice.csv", "--scale", "tea_talk.toml", "-o", "plan.toml").exit_code == 0
    assert run("score", "twice.csv", "--plan", "plan.toml", "-o", "scored.csv").exit_code == 0
    scored = pd.read_csv(newcomer / "scored.csv")
    assert (scored["tea_talk_total__t1"][0], scored["tea_talk_total__t2"][0]) == (12, 8)


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("reverse = [3]", "reverse = [4]", "reverse: item 4 is not one of the score's items"),
        ("range = [3, 12]", "range = [3, 13]", "give [3, 12]"),
        ('{ from = 3, label = "little', '{ from = 4, label = "little', "gap below the first band"),
        ("total = 5, tea = 0", "total = 6, tea = 0", "total should be 6, the definition gives 5"),
        ("better = ", "bettter = ", "there is no such field"),
    ],
)
def test_scale_check_finds_a_slip_in_the_definition_on_the_page(newcomer, written, instead, told):
    file = newcomer / "tea_talk.toml"
    text = file.read_text(encoding="utf-8")
    assert written in text
    file.write_text(text.replace(written, instead, 1), encoding="utf-8")

    answer = run("scale", "check", "tea_talk.toml")

    assert answer.exit_code == 1
    assert told in answer.output


def test_the_page_explains_every_field_of_a_definition():
    text = page("how-to/add-a-scale.md")
    fields: set[str] = set()
    for part in [json_schema(), *json_schema()["$defs"].values()]:
        fields |= set(part.get("properties", {}))
    unexplained = {field for field in fields if not re.search(rf"\b{field}\b", text)}

    assert not unexplained


# ------------------------------------------------------------------ commands


def commands() -> Iterator[tuple[str, Any]]:
    def walk(name: str, group: Any) -> Iterator[tuple[str, Any]]:
        for word, command in group.commands.items():
            full = f"{name} {word}"
            if hasattr(command, "commands"):
                yield from walk(full, command)
            else:
                yield full, command

    yield from walk("socmeasures", typer.main.get_command(app))


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=lambda value: str(value))
def test_every_command_has_help_and_is_on_the_page(name, command):
    sections = re.split(r"^## ", page("cli.md"), flags=re.MULTILINE)
    section = next((s for s in sections if s.startswith(f"`{name}`")), "")

    assert command.help
    assert section, f"docs/cli.md has no section for {name}"
    for parameter in command.params:
        for option in [o for o in parameter.opts if o.startswith("-")]:
            assert f"`{option}`" in section, f"{name} {option} is not in docs/cli.md"
            assert parameter.help, f"{name} {option} has no help"


def test_the_page_has_no_command_that_is_not_there():
    shown = set(re.findall(r"^## `(socmeasures .+?)`", page("cli.md"), re.MULTILINE))

    assert shown == {name for name, _ in commands()}


# ------------------------------------------------------------------ names, fields, files


def test_the_reference_holds_every_public_name_once():
    shown = re.findall(
        r"^\.\. auto(?:function|class|exception):: socmeasures\.(\w+)$",
        make_pages.reference_page(),
        re.MULTILINE,
    )

    assert sorted(shown) == sorted(soc.__all__)


def explained(text: str) -> set[str]:
    """First cells of a table: `field`."""
    return set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def test_the_guide_explains_every_field_of_a_design():
    text = page("guide/08-analysis-as-a-file.md")
    parts = {
        "[data]": [analysis.DataPart],
        "[scoring]": [analysis.ScoringPart],
        "[study]": [analysis.StudyPart],
        "[report]": [analysis.ReportPart],
        "[[analyses]]": [
            analysis.PrePostPart,
            analysis.ReliableChangePart,
            analysis.AncovaPart,
        ],
        "cluster_trial": [analysis.ClusterTrialPart],
    }
    for heading, models in parts.items():
        section = re.split(r"\n##+ ", text.split(f"### `{heading}`")[1])[0]
        assert explained(section) == {name for m in models for name in m.model_fields}, heading


def test_the_guide_explains_every_field_of_a_plan():
    section = (
        page("guide/01-score-an-export.md").split("## The plan as a file")[1].split("\n## ")[0]
    )

    assert explained(section) - {"person"} == set(PlannedScale.model_fields)


def test_the_design_in_the_guide_is_a_design():
    shown = tomllib.loads(fenced(page("guide/08-analysis-as-a-file.md"), "toml")[0])
    shipped = soc.Design.load(ROOT / "socmeasures" / "demo" / "design.toml")

    assert soc.Design.model_validate(shown).analyses == shipped.analyses


def test_the_architecture_names_only_files_that_are_there_and_every_room():
    text = page("architecture.md")
    named = re.findall(r"`(socmeasures/[\w/]+\.py)`", text)
    rooms = [p.name for p in (ROOT / "socmeasures").iterdir() if (p / "__init__.py").is_file()]

    assert [name for name in named if not (ROOT / name).is_file()] == []
    assert module_map.page_with_map(text) == text, "run: python docs/module_map.py"
    assert [room for room in rooms if f"  {room}/ " not in text] == []


@pytest.mark.parametrize("file", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(file):
    for target in re.findall(
        r"\]\(([^)#]+\.(?:md|toml|py))(?:#[\w-]+)?\)", file.read_text("utf-8")
    ):
        if target.startswith("http"):
            continue
        there = (file.parent / target).resolve()
        generated = there.parent == DOCS / "scales" and there.stem in {*shipped_ids(), "index"}
        generated |= there == DOCS / "reference.md"
        assert generated or there.is_file(), f"{file.name} links to {target}"


@pytest.mark.parametrize("file", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_names_a_machine_or_a_package_host(file):
    text = file.read_text("utf-8")

    assert not re.search(r"(?<![\w.])/(?:work|tmp|home|root|Users)/|pypi\.org|\.\./shared", text)


def test_the_index_leads_to_every_page():
    text = page("index.md")
    written = [p for p in PAGES if DOCS in p.parents and p.name != "index.md"]
    missing = [p for p in written if p.relative_to(DOCS).with_suffix("").as_posix() not in text]

    assert missing == []


def test_the_scale_form_of_the_docs_is_the_model():
    assert json_schema()["required"] == Scale.model_json_schema(by_alias=True)["required"]

"""What the commands do with large files, folders, codebooks and corrections.

The commands themselves, with their options, are beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

import socmeasures as soc
from socmeasures import frames
from socmeasures.errors import ChoiceError, OutputError, plural
from socmeasures.responses.blocks import BLOCKED, open_blocks
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.codebook_comparison import compare_codebooks
from socmeasures.responses.codebook_document import write_codebook
from socmeasures.responses.privacy import drop_identifiers, personal_columns, privacy_note
from socmeasures.responses.reading_map import load_label_map, plan_changes, translate_answers
from socmeasures.responses.writing import check_output, write
from socmeasures.scoring.folder import RECORD, SUMMARY, score_folder
from socmeasures.scoring.stream import (
    INTO,
    MATCHED_ROWS,
    SPSS,
    counts_told,
    memory_for,
    score_stream,
    size_told,
)
from socmeasures.validation.fixes import Fixes, apply_fixes, suggest_fixes

LARGE = 400_000_000  # bytes of answers in memory from which a file is scored in blocks


def is_streamed(file: Path, output: Path, asked: bool | None) -> bool:
    """Whether a file is scored in blocks: when asked for, or when it is large."""
    fits = file.suffix.lower() in BLOCKED and output.suffix.lower() in INTO and file.is_file()
    if asked is not None or not fits:
        return bool(asked) and fits
    return is_large(file)


def is_checked_in_blocks(file: Path, asked: bool | None) -> bool:
    """Whether a file is checked in blocks: when asked for, or when it is large."""
    fits = file.suffix.lower() in BLOCKED and file.is_file()
    return fits and (is_large(file) if asked is None else asked)


def is_large(file: Path) -> bool:
    """Whether a file's answers take so much memory that they are better taken in blocks."""
    suffix, n_bytes = file.suffix.lower(), file.stat().st_size
    if suffix not in BLOCKED or n_bytes <= LARGE / 50:
        return False
    if suffix in (".csv", ".tsv", ".txt"):
        return n_bytes >= LARGE / 4  # an answer of one digit, its comma, and 8 bytes in memory
    return open_blocks(file).size >= LARGE


def with_words(data: Any, codebook: Codebook, labels: Path | None) -> Codebook:
    """The codebook with the words of a table of labels, when one was given."""
    return codebook if labels is None else translate_answers(data, codebook, load_label_map(labels))


def with_codings(plan: soc.ScoringPlan, coding: str | None) -> tuple[soc.ScoringPlan, str | None]:
    """The plan with `ucla3=canonical,djg11=yes-first` in it; one name for all stays as it is."""
    if coding is None or "=" not in coding:
        return plan, coding
    pairs = [part.partition("=") for part in coding.split(",")]
    named = {scale.strip(): name.strip() for scale, _, name in pairs}
    known = [planned.load().id for planned in plan.scales]
    strange = [scale for scale in named if scale not in known]
    if strange:
        raise ChoiceError("scale of --coding", strange[0], list(dict.fromkeys(known)))
    scales = tuple(
        planned.model_copy(update={"coding": named.get(scale, planned.coding)})
        for planned, scale in zip(plan.scales, known, strict=True)
    )
    return plan.model_copy(update={"scales": scales}), None


def as_scored(plan: soc.ScoringPlan, record: soc.ScoringRecord | None) -> soc.ScoringPlan:
    """The plan as it was used: with the coding in force where it had named none."""
    uses = record.uses if record is not None else ()
    if len(uses) != len(plan.scales):
        return plan
    scales = tuple(
        planned
        if use.coding.startswith("assumed")
        else planned.model_copy(
            update={
                "coding": planned.coding or use.coding.partition(" (")[0],
                "evidence": planned.evidence.partition("; coding undecided")[0],
            }
        )
        for planned, use in zip(plan.scales, uses, strict=True)
    )
    return plan.model_copy(update={"scales": scales})


def tell_changes(plan: soc.ScoringPlan, data: Any, codebook: Codebook, err: Console) -> None:
    """Say which columns of a plan are gone or moved in this file."""
    for change in plan_changes(plan, data, codebook).to_dict("records"):
        if change["change"] == "moved":
            err.print(
                f"note: the columns of {change['scale']} stand in another order than its items; "
                "they are found by name.",
                markup=False,
                style="yellow",
            )
        else:
            now = f" It may be {change['candidate']!r} now ({change['evidence']})."
            err.print(
                f"note: the plan's column {change['column']!r} is not in this file."
                + (now if change["candidate"] else ""),
                markup=False,
                style="yellow",
            )


def without_identifiers(
    data: Any, codebook: Codebook, person: str | None, *, drop: bool, err: Console
) -> tuple[Any, Codebook]:
    """Point out columns that look like personal data; leave them out when asked."""
    if drop:
        kept, book, gone = drop_identifiers(data, codebook, keep=[person] if person else [])
        if gone:
            err.print(f"Left out: {', '.join(gone)}.", markup=False)
        return kept, book or codebook
    note = privacy_note(personal_columns(data, codebook))
    if note:
        err.print(f"note: {note}", markup=False, style="yellow")
    return data, codebook


def tell_personal(
    data: Any, codebook: Codebook, fate: str, err: Console, *, shown: Sequence[str] | None = None
) -> None:
    """Point out columns that look like personal data (of `shown`, or all); say what of them."""
    columns = [c for c in frames.names(data) if shown is None or c in shown]
    note = privacy_note(personal_columns(frames.select(data, columns), codebook), fate)
    if note:
        err.print(f"note: {note}", markup=False, style="yellow")


def tell_personal_of(done: soc.Analysis, err: Console) -> None:
    """Point out personal data in what was analysed, and what of it a reader could see."""
    study = done.study
    roles = [study.person, study.arm, study.cluster, *study.strata]
    found = personal_columns(done.scored, done.codebook)
    used = [c for c in found["column"] if c in roles]
    fate = "No report shows them"
    if used:
        fate += f", but for {', '.join(used)}, which the design uses"
    note = privacy_note(found, f"{fate}.")
    if note:
        err.print(f"note: {note}", markup=False, style="yellow")


def score_in_blocks(
    file: Path,
    output: Path,
    plan: soc.ScoringPlan | None,
    *,
    with_items: bool | None,
    drop: bool,
    out: Console,
    err: Console,
    **options: Any,
) -> None:
    """Score a large file with a progress bar; tables and identifiers as asked for."""
    blocks = open_blocks(file, encoding=options.get("encoding"))
    for note in blocks.codebook.notes:
        err.print(f"note: {note}", markup=False, style="yellow")
    if with_items and output.suffix.lower() in SPSS:
        err.print(
            f"All columns into {output.suffix} need about {size_told(memory_for(file))} of memory."
        )
    first, book = frames.to_pandas(blocks.head(MATCHED_ROWS)), blocks.codebook
    person = options.get("person") or (plan.person if plan else None)
    found = personal_columns(first, book)
    gone = [c for c in found["column"] if c != person] if drop else []
    if len(found) and not drop:
        err.print(f"note: {privacy_note(found)}", markup=False, style="yellow")
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("scoring", total=blocks.n_rows)
        done = score_stream(
            blocks,
            plan,
            output,
            with_items=with_items,
            drop=gone,
            progress=lambda n, _: bar.update(task, completed=n),
            **options,
        )
    beside = output.with_name(f"{output.stem}.record.json")
    beside.write_text(done.record.to_json(indent=1), encoding="utf-8")
    out.print(str(done.plan), markup=False)
    out.print("")
    for line in counts_told(done.record):
        out.print(f"  {line}", markup=False)
    if done.losses:
        out.print(f"\n{done.losses}", markup=False)
    out.print(
        f"\n{plural(done.n_rows, 'row')} scored in blocks. Keying, duplicates and empty rows are "
        f"looked at by: socmeasures validate {file.name}\n"
        f"Scores:   {output}\nRecord:   {beside}",
        markup=False,
    )


def validate_in_blocks(
    file: Path,
    plan: soc.ScoringPlan | None,
    *,
    coding: str | None,
    encoding: str | None,
    err: Console,
    **options: Any,
) -> tuple[soc.ValidationReport, soc.ScoringPlan, Any, Codebook]:
    """Check a large file with a progress bar; the report, the plan, the first rows, the labels."""
    blocks = open_blocks(file, encoding=encoding)
    head = frames.to_pandas(blocks.head(MATCHED_ROWS))
    named = {name: options.get(name) for name in ("person", "wave")}
    checked = plan or soc.match_scales(head, blocks.codebook, **named)
    checked, coding = with_codings(checked, coding)
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("checking the answers", total=blocks.n_rows)
        found = soc.validate_stream(
            blocks,
            checked,
            coding=coding,
            progress=lambda n, _: bar.update(task, completed=n),
            **options,
        )
    return found, checked, head, blocks.codebook


def score_whole_folder(
    folder: Path, output: Path, plan: soc.ScoringPlan | None, *, out: Console, **options: Any
) -> int:
    """Score every export of a folder; the number of files that were refused."""
    done = score_folder(folder, output, plan, **options)
    told = json.loads(done.record)["files"]
    for name, rows in done.summary.groupby("file", sort=False):
        first = rows.iloc[0]
        if first["result"] == "refused":
            out.print(f"{name}: not scored. {first['why']}", markup=False, style="red")
        else:
            scales = ", ".join(dict.fromkeys(rows["scale"].dropna()))
            out.print(f"{name}: {plural(int(first['rows']), 'row')}, {scales}", markup=False)
            personal = told[name]["looks_like_personal_data"]
            if personal:
                found = ", ".join(f"{c} ({what})" for c, what in personal.items())
                fate = "left out" if options.get("drop_personal") else "in the output"
                out.print(f"  looks like personal data, {fate}: {found}", markup=False)
    bad = len(done.refused)
    out.print(
        f"\nTable:    {output / SUMMARY}\nRecord:   {output / RECORD}"
        + (f"\n{plural(bad, 'file')} could not be scored; see the table." if bad else ""),
        markup=False,
    )
    return bad


def codebook_command(
    file: Path, output: Path | None, other: Path | None, *, encoding: str | None, out: Console
) -> None:
    """Print or write a codebook, or what changed between two."""
    _, book = soc.read(file, encoding=encoding)
    if other is not None:
        _, second = soc.read(other, encoding=encoding)
        changes = compare_codebooks(book, second)
        if output is not None:
            check_output(output, inputs=[file, other])
            write(changes, output)
            out.print(f"{plural(len(changes), 'change')} written to {output}", markup=False)
            return
        for row in changes.to_dict("records"):
            code = f" {row['code']}" if row["code"] else ""
            told = f"{row['first']!r} → {row['second']!r}"
            out.print(f"{row['column']}: {row['change']}{code}: {told}", markup=False)
        out.print(f"{plural(len(changes), 'change')}.", markup=False)
        return
    if output is None:
        out.print(str(book), markup=False)
        out.print(book.to_frame().to_string(index=False, max_colwidth=40), markup=False)
        return
    out.print(f"Codebook written to {write_codebook(book, output)}", markup=False)


def fix_command(
    file: Path,
    output: Path,
    plan: soc.ScoringPlan | None,
    apply: Path | None,
    *,
    encoding: str | None,
    sheet: str | None,
    out: Console,
    err: Console,
) -> None:
    """Propose corrections, or apply those that were agreed to."""
    data, book = soc.read(file, encoding=encoding, sheet=sheet)
    if apply is None:
        if output.suffix.lower() != ".toml":
            raise OutputError.failed(output, "a list of corrections ends in .toml")
        check_output(output, inputs=[file])
        found = suggest_fixes(data, plan or soc.match_scales(data, book), book)
        found.save(output)
        out.print(
            f"{plural(len(found.fixes), 'correction')} proposed in {output}. Read it, set apply = "
            "true where you agree, then run again with --apply.",
            markup=False,
        )
        return
    check_output(output, inputs=[file, apply])
    tell_personal(data, book, "They are in the output like in the input.", err)
    done = apply_fixes(data, Fixes.load(apply), codebook=book)
    write(done.data, output, codebook=book)
    beside = output.with_name(f"{output.stem}.fixes.json")
    beside.write_text(done.record, encoding="utf-8")
    out.print(
        f"{plural(len(done.changed), 'cell')} corrected.\nData:     {output}\n"
        f"Record:   {beside} (holds the old values; undo with undo_fixes)",
        markup=False,
    )

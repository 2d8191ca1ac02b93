"""What the commands do with large files, folders, codebooks and corrections.

The commands themselves, with their options, are in `cli`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

import socmeasures as soc
from socmeasures.errors import OutputError, plural
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.codebook_comparison import compare_codebooks
from socmeasures.responses.codebook_document import write_codebook
from socmeasures.responses.privacy import drop_identifiers, personal_columns, privacy_note
from socmeasures.responses.reading_map import load_label_map, plan_changes, translate_answers
from socmeasures.responses.sav_blocks import SavBlocks
from socmeasures.responses.writing import check_output, write
from socmeasures.scoring.folder import RECORD, SUMMARY, score_folder
from socmeasures.scoring.stream import (
    INTO,
    STREAMED,
    counts_told,
    memory_for,
    score_file,
    size_told,
)
from socmeasures.validation.fixes import Fixes, apply_fixes, suggest_fixes

LARGE = 400_000_000  # bytes of answers in memory from which a file is scored in blocks


def is_streamed(file: Path, output: Path, asked: bool | None) -> bool:
    """Whether a file is scored in blocks: when asked for, or when it is large."""
    fits = file.suffix.lower() in STREAMED and output.suffix.lower() in INTO and file.is_file()
    if asked is not None or not fits:
        return bool(asked) and fits
    return file.stat().st_size > LARGE / 50 and SavBlocks.open(file).size >= LARGE


def with_words(data: Any, codebook: Codebook, labels: Path | None) -> Codebook:
    """The codebook with the words of a table of labels, when one was given."""
    return codebook if labels is None else translate_answers(data, codebook, load_label_map(labels))


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
    """Score a large SPSS file with a progress bar; tables and identifiers as asked for."""
    blocks = SavBlocks.open(file, encoding=options.get("encoding"))
    for note in blocks.codebook.notes:
        err.print(f"note: {note}", markup=False, style="yellow")
    if with_items and output.suffix.lower() in STREAMED:
        err.print(
            f"All columns into {output.suffix} need about {size_told(memory_for(file))} of memory."
        )
    first, book = next(iter(blocks.blocks()))
    person = options.get("person") or (plan.person if plan else None)
    found = personal_columns(first, book)
    gone = [c for c in found["column"] if c != person] if drop else []
    if len(found) and not drop:
        err.print(f"note: {privacy_note(found)}", markup=False, style="yellow")
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("scoring", total=blocks.n_rows)
        done = score_file(
            file,
            output,
            plan,
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


def score_whole_folder(
    folder: Path, output: Path, plan: soc.ScoringPlan | None, *, out: Console, **options: Any
) -> int:
    """Score every export of a folder; the number of files that were refused."""
    done = score_folder(folder, output, plan, **options)
    for name, rows in done.summary.groupby("file", sort=False):
        first = rows.iloc[0]
        if first["result"] == "refused":
            out.print(f"{name}: not scored. {first['why']}", markup=False, style="red")
        else:
            scales = ", ".join(dict.fromkeys(rows["scale"].dropna()))
            out.print(f"{name}: {plural(int(first['rows']), 'row')}, {scales}", markup=False)
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
    done = apply_fixes(data, Fixes.load(apply), codebook=book)
    write(done.data, output, codebook=book)
    beside = output.with_name(f"{output.stem}.fixes.json")
    beside.write_text(done.record, encoding="utf-8")
    out.print(
        f"{plural(len(done.changed), 'cell')} corrected.\nData:     {output}\n"
        f"Record:   {beside} (holds the old values; undo with undo_fixes)",
        markup=False,
    )

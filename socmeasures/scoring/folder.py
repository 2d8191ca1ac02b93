"""Every export in a folder scored with one plan: one record, one table; a bad file stops nobody."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from socmeasures import frames
from socmeasures.errors import ChoiceError, FolderError, NoRowsError, OutputError, SocmeasuresError
from socmeasures.responses.atomic import replacing
from socmeasures.responses.matching import match_scales
from socmeasures.responses.plan import ScoringPlan, file_sha256
from socmeasures.responses.privacy import drop_identifiers, personal_columns
from socmeasures.responses.reading import READABLE, read
from socmeasures.responses.writing import WRITABLE, write
from socmeasures.scoring.compute import score
from socmeasures.scoring.record import scoring_record

RECORD, SUMMARY = "scores.record.json", "summary.csv"
HEADS = (
    "file",
    "result",
    "rows",
    "scale",
    "wave",
    "score",
    "scored",
    "not_scored",
    "output",
    "why",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FolderScores:
    """What scoring a folder gave.

    Attributes
    ----------
    summary : pandas.DataFrame
        One row a file and score (one row for a file that could not be scored): ``file, result``
        (``scored`` or ``refused``), ``rows, scale, wave, score, scored, not_scored, output,
        why``.
    record : str
        JSON with the scoring record of each file, by its name, and its SHA-256.
    folder : Path
        Where the scored files, the record and the table are.
    """

    summary: pd.DataFrame
    record: str
    folder: Path

    @property
    def refused(self) -> tuple[str, ...]:
        """Names of the files that could not be scored."""
        bad = self.summary[self.summary["result"] == "refused"]
        return tuple(bad["file"].tolist())


def score_folder(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    plan: ScoringPlan | None = None,
    *,
    into: str = "csv",
    coding: str | None = None,
    invalid: Literal["raise", "missing"] = "raise",
    missing: Any = None,
    accept_unverified: bool = False,
    person: str | None = None,
    wave: str | None = None,
    replace: bool = False,
    drop_personal: bool = False,
    encoding: str | None = None,
    step: Callable[[str], None] | None = None,
) -> FolderScores:
    """Score every export in a folder.

    Parameters
    ----------
    folder : str or path
        With the exports (every ending `soc.read` knows); folders in it are not looked into.
    output : str or path
        Another folder, made when it is not there. Scored files are called ``NAME.scored.csv``.
    plan : ScoringPlan, optional
        One plan for all; without it each file is matched by itself.
    into : {"csv", "xlsx", "parquet", "sav", "zsav"}
        Format of the scored files.
    coding, invalid, missing, accept_unverified, person, wave, replace
        As for `soc.score`.
    drop_personal : bool
        Leave out columns that look like personal data (but for `person`).
    encoding : str, optional
        As for `soc.read`.
    step : callable, optional
        Called with the name of each file before it is read.

    Returns
    -------
    FolderScores
        A file that is refused is in the summary with its reason, and the others are scored.

    Raises
    ------
    FolderError
        There is no data file in the folder.
    OutputError
        `output` is the folder itself, or a file.

    Examples
    --------
    >>> import pandas as pd, tempfile, pathlib
    >>> from socmeasures.scoring.folder import score_folder
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> pd.DataFrame({f"mspss_{i}": [4] for i in range(1, 13)}).to_csv(folder / "a.csv")
    >>> _ = (folder / "b.csv").write_text("nothing\\n1\\n", encoding="utf-8")
    >>> done = score_folder(folder, folder / "scored")
    >>> done.refused, sorted(set(done.summary["file"]))
    (('b.csv',), ['a.csv', 'b.csv'])
    """
    ending = f".{into.lstrip('.').lower()}"
    if ending not in WRITABLE:
        raise ChoiceError("into", into, [e.lstrip(".") for e in WRITABLE])
    source, target = Path(os.fspath(folder)), Path(os.fspath(output))
    exports = sorted(p for p in source.iterdir() if p.is_file() and p.suffix.lower() in READABLE)
    if not exports:
        raise FolderError(source, READABLE)
    if target.resolve() == source.resolve():
        raise OutputError.same_as_input(target)
    if target.exists() and not target.is_dir():
        raise OutputError.is_file(target)
    target.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    records: dict[str, Any] = {}
    options = {
        "coding": coding,
        "invalid": invalid,
        "missing": missing,
        "accept_unverified": accept_unverified,
        "person": person,
        "wave": wave,
        "replace": replace,
    }
    for file in exports:
        if step is not None:
            step(file.name)
        made = target / f"{_unique(file, exports)}.scored{ending}"
        try:
            found, record = _one(file, made, plan, options, drop_personal, encoding)
        except SocmeasuresError as refusal:
            rows.append({"file": file.name, "result": "refused", "why": str(refusal)})
            records[file.name] = {"result": "refused", "why": str(refusal)}
            continue
        rows += [{"file": file.name, "result": "scored", "output": made.name} | r for r in found]
        records[file.name] = record
    summary = pd.DataFrame(rows, columns=list(HEADS))
    for name in ("rows", "scored", "not_scored"):
        summary[name] = summary[name].astype("Int64")
    text = json.dumps({"format": 1, "files": records}, ensure_ascii=False, indent=1)
    with replacing(target / RECORD) as part:
        part.write_text(text, encoding="utf-8")
    write(summary, target / SUMMARY)
    return FolderScores(summary=summary, record=text, folder=target)


def _unique(file: Path, exports: list[Path]) -> str:
    """The name without its ending, or with it where two files share the name."""
    shared = sum(other.stem == file.stem for other in exports) > 1
    return file.name.replace(".", "_") if shared else file.stem


def _one(
    file: Path,
    made: Path,
    plan: ScoringPlan | None,
    options: Mapping[str, Any],
    drop_personal: bool,
    encoding: str | None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    data, codebook = read(file, encoding=encoding)
    if not len(data):
        raise NoRowsError(file.name, len(data.columns), "score")
    person, wave = options["person"], options["wave"]
    own = plan or match_scales(data, codebook, person=person, wave=wave)
    scored = score(data, own, codebook=codebook, **options)
    record = scoring_record(scored)
    kept: Any = codebook
    named = [c for c in (person or own.person,) if c is not None]
    personal = personal_columns(data, codebook)
    if drop_personal:
        personal = personal[~personal["column"].isin(named)]
        scored, kept, _ = drop_identifiers(scored, codebook, keep=named)
    write(scored, made, codebook=kept, record=record)
    rows = [
        {
            "rows": frames.n_rows(data),
            "scale": use.scale,
            "wave": use.wave or "",
            "score": one,
            "scored": sum(counts.get(s, 0) for s in ("scored", "prorated", "partial")),
            "not_scored": sum(
                counts.get(s, 0) for s in ("too_few_items", "not_answered", "invalid")
            ),
        }
        for use in (record.uses if record else ())
        for one, counts in use.counts.items()
    ]
    told = {
        "result": "scored",
        "sha256": file_sha256(file),
        "looks_like_personal_data": dict(
            zip(personal["column"], personal["looks_like"], strict=True)
        ),
        "record": json.loads(record.to_json()) if record else None,
    }
    return rows, told

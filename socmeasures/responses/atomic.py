"""Files written whole or not at all: a temporary neighbour, put in place when it is finished."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from socmeasures.errors import OutputError


@contextmanager
def replacing(target: str | os.PathLike[str]) -> Iterator[Path]:
    """A path to write to, which becomes `target` when the block ends without an error.

    Parameters
    ----------
    target : str or Path
        The file to make or to replace.

    Yields
    ------
    Path
        An empty temporary file in the same folder, with the same ending. It is removed when the
        block fails; `target` is then as it was.

    Raises
    ------
    OutputError
        The folder is not there or may not be written to, the target is a folder, or the target
        is open in a program that locks it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "page.html") as unfinished:
    ...         _ = unfinished.write_text("whole", encoding="utf-8")
    ...     [(p.name, p.read_text(encoding="utf-8")) for p in Path(folder).iterdir()]
    [('page.html', 'whole')]
    """
    path = Path(target)
    if path.is_dir():
        raise OutputError.is_folder(path)
    if not path.parent.is_dir():
        raise OutputError.no_folder(path, path.parent)
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
    except OSError:
        raise OutputError.not_permitted(path) from None
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        _as_readable_as(path, unfinished)
        try:
            unfinished.replace(path)
        except PermissionError:
            raise OutputError.not_permitted(path) from None
    finally:
        unfinished.unlink(missing_ok=True)


def _as_readable_as(target: Path, unfinished: Path) -> None:
    """Permissions of the file to be replaced, or those a new file would get; mkstemp's are 0600."""
    if target.exists():
        mode = target.stat().st_mode & 0o777
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    unfinished.chmod(mode)

"""Mutated files read in worker processes with a watchdog.

The native reader can hang, crash or ask for all the memory there is, and cannot be interrupted
in its own process. So a pool of workers reads; the parent only waits, and kills.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import random
import resource
import struct
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 15.0  # seconds a file of a few kilobytes may take on a loaded machine
MEMORY = 3 * 2**30  # bytes of addresses a worker may have


@dataclass(frozen=True)
class Case:
    """One file that was neither read nor refused in our own words."""

    number: int
    base: str
    verdict: str
    content: bytes


def mutated(base: bytes, rng: random.Random) -> bytes:
    """A file with a few bytes, numbers or blocks changed; most changes are in the dictionary."""
    data = bytearray(base)
    head = min(len(data), 4096)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        if len(data) < 16:
            break
        kind = rng.randrange(7)
        at = rng.randrange(head if rng.random() < 0.8 else len(data))
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.randrange(256)
        elif kind == 2:
            at -= at % 4
            number = rng.choice((0, -1, 1, 2**31 - 1, -(2**31), 65536, 255, 256, 999, 7, 2))
            data[at : at + 4] = struct.pack("<i", number)
        elif kind == 3:
            del data[rng.randrange(max(len(data) // 8, 1), len(data)) :]
        elif kind == 4:
            size = rng.randrange(1, 64)
            data[at : at + size] = data[at + size : at + 2 * size]
        elif kind == 5:
            size = rng.randrange(1, 64)
            data[at:at] = bytes(rng.randrange(256) for _ in range(size))
        else:
            at -= at % 8
            number = rng.choice((float("nan"), float("inf"), -1e308, 1e308, 0.0, 2**53))
            data[at : at + 8] = struct.pack("<d", number)
        head = min(len(data), 4096)
    return bytes(data)


def _work(folder: str, suffixes: Sequence[str], tasks: Any, answers: Any) -> None:
    from socmeasures.errors import SocmeasuresError
    from socmeasures.responses.reading import read
    from socmeasures.responses.sav_writing import write_sav

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    while True:
        task = tasks.recv()
        if task is None:
            return
        path, out = Path(task), Path(task).with_name(f"out{Path(task).name}")
        try:
            data, book = read(path)
            verdict = "read"
            if data.shape[1] and data.size < 200_000:
                write_sav(data, out.with_suffix(".sav"), codebook=book)
                verdict = "written"
        except SocmeasuresError:
            verdict = "refused"
        except BaseException as fault:  # anything else is what we look for
            verdict = f"traceback: {type(fault).__name__}: {fault}"
        answers.send(verdict)


class _Worker:
    def __init__(self, folder: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.ours, theirs = context.Pipe()
        back, self.answers = context.Pipe()
        self.process = context.Process(target=_work, args=(folder, (), theirs, back), daemon=True)
        self.process.start()
        theirs.close()
        back.close()
        self.started = 0.0
        self.task: tuple[int, str, bytes, Path] | None = None

    def give(self, task: tuple[int, str, bytes, Path]) -> None:
        self.task, self.started = task, time.monotonic()
        task[3].write_bytes(task[2])
        self.ours.send(str(task[3]))

    def stop(self) -> None:
        self.process.kill()
        self.process.join()


def fuzz(
    bases: Sequence[Path], cases: int, *, seed: int, workers: int = 2
) -> tuple[list[Case], dict[str, int]]:
    """What of `cases` mutated files was neither read nor refused, and the count of each verdict."""
    rng = random.Random(seed)
    contents = [(p.name, p.suffix, p.read_bytes()) for p in bases]
    with tempfile.TemporaryDirectory() as folder:
        todo = _tasks(contents, cases, rng, Path(folder))
        pool = [_Worker(folder) for _ in range(workers)]
        bad: list[Case] = []
        counts: dict[str, int] = {}
        for worker in pool:
            _next(worker, todo)
        while any(w.task for w in pool):
            ready = multiprocessing.connection.wait(
                [w.answers for w in pool if w.task], timeout=1.0
            )
            for place, worker in enumerate(pool):
                if worker.task is None:
                    continue
                number, name, content, path = worker.task
                verdict = ""
                if worker.answers in ready:
                    try:
                        verdict = worker.answers.recv()
                    except EOFError:
                        worker.process.join()
                        verdict = f"crash: exit code {worker.process.exitcode}"
                elif time.monotonic() - worker.started > PATIENCE:
                    verdict = "hang"
                if not verdict:
                    continue
                kind = verdict.split(":")[0]
                left = [p.name for p in Path(folder).iterdir() if p.name.startswith(".")]
                if left and kind != "hang" and kind != "crash" and workers == 1:
                    kind, verdict = "left", f"left behind: {left}"
                counts[kind] = counts.get(kind, 0) + 1
                path.unlink(missing_ok=True)
                for out in Path(folder).glob(f"out{path.stem}*"):
                    out.unlink()
                    if kind == "refused":
                        verdict, kind = "an output file of a refused input", "left"
                if kind in ("traceback", "crash", "hang", "left"):
                    bad.append(Case(number, name, verdict, content))
                if kind in ("crash", "hang"):
                    worker.stop()
                    pool[place] = worker = _Worker(folder)
                worker.task = None
                _next(worker, todo)
        left = [p.name for p in Path(folder).iterdir()]
        if left and not counts.get("crash") and not counts.get("hang"):
            bad.append(Case(-1, "", f"left behind: {left[:5]}", b""))
        for worker in pool:
            worker.stop()
    return bad, counts


def _tasks(
    contents: Sequence[tuple[str, str, bytes]], cases: int, rng: random.Random, folder: Path
) -> Iterator[tuple[int, str, bytes, Path]]:
    for number in range(cases):
        name, suffix, content = contents[number % len(contents)]
        yield number, name, mutated(content, rng), folder / f"{number}{suffix}"


def _next(worker: _Worker, todo: Iterator[tuple[int, str, bytes, Path]]) -> None:
    task = next(todo, None)
    if task is not None:
        worker.give(task)

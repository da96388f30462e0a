"""Fuzzer of all readers of files: one random fault each, and a sentence or a right result.

```
python -m tests.hunts.fuzz [--cases 10000] [--reader NAME ...] [--first 0]
```

A case is a reader and a number, and the same anywhere: ``--reader store --first 17 --cases 1`` does
that of number 17 again. A reader runs in a process of its own, so that a crash or a hang of a
library is a finding too. Exit status 1 where there is a finding.
"""

import argparse
import hashlib
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import traceback
from ast import literal_eval
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from engine.errors import BadInput
from tests.hunts.damage import damage_file, damage_folder
from tests.hunts.readers import READERS, Reader

_PATIENCE = 120.0  # seconds that one case may take
_LONGEST_SENTENCE = 1200
# Words that no person should be told; an address in memory is one of them.
_OF_LIBRARIES = re.compile(r"Traceback|errno =|\bobject at\b|pydantic|\b0x[0-9a-f]{6,}")


class Case(NamedTuple):
    """What came of one case: "read" or "refused", or a finding in words."""

    outcome: str
    finding: str = ""


def try_case(reader: Reader, specimen: Path, name: str, number: int, scratch: Path) -> Case:
    """Damage a copy of a specimen, read it, and judge what comes of it.

    Parameters
    ----------
    reader, specimen
        The reader and its whole specimen, which is left alone.
    name, number
        What the fault follows from.
    scratch
        An empty folder.
    """
    place = scratch / "damaged"
    place.mkdir()
    copy = place / specimen.name
    if specimen.is_dir():
        shutil.copytree(specimen, copy)
        damage_folder(copy, random.Random(f"{name} {number}"))
    else:
        shutil.copy(specimen, copy)
        damage_file(copy, random.Random(f"{name} {number}"))
    (scratch / "out").mkdir()
    before = _digests(place)
    refusal = None
    try:
        reader.read(copy, scratch / "out")
    except BadInput as error:
        refusal = str(error)
    except Exception:
        return Case("finding", traceback.format_exc())
    if refusal is not None and (fault := _fault_of(refusal)):
        return Case("finding", f"{fault}: {refusal}")
    after = _digests(place)
    is_same = after == before
    if reader.changes == "moved aside":
        is_same = sorted(after.values()) == sorted(before.values())
    elif reader.changes == "unless refused":
        is_same = is_same or refusal is None
    if not is_same:
        changed = sorted(dict(set(after.items()) ^ set(before.items())))
        return Case("finding", f"changed {', '.join(changed)} (refused: {refusal})")
    return Case("read" if refusal is None else "refused")


def _fault_of(sentence: str) -> str:
    """Return what is wrong with a sentence for people; "" where nothing is."""
    if len(sentence.splitlines()) != 1 or not sentence.strip():
        return "not one line"
    if not sentence.endswith((".", "?")):
        return "no whole sentence"
    if len(sentence) > _LONGEST_SENTENCE:
        return "a very long sentence"
    if _OF_LIBRARIES.search(sentence):
        return "a library's words"
    return ""


def _digests(folder: Path) -> dict[str, str]:
    """Return what all files in a folder hold, by their paths; locks are not looked at."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


@contextmanager
def specimen_of(reader: Reader) -> Iterator[Path]:
    """Yield a whole specimen in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        yield reader.make(Path(folder))


def run_cases(name: str, numbers: range) -> Iterator[tuple[int, Case]]:
    """Try some cases of a reader in this process."""
    reader = READERS[name]
    with specimen_of(reader) as specimen:
        for number in numbers:
            with tempfile.TemporaryDirectory() as scratch:
                yield number, try_case(reader, specimen, name, number, Path(scratch))


def _work(name: str, numbers: range) -> None:
    """Try cases for the process that started this one: a line before each, one after each."""
    reader = READERS[name]
    with specimen_of(reader) as specimen:
        for number in numbers:
            print("begin", number, flush=True)
            with tempfile.TemporaryDirectory() as scratch:
                case = try_case(reader, specimen, name, number, Path(scratch))
            print("end", number, case.outcome, repr(case.finding), flush=True)


class _Worker:
    """A process that tries cases, watched from here."""

    def __init__(self, name: str, numbers: range) -> None:
        command = [sys.executable, "-m", "tests.hunts.fuzz", "--work", name]
        command += ["--first", str(numbers.start), "--cases", str(len(numbers))]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def line(self) -> str | None:
        """Return its next line, "" at its end; None where nothing comes for too long."""
        try:
            return self._lines.get(timeout=_PATIENCE)
        except queue.Empty:
            return None

    def end(self) -> int:
        """End it, and return its exit status."""
        self._process.kill()
        return self._process.wait()


def watched(name: str, numbers: range) -> Iterator[tuple[int, Case]]:
    """Try cases in a process that is started again after a crash or a hang."""
    at = numbers.start
    while at < numbers.stop:
        worker, begun = _Worker(name, range(at, numbers.stop)), None
        while line := worker.line():
            kind, number, *rest = line.rstrip("\n").split(" ", 3)
            if kind == "begin":
                begun = int(number)
            elif kind == "end":
                yield int(number), Case(rest[0], str(literal_eval(rest[1])))
                at = int(number) + 1
        hung = line is None
        status = worker.end()
        if at < numbers.stop:
            what = "nothing for minutes" if hung else f"the process ended with {status}"
            yield (at if begun is None else begun), Case("finding", what)
            at = (at if begun is None else begun) + 1


def main() -> None:
    """Try cases of readers, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--reader", action="append", choices=sorted(READERS))
    parser.add_argument("--work", help=argparse.SUPPRESS)
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    numbers = range(given.first, given.first + given.cases)
    if given.work:
        _work(given.work, numbers)
        return
    found = 0
    for name in given.reader or READERS:
        counts = {"read": 0, "refused": 0, "finding": 0}
        for number, case in watched(name, numbers):
            counts[case.outcome] += 1
            if case.finding:
                print(f"{name} {number}: {case.finding}", file=sys.stderr, flush=True)
        found += counts["finding"]
        said = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items())
        print(f"{name}: {len(numbers):,} cases: {said}", flush=True)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()

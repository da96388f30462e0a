"""Executors: who carries out the runs of a study or a sweep, and how many at once.

An executor starts workers (`engine.studies.worker`), which find by themselves what is left to do;
it says which of them still work and how the others ended, and nothing more.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, Protocol

from engine.io.files import not_written

_SECONDS_TO_STOP = 60.0  # a checkpoint on a slow disk; a step of LEO takes milliseconds
PROBLEMS = 2  # the exit status of a worker that told of cells which nobody can carry out
PROBLEM = "Not done: "  # what its lines about them begin with


class WorkFolder(Protocol):
    """The folder of a study or a sweep, as far as whoever starts workers has to know it."""

    @property
    def path(self) -> Path:
        """The folder."""

    @property
    def file(self) -> Path:
        """What is asked for; by its name workers know whether it is a study or a sweep."""

    @property
    def lock(self) -> Path:
        """The lock that whoever carries it out holds."""

    @property
    def workers(self) -> Path:
        """Where workers write what they print."""


class Ended(NamedTuple):
    """How a worker ended: whether it died, or else found no more to do; and a sentence of it."""

    is_dead: bool
    sentence: str


class Executor(Protocol):
    """Starts and ends workers of a study or a sweep."""

    def start(self) -> None:
        """Start one more worker; raises `BadInput` where none can be."""

    def ended(self) -> list[Ended]:
        """Return, once for each worker that ended since it was last asked, how."""

    @property
    def count(self) -> int:
        """How many workers there are that were not reported as ended."""

    def stop(self) -> None:
        """Ask all workers to end, and wait for them; each keeps a checkpoint."""


class LocalExecutor:
    """Workers as processes on this machine; see `Executor`.

    Parameters
    ----------
    folder
        The study's or the sweep's.
    library
        The library's folder.
    device
        Where they train.
    """

    def __init__(self, folder: WorkFolder, library: Path, device: str) -> None:
        self._folder, self._library, self._device = folder, library, device
        self._workers: list[tuple[subprocess.Popen[bytes], Path]] = []
        self._started = 0

    def start(self) -> None:
        """Start one more worker; see `Executor`."""
        self._started += 1
        log = self._folder.workers / f"{os.getpid()}-{self._started}.log"
        places = os.pathsep.join(filter(None, sys.path))  # where this process found the program
        command = [sys.executable, "-m", "engine.studies.worker"]
        command += [str(self._folder.path), str(self._library), self._device]
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("wb") as output:
                # A session of its own: Ctrl+C in the terminal is passed on by `stop`, once.
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    env=os.environ | {"PYTHONPATH": places},
                )
        except OSError as error:
            raise not_written(log, error) from error
        self._workers.append((process, log))

    def ended(self) -> list[Ended]:
        """Return how workers ended; see `Executor`."""
        found = [(process, log) for process, log in self._workers if process.poll() is not None]
        self._workers = [each for each in self._workers if each not in found]
        return [_ended(process.returncode, log) for process, log in found]

    @property
    def count(self) -> int:
        """How many workers there are; see `Executor`."""
        return len(self._workers)

    def stop(self) -> None:
        """Ask all workers to end, and wait for them; see `Executor`."""
        for process, _ in self._workers:
            process.terminate()
        for process, _ in self._workers:
            try:
                process.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._workers = []


def _ended(status: int, log: Path) -> Ended:
    if status == 0:
        return Ended(False, "")
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    if status == PROBLEMS:
        return Ended(False, "\n".join(line for line in lines if line.startswith(PROBLEM)))
    how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"failed ({status})"
    last = f": {lines[-1].strip()}" if lines and status > 0 else "."
    return Ended(True, f"A worker {how}, and another goes on; see {log}{last}")

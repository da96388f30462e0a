"""The executor of this machine: workers as processes."""

import os
import subprocess
from pathlib import Path

from engine.devices.selection import choose_device, usable_cores
from engine.io.files import not_written
from engine.studies.executors.protocol import (
    Ended,
    how_ended,
    program_places,
    worker_command,
)
from engine.studies.work_folder import WorkFolder

_SECONDS_TO_STOP = 60.0  # a checkpoint on a slow disk; a step of LEO takes milliseconds


class LocalExecutor:
    """Workers as processes on this machine; see `Executor`.

    Parameters
    ----------
    folder
        The study's folder.
    library
        The library's folder.
    device
        Where they train.
    """

    def __init__(self, folder: WorkFolder, library: Path, device: str) -> None:
        self._folder = folder
        self._command = worker_command(folder.path, library, device)
        self._workers: list[tuple[subprocess.Popen[bytes], Path]] = []
        self._started = 0

    def start(self) -> None:
        """Start one more worker; see `Executor`."""
        self._started += 1
        log = self._folder.workers / f"{os.getpid()}-{self._started}.log"
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("wb") as output:
                # A session of its own: Ctrl+C in the terminal is passed on by `stop`, once.
                process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    env=os.environ | {"PYTHONPATH": program_places()},
                )
        except OSError as error:
            raise not_written(log, error) from error
        self._workers.append((process, log))

    def ended(self) -> list[Ended]:
        """Return how workers ended; see `Executor`."""
        found = [(process, log) for process, log in self._workers if process.poll() is not None]
        self._workers = [each for each in self._workers if each not in found]
        return [how_ended(process.returncode, log) for process, log in found]

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


def usual_workers(device: str) -> int:
    """Return how many workers there are where nobody says: LEO on a CPU uses one core."""
    return usable_cores() if choose_device(device).type == "cpu" else 1

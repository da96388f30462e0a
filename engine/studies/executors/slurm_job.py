"""What a Slurm job of a study does, on its node: a worker as its child, until one of them ends.

Slurm asks a job to end in two ways. SIGUSR2 comes before the time limit (and before a preemption,
where the cluster says so): the worker keeps a checkpoint, and the job goes back into the queue, so
that it goes on also where nobody watches it. SIGTERM comes at `scancel`, and at a preemption after
which Slurm by itself puts the job back: then the worker keeps a checkpoint, and that is all.
"""

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from engine.io.files import write_text

# Submitit's own is the second one. Windows has neither, and no Slurm.
_WARNINGS = [each for each in signal.Signals if each.name in ("SIGUSR1", "SIGUSR2")]
_SECONDS_BETWEEN_LOOKS = 0.2
STOPPED = (-signal.SIGTERM, 128 + signal.SIGTERM)  # the status of a worker that was told to end


def log_of(folder: Path, job: str) -> Path:
    """Return what the worker of a job printed, over all its sittings."""
    return folder / f"{job}.log"


def end_of(folder: Path, job: str) -> Path:
    """Return the file that says how the worker of a job ended; a node that dies writes none."""
    return folder / f"{job}.ended.json"


@dataclass(frozen=True, slots=True)
class SlurmJob:
    """A worker in a Slurm job.

    Attributes
    ----------
    command
        The worker's.
    folder
        Where it says how it ended.
    """

    command: tuple[str, ...]
    folder: Path

    def __call__(self) -> None:
        """Work until the worker ends; a warning puts the job back into the queue."""
        job = os.environ["SLURM_JOB_ID"]
        end_of(self.folder, job).unlink(missing_ok=True)  # of a sitting before this one
        received: list[int] = []
        status = self._worked(log_of(self.folder, job), received)
        is_warned = any(number in _WARNINGS for number in received)
        if status in STOPPED and is_warned and _is_queued_again(job):
            return
        write_text(end_of(self.folder, job), json.dumps({"status": status}))

    def _worked(self, log: Path, received: list[int]) -> int:
        """Let the worker work, pass signals on to it, and return its exit status."""

        def note(number: int, _frame: FrameType | None) -> None:
            received.append(number)

        # Warnings go to every process of a job. What is blocked here is so for good in the worker,
        # which would end without a checkpoint, and here it waits until there is a worker.
        signal.pthread_sigmask(signal.SIG_BLOCK, _WARNINGS)
        for number in (signal.SIGTERM, signal.SIGINT, *_WARNINGS):
            signal.signal(number, note)
        with log.open("ab") as output:
            output.write(f"{log.stem} begins on {os.environ.get('SLURMD_NODENAME')}\n".encode())
            output.flush()
            worker = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WARNINGS)
        passed_on = 0
        while True:
            for _ in received[passed_on:]:
                passed_on += 1
                worker.send_signal(signal.SIGTERM)
            try:
                return worker.wait(_SECONDS_BETWEEN_LOOKS)
            except subprocess.TimeoutExpired:
                continue


def _is_queued_again(job: str) -> bool:
    """Put this job back into Slurm's queue, which ends it; False where Slurm refuses."""
    try:
        return subprocess.run(("scontrol", "requeue", job), timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False

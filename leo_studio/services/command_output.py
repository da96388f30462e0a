"""The output of a command that works in a process of its own, for a task of the window."""

import os
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.errors import BadInput
from leo_studio.services.background import Task
from leo_studio.services.own_process import own_command
from leo_studio.services.stages import read_stage

_SECONDS_BETWEEN_LOOKS = 0.1


def command_output(library: Path, words: Sequence[str], task: Task, note: str) -> str:
    """Return what the command line prints; the stages that it tells of become the task's.

    Parameters
    ----------
    library
        The folder of the library that it works on.
    words
        The command, and what it is given.
    task
        Whose work it is; the process ends when nobody wants that any more.
    note
        What is being done before a stage is told of.

    Raises
    ------
    BadInput
        If the command line refuses it.
    Cancelled
        If somebody asked for it to end.
    """
    with subprocess.Popen(
        own_command(*words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"LEO_STUDIO_HOME": str(library), "PYTHONIOENCODING": "utf-8"},
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as worker:
        out, err = _output_of(worker, task, note)
    if worker.returncode == 2:
        raise BadInput(err.strip().splitlines()[-1].removeprefix("leo-studio: "))
    if worker.returncode != 0:
        raise RuntimeError(f"the command ended with status {worker.returncode}:\n{err}")
    return out


def _output_of(worker: "subprocess.Popen[str]", task: Task, note: str) -> tuple[str, str]:
    """Read both streams, so that neither fills up, and report until they end."""
    assert worker.stdout is not None and worker.stderr is not None
    out, err = list[str](), list[str]()
    stage: list[tuple[float | None, str]] = [(None, note)]

    def read_remarks(lines: Iterable[str]) -> None:
        for line in lines:
            told = read_stage(line)
            if told is None:
                err.append(line)
            else:
                stage[0] = told

    readers = [
        threading.Thread(target=out.extend, args=(worker.stdout,), daemon=True),
        threading.Thread(target=read_remarks, args=(worker.stderr,), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        while any(reader.is_alive() for reader in readers):
            task.report(*stage[0])
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    finally:
        if worker.poll() is None and any(reader.is_alive() for reader in readers):
            worker.terminate()  # and it takes its half-written files along
        for reader in readers:  # before their streams are closed
            reader.join()
    worker.wait()
    return "".join(out), "".join(err)

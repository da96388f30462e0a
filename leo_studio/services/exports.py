"""Exports that a window asks for: done by the command line in a process of its own.

Tracing a program takes seconds of a core and cannot be interrupted; another process leaves window
and training alone, can be ended, and does exactly what the command that the window shows does.
"""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BadInput
from engine.export.formats import Check, Outcome, WrittenFile
from leo_studio.services.background import Task
from leo_studio.services.export_plan import ModelExport
from leo_studio.services.own_process import own_command
from leo_studio.services.stages import read_stage

if TYPE_CHECKING:
    from engine.runs.library import Library
    from leo_studio.services.inspection_requests import Start

_SECONDS_BETWEEN_LOOKS = 0.1


class Exports:
    """Exports models, writes reports and imports bundles in the background; each returns its task.

    Parameters
    ----------
    library
        Where runs and their stores are.
    start
        How work is started.
    title_of
        Says what a run is called.
    """

    def __init__(self, library: "Library", start: "Start", title_of: Callable[[Path], str]) -> None:
        self._library = library
        self._start = start
        self._title_of = title_of

    def export(
        self,
        request: ModelExport,
        then: Callable[[Outcome], None],
        failed: Callable[[BaseException], None],
    ) -> Task:
        """Export a model; `failed` gets what goes wrong."""
        return self._start(
            f"Exporting {self._title_of(request.run)}",
            lambda task: exported(self._library.root, request, task),
            then,
            failed=failed,
        )

    def report(self, runs: Sequence[Path], page: Path, then: Callable[[Path], None]) -> Task:
        """Write a page about runs; `then` gets its place."""
        # The dialog of files has asked, where there is a page already.
        words = ["report", *map(str, runs), "--out", str(page), "--replace"]

        def work(task: Task) -> Path:
            _command_output(self._library.root, words, task, "going through episodes, and drawing")
            return page

        return self._start(f"Writing {page.name}", work, then)

    def import_bundle(self, bundle: Path, then: Callable[[Path], None]) -> Task:
        """Make a run of a bundle; `then` gets its folder."""

        def work(_: Task) -> Path:
            from engine.export.bundle_reading import import_bundle

            return import_bundle(self._library, bundle).path

        return self._start(f"Importing {bundle.name}", work, then)


def exported(library: Path, request: ModelExport, task: Task) -> Outcome:
    """Export by the command line, and end it when nobody wants it any more.

    Raises
    ------
    BadInput
        If the command line refuses it.
    Cancelled
        If somebody asked for it to end.
    """
    answer = json.loads(
        # The dialog has named what is replaced.
        _command_output(
            library, [*request.words, "--replace", "--json", "--stages"], task, "Loading"
        )
    )
    files = (WrittenFile(**each | {"path": Path(each["path"])}) for each in answer["files"])
    checks = (Check(**each) for each in answer["checks"])
    return Outcome(tuple(files), tuple(checks), answer["accuracy"])


def _command_output(library: Path, words: Sequence[str], task: Task, note: str) -> str:
    """Return what the command line prints; the stages that it tells of become the task's."""
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

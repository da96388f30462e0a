"""Exports that a window asks for: done by the command line in a process of its own.

Tracing a program takes seconds of a core and cannot be interrupted; another process leaves window
and training alone, can be ended, and does exactly what the command that the window shows does.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.export.formats import Check, Outcome, WrittenFile
from leo_studio.services.background import Task
from leo_studio.services.command_output import command_output
from leo_studio.services.export_plan import ModelExport

if TYPE_CHECKING:
    from engine.runs.library import Library
    from leo_studio.services.inspection_requests import Start


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
            command_output(self._library.root, words, task, "going through episodes, and drawing")
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
        command_output(
            library, [*request.words, "--replace", "--json", "--stages"], task, "Loading"
        )
    )
    files = (WrittenFile(**each | {"path": Path(each["path"])}) for each in answer["files"])
    checks = (Check(**each) for each in answer["checks"])
    return Outcome(tuple(files), tuple(checks), answer["accuracy"])

"""A report from the runs to the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from engine.errors import BadInput
from engine.io.files import deliver, write_text
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.report.comparing import Comparison, compared
from leo_studio.report.contents import Contents, Progress, ReportOptions, gathered, require_answer
from leo_studio.report.destination import require_page
from leo_studio.report.functions.comparing import FunctionComparison, compared_functions
from leo_studio.report.functions.contents import FunctionContents, gathered_functions
from leo_studio.report.functions.view import FunctionView, function_view
from leo_studio.report.naming import named
from leo_studio.report.page import rendered
from leo_studio.report.reproducing import Preset, preset_of
from leo_studio.report.run_view import RunView, run_view
from leo_studio.report.views import Drawer

_GATHERING = 0.85  # of the time, more or less; the rest is drawing
_MOST_RUNS = 50


C = TypeVar("C", Contents, FunctionContents)


@dataclass(frozen=True, slots=True)
class _Parts(Generic[C]):
    """What makes the parts of a page for one kind of task."""

    gather: Callable[[Library, Run, ReportOptions, Progress], C]
    view: Callable[[str, C, Preset | None, ReportOptions, Drawer], RunView | FunctionView]
    compare: Callable[[Sequence[C]], Comparison | FunctionComparison]


def write_report(
    library: Library, runs: Sequence[Run], out: Path, options: ReportOptions, progress: Progress
) -> tuple[Contents, ...]:
    """Write a report of some runs as one HTML page that needs nothing else.

    Nothing but the page is written: evaluations that are made for it are not kept with the runs.

    Parameters
    ----------
    library
        Where the runs' stores and presets are found.
    runs
        One or more, each once.
    out
        The file; it is whole or not there.
    options
        What is wanted.
    progress
        Told the share that is done and what is being done; an exception that it raises ends it.

    Returns
    -------
    tuple of Contents
        What the page is made of, one for each run.

    Raises
    ------
    BadInput
        If a run has no such checkpoint or split, stands twice, or the file cannot be written.
    """
    return _written(library, runs, out, options, progress, _Parts(gathered, run_view, compared))


def write_function_report(
    library: Library, runs: Sequence[Run], out: Path, options: ReportOptions, progress: Progress
) -> tuple[FunctionContents, ...]:
    """Write a report of some runs of regression; otherwise as `write_report`.

    Beside the page, the library keeps the Bayes-optimal limits that were computed for it.
    """
    parts = _Parts(gathered_functions, function_view, compared_functions)
    return _written(library, runs, out, options, progress, parts)


def learn_functions(runs: Sequence[Run]) -> bool:
    """Whether a report of some runs is one of regression."""
    return not runs[0].experiment.task.needs_store


def _written(
    library: Library,
    runs: Sequence[Run],
    out: Path,
    options: ReportOptions,
    progress: Progress,
    parts: "_Parts[C]",
) -> tuple[C, ...]:
    """Write a page of which the parts are of one kind of task; returns what it is made of."""
    require_page(out)
    require_runs(runs, options)
    found = [
        parts.gather(library, run, options, _share(progress, runs, place))
        for place, run in enumerate(runs)
    ]
    draw = Drawer(_drawing(progress), len(runs))
    presets = [preset_of(library, run) for run in runs]
    found = named(found, presets)
    views = [
        parts.view(f"r{place}", each, preset, options, draw)
        for place, (each, preset) in enumerate(zip(found, presets, strict=True), 1)
    ]
    comparison = parts.compare(found) if len(found) > 1 else None
    _deliver(rendered(views, comparison, options, draw), out)
    return tuple(found)


def _drawing(progress: Progress) -> Progress:
    return lambda done, note: progress(_GATHERING + (1 - _GATHERING) * done, note)


def _deliver(page: str, out: Path) -> None:
    # A folder may have a name that is no Unicode.
    text = page.encode("utf-8", "replace").decode("utf-8")
    deliver(out, lambda path: write_text(path, text))


def _share(progress: Progress, runs: Sequence[Run], place: int) -> Progress:
    """Report what is done for one of the runs as its part of the whole."""
    about = "" if len(runs) == 1 else f"{runs[place].name}: "
    return lambda done, note: progress(_GATHERING * (place + done) / len(runs), about + note)


def require_runs(runs: Sequence[Run], options: ReportOptions) -> None:
    """Raise `BadInput`, before anything is computed, where a run has not what is asked for."""
    if not 1 <= len(runs) <= _MOST_RUNS:
        raise BadInput(f"A report is of 1 to {_MOST_RUNS} runs, not of {len(runs)}.")
    for place, run in enumerate(runs):
        if any(run.path.resolve() == other.path.resolve() for other in runs[:place]):
            raise BadInput(f"{run.name} is given twice; give each run once.")
        if run.experiment.task.needs_store != runs[0].experiment.task.needs_store:
            raise BadInput(
                f"{runs[0].name} learns {_learned(runs[0])}, and {run.name} {_learned(run)}; "
                "write a report of each kind."
            )
        require_answer(run, options)


def _learned(run: Run) -> str:
    return run.experiment.task.title.lower()

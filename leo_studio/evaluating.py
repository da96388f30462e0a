"""An evaluation that a window asked for, from the request to the record kept with its run."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from engine.baselines import NEAREST_CLASS_MEAN
from engine.data.fitting import no_such_split
from engine.errors import BadInput
from engine.evaluation import EvaluationResult
from engine.library import Library
from engine.run_evaluation import (
    Steps,
    evaluate_baseline,
    evaluate_checkpoint,
    keep_report,
    paired_with,
    report_of,
    require_same_episodes,
)
from engine.runs import Run
from engine.starting import store_of
from leo_studio.background import Task
from leo_studio.catalogue import evaluation_entry
from leo_studio.records import EvaluationEntry, EvaluationRequest


def evaluate(library: Library, request: EvaluationRequest, task: Task) -> EvaluationEntry:
    """Evaluate, compare where that is asked for, and keep the report with the run.

    Raises
    ------
    BadInput
        If a run, a checkpoint or the split is missing, or two runs meet other episodes.
    """
    run = Run(request.run)
    step = run.checkpoint(request.checkpoint).step
    store = store_of(library, run)
    if request.split not in store.splits:
        raise BadInput(no_such_split(store.path.name, request.split, store.splits))
    halves = 1 if request.compare is None else 2

    def progress(half: int, what: str) -> Callable[[int], None]:
        return lambda done: task.report((half + done / request.episodes) / halves, what)

    steps = evaluate_checkpoint(run, step, store, request.split, request.episodes)
    result = _followed(steps, progress(0, f"step {step}"))
    report = report_of(run, step, result)
    if request.compare is not None:
        if request.compare == NEAREST_CLASS_MEAN:
            steps = evaluate_baseline(run, store, request.split, request.episodes)
        else:
            other = Run(Path(request.compare))
            require_same_episodes(run, other)
            its_store = store_of(library, other)
            its_step = other.checkpoint().step
            steps = evaluate_checkpoint(other, its_step, its_store, request.split, request.episodes)
        opponent = _followed(steps, progress(1, "comparing"))
        report["paired"] = paired_with(request.compare, result, opponent)
    path = keep_report(run, report, result)
    entry = evaluation_entry(path)
    if entry is None:
        raise BadInput(f"{path} cannot be read back; evaluate again.")
    return entry


def _followed(steps: Steps, progress: Callable[[int], None]) -> EvaluationResult:
    with closing(steps):  # also where it is cancelled: its threads end at once
        while True:
            try:
                progress(next(steps))
            except StopIteration as end:
                result: EvaluationResult = end.value
                return result

"""An evaluation that a window asked for, from the request to the record kept with its run."""

from collections.abc import Callable
from pathlib import Path

from engine.data.requirements import no_such_split
from engine.errors import BadInput
from engine.evaluation.checkpoints import (
    compared_with,
    evaluate_baseline,
    evaluate_checkpoint,
    keep_evaluation,
    require_same_episodes,
)
from engine.evaluation.record import NEAREST_CLASS_MEAN, Evaluation
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_of
from leo_studio.services.background import Task
from leo_studio.services.records import EvaluationRequest


def evaluate(library: Library, request: EvaluationRequest, task: Task) -> Evaluation:
    """Evaluate, compare where that is asked for, and keep the evaluation with the run.

    One that could not be kept says why.

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
    other = None
    if request.compare is not None and request.compare != NEAREST_CLASS_MEAN:
        # Found before anything is computed, so that no result is lost for the other's sake.
        other = Run(Path(request.compare))
        require_same_episodes(run, other)
        its_step, its_store = other.checkpoint().step, store_of(library, other)
    halves = 1 if request.compare is None else 2

    def progress(half: int, what: str) -> Callable[[int], None]:
        return lambda done: task.report((half + done / request.episodes) / halves, what)

    steps = evaluate_checkpoint(run, step, store, request.split, request.episodes)
    evaluation = finished(steps, progress(0, f"step {step}"))
    if request.compare is not None:
        if other is None:
            steps = evaluate_baseline(run, store, request.split, request.episodes)
        else:
            steps = evaluate_checkpoint(other, its_step, its_store, request.split, request.episodes)
        opponent = finished(steps, progress(1, "comparing"))
        evaluation = compared_with(request.compare, evaluation, opponent)
    return keep_evaluation(run, evaluation)

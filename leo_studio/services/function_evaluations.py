"""An evaluation on functions that a window asked for, kept with its run."""

from engine.errors import BadInput
from engine.evaluation.regression.evaluator import evaluate_functions, keep_regression_evaluation
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_functions import functions_of
from leo_studio.services.background import Task
from leo_studio.services.held_results import EvaluatedFunctions
from leo_studio.services.records import (
    EvaluationRequest,
)


def evaluate_on_functions(
    library: Library, request: EvaluationRequest, task: Task
) -> EvaluatedFunctions:
    """Evaluate on tasks of the prior, beside its limit, or of the run's file; keep the result.

    One that could not be kept says why.

    Raises
    ------
    BadInput
        If the run does not learn functions, or the checkpoint or its file is missing.
    """
    run = Run(request.run)
    step = run.checkpoint(request.checkpoint).step
    steps = evaluate_functions(
        run, step, library.limits, request.split, request.episodes, file=functions_of(run)
    )
    evaluation = finished(steps, lambda done: task.report(done / request.episodes, f"step {step}"))
    try:
        keep_regression_evaluation(run, evaluation)
    except BadInput as error:
        return EvaluatedFunctions(evaluation, str(error))
    return EvaluatedFunctions(evaluation, "")

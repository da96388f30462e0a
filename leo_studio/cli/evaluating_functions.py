"""`leo-studio evaluate` of a run that learns functions."""

from functools import partial
from typing import TYPE_CHECKING

from engine.errors import BadInput
from engine.io.generators import finished
from engine.io.names import one_of
from leo_studio.analysis.evaluation.function_scores import score_texts
from leo_studio.cli.console import print_json, print_table, progress_bar, tell_where_kept

if TYPE_CHECKING:
    from engine.evaluation.regression.record import RegressionEvaluation
    from engine.runs.library import Library
    from engine.runs.run import Run

_SPLITS = ("train", "val", "test")


def evaluate_run_on_functions(
    library: "Library",
    run: "Run",
    step: int,
    split: str,
    count: int,
    device: str | None,
    *,
    as_json: bool,
) -> None:
    """Evaluate, print the result for people or as JSON, and keep it with the run."""
    from engine.evaluation.regression.evaluator import (
        evaluate_functions,
        keep_regression_evaluation,
    )

    if split not in _SPLITS:
        raise BadInput(f"--split is {split}; {one_of(split, _SPLITS)}")
    steps = evaluate_functions(run, step, library.limits, split, count, device)
    with progress_bar() as bar:
        shown = bar.add_task(f"{run.name}, step {step}", total=count)
        evaluation = finished(steps, lambda done: bar.update(shown, completed=done))
    if as_json:
        print_json(evaluation.model_dump(mode="json", by_alias=True))
    else:
        print_regression_evaluation(run, evaluation)
    tell_where_kept(partial(keep_regression_evaluation, run, evaluation), as_json=as_json)


def print_regression_evaluation(run: "Run", evaluation: "RegressionEvaluation") -> None:
    """Print an evaluation for people."""
    scores, plain = evaluation.scores, evaluation.plain
    print(f"tasks       {scores.tasks:,} of split {evaluation.split}, {run.experiment.task.words}")
    print(f"checkpoint  step {evaluation.checkpoint_step} of {run.name}")
    print(f"limit       Bayes-optimal: {scores.limit_log_likelihood:.3f} nats")
    weighted, alike = score_texts(scores), score_texts(plain)
    is_one = weighted == alike  # a learner that knows one function of a task
    columns = ("", "prediction") if is_one else ("", "weighted samples", "plain samples")
    rows = [
        (label, text) if is_one else (label, text, alike[label]) for label, text in weighted.items()
    ]
    print_table(columns, rows)

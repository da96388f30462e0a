"""`leo-studio evaluate` of a run that learns functions."""

import sys
from typing import TYPE_CHECKING

from engine.errors import BadInput
from engine.io.generators import finished
from leo_studio.cli.console import percent, print_json, print_table, progress_bar, remarks

if TYPE_CHECKING:
    from engine.evaluation.regression.record import RegressionEvaluation, RegressionScores
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
        raise BadInput(f"--split is {split}; choose one of {', '.join(_SPLITS)}.")
    steps = evaluate_functions(run, step, library.limits, split, count, device)
    with progress_bar() as bar:
        shown = bar.add_task(f"{run.name}, step {step}", total=count)
        evaluation = finished(steps, lambda done: bar.update(shown, completed=done))
    if as_json:
        print_json(evaluation.model_dump(mode="json", by_alias=True))
    else:
        print_regression_evaluation(run, evaluation)
    # The result is delivered first: whether it can be kept is another matter.
    sys.stdout.flush()
    try:
        path = keep_regression_evaluation(run, evaluation)
    except BadInput as error:
        remarks.print(f"The result could not be kept with the run: {error}")
    else:
        if not as_json:
            remarks.print(f"Kept in {path}", style="dim")


def print_regression_evaluation(run: "Run", evaluation: "RegressionEvaluation") -> None:
    """Print an evaluation for people."""
    scores, plain = evaluation.scores, evaluation.plain
    print(f"tasks       {scores.tasks:,} of split {evaluation.split}, {run.experiment.task.words}")
    print(f"checkpoint  step {evaluation.checkpoint_step} of {run.name}")
    print(f"limit       Bayes-optimal: {scores.limit_log_likelihood:.3f} nats")
    weighted, alike = _texts(scores), _texts(plain)
    is_one = weighted == alike  # a learner that knows one function of a task
    columns = ("", "prediction") if is_one else ("", "weighted samples", "plain samples")
    rows = [
        (label, text) if is_one else (label, text, alike[label]) for label, text in weighted.items()
    ]
    print_table(columns, rows)


def _texts(scores: "RegressionScores") -> dict[str, str]:
    texts = {
        "risk ratio": f"{scores.risk_ratio:.3f}",
        "risk ratio, trimmed": f"{scores.trimmed_risk_ratio:.3f}",
        "ratio of medians": f"{scores.ratio_of_medians:.3f}",
        "log likelihood": f"{scores.log_likelihood:.3f} ± {scores.log_likelihood_ci95:.3f} nats",
        "50 % interval": f"holds {percent(scores.coverage_50)}",
        "90 % interval": f"holds {percent(scores.coverage_90)}",
        "squared error": f"{scores.mean_squared_error:.4f}",
    }
    if scores.both_families is not None:
        share = percent(scores.both_families)
        texts["both families"] = f"in {share} of {scores.ambiguous_tasks} ambiguous tasks"
    return texts

"""`leo-studio evaluate` of a run that learns functions."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.data.splits import SPLITS
from engine.errors import BadInput
from engine.evaluation.record import NEAREST_CLASS_MEAN
from engine.evaluation.regression.record import RegressionScores
from engine.io.generators import finished
from engine.io.names import one_of
from leo_studio.analysis.comparison.on_functions import DifferenceRow, difference_rows
from leo_studio.analysis.evaluation.function_scores import MEASURED, score_texts
from leo_studio.cli.arguments import find_checkpoint
from leo_studio.cli.console import (
    print_json,
    print_table,
    progress_bar,
    remarks,
    tell_where_kept,
)

if TYPE_CHECKING:
    from engine.evaluation.regression.paired import PairedScore
    from engine.evaluation.regression.record import RegressionEvaluation
    from engine.runs.library import Library
    from engine.runs.run import Run


class FunctionsWanted(NamedTuple):
    """What is asked of every run that is evaluated on functions."""

    library: "Library"
    split: str
    tasks: int
    device: str | None
    store: str | None  # where the file of functions is now, of a run on such a file


def evaluate_run_on_functions(
    run: "Run", step: int, compare: str | None, wanted: FunctionsWanted, *, as_json: bool
) -> None:
    """Evaluate, print the result for people or as JSON, and keep it with the run.

    `compare` is another run that learns functions, which is evaluated on the same tasks.
    """
    from engine.evaluation.regression.evaluator import keep_regression_evaluation
    from engine.evaluation.regression.paired import paired_scores, why_not_paired

    if wanted.split not in SPLITS:
        raise BadInput(f"--split is {wanted.split}; {one_of(wanted.split, SPLITS)}")
    other = None if compare is None else _opponent(wanted.library, run, compare)
    evaluation = _evaluated(run, step, wanted)
    opponent = None if other is None else _evaluated(*other, wanted)
    pairs: tuple[PairedScore, ...] = ()
    if other is not None and opponent is not None:
        if problem := why_not_paired(evaluation, opponent):
            raise BadInput(f"{run.name} and {other[0].name} cannot be compared: {problem}")
        pairs = paired_scores(evaluation, opponent)
    if as_json:
        paired = {} if opponent is None else {"paired": _paired_dict(opponent, pairs)}
        print_json(evaluation.summary() | paired)
    else:
        print_regression_evaluation(run, evaluation)
        if opponent is not None and other is not None:
            _print_pairs(other[0], opponent, difference_rows(pairs))
    tell_where_kept(partial(keep_regression_evaluation, run, evaluation), as_json=as_json)


def _opponent(library: "Library", run: "Run", compare: str) -> tuple["Run", int]:
    """Find the run that another one is compared with, before anything is computed."""
    from engine.config import regression
    from engine.evaluation.checkpoints import require_same_episodes
    from engine.evaluation.regression.paired import OF_A_FILE

    if compare == NEAREST_CLASS_MEAN:
        raise BadInput(
            f"{run.name} learns functions, which have no class means; give --compare another run "
            "that learns functions. The Bayes-optimal limit stands beside every evaluation."
        )
    other, step = find_checkpoint(library, compare, None)
    require_same_episodes(run, other)
    if regression(run.experiment).functions:
        raise BadInput(f"{run.name} and {other.name} cannot be compared: {OF_A_FILE}")
    return other, step


def _evaluated(run: "Run", step: int, wanted: FunctionsWanted) -> "RegressionEvaluation":
    """Evaluate to the end beside a progress bar."""
    from engine.evaluation.regression.evaluator import evaluate_functions
    from engine.runs.run_functions import functions_of

    library, split, count, device, store = wanted
    file = functions_of(run, store, remarks.print)
    steps = evaluate_functions(run, step, library.limits, split, count, device, file)
    with progress_bar() as bar:
        shown = bar.add_task(f"{run.name}, step {step}", total=count, note="")
        return finished(steps, lambda done: bar.update(shown, completed=done))


def print_regression_evaluation(run: "Run", evaluation: "RegressionEvaluation") -> None:
    """Print an evaluation for people."""
    scores, plain = evaluation.scores, evaluation.plain
    print(f"tasks       {scores.tasks:,} of split {evaluation.split}, {run.experiment.task.words}")
    print(f"checkpoint  step {evaluation.checkpoint_step} of {run.name}")
    if isinstance(scores, RegressionScores):
        print(f"limit       Bayes-optimal: {scores.limit_log_likelihood:.3f} nats")
    else:
        print(f"functions   {scores.functions:,}, of {Path(run.experiment.source).name}")
        print(f"limit       none is known: {MEASURED}")
    weighted, alike = score_texts(scores), score_texts(plain)
    is_one = weighted == alike  # a learner that knows one function of a task
    columns = ("", "prediction") if is_one else ("", "weighted samples", "plain samples")
    rows = [
        (label, text) if is_one else (label, text, alike[label]) for label, text in weighted.items()
    ]
    print_table(columns, rows)


def _print_pairs(other: "Run", opponent: "RegressionEvaluation", rows: list[DifferenceRow]) -> None:
    print(
        f"compared    step {opponent.checkpoint_step} of {other.name}, task by task on the same "
        f"{opponent.scores.tasks:,} tasks; 95 % confidence intervals over tasks"
    )
    print_table(
        ("", "this run", "the other", "this run is better by", "the interval"),
        [(row.label, row.one, row.other, row.difference, row.interval) for row in rows],
    )


def _paired_dict(
    opponent: "RegressionEvaluation", pairs: tuple["PairedScore", ...]
) -> dict[str, object]:
    return {
        "other": opponent.run,
        "other_step": opponent.checkpoint_step,
        "tasks": opponent.scores.tasks,
        "better_by": {
            pair.name: {
                "one": pair.one,
                "other": pair.other,
                "difference": pair.difference.difference,
                "ci95": pair.difference.ci95,
                "tasks": pair.difference.episodes,
                "excludes_zero": pair.difference.excludes_zero,
            }
            for pair in pairs
        },
    }

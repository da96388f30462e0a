"""What a report says of one run of regression, gathered before anything is drawn."""

from dataclasses import dataclass

from engine.evaluation.record import FOLDER
from engine.evaluation.regression.evaluator import evaluate_functions
from engine.evaluation.regression.record import (
    RegressionEvaluation,
    kept_regression_evaluations,
)
from engine.inspection.function_records import FunctionRecord, FunctionTable
from engine.inspection.functions import load_functions
from engine.io.generators import finished
from engine.runs.annotations import read_annotations
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_functions import functions_of
from leo_studio.analysis.functions.orders import ORDERS, TaskOrder, order_of
from leo_studio.report.contents import (
    Progress,
    ReportOptions,
    RunContents,
    part,
    require_answer,
    split_of,
)

_TABULATED = 200  # tasks that are gone through at most, the same ones that the window lists
_SHOWN = 3  # tasks of each order
_ORDERS = ("ambiguous", "uncertain")


@dataclass(frozen=True, slots=True)
class ShownTask:
    """One task in full.

    Attributes
    ----------
    order, rank
        Which question it answers, such as "Most ambiguous", and as the how manieth, from 1 on.
    row
        Its place in the table of tasks.
    seen
        What the run makes of its points.
    """

    order: TaskOrder
    rank: int
    row: int
    seen: FunctionRecord


@dataclass(frozen=True, slots=True)
class FunctionContents(RunContents):
    """All that a report says of one run of regression.

    Attributes
    ----------
    result
        The evaluation of these weights on the split that says most, or one made for the report.
    is_kept
        Whether the run keeps it.
    kept
        All evaluations that the run keeps, the newest first, of whatever step.
    tasks_split
        Whose tasks are looked at: test, or val where the file of functions has no test tasks.
    table
        Its first tasks, a row each.
    shown
        Some of them in full.
    """

    result: RegressionEvaluation
    is_kept: bool
    kept: tuple[RegressionEvaluation, ...]
    tasks_split: str
    table: FunctionTable
    shown: tuple[ShownTask, ...]


def gathered_functions(
    library: Library, run: Run, options: ReportOptions, progress: Progress
) -> FunctionContents:
    """Gather what a report says of a run of regression; see `gathered`.

    The library keeps the Bayes-optimal limits that have to be computed.

    Raises
    ------
    BadInput
        If there is no such checkpoint, split or device, the file of functions is not found, or
        metrics are damaged.
    """
    require_answer(run, options)
    file = functions_of(run, options.store)
    step, split = run.checkpoint(options.checkpoint).step, split_of(run, options.split)
    count, few = options.episodes, min(options.episodes, _TABULATED)
    progress(0.0, "reading metrics")
    kept = _newest_first(run)
    result = _most_telling(kept, step, split)
    training, validation = run.training.arrays(), run.validation.arrays()
    is_kept = result is not None
    if result is None:
        steps = evaluate_functions(run, step, library.limits, split, count, options.device, file)
        told = part(progress, 0.0, 0.75)
        result = finished(steps, lambda done: told(done / count, "evaluating"))
    loaded = load_functions(run, step, options.device, file, split_of(run, None))
    going = part(progress, 0.75, 0.95)
    table = finished(
        loaded.tabulate(library.limits, few),
        lambda done: going(done / (2 * few), "going through tasks"),
    )
    progress(0.95, "looking at single tasks")
    return FunctionContents(
        run=run,
        step=step,
        split=split,
        annotations=read_annotations(run.path),
        training=training,
        validation=validation,
        result=result,
        is_kept=is_kept,
        kept=tuple(kept),
        tasks_split=loaded.split,
        table=table,
        shown=tuple(
            ShownTask(order, rank, row, loaded.record(int(table.numbers[row])))
            for order, rank, row in _chosen(table)
        ),
        title=run.name,
        name=run.name,
    )


def _chosen(table: FunctionTable) -> list[tuple[TaskOrder, int, int]]:
    """Return the first tasks of each order, none twice; by its rank among those of its order."""
    found: list[tuple[TaskOrder, int, int]] = []
    for order in ORDERS:
        why_not = order.why_not(families=len(table.families), has_limit=table.has_limit)
        if order.name not in _ORDERS or why_not:
            continue
        taken = {row for _, _, row in found}
        rows = [row for row in order_of(table, order.key).tolist() if row not in taken]
        found += [(order, rank, row) for rank, row in enumerate(rows[:_SHOWN], 1)]
    return found


def _newest_first(run: Run) -> list[RegressionEvaluation]:
    """Return the evaluations that a run keeps, the newest first, as far as they can be read."""
    folder = run.path / FOLDER

    def written(evaluation: RegressionEvaluation) -> tuple[float, str]:
        path = folder / evaluation.file_name
        return (path.stat().st_mtime if path.is_file() else 0.0), path.name

    found = kept_regression_evaluations(run.path).records
    return sorted(found, key=written, reverse=True)


def _most_telling(
    kept: list[RegressionEvaluation], step: int, split: str
) -> RegressionEvaluation | None:
    """Return the evaluation of a step on a split over most tasks, the newest of several."""
    fitting = [each for each in kept if (each.checkpoint_step, each.split) == (step, split)]
    return max(fitting, key=lambda each: each.scores.tasks, default=None)

"""What the page shows of a run of regression: scores beside the limit, reliability and tasks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from engine.evaluation.regression.record import RegressionEvaluation
from leo_studio.analysis.evaluation.function_scores import (
    ScoreRow,
    has_limit,
    is_of_one_function,
    score_rows,
    short_cells,
    split_remark_on_functions,
)
from leo_studio.analysis.functions.orders import columns_of
from leo_studio.analysis.functions.sentences import summary
from leo_studio.analysis.runs.naming import learner_name
from leo_studio.report.contents import ReportOptions
from leo_studio.report.functions import figures
from leo_studio.report.functions.contents import FunctionContents, ShownTask
from leo_studio.report.reproducing import Preset, look_at_functions_commands
from leo_studio.report.views import CommonView, Drawer, common_parts, status_notice


@dataclass(frozen=True, slots=True)
class TaskCard:
    """One task: what is known of it, and its figure."""

    order: str  # such as "Most ambiguous"
    rank: int
    number: int
    facts: tuple[tuple[str, str], ...]  # of the columns of the table of tasks
    sentence: str
    drawings: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class KeptRow:
    """An evaluation in a line of a table."""

    evaluation: RegressionEvaluation
    cells: tuple[str, ...]  # see `short_cells`
    is_kept: bool


@dataclass(frozen=True, slots=True)
class FunctionView(CommonView):
    """All that the template shows of one run of regression."""

    template: ClassVar[str] = "function_run.html"
    contents: FunctionContents
    notices: tuple[str, ...]
    rows: tuple[ScoreRow, ...]
    is_of_one: bool  # function of a task, so that weights of samples make no difference
    has_limit: bool  # scores of the best possible prediction are known
    reliability: tuple[Markup, ...]
    kept: tuple[KeptRow, ...]
    tasks: tuple[TaskCard, ...]
    commands: tuple[tuple[str, str], ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """The result in a line; see `short_cells`."""
        return short_cells(self.contents.result)


def function_view(
    key: str,
    contents: FunctionContents,
    preset: Preset | None,
    options: ReportOptions,
    draw: Drawer,
) -> FunctionView:
    """Return what the page shows of a run, with its figures drawn."""
    result = contents.result
    new = () if contents.is_kept else (result,)
    looked = contents.shown[0].seen.number if contents.shown else 0
    return FunctionView(
        **common_parts(key, contents, preset, draw),
        contents=contents,
        notices=tuple(_notices(contents)),
        rows=tuple(score_rows(result)),
        is_of_one=is_of_one_function(result),
        has_limit=has_limit(result),
        reliability=draw(figures.evaluation(result)),
        kept=tuple(
            KeptRow(each, short_cells(each), is_kept)
            for some, is_kept in ((new, False), (contents.kept, True))
            for each in some
        ),
        tasks=tuple(_card(contents, each, draw) for each in contents.shown),
        commands=tuple(look_at_functions_commands(contents, result.scores.tasks, looked or 0)),
    )


def _notices(contents: FunctionContents) -> Iterator[str]:
    if remark := split_remark_on_functions(contents.split):
        yield remark
    if contents.split == "train":
        yield "Tasks of split train are of the kind that it was trained on: this is no test."
    yield from status_notice(contents)


def _card(contents: FunctionContents, shown: ShownTask, draw: Drawer) -> TaskCard:
    learner = learner_name(contents.run.experiment)
    seen, table = shown.seen, contents.table
    return TaskCard(
        order=shown.order.title,
        rank=shown.rank,
        number=int(table.numbers[shown.row]),
        facts=tuple(
            (column.title, column.text(float(column.values(table)[shown.row])))
            for column in columns_of(table, learner)[1:]
        ),
        sentence=summary(seen, seen.steps, learner),
        drawings=draw(figures.task(seen, learner)),
    )

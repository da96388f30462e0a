"""The report's figures of regression: reliability, and single tasks."""

from engine.evaluation.regression.record import RegressionEvaluation
from engine.inspection.function_records import FunctionRecord
from leo_studio.analysis.evaluation.function_scores import is_of_one_function
from leo_studio.analysis.functions.exported import function_plot
from leo_studio.analysis.functions.sentences import summary
from leo_studio.figures.plots import reliability
from leo_studio.report.figures import Picture

_WIDTH, _HEIGHT = 6.0, 2.7  # inches; beside the plot stands its legend


def evaluation(result: RegressionEvaluation) -> list[Picture]:
    """Picture how often targets are below what was predicted."""
    scores = result.scores
    plain = None if is_of_one_function(result) else result.plain.shares_below
    worst = max(zip(scores.levels, scores.shares_below, strict=True), key=_distance)
    return [
        Picture(
            reliability(scores.levels, scores.shares_below, plain),
            "Share of targets below the predicted quantile of each level, which is the level "
            f"itself if predictions are calibrated; farthest from it is {worst[0]:.0%}, with "
            f"{worst[1]:.1%} of the targets below.",
        )
    ]


def task(seen: FunctionRecord, learner: str) -> list[Picture]:
    """Picture what a run makes of the points of a task, after all inner steps."""
    return [
        Picture(
            function_plot(seen, seen.steps, learner),
            f"Functions made of {len(seen.support_x)} points of task {seen.number}: "
            f"{summary(seen, seen.steps, learner)}.",
            width=_WIDTH,
            height=_HEIGHT,
        )
    ]


def _distance(pair: tuple[float, float]) -> float:
    return abs(pair[0] - pair[1])

"""The record of an evaluation on regression tasks, as a run keeps it; no torch."""

import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from engine.evaluation.kept_models import KeptModels, kept_models, read_kept_model
from engine.evaluation.record import OF_REGRESSION

SCHEMA = 1
_REMEDY = "evaluate again"  # what a person does about a file that is no whole evaluation


def _none_if_not_finite(half_width: float | None) -> float | None:
    """Return an interval's half width; None for what older files called not a number."""
    return half_width if half_width is not None and math.isfinite(half_width) else None


HalfWidth = Annotated[float | None, AfterValidator(_none_if_not_finite)]
"""Half the width of a confidence interval; None where there is none."""


class RegressionScores(BaseModel):
    """Scores over many tasks; 1 is the best possible for each ratio, that of the limit itself.

    Attributes
    ----------
    tasks
        How many tasks they are over.
    risk_ratio
        Expected squared error of the predicted mean over that of the limit. It is computed from
        the distance to the limit's mean: the rest of the error is the same for everyone, luck.
    trimmed_risk_ratio
        The same without the hundredth of the tasks of which least can be known, which otherwise
        make most of it.
    ratio_of_medians
        The same of medians over tasks, in the place of means.
    log_likelihood
        Mean log density of a noisy target, in nats.
    log_likelihood_ci95
        Half the width of its 95 % interval over tasks; None for a single task.
    limit_log_likelihood
        The limit's: no learner has more, but for luck.
    coverage_50, coverage_90
        Share of targets inside the central intervals that should hold 50 and 90 % of them.
    levels
        Of the reliability curve, 0.05 to 0.95, (19,).
    shares_below
        Share of targets below the predicted quantile of each level, (19,); the level if calibrated.
    mean_squared_error
        Of the predicted mean, to the function without noise.
    ambiguous_tasks
        How many tasks leave open which family it is: the limit gives each at least 20 %. Counted
        where the prior has two families, of lines and of sines of one frequency.
    both_families
        Share of these whose samples have at least 5 % of their weight in each family; None where
        there are none.
    """

    # A model that went astray predicts what is no number, and its evaluation says so.
    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    tasks: int
    risk_ratio: float
    trimmed_risk_ratio: float
    ratio_of_medians: float
    log_likelihood: float
    log_likelihood_ci95: HalfWidth
    limit_log_likelihood: float
    coverage_50: float
    coverage_90: float
    levels: tuple[float, ...]
    shares_below: tuple[float, ...]
    mean_squared_error: float
    ambiguous_tasks: int
    both_families: float | None


class PerTask(BaseModel):
    """Scores of the single tasks of an evaluation, of which paired differences are made, (B,) each.

    Attributes
    ----------
    limit
        Name of the limit's file in a library, which says which tasks they are: evaluations that
        share it are on the same ones (see `engine.tasks.regression.limit_name`).
    limit_risks
        The limit's expected squared error, to the function without noise.
    distances
        Mean squared distance of the predicted mean to the limit's mean; with the limit's risk it is
        the expected squared error of the prediction.
    log_likelihoods
        Mean log density of a noisy target, in nats.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    limit: str
    limit_risks: tuple[float, ...]
    distances: tuple[float, ...]
    log_likelihoods: tuple[float, ...]

    @model_validator(mode="after")
    def _is_of_one_length(self) -> Self:
        if not len(self.limit_risks) == len(self.distances) == len(self.log_likelihoods):
            raise ValueError("other numbers of tasks")
        return self


class MeasuredScores(BaseModel):
    """Scores over tasks of measured functions, in their own unit; nobody knows a limit of these.

    Attributes
    ----------
    tasks, functions
        How many tasks they are over, and how many functions these are of.
    log_likelihood
        Mean log density of a target, in nats; it depends on the unit of the targets.
    log_likelihood_ci95
        Half the width of its 95 % interval over functions; None for a single one.
    coverage_50, coverage_90, levels, shares_below
        See `RegressionScores`.
    mean_squared_error, median_squared_error
        Of the predicted mean, to what was measured: the mean over tasks, and their median.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    tasks: int
    functions: int
    log_likelihood: float
    log_likelihood_ci95: HalfWidth
    coverage_50: float
    coverage_90: float
    levels: tuple[float, ...]
    shares_below: tuple[float, ...]
    mean_squared_error: float
    median_squared_error: float


class RegressionEvaluation(BaseModel):
    """How the weights of a run did on the tasks 0, 1, ... of a split, and the limit where known.

    Attributes
    ----------
    split
        The split's name; the tasks of another split are others.
    scores
        Of the sampled functions, each weighted by how well it fits the given points.
    plain
        Of the same functions, each as likely as any other.
    run, checkpoint_step
        The run's folder and the step of the weights.
    per_task
        What `scores` are means of; None in files of versions that did not keep it.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, ser_json_inf_nan="constants")

    schema_version: int = Field(SCHEMA, alias="schema")
    kind: Literal["regression"] = "regression"
    split: str
    scores: RegressionScores | MeasuredScores
    plain: RegressionScores | MeasuredScores
    run: str
    checkpoint_step: int
    per_task: PerTask | None = None

    @model_validator(mode="after")
    def _keeps_all_tasks(self) -> Self:
        if self.per_task is not None and len(self.per_task.distances) != self.scores.tasks:
            raise ValueError("other numbers of tasks")
        return self

    def summary(self) -> dict[str, Any]:
        """Return plain containers for JSON without single tasks."""
        return self.model_dump(mode="json", by_alias=True, exclude={"per_task"})

    @property
    def file_name(self) -> str:
        """What its file is called in the run's folder."""
        tasks = self.scores.tasks
        return f"{OF_REGRESSION}{self.split}-step-{self.checkpoint_step:09d}-{tasks}.json"

    def to_json(self) -> str:
        """Return the text of its file."""
        left_out = {"per_task"} if self.per_task is None else set()
        return self.model_dump_json(indent=1, by_alias=True, exclude=left_out) + "\n"


def kept_regression_evaluations(run_folder: Path) -> KeptModels[RegressionEvaluation]:
    """Read the evaluations on regression tasks that a run keeps, by the names of their files."""
    return kept_models(run_folder, OF_REGRESSION, RegressionEvaluation, SCHEMA, _REMEDY)


def read_regression_evaluation(path: Path) -> RegressionEvaluation:
    """Read an evaluation that is kept; raises `BadInput` for a file that is no whole one."""
    return read_kept_model(path, RegressionEvaluation, SCHEMA, _REMEDY)

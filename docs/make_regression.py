"""Draws the pictures of docs/regression.md from a trained run.

    python docs/make_regression.py RUN [RUN ...]

Of the first run: three ambiguous tasks, with functions sampled by LEO and by the Bayes-optimal
limit. Of all runs: how far they are from the limit after 0 to 12 inner steps, on test tasks that
are none of those that an evaluation of 2,000 or 4,000 uses.
"""

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from engine.config import regression
from engine.evaluation.regression.evaluator import QUERIES, predicted_functions
from engine.evaluation.regression.scoring import summary
from engine.io.generators import finished
from engine.learners.layout import named_weights
from engine.learners.registry import learner_of
from engine.learners.sampled_functions import FunctionSupport, SampledFunctions
from engine.runs.run import Run
from engine.tasks.regression import (
    FunctionTasks,
    Prior,
    limit_functions,
    limit_of,
    prior_of,
    sample_functions,
)

IMAGES = Path(__file__).parent / "images"
_FIRST_TASK = 100_000
_TASKS = 500
_STEPS = tuple(range(13))
_SHOWN, _CURVES = 3, 40
_CPU = torch.device("cpu")
_COLORS = {"sine": "#0072b2", "line": "#d55e00"}


@dataclass(frozen=True)
class Loaded:
    """A run, its weights and its tasks."""

    run: Run
    weights: object
    prior: Prior
    tasks: FunctionTasks

    @classmethod
    def of(cls, folder: Path) -> "Loaded":
        """Load a run's own checkpoint, and sample the tasks."""
        run = Run(folder)
        learner = learner_of(run.experiment, 1, _CPU)
        tensors = run.checkpoint().weights()
        weights = named_weights(learner.weights_type, tensors, _CPU)
        task = regression(run.experiment)
        prior, numbers = prior_of(task), torch.arange(_FIRST_TASK, _FIRST_TASK + _TASKS)
        tasks = sample_functions(prior, 0, "test", numbers, task.k_shot, QUERIES, query_grid=True)
        return cls(run, weights, prior, tasks)

    def adapted(self, support: FunctionSupport, steps: int | None = None) -> SampledFunctions:
        """Adapt with so many inner steps; by default as evaluations do."""
        experiment = self.run.experiment
        if steps is not None:
            experiment = experiment.with_settings({"learner.evaluation_steps": steps})
        functions: SampledFunctions = learner_of(experiment, 1, _CPU).adapt(self.weights, support)
        return functions


def draw_ambiguous_tasks(loaded: Loaded, path: Path) -> None:
    """Draw the tasks whose points say least about the family."""
    prior, tasks = loaded.prior, loaded.tasks
    limit = finished(limit_of(prior, tasks))
    chosen = np.argsort(np.abs(limit.family_probability[:, 0] - 0.5))[:_SHOWN]
    some = FunctionTasks(*(each[torch.from_numpy(chosen.copy())] for each in tasks))
    support = FunctionSupport(some.support_x, some.support_y)
    with torch.no_grad():
        functions = loaded.adapted(support)
        weights = functions.log_likelihood(support, prior.noise).softmax(1)
        values = functions.values(some.query_x)
    best = limit_functions(prior, some, _CURVES)
    figure = Figure(figsize=(9, 5), layout="constrained")
    panels = figure.subplots(2, _SHOWN, sharex=True, sharey=True)
    generator = torch.Generator().manual_seed(0)
    for place in range(_SHOWN):
        picks = torch.multinomial(weights[place], _CURVES, replacement=True, generator=generator)
        probability = limit.family_probability[chosen[place], 0]
        _draw_task(panels[0, place], some, place, values[place][picks].numpy())
        _draw_task(panels[1, place], some, place, best[place].numpy())
        panels[0, place].set_title(f"sine with probability {probability:.2f}")
    panels[0, 0].set_ylabel("LEO")
    panels[1, 0].set_ylabel("Bayes-optimal")
    _save(figure, path)


def _draw_task(axes: Axes, tasks: FunctionTasks, place: int, curves: NDArray[np.float32]) -> None:
    x = tasks.query_x[place].numpy()
    lines = np.stack([x, np.ones_like(x)], 1)
    waves = np.stack([np.sin(x), np.cos(x)], 1)
    for curve in curves:
        misfits = {
            name: np.square(basis @ np.linalg.lstsq(basis, curve)[0] - curve).sum()
            for name, basis in (("sine", waves), ("line", lines))
        }
        family = min(misfits, key=lambda name: misfits[name])
        axes.plot(x, curve, color=_COLORS[family], alpha=0.25, linewidth=1)
    axes.plot(x, tasks.query_clean[place], color="black", linestyle="--", linewidth=1)
    axes.plot(tasks.support_x[place], tasks.support_y[place], "o", color="black", markersize=5)


def draw_inner_steps(every: list[Loaded], path: Path) -> None:
    """Draw the risk and its median beside the limit's over the inner steps."""
    limit = finished(limit_of(every[0].prior, every[0].tasks))
    figure = Figure(figsize=(8, 3.5), layout="constrained")
    mean, median = figure.subplots(1, 2, sharey=True)
    for loaded in every:
        scores = []
        for steps in _STEPS:
            adapt = partial(loaded.adapted, steps=steps)
            found = finished(predicted_functions(adapt, loaded.tasks, loaded.prior, _CPU))
            scores.append(summary(found.weighted, loaded.tasks, limit))
            print(f"{loaded.run.name}: {steps} steps, risk ratio {scores[-1].risk_ratio:.3f}")
        label = loaded.run.experiment.name
        mean.plot(_STEPS, [each.risk_ratio for each in scores], "o-", markersize=3, label=label)
        median.plot(_STEPS, [each.ratio_of_medians for each in scores], "o-", markersize=3)
    for axes, title in ((mean, "risk ratio"), (median, "ratio of medians")):
        axes.set_title(title)
        axes.set_xlabel("inner steps at evaluation")
        axes.set_yscale("log")
        axes.axhline(1, color="black", linewidth=0.8, linestyle=":")
    mean.legend()
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    print(f"drew {path.name}")


def main() -> None:
    """Draw both pictures of the runs that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    loaded = [Loaded.of(path) for path in parser.parse_args().runs]
    draw_ambiguous_tasks(loaded[0], IMAGES / "regression_tasks.png")
    draw_inner_steps(loaded, IMAGES / "regression_steps.png")


if __name__ == "__main__":
    main()

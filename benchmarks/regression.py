"""Time of an outer step of LEO for regression, and of its evaluation.

    python benchmarks/regression.py

Steps with the inner loop unrolled by hand and by autograd; functions sampled for so many tasks at
a time. On one thread, CPU time: what others do on the machine counts less than on a wall clock,
though a busy neighbour on the same core still slows both. What is compared takes turns.
"""

import os
import statistics
import time

import torch

from benchmarks.synthetic import preset
from engine.config import Experiment, regression
from engine.devices.selection import keep_freed_memory
from engine.evaluation.regression.evaluator import Adapt, function_adapter, tasks_of
from engine.learners.leo_regression import model, unrolled
from engine.learners.leo_regression.learner import LeoRegressionLearner
from engine.learners.sampled_functions import FunctionSupport
from engine.tasks.regression import FunctionTasks, source_of
from engine.training.outer_step import OuterStep

TOGETHER = (32, 8, 4, 2)
"""How many tasks are evaluated at a time."""
TASKS, TURNS = 32, 4
WAYS = {"plain": model.adapted_plainly, "unrolled": unrolled.adapted_functions}
STEPS, WARM_UP = 100, 5


def main() -> None:
    torch.set_num_threads(1)
    keep_freed_memory()
    experiment = preset("sine-line-5shot")
    time_steps(experiment)
    time_evaluation(experiment)
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def time_steps(experiment: Experiment) -> None:
    """Print the time of a step in the first and in the last phase, by both ways."""
    last = round(0.9 * experiment.schedule.steps)
    for name, first in (("first phase", 100), ("last phase", last)):
        steps = {way: OuterStep([experiment], None) for way in WAYS}
        taken: dict[str, list[float]] = {way: [] for way in WAYS}
        for place in range(first, first + WARM_UP + STEPS):
            for way, adaptation in WAYS.items():
                learner = steps[way].learner
                assert isinstance(learner, LeoRegressionLearner)
                learner.inner_loop = adaptation
                start = time.process_time()
                steps[way](range(place, place + 1))
                taken[way].append(1000 * (time.process_time() - start))
        plain, ours = (statistics.median(taken[way][WARM_UP:]) for way in WAYS)
        least_plain, least_ours = (min(taken[way][WARM_UP:]) for way in WAYS)
        print(
            f"{name}: {plain:.2f} ms a step plain, {ours:.2f} ms unrolled, {plain / ours:.2f} x "
            f"as fast; at best {least_plain:.2f} and {least_ours:.2f} ms, "
            f"{least_plain / least_ours:.2f} x"
        )


def time_evaluation(experiment: Experiment) -> None:
    """Print the time that a task's sampled functions take, for so many tasks at a time."""
    weights = OuterStep([experiment], None).members[0]
    adapt = function_adapter(experiment, weights, torch.device("cpu"))
    task = regression(experiment)
    tasks = tasks_of(source_of(task, None), task.k_shot, "val", range(TASKS))
    taken: dict[int, list[float]] = {together: [] for together in TOGETHER}
    for _ in range(TURNS):
        for together in TOGETHER:
            begin = time.process_time()
            sample_functions(adapt, tasks, together)
            taken[together].append(1000 * (time.process_time() - begin) / TASKS)
    first = statistics.median(taken[TOGETHER[0]])
    for together in TOGETHER:
        found = statistics.median(taken[together])
        print(
            f"evaluation, {together} tasks at a time: {found:.1f} ms a task, "
            f"{first / found:.2f} x as fast as {TOGETHER[0]}"
        )


@torch.no_grad()
def sample_functions(adapt: Adapt, tasks: FunctionTasks, together: int) -> None:
    """Sample functions of tasks and evaluate them at the queries, some tasks at a time."""
    for first in range(0, TASKS, together):
        some = slice(first, first + together)
        support = FunctionSupport(tasks.support_x[some], tasks.support_y[some])
        adapt(support).values(tasks.query_x[some])


if __name__ == "__main__":
    main()

"""Time of an outer step of LEO for regression, its inner loop unrolled by hand and by autograd.

    python benchmarks/regression.py

On one thread, CPU time: what others do on the machine counts less than on a wall clock, though a
busy neighbour on the same core still slows both. The two ways take turns, step by step.
"""

import os
import statistics
import time

import torch

from benchmarks.synthetic import preset
from engine.devices.selection import keep_freed_memory
from engine.learners.leo_regression import model, unrolled
from engine.learners.leo_regression.learner import LeoRegressionLearner
from engine.training.outer_step import OuterStep

WAYS = {"plain": model.adapted_plainly, "unrolled": unrolled.adapted_functions}
STEPS, WARM_UP = 100, 5


def main() -> None:
    torch.set_num_threads(1)
    keep_freed_memory()
    experiment = preset("sine-line-5shot")
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
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()

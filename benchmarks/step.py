# ruff: noqa: B023 -- what is measured is called before the loop goes on
"""Time of one outer step, against its floor and against a plain PyTorch LEO.

    python benchmarks/step.py

The floor is the FLOPs of the step's forward and backward pass, counted by torch, over the rate of
a large matrix product in the same process with the same one thread. The plain LEO loops over tasks
and differentiates its inner loop (`loop_leo.py`; `tests/engine/test_golden.py` checks it).
"""

import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.loop_leo import loop_objective
from benchmarks.synthetic import milliseconds, preset, synthetic_split
from engine.config import leo_settings
from engine.devices.selection import keep_freed_memory
from engine.learners.leo.draws import draw
from engine.learners.leo.model import Parameters
from engine.learners.leo.variants import algorithm_of, draw_shapes_of
from engine.tasks.classification import Tasks
from engine.training.outer_step import OuterStep

PRODUCT = 2048


def main() -> None:
    torch.set_num_threads(1)
    keep_freed_memory()
    split = synthetic_split("train", 64, 600)
    for name in ("mini-1shot", "mini-5shot"):
        experiment = preset(name)
        step = OuterStep([experiment], split)
        shapes = draw_shapes_of(experiment, 640)
        algorithm = algorithm_of(leo_settings(experiment))
        generator = torch.Generator()

        def sample() -> Tasks:
            return Tasks(*(of_steps[0] for of_steps in step.tasks.sample(range(1))))

        tasks, draws = sample(), draw(shapes, 0, 0, generator)

        def differentiate() -> None:
            inputs = step.learner.prepared(tasks, draws)
            step._meta_gradient(step._adam.parameters, step._adam.rows, inputs)

        def differentiate_plainly() -> None:
            parameters = step._adam.parameters
            assert isinstance(parameters, Parameters)
            loss = loop_objective(parameters, tasks, draws, algorithm)
            torch.autograd.grad(loss, parameters)

        counter = FlopCounterMode(display=False)
        with counter:
            differentiate()
        flops = counter.get_total_flops()
        square = torch.randn(PRODUCT, PRODUCT)
        counted = iter(range(10**9))
        whole, product, sampling, drawing, gradient = milliseconds(
            lambda: step(range(place := next(counted), place + 1)),
            lambda: square @ square,
            sample,
            lambda: draw(shapes, 0, 1, generator),
            differentiate,
        )
        started = time.perf_counter()
        for _ in range(3):
            differentiate_plainly()
        loop = 1000 * (time.perf_counter() - started) / 3
        rate = 2 * PRODUCT**3 / product / 1e6
        floor = flops / rate / 1e6
        rest = whole - gradient - drawing - sampling
        print(
            f"{name}: {whole:.2f} ms a step = {whole / floor:.2f} x the floor of {floor:.2f} ms "
            f"({flops / 1e6:.0f} MFLOP at {rate:.0f} GFLOP/s)\n"
            f"  forward and backward {gradient / floor:.2f}, draws {drawing / floor:.2f}, "
            f"episodes {sampling / floor:.2f}, clipping and Adam {rest / floor:.2f} x the floor\n"
            f"  plain LEO that loops over tasks: {loop / gradient:.1f} x our forward and backward"
        )


if __name__ == "__main__":
    main()

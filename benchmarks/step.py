# ruff: noqa: B023 -- what is measured is called before the loop goes on
"""Time of one outer step, against its floor and against a plain PyTorch LEO.

    python benchmarks/step.py

The floor is the FLOPs of the step's forward and backward pass, counted by torch, over the rate of
a large matrix product in the same process with the same one thread. A step is taken by one thread
alone, and as training takes it where the process has a second core: another thread then makes the
next step's tasks and draws. The plain LEO loops over tasks and differentiates its inner loop
(`loop_leo.py`; `tests/engine/test_golden.py` checks it).
"""

import itertools
import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.loop_leo import loop_objective
from benchmarks.synthetic import IN_PLACE, milliseconds, preset, synthetic_split
from engine.config import leo_settings
from engine.devices.selection import keep_freed_memory
from engine.learners.leo.draws import draw
from engine.learners.leo.model import Parameters
from engine.learners.leo.variants import algorithm_of, draw_shapes_of
from engine.tasks.classification import Tasks
from engine.training.outer_step import OuterStep

PRODUCT = 2048
STEPS = 10


def main() -> None:
    torch.set_num_threads(1)
    keep_freed_memory()
    split = synthetic_split("train", 64, 600)
    for name in ("mini-1shot", "mini-5shot"):
        experiment = preset(name)
        step, ahead = OuterStep([experiment], split), OuterStep([experiment], split)
        ahead.prepare_ahead()
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

        counter = FlopCounterMode(display=False, custom_mapping=IN_PLACE)
        with counter:
            differentiate()
        flops = counter.get_total_flops()
        square = torch.randn(PRODUCT, PRODUCT)
        turn, turn_ahead = itertools.count(), itertools.count()
        some, some_ahead, product, sampling, drawing, gradient = milliseconds(
            lambda: [step(range(n, n + 1)) for n in steps_of(next(turn))],
            lambda: [ahead(range(n, n + 1)) for n in steps_of(next(turn_ahead))],
            lambda: square @ square,
            sample,
            lambda: draw(shapes, 0, 1, generator),
            differentiate,
            rounds=6,
        )
        ahead.prepare_in_turn()
        whole, helped = some / STEPS, some_ahead / STEPS
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
            f"  {helped:.2f} ms = {helped / floor:.2f} x with a second core that prepares the "
            f"next one\n"
            f"  forward and backward {gradient / floor:.2f}, draws {drawing / floor:.2f}, "
            f"episodes {sampling / floor:.2f}, clipping and Adam {rest / floor:.2f} x the floor\n"
            f"  plain LEO that loops over tasks: {loop / gradient:.1f} x our forward and backward"
        )


def steps_of(turn: int) -> range:
    """Return the steps of a turn: one after the other, as in training."""
    return range(turn * STEPS, (turn + 1) * STEPS)


if __name__ == "__main__":
    main()

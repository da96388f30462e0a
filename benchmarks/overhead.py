# ruff: noqa: B023 -- what is measured is called before the loop goes on
"""Share of a training step that goes to sampling episodes and to logging.

python benchmarks/overhead.py
"""

import tempfile
from pathlib import Path

import numpy as np
import torch

from benchmarks.synthetic import milliseconds, preset, synthetic_split
from engine.config import classification
from engine.devices.selection import keep_freed_memory
from engine.learners.catalogue import learner_kind
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.tasks.episodes import numbers_from, sample_episodes
from engine.training.outer_step import OuterStep

STEPS_PER_EVENT = 10


def main() -> None:
    torch.set_num_threads(1)
    keep_freed_memory()
    for name, classes, examples in (
        ("mini-1shot", 64, 600),
        ("mini-5shot", 64, 600),
        ("tiered-1shot", 351, 1278),
    ):
        experiment = preset(name)
        # Sampling depends on the number of classes and examples, not on the embeddings' size; a
        # tiered-sized store of the full size would only take longer to make.
        split = synthetic_split("train", classes, examples, 640 if classes == 64 else 64)
        step = OuterStep([experiment], synthetic_split("train", 64, 600))
        task, batch = classification(experiment), experiment.optimizer.meta_batch
        shape = (STEPS_PER_EVENT, len(learner_kind(experiment).columns))
        rows = np.random.default_rng(0).normal(size=shape).astype(np.float32)
        counted = iter(range(10**9))
        with tempfile.TemporaryDirectory() as folder:
            run = Run.create(Path(folder), experiment, StoreRecord())
            whole, sampling, logging = milliseconds(
                lambda: step(range(place := next(counted), place + 1)),
                lambda: sample_episodes(
                    split,
                    0,
                    numbers_from(0, batch, torch.device("cpu")),
                    task.n_way,
                    task.k_shot,
                    task.queries,
                ),
                lambda: run.append_steps(STEPS_PER_EVENT, rows, 1.0, 1.0),
            )
        logging /= STEPS_PER_EVENT
        print(
            f"{name}: sampling {100 * sampling / whole:.1f} % and logging "
            f"{100 * logging / whole:.1f} % of a step of {whole:.2f} ms"
        )


if __name__ == "__main__":
    main()

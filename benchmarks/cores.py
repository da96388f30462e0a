"""Cores that each kind of work keeps busy: CPU seconds in a second of wall time.

    python benchmarks/cores.py

Each is set beside large matrix products on as many threads as there are cores, done right before
and right after it: on a machine that others use too, these get what can be had.
"""

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import torch

from benchmarks.images import ENCODER, draw
from benchmarks.inspection import loaded_checkpoint
from benchmarks.latents import made_latents
from benchmarks.synthetic import preset, synthetic_split
from engine.config import classification
from engine.data.class_splits import SplitChoice
from engine.devices.selection import usable_cores
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.images.encoders import open_encoder
from engine.images.extraction import extraction_in
from engine.images.sources import opened_pictures
from engine.inspection.uncertainty import measured_uncertainty
from engine.io.generators import finished
from engine.learners.registry import adapter_of
from engine.projection import embed
from engine.training.outer_step import OuterStep
from leo_studio.analysis.latents.projected import codes_to_embed
from leo_studio.services.picture_stores import make_picture_store

PRODUCT, PRODUCTS = 1024, 20


def main() -> None:
    torch.set_num_threads(1)
    print(f"{usable_cores()} cores")
    measure_episodes("mini-5shot")
    measure_pictures()
    codes = codes_to_embed(made_latents(100))
    measure(f"t-SNE of {len(codes):,} codes", lambda: embed(codes, "tsne"))


def measure_episodes(name: str) -> None:
    experiment, split = preset(name), synthetic_split("val", 20, 600)
    parameters = OuterStep([experiment], split).members[0]
    task, loaded = classification(experiment), loaded_checkpoint(experiment, split, parameters)
    adapt = adapter_of(experiment, parameters, split)
    protocol = Protocol(task.n_way, task.k_shot, task.examples_per_class, 2_000)
    measure("an evaluation of 2,000 episodes", lambda: evaluate(adapt, split, protocol))
    measure("a table of 1,000 episodes", lambda: list(loaded.tabulate(range(1_000))))
    measure("codes of 1,000 episodes", lambda: list(loaded.latents(range(1_000), 8)))
    measure(
        "uncertainty on 100 episodes",
        lambda: finished(measured_uncertainty(loaded, loaded, 100, 8)),
    )


def measure_pictures() -> None:
    device = torch.device("cpu")
    encoder = open_encoder(ENCODER, device)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large, small = (draw(folder / f"{side}.zip", side, 256) for side in (1024, 84))
        measure(
            "decoding 256 pictures of 1,024 pixels into a store",
            lambda: make_picture_store(large, _new(folder, ".h5"), 32, SplitChoice()),
        )
        with opened_pictures(small) as source:

            def extract() -> None:
                rows = range(len(source.pictures))
                with extraction_in(_new(folder), source, rows, encoder.record) as extraction:
                    extraction.run(encoder, device)

            measure("extraction from 256 pictures of 84 pixels", extract)


def measure(name: str, work: Callable[[], object]) -> None:
    """Print how many cores some work keeps busy, and how many can be had."""
    work()  # once, so that nothing is loaded or compiled while it is measured
    before = cores_of(multiply)
    own = cores_of(work)
    had = (before + cores_of(multiply)) / 2
    print(
        f"{name}: {own:.2f} cores, {own / had:.0%} of the {had:.2f} that products get", flush=True
    )


def cores_of(work: Callable[[], object]) -> float:
    """Return the CPU time of some work, its processes included, over its wall time."""
    cpu, wall = _cpu_seconds(), time.perf_counter()
    work()
    return (_cpu_seconds() - cpu) / (time.perf_counter() - wall)


def multiply() -> None:
    """Multiply matrices on every core, each by itself."""
    square = torch.randn(PRODUCT, PRODUCT)
    alone = partial(torch.set_num_threads, 1)
    with ThreadPoolExecutor(usable_cores(), initializer=alone) as pool:
        list(pool.map(lambda _: square @ square, range(PRODUCTS * usable_cores())))


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _new(folder: Path, ending: str = "") -> Path:
    return folder / f"made-{time.perf_counter_ns()}{ending}"


if __name__ == "__main__":
    main()

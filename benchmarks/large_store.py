"""Stores larger than memory: resident memory of all that is done with one, its speed, its growth.

Makes an archive of random numbers, imports it as a store of so many gigabytes, and looks at the
memory of each kind of work in a process of its own: all of it (VmHWM), and the largest part of it
that is no file's, which the system cannot drop. Then it extracts as many gigabytes of embeddings
from pictures. A store that fits is trained on and evaluated loaded and mapped, in turns; and a step
is timed on more and more classes and rows. Needs Linux, and twice the gigabytes of disk; what it
makes is removed.

    python -m benchmarks.large_store [--gigabytes 20] [--folder /tmp] [--only memory,speed,growth]
"""

import argparse
import itertools
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure

from benchmarks.noise import SIDE, Pictures, WideEncoder, write_archive, write_store
from benchmarks.synthetic import held_memory, memory_of, milliseconds, peak_memory, preset
from engine.config import Experiment, classification
from engine.data.fingerprint import fingerprint
from engine.data.importers.arrays import import_arrays
from engine.data.integrity import inspect_store
from engine.data.mapping import Embeddings
from engine.data.splits import SplitSummary
from engine.data.store import EmbeddingStore, Split
from engine.data.store_writing import create_store
from engine.devices.selection import keep_freed_memory
from engine.evaluation.checkpoints import evaluate_checkpoint
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.images.extraction import extraction_in, remove_extraction
from engine.images.sources.source import Picture
from engine.io import memory
from engine.io.files import size_text
from engine.io.generators import finished
from engine.learners.registry import adapter_of
from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.runs.run import Run
from engine.tasks.episodes import numbers_from, sample_episodes
from engine.training import train
from engine.training.outer_step import OuterStep

DIM = 640
CLASSES = 1000
STEPS, EPISODES = 300, 500
STEPS_TOGETHER = 10
# As many as an evaluation works on together: it reads each class once for them.
EPISODES_TOGETHER = 2000
# Of a picture, so that few pictures make many gigabytes; nothing depends on it but their number.
WIDE = 65_536
# Classes and rows of the stores whose steps are timed, 64 numbers a row.
GROWTH = (
    (100, 10**5),
    (1000, 10**5),
    (100, 10**6),
    (1000, 10**6),
    (100_000, 10**6),
    (100, 10**7),
    (1000, 10**7),
    (100_000, 10**7),
)
NARROW, QUERIES = 64, 9
CPU = torch.device("cpu")
# Seconds of a core, for this process and in the system for it, so that others disturb less.
CLOCK = time.process_time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gigabytes", type=float, default=20)
    parser.add_argument("--fitting", type=float, default=2, help="gigabytes of the one that fits")
    parser.add_argument(
        "--rows", type=int, default=10**7, help="of the largest whose step is timed"
    )
    parser.add_argument("--folder", type=Path, default=None, help="where there is space")
    parser.add_argument("--only", default="memory,speed,growth")
    parser.add_argument("--plot", type=Path, default=None, help="a figure of the growth to be")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        if "memory" in wanted:
            print_memory(Path(name), int(arguments.gigabytes * 1e9))
        if "speed" in wanted:
            print_speed(Path(name), int(arguments.fitting * 1e9))
        if "growth" in wanted:
            print_growth(Path(name), arguments.rows, arguments.plot)


# Memory


def print_memory(folder: Path, size: int) -> None:
    """Print the resident memory of each kind of work with a store of so many bytes."""
    source, path = folder / "large.npz", folder / "large.h5"
    free = size // 10  # so that nothing is loaded, whatever machine this is
    alone(write_archive, source, size // (4 * DIM), CLASSES, DIM)
    print(f"a store of {size_text(size)}: resident memory at most, and what of it is no file's")
    told("import", free, import_archive, source, path)
    source.unlink()
    for name, work in (
        ("opening", EmbeddingStore),
        ("fingerprint", take_fingerprint),
        ("integrity", inspect),
        (f"training, {STEPS} steps and a validation", train_on),
        (f"evaluation, {EPISODES} episodes", evaluate_on),
    ):
        told(name, free, work, path)
    path.unlink()
    told("extraction", free, extract, folder, size)


def told(name: str, free: int, work: Callable[..., object], *given: object) -> None:
    """Do work in a process of its own, and print what it took."""
    taken = alone(measured, free, work, *given)
    print(
        f"  {name}: {size_text(taken.peak)}, {size_text(taken.own)} ({size_text(taken.before)} of "
        f"it Python and torch), {taken.seconds:.0f} s",
        flush=True,
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """What a piece of work took: bytes before it, at most, and at most of no file; its time."""

    before: int
    peak: int
    own: int
    seconds: float


def alone(work: Callable[..., Any], *given: object) -> Any:
    """Do work in a process of its own, whose memory does not count."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


def measured(free: int, work: Callable[..., object], *given: object) -> Taken:
    """Do work as on a machine with so much free memory, and return what it took."""
    memory.available_memory = lambda root=None: free
    before, start = held_memory(), time.perf_counter()
    with Watched() as watched:
        work(*given)
    return Taken(before, peak_memory(), watched.most, time.perf_counter() - start)


class Watched:
    """Watches what of this process's memory is no file's, fifty times a second."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Watched":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.most = max(self.most, memory_of("RssAnon"))
            if self._ended.wait(0.02):
                return


def import_archive(source: Path, path: Path) -> None:
    import_arrays(source, path)


def take_fingerprint(path: Path) -> None:
    fingerprint(EmbeddingStore(path))


def inspect(path: Path) -> None:
    inspect_store(EmbeddingStore(path))


def experiment_on(path: Path, **settings: object) -> Experiment:
    return preset("mini-1shot").with_settings(
        {
            "data.store": str(path),
            "schedule.steps": STEPS,
            "schedule.validate_every": STEPS,
            "schedule.validation_episodes": EPISODES,
            **settings,
        }
    )


def train_on(path: Path) -> None:
    run, store = new_run(Library(path.parent / "library"), experiment_on(path))
    for _ in train(run.experiment, store, run):
        pass
    lines = (run.path / "log.txt").read_text(encoding="utf-8").splitlines()
    assert any("mapped, not loaded" in line for line in lines), lines


def evaluate_on(path: Path) -> None:
    (folder,) = (path.parent / "library" / "runs").iterdir()
    run = Run(folder)
    finished(evaluate_checkpoint(run, STEPS, EmbeddingStore(path), "test", EPISODES))


def extract(folder: Path, size: int) -> None:
    """Extract embeddings of so many bytes, and write them into a store."""
    pictures = [Picture(f"{row}.png", f"class{row // 100}") for row in range(size // (4 * WIDE))]
    encoder, source, rows = WideEncoder(WIDE), Pictures(pictures), range(len(pictures))
    place = folder / "wide.h5.extracting"
    with extraction_in(place, source, rows, encoder.record, SIDE) as extraction:
        extraction.run(encoder, torch.device("cpu"))
        with create_store(folder / "wide.h5", "wide", "drawn", WIDE, encoder=encoder.record) as out:
            out.add_split(
                "train",
                extraction.embeddings,
                np.arange(len(rows)) // 100,
                [f"class{label}" for label in range(-(-len(rows) // 100))],
                [picture.name for picture in pictures],
                extraction.thumbnails,
            )
    remove_extraction(place)
    (folder / "wide.h5").unlink()


# Speed


def print_speed(folder: Path, size: int) -> None:
    """Print how fast a store that fits is trained on and evaluated, loaded and mapped in turns."""
    path = folder / "fitting.h5"
    alone(write_store, path, size // (4 * DIM), 100, DIM)
    torch.set_num_threads(1)
    keep_freed_memory()
    store = EmbeddingStore(path)
    warm(store)
    splits = {access: store.load(["train"], access=access) for access in ("load", "map")}
    print(f"a store of {size_text(size)}, loaded and mapped in turns, pages warm, CPU time")
    for name in ("mini-1shot", "mini-5shot"):
        steps = {key: OuterStep([preset(name)], split) for key, split in splits.items()}
        loaded, mapped = milliseconds(*map(one_by_one, steps.values()), rounds=24, clock=CLOCK)
        print(
            f"  {name}: a step takes {loaded:.2f} ms loaded and {mapped:.2f} ms mapped: "
            f"{100 * loaded / mapped:.0f} % of the speed",
            flush=True,
        )
        print_speed_ahead(list(steps.values()))
        evaluations = [evaluation_on(split, name, steps["load"]) for split in splits.values()]
        loaded, mapped = milliseconds(*evaluations, rounds=1, clock=CLOCK)
        print(
            f"  {name}: {EPISODES_TOGETHER} episodes take {loaded / 1000:.2f} s loaded and "
            f"{mapped / 1000:.2f} s mapped: {100 * loaded / mapped:.0f} % of the speed",
            flush=True,
        )
    path.unlink()


def print_speed_ahead(steps: Sequence[OuterStep]) -> None:
    """Print how fast steps are by the clock, as training takes them where there is a second core.

    Of a store that is loaded, and of one that is mapped.
    """
    for step in steps:
        step.prepare_ahead()
    together = [partial(taken_together, one_by_one(step)) for step in steps]
    loaded, mapped = (taken / STEPS_TOGETHER for taken in milliseconds(*together, rounds=6))
    for step in steps:
        step.prepare_in_turn()
    print(
        f"    prepared by a second core {loaded:.2f} ms loaded and {mapped:.2f} ms mapped by the "
        f"clock: {100 * loaded / mapped:.0f} % of the speed",
        flush=True,
    )


def taken_together(step: Callable[[], object]) -> None:
    """Take some steps, one after the other."""
    for _ in range(STEPS_TOGETHER):
        step()


def warm(store: EmbeddingStore) -> None:
    """Read a store once, so that the system has it in its page cache."""
    for _ in store.chunks("train"):
        pass


def one_by_one(step: OuterStep) -> Callable[[], object]:
    """Return what takes the next step."""
    numbers = itertools.count()
    return lambda: step(range(number := next(numbers), number + 1))


def evaluation_on(split: Split, name: str, step: OuterStep) -> Callable[[], object]:
    """Return an evaluation of weights that were trained a little."""
    experiment = preset(name)
    task = classification(experiment)
    protocol = Protocol(task.n_way, task.k_shot, task.examples_per_class, EPISODES_TOGETHER)
    adapt = adapter_of(experiment, step.members[0], split)
    return lambda: evaluate(adapt, split, protocol)


# Growth


def print_growth(folder: Path, most: int, plot: Path | None) -> None:
    """Print, and draw, what a step and its episodes cost on more and more classes and rows."""
    path = folder / "narrow.h5"
    alone(write_store, path, most, 100, NARROW)
    torch.set_num_threads(1)
    keep_freed_memory()
    store = EmbeddingStore(path)
    warm(store)
    rows = store.load(["train"], access="map").embeddings
    experiment = preset("mini-1shot").with_settings({"task.queries": QUERIES})
    task, batch = classification(experiment), experiment.optimizer.meta_batch
    sizes = [(classes, count) for classes, count in GROWTH if count <= most]
    splits = [narrow_split(rows, classes, count) for classes, count in sizes]
    steps = [one_by_one(OuterStep([experiment], split)) for split in splits]
    before = [replace(split, sampling=1) for split in splits]
    draws = [
        partial(sample_episodes, split, 0, numbers_from(0, batch, CPU), task.n_way, 1, QUERIES)
        for split in (*splits, *before)
    ]
    times = milliseconds(*steps, *draws, rounds=8, clock=CLOCK)
    print(
        f"a step of mini-1shot with {NARROW} numbers a row and {QUERIES} queries, mapped, CPU time"
    )
    each = [times[start :: len(sizes)] for start in range(len(sizes))]
    for (classes, count), (step, draw, earlier) in zip(sizes, each, strict=True):
        print(
            f"  {classes:>7,} classes, {count:>10,} rows: {step:6.2f} ms = {step / times[0]:.2f} x "
            f"the first, of it sampling {draw:5.2f} ms (as runs of earlier versions {earlier:6.2f})"
            f"  {'#' * round(20 * step / times[0])}",
            flush=True,
        )
    path.unlink()
    if plot is not None:
        draw_growth(plot, sizes, each)


def draw_growth(plot: Path, sizes: Sequence[tuple[int, int]], each: Sequence[list[float]]) -> None:
    """Draw a step's time against the rows, a curve for each number of classes."""
    figure = Figure(figsize=(6, 3.2), layout="constrained")
    axes = figure.subplots()
    for number, classes in enumerate(sorted({classes for classes, _ in sizes})):
        own = [(rows, times) for (c, rows), times in zip(sizes, each, strict=True) if c == classes]
        rows, now, before = zip(*[(r, s, s - d + e) for r, (s, d, e) in own], strict=True)
        axes.plot(rows, now, "o-", color=f"C{number}", label=f"{classes:,} classes")
        axes.plot(rows, before, "o:", color=f"C{number}", alpha=0.6)
    axes.set(xscale="log", xlabel="rows", ylabel="a step (ms)", ylim=(0, None))
    axes.legend(title="dotted: as runs of earlier versions")
    figure.savefig(plot, dpi=120)


def narrow_split(embeddings: Embeddings, classes: int, rows: int) -> Split:
    """Divide the first rows among so many classes, of which each has as many."""
    each = rows // classes
    offsets = torch.arange(classes + 1) * each
    split = Split.of("train", embeddings, offsets, [str(label) for label in range(classes)])
    summary = SplitSummary("train", classes, rows, each, each, has_images=False)
    return replace(split, sampling=summary.sampling)


if __name__ == "__main__":
    main()

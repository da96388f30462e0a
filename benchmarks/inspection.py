"""Time of inspections: one episode in full, ten thousand in a table, probes while training.

    python benchmarks/inspection.py

On synthetic embeddings of the true size (640 numbers, 20 classes of 600 for validation). A table is
set beside an evaluation of as many episodes in the same run; probes beside training without them.
"""

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.synthetic import milliseconds, preset, synthetic_split
from engine.config import Experiment, classification, leo_settings
from engine.data.store import EmbeddingStore, Split
from engine.data.store_writing import create_store
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.events import ProbesInspected, StepsTaken, TrainingEvent
from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.records import Provenance
from engine.learners.leo.model import Parameters
from engine.learners.leo.variants import model_of
from engine.learners.registry import adapter_of
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import Pace, train
from engine.training.outer_step import OuterStep

EPISODES, TABLE_TURNS = 2_000, 5
SAMPLES = 64
TURN_SECONDS = 6.0
TURNS = 8


def main() -> None:
    for name in ("mini-1shot", "mini-5shot"):
        look_at_episodes(name)
    probe()


def look_at_episodes(name: str) -> None:
    experiment, split = preset(name), synthetic_split("val", 20, 600)
    parameters = OuterStep([experiment], split).members[0]
    loaded = loaded_checkpoint(experiment, split, parameters)
    torch.set_num_threads(1)
    one, many = milliseconds(
        lambda: loaded.inspect([7], SAMPLES), lambda: list(loaded.latents(range(64), 8)), rounds=3
    )
    task = classification(experiment)
    protocol = Protocol(task.n_way, task.k_shot, task.examples_per_class, EPISODES)
    adapt = adapter_of(experiment, parameters, split)
    turns = [
        (
            seconds_of(lambda: evaluate(adapt, split, protocol)),
            seconds_of(lambda: list(loaded.tabulate(range(EPISODES)))),
        )
        for _ in range(TABLE_TURNS)
    ]
    ratios = sorted(table / evaluation for evaluation, table in turns)
    print(
        f"{name}: one episode in full with {SAMPLES} samples and all its queries {one:.0f} ms; "
        f"codes of 64 episodes with 8 samples {many:.0f} ms; a table of {EPISODES} episodes "
        f"{min(table for _, table in turns):.1f} s = {statistics.median(ratios):.1f} x their "
        f"evaluation ({ratios[0]:.1f} to {ratios[-1]:.1f}, in {TABLE_TURNS} turns; bar: 5)"
    )


def loaded_checkpoint(
    experiment: Experiment, split: Split, parameters: Parameters
) -> LoadedCheckpoint:
    """Return weights with the episodes of a split, as evaluations meet them."""
    task = classification(experiment)
    return LoadedCheckpoint(
        model_of(leo_settings(experiment), parameters),
        split,
        Provenance("val", 0),
        task.n_way,
        task.k_shot,
        task.examples_per_class - task.k_shot,
    )


def seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@dataclass
class Turn:
    """What a few seconds of training gave."""

    steps: int = 0
    seconds: float = 0.0
    probes: int = 0


def probe() -> None:
    """Train in turns, with and without probes, in one run of one process."""
    settings = {"schedule.steps": 10**8, "schedule.validate_every": 10**7}
    experiment = preset("mini-1shot").with_settings(settings)
    with tempfile.TemporaryDirectory() as folder:
        store = synthetic_store(Path(folder) / "store.h5")
        run = Run.create(Path(folder), experiment, store_record(store))
        turns = training_turns(experiment, store, run)
    for is_probed, turn in turns.items():
        rate = turn.steps / turn.seconds
        print(
            f"{'with' if is_probed else 'without'} probes: {rate:.1f} steps/s, "
            f"{turn.probes} looks in {turn.seconds:.0f} s"
        )
    shares = [turn.steps / turn.seconds for turn in (turns[True], turns[False])]
    print(f"probes cost {100 * (1 - shares[0] / shares[1]):.1f} % of training (bar: 3 %)")


def training_turns(experiment: Experiment, store: EmbeddingStore, run: Run) -> dict[bool, Turn]:
    pace, turns = Pace(), {False: Turn(), True: Turn()}
    events = train(experiment, store, run, pace)
    started, step = time.perf_counter(), 0
    kinds: Counter[type[TrainingEvent]] = Counter()
    for turn in range(-1, 2 * TURNS):  # the first one warms up
        pace.wants_probes = turn % 2 == 1
        while time.perf_counter() - started < TURN_SECONDS:
            event = next(events)
            kinds[type(event)] += 1
            if isinstance(event, StepsTaken):
                done = event.step
        now = time.perf_counter()
        if turn >= 0:
            told = turns[pace.wants_probes]
            told.steps += done - step
            told.seconds += now - started
            told.probes += kinds[ProbesInspected]
        started, step = now, done
        kinds.clear()
    events.close()
    return turns


def synthetic_store(path: Path) -> EmbeddingStore:
    with create_store(path, "synthetic", "drawn for a benchmark", 640) as writer:
        for name, classes in (("train", 64), ("val", 16)):
            split = synthetic_split(name, classes, 600)
            labels = torch.arange(classes).repeat_interleave(600).numpy()
            names = [f"{row}" for row in range(len(labels))]
            writer.add_split(name, split.in_memory.numpy(), labels, split.class_names, names)
    return EmbeddingStore(path)


if __name__ == "__main__":
    main()

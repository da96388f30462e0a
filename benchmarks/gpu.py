"""Speed and memory on a CUDA GPU: steps, populations, evaluation, and a whole run.

    python -m benchmarks.gpu [--only steps,population,...] [--minutes 10]

Prints tables in Markdown. Runs unattended with torch, numpy, h5py, pyyaml, pydantic, safetensors
and filelock (which torch needs itself) alone. All sections but `hosted` and `pretraining`, which
are newer, took less than eight minutes on an H200; after `--minutes` no further section begins, and
those left out are named.

All stores are synthetic, of the true sizes: 640 numbers, 64 classes of 600 (miniImageNet) and 351
of 1,278 (tieredImageNet) to train on. The *floor* is the larger of two times: that of the FLOPs of
forward and backward pass at the rate of a large float32 product, and that of an empty graph with as
many kernels, one after the other, as a replayed step has. *Plain LEO* loops over tasks and
differentiates its inner loop (`loop_leo.py`).
"""

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.loop_leo import loop_objective
from benchmarks.synthetic import IN_PLACE, preset, synthetic_split
from engine.config import Backbone, Experiment, classification
from engine.data.store import EmbeddingStore, Split
from engine.data.store_writing import create_store
from engine.devices.numerics import numerics
from engine.errors import BadInput
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.learners.leo.learner import LeoLearner
from engine.learners.leo.model import Parameters
from engine.learners.registry import adapter_of
from engine.pretraining import PretrainingStep
from engine.pretraining.pictures import Pictures
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.tasks.classification import Tasks
from engine.training import train
from engine.training.cuda_graph import capture_cuda_graph
from engine.training.executor import (
    EagerExecutor,
    ExecutorUnusable,
    GraphExecutor,
    require_agreement,
    steps_per_replay,
)
from engine.training.outer_step import OuterStep

GPU = torch.device("cuda")
PRESETS = ("mini-1shot", "mini-5shot", "tiered-1shot", "tiered-5shot")
BATCHES = (256, 1024)
TRAIN_CLASSES = {"mini": (64, 600), "tiered": (351, 1278)}
PRODUCT = 8192
ROUNDS = 5


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--only", default="", help="sections, between commas; else all of them")
    arguments.add_argument("--steps", type=int, default=100_000, help="of the whole run")
    arguments.add_argument("--minutes", type=float, default=10.0, help="to begin sections in")
    given = arguments.parse_args()
    if not torch.cuda.is_available():
        raise SystemExit("There is no CUDA GPU here; nothing was measured.")
    facts = torch.cuda.get_device_properties(GPU)
    print(
        f"{time.strftime('%d %B %Y')}, {facts.name}, torch {torch.__version__}, "
        f"CUDA {torch.version.cuda}",
        flush=True,
    )
    measures: dict[str, Callable[[], None]] = {
        "steps": partial(measure_steps, PRESETS[:2]),
        "population": measure_populations,
        "run": partial(measure_run, given.steps),
        "evaluation": measure_evaluation,
        "tiered": partial(measure_steps, PRESETS[2:]),
        "hosted": measure_hosted,
        "pretraining": measure_pretraining,
        "compiled": measure_compiled,
    }
    wanted = given.only.split(",") if given.only else list(measures)
    if unknown := set(wanted) - measures.keys():
        raise SystemExit(f"{', '.join(sorted(unknown))}: none of {', '.join(measures)}.")
    began = time.perf_counter()
    for place, section in enumerate(wanted):
        if time.perf_counter() - began > 60 * given.minutes:
            raise SystemExit(f"Not measured for want of time: {', '.join(wanted[place:])}.")
        measures[section]()
        print(f"({section}: {time.perf_counter() - began:.0f} s since the start)", flush=True)


def measure_steps(names: Sequence[str]) -> None:
    """Print the steps per second of some presets, however they are taken."""
    rate = flops_per_second()
    print(f"\nfloat32 product of {PRODUCT}: {rate / 1e12:.1f} TFLOP/s")
    print("\n| steps/s | one by one | **graph** | TF32 | deterministic | plain LEO | floor |")
    print("|---|---|---|---|---|---|---|")
    for name in names:
        split = split_of(name)
        experiment = preset(name)
        outer_step = OuterStep([experiment], split)
        slow = 1 / seconds_of(partial(EagerExecutor(outer_step), 0, 1), 20)
        graph = steps_per_second([experiment], split)
        tf32 = steps_per_second([experiment.with_settings({"run.tf32": True})], split)
        same = steps_per_second([experiment.with_settings({"run.deterministic": True})], split)
        plain = 1 / seconds_of(partial(plain_leo, outer_step), 1, rounds=3)
        flops, kernels = counted(outer_step)
        arithmetic_floor, launch_floor = flops / rate, empty_graph_seconds(kernels)
        print(
            f"| `{name}` | {slow:.0f} | **{graph:.0f}** | {tf32:.0f} | {same:.0f} | {plain:.1f} | "
            f"{1 / max(arithmetic_floor, launch_floor):.0f} ({kernels} kernels "
            f"{1e6 * launch_floor:.0f} us, {flops / 1e6:.0f} MFLOP "
            f"{1e6 * arithmetic_floor:.0f} us) |",
            flush=True,
        )
        torch.cuda.empty_cache()


def measure_compiled() -> None:
    """Print what torch.compile makes of torch's operations, without our kernels."""
    print("\n| steps/s, torch.compile | one by one | graph | seconds to compile |")
    print("|---|---|---|---|")
    for name in PRESETS[:2]:
        experiment = preset(name).with_settings({"run.compile": True})
        outer_step = OuterStep([experiment], split_of(name), is_compiled=True)
        started = time.perf_counter()
        EagerExecutor(outer_step)(0, 1)
        torch.cuda.synchronize()
        compiling = time.perf_counter() - started
        slow = 1 / seconds_of(partial(EagerExecutor(outer_step), 0, 1), 20)
        graph = replays_per_second(outer_step)
        print(f"| `{name}` | {slow:.0f} | {graph:.0f} | {compiling:.0f} |", flush=True)


def measure_populations() -> None:
    """Print the model steps per second of populations of seeds."""
    print("\n| model steps/s | 1 | 8 | 64 | 64, TF32 | memory of 64 |")
    print("|---|---|---|---|---|---|")
    for name in PRESETS[:2]:
        split = split_of(name)
        rates = []
        for members, tf32 in ((1, False), (8, False), (64, False), (64, True)):
            seeds = [
                preset(name).with_settings({"run.seed": seed, "run.tf32": tf32})
                for seed in range(members)
            ]
            torch.cuda.reset_peak_memory_stats()
            rates.append(members * steps_per_second(seeds, split))
            torch.cuda.empty_cache()
        memory = torch.cuda.max_memory_allocated() / 2**30
        cells = [f"{rates[0]:.0f}"]
        cells += [f"{rate:.0f} = **{rate / rates[0]:.1f} x**" for rate in rates[1:]]
        print(f"| `{name}` | {' | '.join(cells)} | {memory:.1f} GiB |", flush=True)


def measure_hosted() -> None:
    """Print the steps per second on a store that stays in the computer's memory."""
    print("\n| steps/s | store on the GPU | store on the host |")
    print("|---|---|---|")
    for name in (PRESETS[0], PRESETS[2]):
        experiment = preset(name)
        beside = steps_per_second([experiment], split_of(name))
        split = synthetic_split("train", *TRAIN_CLASSES[name.split("-")[0]])
        outer_step = OuterStep([experiment], split, GPU)
        hosted = replays_per_second(outer_step)
        print(f"| `{name}` | {beside:.0f} | {hosted:.0f} = {hosted / beside:.0%} |", flush=True)
        torch.cuda.empty_cache()


def measure_pretraining() -> None:
    """Print the pictures per second of pre-training the paper's network, and its memory."""
    experiment = preset("pretrain-mini-wrn-leo")
    settings = experiment.learner
    assert isinstance(settings, Backbone)
    side, classes, examples = settings.kept_side, 64, 40
    pictures = Pictures(
        "train",
        torch.randint(0, 256, (classes * examples, 3, side, side), dtype=torch.uint8),
        torch.arange(classes + 1) * examples,
        tuple(f"class-{label}" for label in range(classes)),
    )
    print("\n| WRN-28-10, pictures/s | float32 | TF32 | memory |")
    print("|---|---|---|---|")
    for batch in BATCHES:
        rates = []
        torch.cuda.reset_peak_memory_stats()
        for tf32 in (False, True):
            changed = experiment.with_settings({"learner.batch": batch, "run.tf32": tf32})
            learner = changed.learner
            assert isinstance(learner, Backbone)
            with numerics(changed.run):
                step = PretrainingStep(changed, learner, pictures, pictures, GPU)
                rates.append(batch / seconds_of(partial(step, range(1)), 1, rounds=3))
            del step
            torch.cuda.empty_cache()
        memory = torch.cuda.max_memory_allocated() / 2**30
        print(
            f"| {batch} at a time | {rates[0]:.0f} | {rates[1]:.0f} | {memory:.1f} GiB |",
            flush=True,
        )


def measure_evaluation() -> None:
    """Print the time of evaluations with all queries."""
    print("\n| evaluation | 10,000 episodes | 2,000 episodes | memory |")
    print("|---|---|---|---|")
    split = synthetic_split("test", 20, 600).to(GPU)
    for name in PRESETS[:2]:
        experiment = preset(name)
        classifier = adapter_of(experiment, OuterStep([experiment], split).members[0], split)
        task = classification(experiment)
        torch.cuda.reset_peak_memory_stats()
        times = []
        for episodes in (10_000, 2_000):
            protocol = Protocol(task.n_way, task.k_shot, task.examples_per_class, episodes)
            times.append(seconds_of(partial(evaluate, classifier, split, protocol), 1))
        memory = torch.cuda.max_memory_allocated() / 2**30
        print(f"| `{name}` | {times[0]:.2f} s | {times[1]:.2f} s | {memory:.1f} GiB |", flush=True)


def measure_run(steps: int) -> None:
    """Print the time of a whole run, with its validations, checkpoints and files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "synthetic.h5"
        with create_store(path, "synthetic", "benchmarks/gpu.py", 640) as writer:
            for name, (classes, examples) in {
                "train": TRAIN_CLASSES["mini"],
                "val": (16, 600),
                "test": (2, 600),
            }.items():
                split = synthetic_split(name, classes, examples)
                labels = torch.arange(classes).repeat_interleave(examples)
                writer.add_split(
                    name,
                    split.in_memory.numpy(),
                    labels.numpy(),
                    list(split.class_names),
                    [f"{row}" for row in range(len(labels))],
                )
        store = EmbeddingStore(path)
        experiment = preset("mini-1shot").with_settings(
            {"data.store": str(path), "schedule.steps": steps}
        )
        run = Run.create(Path(folder) / "runs", experiment, store_record(store))
        started = time.perf_counter()
        for _ in train(experiment, store, run):
            pass
        whole = time.perf_counter() - started
        log = (run.path / "log.txt").read_text(encoding="utf-8")
        validations = len(run.validation.read())
        stepping = Run(run.path).record.seconds
    print(
        f"\nA whole run of `mini-1shot`: {steps} steps, {validations} validations of "
        f"{experiment.schedule.validation_episodes} episodes: **{whole:.1f} s**, of which "
        f"{stepping:.1f} s are steps.\n{log}",
        flush=True,
    )


def flops_per_second() -> float:
    """Return the rate of a large float32 product."""
    square = torch.randn(PRODUCT, PRODUCT, device=GPU)
    return 2 * PRODUCT**3 / seconds_of(lambda: square @ square, 3)


@lru_cache(maxsize=1)
def split_of(name: str) -> Split:
    """Return a training split of a preset's size, on the GPU."""
    return synthetic_split("train", *TRAIN_CLASSES[name.split("-")[0]]).to(GPU)


def steps_per_second(experiments: Sequence[Experiment], split: Split) -> float:
    """Return the outer steps per second of a model or a population, replayed."""
    with numerics(experiments[0].run):
        outer_step = OuterStep(experiments, split)
        return replays_per_second(outer_step)


def replays_per_second(outer_step: OuterStep) -> float:
    """Return the outer steps per second of a replayed graph, and complain where it is wrong."""
    try:
        executor = GraphExecutor(
            outer_step, steps_per_replay(len(outer_step.members), 1000), capture_cuda_graph
        )
        require_agreement(outer_step, executor, 0)
    except ExecutorUnusable as error:
        print(f"Not replayed: {error}")
        return math.nan
    count = executor.steps * max(1, 8 // len(outer_step.members))
    return count / seconds_of(lambda: executor(0, count), 4)


def plain_leo(outer_step: OuterStep) -> None:
    """Differentiate the objective once, task by task."""
    tasks = Tasks(*(part[0] for part in outer_step.tasks.sample(range(1))))
    with torch.device(GPU):
        leo, parameters = outer_step.learner, outer_step._adam.parameters
        assert isinstance(leo, LeoLearner) and isinstance(parameters, Parameters)
        loss = loop_objective(parameters, tasks, leo.draws(0), leo.algorithm)
    torch.autograd.grad(loss, parameters)


def counted(outer_step: OuterStep) -> tuple[int, int]:
    """Return the FLOPs of a plain step, and the kernels of a replayed one."""
    counter = FlopCounterMode(display=False, custom_mapping=IN_PLACE)
    with outer_step.plainly(), counter:
        EagerExecutor(outer_step)(0, 1)
    executor = GraphExecutor(
        outer_step, steps_per_replay(len(outer_step.members), 1000), capture_cuda_graph
    )
    with profile(activities=[ProfilerActivity.CUDA]) as profiled:
        executor._replay()
        torch.cuda.synchronize()
    on_gpu = sum(event.count for event in profiled.key_averages())
    return counter.get_total_flops(), on_gpu // executor.steps


def empty_graph_seconds(kernels: int) -> float:
    """Return the time of a graph of so many kernels that do almost nothing, one after another."""
    number = torch.zeros(1, device=GPU)

    def work() -> None:
        for _ in range(kernels):
            number.add_(1)

    return seconds_of(capture_cuda_graph(work), 20)


def seconds_of(action: Callable[[], object], times: int, *, rounds: int = ROUNDS) -> float:
    """Return the median time of an action on the GPU, the first of which is not counted."""
    action()
    taken = []
    for _ in range(rounds):
        torch.cuda.synchronize()
        started = time.perf_counter()
        for _ in range(times):
            action()
        torch.cuda.synchronize()
        taken.append((time.perf_counter() - started) / times)
    return statistics.median(taken)


if __name__ == "__main__":
    try:
        main()
    except BadInput as error:
        raise SystemExit(str(error)) from None

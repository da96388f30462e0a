"""Trials per minute of each executor, against the time that the runs take by themselves.

    python -m benchmarks.executors [--trials 12] [--steps 150] [--at-once N]
    python -m tests.cluster.slurm python -m benchmarks.executors --slurm  # a Slurm of its own
    python -m benchmarks.executors --ray nodes  # a Ray of its own, of N nodes

The same trials (LEO on the built-in glyphs, trained and evaluated, a seed each) are carried out one
after the other in this process, which has loaded everything before: that is the runs' own time.
Then by workers, in a folder of their own. The efficiency is the runs' own time over what the
workers had: their number times the wall clock, from the first start to the last result. Between two
measurements of one process alone lies half of those by workers, so that a machine that gets slower
meanwhile is seen.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import torch

from engine.devices.selection import keep_freed_memory, usable_cores
from engine.runs.library import Library
from engine.studies.carrying_out import Overseer, carried_out, require_stores
from engine.studies.cells import cells_of
from engine.studies.executors import Executor, LocalExecutor
from engine.studies.standing import StudyFolder
from engine.studies.study import Study
from engine.studies.worker import work

SECONDS_BETWEEN_LOOKS = 0.2
MakeExecutor = Callable[[StudyFolder], Executor]


def study_of(trials: int, steps: int) -> Study:
    """Return a study of so many short trials."""
    return Study.model_validate(
        {
            "name": "trials",
            "preset": "glyphs-5way-1shot",
            "set": {
                "schedule.steps": steps,
                "schedule.validate_every": steps,
                "schedule.validation_episodes": 100,
            },
            "rows": [{"name": "LEO"}],
            "columns": [{"name": "glyphs"}],
            "seeds": trials,
            "episodes": 100,
        }
    )


def alone(study: Study, library: Library, folder: StudyFolder) -> float:
    """Carry out all trials in this process, and return the seconds."""
    folder.path.mkdir(parents=True)
    folder.file.write_text(study.to_yaml(), encoding="utf-8")
    begin = time.perf_counter()
    for _ in work(folder, library, "cpu", lambda _: None):
        pass
    return time.perf_counter() - begin


@contextmanager
def ray_at(address: str, count: int) -> Iterator[str]:
    """Yield the address of a Ray cluster: the one that is there, or of nodes of its own."""
    if address != "nodes":
        yield address
        return
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}
    )
    for _ in range(count):
        cluster.add_node(num_cpus=1)
    yield cluster.address
    ray.shutdown()
    cluster.shutdown()


def executors(
    chosen: argparse.Namespace, library: Library, stack: ExitStack
) -> dict[str, MakeExecutor]:
    """Return what makes each executor that is at hand, by its name."""
    makers: dict[str, MakeExecutor] = {
        "local": lambda folder: LocalExecutor(folder, library.root, "cpu")
    }
    if chosen.slurm:
        from engine.studies.executors.slurm import SlurmExecutor, slurm_options

        options = slurm_options([])
        makers["slurm"] = lambda folder: SlurmExecutor(folder, library.root, "cpu", options)
    if chosen.ray is not None:
        from engine.studies.executors.ray import RayExecutor

        address = stack.enter_context(ray_at(chosen.ray, chosen.at_once))
        makers["ray"] = lambda folder: RayExecutor(folder, library.root, "cpu", address)
    return makers


def by_workers(
    study: Study, library: Library, folder: StudyFolder, make: MakeExecutor, count: int
) -> float:
    """Carry out all trials by so many workers, and return the seconds."""
    cells = cells_of(study, library.experiment, "cpu")
    executor = make(folder)
    begin = time.perf_counter()
    for _ in carried_out(Overseer(study, cells, folder), executor, count, print):
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return time.perf_counter() - begin


def report(
    name: str, taken: float, trials: int, workers: int, alone: tuple[float, float], half: int
) -> None:
    """Print what an executor took, beside what the runs take alone, before and after."""
    before, after = (each / half for each in alone)
    own = (before + after) / 2
    print(f"alone   {60 / own:6.2f} trials a minute, {own:.2f} s each")
    print(f"        before {before:.2f} s, after {after:.2f} s each")
    print(
        f"{name:<7} {60 * trials / taken:6.2f} trials a minute by {workers} workers: "
        f"{100 * own * trials / (workers * taken):.0f} % of their time was the runs' own"
    )
    lost = workers * taken / trials - own
    print(
        f"        {lost:.2f} s of a worker's time for each trial beside the run's own", flush=True
    )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--at-once", type=int, default=usable_cores())
    parser.add_argument("--slurm", action="store_true", help="also by jobs of the Slurm at hand")
    parser.add_argument("--ray", metavar="ADDRESS|nodes", help="also on a Ray cluster")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()
    study = study_of(chosen.trials, chosen.steps)
    half = study_of(max(chosen.trials // 2, 1), chosen.steps)
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        library = Library(Path(place) / "library")
        require_stores(library, study, cells_of(study, library.experiment, "cpu"))
        makers = executors(chosen, library, stack)
        alone(study_of(1, chosen.steps), library, StudyFolder(Path(place) / "warm-up"))
        before = alone(half, library, StudyFolder(Path(place) / "before"))
        for name, make in makers.items():
            taken = by_workers(
                study, library, StudyFolder(Path(place) / name), make, chosen.at_once
            )
            after = alone(half, library, StudyFolder(Path(place) / f"after-{name}"))
            report(name, taken, study.seeds, chosen.at_once, (before, after), half.seeds)
            before = after
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()

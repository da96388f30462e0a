"""Trials per minute of each executor, against the time that the runs take by themselves.

    python -m benchmarks.executors [--trials 12] [--steps 150] [--at-once N]

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
from pathlib import Path

import torch

from engine.devices.selection import keep_freed_memory, usable_cores
from engine.runs.library import Library
from engine.studies.carrying_out import Overseer, carried_out, require_stores
from engine.studies.cells import cells_of
from engine.studies.executors import LocalExecutor
from engine.studies.standing import StudyFolder
from engine.studies.study import Study
from engine.studies.worker import work

SECONDS_BETWEEN_LOOKS = 0.2


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


def by_workers(study: Study, library: Library, folder: StudyFolder, count: int) -> float:
    """Carry out all trials by local workers, and return the seconds."""
    cells = cells_of(study, library.experiment, "cpu")
    begin = time.perf_counter()
    executor = LocalExecutor(folder, library.root, "cpu")
    for _ in carried_out(Overseer(study, cells, folder), executor, count, print):
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return time.perf_counter() - begin


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--at-once", type=int, default=usable_cores())
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()
    study = study_of(chosen.trials, chosen.steps)
    half = study_of(max(chosen.trials // 2, 1), chosen.steps)
    with tempfile.TemporaryDirectory() as place:
        library = Library(Path(place) / "library")
        require_stores(library, study, cells_of(study, library.experiment, "cpu"))
        alone(study_of(1, chosen.steps), library, StudyFolder(Path(place) / "warm-up"))
        before = alone(half, library, StudyFolder(Path(place) / "before"))
        local = by_workers(study, library, StudyFolder(Path(place) / "local"), chosen.at_once)
        after = alone(half, library, StudyFolder(Path(place) / "after"))
    own = (before + after) / (2 * half.seeds)
    print(f"alone   {60 / own:6.2f} trials a minute, {own:.2f} s each")
    print(f"        before {before / half.seeds:.2f} s, after {after / half.seeds:.2f} s each")
    rate = 60 * study.seeds / local
    efficiency = own * study.seeds / (chosen.at_once * local)
    print(
        f"local   {rate:6.2f} trials a minute by {chosen.at_once} workers: "
        f"{100 * efficiency:.0f} % of their time was the runs' own"
    )
    lost = chosen.at_once * local / study.seeds - own
    print(f"        {lost:.2f} s of a worker's time for each trial beside the run's own")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()

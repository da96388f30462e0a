"""How long a look at a study takes that has many runs, made without any training.

    python -m benchmarks.many_runs [--runs 10 100 1000 10000]

The folder holds what a finished run of a sweep has: its record, its settings and an evaluation of
2,000 episodes; checkpoints and metrics are left out, for nobody reads them. Measured are the first
look of whoever carries it out, which reads every evaluation; the looks after it, once a second; and
how long a worker takes to see that nothing is left, when it starts. All in seconds of CPU time,
the files being in memory; on a network folder, reading three files a run comes on top.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.runs.library import Library
from engine.runs.record import Record, StoreRecord
from engine.studies.carrying_out import Overseer
from engine.studies.cells import Cell, cells_of
from engine.studies.standing import StudyFolder
from engine.studies.study import Study
from engine.studies.table import table_of
from engine.studies.worker import work

EPISODES = 2000
SEEDS = 1000  # the most that a study takes


def study_of(runs: int) -> Study:
    """Return a study of so many runs."""
    seeds = min(runs, SEEDS)
    columns = [{"name": f"c{index}"} for index in range(runs // seeds)]
    return Study.model_validate(
        {
            "name": "many",
            "preset": "glyphs-5way-1shot",
            "rows": [{"name": "LEO"}],
            "columns": columns,
            "seeds": seeds,
            "episodes": EPISODES,
        }
    )


def make_runs(folder: StudyFolder, cells: list[Cell]) -> None:
    """Write what finished runs leave."""
    rng = np.random.default_rng(0)
    for number, cell in enumerate(cells):
        path = folder.runs / f"{cell.name}-20261201-000000"
        (path / "evaluations").mkdir(parents=True)
        (path / "experiment.yaml").write_text(cell.experiment.to_yaml(), encoding="utf-8")
        steps = cell.experiment.last_step
        record = _record(path.name, number, steps)
        (path / "run.json").write_text(record.model_dump_json(by_alias=True), encoding="utf-8")
        accuracies = rng.binomial(75, 0.8, EPISODES) / 75
        evaluation = {
            "split": "test",
            "episodes": EPISODES,
            "accuracy": float(accuracies.mean()),
            "ci95": 0.004,
            "loss": 0.5,
            "calibration_error": 0.01,
            "queries_per_class": [15, 15],
            "checkpoint_step": steps,
            "accuracies": accuracies.tolist(),
            "run": path.name,
        }
        (path / "evaluations" / f"test-step-{steps:09d}-{EPISODES}.json").write_text(
            json.dumps(evaluation), encoding="utf-8"
        )


def _record(name: str, number: int, steps: int) -> Record:
    return Record(
        schema=2,
        id=f"{number:016x}",
        name=name,
        status="finished",
        preset="many",
        created="2026-12-01T00:00:00Z",
        updated="2026-12-01T00:00:00Z",
        host="somewhere",
        process_id=1,
        heartbeat=0.0,
        device="cpu",
        step=steps,
        steps=steps,
        seconds=1.0,
        best=None,
        error=None,
        store=StoreRecord(),
        versions={},
    )


def seconds_of(steps: Iterator[object]) -> float:
    """Return how long it takes to go through all of something."""
    begin = time.process_time()
    for _ in steps:
        pass
    return time.process_time() - begin


def measure(runs: int, place: Path) -> None:
    """Print one row."""
    library = Library(place / "library")
    study, folder = study_of(runs), StudyFolder(place / str(runs))
    begin = time.process_time()
    cells = cells_of(study, library.experiment, "cpu")
    named = time.process_time() - begin
    make_runs(folder, cells)
    folder.file.write_text(study.to_yaml(), encoding="utf-8")
    overseer = Overseer(study, cells, folder)
    times = []
    for _ in range(2):
        begin = time.process_time()
        standings = overseer.look()
        times.append(time.process_time() - begin)
    assert {each.state for each in standings} == {"evaluated"}
    begin = time.process_time()
    table_of(study, standings)
    table = time.process_time() - begin
    worker = seconds_of(work(folder, library, "cpu", lambda _: None))
    print(
        f"{runs:7,}  {named:8.2f} s {times[0]:9.2f} s {times[1]:10.3f} s {table:8.2f} s "
        f"{worker:9.2f} s",
        flush=True,
    )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=[10, 100, 1000, 10_000])
    print("   runs  the cells  first look  later looks  the table  a worker's start")
    with tempfile.TemporaryDirectory() as place:
        for runs in parser.parse_args().runs:
            measure(runs, Path(place))


if __name__ == "__main__":
    main()

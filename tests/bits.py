"""Comparison of two runs to the bit."""

import csv
from pathlib import Path

from engine.runs.run import Run

# The only columns that may differ.
TIMES = {"seconds", "steps_per_second"}


def columns(path: Path) -> list[dict[str, str]]:
    """Return the rows of a run's CSV file, less what the clock says."""
    with path.open(newline="") as file:
        return [
            {name: text for name, text in row.items() if name not in TIMES}
            for row in csv.DictReader(file)
        ]


def assert_same_bits(run: Run, other: Run) -> None:
    """Require that two finished runs have the same metrics, weights, moments and best step."""
    for name in ("train.csv", "validation.csv"):
        assert columns(run.path / name) == columns(other.path / name)
    mine = {checkpoint.step: checkpoint for checkpoint in run.checkpoints}
    theirs = {checkpoint.step: checkpoint for checkpoint in other.checkpoints}
    validated = {step for step, checkpoint in mine.items() if checkpoint.is_validated}
    assert validated == {step for step, checkpoint in theirs.items() if checkpoint.is_validated}
    for step in validated:
        assert mine[step].weights_path.read_bytes() == theirs[step].weights_path.read_bytes()
    last = max(validated)
    assert mine[last].optimizer_path.read_bytes() == theirs[last].optimizer_path.read_bytes()
    assert run.record.best == other.record.best
    assert run.status == other.status == "finished"

"""A run that version 0.1.0 made opens, evaluates and goes on as it did then.

To the bit where torch and the processor's kernels are those that made it, as
`tests/fixtures/old_run/arithmetic.json` has it. Elsewhere kernels round otherwise, so numbers are
then only required to be within 1e-5, and accuracies, of which a rounding may turn an answer that
hangs in the balance, within two answers of an episode.
"""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from engine.evaluation.checkpoints import evaluate_checkpoint
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.preparation import resumed_run
from engine.runs.run import Run
from engine.runs.run_store import store_of
from engine.training import train
from tests.fixtures.old_run import (
    EPISODES,
    EVALUATED_STEP,
    FOLDER,
    STOPPED_AT,
    STORE,
    arithmetic_here,
    write_store,
)

FINISHED = FOLDER / "finished"
TIMES = {"seconds", "steps_per_second"}
IS_SAME_ARITHMETIC = arithmetic_here() == json.loads((FOLDER / "arithmetic.json").read_text())
TOLERANCE = 1e-5
ANSWERS_OF_AN_EPISODE = {"train": 3 * 4 * 3, "test": 4 * 10}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path)
    library.stores.mkdir()
    write_store(library.stores / f"{STORE}.h5")
    return library


@pytest.fixture
def run(library: Library) -> Run:
    return Run(shutil.copytree(FOLDER / "stopped", library.runs / "old-run"))


def test_it_opens_with_all_that_it_had(run: Run, library: Library) -> None:
    assert (run.name, run.status, run.record.step) == ("old-run", "stopped", STOPPED_AT)
    assert run.record.best is not None and run.record.best.step == EVALUATED_STEP
    assert [checkpoint.step for checkpoint in run.checkpoints] == [EVALUATED_STEP, STOPPED_AT]
    assert all(checkpoint.is_resumable for checkpoint in run.checkpoints)
    assert [row["step"] for row in run.training.read()] == list(range(1, STOPPED_AT + 1))
    # Its store is known again by what it holds.
    assert store_of(library, run).splits.keys() == {"train", "val", "test"}


def test_it_evaluates_to_the_same_accuracies(run: Run, library: Library) -> None:
    steps = evaluate_checkpoint(run, EVALUATED_STEP, store_of(library, run), "test", EPISODES)
    result = finished(steps)
    (kept,) = (run.path / "evaluations").glob("*.json")
    expected = json.loads(kept.read_text())
    if IS_SAME_ARITHMETIC:
        assert result.accuracies.tolist() == expected["accuracies"]
        assert (result.accuracy, result.ci95) == (expected["accuracy"], expected["ci95"])
        assert result.loss == pytest.approx(expected["loss"], rel=1e-12)
    else:
        within = 2 / ANSWERS_OF_AN_EPISODE["test"]
        np.testing.assert_allclose(result.accuracies, expected["accuracies"], rtol=0, atol=within)
        assert result.loss == pytest.approx(expected["loss"], abs=TOLERANCE)


def test_it_goes_on_to_the_same_bits(run: Run, library: Library) -> None:
    run, store = resumed_run(library, run)
    list(train(run.experiment, store, run))
    run, expected = Run(run.path), Run(FINISHED)
    assert run.status == "finished" and run.record.step == expected.record.step
    assert [each.step for each in run.checkpoints] == [each.step for each in expected.checkpoints]
    if IS_SAME_ARITHMETIC:
        for name in ("train.csv", "validation.csv"):
            assert columns(run.path / name) == columns(FINISHED / name)
        for mine in run.checkpoints:
            for path in (mine.weights_path, mine.optimizer_path):
                kept = FINISHED / "checkpoints" / path.name
                assert path.exists() == kept.exists()
                assert not kept.exists() or path.read_bytes() == kept.read_bytes()
        assert run.record.best == expected.record.best
        return
    for mine, theirs in zip(run.checkpoints, expected.checkpoints, strict=True):
        kept_weights = safetensors.torch.load_file(theirs.weights_path)
        for name, weights in mine.weights().items():
            torch.testing.assert_close(weights, kept_weights[name], rtol=0, atol=TOLERANCE)
    for one, other in zip(run.training.read(), expected.training.read(), strict=True):
        for name in one.keys() - TIMES - {"query_accuracy"}:
            assert one[name] == pytest.approx(other[name], rel=TOLERANCE, abs=TOLERANCE)
        within = 2 / ANSWERS_OF_AN_EPISODE["train"]
        assert one["query_accuracy"] == pytest.approx(other["query_accuracy"], abs=within)


def columns(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table as they are written, without times."""
    with path.open(newline="") as file:
        return [
            {name: text for name, text in row.items() if name not in TIMES}
            for row in csv.DictReader(file)
        ]

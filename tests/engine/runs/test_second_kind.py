"""A run of another kind of task and learner measures, picks and writes what their specs say."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import Experiment
from engine.runs.record import Best, StoreRecord, best_of, read_record
from engine.runs.run import Run
from tests import measured
from tests.fixtures.old_run import FOLDER
from tests.second_kind import SCORES, scored, take_the_place_of_the_first

TENSORS = {"w": torch.zeros(2)}


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> Run:
    take_the_place_of_the_first(monkeypatch)
    return Run.create(tmp_path, toy_experiment, StoreRecord())


def validate(run: Run, step: int, mse: float) -> None:
    best = run.record.best
    is_best = run.scores[0].is_best(mse, best.value if best else None)
    run.append_validation(step, scored(mse), is_best=is_best)
    run.save(step, TENSORS, TENSORS)


def test_the_best_checkpoint_is_the_one_with_the_lowest_error(run: Run) -> None:
    for step, mse in ((15, 0.5), (30, 0.25), (40, 0.75)):
        validate(run, step, mse)
    assert run.record.best == Best(step=30, score="mse", value=0.25, ci95=0.0125)
    again = Run(run.path)
    assert again.record.best == run.record.best
    assert again.checkpoint().step == 30
    again.rewind()
    assert again.record.best == run.record.best


def test_its_files_have_the_columns_that_its_specs_name(run: Run) -> None:
    run.append_steps(2, np.array([[0.5, 3.0], [0.25, 2.0]], np.float32), 1.5, 4.0)
    validate(run, 2, 0.25)
    assert (run.path / "train.csv").read_text().splitlines() == [
        "step,query_mse,gradient_norm,seconds,steps_per_second",
        "1,0.5,3,1.5,4",
        "2,0.25,2,1.5,4",
    ]
    assert (run.path / "validation.csv").read_text().splitlines() == [
        "step,mse,ci95,spread,spread_ci95",
        "2,0.25,0.012500000000000001,2,0.5",
    ]
    assert run.checkpoint("2").metrics["spread_ci95"] == 0.5
    record = json.loads((run.path / "run.json").read_text())
    assert record["best"] == {"step": 2, "score": "mse", "value": 0.25, "ci95": 0.0125}


def test_early_stopping_waits_for_a_lower_error(run: Run) -> None:
    run.experiment = run.experiment.with_settings({"schedule.early_stopping": 2})
    for step, mse, has_stalled in ((10, 0.5, False), (20, 0.4, False), (30, 0.4, False)):
        validate(run, step, mse)
        assert run.has_stalled == has_stalled
    validate(run, 40, 0.6)
    assert run.has_stalled


def test_an_error_that_is_no_number_is_never_the_best(run: Run) -> None:
    validate(run, 10, math.nan)
    assert run.record.best is None and run.checkpoint().step == 10
    validate(run, 20, 0.5)
    validate(run, 30, math.nan)
    assert Run(run.path).checkpoint().step == 20
    assert best_of(run.validation.read(), run.scores) == run.record.best


def test_a_score_without_an_interval_has_no_column_for_one() -> None:
    alone = measured.SCORES[1]
    rows = [{"step": 5.0, "loss": 2.0}, {"step": 10.0, "loss": 1.0}]
    assert best_of(rows, [alone]) == Best(step=10, score="loss", value=1.0)
    assert best_of([], [alone]) is None


def test_what_version_0_1_0_wrote_of_the_best_is_read_and_written_anew(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER / "stopped", tmp_path / "old")
    written = json.loads((folder / "run.json").read_text())["best"]
    assert written.keys() == {"step", "accuracy", "ci95"}
    best = read_record(folder).best
    assert best is not None and best.score == "accuracy"
    assert best.to_dict() == written
    Run(folder).update()
    record = json.loads((folder / "run.json").read_text())
    assert (record["schema"], record["best"].keys()) == (2, {"step", "score", "value", "ci95"})
    assert read_record(folder).best == best


def test_scores_are_written_with_their_units() -> None:
    accuracy, loss, calibration = measured.SCORES
    assert accuracy.text(0.8762, 0.003) == "87.62 ± 0.30 %"
    assert accuracy.text(0.8762) == "87.62 %"
    assert calibration.text(0.05) == "5.00 %"
    assert loss.text(0.69314) == "0.6931 nats"
    assert SCORES[0].text(0.25, 0.0125) == "0.25 ± 0.013 V²"
    assert SCORES[1].text(12.0) == "12"
    for spec in (*measured.SCORES, *SCORES):
        assert spec.text(None) == spec.text(math.inf) == "–"

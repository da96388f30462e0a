"""Pre-training as a run: events, columns, checkpoints, resume, evaluation, encoder."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_baseline, evaluate_checkpoint
from engine.events import CheckpointSaved, Finished, StepsTaken, Validated
from engine.images.encoders import Framing
from engine.io.generators import finished
from engine.learners.backbone.columns import COLUMNS
from engine.pretraining import TrainedBackbone, load_pictures
from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.runs.run_encoder import run_encoder
from engine.training import train, train_together
from tests.pictures_store import SIDE, pictures_experiment, write_pictures_store

CPU = torch.device("cpu")
WAIT = [column.name for column in COLUMNS].index("data_wait")


def trained(folder: Path, experiment: Experiment, store: EmbeddingStore) -> Run:
    run = Run.create(folder, experiment, StoreRecord(name="patterns"))
    list(train(experiment, store, run))
    return Run(run.path)


def rows(run: Run) -> np.ndarray[Any, Any]:
    """Return what steps reported, without what a clock measured."""
    return np.array(
        [[row[each.name] for each in COLUMNS if each.name != "data_wait"] for row in read(run)]
    )


def read(run: Run) -> list[dict[str, float]]:
    return list(run.training.read())


def assert_same(one: Run, other: Run) -> None:
    assert np.array_equal(rows(one), rows(other))
    assert list(one.validation.read()) == list(other.validation.read())
    first, second = one.checkpoint("last"), other.checkpoint("last")
    assert first.step == second.step
    for mine, theirs in (
        (first.weights(), second.weights()),
        (first.optimizer(), second.optimizer()),
    ):
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)


@pytest.mark.parametrize(
    "learner",
    [
        {"augmentation": "character", "in_channels": 1, "rotated_classes": True, "drop_rate": 0.3},
        {"augmentation": "photo", "rotation_weight": 0.5, "mixup_alpha": 2.0, "decay": "step"},
        {"backbone": "resnet12-small", "layer": "block3", "drop_rate": 0.1, "batch": 4},
    ],
)
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(
    learner: dict[str, Any], tmp_path: Path, pictures_store: EmbeddingStore
) -> None:
    experiment = pictures_experiment(pictures_store, **learner)
    if "backbone" in learner:
        experiment = experiment.with_settings({"schedule.steps": 4, "schedule.validate_every": 2})
    whole = trained(tmp_path / "whole", experiment, pictures_store)
    run = Run.create(tmp_path / "stopped", experiment, StoreRecord())
    for stop_at in (1, 3):
        events = train(experiment, pictures_store, run)
        for event in events:
            if isinstance(event, StepsTaken) and event.step >= stop_at:
                break
        events.close()
        assert run.status == "stopped"
    list(train(experiment, pictures_store, run))
    assert_same(whole, Run(run.path))


def test_what_a_kill_leaves_behind_goes_on_to_the_same_bits(
    tmp_path: Path, pictures_store: EmbeddingStore
) -> None:
    experiment = pictures_experiment(pictures_store, augmentation="photo", drop_rate=0.2)
    run = Run.create(tmp_path / "whole", experiment, StoreRecord())
    for event in train(experiment, pictures_store, run):
        if isinstance(event, StepsTaken) and event.step >= 8 and not (tmp_path / "killed").exists():
            shutil.copytree(run.path, tmp_path / "killed")  # with rows after the last checkpoint
    killed = Run(tmp_path / "killed")
    assert killed.checkpoint("last").step == 6 < len(read(killed))
    list(train(killed.experiment, pictures_store, killed))
    assert_same(Run(run.path), Run(killed.path))


def test_events_columns_and_files_are_those_of_a_run(
    tmp_path: Path, pictures_store: EmbeddingStore
) -> None:
    experiment = pictures_experiment(pictures_store, rotation_weight=0.5)
    run = Run.create(tmp_path, experiment, StoreRecord())
    events = list(train(experiment, pictures_store, run))
    assert [each.step for each in events if isinstance(each, Validated)] == [6, 12]
    assert sum(isinstance(each, CheckpointSaved) for each in events) >= 2
    assert isinstance(events[-1], Finished) and run.status == "finished"
    steps = read(run)
    assert [row["step"] for row in steps] == list(range(1, 13))
    assert all(0 < row["data_wait"] < 1 and row["rotation_loss"] > 0 for row in steps)
    assert steps[0]["lr"] == pytest.approx(0.05) and steps[-1]["lr"] < 0.01
    assert all(row["gradient_norm"] > 0 for row in steps)


def test_it_learns_to_tell_the_training_classes_apart(
    tmp_path: Path, pictures_store: EmbeddingStore
) -> None:
    experiment = pictures_experiment(pictures_store, augmentation="none", batch=16)
    steps = read(
        trained(tmp_path, experiment.with_settings({"schedule.steps": 40}), pictures_store)
    )
    assert (
        steps[0]["batch_accuracy"]
        < 0.6
        < 0.9
        < np.mean([row["batch_accuracy"] for row in steps[-5:]])
    )


def test_the_best_validation_is_what_is_evaluated(
    tmp_path: Path, pictures_store: EmbeddingStore
) -> None:
    run = trained(tmp_path, pictures_experiment(pictures_store), pictures_store)
    validations = {row["step"]: row["accuracy"] for row in run.validation.read()}
    best = run.record.best
    assert best is not None and best.value == max(validations.values())
    assert run.checkpoint("best").step == best.step
    # The validation is the evaluation of the validation classes, to the last episode.
    evaluation = finished(evaluate_checkpoint(run, best.step, pictures_store, "val", 20))
    assert evaluation.accuracy == pytest.approx(best.value, abs=1e-9)
    of_pixels = finished(evaluate_baseline(run, pictures_store, "val", 20))
    assert of_pixels.episodes == 20


def test_the_encoder_of_a_run_makes_the_features_that_were_validated(
    tmp_path: Path, pictures_store: EmbeddingStore
) -> None:
    experiment = pictures_experiment(pictures_store, augmentation="none")
    run = trained(tmp_path, experiment, pictures_store)
    encoder = run_encoder(run, CPU)
    record = encoder.record
    assert (record.side, record.crop, record.kind) == (SIDE, 1.0, "backbone")
    assert record.trained_on == "the training classes of patterns"
    settings: Any = experiment.learner
    pictures = load_pictures(settings, pictures_store, ["test"], CPU)
    backbone = TrainedBackbone.of(settings, run.checkpoint("best").weights())
    split = finished(backbone.embed(pictures, CPU, normalize=False))
    features = encoder.encode(pictures.images)
    assert features.shape[1] == record.embedding_dim
    assert torch.allclose(features, split.in_memory, rtol=1e-4, atol=1e-4)
    with pytest.raises(BadInput, match="leave out --side"):
        run_encoder(run, CPU, Framing(side=84))


def test_a_store_without_fitting_pictures_makes_no_run(
    tmp_path: Path, toy_store: EmbeddingStore
) -> None:
    library = Library(tmp_path)
    experiment = pictures_experiment(toy_store)
    with pytest.raises(BadInput, match="keeps no square pictures"):
        new_run(library, experiment)
    larger = write_pictures_store(tmp_path / "larger.h5", side=20)
    with pytest.raises(BadInput, match=r"keeps pictures of 20 pixels a side, and .* is 16;"):
        new_run(library, pictures_experiment(larger))
    assert not list(library.runs.glob("*"))


def test_several_seeds_are_trained_one_after_the_other(
    tmp_path: Path, pictures_store: EmbeddingStore
) -> None:
    experiment = pictures_experiment(pictures_store)
    seeds = [experiment.with_settings({"run.seed": seed}) for seed in (0, 1)]
    runs = [Run.create(tmp_path, each, StoreRecord()) for each in seeds]
    members = [member for member, _ in train_together(seeds, pictures_store, runs)]
    assert members == sorted(members) and set(members) == {0, 1}
    assert [run.status for run in runs] == ["finished", "finished"]
    alone = trained(tmp_path / "alone", seeds[1], pictures_store)
    assert_same(alone, Run(runs[1].path))

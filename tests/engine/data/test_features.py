"""What is done to embeddings before a learner sees them: fitted once, kept, the same everywhere."""

from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from engine.classifying.loaded_learner import loaded_learner
from engine.config import Data, Experiment
from engine.data.features import FILE, RAW, fitted
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_checkpoint
from engine.export.bundle import save_bundle
from engine.export.bundle_reading import import_bundle, read_bundle
from engine.export.trained import trained
from engine.export.weights import save_pytorch, save_safetensors
from engine.inspection.checkpoint_inspection import load_split
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.preparation import new_run, resumed_run
from engine.runs.run import Run
from engine.training import train
from engine.training.splits import load_splits
from tests.engine.export.test_bundle import members, packed, with_honest_checksums

CHANGES = {"data.power": 0.5, "data.centre": True, "data.components": 6}


@pytest.fixture
def examples() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(500, 7, generator=generator, dtype=torch.float64)
    return (drawn @ torch.randn(7, 7, generator=generator, dtype=torch.float64) + 3).float()


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment) -> Run:
    """A trained run on six whitened components of sixteen numbers."""
    run, store = new_run(Library(tmp_path), toy_experiment.with_settings(CHANGES))
    list(train(run.experiment, store, run))
    return run


def settings(**changes: object) -> Data:
    return Data.model_validate({"store": "any", **changes})


def test_by_default_embeddings_are_divided_by_their_norms(examples: torch.Tensor) -> None:
    features = fitted(settings(), examples, "any")
    torch.testing.assert_close(features(examples).norm(dim=1), torch.ones(500))
    assert not features.tensors() and features.is_plain


def test_the_power_keeps_signs_and_zeros() -> None:
    features = fitted(settings(power=0.5, normalize=False), torch.zeros(1, 3), "any")
    assert features(torch.tensor([-4.0, 0.0, 9.0])).tolist() == [-2.0, 0.0, 3.0]


def test_centred_examples_have_a_mean_of_zero(examples: torch.Tensor) -> None:
    features = fitted(settings(centre=True, normalize=False), examples, "any")
    assert features(examples).mean(0).abs().max() < 1e-5
    both = fitted(settings(centre=True, power=2.0, normalize=False), examples, "any")
    assert both(examples).double().mean(0).abs().max() < 1e-4  # the mean is that of the powers


def test_whitened_components_are_the_first_ones_and_vary_alike(examples: torch.Tensor) -> None:
    features = fitted(settings(components=3, normalize=False), examples, "any")
    seen = features(examples).double().numpy()
    np.testing.assert_allclose(np.cov(seen.T), np.eye(3), atol=1e-4)
    centred = examples.double().numpy() - examples.double().numpy().mean(0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    ours = features.projection
    assert ours is not None
    for place in range(3):
        found = ours[:, place].double().numpy()
        cosine = found @ directions[place] / np.linalg.norm(found)
        assert abs(cosine) == pytest.approx(1, abs=1e-6)
        assert found[np.abs(found).argmax()] > 0  # of a direction and its opposite, this one


def test_no_more_components_than_directions(examples: torch.Tensor) -> None:
    flat = torch.cat([examples, examples[:, :1]], dim=1)
    with pytest.raises(BadInput, match=r"data.components is 8.* vary in 7 directions"):
        fitted(settings(components=8), flat, "flat.h5")


def test_a_run_fits_to_its_training_classes_alone(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    both = toy_experiment.with_settings(CHANGES | {"data.train_splits": ["train", "val"]})
    run, _ = new_run(Library(tmp_path), both)
    wanted = fitted(both.data, toy_store.load(["train"], RAW).embeddings, "toy")
    mine, theirs = run.features().tensors(), wanted.tensors()
    assert all(mine[name].equal(theirs[name]) for name in ("mean", "projection"))


def test_every_way_to_a_learner_does_the_same_to_embeddings(
    run: Run, toy_store: EmbeddingStore
) -> None:
    features = run.features()
    seen = toy_store.load(["test"], features).in_memory
    assert seen.shape[1] == 6
    raw = toy_store.load(["test"], RAW).in_memory
    torch.testing.assert_close(features(raw), seen)
    learner = loaded_learner(run, run.checkpoint().step)
    torch.testing.assert_close(learner.seen(raw), seen)
    assert learner.embedding_dim == 16  # what it takes


def test_centring_alone_reaches_training_validation_and_inspection(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    centred = toy_experiment.with_settings({"data.centre": True})
    run, store = new_run(Library(tmp_path), centred)
    assert isinstance(store, EmbeddingStore)
    features = run.features()
    wanted = features(toy_store.load(["val"], RAW).in_memory)
    torch.testing.assert_close(load_split(run, store, "val").embeddings, wanted)
    training, validation = load_splits(centred, store, run, torch.device("cpu"))
    torch.testing.assert_close(validation.embeddings, wanted)
    raw = toy_store.load(["train"], RAW).in_memory
    torch.testing.assert_close(training.in_memory, features(raw))
    assert not torch.allclose(training.in_memory, toy_store.load(["train"]).in_memory)

    # What training, a validation and an evaluation of nearest class mean see is centred too.
    settings = {"learner.kind": "class_mean", "task.examples_per_class": 30}
    accuracies = []
    for changes in ({}, {"data.centre": True}):
        untrained, store = new_run(
            Library(tmp_path), toy_experiment.with_settings(settings | changes)
        )
        list(train(untrained.experiment, store, untrained))
        step = untrained.checkpoint().step
        (row,) = untrained.validation.read()
        found = finished(evaluate_checkpoint(untrained, step, toy_store, "test", 40))
        accuracies.append((row["accuracy"], found.accuracy))
    assert accuracies[0][0] != accuracies[1][0] and accuracies[0][1] != accuracies[1][1]


def test_another_store_meets_what_was_fitted_to_the_runs_own(
    run: Run, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    with create_store(tmp_path / "other.h5", "other", "moved", 16) as writer:
        for split in toy_store.splits:
            moved = np.concatenate(list(toy_store.chunks(split))) + 100
            names = toy_store.class_names(split)
            labels = np.repeat(np.arange(len(names)), np.diff(toy_store.class_offsets(split)))
            writer.add_split(split, moved, labels, names, toy_store.image_names(split))
    other, step = EmbeddingStore(tmp_path / "other.h5"), run.checkpoint().step
    own = finished(evaluate_checkpoint(run, step, toy_store, "test", 40)).accuracy
    far = finished(evaluate_checkpoint(run, step, other, "test", 40)).accuracy
    assert far < own  # centred by itself, it would be the same


def test_training_goes_on_to_the_same_bits(
    run: Run, tmp_path: Path, toy_experiment: Experiment
) -> None:
    library = Library(tmp_path / "other")
    part, store = new_run(library, run.experiment)
    events = train(part.experiment, store, part)
    while part.record.step < 15:
        next(events)
    events.close()
    again, store = resumed_run(library, Run(part.path))
    list(train(again.experiment, store, again))
    whole, parts = run.checkpoint("last").weights(), again.checkpoint("last").weights()
    assert all(whole[name].equal(parts[name]) for name in whole)


def test_what_was_fitted_must_be_there_and_fit(run: Run, toy_store: EmbeddingStore) -> None:
    file = run.path / FILE
    content = file.read_bytes()
    for damaged in (content[:-4], b""):
        file.write_bytes(damaged)
        with pytest.raises(BadInput, match=r"features.safetensors is damaged"):
            run.features()
    file.write_bytes(safetensors.torch.save({"mean": torch.zeros(16)}))
    with pytest.raises(BadInput, match=r"does not fit the run's settings"):
        run.features()
    file.unlink()
    with pytest.raises(BadInput, match=r"features.safetensors is missing.*train the run anew"):
        evaluated = evaluate_checkpoint(run, run.checkpoint().step, toy_store, "test", 40)
        finished(evaluated)


def test_a_bundle_brings_it_along_and_refuses_another(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "toy.leo"
    save_bundle(path, trained(run))
    copy = import_bundle(Library(tmp_path / "library"), path)
    mine, theirs = run.features().tensors(), copy.features().tensors()
    assert all(mine[name].equal(theirs[name]) for name in ("mean", "projection"))
    contents = members(path)
    without = {name: content for name, content in contents.items() if name != FILE}
    with pytest.raises(BadInput, match=f"lacks {FILE}"):
        read_bundle(packed(path, with_honest_checksums(without)))
    odd = contents | {FILE: contents["weights.safetensors"]}
    with pytest.raises(BadInput, match=f"{FILE} does not fit the run's settings"):
        read_bundle(packed(path, with_honest_checksums(odd)))


def test_files_of_weights_hold_it_too(run: Run, tmp_path: Path) -> None:
    save_pytorch(tmp_path / "toy.pt", trained(run))
    save_safetensors(tmp_path / "toy.safetensors", trained(run))
    content = torch.load(tmp_path / "toy.pt", weights_only=True)
    weights, facts = content["weights"], content["facts"]
    assert weights["feature_mean"].shape == (16,)
    assert weights["feature_projection"].shape == (16, 6)
    assert weights["encoder"].shape == (6, 5)
    assert (facts["power"], facts["embedding_dim"]) == ("0.5", "16")


def test_learners_of_pictures_have_no_use_for_it(toy_experiment: Experiment) -> None:
    with pytest.raises(BadInput, match="learns from pictures; leave them out"):
        toy_experiment.with_settings({"learner.kind": "backbone", "data.centre": True})

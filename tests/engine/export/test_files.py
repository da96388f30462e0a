"""Weights and episodes are read back by software that is not ours."""

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors
import safetensors.numpy
import torch

from engine.data.features import RAW
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.export.episodes import save_episodes
from engine.export.formats import require_target
from engine.export.trained import Trained
from engine.export.weights import save_pytorch, save_safetensors
from engine.export.writing import export
from engine.learners.leo.model import Parameters
from engine.learners.registry import adapter_of

SHAPES = {
    "encoder": (16, 5),
    "relation_first": (10, 10),
    "relation_middle": (10, 10),
    "relation_last": (10, 10),
    "decoder": (5, 32),
    "inner_lr": (5,),
    "finetuning_lr": (16,),
}


def test_safetensors_holds_the_weights_by_their_documented_names(
    toy: Trained, tmp_path: Path
) -> None:
    save_safetensors(tmp_path / "m.safetensors", toy)
    tensors = safetensors.numpy.load_file(tmp_path / "m.safetensors")
    assert {name: array.shape for name, array in tensors.items()} == SHAPES
    np.testing.assert_array_equal(tensors["decoder"], toy.weights.decoder.numpy())
    with safetensors.safe_open(tmp_path / "m.safetensors", "numpy") as file:
        facts = json.loads(file.metadata()["facts"])
    assert facts["run"] == toy.run.name and facts["step"] == str(toy.checkpoint.step)
    assert facts["normalizes_embeddings"] == "true"


def test_the_pytorch_file_loads_without_executing_anything(toy: Trained, tmp_path: Path) -> None:
    save_pytorch(tmp_path / "m.pt", toy)
    content = torch.load(tmp_path / "m.pt", weights_only=True)
    assert set(content) == {"weights", "facts", "experiment"}
    assert {name: tuple(each.shape) for name, each in content["weights"].items()} == SHAPES
    assert content["experiment"]["learner"]["latent_size"] == 5


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_episodes_are_those_of_an_evaluation(
    toy: Trained, toy_store: EmbeddingStore, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"episodes{ending}"
    accuracy = save_episodes(path, toy, toy_store, "test", 25, lambda _: None)
    arrays = dict(np.load(path)) if ending == ".npz" else safetensors.numpy.load_file(path)
    split = toy_store.load(["test"])
    parameters = Parameters(*toy.weights)
    result = evaluate(adapter_of(toy.experiment, parameters, split), split, Protocol(4, 2, 30, 25))
    np.testing.assert_array_equal(arrays["accuracies"], result.accuracies)
    assert accuracy == result.accuracy
    np.testing.assert_array_equal(arrays["embeddings"], toy_store.load(["test"], RAW).embeddings)
    assert arrays["support"].shape == (25, 4, 2) and arrays["query"].shape == (25, 4, 28)
    assert arrays["support"].dtype == np.int32


def test_a_target_that_does_not_fit_its_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "there.leo").mkdir()
    (tmp_path / "file").write_text("x")
    for out, name, words in (
        ("m.zip", "bundle", "must end with .leo"),
        ("m", "pickle", "choose one of bundle, safetensors"),
        ("there.leo", "bundle", "is a folder"),
        ("file", "onnx", "is a file; give a folder"),
    ):
        with pytest.raises(BadInput, match=words):
            require_target(tmp_path / out, name)


def test_an_outcome_names_each_file_with_its_size_and_checksum(
    toy: Trained, tmp_path: Path
) -> None:
    outcome = export(toy, "safetensors", tmp_path / "m.safetensors", lambda *_: None)
    (file,) = outcome.files
    assert file.size == file.path.stat().st_size and len(file.sha256) == 64


def test_nothing_that_leaves_names_this_machine(
    toy: Trained, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    progress = lambda *_: None  # noqa: E731
    export(toy, "bundle", tmp_path / "m.leo", progress)
    export(toy, "safetensors", tmp_path / "m.safetensors", progress)
    from engine.export.bundle import bundle_contents

    everything = b"".join(bundle_contents(toy).values()) + json.dumps(toy.facts()).encode()
    for secret in (toy.run.record.host, str(toy.run.path.parent), str(toy_store.path.parent)):
        assert secret.encode() not in everything

"""Curvature is that of a direct Hessian, and coverage that of a direct Jacobian, along the path."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.autograd.functional import hessian, jacobian
from torch.nn.functional import cross_entropy

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.record import kept_evaluations
from engine.inspection import curvature
from engine.inspection.checkpoint_inspection import load_model, load_split, loaded_checkpoint
from engine.inspection.curvature import (
    hessian_eigenvalues,
    keep_curvature,
    measured_curvature,
    rank_of,
)
from engine.inspection.curvature_record import Box, CurvatureRecord, kept_curvatures
from engine.io.generators import finished
from engine.learners.leo.trajectory import Support, distribution, trajectory
from engine.runs.run import Run
from tests.conftest import TrainedCopy

META_SGD = {
    "learner.kind": "linear_maml",
    "learner.inner_steps": 2,
    "learner.inner_lr": 2.0,
    "learner.learns_rates": True,
}
VARIANT = "conditional_generator_finetuning"


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment, trained_copy: TrainedCopy) -> Run:
    return trained_copy(tmp_path, toy_experiment)


def measured(run: Run, store: EmbeddingStore, episodes: int = 6) -> CurvatureRecord:
    return finished(measured_curvature(run, 40, store, "test", episodes))


def direct(examples: Tensor, weights: Tensor, way: Tensor) -> list[float]:
    """Return all eigenvalues of the Hessian of the mean loss, in `way` along which weights move.

    `examples` (M, D), `weights` (N, D) and `way` (d, D): codes move weights by the decoder, and
    weights move themselves by the identity.
    """
    n_way = len(weights)
    labels = torch.arange(n_way).repeat_interleave(len(examples) // n_way)

    def loss(moved: Tensor) -> Tensor:
        return cross_entropy(examples @ (weights + moved.view(n_way, -1) @ way).mT, labels)

    found = hessian(loss, torch.zeros(n_way * len(way), dtype=torch.float64))
    assert isinstance(found, Tensor)
    values: list[float] = torch.linalg.eigvalsh(found).tolist()
    return values


@pytest.mark.parametrize(("n_way", "k_shot", "size"), [(3, 1, 7), (4, 2, 5), (2, 3, 6), (3, 2, 6)])
def test_eigenvalues_are_all_those_of_a_direct_hessian_that_are_not_0(
    n_way: int, k_shot: int, size: int
) -> None:
    generator = torch.Generator().manual_seed(n_way)
    examples = torch.randn(n_way * k_shot, size, generator=generator, dtype=torch.float64)
    weights = torch.randn(2, n_way, size, generator=generator, dtype=torch.float64)
    probabilities = torch.softmax(examples @ weights.mT, -1)
    found = hessian_eigenvalues(probabilities[None], examples[None])[0]
    assert found.shape == (2, rank_of(n_way, k_shot, size))
    for place in range(2):
        whole = direct(examples, weights[place], torch.eye(size, dtype=torch.float64))
        zeros = n_way * size - found.shape[1]
        assert whole[:zeros] == pytest.approx([0.0] * zeros, abs=1e-14)
        assert found[place].tolist() == pytest.approx(whole[zeros:], rel=1e-9, abs=1e-14)
        assert found[place, 0] > 1e-6  # none that is counted is 0


def test_a_support_set_that_is_almost_learned_keeps_the_digits_of_its_curvature() -> None:
    # Two classes and one example each: the only eigenvalue pairs have a closed form.
    examples = torch.eye(2, dtype=torch.float64)
    margin = 30.0  # 1 - p is 9e-14, of which 1 - p itself has three digits
    weights = margin * torch.eye(2, dtype=torch.float64)
    probabilities = torch.softmax(examples @ weights.mT, -1)
    found = hessian_eigenvalues(probabilities[None, None], examples[None])
    share = np.exp(-margin) / (1 + np.exp(-margin)) ** 2  # p (1 - p)
    # (1, -1) moves a margin by 2, and the mean is over two examples.
    assert found.flatten().tolist() == pytest.approx([share] * 2, rel=1e-10, abs=0)


def test_a_run_is_measured_as_a_direct_hessian_and_jacobian_say(
    run: Run, toy_store: EmbeddingStore
) -> None:
    record = measured(run, toy_store)
    model = load_model(run, 40, "cpu")
    model = model._replace(parameters=type(model.parameters)(*map(torch.Tensor.double, model[0])))
    checkpoint = loaded_checkpoint(run, 40, "test", model, load_split(run, toy_store, "test"))
    rows = checkpoint.rows(range(6)).support
    examples = checkpoint.split.embeddings[rows].double()
    sets = Support.of(examples)
    path = list(trajectory(model, sets, distribution(model, sets).mean))
    to_mean, one = path[0].to_mean, torch.eye(16, dtype=torch.float64)
    assert (record.latent_size, record.latent_rank) == (4 * 5, 3 * 5)
    assert (record.weight_size, record.weight_rank) == (4 * 16, 3 * 8)
    assert len(path) == len(record.positions) == record.inner_steps + record.finetuning_steps + 1
    all_latent, all_weights = [], []
    for place, (position, found) in enumerate(zip(path, record.positions, strict=True)):
        latent, weights = (
            np.array(
                [
                    direct(own.flatten(0, 1), now, way)[-rank:]
                    for own, now in zip(examples, position.weights, strict=True)
                ]
            )
            for way, rank in ((to_mean, record.latent_rank), (one, record.weight_rank))
        )
        bends = found.curvature
        assert bends.latent is not None and bends.largest_latent is not None and bends.ratio
        for box, values in (
            (bends.latent, latent),
            (bends.weights, weights),
            (bends.largest_latent, latent[:, -1]),
            (bends.largest_weights, weights[:, -1]),
            (bends.ratio, latent[:, -1] / weights[:, -1]),
        ):
            assert box.values == pytest.approx(Box.of(values).values, rel=1e-6, abs=1e-12)
        all_latent.append(latent)
        all_weights.append(weights)
        if place:
            assert found.step is not None
            moved = (position.weights - path[place - 1].weights).flatten(1).norm(dim=1)
            assert found.step.weights.values == pytest.approx(Box.of(moved.numpy()).values)
            moved = (position.codes - path[place - 1].codes).flatten(1).norm(dim=1)
            assert (found.step.latent is not None) == (place <= 2)
            if found.step.latent is not None:
                assert found.step.latent.values == pytest.approx(Box.of(moved.numpy()).values)
    assert record.whole.weights.values == pytest.approx(
        Box.of(np.stack(all_weights)).values, rel=1e-6
    )
    assert record.whole.latent is not None
    assert record.whole.latent.values == pytest.approx(Box.of(np.stack(all_latent)).values, 1e-6)

    def decode(codes: Tensor) -> Tensor:
        return codes.view(4, 5) @ to_mean

    moved_by = jacobian(decode, path[1].codes[0].flatten()).flatten(0, 1)
    values = torch.linalg.svdvals(moved_by).tolist()
    assert values == pytest.approx(sorted([*record.singular_values] * 4, reverse=True))


@pytest.mark.parametrize("cores", [1, 5])
def test_a_record_has_the_same_bits_on_any_number_of_cores(
    run: Run, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr(curvature, "_MOST_EPISODES_AT_A_TIME", 2)
    monkeypatch.setattr("engine.evaluation.evaluator.usable_cores", lambda: 2)
    record = measured(run, toy_store)
    monkeypatch.setattr("engine.evaluation.evaluator.usable_cores", lambda: cores)
    assert measured(run, toy_store) == record


def test_it_is_the_same_again_and_in_other_batches(
    run: Run, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = measured(run, toy_store)
    assert measured(run, toy_store) == record
    done: list[int] = []
    monkeypatch.setattr(curvature, "_MOST_EPISODES_AT_A_TIME", 4)
    steps = measured_curvature(run, 40, toy_store, "test", 6)
    in_parts = finished(steps, done.append)
    assert done == [4, 6]
    assert in_parts.whole.weights.values == pytest.approx(record.whole.weights.values, rel=1e-12)


def test_variants_and_meta_sgd_have_what_they_take(
    tmp_path: Path, toy_experiment: Experiment, trained_copy: TrainedCopy, toy_store: EmbeddingStore
) -> None:
    generator = toy_experiment.with_settings({"learner.variant": VARIANT})
    record = measured(trained_copy(tmp_path, generator), toy_store)
    assert (record.inner_steps, record.finetuning_steps) == (0, 2)
    assert record.inner is None and record.finetuning is not None and record.has_codes
    assert record.method == "LEO, generator and fine-tuning"
    assert record.finetuning.latent is None and record.whole.latent is not None
    names = [record.position_name(place) for place in range(3)]
    assert names == ["before", "fine-tuning 1", "fine-tuning 2"]
    record = measured(trained_copy(tmp_path, toy_experiment.with_settings(META_SGD)), toy_store)
    assert (record.inner_steps, record.finetuning_steps) == (2, 0)
    assert record.method == "Meta-SGD"
    assert record.inner is not None and record.inner.latent is None and not record.has_codes
    assert record.whole.latent is None and record.whole.ratio is None
    assert record.singular_values == () and record.expansion is None
    assert record.positions[2].step is not None and record.inner.weights.median > 0


def test_a_record_is_kept_and_is_no_evaluation(run: Run, toy_store: EmbeddingStore) -> None:
    record = measured(run, toy_store)
    path = keep_curvature(run, record)
    assert path.name == "curvature-test-step-000000040-6.json"
    assert kept_curvatures(run.path) == ((record,), ())
    assert kept_evaluations(run.path) == ((), ())
    path.write_text(path.read_text()[:-20])
    (problem,) = kept_curvatures(run.path).problems
    assert problem == f"{path} is no whole evaluation; analyse the run again."
    path.write_text(json.dumps({"schema": 2}))
    (problem,) = kept_curvatures(run.path).problems
    assert "reads up to 1: update LEO Studio" in problem


@pytest.mark.parametrize("kind", ["protonet", "class_mean"])
def test_what_takes_no_steps_has_no_curvature(
    tmp_path: Path,
    kind: str,
    toy_experiment: Experiment,
    trained_copy: TrainedCopy,
    toy_store: EmbeddingStore,
) -> None:
    run = trained_copy(tmp_path, toy_experiment.with_settings({"learner.kind": kind}))
    with pytest.raises(BadInput, match="takes no gradient steps on a linear classifier"):
        next(measured_curvature(run, run.record.step, toy_store, "test", 6))


def test_a_hessian_that_is_too_large_is_one_sentence(
    run: Run, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curvature, "LARGEST_RANK", 23)
    with pytest.raises(BadInput, match=r"has 24 eigenvalues that are not 0, and at most 23"):
        measured(run, toy_store)


def test_weights_that_are_not_numbers_are_one_sentence(
    run: Run, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensors = run.checkpoint("40").weights()
    tensors["decoder"][0, 0] = torch.nan
    run.save(40, tensors, {})
    with pytest.raises(BadInput, match="weights that are not numbers at step 40"):
        measured(Run(run.path), toy_store)

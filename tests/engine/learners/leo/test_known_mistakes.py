"""One test for each mistake that public rewrites of LEO make."""

from dataclasses import replace

import pytest
import torch

from engine.config import Experiment, classification
from engine.data.store import EmbeddingStore, Split
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.learners.leo.adaptation import adapt
from engine.learners.leo.model import (
    Parameters,
    encode,
    standard_deviation,
    weight_deviation_offset,
)
from engine.learners.leo.regularisation import correlation_error_and_gradient
from engine.learners.registry import adapter_of
from engine.tasks.episodes import numbers_from, sample_episodes
from tests.problems import (
    FULL,
    loss_and_gradient,
    no_draws,
    random_draws,
    random_parameters,
    random_tasks,
)


def test_meta_gradient_is_second_order() -> None:
    """A first-order gradient does not equal the slope of the loss; this one does."""
    # The encoder penalty holds adapted codes constant, so its slope is another on purpose.
    algorithm = replace(FULL, encoder_penalty_weight=0.0)
    parameters = random_parameters(6, 4)
    tasks = random_tasks(2, 3, 2, 3, 6)
    draws = random_draws(tasks, 4, algorithm)
    _, gradients = loss_and_gradient(parameters, tasks, draws, algorithm)
    for index, variable in enumerate(parameters):
        direction = torch.randn_like(variable, dtype=torch.float64)
        ends = []
        for sign in (1, -1):
            moved = list(parameters)
            moved[index] = (variable + sign * 1e-5 * direction).detach().requires_grad_()
            terms, _ = loss_and_gradient(Parameters(*moved), tasks, draws, algorithm)
            ends.append(float(terms.loss))
        slope = (ends[0] - ends[1]) / 2e-5
        expected = float((gradients[index] * direction).sum())
        assert slope == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_orthogonality_compares_rows_of_the_decoder() -> None:
    latent, columns = 3, 8
    orthogonal_rows = torch.zeros(latent, columns)
    orthogonal_rows[[0, 1, 2], [0, 1, 2]] = torch.tensor([1.0, 5.0, 0.1])
    orthogonal_rows[0, 5] = 1.0
    assert float(correlation_error_and_gradient(orthogonal_rows)[0]) == pytest.approx(0, abs=1e-12)
    equal_rows = torch.ones(latent, columns)
    # Six of nine correlations are 1 instead of 0.
    assert float(correlation_error_and_gradient(equal_rows)[0]) == pytest.approx(6 / 9)


def test_no_relu_follows_the_last_relation_layer() -> None:
    parameters = random_parameters(6, 4)
    means = encode(parameters, random_tasks(3, 4, 2, 1, 6).support).mean
    assert (means < 0).any() and (means > 0).any()


def test_deviation_is_shifted_and_floored_not_raw() -> None:
    offset = weight_deviation_offset(5, 640)
    assert offset == pytest.approx((2 / 645) ** 0.5)
    unnormalised = torch.tensor([0.0, 1.0, -3.0], dtype=torch.float64)
    expected = torch.tensor([offset, torch.e - 1 + offset, 1e-10], dtype=torch.float64)
    torch.testing.assert_close(standard_deviation(unnormalised, offset), expected)


def test_queries_never_contain_support_examples() -> None:
    # As many examples are asked for as a class has: with replacement some would repeat.
    split = Split.of("train", torch.zeros(60, 2), torch.arange(7) * 10, list("abcdef"))
    episodes = sample_episodes(split, 0, numbers_from(0, 500, torch.device("cpu")), 4, 3, 7)
    rows = torch.cat([episodes.support, episodes.query], dim=-1)
    assert all(len(set(row)) == 10 for row in rows.flatten(0, 1).tolist())


def test_evaluation_samples_nothing(toy_store: EmbeddingStore, toy_experiment: Experiment) -> None:
    parameters = Parameters(*(p.float().detach() for p in random_parameters(16, 5)))
    split = toy_store.load(["test"])

    def accuracies(seed: int, deviations: float) -> list[float]:
        torch.manual_seed(seed)
        # The deviations' half of the decoder must not matter where only means are used.
        decoder = parameters.decoder.clone()
        decoder[:, 16:] += deviations
        changed = parameters._replace(decoder=decoder)
        task = classification(toy_experiment)
        result = evaluate(
            adapter_of(toy_experiment, changed, split),
            split,
            Protocol(task.n_way, task.k_shot, 30, 20),
        )
        numbers: list[float] = result.accuracies.tolist()
        return numbers

    assert accuracies(0, 0.0) == accuracies(1, 3.0)


def test_each_copy_gets_one_kth_of_the_gradient() -> None:
    """K equal examples are one example: with the 1/K dropped they would count K times."""
    parameters = random_parameters(6, 4)
    one = random_tasks(2, 3, 1, 1, 6).support
    three = one.expand(-1, -1, 3, -1)
    weights = [
        adapt(parameters, support, inner_steps=4, finetuning_steps=3) for support in (one, three)
    ]
    torch.testing.assert_close(*weights)


def test_encoder_penalty_teaches_the_encoder_alone() -> None:
    parameters = random_parameters(6, 4)
    tasks = random_tasks(2, 3, 2, 3, 6)
    gradients = []
    for weight in (0.0, 1.0):
        algorithm = replace(FULL, is_sampled=False, encoder_penalty_weight=weight)
        gradients.append(loss_and_gradient(parameters, tasks, no_draws(), algorithm)[1])
    changes = [(after - before).abs().max() for before, after in zip(*gradients, strict=True)]
    assert changes[0] > 1e-4
    # Adapted codes are held constant: neither decoder nor learning rates are moved.
    assert max(changes[4:]) < 1e-12

"""The written-out gradients against an oracle that differentiates its inner loop."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.loop_leo import loop_objective
from engine.learners.leo.objective import Algorithm
from tests.problems import (
    FULL,
    loss_and_gradient,
    random_draws,
    random_parameters,
    random_tasks,
)

ALGORITHMS = {
    "full": FULL,
    "no_finetuning": replace(FULL, finetuning_steps=0),
    "deterministic": replace(FULL, is_sampled=False),
    "random_prior": replace(FULL, has_encoder=False),
    "conditional_generator": replace(FULL, inner_steps=0, finetuning_steps=0),
    "conditional_generator_finetuning": replace(FULL, inner_steps=0),
}


def assert_equals_oracle(
    b: int, n: int, k: int, q: int, d: int, latent: int, algorithm: Algorithm, dropout: bool
) -> None:
    parameters = random_parameters(d, latent, seed=d)
    tasks = random_tasks(b, n, k, q, d, seed=k)
    draws = random_draws(tasks, latent, algorithm, dropout=dropout, seed=n)
    terms, found = loss_and_gradient(parameters, tasks, draws, algorithm)
    oracle = loop_objective(parameters, tasks, draws, algorithm)
    torch.testing.assert_close(terms.loss, oracle.detach(), rtol=1e-10, atol=1e-12)
    expected = torch.autograd.grad(oracle, parameters, allow_unused=True, materialize_grads=True)
    for mine, its in zip(found, expected, strict=True):
        scale = max(float(its.abs().max()), 1e-3)
        torch.testing.assert_close(mine, its, rtol=0, atol=1e-10 * scale)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    b=st.integers(1, 3),
    n=st.integers(2, 5),
    k=st.integers(1, 4),
    q=st.integers(1, 4),
    d=st.integers(1, 9),
    latent=st.integers(1, 6),
    inner=st.integers(0, 4),
    tuning=st.integers(0, 3),
    dropout=st.booleans(),
)
def test_written_out_gradients_equal_differentiated_ones(
    b: int,
    n: int,
    k: int,
    q: int,
    d: int,
    latent: int,
    inner: int,
    tuning: int,
    dropout: bool,
) -> None:
    algorithm = replace(FULL, inner_steps=inner, finetuning_steps=tuning)
    assert_equals_oracle(b, n, k, q, d, latent, algorithm, dropout)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_ablation_equals_the_oracle(name: str) -> None:
    assert_equals_oracle(2, 4, 3, 3, 7, 5, ALGORITHMS[name], True)

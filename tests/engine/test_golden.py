"""The algorithm against what the authors' released code computed, draw by draw."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.loop_leo import loop_objective
from engine.leo.adaptation import adapt
from engine.leo.draws import Draws
from engine.leo.model import Parameters, encode
from engine.leo.objective import Algorithm, Tasks, objective, see, starting_codes

TOLERANCE = 1e-6
VARIABLES = (
    "encoder/linear/w",
    "relation_network/mlp/linear_0/w",
    "relation_network/mlp/linear_1/w",
    "relation_network/mlp/linear_2/w",
    "decoder/linear/w",
    "leo_inner/lr",
    "finetuning/lr",
)


def golden_files() -> list[Path]:
    folders = [Path(__file__).parents[3] / "shared" / "golden"]
    folders += [
        Path(part) for part in os.environ.get("LEO_GOLDEN_DIRS", "").split(os.pathsep) if part
    ]
    return [path for folder in folders for path in sorted(folder.glob("*.npz"))]


class Golden:
    """One golden file in the engine's terms, a batch of one task."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as file:
            self.arrays: dict[str, Any] = {name: file[name] for name in file.files}
        config = json.loads(str(self.arrays["config"]))
        self.n, self.k = config["N"], config["K"]
        steps, tuning = config["inner_unroll_length"], config["finetuning_unroll_length"]
        trains = config["train"]
        self.algorithm = Algorithm(
            inner_steps=steps,
            finetuning_steps=tuning,
            is_sampled=trains,
            has_encoder=True,
            kl_weight=config["kl_weight"] if trains else 0.0,
            encoder_penalty_weight=config["encoder_penalty_weight"] if trains else 0.0,
            l2_weight=config["l2_penalty_weight"],
            orthogonality_weight=config["orthogonality_penalty_weight"],
        )
        x = self["x"]
        self.tasks = Tasks(x[None, :, : self.k], x[None, :, self.k :])
        shapes = Parameters(*(self[f"var/{name}"] for name in VARIABLES))
        self.parameters = Parameters(*(variable.squeeze().requires_grad_() for variable in shapes))
        self.draws = Draws(None, None, None, None, None)
        if trains:
            self.draws = Draws(
                copies_first(self["noise/0"]),
                torch.stack([copies_first(self[f"noise/{i}"]) for i in range(1, steps + 2)]),
                self["mask/0"][None],
                # The mask of the support loss after the last step is drawn but enters nothing.
                torch.stack([self[f"mask/{i}"][None] for i in range(1, steps + tuning + 1)]),
                self[f"mask/{steps + tuning + 2}"][None],
            )

    def __getitem__(self, key: str) -> Tensor:
        return torch.from_numpy(np.asarray(self.arrays[key], np.float64))

    def gradients(self) -> list[Tensor]:
        return [self[f"grad/{name}"].squeeze() for name in VARIABLES]


def copies_first(noise: Tensor) -> Tensor:
    """(N, K, x) as the engine has it, (K, B=1, N, x)."""
    return noise.movedim(1, 0)[:, None]


def assert_close(found: Tensor, expected: Tensor) -> None:
    scale = expected.abs().max().clamp(min=1e-300)
    error = float((found.detach() - expected).abs().max() / scale)
    assert error <= TOLERANCE, f"relative error {error}"


@pytest.fixture(params=golden_files(), ids=lambda path: path.stem)
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(request.param)


def test_golden_files_are_there() -> None:
    if not golden_files():
        pytest.skip("no golden files: neither ../shared/golden nor LEO_GOLDEN_DIRS has any")


def test_loss_and_each_of_its_terms_agree(golden: Golden) -> None:
    terms = objective(golden.parameters, golden.tasks, golden.draws, golden.algorithm)
    assert_close(terms.loss, golden["loss"])
    assert_close(terms.query_loss, golden["val_loss"].mean())
    assert_close(terms.query_accuracy, golden["acc"])
    assert_close(terms.l2, golden["l2"])
    assert_close(terms.orthogonality, golden["orth"])
    if golden.algorithm.is_sampled:
        assert_close(terms.kl, golden["kl"])
        assert_close(terms.encoder_penalty, golden["encoder_penalty"])


def test_meta_gradient_of_every_variable_agrees(golden: Golden) -> None:
    terms = objective(golden.parameters, golden.tasks, golden.draws, golden.algorithm)
    found = torch.autograd.grad(terms.loss, golden.parameters)
    for gradient, expected in zip(found, golden.gradients(), strict=True):
        assert_close(gradient, expected)


def test_batched_gradient_is_the_mean_over_tasks(golden: Golden) -> None:
    """A batch of the golden task and a class-shifted one; one task must not leak into another."""
    shifted = Tasks(*(part.roll(1, dims=1) * 0.9 for part in golden.tasks))
    both = Tasks(*(torch.cat(pair) for pair in zip(golden.tasks, shifted, strict=True)))
    draws = golden.draws
    if golden.algorithm.is_sampled:
        tasks_at = (1, 2, 0, 1, 0)
        draws = Draws(
            *(
                torch.cat([draw, draw.flip(-1)], dim=axis)
                for draw, axis in zip(draws, tasks_at, strict=True)
                if draw is not None
            )
        )
        other_draws = Draws(*(draw.flip(-1) for draw in golden.draws if draw is not None))
    else:
        other_draws = draws

    def gradients(tasks: Tasks, some: Draws) -> list[Tensor]:
        loss = objective(golden.parameters, tasks, some, golden.algorithm).loss
        return [loss, *torch.autograd.grad(loss, golden.parameters)]

    batched = gradients(both, draws)
    alone = gradients(shifted, other_draws)
    expected = [golden["loss"], *golden.gradients()]
    for found, other, mine in zip(batched, alone, expected, strict=True):
        assert_close(2 * found - other, mine)


def test_codes_and_weights_along_the_way_agree(golden: Golden) -> None:
    seen = see(golden.tasks, golden.draws, golden.algorithm)
    start = starting_codes(golden.parameters, seen.encoded, golden.draws, golden.algorithm)
    codes = start.codes[:, 0].movedim(0, 1).expand_as(golden["latents0"])
    assert_close(codes, golden["latents0"])
    if golden.algorithm.is_sampled:
        return
    encoded = encode(golden.parameters, golden.tasks.support)
    assert_close(encoded.mean[0], golden["latents0"].mean(1))
    for tuning, key in ((0, "weights_after_inner"), (None, "last_weights")):
        weights = adapt(
            golden.parameters,
            golden.tasks.support,
            inner_steps=golden.algorithm.inner_steps,
            finetuning_steps=golden.algorithm.finetuning_steps if tuning is None else tuning,
        )
        assert_close(weights[0], golden[key].mean(1))


def test_the_benchmarks_loop_over_tasks_agrees_too(golden: Golden) -> None:
    loss = loop_objective(golden.parameters, golden.tasks, golden.draws, golden.algorithm)
    assert_close(loss, golden["loss"])
    found = torch.autograd.grad(loss, golden.parameters)
    for gradient, expected in zip(found, golden.gradients(), strict=True):
        assert_close(gradient, expected)


def test_a_changed_hyper_parameter_is_noticed(golden: Golden) -> None:
    """The tolerance is no rubber stamp: one per cent more L2 is outside it."""
    heavier = replace(golden.algorithm, l2_weight=1.01 * golden.algorithm.l2_weight)
    loss = objective(golden.parameters, golden.tasks, golden.draws, heavier).loss
    with pytest.raises(AssertionError):
        assert_close(loss, golden["loss"])

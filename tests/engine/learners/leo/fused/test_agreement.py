"""Our kernels compute what torch's operations compute, values and gradients."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize

from engine.config import Experiment, classification, leo_settings
from engine.data.store import EmbeddingStore
from engine.learners.leo.draws import Filling, filled
from engine.learners.leo.fused import unrolled
from engine.learners.leo.fused.draws import fused_filled
from engine.learners.leo.fused.relation import FusedRelatedPairs
from engine.learners.leo.fused.unrolled import FusedFineTuning, FusedInnerLoop
from engine.learners.leo.kernels import OPERATIONS, fused_kernels
from engine.learners.leo.relation import RelatedPairs
from engine.learners.leo.unrolled import FineTuning, InnerLoop
from tests.problems import leo_step

TOLERANCE = 2e-6


def assert_same(
    ours: Callable[..., Any], theirs: Callable[..., Any], inputs: Sequence[Tensor], *rest: Any
) -> None:
    """Compare all outputs, and the gradients of all inputs, by their norms."""
    results = []
    for function in (ours, theirs):
        outputs = function(*inputs, *rest)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        generator = torch.Generator().manual_seed(1)
        weighted = (outputs[0] * torch.randn(outputs[0].shape, generator=generator)).sum()
        wanted = [tensor for tensor in inputs if tensor.requires_grad]
        results.append([*outputs, *torch.autograd.grad(weighted, wanted, allow_unused=True)])
    for mine, expected in zip(*results, strict=True):
        assert mine.shape == expected.shape
        error = (mine - expected).detach().norm() / expected.detach().norm().clamp(min=1e-9)
        assert float(error) < TOLERANCE


class Sizes:
    """Random inputs; M members whose weights, as in a step, are pieces of one row each."""

    def __init__(self, members: int | None) -> None:
        self.generator = torch.Generator().manual_seed(0)
        self.lead = () if members is None else (members,)

    def drawn(self, *shape: int, first: tuple[int, ...] = ()) -> Tensor:
        return torch.randn(*first, *self.lead, *shape, generator=self.generator)

    def weights(self, *shape: int, scale: float = 1.0) -> Tensor:
        count = torch.Size(shape).numel()
        row = scale * self.drawn(count + 3)
        piece: Tensor = row[..., 1 : count + 1].unflatten(-1, shape)
        return piece.detach().requires_grad_()


CASES = [
    # members, tasks, ways, shots, D, L, inner steps, fine-tuning steps
    (None, 2, 5, 1, 40, 8, 2, 2),
    (None, 3, 3, 3, 70, 20, 2, 1),  # nothing is a power of two
    (2, 4, 5, 1, 20, 16, 2, 1),  # several tasks in a program, the last one not full
    (2, 7, 3, 2, 130, 4, 1, 2),  # more than one chunk of the embedding as well
    (None, 1, 20, 1, 33, 5, 1, 1),
    (2, 2, 4, 2, 20, 4, 0, 0),  # no steps at all
]


@pytest.mark.parametrize(("members", "b", "n", "k", "d", "latent", "inner", "tuning"), CASES)
def test_the_two_loops(
    members: int | None,
    b: int,
    n: int,
    k: int,
    d: int,
    latent: int,
    inner: int,
    tuning: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A GPU runs programs side by side, the interpreter one by one: so fewer tasks count as many.
    monkeypatch.setattr(unrolled, "_FEW_TASKS", 5)
    sizes = Sizes(members)
    codes = sizes.drawn(k, b, n, latent).requires_grad_()
    decoder = sizes.weights(latent, 2 * d, scale=0.1)
    inner_lr, tuning_lr = sizes.weights(latent, scale=0.5), sizes.weights(d, scale=0.5)
    support = normalize(sizes.drawn(b, n * k, d, first=(inner + tuning,)), dim=-1)
    noise = sizes.drawn(k, b, n, d, first=(inner + 1,))
    loops = (codes, decoder, inner_lr)
    assert_same(FusedInnerLoop.apply, InnerLoop.apply, loops, support[:inner], noise, k, 0.05)
    weights = sizes.drawn(b, n, d).requires_grad_()
    assert_same(FusedFineTuning.apply, FineTuning.apply, (weights, tuning_lr), support[inner:], k)


@pytest.mark.parametrize(
    ("members", "b", "n", "k", "width"),
    [(None, 2, 5, 1, 16), (None, 3, 3, 3, 20), (2, 2, 3, 2, 130), (3, 1, 2, 1, 2)],
)
def test_the_relation_network(members: int | None, b: int, n: int, k: int, width: int) -> None:
    sizes = Sizes(members)
    left, right = (sizes.drawn(b, n * k, width).requires_grad_() for _ in range(2))
    middle = sizes.weights(width, width)
    assert_same(FusedRelatedPairs.apply, RelatedPairs.apply, (left, right, middle), k)


@pytest.mark.parametrize("members", [1, 3])
def test_draws(members: int) -> None:
    states = torch.tensor([5, -7, 2**62])[:members]
    for shape, run, kept in (
        ((members, 2, 3, 5), 30, None),
        ((4, members, 7, 11), 77, None),  # an odd number of numbers
        ((members, 3, 5), 15, torch.tensor([45875, 65536, 1])[:members]),
        ((3, members, 5, 7), 35, torch.tensor([45875, 65536, 1])[:members]),
    ):
        filling = Filling(shape, run, states, torch.tensor(17), 2, kept)
        ours, theirs = fused_filled(filling), filled(filling)
        tolerance = 1e-5 if kept is None else 0.0
        torch.testing.assert_close(ours, theirs, rtol=0, atol=tolerance)


@pytest.mark.parametrize("seeds", [[0], [0, 3]])
def test_whole_steps(
    seeds: list[int], toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    split = toy_store.load(["train"])
    experiment = toy_experiment.with_settings({"optimizer.meta_batch": 2})
    members = [experiment.with_settings({"run.seed": seed}) for seed in seeds]
    kernels = fused_kernels(classification(experiment), leo_settings(experiment))
    assert all(ours is not other for ours, other in zip(kernels, OPERATIONS, strict=True))
    fused, plain = leo_step(members, split, kernels=kernels), leo_step(members, split)
    torch.testing.assert_close(fused(range(1)), plain(range(1)), rtol=1e-5, atol=1e-5)
    for one, other in zip(fused.members, plain.members, strict=True):
        for mine, expected in zip(one, other, strict=True):
            torch.testing.assert_close(mine, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "fused"),
    [
        ({"learner.variant": "deterministic"}, {"related_pairs", "finetuning", "fill"}),
        ({"task.n_way": 100}, {"fill"}),
        ({"learner.latent_size": 1000}, {"fill"}),
    ],
)
def test_what_is_too_large_is_left_to_torch(
    changes: dict[str, Any], fused: set[str], toy_experiment: Experiment
) -> None:
    experiment = toy_experiment.with_settings(changes)
    kernels = fused_kernels(classification(experiment), leo_settings(experiment))._asdict()
    plain = OPERATIONS._asdict()
    assert {name for name in kernels if kernels[name] is not plain[name]} == fused

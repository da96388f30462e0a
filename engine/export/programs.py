"""Adaptation as programs that other software runs: plain forward passes with free sizes.

Because the inner gradients are written out, all of LEO's adaptation is a graph without autograd:
a support set goes in, a classifier comes out. `adapt` traces `engine.learners.leo.trajectory`; what
is sampled is written here without the in-place steps and shortcuts that only training needs.
`engine.export.checks` holds both to what the engine computes.

Shapes: B tasks, N ways, K shots, M = N K support examples, Q queries, C copies of each code, D
embedding size, P what is seen of it (see `engine.data.features`), L latent size, T inner steps.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from engine.data.features import Features
from engine.data.normalizing import normalized
from engine.learners.leo.model import SMALLEST_DEVIATION, Parameters
from engine.learners.leo.trajectory import Model, Support, descended, distribution, trajectory
from engine.learners.leo.unrolled import support_gradient


@dataclass(frozen=True, slots=True)
class Program:
    """A program to export: its name, its inputs and its outputs.

    Attributes
    ----------
    name
        Of the file, without its ending.
    module
        Computes it; its parameters are named as in `engine.export.weights`.
    examples
        Tensors to trace it with.
    inputs, outputs
        Their names and axes: an axis with the name of a size is free, a number is fixed.
    """

    name: str
    module: nn.Module
    examples: tuple[Tensor, ...]
    inputs: dict[str, tuple[str | int, ...]]
    outputs: dict[str, tuple[str | int, ...]]

    def traced(self) -> ExportedProgram:
        """Trace it with all named sizes free."""
        free = [
            {place: Dim.DYNAMIC for place, axis in enumerate(axes) if isinstance(axis, str)}
            for axes in self.inputs.values()
        ]
        from torch._dynamo.config import patch

        # Looking results of free sizes up takes longer than working them out again.
        with patch(fake_tensor_cache_enabled=False):
            return torch.export.export(self.module, self.examples, dynamic_shapes=tuple(free))


Adapted: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor]
"""Classifier weights (B, N, P), whose logits are embeddings as they are seen @ weights^T; adapted
codes (B, N, L), or (C, B, N, L) where they are sampled; means and deviations of the classes'
Gaussians over codes before adaptation, (B, N, L) each. A plain tuple, since programs cannot name
classes of ours."""


def programs_of(model: Model, features: Features) -> tuple[Program, ...]:
    """Return the programs of a model: `adapt`, `predict` and, where it samples, `adapt_sampled`.

    Parameters
    ----------
    model
        The weights, on the CPU.
    features
        What is done to embeddings first; the programs do it, so that they take embeddings as they
        are stored.
    """
    seen, latent = model.parameters.embedding_dim, model.parameters.latent_size
    d = features.raw_size(seen)
    # No two sizes of an example may be equal, or tracing would take them for one and the same.
    b, n, k, q, copies = 2, 3, 4, 5, 6
    support = torch.randn(b, n, k, d)
    adapt = Program(
        "adapt",
        Adapt(model, features),
        (support,),
        {"support": ("tasks", "ways", "shots", d)},
        {
            "weights": ("tasks", "ways", seen),
            "adapted_codes": ("tasks", "ways", latent),
            "code_means": ("tasks", "ways", latent),
            "code_deviations": ("tasks", "ways", latent),
        },
    )
    predict = Program(
        "predict",
        Predict(features),
        (torch.randn(b, n, seen), torch.randn(b, q, d)),
        {"weights": ("tasks", "ways", seen), "queries": ("tasks", "queries", d)},
        {"probabilities": ("tasks", "queries", "ways")},
    )
    if not model.is_sampled:
        return adapt, predict
    decodes = model.inner_steps + 1
    sampled = Program(
        "adapt_sampled",
        AdaptSampled(model, features),
        (support, torch.randn(copies, b, n, latent), torch.randn(decodes, copies, b, n, seen)),
        {
            "support": ("tasks", "ways", "shots", d),
            "latent_noise": ("copies", "tasks", "ways", latent),
            "weight_noise": (decodes, "copies", "tasks", "ways", seen),
        },
        adapt.outputs | {"adapted_codes": ("copies", "tasks", "ways", latent)},
    )
    return adapt, predict, sampled


class FeatureLayer(nn.Module):
    """What is done to embeddings first, as a part of a network; see `engine.data.features`."""

    def __init__(self, features: Features) -> None:
        super().__init__()
        self._like = features
        self.register_buffer("mean", features.mean)
        self.register_buffer("projection", features.projection)

    def forward(self, embeddings: Tensor) -> Tensor:
        """Turn embeddings (..., D) into what the learner sees."""
        own: dict[str, Any] = dict(self.named_buffers())
        return self._like._replace(**own)(embeddings)


class _Networks(nn.Module):
    """LEO's weights, and the operations that both programs of adaptation share."""

    def __init__(self, model: Model, features: Features) -> None:
        super().__init__()
        for name, tensor in model.parameters._asdict().items():
            setattr(self, name, nn.Parameter(tensor.detach().clone(), requires_grad=False))
        self._like = model
        self.features = FeatureLayer(features)

    def _model(self) -> Model:
        """Return the model whose weights these are, so that tracing sees this module's own."""
        parameters = Parameters(*(getattr(self, name) for name in Parameters._fields))
        return self._like._replace(parameters=parameters)

    def _support(self, support: Tensor) -> Support:
        """Return support sets (B, N, K, D) as they are seen.

        Their classes' numbers of examples are a tensor, although they are equal: tracing then
        takes the plain forward pass of the encoder.
        """
        n, k = support.shape[1:3]
        examples = self.features(support).flatten(1, 2)
        labels = labels_of(examples, n, k)
        return Support(examples, labels, labels.sum(1, keepdim=True))


class Adapt(_Networks):
    """Adaptation as it is evaluated: means, nothing drawn (see `leo.adaptation`)."""

    def forward(self, support: Tensor) -> Adapted:
        """Turn support sets (B, N, K, D) into classifiers."""
        model, sets = self._model(), self._support(support)
        start = distribution(model, sets)
        *_, last = trajectory(model, sets, start.mean)
        return last.weights, last.codes, start.mean, start.deviation


class AdaptSampled(_Networks):
    """Adaptation as it is trained: codes and weights are sampled, with noise that is given.

    Each class has C copies of its code, and logits average over them. Training draws K copies; one
    copy with `weight_noise` of zeros follows one sample of each class's code.
    """

    def forward(self, support: Tensor, latent_noise: Tensor, weight_noise: Tensor) -> Adapted:
        """Turn support sets and standard normal noise into classifiers.

        `latent_noise` is (C, B, N, L), `weight_noise` (T + 1, C, B, N, P): one for each decode.
        """
        model, sets = self._model(), self._support(support)
        leo = model.parameters
        n, d = support.shape[1], leo.embedding_dim  # as many as the learner sees
        to_mean, to_deviation = leo.decoder[:, :d], leo.decoder[:, d:]
        offset = torch.sqrt(2 / (sets.labels.new_ones(n).sum() + d))
        start = distribution(model, sets)
        codes = start.mean + start.deviation * latent_noise
        for step in range(model.inner_steps + 1):
            exponential = torch.exp(codes @ to_deviation)
            deviation = (exponential - (1 - offset)).clamp(min=SMALLEST_DEVIATION)
            spread = deviation * weight_noise[step]
            weights = (codes @ to_mean + spread).mean(0)
            if step == model.inner_steps:
                break
            # The deviation's derivative: exp(s) where it is above its floor, 0 where it is held.
            moves = (deviation > SMALLEST_DEVIATION).to(deviation.dtype)
            slope = exponential * weight_noise[step] * moves
            gradient, _ = support_gradient(sets.examples, weights, sets.labels, sets.shots)
            descent = gradient @ to_mean.mT + (gradient * slope) @ to_deviation.mT
            codes = codes - leo.inner_lr * descent
        finetuned = descended(weights, sets, leo.finetuning_lr, model.finetuning_steps)
        *_, weights = weights, *finetuned
        return weights, codes, start.mean, start.deviation


class Predict(nn.Module):
    """Class probabilities of queries under adapted classifiers."""

    def __init__(self, features: Features) -> None:
        super().__init__()
        self.features = FeatureLayer(features)

    def forward(self, weights: Tensor, queries: Tensor) -> Tensor:
        """Turn weights (B, N, P) and queries (B, Q, D) into probabilities (B, Q, N)."""
        return torch.softmax(self.features(queries) @ weights.mT, dim=-1)


def labels_of(examples: Tensor, n: int, k: int) -> Tensor:
    """Return the one-hot labels of examples sorted by class, (N, M)."""
    owners = torch.arange(n * k, device=examples.device) // k
    classes = torch.arange(n, device=examples.device)
    return (classes[:, None] == owners).to(examples.dtype)


@contextmanager
def collection_paused() -> Iterator[None]:
    """Leave garbage uncollected for a while.

    What torch's tracing makes is kept until it ends: looking for garbage in it, and in all that
    torch has loaded, would take about a tenth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def cases(program: Program, sizes: Sequence[tuple[int, int, int]]) -> list[tuple[Tensor, ...]]:
    """Draw inputs for a program at some sizes (B, N, K), always the same ones.

    Embeddings have length 2, so that dividing by it matters and nothing overflows without. Queries
    are three more than there are tasks, and copies as many as shots.
    """
    generator = torch.Generator().manual_seed(0)

    def drawn(name: str, shape: list[int]) -> Tensor:
        noise = torch.randn(shape, generator=generator)
        return noise if name.endswith("noise") else 2 * normalized(noise)

    found = []
    for b, n, k in sizes:
        free = {"tasks": b, "ways": n, "shots": k, "copies": k, "queries": b + 3}
        found.append(
            tuple(
                drawn(name, [free[axis] if isinstance(axis, str) else axis for axis in axes])
                for name, axes in program.inputs.items()
            )
        )
    return found

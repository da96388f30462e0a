"""The random draws of one outer step, as one explicit object.

Everything random about a step is here, so a test, a resumed run and a what-if inspection can all
say exactly what was drawn. Draws are a pure function of a seed and a step's number.

Shapes: B tasks, N ways, K shots, Q queries per class, D embedding size, L latent size, T inner
steps, F fine-tuning steps. The K copies of a class's code come first: averaging over them then adds
contiguous blocks.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from engine.hashing import mixed


class Draws(NamedTuple):
    """What is drawn for a batch of tasks. Noise is standard normal; masks are 0 or 1 / keep rate.

    None stands for a draw that is not made: no noise for deterministic codes and weights, no masks
    without dropout.
    """

    latent_noise: Tensor | None  # (K, B, N, L)
    weight_noise: Tensor | None  # (T + 1, K, B, N, D): one decode before the first step, one after
    # each step
    encoder_mask: Tensor | None  # (B, N, K, D)
    support_masks: Tensor | None  # (T + F, B, N, K, D): one for each support gradient
    query_mask: Tensor | None  # (B, N, Q, D)


@dataclass(frozen=True, slots=True)
class DrawShapes:
    """How much one step draws."""

    tasks: int
    n_way: int
    k_shot: int
    queries: int
    embedding_dim: int
    latent_size: int
    inner_steps: int
    finetuning_steps: int
    dropout: float
    is_sampled: bool


def draw(shapes: DrawShapes, seed: int, step: int, generator: torch.Generator) -> Draws:
    """Draw for one outer step.

    Parameters
    ----------
    shapes
        How much is drawn.
    seed, step
        What the draws are a function of; `generator` is seeded from them, so it has no past.
    generator
        Whose device the draws are made on. Other devices draw other numbers.
    """
    generator.manual_seed(mixed(seed, step))
    s = shapes
    device = generator.device
    latent_noise = weight_noise = None
    if s.is_sampled:
        copies = (s.k_shot, s.tasks, s.n_way)
        latent_noise = torch.randn(*copies, s.latent_size, generator=generator, device=device)
        weight_noise = torch.randn(
            s.inner_steps + 1, *copies, s.embedding_dim, generator=generator, device=device
        )
    if s.dropout == 0:
        return Draws(latent_noise, weight_noise, None, None, None)
    per_class = s.tasks * s.n_way * s.embedding_dim
    evaluations = s.inner_steps + s.finetuning_steps
    sizes = [per_class * s.k_shot, per_class * s.k_shot * evaluations, per_class * s.queries]
    masks = dropout_masks(sum(sizes), s.dropout, generator)
    encoder, support, query = masks.split(sizes)
    support_shape = (s.tasks, s.n_way, s.k_shot, s.embedding_dim)
    return Draws(
        latent_noise,
        weight_noise,
        encoder.view(support_shape),
        support.view(evaluations, *support_shape),
        query.view(s.tasks, s.n_way, s.queries, s.embedding_dim),
    )


def dropout_masks(count: int, rate: float, generator: torch.Generator) -> Tensor:
    """Draw `count` independent dropout masks: 1 / keep rate with the keep rate, else 0.

    Each takes 16 random bits, four to a 64-bit draw, instead of a float of its own, so the rate is
    exact to 1 / 65,536.
    """
    kept_values = max(1, round((1 - rate) * 65536))
    words = torch.empty((count + 3) // 4, dtype=torch.int64, device=generator.device)
    words.random_(-(2**63), None, generator=generator)
    masks = torch.empty(count, device=generator.device)
    torch.lt(words.view(torch.int16)[:count], kept_values - 32768, out=masks)
    return masks.mul_(65536 / kept_values)

"""The random draws of one outer step, as one explicit object.

Everything random about a step is here, so a test, a resumed run and a what-if inspection can all
say exactly what was drawn. Draws are a pure function of a seed and a step's number.

On a CUDA GPU they come out of a counter-based hash, so that a step's number may be a tensor there:
no generator has to be seeded between two steps, and many models draw at once. Elsewhere they come
from torch's generator.

Shapes: M members of a population, B tasks, N ways, K shots, Q queries per class, D embedding size,
L latent size, T inner steps, F fine-tuning steps. The K copies of a class's code come first:
averaging over them then adds contiguous blocks.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from engine.tasks.hashing import mixed, mixed_with


class Draws(NamedTuple):
    """What is drawn for a batch of tasks. Noise is standard normal; masks are 0 or 1 / keep rate.

    None stands for a draw that is not made: no noise for deterministic codes and weights, no masks
    without dropout. (M) is there for a population, and else it is not.
    """

    latent_noise: Tensor | None  # (M, K, B, N, L)
    weight_noise: Tensor | None  # (T + 1, M, K, B, N, D): one decode before the first step, one
    # after each step
    encoder_mask: Tensor | None  # (M, B, N, K, D)
    support_masks: Tensor | None  # (T + F, M, B, N, K, D): one for each support gradient
    query_mask: Tensor | None  # (M, B, N, Q, D)


# Where a population's members are in each draw.
_MEMBERS = {
    "latent_noise": 0,
    "weight_noise": 1,
    "encoder_mask": 0,
    "support_masks": 1,
    "query_mask": 0,
}


@dataclass(frozen=True, slots=True)
class DrawShapes:
    """The shapes of a step's draws."""

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

    def shapes(self) -> "dict[str, tuple[int, ...]]":
        """Return the shape of each draw that is made, by its name in `Draws`."""
        copies = (self.k_shot, self.tasks, self.n_way)
        support = (self.tasks, self.n_way, self.k_shot, self.embedding_dim)
        shapes: dict[str, tuple[int, ...]] = {}
        if self.is_sampled:
            shapes["latent_noise"] = (*copies, self.latent_size)
            shapes["weight_noise"] = (self.inner_steps + 1, *copies, self.embedding_dim)
        if self.dropout > 0:
            shapes["encoder_mask"] = support
            shapes["support_masks"] = (self.inner_steps + self.finetuning_steps, *support)
            shapes["query_mask"] = (self.tasks, self.n_way, self.queries, self.embedding_dim)
        return shapes


class GeneratorDraws:
    """Draws from torch's generator, a model's after the other's.

    Parameters
    ----------
    shapes
        How much each member draws; one of them for a single model.
    seeds
        What their draws are a function of, beside the step.
    device
        Where they are made. Other devices draw other numbers.
    """

    def __init__(
        self, shapes: Sequence[DrawShapes], seeds: Sequence[int], device: torch.device
    ) -> None:
        self._members = list(zip(shapes, seeds, strict=True))
        self._generator = torch.Generator(device)

    def __call__(self, step: int | Tensor) -> Draws:
        """Draw for one outer step; a step on another device than the CPU is waited for."""
        each = [draw(shapes, seed, int(step), self._generator) for shapes, seed in self._members]
        return each[0] if len(each) == 1 else stacked(each)


class HashedDraws:
    """Draws out of a hash of (seed, step, which draw, which number), all models' at once.

    Parameters
    ----------
    shapes, seeds, device
        As for `GeneratorDraws`.
    fill
        Does the arithmetic: `filled`, or the same as one kernel (`leo.fused.draws`).
    """

    def __init__(
        self,
        shapes: Sequence[DrawShapes],
        seeds: Sequence[int],
        device: torch.device,
        fill: "Callable[[Filling], Tensor] | None" = None,
    ) -> None:
        self._fill = fill or filled
        self._members = () if len(shapes) == 1 else (len(shapes),)
        dropout = max(each.dropout for each in shapes)
        self._shapes = replace(shapes[0], dropout=dropout).shapes()
        kept = [kept_values(each.dropout) for each in shapes]
        self._kept = torch.tensor(kept, device=device)
        states = [mixed(seed) for seed in seeds]
        signed = [state - (1 << 64) if state >= 1 << 63 else state for state in states]
        self._states = torch.tensor(signed, device=device)

    def __call__(self, step: Tensor) -> Draws:
        """Draw for the outer step with number `step`, () int64 on the device."""
        made: dict[str, Tensor] = {}
        for purpose, name in enumerate(_MEMBERS):
            shape = self._shapes.get(name)
            if shape is not None:
                place = _MEMBERS[name]
                whole = (*shape[:place], *self._members, *shape[place:])
                kept = self._kept if name.endswith(("mask", "masks")) else None
                run = math.prod(shape[place:])
                made[name] = self._fill(Filling(whole, run, self._states, step, purpose, kept))
        return Draws(*(made.get(name) for name in Draws._fields))


class Filling(NamedTuple):
    """A draw to be made out of the hash.

    Number i of a member is made of word i // 2 of its hash where it is noise, else of word i // 4;
    `run` numbers of each member follow one another.
    """

    shape: tuple[int, ...]
    run: int
    states: Tensor  # (M,) int64: the hash of each member's seed
    step: Tensor  # () int64
    purpose: int
    kept: Tensor | None  # (M,): of 65,536 values of a mask, those that keep; None for noise


def filled(filling: Filling) -> Tensor:
    """Make a draw, operation by operation."""
    states, step = filling.states, filling.step
    count = math.prod(filling.shape) // len(states)
    state = mixed_with(mixed_with(states, step), torch.full_like(step, filling.purpose))[:, None]
    numbers_per_word = 2 if filling.kept is None else 4
    words = torch.arange(-(-count // numbers_per_word), device=states.device)
    words = mixed_with(state, words)
    if filling.kept is None:
        # Box and Muller: a word's halves are a radius and an angle, which are two normal numbers.
        high = ((words >> 32) & 0xFFFFFFFF).float()
        angle = (words & 0xFFFFFFFF).float() * (2 * math.pi / 2**32)
        radius = ((high + 0.5) * 2.0**-32).log().mul_(-2).sqrt_()
        numbers = torch.stack((radius * angle.cos(), radius * angle.sin()), dim=-1)
    else:
        kept = filling.kept[:, None]
        quarters = words.view(torch.int16).view(len(states), -1)
        numbers = torch.where(quarters < kept - 32768, 65536 / kept.float(), 0.0)
    numbers = numbers.flatten(1)[:, :count].view(len(states), -1, filling.run)
    return numbers.transpose(0, 1).reshape(filling.shape)


def draw(shapes: DrawShapes, seed: int, step: int, generator: torch.Generator) -> Draws:
    """Draw for one outer step of one model.

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
    made: dict[str, Tensor] = {}
    wanted = shapes.shapes()
    for name in ("latent_noise", "weight_noise"):
        if name in wanted:
            made[name] = torch.randn(wanted[name], generator=generator, device=generator.device)
    names = [name for name in wanted if name not in made]
    sizes = [math.prod(wanted[name]) for name in names]
    if names:
        masks = dropout_masks(sum(sizes), shapes.dropout, generator).split(sizes)
        made |= {name: mask.view(wanted[name]) for name, mask in zip(names, masks, strict=True)}
    return Draws(*(made.get(name) for name in Draws._fields))


def stacked(each: Sequence[Draws]) -> Draws:
    """Return the draws of a population from those of its members."""
    parts: list[Tensor | None] = []
    for name, place in _MEMBERS.items():
        drawn = [getattr(draws, name) for draws in each]
        like = next((part for part in drawn if part is not None), None)
        if like is None:
            parts.append(None)
        else:
            # A member without dropout, among others with it, keeps all.
            whole = [torch.ones_like(like) if part is None else part for part in drawn]
            parts.append(torch.stack(whole, dim=place))
    return Draws(*parts)


def kept_values(rate: float) -> int:
    """Return how many of 65,536 values of a dropout mask's 16 bits keep a number."""
    return max(1, round((1 - rate) * 65536))


def dropout_masks(count: int, rate: float, generator: torch.Generator) -> Tensor:
    """Draw `count` independent dropout masks: 1 / keep rate with the keep rate, else 0.

    Each takes 16 random bits, four to a 64-bit draw, instead of a float of its own, so the rate is
    exact to 1 / 65,536.
    """
    kept = kept_values(rate)
    words = torch.empty((count + 3) // 4, dtype=torch.int64, device=generator.device)
    words.random_(-(2**63), None, generator=generator)
    masks = torch.empty(count, device=generator.device)
    torch.lt(words.view(torch.int16)[:count], kept - 32768, out=masks)
    return masks.mul_(65536 / kept)

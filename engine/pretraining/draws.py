"""Random numbers of pre-training: those of a step are a function of the seed and the step alone.

They are few and drawn on the CPU, so they are the same on every device and after every restart.

Shapes: n pictures, B of them in a batch.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import Backbone

# Set beside a seed, they keep kinds of draws apart.
_ORDER, _STEP, _NETWORK = 0, 1, 2
# Of `affine_strength` 1: radians, and shares of a size.
_TURN, _SCALING, _SHEAR, _SHIFT = math.radians(10), 0.1, 0.1, 0.07
_RATIO = 4 / 3  # of a crop's sides, at most


class Draws(NamedTuple):
    """What is drawn for a batch.

    An affine map takes places in what the network sees to places in the picture; both go from -1
    to 1, x first.
    """

    rows: Tensor  # (B,) int64: pictures
    quarters: Tensor  # (B,) int64: quarters by which each is turned
    maps: Tensor  # (B, 2, 3): affine, the turns by quarters included
    colours: Tensor | None  # (B, 3): factors of brightness, contrast and saturation
    mixing: "Mixing | None"


class Mixing(NamedTuple):
    """How the pictures of a batch are mixed with one another (manifold mixup)."""

    place: float  # 0 to 1: where in the network
    share: float  # of the picture itself, at least a half
    partners: Tensor  # (B,) int64: what each is mixed with


def draw(settings: Backbone, seed: int, step: int, pictures: int) -> Draws:
    """Draw what the batch of a step needs; each picture comes once in every epoch."""
    random = np.random.default_rng((seed, _STEP, step))
    count = settings.batch
    rows, quarters = _batch(settings, seed, step, pictures)
    if settings.rotation_weight:
        quarters = random.integers(4, size=count)
    linear, shift = _distortions(settings, random, count)
    maps = np.concatenate((linear @ _turned(quarters), shift[..., None]), axis=2)
    colours, mixing = None, None
    if settings.augmentation == "photo" and settings.colour_jitter:
        jitter = settings.colour_jitter
        colours = torch.from_numpy(random.uniform(1 - jitter, 1 + jitter, (count, 3))).float()
    if settings.mixup_alpha:
        share = random.beta(settings.mixup_alpha, settings.mixup_alpha)
        partners = torch.from_numpy(random.permutation(count))
        mixing = Mixing(random.random(), max(share, 1 - share), partners)
    return Draws(
        torch.from_numpy(rows),
        torch.from_numpy(quarters),
        torch.from_numpy(maps).float(),
        colours,
        mixing,
    )


def network_seed(seed: int, step: int) -> int:
    """Return the seed of what the network itself draws in a step: what it drops."""
    return int(np.random.default_rng((seed, _NETWORK, step)).integers(2**63))


def examples_in_epoch(settings: Backbone, pictures: int) -> int:
    """Return how many examples an epoch has: turned pictures are others where classes are."""
    return pictures * 4 if settings.rotated_classes else pictures


def _batch(
    settings: Backbone, seed: int, step: int, pictures: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pictures of a step, and by how many quarters the classes they stand for turn."""
    count = examples_in_epoch(settings, pictures)
    numbers = np.arange(step * settings.batch, (step + 1) * settings.batch)
    epochs, places = numbers // count, numbers % count
    examples = np.empty_like(numbers)
    for epoch in np.unique(epochs).tolist():
        here = epochs == epoch
        examples[here] = _order(seed, epoch, count)[places[here]]
    return examples % pictures, examples // pictures


@lru_cache(maxsize=4)
def _order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, _ORDER, epoch)).permutation(count)


def _distortions(
    settings: Backbone, random: np.random.Generator, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw affine maps: their linear parts (B, 2, 2) and their shifts (B, 2)."""
    if settings.augmentation == "photo":
        return _crops(settings.smallest_crop, random, count)
    seen = settings.image_side / settings.kept_side
    linear = np.broadcast_to(np.eye(2) * seen, (count, 2, 2))
    if settings.augmentation == "none":
        return linear, np.zeros((count, 2))
    strength = settings.affine_strength
    angle = random.uniform(-_TURN, _TURN, count) * strength
    shear = random.uniform(-_SHEAR, _SHEAR, count) * strength
    scales = np.exp(random.uniform(-_SCALING, _SCALING, (count, 2)) * strength)
    # Twice, as the picture goes from -1 to 1.
    shift = random.uniform(-2 * _SHIFT, 2 * _SHIFT, (count, 2)) * strength
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.stack((cosine, -sine, sine, cosine), axis=1).reshape(-1, 2, 2)
    lean = np.stack((np.ones(count), shear, np.zeros(count), np.ones(count)), axis=1)
    return linear @ turn @ lean.reshape(-1, 2, 2) * scales[:, None, :], shift


def _crops(
    smallest: float, random: np.random.Generator, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw crops by their area and the ratio of their sides, half of them mirrored."""
    area = random.uniform(smallest, 1, count)
    ratio = np.exp(random.uniform(-math.log(_RATIO), math.log(_RATIO), count) / 2)
    sides = np.minimum(np.sqrt(area)[:, None] * np.stack((ratio, 1 / ratio), axis=1), 1)
    shift = random.uniform(-1, 1, (count, 2)) * (1 - sides)
    sides[:, 0] *= random.choice((-1.0, 1.0), count)
    return sides[:, :, None] * np.eye(2), shift


def _turned(quarters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the turns by some quarters, (B, 2, 2), without any rounding."""
    cosines, sines = np.array([1.0, 0, -1, 0]), np.array([0, 1.0, 0, -1])
    cosine, sine = cosines[quarters], sines[quarters]
    return np.stack((cosine, -sine, sine, cosine), axis=1).reshape(-1, 2, 2)

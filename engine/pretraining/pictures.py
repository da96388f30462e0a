"""Pictures of a store in memory: decoded once, a byte for each number.

Shapes: n pictures of C channels, k by k pixels; B of them in a batch.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.config import Backbone
from engine.data.requirements import unmet_by_pictures
from engine.data.store import EmbeddingStore
from engine.devices.selection import free_memory
from engine.errors import BadInput

# Pictures that take more of a device's free memory than one part in so many stay outside of it.
_SHARE_FOR_PICTURES = 2
_PICTURES_AT_A_TIME = 4096


class Pictures(NamedTuple):
    """Pictures of some splits, sorted by class."""

    name: str  # of the splits, such as "train+val"
    images: Tensor  # (n, C, k, k) uint8
    class_offsets: Tensor  # (classes + 1,) int64; class c owns the rows from offset c to c + 1
    class_names: tuple[str, ...]

    @property
    def labels(self) -> Tensor:
        """The class of each picture, (n,) int64."""
        sizes = self.class_offsets.diff()
        return torch.arange(len(sizes), device=sizes.device).repeat_interleave(sizes)


class Normalisation(NamedTuple):
    """What is taken from each channel, which is 0 to 1, and what it is divided by; (C,) each."""

    mean: Tensor
    std: Tensor

    def __call__(self, channels: Tensor) -> Tensor:
        """Normalise pictures (B, C, h, w) where they lie."""
        mean, std = (each.to(channels.device).view(1, -1, 1, 1) for each in self)
        return channels.sub_(mean).div_(std)


def load_pictures(
    settings: Backbone, store: EmbeddingStore, names: Sequence[str], device: torch.device
) -> Pictures:
    """Load the pictures of splits, joined, onto a device if they take no more than half of it.

    Raises
    ------
    BadInput
        If the store does not keep pictures of the size that the settings say.
    """
    for sentence in unmet_by_pictures(settings, store.path.name, store.splits, names):
        raise BadInput(sentence)
    total = sum(store.splits[name].examples for name in names)
    side = settings.kept_side
    images = torch.empty(total, settings.in_channels, side, side, dtype=torch.uint8)
    offsets, class_names, start = [np.zeros(1, np.int64)], [], 0
    for name in names:
        offsets.append(store.class_offsets(name)[1:] + start)
        class_names += store.class_names(name)
        for chunk in store.image_chunks(name, _PICTURES_AT_A_TIME):
            images[start : start + len(chunk)] = _with_channels(chunk, settings.in_channels)
            start += len(chunk)
    free = free_memory(device)
    if free is None or images.nbytes <= free // _SHARE_FOR_PICTURES:
        images = images.to(device)
    joined = torch.from_numpy(np.concatenate(offsets))
    return Pictures("+".join(names), images, joined, tuple(class_names))


def measured_normalisation(pictures: Pictures) -> Normalisation:
    """Measure the mean and the deviation of each channel over all pictures.

    Of whole numbers, so that they are the same on every device.
    """
    count = pictures.images[:, 0].numel()
    totals = torch.zeros(2, pictures.images.shape[1], dtype=torch.int64)
    for chunk in pictures.images.split(_PICTURES_AT_A_TIME):
        values = chunk.to(torch.int64)
        totals[0] += values.sum((0, 2, 3)).cpu()
        totals[1] += values.square_().sum((0, 2, 3)).cpu()
    mean, square = totals.double() / count / torch.tensor([[255.0], [255.0**2]])
    # Of pictures that are all alike there is none to divide by.
    std = (square - mean.square()).clamp(min=0).sqrt().clamp(min=1 / 255)
    return Normalisation(mean.float(), std.float())


def centre(images: Tensor, side: int) -> Tensor:
    """Return the centre of pictures (B, C, k, k), (B, C, side, side): what evaluation sees."""
    start = (images.shape[-1] - side) // 2
    return images[..., start : start + side, start : start + side]


def _with_channels(chunk: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]", count: int) -> Tensor:
    """Return pictures (B, k, k, 1 or 3) as (B, count, k, k)."""
    images = torch.from_numpy(chunk).permute(0, 3, 1, 2)
    if images.shape[1] == count:
        return images
    if count == 3:
        return images.expand(-1, 3, -1, -1)
    return images.to(torch.float32).mean(1, keepdim=True).round_().to(torch.uint8)

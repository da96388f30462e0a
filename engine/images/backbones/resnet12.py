"""ResNet-12 with DropBlock (Lee et al. 2019, MetaOptNet, section 4.1; Tian et al. 2020).

Shapes: B images, C feature maps of H by W.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.images.backbones.backbone import (
    Backbone,
    BackboneSettings,
    ConvNorm,
    conv1x1,
    conv3x3,
    mean_over_space,
)

BLOCK_SIZE = 5  # side of what DropBlock drops
BATCHES_TO_FULL_RATE = 40_000  # over which the rate of DropBlock grows from 0
NEGATIVE_SLOPE = 0.1


class ResNet12(Backbone):
    """Four residual blocks; features are the average of the last one's maps.

    While it is trained, numbers are dropped after blocks 1 and 2, whole squares of them (DropBlock)
    after blocks 3 and 4.

    Attributes
    ----------
    batches_seen
        Batches that it was trained on, by which the rate of DropBlock grows. No part of the
        weights: who resumes training sets it.
    """

    def __init__(self, settings: BackboneSettings, widths: tuple[int, int, int, int]) -> None:
        super().__init__(settings)
        channels = (settings.in_channels, *widths)
        self.blocks = nn.ModuleDict(
            {str(n): ResidualBlock(channels[n - 1], channels[n]) for n in (1, 2, 3, 4)}
        )
        self.batches_seen = 0

    def forward(self, images: Tensor) -> Tensor:
        """Return the features, (B, D), of normalised images, (B, C, H, W)."""
        if self.training:
            self.batches_seen += 1
        maps = images
        for number, block in self.blocks.items():
            maps = block(maps)
            if self.training and self.settings.drop_rate > 0:
                maps = self._dropped(maps, number)
            if self.layer == f"block{number}":
                break
        return mean_over_space(maps)

    def _dropped(self, maps: Tensor, number: str) -> Tensor:
        rate = self.settings.drop_rate
        if number in ("1", "2"):
            return functional.dropout(maps, rate)
        return drop_block(maps, rate * min(1.0, self.batches_seen / BATCHES_TO_FULL_RATE))


class ResidualBlock(nn.Module):
    """Three convolutions beside one of 1 by 1, leaky ReLU, maximum of 2 by 2."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv1 = ConvNorm(conv3x3(in_channels, out_channels))
        self.conv2 = ConvNorm(conv3x3(out_channels, out_channels))
        self.conv3 = ConvNorm(conv3x3(out_channels, out_channels))
        self.shortcut = ConvNorm(conv1x1(in_channels, out_channels))

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps of half the side."""
        residual = _activated(self.conv2(_activated(self.conv1(maps))))
        summed = self.conv3(residual) + self.shortcut(maps)
        return functional.max_pool2d(_activated(summed), 2)


def drop_block(maps: Tensor, rate: float, size: int = BLOCK_SIZE) -> Tensor:
    """Set squares of feature maps to zero, and scale up what is left (Ghiasi et al. 2018).

    Parameters
    ----------
    maps
        Feature maps, (B, C, H, W).
    rate
        The share of numbers that is dropped, about.
    size
        The squares' side; at most the maps' own.
    """
    batch, channels, height, width = maps.shape
    size = min(size, height, width)
    places = (height - size + 1) * (width - size + 1)  # where a square's corner can be
    share = rate / size**2 * height * width / places
    corners = torch.rand(
        batch, channels, height - size + 1, width - size + 1, device=maps.device, dtype=maps.dtype
    )
    # A number is dropped where one of the corners left of and above it is drawn.
    is_corner = functional.pad((corners < share).to(maps.dtype), (size - 1,) * 4)
    kept = 1 - functional.max_pool2d(is_corner, size, stride=1)
    return maps * kept * (kept.numel() / kept.sum().clamp(min=1))


def _activated(maps: Tensor) -> Tensor:
    return functional.leaky_relu(maps, NEGATIVE_SLOPE, inplace=True)

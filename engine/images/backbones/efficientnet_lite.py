"""EfficientNet-Lite0 (Tan and Le 2019; the Lite kind of 2020), as its published weights need it.

Lite means: ReLU6 in place of swish, and no squeeze-and-excitation. Strided convolutions pad as
TensorFlow does: what does not divide by two goes to the right and to the bottom.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.images.backbones.backbone import Backbone, BackboneSettings, ConvNorm, mean_over_space

NORM = {"eps": 1e-3, "momentum": 0.01}
FEATURES = 1280
IMAGENET_CLASSES = 1000


class Stage(NamedTuple):
    """Blocks in a row with the same number of maps (Tan and Le 2019, table 1)."""

    blocks: int
    kernel_size: int
    stride: int  # of the first block
    expansion: int
    width: int


STEM_WIDTH = 32
STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


class EfficientNetLite0(Backbone):
    """Stem, 16 inverted residual blocks and head; features are the average of the head's maps.

    While it is trained, blocks are skipped for single images (stochastic depth), at a rate that
    grows from 0 at the first block to nearly the drop rate at the last.
    """

    def __init__(self, settings: BackboneSettings) -> None:
        super().__init__(settings)
        self.stem = ConvNorm(SameConv2d(settings.in_channels, STEM_WIDTH, 3, stride=2), **NORM)
        self.blocks = nn.ModuleList()
        count = sum(stage.blocks for stage in STAGES)
        width = STEM_WIDTH
        for stage in STAGES:
            for place in range(stage.blocks):
                skip_rate = settings.drop_rate * len(self.blocks) / count
                stride = stage.stride if place == 0 else 1
                self.blocks.append(InvertedResidual(width, stage, stride, skip_rate))
                width = stage.width
        self.head = ConvNorm(SameConv2d(width, FEATURES, 1), **NORM)
        self.fc = nn.Linear(FEATURES, IMAGENET_CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """Return the features, (B, D), of normalised images, (B, C, H, W)."""
        maps = _relu6(self.stem(images))
        for block in self.blocks:
            maps = block(maps)
        return mean_over_space(_relu6(self.head(maps)))

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits of ImageNet's classes, (B, 1000), for features, (B, D)."""
        logits: Tensor = self.fc(features)
        return logits


class InvertedResidual(nn.Module):
    """Widens by 1 by 1, convolves every map by itself, narrows by 1 by 1 (Sandler et al. 2018)."""

    def __init__(self, in_channels: int, stage: Stage, stride: int, skip_rate: float) -> None:
        super().__init__()
        wide = in_channels * stage.expansion
        self.expand = (
            None if stage.expansion == 1 else ConvNorm(SameConv2d(in_channels, wide, 1), **NORM)
        )
        depthwise = SameConv2d(wide, wide, stage.kernel_size, stride=stride, groups=wide)
        self.depthwise = ConvNorm(depthwise, **NORM)
        self.project = ConvNorm(SameConv2d(wide, stage.width, 1), **NORM)
        self.is_residual = stride == 1 and in_channels == stage.width
        self.skip_rate = skip_rate

    def forward(self, maps: Tensor) -> Tensor:
        """Return the projected maps, added to the given ones where they have the same shape."""
        wide = maps if self.expand is None else _relu6(self.expand(maps))
        projected: Tensor = self.project(_relu6(self.depthwise(wide)))
        if not self.is_residual:
            return projected
        if self.training and self.skip_rate > 0:
            keep_rate = 1 - self.skip_rate
            is_kept = torch.rand(len(maps), 1, 1, 1, device=maps.device) < keep_rate
            projected = projected * is_kept / keep_rate
        return maps + projected


class SameConv2d(nn.Conv2d):
    """A convolution without bias that pads as TensorFlow's "SAME" does."""

    def __init__(
        self, in_channels: int, out_channels: int, size: int, *, stride: int = 1, groups: int = 1
    ) -> None:
        # Without a stride it is the same on all sides, and the convolution pads by itself.
        padding = size // 2 if stride == 1 else 0
        super().__init__(
            in_channels, out_channels, size, stride, padding, groups=groups, bias=False
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Return as many positions as the maps have, divided by the stride and rounded up."""
        stride, size = self.stride[0], self.kernel_size[0]
        if stride > 1:
            height, width = (_missing(side, size, stride) for side in maps.shape[2:])
            before = (width // 2, width - width // 2, height // 2, height - height // 2)
            maps = functional.pad(maps, before)
        return super().forward(maps)


def _missing(side: int, size: int, stride: int) -> int:
    """Return how many positions a side lacks, so that every step has a whole kernel."""
    steps = -(-side // stride)
    return max((steps - 1) * stride + size - side, 0)


def _relu6(maps: Tensor) -> Tensor:
    return functional.relu6(maps, inplace=True)

"""What all backbones are made of: their settings, convolutions with norms, initial weights.

Shapes: B images, C channels, H by W pixels, D features.
"""

import copy
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from engine.images.backbones.catalogue import BackboneKind, FeatureLayer


@dataclass(frozen=True, slots=True)
class BackboneSettings:
    """What one backbone is built from."""

    kind: BackboneKind
    layer: FeatureLayer
    in_channels: int
    image_side: int
    drop_rate: float


class Backbone(nn.Module, ABC):
    """A network that turns images into features.

    Attributes
    ----------
    settings
        What it was built from.
    feature_dim
        Features of an image, D.
    in_channels
        Channels of an image, C.
    layer
        The name of the layer whose features it gives.
    """

    def __init__(self, settings: BackboneSettings) -> None:
        super().__init__()
        self.settings = settings
        self.feature_dim = settings.layer.feature_dim(settings.image_side)
        self.in_channels = settings.in_channels
        self.layer = settings.layer.name

    @abstractmethod
    def forward(self, images: Tensor) -> Tensor:
        """Return the features, (B, D), of normalised images, (B, C, H, W)."""


class ConvNorm(nn.Module):
    """A convolution and the batch normalisation of what it gives."""

    def __init__(self, conv: nn.Conv2d, *, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.conv = conv
        self.norm: nn.Module = nn.BatchNorm2d(conv.out_channels, eps=eps, momentum=momentum)

    def forward(self, maps: Tensor) -> Tensor:
        """Return the normalised feature maps."""
        normalised: Tensor = self.norm(self.conv(maps))
        return normalised

    def fold(self) -> None:
        """Multiply the normalisation of evaluation into the convolution's weights."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = nn.Identity()


def conv3x3(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """Return a convolution of 3 by 3 that keeps the size of images, without bias."""
    return nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)


def conv1x1(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """Return a convolution of 1 by 1, without bias."""
    return nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)


def mean_over_space(maps: Tensor) -> Tensor:
    """Average feature maps, (B, D, H, W), over their positions: (B, D)."""
    return maps.mean(dim=(2, 3))


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Draw initial weights: convolutions after He et al. 2015 (fan-out), norms as identities."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            outputs = module.out_channels // module.groups * math.prod(module.kernel_size)
            nn.init.normal_(module.weight, std=math.sqrt(2 / outputs), generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.01, generator=generator)
            nn.init.zeros_(module.bias)


B = TypeVar("B", bound=Backbone)


def fold_batch_norm(backbone: B) -> B:
    """Return a copy for extraction alone: norms are folded into convolutions before them.

    It gives the features of evaluation, faster; it can neither be trained nor saved. Give it the
    device first: on the CPU, weights are laid out as its convolutions are fastest (channels last).
    """
    folded = copy.deepcopy(backbone).eval().requires_grad_(False)
    for module in list(folded.modules()):
        if isinstance(module, ConvNorm):
            module.fold()
    for module in folded.modules():
        if isinstance(module, nn.Conv2d) and module.weight.device.type == "cpu":
            weight = module.weight.contiguous(memory_format=torch.channels_last)
            module.weight = nn.Parameter(weight, requires_grad=False)
    return folded

"""The registry of backbones: the network of each kind in the catalogue, which needs torch."""

from collections.abc import Callable, Mapping
from functools import partial

import torch

from engine.errors import BadInput
from engine.images.backbones.backbone import Backbone, BackboneSettings, initialise
from engine.images.backbones.catalogue import backbone_kind
from engine.images.backbones.conv4 import Conv4
from engine.images.backbones.efficientnet_lite import EfficientNetLite0
from engine.images.backbones.resnet12 import ResNet12
from engine.images.backbones.wide_resnet import WideResNet

NETWORKS: Mapping[str, Callable[[BackboneSettings], Backbone]] = {
    "conv4": Conv4,
    "resnet12": partial(ResNet12, widths=(64, 160, 320, 640)),
    "resnet12-small": partial(ResNet12, widths=(64, 128, 256, 512)),
    "wrn-28-10": partial(WideResNet, strides=(2, 2, 2)),
    "wrn-28-10-s2m2": partial(WideResNet, strides=(1, 2, 2)),
    "efficientnet-lite0": EfficientNetLite0,
}


def build_backbone(
    name: str,
    *,
    in_channels: int | None = None,
    layer: str = "",
    image_side: int | None = None,
    drop_rate: float | None = None,
    seed: int = 0,
) -> Backbone:
    """Return a backbone with initial weights, in training mode, on the CPU.

    Parameters
    ----------
    name
        Its kind in the catalogue.
    in_channels
        Channels of its images; by default what it usually takes.
    layer
        The layer whose features it gives; by default the first of its kind.
    image_side
        Width and height of its images in pixels, by which its number of features can depend.
    drop_rate
        What is dropped while it is trained; by default as in its paper.
    seed
        Of the initial weights, which depend on nothing else; torch's own generator is left alone.

    Raises
    ------
    BadInput
        If there is no such backbone or layer, or another setting cannot be.
    """
    settings = settings_of(name, in_channels, layer, image_side, drop_rate)
    backbone = shape_only(settings).to_empty(device="cpu")
    initialise(backbone, torch.Generator().manual_seed(seed))
    return backbone


def settings_of(
    name: str,
    in_channels: int | None = None,
    layer: str = "",
    image_side: int | None = None,
    drop_rate: float | None = None,
) -> BackboneSettings:
    """Return checked settings, with defaults of the kind; see `build_backbone`."""
    kind = backbone_kind(name)
    settings = BackboneSettings(
        kind,
        kind.layer(layer),
        kind.in_channels if in_channels is None else in_channels,
        kind.image_side if image_side is None else image_side,
        kind.drop_rate if drop_rate is None else drop_rate,
    )
    if settings.in_channels < 1:
        raise BadInput(f"Images have {settings.in_channels} channels; they need at least 1.")
    if settings.image_side < kind.smallest_side:
        raise BadInput(
            f"Images have {settings.image_side} pixels a side, too few for {name}; it needs at "
            f"least {kind.smallest_side}."
        )
    if not 0 <= settings.drop_rate < 1:
        raise BadInput(f"The drop rate is {settings.drop_rate}; it must be at least 0 and below 1.")
    return settings


def shape_only(settings: BackboneSettings) -> Backbone:
    """Return a backbone whose tensors have shapes and no numbers."""
    with torch.device("meta"):
        return NETWORKS[settings.kind.name](settings)

"""The catalogue of backbones: what is said of each without importing torch.

The networks themselves stand in `engine.images.backbones.registry`, by the same names.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import BadInput
from engine.io.names import one_of


@dataclass(frozen=True, slots=True)
class FeatureLayer:
    """A layer of a backbone whose features can be taken.

    Attributes
    ----------
    name, title
        As settings and as people have it.
    channels
        Its number of feature maps.
    stride
        Pixels of the image for each step on its feature maps.
    is_averaged
        Whether features are averaged over space; else every position counts.
    """

    name: str
    title: str
    channels: int
    stride: int
    is_averaged: bool = True

    def feature_dim(self, image_side: int) -> int:
        """Return how many features an image of `image_side` by `image_side` pixels has."""
        positions = 1 if self.is_averaged else (image_side // self.stride) ** 2
        return self.channels * positions


@dataclass(frozen=True, slots=True)
class BackboneKind:
    """A kind of backbone.

    Attributes
    ----------
    name, title
        As settings and as people have it.
    summary
        A sentence about what it is, with its paper.
    layers
        Those whose features can be taken; the first is the default.
    image_side
        Usual width and height of its images in pixels.
    in_channels
        Usual number of channels of its images.
    drop_rate
        What its paper drops while it is trained; see the network for what that is.
    normalisation
        What its published weights expect pixels from 0 to 255 to be made of: (p - first) / second.
        None where it depends on who trained it.
    """

    name: str
    title: str
    summary: str
    layers: tuple[FeatureLayer, ...]
    image_side: int
    in_channels: int = 3
    drop_rate: float = 0.0
    normalisation: tuple[float, float] | None = None

    @property
    def default_layer(self) -> FeatureLayer:
        """The layer whose features its paper takes."""
        return self.layers[0]

    @property
    def smallest_side(self) -> int:
        """Width and height, in pixels, below which nothing of an image is left at the end."""
        return max(layer.stride for layer in self.layers)

    def layer(self, name: str = "") -> FeatureLayer:
        """Return a layer by its name, or the default; raises `BadInput` where there is none."""
        if not name:
            return self.default_layer
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            names = ", ".join(layer.name for layer in self.layers)
            raise BadInput(f'{self.name} has no layer "{name}" to take features of; take {names}.')
        return found


def _resnet12(
    name: str, title: str, widths: tuple[int, ...], papers: str, drop_rate: float
) -> BackboneKind:
    maps = "-".join(map(str, widths))
    return BackboneKind(
        name,
        title,
        f"Four residual blocks of three convolutions with {maps} maps ({papers}).",
        (
            FeatureLayer("block4", "Block 4 (last)", widths[3], 16),
            FeatureLayer("block3", "Block 3", widths[2], 8),
        ),
        image_side=84,
        drop_rate=drop_rate,
    )


_KINDS = (
    BackboneKind(
        "conv4",
        "Conv-4",
        "Four convolutions of 64 maps, the small network of early papers (Vinyals et al. 2016).",
        (
            FeatureLayer("flat", "Every position", 64, 16, is_averaged=False),
            FeatureLayer("mean", "Averaged over space", 64, 16),
        ),
        image_side=84,
    ),
    _resnet12(
        "resnet12",
        "ResNet-12",
        (64, 160, 320, 640),
        "Lee et al. 2019; trained as Tian et al. 2020",
        0.1,
    ),
    _resnet12("resnet12-small", "ResNet-12, small", (64, 128, 256, 512), "Chen et al. 2021", 0.0),
    BackboneKind(
        "wrn-28-10",
        "WRN-28-10",
        "A wide residual network that halves images three times (Zagoruyko and Komodakis 2016), "
        "with features of layer 21 as LEO takes them (Rusu et al. 2019).",
        (
            FeatureLayer("layer21", "Layer 21", 640, 8),
            FeatureLayer("last", "Last layer", 640, 8),
        ),
        image_side=80,
    ),
    BackboneKind(
        "wrn-28-10-s2m2",
        "WRN-28-10 of S2M2",
        "The same wide residual network, but it halves images twice (Mangla et al. 2020).",
        (
            FeatureLayer("last", "Last layer", 640, 4),
            FeatureLayer("layer21", "Layer 21", 640, 4),
        ),
        image_side=80,
        drop_rate=0.5,
    ),
    BackboneKind(
        "efficientnet-lite0",
        "EfficientNet-Lite0",
        "Inverted residual blocks, small and fast, with published weights of ImageNet "
        "(Tan and Le 2019; its Lite kind has no squeeze-and-excitation).",
        (FeatureLayer("head", "Last layer", 1280, 32),),
        image_side=224,
        drop_rate=0.2,
        normalisation=(127.0, 128.0),
    ),
)

BACKBONES: Mapping[str, BackboneKind] = {kind.name: kind for kind in _KINDS}


def backbone_kind(name: str) -> BackboneKind:
    """Return a kind by its name; raises `BadInput` where there is none."""
    if name not in BACKBONES:
        raise BadInput(f'There is no backbone "{name}"; {one_of(name, BACKBONES)}')
    return BACKBONES[name]

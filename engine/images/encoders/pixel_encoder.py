"""Pixels themselves as embeddings: what an encoder has to beat, and all that needs none."""

import torch
from torch import Tensor
from torch.nn import functional

from engine.data.encoder_record import EncoderRecord
from engine.images.encoders.encoder import Framing

PIXELS = "pixels"
CELLS = 14  # a side of the grid whose means are the embedding
_SIDE = 84


class PixelEncoder:
    """Averages a picture's grey values over a grid of 14 by 14."""

    def __init__(self, framing: Framing) -> None:
        self.record = EncoderRecord(
            kind=PIXELS,
            name="Pixels",
            side=framing.side or _SIDE,
            crop=framing.crop or 1.0,
            views=framing.views,
            embedding_dim=CELLS**2,
        )

    def encode(self, pictures: Tensor) -> Tensor:
        """Return the embeddings of pictures; see `Encoder`."""
        grey = pictures.to(torch.float32).mean(dim=1, keepdim=True) / 255
        return functional.adaptive_avg_pool2d(grey, CELLS).flatten(1)

"""The built-in glyphs' histograms of gradient orientations, of any picture."""

import numpy as np
import torch
from torch import Tensor

from engine.data.encoder_record import EncoderRecord
from engine.data.glyphs import EMBEDDING_DIM, FRAME, features

GLYPHS = "glyphs"
BRIGHT = 128


class GlyphEncoder:
    """Computes what the built-in store holds of each of its images."""

    def __init__(self) -> None:
        self.record = EncoderRecord(
            kind=GLYPHS, name="Glyphs", side=FRAME, embedding_dim=EMBEDDING_DIM
        )

    def encode(self, pictures: Tensor) -> Tensor:
        """Return the embeddings of pictures; see `Encoder`."""
        grey = pictures.to(torch.float32).mean(dim=1).round().to(torch.uint8).numpy()
        # Glyphs are bright on black; of ink on paper the edge of the picture tells.
        edge = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1)
        is_paper = (edge >= BRIGHT).mean(axis=1) > 0.5
        grey = np.where(is_paper[:, None, None], 255 - grey, grey)
        return torch.from_numpy(features(grey[..., None]))

"""The embedder of a store: makes of new pictures what the store holds of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.glyphs import ink_strokes
from engine.data.store import EmbeddingStore
from engine.images.drawings import draw_strokes
from engine.images.encoders import Encoder, encoder_of
from engine.images.encoders.glyph_encoder import GLYPHS
from engine.images.framing import VIEWS, center_view, ten_views
from engine.images.sources import BrokenPicture, PictureSource

_AT_A_TIME = 16  # pictures that are encoded together


@dataclass(frozen=True, slots=True)
class EmbeddedPictures:
    """What came of the pictures of a source.

    Attributes
    ----------
    rows
        The places of those that could be read, rising, (n,).
    embeddings
        Theirs, (n, D).
    problems
        What is wrong with each of the others, a sentence.
    """

    rows: tuple[int, ...]
    embeddings: NDArray[np.float32]
    problems: tuple[str, ...]


class Embedder:
    """Embeds pictures and drawings.

    Parameters
    ----------
    encoder
        What made the store's embeddings.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    @classmethod
    def of(
        cls, store: EmbeddingStore, device: torch.device, where: str | None = None
    ) -> "Embedder":
        """Open that of a store; see `engine.images.encoders.encoder_of`."""
        return cls(encoder_of(store, device, where))

    @property
    def read_side(self) -> int:
        """The size at which a large picture may be read, in pixels."""
        record = self.encoder.record
        return round(record.side / record.crop)

    def embed(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return the embeddings of pictures (h, w, 3), as the store has them: (n, D)."""
        record = self.encoder.record
        is_mean = record.views == "mean"
        parts = [np.empty((0, record.embedding_dim), np.float32)]
        for start in range(0, len(pictures), _AT_A_TIME):
            cut = ten_views if is_mean else center_view
            some = pictures[start : start + _AT_A_TIME]
            views = np.stack([cut(picture, record.side, record.crop) for picture in some])
            flat = torch.from_numpy(views.reshape(-1, *views.shape[-3:])).permute(0, 3, 1, 2)
            features = self.encoder.encode(flat).numpy()
            parts.append(features.reshape(len(some), VIEWS if is_mean else 1, -1).mean(axis=1))
        return np.concatenate(parts)

    def embed_source(
        self, source: PictureSource, progress: Callable[[int], None] = lambda _: None
    ) -> EmbeddedPictures:
        """Read and embed all pictures of a source; `progress` is told how many are done."""
        rows: list[int] = []
        problems: list[str] = []
        parts = [self.embed([])]
        for start in range(0, len(source.pictures), _AT_A_TIME):
            stop = min(start + _AT_A_TIME, len(source.pictures))
            some = []
            for row in range(start, stop):
                try:
                    some.append(source.pixels(row, self.read_side))
                except BrokenPicture as error:
                    problems.append(str(error))
                else:
                    rows.append(row)
            parts.append(self.embed(some))
            progress(stop)
        return EmbeddedPictures(tuple(rows), np.concatenate(parts), tuple(problems))

    def drawing(self, strokes: Sequence[NDArray[np.float64]]) -> NDArray[np.uint8]:
        """Return the picture of somebody's strokes, (h, w, 3), as the store's pictures look."""
        if self.encoder.record.kind == GLYPHS:
            return np.repeat(ink_strokes(strokes), 3, axis=2)
        return draw_strokes(strokes, self.encoder.record.side)

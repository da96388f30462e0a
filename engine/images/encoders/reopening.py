"""Opens the encoder that made a store's embeddings again, to embed new pictures alike."""

import torch

from engine.data.built_in import BUILT_IN_STORE
from engine.data.encoder_record import EncoderRecord
from engine.data.glyphs import EMBEDDING_DIM
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.images.encoders.backbone_encoder import EFFICIENTNET
from engine.images.encoders.encoder import Encoder, Framing
from engine.images.encoders.glyph_encoder import GlyphEncoder
from engine.images.encoders.opening import open_encoder
from engine.images.encoders.pixel_encoder import PIXELS
from engine.io.listing import shown

_REMEDY = "give the right one with leo-studio classify --encoder FILE"


def why_no_encoder(store: EmbeddingStore) -> str:
    """Say why new pictures cannot be embedded like a store's; "" where they can."""
    if _is_built_in(store) or store.encoder is not None:
        return ""
    return (
        f"The store {shown(store.name)} does not say how its embeddings were made, so no other "
        "picture can be embedded alike; make a store of pictures with leo-studio import images, "
        "and train a run on it."
    )


def encoder_of(store: EmbeddingStore, device: torch.device, where: str | None = None) -> Encoder:
    """Open what made a store's embeddings.

    Parameters
    ----------
    store
        The store.
    device
        Where the encoder computes.
    where
        Its file, folder or name, if that is not what the store remembers.

    Raises
    ------
    BadInput
        If the store does not say, or what it names is not here or is another encoder by now.
    """
    if _is_built_in(store):
        return GlyphEncoder()
    if store.encoder is None:
        raise BadInput(why_no_encoder(store))
    return reopened_encoder(store.encoder, device, where)


def reopened_encoder(
    record: EncoderRecord, device: torch.device, where: str | None = None
) -> Encoder:
    """Open the encoder of a record; see `encoder_of`."""
    built_in = {PIXELS: PIXELS, EFFICIENTNET: EFFICIENTNET}
    name = where or built_in.get(record.kind) or record.where
    framing = Framing(
        record.side,
        record.crop,
        record.mean,
        record.std,
        record.layout,
        record.views,
        record.trained_on,
    )
    try:
        encoder = open_encoder(name, device, framing)
    except BadInput as error:
        called = shown(record.name)
        sentence = f"The encoder {called}, which made the store's embeddings, cannot be opened: "
        remedy = "" if where else f" If it lies elsewhere now, {_REMEDY}."
        raise BadInput(f"{sentence}{error}{remedy}") from error
    found = encoder.record
    for what, ours, its in (
        ("kind is", found.kind, record.kind),
        ("checksum is", found.checksum, record.checksum),
        ("size of embeddings is", found.embedding_dim, record.embedding_dim),
    ):
        if ours != its:
            raise BadInput(
                f"{shown(name)} is not the encoder that made the store's embeddings "
                f"({shown(record.words)}): its {what} another; {_REMEDY}."
            )
    return encoder


def _is_built_in(store: EmbeddingStore) -> bool:
    return store.name == BUILT_IN_STORE and store.embedding_dim == EMBEDDING_DIM

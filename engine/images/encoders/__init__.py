"""Image encoders: what turns pictures into embeddings, frozen."""

from engine.images.encoders.encoder import Encoder, Framing
from engine.images.encoders.opening import DEFAULT_ENCODER, default_encoder, open_encoder
from engine.images.encoders.reopening import encoder_of, reopened_encoder, why_no_encoder

__all__ = [
    "DEFAULT_ENCODER",
    "Encoder",
    "Framing",
    "default_encoder",
    "encoder_of",
    "open_encoder",
    "reopened_encoder",
    "why_no_encoder",
]

"""The record of how a store's embeddings were made of pictures; no torch.

A store keeps it, so that new pictures can be embedded in the same way, and so that a figure can say
what the encoder has seen before.
"""

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.data.picture_choices import Layout, Views
from engine.errors import BadInput

IMAGENET = "ImageNet-1k"
# A class that is named as ImageNet names its own.
_WORDNET = re.compile(r"(^|/)n\d{8}$")


class EncoderRecord(BaseModel):
    """How pictures become embeddings.

    Attributes
    ----------
    kind
        Which code computes them: "efficientnet-lite0", "onnx", "transformers", "pixels", "glyphs".
    name
        What the encoder is called, for people.
    where
        The file, the folder or the name in a hub that its weights were read from.
    checksum
        SHA-256 of its weights, in hexadecimal.
    layer
        The layer whose features are taken; "" for its own output.
    side
        The height and width of what it sees, in pixels.
    crop
        The share of the shorter side of a picture that is seen, above 0 and at most 1.
    mean, std
        What is taken from each channel, and what it is divided by; channels are 0 to 1.
    layout
        The order of the axes that it wants.
    views
        "center": one crop of each picture; "mean": the mean of ten, at the centre and the corners
        and mirrored; "each": each of ten is an example in training, and the centre elsewhere.
    trained_on
        What it was trained on; "" where nobody knows.
    embedding_dim
        The embedding size D.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    name: str
    where: str = ""
    checksum: str = ""
    layer: str = ""
    side: int = Field(gt=0, le=4096)
    crop: float = Field(default=1.0, gt=0, le=1)
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    layout: Layout = "NCHW"
    views: Views = "center"
    trained_on: str = ""
    embedding_dim: int = Field(gt=0)

    def to_text(self) -> str:
        """Return JSON, as a store keeps it."""
        return self.model_dump_json()

    @property
    def words(self) -> str:
        """How the embeddings were made, in words: "EfficientNet-Lite0 at 224 pixels"."""
        layer = f", {self.layer}" if self.layer else ""
        views = {"center": "", "mean": ", mean of ten views", "each": ", ten views in training"}
        return f"{self.name}{layer} at {self.side} pixels{views[self.views]}"


def read_encoder_record(text: str, where: str) -> EncoderRecord:
    """Read what `EncoderRecord.to_text` wrote; raises `BadInput`, which begins with `where`."""
    try:
        return EncoderRecord.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "its text"
        raise BadInput(
            f"{where}: the attribute encoder cannot be read ({field}: {first['msg'].lower()}); "
            "make the store again."
        ) from error


def caution_about(encoder: EncoderRecord | None, class_names: Sequence[str]) -> str:
    """Say that the encoder has, or may have, seen the classes that are tested on; "" if not.

    Few-shot learning is tested on classes that nothing was trained on. An encoder that was trained
    on them makes every figure better than it is.

    Parameters
    ----------
    encoder
        How the embeddings were made; None where a store does not say.
    class_names
        The classes of the test split.
    """
    if encoder is None or not encoder.trained_on:
        return ""
    if encoder.trained_on == IMAGENET and any(_WORDNET.search(name) for name in class_names):
        return (
            f"The encoder ({encoder.name}) was trained on {IMAGENET}, test classes of this store "
            "included: figures are better than for classes that it has never seen."
        )
    return (
        f"The encoder ({encoder.name}) was trained on {encoder.trained_on}; where that holds "
        "pictures of the test classes, figures are better than for classes that it has never seen."
    )

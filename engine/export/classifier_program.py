"""An adapted classifier with the encoder in front, as a network: pictures in, probabilities out.

Shapes: n pictures, S side of a picture, D embedding size, N ways.
"""

from typing import Any

import torch
from torch import Tensor, nn

from engine.classifying.classifier import Classifier
from engine.data.encoder_record import EncoderRecord
from engine.data.features import Features
from engine.data.glyphs import BORDERS, FRAME
from engine.errors import BadInput
from engine.export.programs import FeatureLayer
from engine.images.encoders import Encoder
from engine.images.encoders.backbone_encoder import BackboneEncoder
from engine.images.encoders.glyph_encoder import BRIGHT, GlyphEncoder
from engine.images.encoders.pixel_encoder import CELLS, PixelEncoder
from engine.io.listing import shown
from engine.tasks.predictor import QueryPredictor


class PictureClassifier(nn.Module):
    """Classifies pictures that are cut to what the encoder sees.

    Parameters
    ----------
    encoder
        Turns channels (n, 3, S, S), 0 to 255, into embeddings (n, D).
    head
        The adapted classifier of one task; a named tuple of tensors.
    features
        What is done to embeddings before it sees them.
    """

    def __init__(self, encoder: nn.Module, head: QueryPredictor, features: Features) -> None:
        super().__init__()
        self.encoder = encoder
        fields: Any = head
        for name, tensor in fields._asdict().items():
            kept = None if tensor is None else tensor.detach().cpu().clone()
            self.register_buffer(name, kept)
        self._kind, self._names = type(fields), fields._fields
        self.features = FeatureLayer(features)

    def forward(self, pictures: Tensor) -> Tensor:
        """Turn pictures (n, S, S, 3) uint8 into probabilities (n, N)."""
        embeddings = self.encoder(pictures.permute(0, 3, 1, 2).to(torch.float32))
        head = self._kind(*(getattr(self, name) for name in self._names))
        return torch.softmax(head.own_logits(self.features(embeddings)[None])[0], dim=-1)


def picture_classifier(classifier: Classifier, encoder: Encoder) -> PictureClassifier:
    """Put an encoder in front of an adapted classifier.

    Raises
    ------
    BadInput
        If the encoder cannot become part of a network.
    """
    head = classifier.predictor
    experiment = classifier.learner.experiment
    if not isinstance(head, QueryPredictor):
        raise BadInput(
            f"What {experiment.learner.noun()} adapt to cannot be exported with the encoder in "
            "front; choose a run of another learner."
        )
    return PictureClassifier(encoder_network(encoder), head, classifier.learner.features)


def encoder_network(encoder: Encoder) -> nn.Module:
    """Return an encoder as a network: channels (n, 3, S, S), 0 to 255, in, embeddings (n, D) out.

    Raises
    ------
    BadInput
        If it cannot become part of a network.
    """
    if encoder.record.views == "mean":
        raise BadInput(
            "The store's embeddings are means of ten views of a picture, which a model that takes "
            "one picture cannot make; import the pictures again with --views center."
        )
    match encoder:
        case GlyphEncoder():
            return _GlyphFeatures()
        case PixelEncoder():
            return _PixelMeans(encoder.record.side)
        case BackboneEncoder():
            return _NormalizedBackbone(encoder.network, encoder.record)
        case _:
            raise BadInput(
                f"The store's encoder, {shown(encoder.record.words)}, is a model of others "
                f"({encoder.record.kind}), which cannot be put into one file with the classifier; "
                "export the run with leo-studio export --format onnx, and run the encoder first."
            )


class _NormalizedBackbone(nn.Module):
    """One of our networks, with the normalisation of its channels before it."""

    def __init__(self, network: nn.Module, record: EncoderRecord) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(record.mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(record.std).view(1, -1, 1, 1))
        self._is_grey = len(record.mean) == 1

    def forward(self, channels: Tensor) -> Tensor:
        seen = channels / 255
        if self._is_grey:
            seen = seen.mean(dim=1, keepdim=True)
        features: Tensor = self.network((seen - self.get_buffer("mean")) / self.get_buffer("std"))
        return features


class _PixelMeans(nn.Module):
    """Means of grey values over a grid, by products with a matrix: it suits every side."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.register_buffer("cells", _cell_shares(side))

    def forward(self, channels: Tensor) -> Tensor:
        cells = self.get_buffer("cells")
        grey = channels.mean(dim=1) / 255
        return (cells @ grey @ cells.mT).flatten(1)


def _cell_shares(side: int) -> Tensor:
    """Return the share that each pixel has in each cell of a side, (CELLS, S)."""
    shares = torch.zeros(CELLS, side)
    for cell in range(CELLS):
        begin, end = cell * side // CELLS, -(-(cell + 1) * side // CELLS)
        shares[cell, begin:end] = 1 / (end - begin)
    return shares


class _GlyphFeatures(nn.Module):
    """`engine.data.glyphs.features` in a network's operations; whole numbers are exact in them."""

    def __init__(self) -> None:
        super().__init__()
        # Blocks of 4 x 4 pixels in cells of 3 x 3, weighted 1 2 1.
        blocks = torch.eye(FRAME // 4).repeat_interleave(4, dim=1)
        self.register_buffer("cells", blocks[:-2] + 2 * blocks[1:-1] + blocks[2:])

    def forward(self, channels: Tensor) -> Tensor:
        grey = torch.round(channels.mean(dim=1))
        edge = torch.cat([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], dim=1)
        is_paper = (edge >= BRIGHT).to(grey.dtype).mean(dim=1) > 0.5
        grey = torch.where(is_paper[:, None, None], 255 - grey, grey)
        padded = nn.functional.pad(grey, (1, 1, 1, 1))
        x = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
        y = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
        strength = torch.floor(torch.sqrt(x * x + y * y))
        is_lower = (y < 0) | ((y == 0) & (x < 0))
        x, y = torch.where(is_lower, -x, x), torch.where(is_lower, -y, y)
        passed = [(across * y >= down * x).to(grey.dtype) for across, down in BORDERS]
        orientation = torch.stack(passed).sum(dim=0) % len(BORDERS)
        planes = [strength * (orientation == number) for number in range(len(BORDERS))]
        cells = self.get_buffer("cells")
        histogram = (cells @ torch.stack(planes, dim=1) @ cells.mT).flatten(1)
        return torch.sqrt(histogram / histogram.sum(dim=1, keepdim=True).clamp(min=1))

"""Embeddings of pictures by a backbone that is being, or was, pre-trained.

Shapes: n pictures, D features.
"""

from collections.abc import Generator

import torch
from torch import Tensor

from engine.data.normalizing import normalize_
from engine.data.store import Split
from engine.images.backbones.backbone import Backbone
from engine.pretraining.pictures import Normalisation, Pictures, centre

_BATCH = 256


def embed_pictures(
    backbone: Backbone,
    normalisation: Normalisation,
    pictures: Pictures,
    device: torch.device,
    *,
    normalize: bool,
) -> Generator[None, None, Split]:
    """Embed pictures, yielding after every batch; returns them as a split on the device.

    Parameters
    ----------
    backbone, normalisation
        What embeds them; the backbone is in evaluation mode while it does.
    pictures
        What is embedded.
    device
        Where the backbone is.
    normalize
        Divide each embedding by its Euclidean norm.
    """
    features = torch.empty(len(pictures.images), backbone.feature_dim, device=device)
    for start in range(0, len(features), _BATCH):
        some = pictures.images[start : start + _BATCH]
        features[start : start + _BATCH] = _features(
            backbone, normalisation, some, backbone.settings.image_side, device
        )
        yield
    if normalize:
        normalize_(features)
    return Split.of(
        pictures.name, features, pictures.class_offsets.to(device), pictures.class_names
    )


@torch.no_grad()
def _features(
    backbone: Backbone,
    normalisation: Normalisation,
    pictures: Tensor,
    side: int,
    device: torch.device,
) -> Tensor:
    backbone.eval()
    seen = centre(pictures.to(device), side).to(torch.float32).div_(255)
    images = normalisation(seen).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cuda", torch.bfloat16, enabled=device.type == "cuda"):
        features: Tensor = backbone(images)
    return features.float()

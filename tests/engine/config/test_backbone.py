"""The settings of pre-training agree with the catalogue of backbones, which they cannot import."""

from typing import get_args

import pytest
from pydantic import ValidationError

from engine.config import Backbone
from engine.config.backbone import FEATURE_LAYERS, BackboneName
from engine.images.backbones.catalogue import BACKBONES


def test_backbones_and_their_layers_are_those_of_the_catalogue() -> None:
    assert set(get_args(BackboneName)) == FEATURE_LAYERS.keys()
    assert set(BACKBONES) - FEATURE_LAYERS.keys() == {"efficientnet-lite0"}  # has weights already
    for name, layers in FEATURE_LAYERS.items():
        assert tuple(layer.name for layer in BACKBONES[name].layers) == layers
        assert Backbone.model_validate({"backbone": name}).in_effect().layer == layers[0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"backbone": "conv4", "layer": "block4"}, "take default or one of flat, mean"),
        ({"image_side": 84, "kept_side": 80}, "kept_side must be at least as large"),
        ({"rotated_classes": True, "rotation_weight": 1.0}, "choose one of them"),
        ({"milestones": "0.8, 0.6"}, "rising numbers"),
        ({"milestones": "60"}, "rising numbers"),
    ],
)
def test_what_does_not_fit_together_is_said(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Backbone.model_validate(settings)

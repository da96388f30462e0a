"""Manifold mixup: what is mixed, and that nothing is left behind."""

import pytest
import torch

from engine.images.backbones.registry import build_backbone
from engine.pretraining.draws import Mixing
from engine.pretraining.mixing import mixed_inside, stages

IMAGES = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))
PARTNERS = torch.tensor([1, 0, 3, 2])


@pytest.mark.parametrize("name", ["conv4", "resnet12-small", "wrn-28-10"])
def test_every_place_mixes_and_the_last_features_are_those_of_the_network_alone(name: str) -> None:
    backbone = build_backbone(name, image_side=16).eval()
    with torch.no_grad():
        alone = backbone(IMAGES)
        places = len(stages(backbone))
        for place in range(places):
            mixing = Mixing((place + 0.5) / places, 0.7, PARTNERS)
            with mixed_inside(backbone, mixing):
                mixed = backbone(IMAGES)
            assert not torch.allclose(mixed, alone, atol=1e-4)
        assert torch.equal(backbone(IMAGES), alone)


def test_at_the_first_place_pictures_themselves_are_mixed() -> None:
    backbone = build_backbone("conv4", image_side=16).eval()
    with torch.no_grad(), mixed_inside(backbone, Mixing(0.0, 0.7, PARTNERS)):
        mixed = backbone(IMAGES)
    with torch.no_grad():
        expected = backbone(0.7 * IMAGES + 0.3 * IMAGES[PARTNERS])
    assert torch.allclose(mixed, expected, atol=1e-6)

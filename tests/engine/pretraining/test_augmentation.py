"""Augmentation of batches: moves and colours, as their slow descriptions have them."""

import torch
from PIL import Image, ImageEnhance

from engine.config import Backbone
from engine.pretraining.augmentation import moved, recoloured
from engine.pretraining.draws import draw

PICTURES = torch.randint(
    0, 256, (6, 3, 24, 24), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
)


def test_shapes_and_ranges_are_kept() -> None:
    for augmentation in ("photo", "character", "none"):
        settings = Backbone.model_validate(
            {"batch": 6, "augmentation": augmentation, "image_side": 20, "kept_side": 24}
        )
        draws = draw(settings, 0, 0, 6)
        seen = moved(PICTURES[draws.rows], draws.maps, 20)
        if draws.colours is not None:
            seen = recoloured(seen, draws.colours)
        assert seen.shape == (6, 3, 20, 20)
        assert 0 <= float(seen.min()) < float(seen.max()) <= 1


def test_a_turn_by_quarters_moves_pixels_and_changes_none() -> None:
    settings = Backbone(
        batch=24, augmentation="none", image_side=24, kept_side=24, rotated_classes=True
    )
    draws = draw(settings, 0, 0, 6)
    seen = moved(PICTURES[draws.rows], draws.maps, 24) * 255
    assert set(draws.quarters.tolist()) == {0, 1, 2, 3}
    for row, quarter, one in zip(draws.rows, draws.quarters, seen, strict=True):
        expected = torch.rot90(PICTURES[row], int(quarter), (1, 2))
        assert torch.allclose(one, expected.float(), atol=0.01)


def test_without_moves_the_centre_is_what_is_seen() -> None:
    settings = Backbone(batch=6, augmentation="none", image_side=20, kept_side=24)
    draws = draw(settings, 0, 0, 6)
    seen = moved(PICTURES[draws.rows], draws.maps, 20) * 255
    expected = PICTURES[draws.rows][:, :, 2:22, 2:22].float()
    assert torch.allclose(seen, expected, atol=0.01)


def test_colours_are_changed_as_pillow_changes_them() -> None:
    factors = torch.tensor([[0.8, 0.9, 1.2]])
    picture = PICTURES[:1] // 3 + 60  # nothing is clipped on the way
    image = Image.fromarray(picture[0].permute(1, 2, 0).numpy())
    for enhance, factor in zip(
        (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color),
        factors[0].tolist(),
        strict=True,
    ):
        image = enhance(image).enhance(factor)
    expected = torch.tensor(list(image.tobytes())).view(24, 24, 3).permute(2, 0, 1)
    found = recoloured(picture.float() / 255, factors)[0] * 255
    assert (found - expected).abs().max() < 3.5  # Pillow rounds down after each step

"""What is drawn for a step follows from the seed and the step, whatever was drawn before."""

import pytest
import torch

from engine.config import Backbone
from engine.pretraining.draws import draw

EVERYTHING = {"batch": 6, "rotation_weight": 1.0, "mixup_alpha": 2.0, "colour_jitter": 0.4}


@pytest.mark.parametrize("augmentation", ["photo", "character", "none"])
def test_draws_are_a_function_of_seed_and_step(augmentation: str) -> None:
    settings = Backbone.model_validate(EVERYTHING | {"augmentation": augmentation})
    first = draw(settings, 3, 5, 20)
    draw(settings, 3, 6, 20)
    again = draw(settings, 3, 5, 20)
    for one, other in zip(first[:3], again[:3], strict=True):
        assert torch.equal(one, other)
    assert first.mixing is not None and again.mixing is not None
    assert first.mixing.share == again.mixing.share >= 0.5
    assert torch.equal(first.mixing.partners, again.mixing.partners)
    for seed, step in ((3, 6), (4, 5)):
        assert not torch.equal(first.rows, draw(settings, seed, step, 20).rows)


@pytest.mark.parametrize("is_turned", [False, True])
def test_every_picture_comes_once_in_an_epoch_though_batches_go_over_its_end(
    is_turned: bool,
) -> None:
    settings = Backbone(batch=7, rotated_classes=is_turned)
    count = 20 * 4 if is_turned else 20
    drawn = [draw(settings, 0, step, 20) for step in range(count)]
    rows = torch.cat([each.rows + 20 * each.quarters for each in drawn])
    for epoch in range(7):
        of_epoch = rows[epoch * count : (epoch + 1) * count]
        assert sorted(of_epoch.tolist()) == list(range(count))
    assert not torch.equal(rows[:count], rows[count : 2 * count])


def test_crops_stay_inside_of_the_picture_and_are_no_smaller_than_allowed() -> None:
    settings = Backbone(batch=500, augmentation="photo", smallest_crop=0.3)
    maps = draw(settings, 0, 0, 600).maps
    sides = maps[:, [0, 1], [0, 1]].abs()
    assert (sides + maps[:, :, 2].abs() <= 1 + 1e-6).all()
    # A crop that would be wider than the picture is as wide as it, and loses some area.
    assert 0.25 < float(sides.prod(1).min()) < 0.5 and float(sides.prod(1).max()) <= 1
    assert 0.3 < float((maps[:, 0, 0] < 0).float().mean()) < 0.7


def test_without_augmentation_the_network_sees_the_centre() -> None:
    settings = Backbone(batch=2, augmentation="none", image_side=20, kept_side=25)
    expected = torch.tensor([[0.8, 0.0, 0.0], [0.0, 0.8, 0.0]]).expand(2, 2, 3)
    assert torch.allclose(draw(settings, 0, 0, 5).maps, expected)

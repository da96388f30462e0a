"""Sizes, shapes, initial weights and training of backbones."""

import pytest
import torch

from engine.errors import BadInput
from engine.images.backbones.backbone import Backbone, fold_batch_norm
from engine.images.backbones.catalogue import BACKBONES
from engine.images.backbones.registry import NETWORKS, build_backbone, settings_of, shape_only
from engine.images.backbones.resnet12 import ResNet12, drop_block
from engine.images.backbones.wide_resnet import WideResNet

PARAMETERS = {
    "conv4": 113_088,
    "resnet12": 12_424_320,
    "resnet12-small": 7_996_800,
    "wrn-28-10": 36_472_784,
    "wrn-28-10-s2m2": 36_472_784,
    "efficientnet-lite0": 4_652_008,
}
LAYERS = [(kind.name, layer.name) for kind in BACKBONES.values() for layer in kind.layers]


def random_images(count: int, side: int, channels: int = 3) -> torch.Tensor:
    return torch.randn(count, channels, side, side, generator=torch.Generator().manual_seed(1))


def count_norms(backbone: Backbone) -> int:
    return sum(isinstance(each, torch.nn.BatchNorm2d) for each in backbone.modules())


def test_every_kind_of_the_catalogue_has_a_network() -> None:
    assert NETWORKS.keys() == BACKBONES.keys() == PARAMETERS.keys()


@pytest.mark.parametrize("name", BACKBONES)
def test_backbone_has_as_many_parameters_as_published(name: str) -> None:
    backbone = shape_only(settings_of(name))
    assert sum(each.numel() for each in backbone.parameters()) == PARAMETERS[name]


@pytest.mark.parametrize(("name", "layer"), LAYERS)
def test_features_of_every_layer_have_the_size_that_the_catalogue_says(
    name: str, layer: str
) -> None:
    backbone = build_backbone(name, layer=layer, image_side=37, in_channels=1).eval()
    with torch.inference_mode():
        features = backbone(random_images(2, 37, channels=1))
    assert features.shape == (2, backbone.feature_dim)
    assert (backbone.layer, backbone.in_channels) == (layer, 1)
    assert features.isfinite().all()
    assert not torch.equal(features[0], features[1])


@pytest.mark.parametrize(("side", "size"), [(28, 64), (84, 1600)])
def test_every_position_of_conv4_counts(side: int, size: int) -> None:
    backbone = build_backbone("conv4", image_side=side)
    assert backbone(random_images(2, side)).shape == (2, size)
    assert backbone.feature_dim == size


def test_wide_resnet_of_leo_halves_images_three_times() -> None:
    backbone = build_backbone("wrn-28-10").eval()
    assert isinstance(backbone, WideResNet)
    with torch.inference_mode():
        maps = backbone.stem(random_images(1, 80))
        sides = [80]
        for group in backbone.groups.values():
            maps = group(maps)
            sides.append(maps.shape[-1])
    assert sides == [80, 40, 20, 10]


def test_layer_21_is_the_end_of_the_second_block_of_the_third_group() -> None:
    backbone = build_backbone("wrn-28-10", image_side=16).eval()
    assert isinstance(backbone, WideResNet)
    images = random_images(2, 16)
    with torch.inference_mode():
        before = backbone(images)
        third_group = list(backbone.groups["3"].children())
        torch.nn.init.zeros_(third_group[2].get_parameter("conv2.weight"))
        assert torch.equal(backbone(images), before)
        torch.nn.init.zeros_(third_group[1].get_parameter("conv2.weight"))
        assert not torch.equal(backbone(images), before)


def test_initial_weights_depend_on_the_seed_alone_and_leave_torchs_generator() -> None:
    state = torch.get_rng_state()
    first = build_backbone("resnet12-small", seed=3).state_dict()
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(5)
    again = build_backbone("resnet12-small", seed=3).state_dict()
    other = build_backbone("resnet12-small", seed=4).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    weight = "blocks.1.conv1.conv.weight"
    assert not torch.equal(first[weight], other[weight])


@pytest.mark.parametrize("name", ["resnet12", "efficientnet-lite0"])
def test_initial_convolutions_have_the_spread_of_he(name: str) -> None:
    for module in build_backbone(name).modules():
        if isinstance(module, torch.nn.Conv2d) and module.weight.numel() > 10_000:
            outputs = module.weight.numel() / module.weight.shape[1] / module.groups
            assert module.weight.std().item() == pytest.approx((2 / outputs) ** 0.5, rel=0.05)


@pytest.mark.parametrize(
    "name",
    [
        "conv4",
        "resnet12",
        "resnet12-small",
        pytest.param("wrn-28-10", marks=pytest.mark.slow),
        "efficientnet-lite0",
    ],
)
def test_a_step_of_an_optimiser_lowers_the_loss_by_what_the_gradient_says(name: str) -> None:
    # Of 32 pixels EfficientNet leaves one position: to normalise four numbers makes a steep loss.
    backbone = build_backbone(name, image_side=64, drop_rate=0.0)
    torch.manual_seed(0)
    classifier = torch.nn.Linear(backbone.feature_dim, 2)
    before = [each.detach().clone() for each in backbone.parameters()]
    optimizer = torch.optim.SGD(backbone.parameters(), lr=1e-6)
    images, labels = random_images(4, 64), torch.tensor([0, 1, 0, 1])
    loss = torch.nn.functional.cross_entropy(classifier(backbone(images)), labels)
    loss.backward()
    slope = sum(
        (each.grad**2).sum().item() for each in backbone.parameters() if each.grad is not None
    )
    optimizer.step()
    after = torch.nn.functional.cross_entropy(classifier(backbone(images)), labels)
    assert (loss - after).item() == pytest.approx(1e-6 * slope, rel=0.1)
    moved = [
        not torch.equal(old, new)
        for old, new in zip(before, backbone.parameters(), strict=True)
        if new.grad is not None
    ]
    assert sum(moved) > len(moved) / 2


def test_training_drops_numbers_and_evaluation_does_not() -> None:
    backbone = build_backbone("resnet12-small", drop_rate=0.5, image_side=32)
    images = random_images(4, 32)
    with torch.no_grad():
        assert not torch.equal(backbone(images), backbone(images))
        backbone.eval()
        assert torch.equal(backbone(images), backbone(images))


def test_rate_of_drop_block_grows_with_batches() -> None:
    backbone = build_backbone("resnet12-small", drop_rate=0.5, image_side=84)
    assert isinstance(backbone, ResNet12)
    images = random_images(2, 84)
    with torch.no_grad():
        backbone(images)
        assert backbone.batches_seen == 1
        seldom = (backbone(images) == 0).float().mean()
        backbone.batches_seen = 40_000
        often = (backbone(images) == 0).float().mean()
    assert seldom < 0.01
    # A square of 5 by 5 is a whole map of the last block at this size.
    assert often.item() == pytest.approx(0.5, abs=0.08)


def test_drop_block_drops_squares_and_keeps_the_sum() -> None:
    torch.manual_seed(0)
    maps = torch.ones(64, 32, 10, 10)
    dropped = drop_block(maps, rate=0.1, size=5)
    assert dropped.mean().item() == pytest.approx(1, rel=1e-4)
    is_zero = dropped == 0
    assert is_zero.float().mean().item() == pytest.approx(0.1, abs=0.02)
    in_squares = torch.nn.functional.max_pool2d(
        torch.nn.functional.pad(
            (torch.nn.functional.avg_pool2d(is_zero.float(), 5, stride=1) == 1).float(), (4,) * 4
        ),
        5,
        stride=1,
    )
    assert torch.equal(in_squares.bool(), is_zero)


def test_drop_block_takes_maps_that_are_smaller_than_its_squares() -> None:
    torch.manual_seed(0)
    dropped = drop_block(torch.ones(50, 50, 2, 2), rate=0.3)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("name", BACKBONES)
def test_folded_norms_give_the_same_features(name: str) -> None:
    backbone = build_backbone(name, image_side=32)
    with torch.no_grad():
        backbone(random_images(4, 32))  # statistics that are not 0 and 1
    backbone.eval()
    folded = fold_batch_norm(backbone)
    with torch.inference_mode():
        images = random_images(2, 32)
        torch.testing.assert_close(folded(images), backbone(images), rtol=1e-3, atol=1e-4)
    assert count_norms(folded) < count_norms(backbone)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"name": "resnet13"}, r'no backbone "resnet13"; did you mean resnet12\? There are conv4'),
        ({"name": "wrn-28-10", "layer": "flat"}, 'no layer "flat" .* layer21, last'),
        ({"name": "conv4", "image_side": 15}, "15 pixels a side.* at least 16"),
        ({"name": "conv4", "in_channels": 0}, "at least 1"),
        ({"name": "conv4", "drop_rate": 1.0}, "below 1"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        build_backbone(**settings)  # type: ignore[arg-type]

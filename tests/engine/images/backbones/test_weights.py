"""Files of weights: ours, those of known repositories, and those that are refused."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from engine.errors import BadInput
from engine.images.backbones.backbone import Backbone, fold_batch_norm
from engine.images.backbones.registry import build_backbone
from engine.images.backbones.weights import load_backbone, load_weights, save_weights

Tensors = dict[str, Tensor]


def resnet12_tensors(prefix: str, block: str, widths: tuple[int, ...]) -> Tensors:
    """Return tensors with the names of RFS (block "0.") and few-shot-meta-baseline (block "")."""
    tensors: Tensors = {}
    before = 3
    for number, width in enumerate(widths, start=1):
        start = f"{prefix}layer{number}.{block}"
        for place, channels in enumerate((before, width, width), start=1):
            tensors[f"{start}conv{place}.weight"] = torch.randn(width, channels, 3, 3)
            tensors |= norm_tensors(f"{start}bn{place}", width)
        tensors[f"{start}downsample.0.weight"] = torch.randn(width, before, 1, 1)
        tensors |= norm_tensors(f"{start}downsample.1", width)
        before = width
    return tensors


def wide_resnet_tensors(prefix: str) -> Tensors:
    """Return tensors with the names of S2M2."""
    tensors = {f"{prefix}conv1.weight": torch.randn(16, 3, 3, 3)}
    before = 16
    for number, width in enumerate((160, 320, 640), start=1):
        for place in range(4):
            start = f"{prefix}block{number}.layer.{place}."
            tensors |= norm_tensors(f"{start}bn1", before)
            tensors[f"{start}conv1.weight"] = torch.randn(width, before, 3, 3)
            tensors |= norm_tensors(f"{start}bn2", width)
            tensors[f"{start}conv2.weight"] = torch.randn(width, width, 3, 3)
            if place == 0:
                tensors[f"{start}convShortcut.weight"] = torch.randn(width, before, 1, 1)
            before = width
    return tensors | norm_tensors(f"{prefix}bn1", 640)


def conv4_tensors(prefix: str) -> Tensors:
    """Return tensors with the names of FEAT and few-shot-meta-baseline."""
    tensors: Tensors = {}
    for number in range(4):
        tensors[f"{prefix}{number}.0.weight"] = torch.randn(64, 64 if number else 3, 3, 3)
        tensors[f"{prefix}{number}.0.bias"] = torch.randn(64)
        tensors |= norm_tensors(f"{prefix}{number}.1", 64)
    return tensors


def norm_tensors(name: str, width: int) -> Tensors:
    return {
        f"{name}.weight": torch.randn(width),
        f"{name}.bias": torch.randn(width),
        f"{name}.running_mean": torch.randn(width),
        f"{name}.running_var": torch.rand(width) + 0.5,
        f"{name}.num_batches_tracked": torch.tensor(7),
    }


WIDE, SMALL = (64, 160, 320, 640), (64, 128, 256, 512)
HEADS = {
    "fc.weight": torch.zeros(64, 640),
    "module.classifier.weight": torch.zeros(64, 640),
    "linear.L.weight": torch.zeros(64, 640),
    "slf_attn.w_qs.weight": torch.zeros(640, 640),
}
# Repository, backbone, its file, a tensor of it and where that belongs.
PUBLISHED: list[tuple[str, str, Callable[[], Any], str, str]] = [
    (
        "RFS",
        "resnet12",
        lambda: {"epoch": 90, "model": resnet12_tensors("", "0.", WIDE) | HEADS},
        "layer2.0.conv3.weight",
        "blocks.2.conv3.conv.weight",
    ),
    (
        "RFS on several GPUs",
        "resnet12",
        lambda: {"model": resnet12_tensors("module.", "0.", WIDE)},
        "module.layer4.0.downsample.1.running_var",
        "blocks.4.shortcut.norm.running_var",
    ),
    (
        "FEAT",
        "resnet12",
        lambda: {"params": resnet12_tensors("encoder.", "0.", WIDE) | HEADS},
        "encoder.layer1.0.bn2.running_mean",
        "blocks.1.conv2.norm.running_mean",
    ),
    (
        "few-shot-meta-baseline",
        "resnet12-small",
        lambda: {
            "training": {"epoch": 100},
            "model": "meta-baseline",
            "model_args": {"encoder": "resnet12"},
            "model_sd": resnet12_tensors("encoder.encoder.", "", SMALL) | {"temp": torch.ones(())},
        },
        "encoder.encoder.layer3.downsample.0.weight",
        "blocks.3.shortcut.conv.weight",
    ),
    (
        "a teacher of distillation",
        "resnet12-small",
        lambda: {"student": {}, "teacher": resnet12_tensors("backbone.", "0.", SMALL)},
        "backbone.layer4.0.conv1.weight",
        "blocks.4.conv1.conv.weight",
    ),
    (
        "S2M2",
        "wrn-28-10-s2m2",
        lambda: {"epoch": 400, "state": wide_resnet_tensors("module.feature.") | HEADS},
        "module.feature.block2.layer.1.bn2.weight",
        "groups.2.1.conv1.norm.weight",
    ),
    (
        "S2M2",
        "wrn-28-10-s2m2",
        lambda: {"state": wide_resnet_tensors("")},
        "block3.layer.0.convShortcut.weight",
        "groups.3.0.shortcut.weight",
    ),
    (
        "Conv-4 of FEAT",
        "conv4",
        lambda: {"params": conv4_tensors("encoder.encoder.")},
        "encoder.encoder.3.0.bias",
        "blocks.3.conv.bias",
    ),
    (
        "tensors alone",
        "conv4",
        lambda: conv4_tensors("features."),
        "features.2.1.weight",
        "blocks.2.norm.weight",
    ),
]


def tensors_in(content: dict[str, Any]) -> Tensors:
    """Return the tensors of one of the files above."""
    places = [each for each in content.values() if isinstance(each, dict)]
    return next((each for each in places if len(each) > 10), content)


@pytest.mark.parametrize(
    ("repository", "name", "make", "theirs", "ours"), PUBLISHED, ids=[p[0] for p in PUBLISHED]
)
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_published_names_are_known(
    repository: str,
    name: str,
    make: Callable[[], Any],
    theirs: str,
    ours: str,
    suffix: str,
    tmp_path: Path,
) -> None:
    content = make()
    tensors = tensors_in(content)
    path = tmp_path / f"published{suffix}"
    if suffix == ".pth":
        torch.save(content, path)
    else:
        safetensors.torch.save_file(tensors, path)
    backbone = build_backbone(name)
    before = {name: each.clone() for name, each in backbone.state_dict().items()}
    load_weights(backbone, path)
    state = backbone.state_dict()
    assert torch.equal(state[ours], tensors[theirs])
    assert not any(torch.equal(before[each], state[each]) for each in before)
    assert {tuple(each.shape) for each in state.values()} <= {
        tuple(each.shape) for each in tensors.values()
    }


def test_own_weights_survive_the_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    saved = build_backbone("conv4", in_channels=1, layer="mean", image_side=28, seed=5)
    saved(torch.randn(8, 1, 28, 28))  # statistics of norms are part of it
    save_weights(saved, path)
    loaded = load_backbone(path)
    images = torch.randn(3, 1, 28, 28)
    assert torch.equal(loaded(images), saved.eval()(images))
    assert not loaded.training
    assert (loaded.settings.kind.name, loaded.layer, loaded.in_channels) == ("conv4", "mean", 1)
    assert loaded.settings.image_side == 28
    save_weights(saved, again := tmp_path / "again.safetensors")
    assert again.read_bytes() == path.read_bytes()


def test_weights_in_another_order_of_memory_are_saved_alike(tmp_path: Path) -> None:
    backbone = build_backbone("conv4")
    save_weights(backbone, tmp_path / "a.safetensors")
    for weight in backbone.parameters():
        if weight.ndim == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    save_weights(backbone, tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_files_of_half_precision_and_without_counts_are_read(tmp_path: Path) -> None:
    tensors = {
        name: tensor.half()
        for name, tensor in conv4_tensors("").items()
        if not name.endswith("num_batches_tracked")
    }
    torch.save(tensors, tmp_path / "half.pt")
    backbone = build_backbone("conv4")
    load_weights(backbone, tmp_path / "half.pt")
    weight = backbone.state_dict()["blocks.0.conv.weight"]
    assert weight.dtype == torch.float32
    assert torch.equal(weight, tensors["0.0.weight"].float())


def drop(name: str) -> Callable[[Tensors], object]:
    return lambda tensors: tensors.pop(name)


def put(name: str, *shape: int) -> Callable[[Tensors], object]:
    return lambda tensors: tensors.update({name: torch.zeros(shape)})


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        (
            "resnet12",
            drop("layer3.0.conv2.weight"),
            'w.pth does not fit resnet12: it has no tensor "blocks.3.conv2.conv.weight"; choose '
            "weights of this backbone.",
        ),
        (
            "resnet12",
            put("layer1.0.bn1.weight", 63),
            'w.pth does not fit resnet12: "layer1.0.bn1.weight" is 63 and not 64; choose weights '
            "of this backbone.",
        ),
        (
            "resnet12",
            put("layer1.0.se.fc.0.weight", 16, 64),
            'w.pth does not fit resnet12: it also has "layer1.0.se.fc.0.weight", which this '
            "backbone lacks; choose weights of this backbone.",
        ),
        (
            "resnet12",
            put("module.layer1.0.bn1.weight", 64),
            'w.pth does not fit resnet12: both "layer1.0.bn1.weight" and '
            '"module.layer1.0.bn1.weight" could be its "blocks.1.conv1.norm.weight"; choose '
            "weights of this backbone.",
        ),
        (
            "resnet12-small",
            lambda tensors: None,
            'w.pth does not fit resnet12-small: "layer2.0.conv1.weight" is 160 x 64 x 3 x 3 and '
            "not 128 x 64 x 3 x 3; it fits resnet12, so choose that.",
        ),
    ],
)
def test_weights_that_do_not_fit_are_refused_in_a_sentence(
    name: str, change: Callable[[Tensors], object], sentence: str, tmp_path: Path
) -> None:
    tensors = resnet12_tensors("", "0.", WIDE)
    change(tensors)
    torch.save(tensors, tmp_path / "w.pth")
    backbone = build_backbone(name)
    before = {name: each.clone() for name, each in backbone.state_dict().items()}
    with pytest.raises(BadInput) as refused:
        load_weights(backbone, tmp_path / "w.pth")
    assert str(refused.value) == sentence
    assert all(torch.equal(each, before[name]) for name, each in backbone.state_dict().items())


def test_weights_of_colour_images_do_not_fit_grey_ones(tmp_path: Path) -> None:
    torch.save(conv4_tensors(""), tmp_path / "w.pth")
    with pytest.raises(BadInput, match="it fits conv4 for 3 channels, so choose that"):
        load_weights(build_backbone("conv4", in_channels=1), tmp_path / "w.pth")


def test_wide_resnets_that_halve_images_differently_are_told_apart(tmp_path: Path) -> None:
    torch.save({"state": wide_resnet_tensors("module.")}, tmp_path / "s2m2.tar")
    leo = build_backbone("wrn-28-10")
    with pytest.raises(BadInput, match="it fits wrn-28-10-s2m2, so choose that"):
        load_weights(leo, tmp_path / "s2m2.tar")
    path = tmp_path / "own.safetensors"
    save_weights(leo, path)
    with pytest.raises(BadInput, match=r"own.safetensors has weights of wrn-28-10; choose"):
        load_weights(build_backbone("wrn-28-10-s2m2"), path)


def _with_code(path: Path) -> None:
    torch.save({"opt": argparse.Namespace(lr=0.05), "model": conv4_tensors("")}, path)


def _cut(path: Path) -> None:
    torch.save(conv4_tensors(""), path)
    path.write_bytes(path.read_bytes()[:-1000])


@pytest.mark.parametrize(
    ("file", "write", "words"),
    [
        ("w.pth", _with_code, "w.pth holds more than weights and would run code, which is refused"),
        ("w.pth", _cut, "w.pth is damaged or no file of weights; copy or download it again."),
        ("w.pth", lambda path: path.write_bytes(b""), "w.pth is damaged"),
        ("w.pth", lambda path: path.write_bytes(b"no weights at all"), "w.pth is damaged"),
        ("w.safetensors", lambda path: path.write_bytes(b"no weights"), "w.safetensors is damaged"),
        ("w.pth", lambda path: torch.save({"epoch": 3}, path), "w.pth holds no tensors by name"),
        ("w.pth", lambda path: torch.save([torch.ones(2)], path), "w.pth holds no tensors by name"),
        ("w.pth", lambda path: None, r"w.pth cannot be read \(No such file or directory\)"),
        ("w.safetensors", lambda path: None, r"w.safetensors cannot be read \(No such file"),
    ],
)
def test_files_without_plain_weights_are_refused(
    file: str, write: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    write(tmp_path / file)
    with pytest.raises(BadInput, match=words):
        load_weights(build_backbone("conv4"), tmp_path / file)


def test_a_backbone_is_built_from_our_own_files_alone(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    safetensors.torch.save_file(conv4_tensors(""), path)
    with pytest.raises(BadInput, match="does not say which backbone it is of"):
        load_backbone(path)


def test_what_a_file_says_of_itself_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    facts = {"kind": "conv4", "layer": "flat", "in_channels": 10**9, "image_side": 28}
    tensors = build_backbone("conv4").state_dict()
    safetensors.torch.save_file(tensors, path, {"facts": json.dumps(facts)})
    with pytest.raises(BadInput, match="is 64 x 3 x 3 x 3 and not 64 x 1000000000 x 3 x 3"):
        load_backbone(path)


def test_folded_backbones_take_no_weights(tmp_path: Path) -> None:
    backbone: Backbone = build_backbone("conv4")
    save_weights(backbone, tmp_path / "w.safetensors")
    with pytest.raises(RuntimeError):
        load_weights(fold_batch_norm(backbone), tmp_path / "w.safetensors")

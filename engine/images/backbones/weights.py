"""Weights of backbones: read from our own files and from published ones, and written.

A published file is safetensors or what `torch.save` wrote; no code in it is ever run.
"""

import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from engine.errors import BadInput
from engine.images.backbones.backbone import Backbone, BackboneSettings
from engine.images.backbones.catalogue import BACKBONES
from engine.images.backbones.registry import build_backbone, settings_of, shape_only
from engine.images.backbones.weight_names import PLACES, our_names, without_prefixes
from engine.io.files import write_bytes

SAFETENSORS = ".safetensors"
SUFFIXES = (SAFETENSORS, ".pt", ".pth", ".tar", ".ckpt")
# What reading a damaged file raises, beside `OSError`.
_DAMAGED = (
    pickle.UnpicklingError,
    safetensors.SafetensorError,
    RuntimeError,
    ValueError,
    LookupError,
    EOFError,
    TypeError,
    AttributeError,
)
# What torch says where it would have to import or call something.
_OF_CODE = ("Unsupported global", "Unsupported class", "unrecognized function", "TorchScript")


def save_weights(backbone: Backbone, path: Path) -> None:
    """Write a backbone's weights as safetensors, with what `load_backbone` builds it from."""
    settings = backbone.settings
    facts = {
        "kind": settings.kind.name,
        "layer": settings.layer.name,
        "in_channels": settings.in_channels,
        "image_side": settings.image_side,
    }
    tensors = {name: each.cpu().contiguous() for name, each in backbone.state_dict().items()}
    # A single key: safetensors writes several in an order that changes.
    write_bytes(path, safetensors.torch.save(tensors, {"facts": json.dumps(facts)}))


def load_backbone(path: Path) -> Backbone:
    """Return the backbone that `save_weights` wrote, or an export of a run, for evaluation.

    Raises
    ------
    BadInput
        If it is another file, or damaged.
    """
    return loaded_backbone(path)[0]


def loaded_backbone(path: Path) -> tuple[Backbone, dict[str, Any], dict[str, Tensor]]:
    """Return the same with what else the file says, and with all tensors that it holds."""
    tensors, facts = _read(path)
    try:
        kind, layer = str(facts.get("kind") or facts["backbone"]), str(facts["layer"])
        in_channels, image_side = int(facts["in_channels"]), int(facts["image_side"])
    except (KeyError, ValueError, TypeError):
        raise BadInput(
            f"{path.name} does not say which backbone it is of; choose the backbone, and load it "
            "as weights."
        ) from None
    # Before anything is made as large as the file says.
    _require_fit(tensors, settings_of(kind, in_channels, layer, image_side), path)
    backbone = build_backbone(kind, in_channels=in_channels, layer=layer, image_side=image_side)
    _fill(backbone, tensors)
    return backbone.eval(), facts, tensors


def load_weights(backbone: Backbone, path: Path) -> None:
    """Give a backbone the weights of a file: one of ours or of a known repository.

    Classifiers and whatever else the file holds beside the backbone are ignored. Where something
    is wrong, the backbone is left as it was.

    Raises
    ------
    BadInput
        If it cannot be read without running code, or does not fit the backbone.
    """
    tensors, facts = _read(path)
    settings = backbone.settings
    kind = facts.get("kind") or facts.get("backbone", settings.kind.name)
    if kind != settings.kind.name:
        raise BadInput(f"{path.name} has weights of {kind}; choose that backbone or another file.")
    _require_fit(tensors, settings, path)
    _fill(backbone, tensors)


def _fill(backbone: Backbone, tensors: Mapping[str, Tensor]) -> None:
    names = our_names(tensors, backbone.settings.kind.name)
    wanted = shape_only(backbone.settings).state_dict().keys()
    fitting = {ours: tensors[name] for name, ours in names.items() if ours in wanted}
    # Old files do not count the batches that norms have seen, and nothing needs it: ours stay.
    backbone.load_state_dict(backbone.state_dict() | fitting)


def _require_fit(tensors: Mapping[str, Tensor], settings: BackboneSettings, path: Path) -> None:
    problem = _misfit(tensors, settings)
    if problem:
        raise BadInput(
            f"{path.name} does not fit {settings.kind.name}: {problem}; "
            f"{_remedy(tensors, settings)}."
        )


def _misfit(tensors: Mapping[str, Tensor], settings: BackboneSettings) -> str:
    """Say what is wrong with a file's tensors for a backbone; empty where they fit."""
    wanted = shape_only(settings).state_dict()
    theirs: dict[str, str] = {}
    for name, ours in our_names(tensors, settings.kind.name).items():
        if ours in wanted and ours in theirs:
            return f'both "{theirs[ours]}" and "{name}" could be its "{ours}"'
        theirs[ours] = name
    for ours, tensor in wanted.items():
        if ours not in theirs and ours.endswith(".num_batches_tracked"):
            continue
        if ours not in theirs:
            return f'it has no tensor "{ours}"'
        given = tensors[theirs[ours]].shape
        if given != tensor.shape:
            return f'"{theirs[ours]}" is {_shape(given)} and not {_shape(tensor.shape)}'
    # Another head is nobody's loss, but one more layer in between is another network.
    parts = {_first_part(name) for ours, name in theirs.items() if ours in wanted}
    for ours, name in theirs.items():
        if ours not in wanted and _first_part(name) in parts:
            return f'it also has "{name}", which this backbone lacks'
    return ""


def _first_part(name: str) -> str:
    """Return "layer1" for "module.layer1.0.conv1.weight"."""
    return without_prefixes(name).partition(".")[0]


def _shape(shape: torch.Size) -> str:
    """Write (64, 3, 3, 3) as "64 x 3 x 3 x 3"."""
    return " x ".join(map(str, shape)) or "a single number"


def _remedy(tensors: Mapping[str, Tensor], settings: BackboneSettings) -> str:
    """Say which backbone the tensors fit, if there is one, or what else to do."""
    own = settings.kind.name
    for channels in dict.fromkeys((settings.in_channels, 1, 3)):
        for name in (own, *BACKBONES):
            if not _misfit(tensors, settings_of(name, channels)):
                images = "" if channels == settings.in_channels else f" for {channels} channels"
                return f"it fits {name}{images}, so choose that"
    return "choose weights of this backbone"


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return a file's tensors by name, and what `save_weights` says of them, if it is ours."""
    try:
        if path.suffix.lower() == SAFETENSORS:
            with safetensors.safe_open(path, framework="pt") as file:
                facts = json.loads((file.metadata() or {}).get("facts", "{}"))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                return tensors, facts if isinstance(facts, dict) else {}
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read ({error.strerror or error}); check the path."
        ) from None
    except _DAMAGED as error:
        raise _unreadable(path, error) from None
    found = _state_dict(content)
    if not found:
        raise BadInput(
            f"{path.name} holds no tensors by name; save a network's state_dict() into a file."
        )
    return found, {}


def _unreadable(path: Path, error: Exception) -> BadInput:
    if any(words in str(error) for words in _OF_CODE):
        return BadInput(
            f"{path.name} holds more than weights and would run code, which is refused; where you "
            "trust it, save its state_dict() alone into a new file."
        )
    return BadInput(f"{path.name} is damaged or no file of weights; copy or download it again.")


def _state_dict(content: object) -> dict[str, Tensor]:
    """Return the tensors by name that a checkpoint holds; none where there are none."""
    if not isinstance(content, Mapping):
        return {}
    for place in PLACES:
        found = _state_dict(content.get(place))
        if found:
            return found
    return {
        name: each
        for name, each in content.items()
        if isinstance(name, str) and isinstance(each, Tensor)
    }

"""Vision models of the transformers library, from a folder or by their name in a hub."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.data.encoder_record import EncoderRecord
from engine.errors import BadInput
from engine.images.encoders.encoder import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    Framing,
    checksum_of,
    normalized,
    require_distinct,
    two_pictures,
)
from engine.io.listing import shown

SUGGESTION = "facebook/dinov2-small"
_WEIGHTS = ("*.safetensors", "*.bin")
_REMEDY = f"Give a vision model, such as {SUGGESTION}."


class TransformersEncoder:
    """A vision model of the transformers library; its pooled output is the embedding.

    Parameters
    ----------
    name
        A folder, or a model's name in a hub.
    device
        Where it computes.
    framing
        What a person says of its input.
    is_online
        Whether it may be fetched; otherwise only what is on this machine already is used.

    Raises
    ------
    BadInput
        If transformers is not installed, or there is no such vision model.
    """

    def __init__(
        self, name: str, device: torch.device, framing: Framing, *, is_online: bool = False
    ) -> None:
        self._device = device
        folder = _folder(name, is_online=is_online)
        self._model = _model(folder, name).to(device).eval()
        settings = _preprocessing(folder)
        weights = [path for each in _WEIGHTS for path in sorted(folder.glob(each))]
        side, crop = _side_and_crop(settings, self._model.config)
        self.record = EncoderRecord(
            kind="transformers",
            name=Path(name).name,
            where=name if not Path(name).is_dir() else Path(name).name,
            checksum=checksum_of(weights),
            side=framing.side or side,
            crop=framing.crop or crop,
            mean=framing.mean or tuple(settings.get("image_mean") or IMAGENET_MEAN),
            std=framing.std or tuple(settings.get("image_std") or IMAGENET_STD),
            views=framing.views,
            trained_on=framing.trained_on,
            embedding_dim=1,
        )
        tried = require_distinct(self.encode(two_pictures(self.record.side)), name, _REMEDY)
        self.record = self.record.model_copy(update={"embedding_dim": tried.shape[1]})

    @torch.inference_mode()
    def encode(self, pictures: Tensor) -> Tensor:
        """Return the embeddings of pictures; see `Encoder`."""
        images = normalized(pictures, self.record, self._device)
        try:
            output: Any = self._features(images)
        except (ValueError, RuntimeError, TypeError) as error:
            if isinstance(error, torch.OutOfMemoryError):
                raise
            reason = str(error).splitlines()[0][:200]
            raise BadInput(
                f"{self.record.name} takes no pictures of {self.record.side} pixels ({reason}). "
                f"{_REMEDY}"
            ) from error
        return output.flatten(1).float().cpu()  # type: ignore[no-any-return]

    def _features(self, images: Tensor) -> Any:
        if hasattr(self._model, "get_image_features"):  # of pictures and texts, as CLIP
            output = self._model.get_image_features(pixel_values=images)
            return getattr(output, "pooler_output", output)
        output = self._model(pixel_values=images)
        pooled = getattr(output, "pooler_output", None)
        return output.last_hidden_state[:, 0] if pooled is None else pooled


def _folder(name: str, *, is_online: bool) -> Path:
    """Return the folder of a model, fetched if that is allowed."""
    try:
        import huggingface_hub
        import transformers  # noqa: F401  # the model comes next
    except ImportError as error:
        raise BadInput(
            f"The encoder {shown(name)} needs transformers; install it with: "
            "pip install 'leo-studio[encoders]'"
        ) from error
    if Path(name).is_dir():
        return Path(name)
    try:
        found = huggingface_hub.snapshot_download(
            name,
            local_files_only=not is_online,
            allow_patterns=["*.json", "*.safetensors"],
        )
    except Exception as error:  # many kinds, of the network and of the hub
        remedy = (
            "check its name and the network"
            if is_online
            else "fetch it with --online, or name a folder that holds it"
        )
        raise BadInput(f'There is no encoder "{shown(name)}" on this machine; {remedy}.') from error
    return Path(found)


def _model(folder: Path, name: str) -> Any:
    from transformers import AutoModel

    try:
        return AutoModel.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # many kinds, by what is wrong with the folder
        raise BadInput(
            f"{shown(name)} holds no model that transformers can open "
            f"({str(error).splitlines()[0][:200]}). {_REMEDY}"
        ) from error


def _preprocessing(folder: Path) -> dict[str, Any]:
    """Return how a model wants its pictures, by the file beside it; empty where there is none."""
    path = folder / "preprocessor_config.json"
    if not path.is_file():
        return {}
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(f"{path.name} is no JSON; copy or download the model again.") from error
    return settings if isinstance(settings, dict) else {}


def _side_and_crop(settings: dict[str, Any], config: Any) -> tuple[int, float]:
    """Return what a model sees, in pixels, and the share of the shorter side that this is."""
    size, cut = settings.get("size"), settings.get("crop_size")
    shorter = _length(size)
    seen = _length(cut) if settings.get("do_center_crop", cut is not None) else 0
    side = seen or shorter or _length(getattr(config, "image_size", None)) or 224
    return side, min(1.0, side / shorter) if shorter and seen else 1.0


def _length(size: Any) -> int:
    """Return a length of a setting such as 224, {"shortest_edge": 256}, {"height": 224}; 0."""
    if isinstance(size, dict):
        size = size.get("shortest_edge") or size.get("height")
    if isinstance(size, (list, tuple)) and size:
        size = size[0]
    return int(size) if isinstance(size, (int, float)) else 0

"""Image encoders as ONNX models, run by onnxruntime.

Size and layout are read from the model's input, and mean and std from its metadata (`mean` and
`std`, numbers parted by commas), where it has them; what a person gives comes first.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.encoder_record import EncoderRecord
from engine.data.picture_choices import Layout
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

if TYPE_CHECKING:
    import onnxruntime

_SIDE = 224
_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}
_REMEDY = "Give an image encoder with one input, pictures (N, 3, H, W), and features as output."


class OnnxEncoder:
    """An ONNX model that takes pictures and makes embeddings of them.

    Parameters
    ----------
    path
        The model.
    framing
        What a person says of its input.

    Raises
    ------
    BadInput
        If onnxruntime is not installed, or the model takes no pictures or makes no embeddings.
    """

    def __init__(self, path: Path, framing: Framing) -> None:
        self._session = _session(path)
        self._name = path.name
        given = self._session.get_inputs()
        if len(given) != 1 or len(given[0].shape) != 4 or given[0].type not in _TYPES:
            shapes = ", ".join(f"{each.name} {each.shape} {each.type}" for each in given)
            raise BadInput(f"{path.name} takes {shapes}; it takes no pictures. {_REMEDY}")
        self._input = given[0]
        self._type = _TYPES[given[0].type]
        layout, side = _layout_and_side(path.name, given[0].shape, framing)
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.record = EncoderRecord(
            kind="onnx",
            name=path.stem,
            where=path.name,
            checksum=checksum_of([path]),
            side=side,
            crop=framing.crop or 1.0,
            mean=framing.mean or _numbers(metadata, "mean", path) or IMAGENET_MEAN,
            std=framing.std or _numbers(metadata, "std", path) or IMAGENET_STD,
            layout=layout,
            views=framing.views,
            trained_on=framing.trained_on or metadata.get("trained_on", ""),
            embedding_dim=1,
        )
        tried = require_distinct(self.encode(two_pictures(side)), path.name, _REMEDY)
        self.record = self.record.model_copy(update={"embedding_dim": tried.shape[1]})

    def encode(self, pictures: Tensor) -> Tensor:
        """Return the embeddings of pictures; see `Encoder`."""
        fixed = self._input.shape[0]
        # A model whose first axis has a fixed length takes that many at a time.
        length = fixed if isinstance(fixed, int) and fixed > 0 else len(pictures)
        parts = []
        for start in range(0, len(pictures), length):
            part = pictures[start : start + length]
            missing = length - len(part)
            filled = torch.cat([part, part[:1].expand(missing, -1, -1, -1)]) if missing else part
            parts.append(self._run(filled)[: len(part)])
        return torch.cat(parts)

    def _run(self, pictures: Tensor) -> Tensor:
        if self._type is np.uint8:
            images = pictures.numpy()
        else:
            images = normalized(pictures, self.record, torch.device("cpu")).numpy()
        if self.record.layout == "NHWC":
            images = images.transpose(0, 2, 3, 1)
        array = np.ascontiguousarray(images, self._type)
        try:
            outputs = self._session.run(None, {self._input.name: array})
        except Exception as error:  # onnxruntime's errors have no common class of their own
            raise BadInput(
                f"{self._name} cannot be run on pictures of {self.record.side} pixels "
                f"({str(error).splitlines()[0][:200]}). {_REMEDY}"
            ) from error
        return torch.from_numpy(_pooled(outputs[0], self._name))


def _session(path: Path) -> "onnxruntime.InferenceSession":
    try:
        import onnxruntime
    except ImportError as error:
        raise BadInput(
            f"{path.name} is an ONNX model, which needs onnxruntime; install it with: "
            "pip install 'leo-studio[onnx]'"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # batches are encoded side by side, on a core each
    options.log_severity_level = 3  # what it warns of is about models of others
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common class of their own
        raise BadInput(
            f"{path.name} is no ONNX model that onnxruntime can open; export it again."
        ) from error


def _layout_and_side(
    name: str, shape: list[int | str | None], framing: Framing
) -> tuple[Layout, int]:
    """Return the order of a model's axes and the side of its pictures."""
    channels_first = shape[1] in (1, 3)
    channels_last = shape[3] in (1, 3)
    layout = framing.layout or ("NHWC" if channels_last and not channels_first else "NCHW")
    height, width = shape[2:] if layout == "NCHW" else shape[1:3]
    if isinstance(height, int) and isinstance(width, int) and height != width:
        raise BadInput(f"{name} takes pictures of {width} x {height} pixels; it must take squares.")
    fixed = next((each for each in (height, width) if isinstance(each, int) and each > 0), None)
    if fixed is not None and framing.side not in (None, fixed):
        raise BadInput(
            f"{name} takes pictures of {fixed} pixels, and {framing.side} were asked for; leave "
            "the size out."
        )
    return layout, fixed or framing.side or _SIDE


def _numbers(metadata: Mapping[str, str], key: str, path: Path) -> tuple[float, ...] | None:
    if key not in metadata:
        return None
    try:
        return tuple(float(part) for part in metadata[key].strip("[]() ").split(","))
    except ValueError as error:
        raise BadInput(
            f'{path.name}: its metadata {key} is "{metadata[key][:80]}"; it must be numbers parted '
            "by commas."
        ) from error


def _pooled(output: Any, name: str) -> NDArray[np.float32]:
    """Return features (N, D) of an output (N, D), tokens (N, T, D) or a map (N, D, H, W)."""
    array = np.asarray(output, np.float32)
    if array.ndim == 3:
        return np.ascontiguousarray(array[:, 0])  # of a transformer: the class token
    if array.ndim == 4:
        return np.asarray(array.mean(axis=(2, 3)), np.float32)
    if array.ndim != 2:
        raise BadInput(f"{name} makes an array of shape {array.shape}, no features. {_REMEDY}")
    return array

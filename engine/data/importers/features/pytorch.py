"""Reading of files of PyTorch (.pt, .pth) with features; nothing in them is executed."""

import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.importers.features.contents import features_of
from engine.data.importers.features.feature_set import FeatureSet
from engine.data.importers.kinds import ZIP, kind_of_members
from engine.data.importers.metering import Meter
from engine.data.importers.untrusted import open_member, opened_zip, unreadable_as_bad_input
from engine.errors import BadInput
from engine.io.listing import shown

_WANTED = "a file that torch.save writes"
_SAVE_TENSORS = "save tensors, plain containers, numbers and text alone with torch.save"
_DEEPEST = 8  # levels of containers
_ASKED_FOR = re.compile(r"GLOBAL ([\w.]+)")


def read_pytorch(path: Path, where: str, meter: Meter) -> FeatureSet:
    """Read a file of PyTorch with features.

    Raises
    ------
    BadInput
        If it asks for anything but tensors and plain containers, is damaged, or holds no features.
    """
    with unreadable_as_bad_input(where):
        size = path.stat().st_size
    with opened_zip(
        path, _WANTED, lambda _: "save it again with a PyTorch of version 1.6 or later"
    ) as archive:
        _require_sound(archive, where)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # its readers raise whatever a forged file makes them stumble over
        asked = _ASKED_FOR.search(str(error))
        if asked is not None:
            raise BadInput(
                f"{where} asks for {shown(asked[1])}, and nothing in it is executed, so it was not "
                f"read; {_SAVE_TENSORS}."
            ) from error
        raise BadInput(f"{where} cannot be read by torch.load; {_SAVE_TENSORS}.") from error
    meter.add(where, size)
    return features_of(_Conversion(where, size).of(content), where, size)


def _require_sound(archive: zipfile.ZipFile, where: str) -> None:
    """Require an archive of PyTorch whose members do not unpack to absurdly much."""
    if kind_of_members(archive.namelist()) == ZIP:
        raise BadInput(f"{where} is a zip archive, and not {_WANTED}; check that it is the file.")
    for member in archive.infolist():
        open_member(archive, member, f"{where}: {shown(member.filename)}").close()


class _Conversion:
    """Puts arrays in the place of the tensors that one file holds.

    Parameters
    ----------
    where
        What the file is called in an error.
    size
        How many numbers it may hold: views of one tensor could be more than any memory.
    """

    def __init__(self, where: str, size: int) -> None:
        self._where = where
        self._left = size
        self._done: dict[int, Any] = {}  # what is there in several places is converted once

    def of(self, value: Any, depth: int = 0) -> Any:
        """Return tensors as arrays, and containers with arrays in the place of tensors."""
        if not isinstance(value, torch.Tensor | dict | list | tuple):
            return value
        if depth > _DEEPEST:
            raise BadInput(
                f"{self._where} holds containers more than {_DEEPEST} deep; {_SAVE_TENSORS}."
            )
        if id(value) not in self._done:
            if isinstance(value, torch.Tensor):
                converted: Any = self._array(value)
            elif isinstance(value, dict):
                converted = {key: self.of(each, depth + 1) for key, each in value.items()}
            else:
                converted = [self.of(each, depth + 1) for each in value]
            self._done[id(value)] = converted
        return self._done[id(value)]

    def _array(self, tensor: torch.Tensor) -> NDArray[Any]:
        if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_meta:
            raise BadInput(f"{self._where} holds a sparse or quantized tensor; {_SAVE_TENSORS}.")
        self._left -= tensor.numel()
        if self._left < 0:
            raise BadInput(
                f"{self._where} holds more numbers than it has bytes, so it was not read; get it "
                "from its authors again."
            )
        plain = tensor.detach()
        try:
            return np.asarray((plain.float() if plain.dtype == torch.bfloat16 else plain).numpy())
        except (TypeError, RuntimeError) as error:
            raise BadInput(
                f"{self._where} holds a tensor of {tensor.dtype}; save it as floats."
            ) from error

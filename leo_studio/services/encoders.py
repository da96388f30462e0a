"""Encoders by what people call them: pre-training runs of the library, and all others."""

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from engine.images.encoders import Encoder, Framing, default_encoder, open_encoder
from engine.runs.run_encoder import run_encoder

if TYPE_CHECKING:
    from engine.runs.library import Library


def find_encoder(
    library: "Library",
    name: str,
    device: torch.device,
    framing: Framing | None = None,
    *,
    is_online: bool = False,
) -> Encoder:
    """Open an encoder by what was typed; the default one for nothing.

    Parameters
    ----------
    library
        Where runs are found by their names.
    name
        A pre-training run's folder, or its whole name; else see `open_encoder`.
    device, framing, is_online
        See `open_encoder`.
    """
    if not name:
        return open_encoder(default_encoder(), device, framing)
    for folder in (library.runs / name, Path(name)):
        if (folder / "run.json").is_file():
            return run_encoder(library.run(str(folder.absolute())), device, framing)
    return open_encoder(name, device, framing, is_online=is_online)

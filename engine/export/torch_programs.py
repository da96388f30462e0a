"""torch.export programs of adaptation: run and deployed by PyTorch without this code."""

import io
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.export.checks import checked
from engine.export.formats import Check
from engine.export.programs import Program, collection_paused
from engine.io.files import replacing
from engine.learners.leo.trajectory import Model

FACTS = "facts.json"


def save_torch_program(
    path: Path, program: Program, model: Model, is_normalized: bool, facts: Mapping[str, str]
) -> Check:
    """Write a program that `torch.export.load` reads, if it computes what it should.

    Parameters
    ----------
    path
        Ends with .pt2; it is whole and right, or absent.
    program, model, is_normalized
        See `engine.export.programs`.
    facts
        Kept inside as `facts.json`, one of `torch.export.load`'s extra files.

    Raises
    ------
    BadInput
        If the program, loaded again, disagrees with the engine.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings(), collection_paused():
        # torch warns of its own use of what it has deprecated.
        warnings.simplefilter("ignore")
        torch.export.save(program.traced(), buffer, extra_files={FACTS: json.dumps(dict(facts))})
        loaded = torch.export.load(io.BytesIO(buffer.getvalue())).module()

    @torch.no_grad()
    def run(arrays: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        found = loaded(*map(torch.from_numpy, arrays))
        outputs = [found] if isinstance(found, torch.Tensor) else found
        return [tensor.numpy() for tensor in outputs]

    check = checked(path.name, "torch.export", program, model, is_normalized, run)
    with replacing(path) as draft:
        draft.write_bytes(buffer.getvalue())
    return check

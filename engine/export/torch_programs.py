"""torch.export programs of adaptation: run and deployed by PyTorch without this code."""

import io
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.features import Features
from engine.export.checks import CHECKING, TRACING, WRITING, Stage, checked
from engine.export.formats import Check
from engine.export.programs import Program, collection_paused
from engine.io.files import replacing
from engine.learners.leo.trajectory import Model

FACTS = "facts.json"


def save_torch_program(
    path: Path,
    program: Program,
    model: Model,
    features: Features,
    facts: Mapping[str, str],
    tell: Stage = lambda *_: None,
) -> Check:
    """Write a program that `torch.export.load` reads, if it computes what it should.

    Parameters
    ----------
    path
        Ends with .pt2; it is whole and right, or absent.
    program, model, features
        See `engine.export.programs`.
    facts
        Kept inside as `facts.json`, one of `torch.export.load`'s extra files.
    tell
        Told of each stage; see `engine.export.checks.Stage`.

    Raises
    ------
    BadInput
        If the program, loaded again, disagrees with the engine.
    """
    buffer = io.BytesIO()
    tell(0.0, TRACING)
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

    tell(0.6, CHECKING)
    check = checked(path.name, "torch.export", program, model, features, run)
    tell(0.9, WRITING)
    with replacing(path) as draft:
        draft.write_bytes(buffer.getvalue())
    return check

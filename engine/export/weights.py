"""Weights for other programs, as safetensors and as a PyTorch file without code.

Both hold the learner's float32 tensors by their names. LEO's are seven, in the orientation of the
released code (examples are rows, multiplied from the left):

| name              | shape    | what                                                             |
|-------------------|----------|------------------------------------------------------------------|
| `encoder`         | (D, L)   | embedding to latent space, without bias                          |
| `relation_first`  | (2L, 2L) | first relation layer; rows 0 to L - 1 see example i of a pair    |
| `relation_middle` | (2L, 2L) | second relation layer                                            |
| `relation_last`   | (2L, 2L) | columns 0 to L - 1 give a code's mean, the others s: exp(s)      |
| `decoder`         | (L, 2D)  | columns 0 to D - 1 give weights' means, the others s             |
| `inner_lr`        | (L,)     | step size of the inner loop, one for each latent dimension       |
| `finetuning_lr`   | (D,)     | step size of fine-tuning, one for each number of an embedding    |

Prototypical and matching networks have one:

| name              | shape    | what                                                             |
|-------------------|----------|------------------------------------------------------------------|
| `projection`      | (D, E)   | embedding to the learned space, without bias                     |
"""

import json
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch

from engine.export.trained import Trained
from engine.io.files import replacing


def safetensors_bytes(trained: Trained) -> bytes:
    """Return the weights as a safetensors file; its metadata has `facts`, a JSON object."""
    tensors = {name: tensor.contiguous() for name, tensor in trained.tensors.items()}
    return safetensors.torch.save(tensors, one_text(trained.facts()))


def one_text(facts: Mapping[str, str]) -> dict[str, str]:
    """Return metadata with a single key: safetensors writes several in an order that changes."""
    return {"facts": json.dumps(dict(facts))}


def save_safetensors(path: Path, trained: Trained) -> None:
    """Write the weights as safetensors."""
    with replacing(path) as draft:
        draft.write_bytes(safetensors_bytes(trained))


def save_pytorch(path: Path, trained: Trained) -> None:
    """Write what `torch.load(path, weights_only=True)` reads: a dictionary.

    Its keys are `weights` (tensors by name), `facts` (texts) and `experiment` (all settings as
    plain containers).
    """
    content = {
        "weights": {name: tensor.clone() for name, tensor in trained.tensors.items()},
        "facts": trained.facts(),
        "experiment": trained.experiment.to_dict(),
    }
    # Given a name, torch would write it into the file, and keep the system's errors to itself.
    with replacing(path) as draft, draft.open("wb") as file:
        torch.save(content, file)

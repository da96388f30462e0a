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

Where something was fitted to the training examples (see `engine.data.features`), it is there too,
and D above is the number of whitened components:

| name                 | shape  | what                                                             |
|----------------------|--------|------------------------------------------------------------------|
| `feature_mean`       | (D,)   | taken away from embeddings, after the power in the facts         |
| `feature_projection` | (D, P) | then embeddings are multiplied with it, from the left            |
"""

import json
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from engine.export.trained import Trained
from engine.io.files import replacing


def safetensors_bytes(trained: Trained) -> bytes:
    """Return the weights alone as a safetensors file; its metadata has `facts`, a JSON object."""
    return _safetensors(trained, trained.tensors)


def _safetensors(trained: Trained, named: Mapping[str, Tensor]) -> bytes:
    tensors = {name: tensor.contiguous() for name, tensor in named.items()}
    return safetensors.torch.save(tensors, one_text(trained.facts()))


def one_text(facts: Mapping[str, str]) -> dict[str, str]:
    """Return metadata with a single key: safetensors writes several in an order that changes."""
    return {"facts": json.dumps(dict(facts))}


def _with_features(trained: Trained) -> dict[str, Tensor]:
    """Return the weights by name, and what has to be done to embeddings before they are used."""
    fitted = trained.features.tensors()
    return trained.tensors | {f"feature_{name}": tensor for name, tensor in fitted.items()}


def save_safetensors(path: Path, trained: Trained) -> None:
    """Write the weights as safetensors."""
    with replacing(path) as draft:
        draft.write_bytes(_safetensors(trained, _with_features(trained)))


def save_pytorch(path: Path, trained: Trained) -> None:
    """Write what `torch.load(path, weights_only=True)` reads: a dictionary.

    Its keys are `weights` (tensors by name), `facts` (texts) and `experiment` (all settings as
    plain containers).
    """
    content = {
        "weights": {name: tensor.clone() for name, tensor in _with_features(trained).items()},
        "facts": trained.facts(),
        "experiment": trained.experiment.to_dict(),
    }
    # Given a name, torch would write it into the file, and keep the system's errors to itself.
    with replacing(path) as draft, draft.open("wb") as file:
        torch.save(content, file)

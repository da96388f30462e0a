"""What is done to embeddings before a learner sees them.

In this order, each where the experiment asks for it (see `engine.config.sections.Data`):

1. every number is raised to a power, keeping its sign: features that passed a ReLU, whose few large
   numbers outweigh all others, become more even (Hu et al. 2021, PT-MAP);
2. the mean of the training examples is taken away (Wang et al. 2019, SimpleShot);
3. they are turned to the first principal components of the training examples, each of variance 1;
4. they are divided by their Euclidean norms.

What 2 and 3 need is fitted once, when a run is made, on the classes of the split `train` alone, and
kept with the run: so other stores, pictures and exports meet the same.

Shapes: n examples, D numbers of an embedding, P those that a learner sees.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from engine.config.sections import Data
from engine.data.mapping import Embeddings
from engine.data.normalizing import normalized
from engine.errors import BadInput
from engine.io.files import replacing

FILE = "features.safetensors"

# Rows that are taken into double precision at a time.
_ROWS = 8192
# A direction in which training examples vary by a smaller share of the largest variance holds
# rounding alone: embeddings are in single precision.
_LEAST_VARIANCE = 1e-9


class Features(NamedTuple):
    """What is done to embeddings; by default they are divided by their norms.

    Attributes
    ----------
    power
        Each number is raised to it; None for no change.
    mean
        (D,), taken away; None for no change.
    projection
        (D, P): the principal components, each divided by its standard deviation; None for none.
    normalize
        Whether they are divided by their norms at the end.
    """

    power: float | None = None
    mean: Tensor | None = None
    projection: Tensor | None = None
    normalize: bool = True

    def __call__(self, embeddings: Tensor) -> Tensor:
        """Turn embeddings (..., D) into what a learner sees, (..., P)."""
        seen = embeddings
        if self.power is not None:
            seen = seen.sign() * seen.abs().pow(self.power)
        if self.mean is not None:
            seen = seen - self.mean.to(seen)
        if self.projection is not None:
            seen = seen @ self.projection.to(seen)
        return normalized(seen) if self.normalize else seen

    @property
    def is_plain(self) -> bool:
        """Whether embeddings are changed by nothing but their norms."""
        return self.power is None and self.mean is None and self.projection is None

    @property
    def words(self) -> str:
        """What is done to them: "divided by their Euclidean norms"; "" for nothing."""
        done = [
            (self.power is not None, f"raised to the power {self.power}"),
            (self.mean is not None, "moved by the training examples' mean"),
            (self.projection is not None, "turned to whitened principal components"),
            (self.normalize, "divided by their Euclidean norms"),
        ]
        return ", ".join(words for is_done, words in done if is_done)

    def seen_size(self, size: int) -> int:
        """Return P where embeddings have D numbers."""
        return size if self.projection is None else self.projection.shape[1]

    def raw_size(self, seen: int) -> int:
        """Return D where a learner sees P numbers."""
        return seen if self.projection is None else self.projection.shape[0]

    def tensors(self) -> dict[str, Tensor]:
        """Return what was fitted, by name."""
        fitted = {"mean": self.mean, "projection": self.projection}
        return {name: tensor for name, tensor in fitted.items() if tensor is not None}


NORMALIZED = Features()
RAW = Features(normalize=False)


def asked_of(data: Data, tensors: dict[str, Tensor] | None = None) -> Features:
    """Return what an experiment asks for, with what was fitted for it."""
    fitted = tensors or {}
    return Features(data.power, fitted.get("mean"), fitted.get("projection"), data.normalize)


def needed_tensors(data: Data, size: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of what has to be fitted for embeddings of D numbers, by name."""
    shapes: dict[str, tuple[int, ...]] = {}
    if data.centre or data.components is not None:
        shapes["mean"] = (size,)
    if data.components is not None:
        shapes["projection"] = (size, data.components)
    return shapes


def fitted(data: Data, examples: Embeddings, source: str) -> Features:
    """Fit what an experiment asks for.

    Parameters
    ----------
    data
        The settings.
    examples
        (n, D) training examples as they are stored.
    source
        What a message calls where they are from.

    Raises
    ------
    BadInput
        If they vary in fewer directions than components are asked for.
    """
    if not needed_tensors(data, examples.shape[1]):
        return asked_of(data)
    mean = sum(part.sum(0) for part in _parts(data, examples)) / len(examples)
    assert isinstance(mean, Tensor)
    tensors = {"mean": mean.float()}
    if data.components is not None:
        tensors["projection"] = _whitened(data, examples, mean, source)
    return asked_of(data, tensors)


def _parts(data: Data, examples: Embeddings) -> Iterator[Tensor]:
    """Yield examples in double precision, raised to the power, some thousand at a time."""
    powered = Features(data.power, normalize=False)
    for start in range(0, len(examples), _ROWS):
        yield powered(examples[start : start + _ROWS].double())


def _whitened(data: Data, examples: Embeddings, mean: Tensor, source: str) -> Tensor:
    """Return the first principal components over their deviations, (D, P)."""
    assert data.components is not None
    moments = mean.new_zeros(len(mean), len(mean))
    for part in _parts(data, examples):
        moved = part - mean
        moments += moved.mT @ moved
    variances, directions = torch.linalg.eigh(moments / max(len(examples) - 1, 1))
    variances, directions = variances.flip(0), directions.flip(1)
    found = int((variances > _LEAST_VARIANCE * variances[0].clamp(min=0)).sum())
    if found < data.components:
        raise BadInput(
            f"data.components is {data.components}, and the training examples of {source} vary in "
            f"{found} directions alone; lower it to {found} or less."
        )
    chosen = directions[:, : data.components]
    # A direction and its opposite are as good; so that every machine takes the same one.
    largest = chosen.abs().argmax(dim=0)
    signs = chosen.gather(0, largest[None]).sign()
    whitened: Tensor = chosen * signs / variances[: data.components].sqrt()
    return whitened.float().contiguous()


def keep_features(folder: Path, features: Features) -> None:
    """Write what was fitted into a run's folder; nothing, where nothing was."""
    if tensors := features.tensors():
        with replacing(folder / FILE) as draft:
            draft.write_bytes(safetensors.torch.save(tensors))


def kept_features(folder: Path, data: Data, size: int) -> Features:
    """Return what a run does to embeddings of D numbers.

    Raises
    ------
    BadInput
        If what was fitted is missing, damaged or another run's.
    """
    if not needed_tensors(data, size):
        return asked_of(data)
    path = folder / FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"{path} is missing or cannot be read ({error.strerror}): what was fitted to the "
            "training examples; copy the run's folder again, or train the run anew."
        ) from None
    return read_features(content, data, size, str(path))


def read_features(content: bytes, data: Data, size: int, source: str) -> Features:
    """Read what was fitted from a file's bytes; raises `BadInput` if it is not what is needed."""
    try:
        tensors = safetensors.torch.load(content)
    except (safetensors.SafetensorError, ValueError, KeyError, RuntimeError):
        raise BadInput(f"{source} is damaged; get it again, or train the run anew.") from None
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    sound = all(
        tensor.dtype == torch.float32 and bool(tensor.isfinite().all())
        for tensor in tensors.values()
    )
    if shapes != needed_tensors(data, size) or not sound:
        raise BadInput(
            f"{source} does not fit the run's settings; get it again, or train the run anew."
        )
    return asked_of(data, tensors)

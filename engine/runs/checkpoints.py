"""Checkpoints on disk: weights that anybody can read, and the state that resuming needs.

`step-000001000.safetensors` holds the weights and stays; beside it `.json` holds the step, the
metrics and a checksum, and is written last, so a checkpoint exists when its `.json` does.
`step-000001000.optimizer.safetensors` holds Adam's moments and is kept for the last two checkpoints
only: moments are twice the size of the weights.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import Tensor

from engine.errors import BadInput
from engine.io.files import replacing, write_text
from engine.io.text import read_text
from engine.io.versions import require_known_version

SCHEMA = 1  # of a checkpoint's .json, which says none
_RESUMABLE_KEPT = 2


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint of a run."""

    step: int
    weights_path: Path
    metrics: Mapping[str, float]  # of the validation at this step; empty where there was none
    checksums: Mapping[str, str]  # SHA-256 by file name

    @property
    def is_validated(self) -> bool:
        """Whether a validation belongs to it; others only stand in until a newer one is there."""
        return bool(self.metrics)

    @property
    def optimizer_path(self) -> Path:
        """Where Adam's moments are, or were."""
        return self.weights_path.with_suffix(".optimizer.safetensors")

    @property
    def is_resumable(self) -> bool:
        """Whether training can go on from here: both files are there and undamaged."""
        return all(
            _is_intact(path, self.checksums) for path in (self.optimizer_path, self.weights_path)
        )

    def weights(self) -> dict[str, Tensor]:
        """Load the weights; raises `BadInput` if they are missing or damaged."""
        return _load(self.weights_path, self.checksums)

    def optimizer(self) -> dict[str, Tensor]:
        """Load Adam's moments; raises `BadInput` if they are missing or damaged."""
        return _load(self.optimizer_path, self.checksums)


def save_checkpoint(
    folder: Path,
    step: int,
    weights: Mapping[str, Tensor],
    optimizer: Mapping[str, Tensor],
    metrics: Mapping[str, float],
) -> Checkpoint:
    """Write a checkpoint and remove what it makes superfluous.

    Parameters
    ----------
    folder
        The run's `checkpoints`.
    step
        Outer steps taken.
    weights, optimizer
        Tensors by name, on any device.
    metrics
        Of the validation at this step; empty where there was none.
    """
    path = folder / f"step-{step:09d}.safetensors"
    checkpoint = Checkpoint(step, path, metrics, {})
    checksums = {
        file.name: _write(file, _content(tensors))
        for file, tensors in ((path, weights), (checkpoint.optimizer_path, optimizer))
    }
    _write_record(path, step, metrics, checksums)
    _remove_superfluous(folder)
    return Checkpoint(step, path, metrics, checksums)


def write_weights(folder: Path, step: int, content: bytes, metrics: Mapping[str, float]) -> None:
    """Write a checkpoint that can be evaluated but not trained on: a safetensors file's bytes."""
    path = folder / f"step-{step:09d}.safetensors"
    _write_record(path, step, metrics, {path.name: _write(path, content)})


def list_checkpoints(folder: Path) -> list[Checkpoint]:
    """Return the checkpoints of a run by rising step; half-written ones are not among them."""
    checkpoints = []
    for path in sorted(folder.glob("step-*.json")):
        match = re.fullmatch(r"step-(\d+)\.json", path.name)
        record = _read_record(path)
        if match is not None and record is not None:
            checkpoints.append(
                Checkpoint(
                    int(match[1]),
                    path.with_suffix(".safetensors"),
                    record["metrics"],
                    record["checksums"],
                )
            )
    return sorted(checkpoints, key=lambda checkpoint: checkpoint.step)


def remove_checkpoint(checkpoint: Checkpoint) -> None:
    """Remove a checkpoint's files, its record first, so that no half of it is ever found."""
    checkpoint.weights_path.with_suffix(".json").unlink(missing_ok=True)
    checkpoint.weights_path.unlink(missing_ok=True)
    checkpoint.optimizer_path.unlink(missing_ok=True)


def _remove_superfluous(folder: Path) -> None:
    checkpoints = list_checkpoints(folder)
    for checkpoint in checkpoints[:-_RESUMABLE_KEPT]:
        if checkpoint.is_validated:
            checkpoint.optimizer_path.unlink(missing_ok=True)
        else:
            remove_checkpoint(checkpoint)


def _content(tensors: Mapping[str, Tensor]) -> bytes:
    return safetensors.torch.save(
        {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    )


def _write_record(
    weights_path: Path, step: int, metrics: Mapping[str, float], checksums: Mapping[str, str]
) -> None:
    record = {"step": step, "metrics": dict(metrics), "checksums": dict(checksums)}
    write_text(weights_path.with_suffix(".json"), json.dumps(record, indent=1) + "\n")


def _write(path: Path, content: bytes) -> str:
    with replacing(path) as draft:
        draft.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _load(path: Path, checksums: Mapping[str, str]) -> dict[str, Tensor]:
    if not _is_intact(path, checksums):
        raise BadInput(f"{path.name} is missing or damaged; choose another checkpoint of the run.")
    return safetensors.torch.load_file(path)


def _is_intact(path: Path, checksums: Mapping[str, str]) -> bool:
    if not path.is_file() or path.name not in checksums:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == checksums[path.name]


def _read_record(path: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(read_text(path))
    except (OSError, ValueError, RecursionError):
        return None
    require_known_version(record, path, SCHEMA)
    if not isinstance(record, dict):
        return None
    has_parts = isinstance(record.get("metrics"), dict) and isinstance(
        record.get("checksums"), dict
    )
    return record if has_parts else None

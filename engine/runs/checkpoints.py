"""Checkpoints on disk: weights that anybody can read, and the state that resuming needs.

`step-000001000.safetensors` holds the weights and stays: a checkpoint exists when it does. Beside
it `.json` holds the step, the metrics and a checksum, and is written last; weights without it can
be evaluated, and training does not go on from them. An empty `.saving` is there while the others
are written: with it, and without `.json`, a checkpoint is one whose saving was cut off, and none.
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
from engine.io.files import not_written, replacing, write_text
from engine.io.text import read_text
from engine.io.versions import require_known_version

SCHEMA = 1  # of a checkpoint's .json, which says none
_RESUMABLE_KEPT = 2
_BEING_SAVED = ".saving"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint of a run."""

    step: int
    weights_path: Path
    metrics: Mapping[str, float]  # of the validation at this step; empty where there was none
    checksums: Mapping[str, str]  # SHA-256 by file name
    is_recorded: bool = True  # whether its .json is there

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

    @property
    def missing(self) -> list[str]:
        """The files that training would need to go on from here, and that are not there."""
        record = self.weights_path.with_suffix(".json")
        found = [] if self.is_recorded else [record.name]
        return found + ([] if self.optimizer_path.is_file() else [self.optimizer_path.name])

    def weights(self) -> dict[str, Tensor]:
        """Load the weights; raises `BadInput` if they are missing or damaged."""
        if self.is_recorded:
            return _load(self.weights_path, self.checksums)
        try:
            return safetensors.torch.load_file(self.weights_path)
        except (OSError, safetensors.SafetensorError) as error:
            raise BadInput(
                f"{self.weights_path} is missing or damaged ({error}); choose another checkpoint "
                "of the run."
            ) from None

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
    path = weights_path(folder, step)
    checkpoint = Checkpoint(step, path, metrics, {})
    marker = path.with_suffix(_BEING_SAVED)
    try:
        marker.touch()
    except OSError as error:
        raise not_written(marker, error) from error
    checksums = {
        file.name: _write(file, _content(tensors))
        for file, tensors in ((path, weights), (checkpoint.optimizer_path, optimizer))
    }
    _write_record(path, step, metrics, checksums)
    marker.unlink(missing_ok=True)
    _remove_superfluous(folder)
    return Checkpoint(step, path, metrics, checksums)


def write_weights(folder: Path, step: int, content: bytes, metrics: Mapping[str, float]) -> None:
    """Write a checkpoint that can be evaluated but not trained on: a safetensors file's bytes."""
    path = weights_path(folder, step)
    _write_record(path, step, metrics, {path.name: _write(path, content)})


def list_checkpoints(folder: Path) -> list[Checkpoint]:
    """Return the checkpoints of a run by rising step: those whose weights are there.

    Raises
    ------
    NewerVersion
        If one was written by a later version, which may keep weights elsewhere.
    """
    checkpoints = []
    paths = {step: weights_path(folder, step) for step in _steps(folder, ".json")}
    records = {step: _read_record(path.with_suffix(".json")) for step, path in paths.items()}
    for step in sorted({*_steps(folder, ".safetensors")}.difference(half_saved_steps(folder))):
        path = weights_path(folder, step)
        record = records.get(step)
        if record is None:
            checkpoints.append(Checkpoint(step, path, {}, {}, is_recorded=False))
        else:
            checkpoints.append(Checkpoint(step, path, record["metrics"], record["checksums"]))
    return checkpoints


def steps_without_weights(folder: Path) -> list[int]:
    """Return the steps of checkpoints whose weights are missing while another file is there."""
    others = {*_steps(folder, ".json"), *_steps(folder, ".optimizer.safetensors")}
    there = {*_steps(folder, ".safetensors"), *half_saved_steps(folder)}
    return sorted(others.difference(there))


def half_saved_steps(folder: Path) -> list[int]:
    """Return the steps of checkpoints whose saving was cut off; they count as not there."""
    return sorted({*_steps(folder, _BEING_SAVED)}.difference(_steps(folder, ".json")))


def weights_path(folder: Path, step: int) -> Path:
    """Return where the weights of a step are, or would be."""
    return folder / f"step-{step:09d}.safetensors"


def remove_checkpoint(folder: Path, step: int) -> None:
    """Remove a checkpoint's files, its weights first, so that no half of it is ever found."""
    path = weights_path(folder, step)
    for ending in (".safetensors", ".json", ".optimizer.safetensors", _BEING_SAVED):
        path.with_suffix(ending).unlink(missing_ok=True)


def _steps(folder: Path, ending: str) -> list[int]:
    """Return the steps of which there is a file with an ending."""
    pattern = re.compile(rf"step-(\d+){re.escape(ending)}")
    matches = map(pattern.fullmatch, (path.name for path in folder.glob("step-*")))
    return sorted(int(match[1]) for match in matches if match is not None)


def _remove_superfluous(folder: Path) -> None:
    # What was saved without trouble: anything else is somebody's to look at.
    checkpoints = [each for each in list_checkpoints(folder) if each.is_recorded]
    for checkpoint in checkpoints[:-_RESUMABLE_KEPT]:
        if checkpoint.is_validated:
            checkpoint.optimizer_path.unlink(missing_ok=True)
        else:
            remove_checkpoint(folder, checkpoint.step)


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

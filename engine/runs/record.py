"""The record of a run: what run.json says of it; no torch, so that windows read it too."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import BadInput
from engine.io.files import write_text

SCHEMA = 1

Status = Literal["created", "running", "paused", "finished", "stopped", "failed", "interrupted"]
OWNED: tuple[Status, ...] = ("running", "paused")  # somebody trains it


class Best(BaseModel):
    """The best validation so far."""

    model_config = ConfigDict(frozen=True)

    step: int
    accuracy: float
    ci95: float


class StoreRecord(BaseModel):
    """What a run remembers of its store, to know it again."""

    model_config = ConfigDict(frozen=True)

    path: str = ""
    name: str = ""
    embedding_dim: int = 0
    splits: dict[str, dict[str, int]] = {}  # classes and examples of each split
    fingerprint: str = ""  # see `engine.data.fingerprint`; runs of older versions have none


class Record(BaseModel):
    """What run.json holds; keys that a later version adds are kept."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)

    schema_version: int = Field(SCHEMA, alias="schema")
    id: str
    name: str
    status: Status
    preset: str
    created: str  # ISO 8601, UTC
    updated: str
    host: str
    process_id: int
    heartbeat: float  # seconds since the epoch
    device: str
    step: int
    steps: int
    seconds: float  # of training, over all sittings
    best: Best | None
    error: str | None
    store: StoreRecord
    versions: dict[str, str]


def own_checkpoint(best_step: int | None, train_splits: Sequence[str]) -> Literal["best", "last"]:
    """Return which checkpoint of a run is meant where nobody says.

    Parameters
    ----------
    best_step
        The step of the best validation; None where there was none.
    train_splits
        What the run trains on. Where the validation classes are among them, validation says
        nothing about new classes, and cannot tell which checkpoint is best.
    """
    return "last" if best_step is None or "val" in train_splits else "best"


def best_of(validations: Sequence[Mapping[str, float]]) -> Best | None:
    """Return the best of some validations, the earliest where several are equal."""
    if not validations:
        return None
    row = validations[int(np.argmax([row["accuracy"] for row in validations]))]
    return Best(step=int(row["step"]), accuracy=row["accuracy"], ci95=row["ci95"])


def read_record(path: Path) -> Record:
    """Read a run's run.json; raises `BadInput` if it is no run, or one of a later version."""
    file = path / "run.json"
    try:
        record = Record.model_validate_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path} is not a run; a run's folder holds run.json.") from None
    except (OSError, UnicodeDecodeError, ValidationError):
        raise BadInput(
            f"{file} cannot be read as a run's record; restore it from a copy of the run."
        ) from None
    if record.schema_version > SCHEMA:
        raise BadInput(
            f"{file} has schema {record.schema_version}; this version of LEO Studio reads up to "
            f"{SCHEMA}: update LEO Studio."
        )
    return record


def write_record(path: Path, record: Record) -> None:
    """Write a run's run.json, in one move."""
    write_text(path / "run.json", record.model_dump_json(indent=1, by_alias=True) + "\n")

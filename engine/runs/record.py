"""The record of a run: what run.json says of it; no torch, so that windows read it too."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.text import read_text
from engine.io.versions import require_known_version
from engine.runs.metrics import interval_column
from engine.tasks.scores import ScoreSpec

FILE = "run.json"
SCHEMA = 2  # 1, of version 0.1.0, wrote the best validation otherwise: see `Best`

Status = Literal["created", "running", "paused", "finished", "stopped", "failed", "interrupted"]
OWNED: tuple[Status, ...] = ("running", "paused")  # somebody trains it
_SCORE_OF_OLD_RUNS = "accuracy"  # the one that version 0.1.0 knew; its value was called so


class Best(BaseModel):
    """The best validation so far."""

    model_config = ConfigDict(frozen=True)

    step: int
    score: str  # its name; see `engine.tasks.catalogue`
    value: float
    ci95: float | None = None  # half the width of its interval, where it has one

    @model_validator(mode="before")
    @classmethod
    def _from_old_run(cls, values: Any) -> Any:
        """Read what version 0.1.0 wrote: step, accuracy and ci95."""
        if not isinstance(values, dict) or _SCORE_OF_OLD_RUNS not in values:
            return values
        others = {name: value for name, value in values.items() if name != _SCORE_OF_OLD_RUNS}
        return others | {"score": _SCORE_OF_OLD_RUNS, "value": values[_SCORE_OF_OLD_RUNS]}

    def to_dict(self) -> dict[str, Any]:
        """Return plain containers for JSON, the value under the score's name."""
        return {"step": self.step, self.score: self.value, "ci95": self.ci95}


class StoreRecord(BaseModel):
    """What a run remembers of its store, or of its file of functions, to know it again."""

    model_config = ConfigDict(frozen=True)

    path: str = ""
    name: str = ""
    embedding_dim: int = 0
    splits: dict[str, dict[str, int]] = {}  # classes and examples of each split; tasks and points
    fingerprint: str = ""  # see `engine.data.fingerprint`; runs of older versions have none
    scaling: dict[str, float] = {}  # of a file alone; see `engine.data.function_file.Scaling`

    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave the scaling out where there is none: of stores the record is as it always was."""
        values: dict[str, Any] = handler(self)
        if not self.scaling:
            values.pop("scaling", None)
        return values


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


def best_of(validations: Sequence[Mapping[str, float]], scores: Sequence[ScoreSpec]) -> Best | None:
    """Return the best of some validations, the earliest where several are equal.

    Parameters
    ----------
    validations
        Rows of validation.csv by column; an interval may be missing.
    scores
        Those of the run's tasks; the first one says which validation is best.
    """
    spec, best = scores[0], None
    for row in validations:
        if spec.is_best(row[spec.name], best.value if best else None):
            ci95 = row.get(interval_column(spec, scores)) if spec.has_interval else None
            best = Best(step=int(row["step"]), score=spec.name, value=row[spec.name], ci95=ci95)
    return best


def read_record(path: Path) -> Record:
    """Read a run's run.json; raises `BadInput` if it is no run, or one of a later version."""
    file = path / FILE
    try:
        values = json.loads(read_text(file))
        require_known_version(values, file, SCHEMA)
        return Record.model_validate(values)
    except FileNotFoundError:
        raise BadInput(f"{path} is not a run; a run's folder holds {FILE}.") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read ({error.strerror or error}).") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"{file} cannot be read as a run's record{_where(error)}; restore it from a copy of "
            "the run."
        ) from None


def _where(error: Exception) -> str:
    """Say what is wrong with a record: a field, or a line."""
    if isinstance(error, ValidationError):
        return f" ({'.'.join(str(part) for part in error.errors()[0]['loc'])} is wrong)"
    if isinstance(error, json.JSONDecodeError):
        return f" (no JSON from line {error.lineno})"
    return ""


def write_record(path: Path, record: Record) -> None:
    """Write a run's run.json in today's schema, in one move."""
    record = record.model_copy(update={"schema_version": SCHEMA})
    write_text(path / FILE, record.model_dump_json(indent=1, by_alias=True) + "\n")

"""Points of a function in a file, to look at again and to share; no torch.

A JSON object: `schema`, `kind` ("points"), the points `x` and `y`, and where they are from: the
`number` of a task of the test split with its own points `own_x` and `own_y`, which tell whether
another run has the same task (null and empty for points of no task); the `run`'s name, its `run_id`
and the `step` of the weights that were asked; a person's `note`, and when it was `kept`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.data.function_file import LARGEST
from engine.errors import BadInput
from engine.inspection.function_records import MOST_POINTS, Points
from engine.io.files import write_text
from engine.io.text import read_text
from engine.io.times import utc_now
from engine.io.versions import require_known_version

SCHEMA = 1
ENDING = ".json"
_MOST_BYTES = 1_000_000  # a thousand points take a tenth of it
Coordinate = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Coordinates = Annotated[tuple[Coordinate, ...], Field(max_length=MOST_POINTS)]


class KeptPoints(BaseModel):
    """Points that somebody kept; see the file's description above."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, strict=True)

    schema_version: int = Field(SCHEMA, alias="schema")
    kind: Literal["points"] = "points"
    x: Coordinates = Field(min_length=1)
    y: Coordinates = Field(min_length=1)
    number: Annotated[int, Field(ge=0, lt=2**62)] | None = None
    own_x: Coordinates = ()
    own_y: Coordinates = ()
    run: str = ""
    run_id: str = ""
    step: int | None = None
    note: str = ""
    kept: str = Field(default_factory=utc_now)

    @model_validator(mode="after")
    def _are_pairs(self) -> Self:
        if len(self.x) != len(self.y) or len(self.own_x) != len(self.own_y):
            raise ValueError("as many x as y")
        return self

    @property
    def points(self) -> Points:
        """The points, (K,) float32 each."""
        return np.array(self.x, np.float32), np.array(self.y, np.float32)

    def is_of(self, own: Points) -> bool:
        """Whether the task that they were of has these points of its own."""
        return np.array_equal(np.array(self.own_x, np.float32), own[0]) and np.array_equal(
            np.array(self.own_y, np.float32), own[1]
        )


@dataclass(frozen=True, slots=True)
class PointsFile:
    """A file of kept points; `points` is None where it cannot be read, of which `problem` tells."""

    path: Path
    points: KeptPoints | None
    problem: str = ""


def keep_points(path: Path, kept: KeptPoints) -> None:
    """Write points; the file is whole or not there. Raises `BadInput` if it cannot be written."""
    write_text(path, kept.model_dump_json(indent=1, by_alias=True) + "\n")


def kept_of(
    points: Points, task: tuple[int, Points] | None, run: str, run_id: str, step: int, note: str
) -> KeptPoints:
    """Return points as they are kept.

    Parameters
    ----------
    points
        The points.
    task
        The number of the task that they are of, or were before somebody changed them, and its own
        points; None where they are of no task.
    run, run_id, step
        Whose weights look.
    note
        A person's words.

    Raises
    ------
    BadInput
        If a coordinate is too large for a file of points.
    """
    x, y = map(_coordinates, points)
    number, own = (None, ((), ())) if task is None else (task[0], tuple(map(_coordinates, task[1])))
    return KeptPoints(
        x=x,
        y=y,
        number=number,
        own_x=own[0],
        own_y=own[1],
        run=run,
        run_id=run_id,
        step=step,
        note=note,
    )


def _coordinates(values: NDArray[np.float32]) -> tuple[float, ...]:
    """Return coordinates as a file has them, which read as the same again."""
    if np.abs(values).max(initial=0) > LARGEST:
        raise BadInput(
            f"A point has a coordinate beyond {LARGEST:g}, which files of points do not hold; give "
            "the functions in a larger unit, and train a new run on them."
        )
    return tuple(values.astype(np.float32).tolist())


def read_points(path: Path) -> KeptPoints:
    """Read points that were kept.

    Raises
    ------
    BadInput
        If the file is missing or too large, is of a later version, or holds no points; the
        sentence names the file, and the field where one is wrong.
    """
    text = _text_of(path)
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or values.get("kind") != "points":
        raise BadInput(f"{path} holds no kept points; keep some in the panel Functions.")
    require_known_version(values, path, SCHEMA)
    try:
        return KeptPoints.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "points"
        raise BadInput(
            f"{path}: {field} is not as it should be ({first['msg']}); keep the points again."
        ) from None


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadInput(f"{path} is too large to hold kept points; choose another file.")
        return read_text(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise BadInput(f"{path} holds no kept points; keep some in the panel Functions.") from None

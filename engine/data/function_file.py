"""A file of measured functions: points (x, y) of many tasks, out of a table of text; no torch.

The table is CSV in UTF-8 with a first line that names its columns: `task`, `x` and `y`, and perhaps
`split`; others are ignored. A row is a point of the function that its task names. Without a column
`split` a task is of one by the SHA-256 of its name, so that it stays there when others are added.

Shapes: F functions of a split, n points of all of them.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.config import Regression
from engine.data.function_rows import FunctionRows, read_rows
from engine.data.requirements import VALIDATION_SPLIT, no_such_split
from engine.data.splits import SPLITS
from engine.errors import BadInput
from engine.io.listing import shown

TRAINING_SPLIT = "train"
"""Its functions are others than those of validation and test."""
# Shares of tasks up to which a split goes, where the table names none.
_SHARES = ((TRAINING_SPLIT, 0.64), (VALIDATION_SPLIT, 0.8), ("test", 1.0))
# What learners are made for: inputs of -5 to 5, and targets with the deviation of the sines and
# lines of the built-in preset, which is 4.
_INPUTS = 5.0
_DEVIATION = 4.0
_FARTHEST = 1e6
LARGEST = 1e12
"""The largest coordinate of a point that is kept; its square is a float32 still."""
_LEAST_STEPS = 100  # that single precision has within a unit of the scaling


@dataclass(frozen=True, slots=True)
class Scaling:
    """What takes inputs and targets to where learners like them, and back; by default nowhere.

    Attributes
    ----------
    x_middle, x_unit
        An input x becomes (x - `x_middle`) / `x_unit`.
    y_middle, y_unit
        The same of targets.
    """

    x_middle: float = 0.0
    x_unit: float = 1.0
    y_middle: float = 0.0
    y_unit: float = 1.0

    def to_scaled(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float32]:
        """Scale points, (n,) each, in double precision: (n, 2)."""
        scaled_x = (np.asarray(x, np.float64) - self.x_middle) / self.x_unit
        scaled_y = (np.asarray(y, np.float64) - self.y_middle) / self.y_unit
        return np.stack([scaled_x, scaled_y], -1).astype(np.float32)

    def own_x(self, x: ArrayLike) -> NDArray[np.float32]:
        """Return scaled inputs in their own unit."""
        return _own(x, self.x_middle, self.x_unit)

    def own_y(self, y: ArrayLike) -> NDArray[np.float32]:
        """Return scaled targets, or what is predicted for them, in their own unit."""
        return _own(y, self.y_middle, self.y_unit)


UNSCALED = Scaling()


@dataclass(frozen=True, slots=True, eq=False)
class FunctionSplit:
    """The measured functions of a split.

    Attributes
    ----------
    name
        The split's.
    names, first_lines
        Of its functions, F, in the order in which the file begins them, and where it does.
    offsets
        (F + 1,) int64; function f owns points `offsets[f]:offsets[f + 1]`.
    x, y
        The points in the file's own units, (n,) float64.
    """

    name: str
    names: tuple[str, ...]
    first_lines: tuple[int, ...]
    offsets: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many points each function has, (F,)."""
        sizes: NDArray[np.int64] = np.diff(self.offsets)
        return sizes


class FunctionFile:
    """A file of measured functions, read and checked.

    Parameters
    ----------
    path
        The table.

    Attributes
    ----------
    path
        Where it is.
    splits
        By name; only those that have functions.
    scaling
        Of the training functions: their inputs go to -5 to 5, and their targets to mean 0 and
        standard deviation 4, as those of the built-in preset.
    deviation
        The standard deviation of the training functions' targets, in the file's unit.

    Raises
    ------
    BadInput
        If it is no such table, or nothing can be learned of it; the sentence names line and column.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.splits = _splits(read_rows(path))
        for split in (TRAINING_SPLIT, VALIDATION_SPLIT):
            if split not in self.splits:
                sizes = ", ".join(f"{len(each.names)} in {each.name}" for each in _listed(self))
                raise BadInput(
                    f'{path.name}: no task is in split "{split}" ({sizes}), and training needs '
                    "some there; add tasks, or a column split that says train, val or test."
                )
        self.scaling, self.deviation = _scaling(path.name, self.splits[TRAINING_SPLIT])
        for each in self.splits.values():
            _require_near(path.name, each, self.scaling)

    def split(self, name: str) -> FunctionSplit:
        """Return a split; raises `BadInput` if it has none of that name."""
        if name not in self.splits:
            raise BadInput(no_such_split(self.path.name, name, self.splits))
        return self.splits[name]

    @property
    def sizes(self) -> dict[str, dict[str, int]]:
        """How many tasks and points each split has."""
        return {
            each.name: {"tasks": len(each.names), "points": len(each.x)} for each in _listed(self)
        }

    def fingerprint(self) -> str:
        """Hash all that tasks are made of: names, splits and points, as `data.fingerprint` does."""
        digest = hashlib.sha256()
        for split in _listed(self):
            digest.update("\n".join([split.name, *split.names]).encode())
            for array in (split.offsets, split.x, split.y):
                digest.update(array.tobytes())
        return digest.hexdigest()


def require_points(task: Regression, file: FunctionFile) -> None:
    """Raise `BadInput` unless every function can be asked about, and the noise can be meant."""
    least = task.k_shot + 1
    short = [
        (split, place)
        for split in _listed(file)
        for place in np.flatnonzero(split.sizes < least).tolist()
    ]
    if short:
        split, place = min(short, key=lambda each: each[0].first_lines[each[1]])
        which = "1 task has" if len(short) == 1 else f"{len(short):,} tasks have"
        fewest = min(int(each.sizes.min()) for each in _listed(file))
        lower = f"lower task.k_shot to {fewest - 1}, or " if fewest > 1 else ""
        raise BadInput(
            f"{file.path.name}: {which} fewer than {least} points, which are task.k_shot and a "
            f'query (first: line {split.first_lines[place]}, "{shown(split.names[place])}" with '
            f"{split.sizes[place]}); {lower}leave them out."
        )
    if task.noise >= file.deviation:
        raise BadInput(
            f"task.noise is {task.noise:g}, and the values of {file.path.name} have a standard "
            f"deviation of {file.deviation:.3g}: all of them would be noise. Set task.noise to how "
            "far repeated measurements are apart, in the unit of column y."
        )


def require_small_numbers(file: FunctionFile) -> None:
    """Raise `BadInput` where numbers are too far from 0 to be shown and kept.

    Learners see scaled numbers. What people see and keep is in the file's unit and in single
    precision, which tells times since 1970 apart by two minutes only.
    """
    scaling, splits = file.scaling, _listed(file)
    for column, arrays, unit in (
        ("x", [each.x for each in splits], scaling.x_unit),
        ("y", [each.y for each in splits], scaling.y_unit),
    ):
        low, high = min(each.min() for each in arrays), max(each.max() for each in arrays)
        farthest = max(abs(low), abs(high))
        where = f"{file.path.name}: column {column} goes from {low:.12g} to {high:.12g}"
        if farthest > LARGEST:
            raise BadInput(
                f"{where}, beyond {LARGEST:g}; give it in a larger unit, so that its numbers are "
                "smaller."
            )
        if np.spacing(np.float32(farthest)) > unit / _LEAST_STEPS:
            raise BadInput(
                f"{where}: numbers so far from 0 cannot be told apart well enough in single "
                f"precision; subtract a number from all of them, such as {low:.12g}."
            )


def split_of(task: str) -> str:
    """Return the split of a task whose table names none: about 64, 16 and 20 of 100 tasks."""
    place = int.from_bytes(hashlib.sha256(task.encode()).digest()[:8], "big") / (1 << 64)
    return next(split for split, end in _SHARES if place < end or end == 1)


def _splits(rows: FunctionRows) -> dict[str, FunctionSplit]:
    """Put the points of each task together, and the tasks of each split."""
    x, y = np.frombuffer(rows.x, np.float64), np.frombuffer(rows.y, np.float64)
    tasks = np.frombuffer(rows.tasks, np.int64)
    by_task = np.argsort(tasks, kind="stable")
    ends = np.cumsum(np.bincount(tasks, minlength=len(rows.names)))
    points = np.split(by_task, ends[:-1])
    splits = rows.splits or [split_of(name) for name in rows.names]
    found = {}
    for split in SPLITS:
        own = [place for place, name in enumerate(splits) if name == split]
        if not own:
            continue
        every = np.concatenate([points[place] for place in own])
        sizes = [len(points[place]) for place in own]
        found[split] = FunctionSplit(
            split,
            tuple(rows.names[place] for place in own),
            tuple(rows.first_lines[place] for place in own),
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            x[every],
            y[every],
        )
    return found


def _scaling(name: str, split: FunctionSplit) -> tuple[Scaling, float]:
    """Return the scaling by the training functions, and the deviation of their targets.

    Sums are exact, so that they are the same on every machine.
    """
    for column, values in (("x", split.x), ("y", split.y)):
        if values.min() == values.max():
            raise BadInput(
                f"{name}: column {column} is {values[0]:g} in every row of the train tasks, so "
                "there is nothing to learn; check that it is the right column."
            )
    low, high = float(split.x.min()), float(split.x.max())
    try:
        mean = math.fsum(split.y) / len(split.y)
        with np.errstate(over="ignore"):
            deviation = math.sqrt(math.fsum((split.y - mean) ** 2) / len(split.y))
    except OverflowError:
        mean = deviation = math.inf
    units = (high - low) / (2 * _INPUTS), deviation / _DEVIATION
    if not all(math.isfinite(unit) and unit > 0 for unit in units):
        raise BadInput(
            f"{name}: the numbers of a column are too large, or too near to one another, to be "
            "told apart; give them in another unit."
        )
    return Scaling(low + (high - low) / 2, units[0], mean, units[1]), deviation


def _require_near(name: str, split: FunctionSplit, scaling: Scaling) -> None:
    """Raise `BadInput` where points are so far from the training functions' that it is a slip."""
    with np.errstate(over="ignore"):
        far = (np.abs(scaling.to_scaled(split.x, split.y)) > _FARTHEST).any(1)
    if far.any():
        place = int(np.searchsorted(split.offsets, np.flatnonzero(far)[0], "right")) - 1
        raise BadInput(
            f'{name}: task "{shown(split.names[place])}", which begins at line '
            f"{split.first_lines[place]}, has a point that is {_FARTHEST:,.0f} times as far away "
            "as those of the train tasks; mend it, or remove its row."
        )


def _own(scaled: ArrayLike, middle: float, unit: float) -> NDArray[np.float32]:
    if middle == 0 and unit == 1:
        return np.asarray(scaled, np.float32)
    return (np.asarray(scaled, np.float64) * unit + middle).astype(np.float32)


def _listed(file: FunctionFile) -> list[FunctionSplit]:
    splits: Mapping[str, FunctionSplit] = file.splits
    return list(splits.values())

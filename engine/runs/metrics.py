"""The metrics files of a run: CSV, appended to as things happen."""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice, takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import BadInput
from engine.io.files import not_written, replacing
from engine.io.listing import shown
from engine.io.text import open_text
from engine.learners.columns import ColumnSpec
from engine.tasks.scores import Score, ScoreSpec

INTERVAL = "ci95"
"""The column of the first score's interval; that of another score is NAME_ci95."""

# Nine digits bring a float32 back to the bit, seventeen a float64.
_TRAIN_DIGITS, _VALIDATION_DIGITS = 9, 17
_BLOCK_LINES = 10_000
_SHOWN_LETTERS = 60


class MetricsFile:
    """One CSV file whose first column is the step.

    Parameters
    ----------
    path
        The file; it is made, with its header, when the first row is appended.
    columns
        The header.
    digits
        Significant digits of each number.
    """

    def __init__(self, path: Path, columns: Sequence[str], digits: int) -> None:
        self.path = path
        self._columns = columns
        self._digits = digits

    def append(self, rows: Iterable[tuple[int, Sequence[float]]]) -> None:
        """Append rows of a step and its numbers."""
        lines = [
            f"{step},{','.join(f'{number:.{self._digits}g}' for number in numbers)}\n"
            for step, numbers in rows
        ]
        is_new = not self.path.exists() or self.path.stat().st_size == 0
        try:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                if is_new:
                    file.write(",".join(self._columns) + "\n")
                file.writelines(lines)
        except OSError as error:
            raise not_written(self.path, error) from error

    def flush_to_disk(self) -> None:
        """Make everything appended outlast a power cut."""
        if self.path.exists():
            with self.path.open("rb") as file:
                os.fsync(file.fileno())

    def read(self) -> list[dict[str, float]]:
        """Read all complete rows; none where there is no file. Raises `BadInput` if damaged."""
        rows: list[dict[str, float]] = []
        read = 0  # lines, the header aside
        try:
            with self._whole_lines() as lines:
                for line in lines:
                    if line.strip():
                        numbers = map(float, line.split(","))
                        rows.append(dict(zip(self._columns, numbers, strict=True)))
                    read += 1
        except (OSError, ValueError) as error:
            raise self._unreadable(error, read + 2) from None
        self._require_rising(np.array([row["step"] for row in rows]))
        return rows

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Read all complete rows as columns by name, a million rows within a second or so.

        Raises
        ------
        BadInput
            If a complete row is damaged.
        """
        blocks = [np.empty((0, len(self._columns)))]
        first = 2  # the line that a block begins with
        try:
            with self._whole_lines() as lines:
                # In blocks, so that other threads have their turn in between.
                while block := list(islice(lines, _BLOCK_LINES)):
                    if any(not line.isspace() for line in block):
                        blocks.append(np.loadtxt(block, delimiter=",", ndmin=2))
                    first += len(block)
            rows = np.concatenate(blocks)
        except (OSError, ValueError) as error:
            raise self._unreadable(error, self._damaged_line(first)) from None
        self._require_rising(rows[:, 0])
        return dict(zip(self._columns, rows.T, strict=True))

    def require_header(self) -> None:
        """Raise `BadInput` if there is a file whose first line is not the header."""
        try:
            with self._whole_lines():
                pass
        except (OSError, ValueError) as error:
            raise self._unreadable(error, 1) from None

    @contextmanager
    def _whole_lines(self) -> Iterator[Iterator[str]]:
        """Open the file and iterate over the complete lines after its header.

        There are none where there is no file.
        """
        try:
            file = open_text(self.path)
        except FileNotFoundError:
            yield iter(())
            return
        with file:
            header = file.readline()
            if _is_whole(header) and header.strip() != ",".join(self._columns):
                found = shown(header.strip())
                raise BadInput(
                    f"{self.path} begins with {_shortened(found)}, not with "
                    f"{_shortened(','.join(self._columns))}: save it with commas between the "
                    "columns, as it was, or restore it from a copy of the run."
                )
            yield takewhile(_is_whole, file)

    def _damaged_line(self, first: int) -> int:
        """Find a line that is no row, from line `first` on, which begins a block with one."""
        with suppress(OSError, ValueError, BadInput), self._whole_lines() as lines:
            for number, line in islice(enumerate(lines, 2), first - 2, None):
                try:
                    numbers = [float(text) for text in line.split(",")] if line.strip() else []
                except ValueError:
                    return number
                if len(numbers) not in (0, len(self._columns)):
                    return number
        return first

    def _require_rising(self, steps: NDArray[np.float64]) -> None:
        """Raise `BadInput` unless the steps of all rows are whole numbers that rise."""
        before = np.concatenate([[-1.0], steps[:-1]])
        is_next = (steps > before) & (steps == np.floor(steps))  # false for not-a-number too
        if not is_next.all():
            at = int(np.argmin(is_next))
            after = f" after step {before[at]:.9g}" if at else " first"
            raise BadInput(
                f"{self.path} has step {steps[at]:.9g}{after}; restore it from a copy of the run."
            )

    def _unreadable(self, error: Exception, line: int) -> BadInput:
        if isinstance(error, OSError):
            reason = f"cannot be read ({error.strerror or error})"
        elif isinstance(error, UnicodeError):
            reason = "is not text in UTF-8"
        else:
            reason = (
                f"is not {len(self._columns)} numbers, with commas between them, in line {line}"
            )
        return BadInput(f"{self.path} {reason}; restore it from a copy of the run.")

    def keep(self, is_kept: Callable[[int], bool]) -> None:
        """Keep the rows whose step is wanted, and no row that was cut off while it was written.

        A mark that an editor put first is left out.

        Raises
        ------
        BadInput
            If the first line is not the header; the file is left as it is.
        """
        if not self.path.exists():
            return
        with (
            replacing(self.path) as draft,
            draft.open("w", encoding="utf-8", newline="") as kept,
            self._whole_lines() as lines,
        ):
            kept.write(",".join(self._columns) + "\n")
            for line in lines:
                first = line.split(",", 1)[0]
                if not (first.isascii() and first.isdigit()) or is_kept(int(first)):
                    kept.write(line)


def train_columns(columns: Sequence[ColumnSpec]) -> tuple[str, ...]:
    """Return the header of train.csv for what a learner reports."""
    return ("step", *(column.name for column in columns), "seconds", "steps_per_second")


def validation_columns(scores: Sequence[ScoreSpec]) -> tuple[str, ...]:
    """Return the header of validation.csv for the scores of a kind of task."""
    header = ["step"]
    for spec in scores:
        header += [spec.name, interval_column(spec, scores)] if spec.has_interval else [spec.name]
    return tuple(header)


def interval_column(spec: ScoreSpec, scores: Sequence[ScoreSpec]) -> str:
    """Return the column that holds half the width of a score's interval."""
    return INTERVAL if spec.name == scores[0].name else f"{spec.name}_{INTERVAL}"


def validation_numbers(
    measured: Mapping[str, Score], scores: Sequence[ScoreSpec]
) -> dict[str, float]:
    """Return a row of validation.csv without its step, by column."""
    numbers: dict[str, float] = {}
    for spec in scores:
        score = measured[spec.name]
        numbers[spec.name] = score.value
        if spec.has_interval:
            numbers[interval_column(spec, scores)] = math.nan if score.ci95 is None else score.ci95
    return numbers


def training_metrics(run_folder: Path, columns: Sequence[ColumnSpec]) -> MetricsFile:
    """Return a run's train.csv, which holds what its learner reports."""
    return MetricsFile(run_folder / "train.csv", train_columns(columns), _TRAIN_DIGITS)


def validation_metrics(run_folder: Path, scores: Sequence[ScoreSpec]) -> MetricsFile:
    """Return a run's validation.csv, which holds the scores of its tasks."""
    return MetricsFile(
        run_folder / "validation.csv", validation_columns(scores), _VALIDATION_DIGITS
    )


def _is_whole(line: str) -> bool:
    """Whether a line has its end. After one that has not, a reader may meet the rest as a line."""
    return line.endswith("\n")


def _shortened(header: str) -> str:
    return f'"{header}"' if len(header) <= _SHOWN_LETTERS else f'"{header[:_SHOWN_LETTERS]}..."'

"""Values in files: every number behind the curves as CSV; no Qt."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.files import replacing
from engine.metrics import VALIDATION_COLUMNS
from leo_studio.ui.curves.series import MEASURED, RunSeries

_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class RunValues:
    """A run's columns, copied so that they can be written while the run goes on."""

    name: str
    training: dict[str, NDArray[np.floating]]
    validation: dict[str, NDArray[np.floating]]


def values_of(name: str, series: RunSeries) -> RunValues:
    """Copy the columns of a run."""
    training = {"step": series.steps.copy(), "seconds": series.seconds.copy()}
    if series.experiment is not None:
        training["episodes"] = series.steps * series.experiment.optimizer.meta_batch
    training |= {column: series.measured(column).copy() for column in MEASURED}
    validation = {column: series.validation(column).copy() for column in VALIDATION_COLUMNS}
    return RunValues(name, training, validation)


def validation_path(path: Path) -> Path:
    """Return where validations go: beside the steps."""
    return path.with_name(f"{path.stem}.validation{path.suffix}")


def save_values(path: Path, runs: Sequence[RunValues], report: Callable[[float], None]) -> None:
    """Write two CSV files, of outer steps and of validations: one row each, raw values.

    `seconds` are as on the time axis: between the times that the engine took, steps are spread
    evenly. Accuracies are 0 to 1.

    Parameters
    ----------
    path
        The file of outer steps; validations go to `validation_path(path)`.
    runs
        What to write.
    report
        Called with how much is done, 0 to 1; may raise to end it, and then no file is changed.

    Raises
    ------
    BadInput
        Where a file cannot be written.
    """
    with replacing(validation_path(path)) as validations, replacing(path) as steps:
        _write(validations, [(run.name, run.validation) for run in runs], 17, lambda _: None)
        _write(steps, [(run.name, run.training) for run in runs], 9, report)


def _write(
    path: Path,
    tables: Sequence[tuple[str, dict[str, NDArray[np.floating]]]],
    digits: int,
    report: Callable[[float], None],
) -> None:
    columns = list(dict.fromkeys(name for _, table in tables for name in table))
    rows = sum(len(table["step"]) for _, table in tables)
    done = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["run", *columns])
        for name, table in tables:
            length = len(table["step"])
            for first in range(0, length, _ROWS_AT_ONCE):
                last = min(length, first + _ROWS_AT_ONCE)
                block = [_texts(table.get(column), first, last, digits) for column in columns]
                writer.writerows([name, *row] for row in zip(*block, strict=True))
                done += last - first
                report(done / rows)


def _texts(
    column: NDArray[np.floating] | None, first: int, last: int, digits: int
) -> Sequence[str]:
    if column is None:
        return [""] * (last - first)
    return [
        str(int(number)) if number.is_integer() and abs(number) < 2**53 else f"{number:.{digits}g}"
        for number in column[first:last].tolist()
    ]

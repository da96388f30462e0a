"""Curvature as a figure, and the numbers behind it."""

from collections.abc import Iterator, Sequence

import numpy as np

from leo_studio.analysis.curvature.plots import keys_of, side_by_side, step_by_step
from leo_studio.analysis.curvature.rows import Analysed, Quantity, quantities, quantities_at
from leo_studio.figures.records import Column, Exported, Figure, Table

_WHOLE = "whole"  # in the column of positions
_PERCENTILES = ("p5", "p25", "median", "p75", "p95")


def exported_curvature(runs: Sequence[Analysed], *, is_by_step: bool = False) -> Exported:
    """Return figure and numbers of one run or of several, of which the first gives the name.

    `is_by_step` draws each run step by step, in a row of its own.
    """
    first = runs[0]
    plots = step_by_step(runs) if is_by_step else side_by_side(runs)
    title = f"{first.title}: curvature and coverage along adaptation"
    if len(runs) > 1:
        title = f"Curvature and coverage along adaptation of {len(runs)} runs"
    record = first.record
    name = f"{record.run}-curvature-{record.split}-{record.checkpoint_step}"
    tables = [_table(runs)]
    if any(run.record.singular_values for run in runs):
        tables.append(_singular_values(runs))
    columns = 2 if is_by_step else len(plots)
    return Exported(name, Figure(plots, columns=columns, keys=keys_of(plots)), tables, title)


def _table(runs: Sequence[Analysed]) -> Table:
    rows = [row for run in runs for row in _rows(run)]
    columns: dict[str, Column] = {
        "run": [run.record.run for run, _, _ in rows],
        "method": [run.record.method for run, _, _ in rows],
        "step": np.array([run.record.checkpoint_step for run, _, _ in rows]),
        "position": [position for _, position, _ in rows],
        "quantity": [found.name for _, _, found in rows],
        "space": [found.space for _, _, found in rows],
    }
    values = np.array([found.box.values for _, _, found in rows])
    columns |= dict(zip(_PERCENTILES, values.T, strict=True))
    record = runs[0].record
    return Table("curvature", columns, {"split": record.split, "episodes": record.episodes})


def _rows(run: Analysed) -> Iterator[tuple[Analysed, str, Quantity]]:
    record = run.record
    for found in quantities(record):
        yield run, _WHOLE, found
    for place in range(len(record.positions)):
        for found in quantities_at(record, place):
            yield run, record.position_name(place), found


def _singular_values(runs: Sequence[Analysed]) -> Table:
    pairs = [(run.record.run, value) for run in runs for value in run.record.singular_values]
    columns: dict[str, Column] = {
        "run": [run for run, _ in pairs],
        "singular_value": np.array([value for _, value in pairs]),
    }
    return Table("singular_values", columns)

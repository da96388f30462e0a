"""A comparison as a figure, and the numbers behind it."""

from collections.abc import Sequence

import numpy as np

from leo_studio.analysis.comparison.differences import Paired, SettingRow, paired, pairs
from leo_studio.analysis.comparison.results import validation_steps
from leo_studio.figures.plots import MARKERS, STYLES
from leo_studio.figures.records import Column, Exported, Figure, Line, Plot, Table
from leo_studio.services.records import RunEntry


def exported_comparison(
    runs: Sequence[RunEntry], rows: Sequence[SettingRow], split: str
) -> Exported | None:
    """Return how runs differ, how they did, and their validation accuracies over one another.

    Parameters
    ----------
    runs
        What is compared.
    rows
        Results and settings, one value for each run.
    split
        Whose episodes the pairs are compared on.
    """
    if not runs:
        return None
    names = [f"{place} {run.title}" for place, run in enumerate(runs, 1)]
    lines = [
        Line(
            validation_steps(run).astype(float),
            np.asarray(run.validation, float),
            color=place,
            style=STYLES[place % len(STYLES)],
            marker=MARKERS[place % len(MARKERS)],
        )
        for place, run in enumerate(runs)
    ]
    keys = [
        Line(line.x, line.y, name, line.color, line.style, marker=line.marker)
        for name, line in zip(names, lines, strict=True)
    ]
    plot = Plot(lines, "", "outer step", "validation accuracy", has_percent=True)
    settings: dict[str, Column] = {"what": [row.path for row in rows]}
    for place, name in enumerate(names):
        settings[name] = [row.values[place] for row in rows]
    tables = [Table("settings", settings), _validations(runs), *_pairs(runs, split)]
    title = f"Comparison of {', '.join(run.title for run in runs)}"
    return Exported("comparison", Figure([plot], keys=keys), tables, title)


def _validations(runs: Sequence[RunEntry]) -> Table:
    columns: dict[str, Column] = {
        "run": [run.name for run in runs for _ in run.validation],
        "step": np.concatenate([validation_steps(run) for run in runs]),
        "accuracy": np.concatenate([np.asarray(run.validation, float) for run in runs]),
    }
    return Table("validation", columns)


def _pairs(runs: Sequence[RunEntry], split: str) -> list[Table]:
    """Return the differences on the same episodes of those pairs that have one."""
    found = [
        (one.name, other.name, result)
        for one, other in pairs(runs)
        if isinstance(result := paired(one, other, split), Paired)
    ]
    if not found:
        return []
    columns: dict[str, Column] = {
        "one": [one for one, _, _ in found],
        "other": [other for _, other, _ in found],
        "episodes": np.array([result.difference.episodes for _, _, result in found]),
        "difference": np.array([result.difference.difference for _, _, result in found]),
        "ci95": np.array([result.difference.ci95 for _, _, result in found]),
    }
    return [Table("pairs", columns, {"split": split})]

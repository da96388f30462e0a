"""A comparison as a figure, and the numbers behind it."""

from collections.abc import Sequence

import numpy as np

from engine.evaluation.regression.paired import PairedScore
from leo_studio.analysis.comparison.differences import Paired, SettingRow, paired, pairs
from leo_studio.analysis.comparison.on_functions import PairedOnFunctions
from leo_studio.analysis.comparison.results import overlay_labels, validation_steps
from leo_studio.figures import plots
from leo_studio.figures.records import Column, Exported, Figure, Line, Plot, Table
from leo_studio.services.records import RunEntry
from leo_studio.services.run_colors import COLORS, DASHES, MARKERS


def exported_comparison(
    runs: Sequence[RunEntry],
    rows: Sequence[SettingRow],
    split: str,
    numbers: Sequence[int] | None = None,
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
    numbers
        Of the runs' looks in the window, see `RunColors`; by default their places.
    """
    if not runs:
        return None
    names = [f"{place} {run.title}" for place, run in enumerate(runs, 1)]
    lines = [
        Line(
            validation_steps(run).astype(float),
            np.asarray(run.validation, float),
            color=number % COLORS,
            style=plots.STYLES[number % DASHES],
            marker=plots.MARKERS[number % MARKERS],
        )
        for number, run in zip(numbers or range(len(runs)), runs, strict=True)
    ]
    keys = [
        Line(line.x, line.y, name, line.color, line.style, marker=line.marker)
        for name, line in zip(names, lines, strict=True)
    ]
    are_shares = all(run.score is not None and run.score.is_percentage for run in runs)
    plot = Plot(lines, "", "outer step", overlay_labels(runs)[0].lower(), has_percent=are_shares)
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
    }
    values = np.concatenate([np.asarray(run.validation, float) for run in runs])
    names = [run.score.name if run.score is not None else "" for run in runs]
    if len(set(names)) == 1:
        columns[names[0] or "value"] = values
    else:
        columns["score"] = [
            name for name, run in zip(names, runs, strict=True) for _ in run.validation
        ]
        columns["value"] = values
    return Table("validation", columns)


def _pairs(runs: Sequence[RunEntry], split: str) -> list[Table]:
    """Return the differences on the same episodes of those pairs that have one."""
    every = [(one.name, other.name, paired(one, other, split)) for one, other in pairs(runs)]
    found = [(one, other, result) for one, other, result in every if isinstance(result, Paired)]
    on_functions = [
        (one, other, score)
        for one, other, result in every
        if isinstance(result, PairedOnFunctions)
        for score in result.scores
    ]
    tables = [_on_functions(on_functions, split)] if on_functions else []
    if not found:
        return tables
    columns: dict[str, Column] = {
        "one": [one for one, _, _ in found],
        "other": [other for _, other, _ in found],
        "episodes": np.array([result.difference.episodes for _, _, result in found]),
        "difference": np.array([result.difference.difference for _, _, result in found]),
        "ci95": np.array([result.difference.ci95 for _, _, result in found]),
    }
    return [Table("pairs", columns, {"split": split}), *tables]


def _on_functions(found: Sequence[tuple[str, str, PairedScore]], split: str) -> Table:
    """Return by how much the first run of each pair is better on the same tasks of regression."""
    columns: dict[str, Column] = {
        "one": [one for one, _, _ in found],
        "other": [other for _, other, _ in found],
        "score": [score.name for _, _, score in found],
        "one_value": np.array([score.one for _, _, score in found]),
        "other_value": np.array([score.other for _, _, score in found]),
        "tasks": np.array([score.difference.episodes for _, _, score in found]),
        "better_by": np.array([score.difference.difference for _, _, score in found]),
        "ci95": np.array([score.difference.ci95 for _, _, score in found]),
    }
    return Table("pairs_on_functions", columns, {"split": split})

"""The runs of a library as a table."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from leo_studio.analysis.runs.naming import task_name
from leo_studio.figures.records import Column, Exported, Table
from leo_studio.services.records import RunEntry

_TEXTS: Final[Mapping[str, Callable[[RunEntry], str]]] = {
    "name": lambda run: run.name,
    "title": lambda run: run.title,
    "changes": lambda run: "; ".join(run.changes),
    "status": lambda run: run.status,
    "created": lambda run: run.created,
    "task": task_name,
    "preset": lambda run: run.preset,
    "store": lambda run: run.store,
    "device": lambda run: run.device,
    "tags": lambda run: ", ".join(run.tags),
    "note": lambda run: run.note,
    "path": lambda run: str(run.path),
}


def exported_runs(runs: Sequence[RunEntry]) -> Exported | None:
    """Return how runs did, one row each in the order in which they are shown."""
    if not runs:
        return None
    columns: dict[str, Column] = {
        name: [read(run) for run in runs] for name, read in _TEXTS.items()
    }
    columns["step"] = np.array([run.step for run in runs])
    columns["steps"] = np.array([run.steps for run in runs])
    columns["seconds"] = np.array([run.seconds for run in runs], float)
    best = [run.best for run in runs]
    columns["best_step"] = np.array([math.nan if each is None else each.step for each in best])
    for name in dict.fromkeys(run.score.name for run in runs if run.score is not None):
        columns[f"best_{name}"] = np.array(
            [each.value if each is not None and each.score == name else math.nan for each in best]
        )
    columns["best_ci95"] = np.array(
        [math.nan if each is None or each.ci95 is None else each.ci95 for each in best]
    )
    return Exported("runs", None, [Table("runs", columns)], f"{len(runs):,} runs")

"""Checkpoints that a run keeps, and those that it keeps no longer while somebody looks at them.

Training removes a checkpoint that no validation belongs to as soon as newer ones are there.
"""

from collections.abc import Sequence

from engine.errors import BadInput
from leo_studio.services.records import EpisodeSource, RunEntry


class CheckpointGone(BadInput):
    """Raised for a checkpoint that is not kept."""


def run_of(source: EpisodeSource | None, runs: Sequence[RunEntry]) -> RunEntry | None:
    """Return the run that a source is of; None where it is not listed."""
    return next((run for run in runs if source is not None and run.path == source.run), None)


def is_lost(source: EpisodeSource | None, runs: Sequence[RunEntry]) -> bool:
    """Say whether a source's checkpoint is kept no longer.

    One that is newer than all that are listed was saved since the runs were read.
    """
    run = run_of(source, runs)
    if source is None or run is None or run.problem or source.step in run.checkpoints:
        return False
    return not run.checkpoints or source.step < run.checkpoints[-1]


def nearest(steps: Sequence[int], step: int) -> int | None:
    """Return which of some steps is nearest to one, the later of two; None where there is none."""
    return min(steps, key=lambda each: (abs(each - step), -each), default=None)

"""Saver of checkpoints: all runs that are trained, when it is time or when a reader asks."""

import time
from collections.abc import Iterator, Sequence

from engine.events import CheckpointSaved
from engine.training.pace import Pace
from engine.training.run_recorder import RunRecorder, still_trained

# Between validations a checkpoint is kept this often, so that no crash costs more.
_SECONDS_BETWEEN_CHECKPOINTS = 60.0


class CheckpointSaver:
    """Saves checkpoints of all runs that are still trained.

    Parameters
    ----------
    recorders
        The runs' recorders, of which one at least is still trained whenever this is used.
    pace
        Where the reader asks for a checkpoint.
    """

    def __init__(self, recorders: Sequence[RunRecorder], pace: Pace) -> None:
        self._recorders, self._pace = recorders, pace

    @property
    def is_due(self) -> bool:
        """Whether a checkpoint is asked for, or the oldest one has been there for long."""
        oldest = min(recorder.saved_at for recorder in still_trained(self._recorders))
        is_late = time.perf_counter() - oldest > _SECONDS_BETWEEN_CHECKPOINTS
        return self._pace.wants_checkpoint or is_late

    def save_if_due(self, step: int) -> Iterator[tuple[int, CheckpointSaved]]:
        """Save where it is due, and tell of it once all are on disk.

        The weights on the device must be those after `step`: nothing may be in flight.
        """
        if not self.is_due:
            return
        # Taken back first: the reader may ask for another one as soon as it is told of this one.
        self._pace.wants_checkpoint = False
        active = still_trained(self._recorders)
        yield from [(recorder.member, recorder.save(step)) for recorder in active]

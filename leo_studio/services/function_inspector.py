"""Inspector of few-shot regression for windows: loads weights once, and answers with records.

Methods may be called from any thread; they take the `Task` that they are the work of.
"""

from engine.inspection.function_records import FunctionRecord, FunctionTable, Points
from engine.inspection.functions import LoadedFunctions, load_functions
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.services.background import Task
from leo_studio.services.inspector import Recent, kept_checkpoint
from leo_studio.services.records import EpisodeSource

_MODELS_KEPT = 16  # half a megabyte each


class FunctionInspector:
    """Answers questions about the functions that runs make of points.

    Parameters
    ----------
    library
        Where Bayes-optimal limits are kept.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._models: Recent[LoadedFunctions] = Recent(_MODELS_KEPT)

    def record(
        self, source: EpisodeSource, number: int, points: Points | None, samples: int | None
    ) -> FunctionRecord:
        """Look at a task, or at other points than its own.

        Raises
        ------
        CheckpointGone
            If the checkpoint is not kept any more.
        BadInput
            If the run does not learn functions, or there are no points.
        """
        loaded = self._loaded(source)
        if points is None:
            return loaded.record(number, samples)
        return loaded.record_of(*points, number=number, samples=samples)

    def tabulate(self, source: EpisodeSource, count: int, task: Task) -> FunctionTable:
        """Tabulate the tasks from 0 on; the limit is computed first where it is not kept."""
        steps = self._loaded(source).tabulate(self._library.limits, count)
        while True:
            try:
                done = next(steps)
            except StopIteration as end:
                table: FunctionTable = end.value
                return table
            task.report(done / (2 * count))

    def _loaded(self, source: EpisodeSource) -> LoadedFunctions:
        run = Run(source.run)
        checkpoint = kept_checkpoint(run, source.step)
        checksum = checkpoint.checksums.get(checkpoint.weights_path.name)
        key = (run.path, run.record.id, source.step, checksum)
        return self._models.get(key, lambda: load_functions(run, source.step))

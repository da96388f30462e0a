"""Executors: who carries out the runs of a study or a sweep, and how many at once.

An executor starts workers (`engine.studies.worker`), which find by themselves what is left to do;
it says which of them still work and how the others ended, and nothing more. `slurm` and `ray` need
extras, and are imported where they are asked for.
"""

from engine.studies.executors.local import LocalExecutor
from engine.studies.executors.protocol import (
    PROBLEM,
    PROBLEMS,
    Ended,
    Executor,
    how_ended,
)

__all__ = ["PROBLEM", "PROBLEMS", "Ended", "Executor", "LocalExecutor", "how_ended"]

"""Kept evaluations in a report's order, and differences on the episodes that two of them share."""

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.record import Evaluation, kept_evaluations
from engine.evaluation.statistics import PairedDifference, paired_difference
from engine.runs.run import Run

Numbers = NDArray[np.float64]


def newest_first(run: Run) -> list[Evaluation]:
    """Return the evaluations that a run keeps, the newest first, as far as they can be read."""
    found = [(_written(each), each) for each in kept_evaluations(run.path).evaluations]
    return [each for _, each in sorted(found, key=lambda pair: pair[0], reverse=True)]


def paired_on_shared_episodes(one: Evaluation, other: Evaluation) -> PairedDifference | None:
    """Compare two evaluations on the episodes that both have: the first ones of either.

    None where one of them kept no single episodes.
    """
    count = min(len(one.accuracies), len(other.accuracies))
    if count < 2:
        return None
    return paired_difference(one.accuracies[:count], other.accuracies[:count])


def _written(evaluation: Evaluation) -> tuple[float, str]:
    assert evaluation.path is not None  # it is kept
    return evaluation.path.stat().st_mtime, evaluation.path.name

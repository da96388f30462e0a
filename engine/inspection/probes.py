"""Probe episodes: a few fixed ones that are inspected again and again during training.

They are the first episodes of an evaluation on validation, so whoever sees a code move finds the
same episode in a browser by its number.
"""

import time
from collections.abc import Iterator

from engine.config import Experiment, classification, leo_settings
from engine.data.store import Split
from engine.evaluation.protocol import SEED
from engine.inspection.records import LATENT_QUERIES, Latents, Provenance
from engine.inspection.rows import episode_rows
from engine.inspection.tables import latents_of
from engine.learners.leo.model import Parameters
from engine.learners.leo.variants import model_of

PROBES = 64
SAMPLES = 4
# Probes are looked at no more often than so, and so much of the time at most goes there.
_SECONDS_BETWEEN = 0.5
_SHARE_OF_TIME = 0.02


class Probes:
    """Inspects the probe episodes from time to time during training.

    Parameters
    ----------
    experiment
        All settings.
    split
        The validation examples, on the device that trains.
    run, run_id
        What is said of the weights' provenance.
    """

    def __init__(self, experiment: Experiment, split: Split, run: str, run_id: str) -> None:
        self._experiment = experiment
        self._split = split
        self._run, self._run_id = run, run_id
        task = classification(experiment)
        queries = min(LATENT_QUERIES, task.examples_per_class - task.k_shot)
        self._rows = episode_rows(split, SEED, range(PROBES), task.n_way, task.k_shot, queries)
        self._rest_until = 0.0

    def if_due(self, step: int, parameters: Parameters) -> Iterator[Latents]:
        """Inspect the probe episodes with the weights after a step, unless that was just done."""
        started = time.perf_counter()
        if started < self._rest_until:
            return
        provenance = Provenance(self._split.name, SEED, self._run, self._run_id, step)
        model = model_of(leo_settings(self._experiment), parameters)
        seen = latents_of(model, self._split, self._rows, SAMPLES, provenance)
        now = time.perf_counter()
        rest = max(_SECONDS_BETWEEN, (now - started) / _SHARE_OF_TIME)
        self._rest_until = now + rest
        yield seen

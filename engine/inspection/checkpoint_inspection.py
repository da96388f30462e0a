"""Inspection of checkpoints: the weights of a run at a step, on the episodes of a split."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from engine.config import classification, leo_settings
from engine.data.requirements import no_such_split
from engine.data.store import EmbeddingStore, Split
from engine.devices.selection import choose_device
from engine.errors import BadInput
from engine.evaluation.protocol import SEED
from engine.inspection.episode_inspection import inspect
from engine.inspection.records import (
    TRAINING_EPISODES,
    EpisodeTable,
    Inspection,
    Latents,
    Provenance,
)
from engine.inspection.rows import EpisodeRows, edited, episode_rows
from engine.inspection.tables import latents, tabulated
from engine.inspection.what_if import WhatIf
from engine.learners.leo.model import Parameters
from engine.learners.leo.trajectory import Model
from engine.learners.leo.variants import model_of
from engine.runs.run import Run
from engine.runs.run_store import examples_of


@dataclass(frozen=True, slots=True)
class LoadedCheckpoint:
    """The weights of a checkpoint, with the split whose episodes they are inspected on.

    Attributes
    ----------
    model
        The weights of a checkpoint.
    split
        Where the episodes are from.
    provenance
        What is said of it in every record.
    n_way, k_shot, queries
        N, K, and how many queries of each class there are at most.
    """

    model: Model
    split: Split
    provenance: Provenance
    n_way: int
    k_shot: int
    queries: int

    def rows(self, numbers: Sequence[int]) -> EpisodeRows:
        """Return the episodes with the given numbers."""
        return episode_rows(
            self.split, self.provenance.seed, numbers, self.n_way, self.k_shot, self.queries
        )

    def inspect(self, numbers: Sequence[int], samples: int) -> Inspection:
        """Inspect episodes in full, with S samples."""
        return inspect(self.model, self.split, self.rows(numbers), samples, self.provenance)

    def what_if(self, number: int, samples: int, what_if: WhatIf) -> Inspection:
        """Inspect one episode that is changed by hand; raises `BadInput` where it cannot be."""
        rows = edited(self.split, self.provenance.seed, self.rows([number]), what_if.edits)
        provenance = replace(self.provenance, what_if=str(what_if))
        return inspect(_changed(self.model, what_if), self.split, rows, samples, provenance)

    def tabulate(self, numbers: Sequence[int]) -> Generator[EpisodeTable, None, None]:
        """Tabulate episodes, some rows at a time; see `engine.inspection.tables.tabulated`."""
        return tabulated(self.model, self.split, numbers, self._task, self.provenance)

    def latents(self, numbers: Sequence[int], samples: int) -> Generator[Latents, None, None]:
        """Follow latent codes, some episodes at a time; see `engine.inspection.tables.latents`."""
        return latents(self.model, self.split, numbers, self._task, samples, self.provenance)

    @property
    def _task(self) -> tuple[int, int, int]:
        return self.n_way, self.k_shot, self.queries


def load_model(run: Run, step: int, device: str | None = None) -> Model:
    """Load the weights that a run had at a step; raises `BadInput` if there are none of LEO."""
    settings = leo_settings(run.experiment)
    place = choose_device(device or run.experiment.run.device)
    weights = run.checkpoint(str(step)).weights()
    parameters = Parameters(*(weights[field].to(place) for field in Parameters._fields))
    return model_of(settings, parameters)


def load_split(run: Run, store: EmbeddingStore, split: str, device: str | None = None) -> Split:
    """Load the examples of a split, or of `TRAINING_EPISODES`, as the run sees them.

    Raises
    ------
    BadInput
        If the store has no such split.
    """
    place = choose_device(device or run.experiment.run.device)
    data = run.experiment.data
    if split != TRAINING_EPISODES and split not in store.splits:
        known = (*store.splits, TRAINING_EPISODES)
        raise BadInput(no_such_split(store.path.name, split, known))
    names = data.train_splits if split == TRAINING_EPISODES else [split]
    return examples_of(run, store, names).to(place)


def loaded_checkpoint(
    run: Run, step: int, split: str, model: Model, examples: Split
) -> LoadedCheckpoint:
    """Put loaded weights and a loaded split together.

    Parameters
    ----------
    run, step, split
        What is looked at; episodes of a split are those of evaluations, under their seed and with
        their queries, and `TRAINING_EPISODES` are those of the run's own seed and task.
    model, examples
        See `load_model` and `load_split`.
    """
    task, is_training = classification(run.experiment), split == TRAINING_EPISODES
    provenance = Provenance(
        split=examples.name,
        seed=run.experiment.run.seed if is_training else SEED,
        run=run.name,
        run_id=run.record.id,
        step=step,
    )
    queries = task.queries if is_training else task.examples_per_class - task.k_shot
    return LoadedCheckpoint(model, examples, provenance, task.n_way, task.k_shot, queries)


def _changed(model: Model, what_if: WhatIf) -> Model:
    parameters = model.parameters
    return model._replace(
        parameters=parameters._replace(
            inner_lr=parameters.inner_lr * what_if.inner_lr,
            finetuning_lr=parameters.finetuning_lr * what_if.finetuning_lr,
        ),
        inner_steps=_or(what_if.inner_steps, model.inner_steps),
        finetuning_steps=_or(what_if.finetuning_steps, model.finetuning_steps),
    )


def _or(given: int | None, otherwise: int) -> int:
    return otherwise if given is None else given

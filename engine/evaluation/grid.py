"""Evaluation of a run on other ways, shots and stores than it was trained on."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import product
from operator import add
from typing import Any

from torch import Tensor

from engine.config import classification
from engine.data.store import EmbeddingStore, Split
from engine.devices.selection import choose_device
from engine.errors import BadInput
from engine.evaluation.evaluator import Adapt, Parts, evaluation_of_parts
from engine.evaluation.grid_record import (
    SCHEMA,
    GridEntry,
    GridEvaluation,
    Place,
    VaryingEntry,
)
from engine.evaluation.kept_models import read_kept_model
from engine.evaluation.protocol import protocol_of
from engine.evaluation.record import FOLDER, Evaluation
from engine.evaluation.statistics import paired_difference
from engine.evaluation.varying import varying_parts
from engine.io.files import write_text
from engine.io.generators import retold
from engine.learners.baselines.class_mean import nearest_class_mean
from engine.learners.registry import checkpoint_adapter
from engine.runs.run import Run
from engine.runs.run_store import examples_of
from engine.tasks.episodes import nearest_classes


@dataclass(frozen=True, slots=True)
class GridWanted:
    """What is to be evaluated.

    Attributes
    ----------
    stores
        The stores by what the grid calls them.
    ways, shots
        The numbers of ways and of shots, all of them together.
    split, episodes
        Episodes 0 to `episodes` - 1 of a split.
    is_hard
        Whether an episode's classes are near one another: a class and those whose means are
        nearest to its own, of embeddings divided by their norms. Else they are drawn.
    is_varying
        Whether to evaluate each store also on episodes of varying ways and shots, drawn from these.
    """

    stores: Mapping[str, EmbeddingStore]
    ways: Sequence[int]
    shots: Sequence[int]
    split: str
    episodes: int
    is_hard: bool = False
    is_varying: bool = False

    @property
    def places(self) -> list[Place]:
        """Every place, store by store."""
        return [Place(*each) for each in product(self.stores, self.ways, self.shots)]

    @property
    def all_episodes(self) -> int:
        """How many episodes are evaluated in all."""
        return self.episodes * (len(self.places) + len(self.stores) * self.is_varying)


def require_stores(run: Run, wanted: GridWanted) -> None:
    """Raise `BadInput` unless every store has the split, and embeddings of the run's size."""
    size = run.record.store.embedding_dim  # 0 in runs of old versions
    for name, store in wanted.stores.items():
        store.class_names(wanted.split)
        if size and store.embedding_dim != size:
            raise BadInput(
                f"{name} has embeddings of {store.embedding_dim} numbers, and {run.name} was "
                f"trained on {size}; use a store of the same encoder."
            )


def evaluate_grid(
    run: Run, step: int, wanted: GridWanted, trained_on: str, device: str | None = None
) -> Generator[int, None, GridEvaluation]:
    """Evaluate the weights that a run had at a step at every place, beside nearest class mean.

    Yields how many episodes are done, of `wanted.episodes` for each place. Classes have as many
    queries as in the run's own evaluation, where they have enough examples. A place for which the
    store has too few classes or examples says so, and the others are evaluated.

    Parameters
    ----------
    run, step
        The run and the step of one of its checkpoints.
    wanted
        What to evaluate.
    trained_on
        What `wanted.stores` would call the run's own store.
    device
        Where to compute; by default where the run was trained.
    """
    task = classification(run.experiment)
    protocol = protocol_of(run.experiment, wanted.episodes)
    weights = run.checkpoint(str(step)).weights()
    place = choose_device(device or run.experiment.run.device)
    entries: list[GridEntry] = []
    varying: list[VaryingEntry] = []
    for name, store in wanted.stores.items():
        examples = examples_of(run, store, [wanted.split]).to(place)
        # By what is stored, and not by what this run sees, so that all runs meet the same.
        nearest = None
        if wanted.is_hard:
            nearest = nearest_classes(store.load([wanted.split], access=run.experiment.data.access))
        adapt = checkpoint_adapter(run.experiment, weights, examples)
        measure = partial(_measured, adapt, examples, nearest)
        for n_way, k_shot in product(wanted.ways, wanted.shots):
            done = (len(entries) + len(varying)) * wanted.episodes
            parts = varying_parts(examples, protocol, [n_way], [k_shot])
            found = yield from retold(measure(parts), partial(add, done))
            entries.append(GridEntry(store=name, n_way=n_way, k_shot=k_shot, **found))
        if wanted.is_varying:
            done = (len(entries) + len(varying)) * wanted.episodes
            ways, shots = sorted(wanted.ways), sorted(wanted.shots)
            parts = varying_parts(examples, protocol, ways, shots)
            found = yield from retold(measure(parts), partial(add, done))
            varying.append(VaryingEntry(store=name, ways=ways, shots=shots, **found))
    trained = Place(trained_on, task.n_way, task.k_shot)
    return GridEvaluation(
        split=wanted.split,
        episodes=wanted.episodes,
        is_hard=wanted.is_hard,
        entries=tuple(entries),
        varying=tuple(varying),
        trained=trained,
        run=run.name,
        checkpoint_step=step,
    )


def _measured(
    adapt: Adapt, examples: Split, nearest: Tensor | None, parts: Parts
) -> Generator[int, None, dict[str, Any]]:
    """Return the fields of `Measured` but the store; the baseline takes a tenth of the progress."""
    episodes = sum(len(numbers) for _, numbers in parts)
    try:
        found = yield from _told(evaluation_of_parts(adapt, examples, parts, nearest), 0.0, 0.9)
    except BadInput as error:
        return {"why_not": str(error)}
    steps = evaluation_of_parts(nearest_class_mean, examples, parts, nearest)
    baseline = yield from _told(steps, 0.9 * episodes, 0.1)
    difference = paired_difference(found.accuracies, baseline.accuracies)
    return {
        "accuracy": found.accuracy,
        "ci95": found.ci95,
        "baseline": baseline.accuracy,
        "gain": difference.difference,
        "gain_ci95": difference.ci95,
        "queries": found.queries_per_class,
    }


def _told(
    steps: Generator[int, None, Evaluation], before: float, share: float
) -> Generator[int, None, Evaluation]:
    return retold(steps, lambda done: int(before + share * done))


def keep_grid(run: Run, grid: GridEvaluation) -> GridEvaluation:
    """Keep a grid with its run, joined with what was kept of the same episodes; returns both.

    Raises
    ------
    BadInput
        If it cannot be kept.
    """
    run.require_folder()
    path = run.path / FOLDER / grid.file_name
    with suppress(BadInput):  # there is none, or it is spoilt: then the new one stands alone
        before = read_kept_model(path, GridEvaluation, SCHEMA, "")
        grid = before.with_those_of(grid)
    write_text(path, grid.model_dump_json(indent=1, by_alias=True) + "\n")
    return grid

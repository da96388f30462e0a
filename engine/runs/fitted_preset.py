"""Presets that fit a store, of LEO and of pre-training: as many ways as its splits have."""

from pathlib import Path

from engine.config import Experiment, classification, load_experiment
from engine.config.built_in import built_in_presets
from engine.config.names import name_like
from engine.data.requirements import VALIDATION_SPLIT
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.runs.library import Library

_TEMPLATE = "grocery-5way-1shot"  # of pictures, by an encoder that was trained on others
_MOST_WAYS = 5
_QUERIES = 15
_MOST_EXAMPLES = 40


def fitted_experiment(store: EmbeddingStore, name: str, k_shot: int = 1) -> Experiment:
    """Return an experiment that can train on a store, after the preset for pictures.

    Parameters
    ----------
    store
        What it is trained on.
    name
        How the experiment names the store: its name in the library, or its path.
    k_shot
        K.

    Raises
    ------
    BadInput
        If the store has too few classes or examples for any episode.
    """
    n_way, smallest = _room(store, k_shot)
    template = load_experiment(built_in_presets() / f"{_TEMPLATE}.yaml")
    called = f"{name_like(Path(name).stem)}-{n_way}way-{k_shot}shot"
    return template.with_settings(
        {
            "name": called,
            "description": f"{store.name}, {n_way}-way {k_shot}-shot, fitted to it",
            "data.store": name,
            "task.n_way": n_way,
            "task.k_shot": k_shot,
            "task.queries": min(_QUERIES, smallest - k_shot),
            "task.examples_per_class": min(_MOST_EXAMPLES, smallest),
        }
    )


def fitted_pretraining(store: EmbeddingStore, name: str, template: Experiment) -> Experiment:
    """Return an experiment that pre-trains an encoder on a store of pictures, after a preset.

    Parameters
    ----------
    store
        Its pictures are learned from.
    name
        See `fitted_experiment`.
    template
        The preset.

    Raises
    ------
    BadInput
        If the store has too few classes or examples for any episode.
    """
    task = classification(template)
    n_way, smallest = _room(store, task.k_shot)
    called = f"{template.name}-{name_like(Path(name).stem)}"
    return template.with_settings(
        {
            "name": called,
            "description": f"{template.name}, fitted to {store.name}",
            "data.store": name,
            "task.n_way": min(task.n_way, n_way),
            "task.queries": min(task.queries, smallest - task.k_shot),
            "task.examples_per_class": min(task.examples_per_class, smallest),
        }
    )


def _room(store: EmbeddingStore, k_shot: int) -> tuple[int, int]:
    """Return how many ways an episode may have, and how many examples the smallest class has."""
    needed = ["train", VALIDATION_SPLIT]
    missing = [split for split in needed if split not in store.splits]
    if missing:
        raise BadInput(
            f"{store.path.name} has no split {' and no split '.join(missing)}; training needs both "
            "train and val, so import it again with classes in each."
        )
    splits = [store.splits[split] for split in needed]
    n_way = min(_MOST_WAYS, *(split.classes for split in splits))
    smallest = min(split.smallest_class for split in splits)
    if n_way < 2 or smallest <= k_shot:
        raise BadInput(
            f"{store.path.name} has splits of {' and '.join(str(each.classes) for each in splits)} "
            f"classes, the smallest with {smallest} examples; an episode takes 2 classes with "
            f"{k_shot + 1} examples each, so add pictures or divide the classes otherwise."
        )
    return n_way, smallest


def pretraining_preset_for(library: Library, store: EmbeddingStore, template: str) -> str:
    """Return the name of a preset that pre-trains on a store: the template, or one that fits it.

    Raises
    ------
    BadInput
        If the store has too few classes or examples, or a preset cannot be read or written.
    """
    name, experiment = _name_in(library, store), library.experiment(template)
    if experiment.data.store == name:
        return template
    fitted = fitted_pretraining(store, name, experiment)
    library.save_preset(fitted.name, fitted)
    return fitted.name


def _name_in(library: Library, store: EmbeddingStore) -> str:
    """Return how experiments name a store: by its name in the library, or by its path."""
    is_inside = store.path.parent.resolve() == library.stores.resolve()
    return store.path.stem if is_inside else str(store.path.resolve())


def preset_for(library: Library, store: EmbeddingStore) -> tuple[str, bool]:
    """Return the name of a preset for a store, and whether it was made now.

    One that names the store already is taken, the built-in ones first; otherwise a fitted one is
    kept among the user's own.

    Raises
    ------
    BadInput
        If the store has too few classes or examples, or the preset cannot be written.
    """
    name = _name_in(library, store)
    for preset, path in library.preset_files().items():
        try:
            experiment = load_experiment(path)
        except BadInput:
            continue  # damaged, which is said where presets are listed
        if experiment.data.store == name and experiment.learner.kind == "leo":
            return preset, False
    experiment = fitted_experiment(store, name)
    library.save_preset(experiment.name, experiment)
    return experiment.name, True

"""Presets are fitted to the classes and examples that a store has."""

import shutil
from pathlib import Path

import pytest

from engine.config import classification, load_experiment
from engine.config.built_in import built_in_presets
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.runs.fitted_preset import (
    fitted_experiment,
    fitted_pretraining,
    preset_for,
    pretraining_preset_for,
)
from engine.runs.library import Library

TEMPLATE = "pretrain-omniglot-conv4"


@pytest.fixture
def library(library_home: Path, toy_store: EmbeddingStore) -> Library:
    """A library with the toy store: 12, 8 and 8 classes of 30 examples."""
    library = Library(library_home)
    library.stores.mkdir(parents=True, exist_ok=True)
    shutil.copy(toy_store.path, library.stores / "toy.h5")
    shutil.copy(toy_store.path, library.stores / "omniglot_full_png-32px.h5")
    return library


def test_as_many_ways_and_examples_as_a_store_has(toy_store: EmbeddingStore) -> None:
    one, five = (classification(fitted_experiment(toy_store, "toy", k_shot)) for k_shot in (1, 5))
    assert (one.n_way, one.k_shot, one.queries, one.examples_per_class) == (5, 1, 15, 30)
    assert (five.n_way, five.k_shot, five.queries, five.examples_per_class) == (5, 5, 15, 30)
    with pytest.raises(BadInput, match="the smallest with 30 examples; an episode takes"):
        fitted_experiment(toy_store, "toy", 30)


def test_a_preset_is_made_once(library: Library) -> None:
    store = EmbeddingStore(library.stores / "toy.h5")
    assert preset_for(library, store) == ("toy-5way-1shot", True)
    assert preset_for(library, store) == ("toy-5way-1shot", False)


def test_pre_training_keeps_all_of_its_preset_but_the_episodes_that_do_not_fit(
    library: Library,
) -> None:
    template = load_experiment(built_in_presets() / f"{TEMPLATE}.yaml")
    large = template.with_settings({"task.n_way": 9, "task.examples_per_class": 40})
    store = EmbeddingStore(library.stores / "toy.h5")
    fitted = fitted_pretraining(store, "toy", large)
    task = classification(fitted)
    assert (task.n_way, task.examples_per_class) == (5, 30)
    assert (fitted.learner, fitted.schedule) == (template.learner, template.schedule)
    assert pretraining_preset_for(library, store, TEMPLATE) == f"{TEMPLATE}-toy"
    assert library.experiment(f"{TEMPLATE}-toy").data.store == "toy"


def test_a_preset_that_names_the_store_already_is_taken_as_it_is(library: Library) -> None:
    store = EmbeddingStore(library.stores / "omniglot_full_png-32px.h5")
    assert pretraining_preset_for(library, store, TEMPLATE) == TEMPLATE

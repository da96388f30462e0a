from pathlib import Path

import numpy as np
import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.errors import BadInput
from engine.runs.library import Library
from engine.runs.preparation import new_run, resumed_run
from engine.runs.run_store import store_of
from engine.training import train


def rewritten(store: EmbeddingStore, path: Path, *, shift: float, name: str = "") -> Path:
    """Write a store of the same sizes, its embeddings moved or a class renamed."""
    with create_store(path, store.name, store.source, store.embedding_dim) as writer:
        for split in store.splits:
            offsets = store.class_offsets(split)
            names = store.class_names(split)
            writer.add_split(
                split,
                np.concatenate(list(store.chunks(split))) + shift,
                np.repeat(np.arange(len(names)), np.diff(offsets)),
                [name or names[0], *names[1:]],
                store.image_names(split),
            )
    return path


@pytest.mark.parametrize(
    ("shift", "name", "fits"), [(0, "", True), (0.1, "", False), (0, "x", False)]
)
def test_a_run_knows_its_store_again_by_its_contents(
    tmp_path: Path,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    shift: float,
    name: str,
    fits: bool,
) -> None:
    run, _ = new_run(Library(tmp_path), toy_experiment)
    other = rewritten(toy_store, tmp_path / "other.h5", shift=shift, name=name)
    if fits:
        assert store_of(Library(tmp_path), run, str(other)).path == other
    else:
        with pytest.raises(BadInput, match="holds other names or embeddings"):
            store_of(Library(tmp_path), run, str(other))


def test_a_run_finds_its_store_again_from_any_folder(
    tmp_path: Path,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(toy_store.path.parent)
    named = toy_experiment.with_settings({"data.store": toy_store.path.name})
    run, _ = new_run(Library(tmp_path), named)
    monkeypatch.chdir(tmp_path)
    assert run.experiment.data.store == str(toy_store.path)
    assert store_of(Library(tmp_path), run, run.experiment.data.store).path == toy_store.path


def test_a_mistake_makes_no_run(tmp_path: Path, toy_experiment: Experiment) -> None:
    library = Library(tmp_path)
    for changes in ({"task.n_way": 9}, {"run.device": "xpu:99"}, {"data.store": "nothing"}):
        with pytest.raises(BadInput):
            new_run(library, toy_experiment.with_settings(changes))
    assert not library.runs.exists()


def test_only_what_can_go_on_is_made_ready(tmp_path: Path, toy_experiment: Experiment) -> None:
    library = Library(tmp_path)
    run, store = new_run(library, toy_experiment)
    list(train(run.experiment, store, run))
    with pytest.raises(BadInput, match="is finished at step 40; give it more"):
        resumed_run(library, run)
    with pytest.raises(BadInput, match="lies before it"):
        resumed_run(library, run, steps=39)
    assert resumed_run(library, run, steps=50).run.experiment.schedule.steps == 50

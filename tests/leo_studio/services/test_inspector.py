import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_checkpoint
from engine.inspection.records import TRAINING_EPISODES, EpisodeTable, joined
from engine.inspection.what_if import Edit, WhatIf
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_record
from leo_studio.services.background import Background, Task
from leo_studio.services.inspector import Inspector, kept_inspections, open_inspection
from leo_studio.services.kept_checkpoints import CheckpointGone
from leo_studio.services.records import EpisodeSource
from tests.conftest import TrainedCopy


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def run(library: Library, trained_copy: TrainedCopy, toy_experiment: Experiment) -> Run:
    return trained_copy(library.runs, toy_experiment)


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background()
    yield made
    made.close()


def test_a_table_has_the_accuracies_of_the_runs_evaluation(
    library: Library, run: Run, toy_store: EmbeddingStore
) -> None:
    task = Task("", is_shown=False)
    table = Inspector(library).tabulate(EpisodeSource(run.path, 30, "test"), 0, 150, task)
    steps = evaluate_checkpoint(run, 30, toy_store, "test", 150)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result = end.value
            break
    np.testing.assert_array_equal(table.accuracies[:, 2], result.accuracies)
    assert table.losses[:, 2].mean() == pytest.approx(result.loss, rel=1e-6)
    parts: list[EpisodeTable] = list(task.parts())
    np.testing.assert_array_equal(joined(parts).numbers, table.numbers)


def test_two_inspectors_and_two_checkpoints_of_one_run(library: Library, run: Run) -> None:
    source = EpisodeSource(run.path, 40, "val")
    one = Inspector(library).inspect(source, 17, 8, WhatIf())
    again = Inspector(library).inspect(source, 17, 8, WhatIf())
    np.testing.assert_array_equal(one.sampled_probabilities, again.sampled_probabilities)
    earlier = Inspector(library).inspect(replace(source, step=15), 17, 8, WhatIf())
    np.testing.assert_array_equal(one.support, earlier.support)
    assert not np.array_equal(one.codes, earlier.codes)
    assert (one.provenance.step, earlier.provenance.step) == (40, 15)


def test_weights_that_were_written_anew_are_read_anew(library: Library, run: Run) -> None:
    inspector, source = Inspector(library), EpisodeSource(run.path, 40, "val")
    before = inspector.inspect(source, 17, 2, WhatIf())
    kept = run.checkpoint("40")
    shaken = {name: tensor + 0.1 for name, tensor in kept.weights().items()}
    run.save(40, shaken, kept.optimizer())
    after = inspector.inspect(source, 17, 2, WhatIf())
    assert not np.array_equal(before.codes, after.codes)
    fresh = Inspector(library).inspect(source, 17, 2, WhatIf())
    np.testing.assert_array_equal(after.codes, fresh.codes)


def test_training_episodes_are_those_that_the_run_saw(library: Library, run: Run) -> None:
    inspector = Inspector(library)
    seen = inspector.inspect(EpisodeSource(run.path, 40, TRAINING_EPISODES), 5, 2, WhatIf())
    assert seen.query.shape == (1, 4, 3)  # task.queries
    assert seen.provenance.split == "train" and seen.provenance.seed == run.experiment.run.seed
    rows = seen.support[0].flatten().tolist()
    examples = inspector.examples(EpisodeSource(run.path, 40, TRAINING_EPISODES), rows)
    assert examples.names == tuple(f"train-{row}" for row in rows) and examples.images is None


def test_joined_splits_name_their_examples_in_order(
    library: Library, toy_experiment: Experiment, tmp_path: Path
) -> None:
    path = tmp_path / "pictures.h5"
    with create_store(path, "pictures", "a test", 3) as writer:
        for split, first in (("train", 0), ("val", 100)):
            images = np.arange(first, first + 40, dtype=np.uint8).repeat(4).reshape(40, 2, 2, 1)
            writer.add_split(
                split,
                np.random.default_rng(first).normal(size=(40, 3)),
                np.arange(40) // 10,
                [f"{split}-{label}" for label in range(4)],
                [f"{split}-{row}" for row in range(40)],
                images,
            )
    settings = {"data.store": str(path), "data.train_splits": ["train", "val"]}
    experiment = toy_experiment.with_settings(settings)
    run = Run.create(library.runs, experiment, store_record(EmbeddingStore(path)))
    examples = Inspector(library).examples(
        EpisodeSource(run.path, 0, TRAINING_EPISODES), [45, 3, 79, 3]
    )
    assert examples.names == ("val-5", "train-3", "val-39", "train-3")
    assert examples.images is not None
    assert examples.images[:, 0, 0, 0].tolist() == [105, 3, 139, 3]


def test_a_class_shows_all_its_examples(library: Library, run: Run) -> None:
    examples = Inspector(library).class_examples(EpisodeSource(run.path, 40, "val"), 2)
    assert examples.rows.tolist() == list(range(60, 90))
    assert examples.names[0] == "val-60"


def test_what_is_kept_is_listed_and_opens_without_its_store(
    library: Library, run: Run, toy_store: EmbeddingStore
) -> None:
    inspector, source = Inspector(library), EpisodeSource(run.path, 40, "val")
    seen = inspector.inspect(source, 3, 4, WhatIf(inner_steps=1))
    path = inspector.keep(source, seen, "odd")
    assert path.parent == run.path / "inspections"
    (path.parent / "broken.h5").write_bytes(b"x")
    kept, broken = kept_inspections(run.path)
    assert (kept.path, kept.split, kept.episode, kept.step) == (path, "val", 3, 40)
    assert (kept.note, kept.what_if) == ("odd", "inner_steps 1")
    assert "is not a readable HDF5 file" in broken.problem
    opened = open_inspection(path)
    np.testing.assert_array_equal(opened.inspection.codes, seen.codes)
    assert opened.inspection.provenance == seen.provenance
    names = dict(zip(opened.examples.rows.tolist(), opened.examples.names, strict=True))
    assert all(names[row] == f"val-{row}" for row in seen.support.flatten().tolist())
    with h5py.File(path) as file:
        assert file.attrs["kind"] == b"inspection"


def test_an_example_that_was_taken_out_by_hand_is_named_in_the_file_too(
    library: Library, run: Run, toy_store: EmbeddingStore
) -> None:
    inspector, source = Inspector(library), EpisodeSource(run.path, 40, "val")
    row = int(inspector.inspect(source, 3, 2, WhatIf()).support[0, 0, 0])
    inspector.keep(source, inspector.inspect(source, 3, 2, WhatIf((Edit("drop", 0, row),))), "")
    (kept,) = inspector.kept(run.path)
    assert kept.names[row] == f"val-{row}" and kept.classes[0].startswith("val-")
    assert not kept.has_images


def test_what_is_not_there_is_said_in_a_sentence(library: Library, run: Run) -> None:
    inspector = Inspector(library)
    with pytest.raises(CheckpointGone, match=f"^Step 7 of {run.name} is no longer kept\\.$"):
        inspector.inspect(EpisodeSource(run.path, 7, "val"), 0, 1, WhatIf())
    with pytest.raises(BadInput, match='has no split "dev"; it has train, val, test, training: '):
        inspector.inspect(EpisodeSource(run.path, 40, "dev"), 0, 1, WhatIf())


def test_a_table_that_nobody_wants_any_more_ends(
    library: Library, run: Run, background: Background
) -> None:
    inspector, parts = Inspector(library), list[EpisodeTable]()
    task = background.start(
        "Tabulating",
        lambda task: inspector.tabulate(EpisodeSource(run.path, 40, "val"), 0, 100_000, task),
        lambda _: pytest.fail("it was cancelled"),
        part=parts.append,
    )
    while not parts:
        background.poll()
        time.sleep(0.002)
    task.cancel()
    while not background.is_idle:
        background.poll()
        time.sleep(0.002)
    assert len(parts) < 1_000

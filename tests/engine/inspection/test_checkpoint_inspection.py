from pathlib import Path

import pytest
import torch

from engine.config import Experiment, leo_settings
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.inspection.checkpoint_inspection import load_model, loaded_checkpoint
from engine.inspection.records import TRAINING_EPISODES
from engine.learners.leo.variants import model_of
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.tasks.episodes import numbers_from, sample_episodes
from tests.conftest import TrainedCopy
from tests.problems import random_parameters

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("split", "name", "seed", "queries"),
    [(TRAINING_EPISODES, "train", 7, 3), ("val", "val", 0, 28)],
)
def test_training_episodes_have_the_runs_seed_and_others_that_of_evaluations(
    tmp_path: Path,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    split: str,
    name: str,
    seed: int,
    queries: int,
) -> None:
    experiment = toy_experiment.with_settings({"run.seed": 7})
    run = Run.create(tmp_path, experiment, store_record(toy_store))
    examples = toy_store.load([name])
    model = model_of(leo_settings(experiment), random_parameters(16, 5))
    rows = loaded_checkpoint(run, 0, split, model, examples).rows(range(3))
    expected = sample_episodes(examples, seed, numbers_from(0, 3, CPU), 4, 2, queries)
    assert torch.equal(rows.support, expected.support)
    assert torch.equal(rows.query, expected.query)


def test_a_checkpoint_of_another_learner_has_no_latent_codes(
    tmp_path: Path, toy_experiment: Experiment, trained_copy: TrainedCopy
) -> None:
    protonet = toy_experiment.with_settings({"learner.kind": "protonet"})
    run = trained_copy(tmp_path, protonet)
    with pytest.raises(BadInput, match="learns by prototypical networks; it has no latent codes"):
        load_model(run, run.checkpoint().step)

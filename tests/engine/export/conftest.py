import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.evaluation.checkpoints import evaluate_checkpoint, keep_evaluation
from engine.export.trained import Trained, trained
from engine.io.generators import finished
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train
from tests.learner_kinds import ON_EMBEDDINGS


@pytest.fixture(scope="session")
def toy_run(toy_store: EmbeddingStore, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A trained and evaluated run."""
    experiment = Experiment.model_validate(
        {
            "name": "toy",
            "data": {"store": str(toy_store.path)},
            "task": {
                "kind": "classification",
                "n_way": 4,
                "k_shot": 2,
                "queries": 3,
                "examples_per_class": 30,
            },
            "learner": {"kind": "leo", "latent_size": 5, "inner_steps": 2, "finetuning_steps": 2},
            "optimizer": {"meta_batch": 3},
            "schedule": {"steps": 30, "validate_every": 15, "validation_episodes": 20},
        }
    )
    folder = tmp_path_factory.mktemp("runs")
    run = Run.create(folder, experiment, store_record(toy_store))
    list(train(experiment, toy_store, run))
    step = run.checkpoint("best").step
    steps = evaluate_checkpoint(run, step, toy_store, "test", 40)
    keep_evaluation(run, finished(steps))
    return run


@pytest.fixture(scope="session")
def toy_runs(
    toy_run: Run, toy_store: EmbeddingStore, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Run]:
    """A run of every kind of learner, by its kind."""
    runs = {"leo": toy_run}
    for kind in ON_EMBEDDINGS.keys() - runs.keys():
        experiment = toy_run.experiment.with_settings({"name": kind, "learner.kind": kind})
        run = Run.create(tmp_path_factory.mktemp("runs"), experiment, store_record(toy_store))
        list(train(experiment, toy_store, run))
        runs[kind] = run
    return runs


@pytest.fixture
def toy(toy_run: Run) -> Trained:
    return trained(toy_run)

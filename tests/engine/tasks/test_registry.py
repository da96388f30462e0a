"""Every kind of task that can be asked for can be sampled, and has scores."""

from engine.config import Experiment, all_kinds
from engine.data.store import EmbeddingStore
from engine.tasks.catalogue import TASK_KINDS
from engine.tasks.classification import ClassificationTasks
from engine.tasks.registry import TASK_FAMILIES, task_family_of


def test_every_kind_is_in_catalogue_and_registry() -> None:
    kinds = {kinds.task for kinds in all_kinds()}
    assert kinds == TASK_KINDS.keys() == TASK_FAMILIES.keys()


def test_the_family_is_the_one_that_the_experiment_names(
    toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    split = toy_store.load(["train"])
    family = task_family_of([toy_experiment], split, split.embeddings.device)
    assert isinstance(family, ClassificationTasks)
    support, _ = family.sample(range(2))
    assert support.shape[:2] == (2, toy_experiment.optimizer.meta_batch)

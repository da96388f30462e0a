"""What holds of every learner in the catalogue, whoever adds the next one."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.config import Experiment, classification, declarations, kinds_of, setting_values
from engine.config.experiment import Kinds
from engine.config.learner_section import LearnerSection
from engine.data.store import EmbeddingStore, Split
from engine.evaluation import evaluator
from engine.evaluation.checkpoints import evaluate_checkpoint
from engine.evaluation.evaluator import evaluation
from engine.evaluation.protocol import protocol_of
from engine.events import Finished, StepsTaken
from engine.io.generators import finished
from engine.learners.adaptation_path import PathLearner
from engine.learners.baselines.class_mean import nearest_class_mean
from engine.learners.catalogue import LEARNERS
from engine.learners.columns import GRADIENT_NORM_COLUMN
from engine.learners.registry import (
    PRETRAINED,
    TRAINED,
    UNTRAINED,
    adapter_of,
    learner_of,
    trained_learner_of,
)
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.training import pipeline, saver, train
from engine.training.outer_step import OuterStep
from tests.bits import assert_same_bits
from tests.learner_kinds import ON_EMBEDDINGS, ON_FUNCTIONS, of_kind

CPU = torch.device("cpu")
# What is pre-trained learns from pictures; tests/engine/pretraining has the same of it.
every_learner_of_embeddings = pytest.mark.parametrize("kind", ON_EMBEDDINGS)
every_trained_learner = pytest.mark.parametrize("kind", TRAINED)


def split_for(kind: str, store: EmbeddingStore) -> Split | None:
    """Return what a learner is trained on; functions come from no store."""
    return None if kind in ON_FUNCTIONS else store.load(["train"])


def store_for(kind: str, store: EmbeddingStore) -> EmbeddingStore | None:
    return None if kind in ON_FUNCTIONS else store


def in_double(split: Split | None) -> Split | None:
    if split is None:
        return None
    examples = split.in_memory.double()
    return Split.of(split.name, examples, split.class_offsets, list(split.class_names))


def test_settings_catalogue_and_registry_know_the_same_kinds() -> None:
    registered = TRAINED | UNTRAINED | PRETRAINED
    assert kinds_of("learner").keys() == LEARNERS.keys() == registered.keys()
    assert len(LEARNERS) == len(TRAINED) + len(UNTRAINED) + len(PRETRAINED)
    # The kind that a setting names is the one that the catalogue means by it.
    for kind, section in kinds_of("learner").items():
        assert section.model_fields["kind"].default == kind


@pytest.mark.parametrize("kind", [kind for kind, entry in LEARNERS.items() if entry.has_path])
def test_a_path_leads_to_what_adapting_makes(
    double: None, kind: str, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    learner = trained_learner_of([of_kind(toy_experiment, kind)], 16, CPU)
    assert isinstance(learner, PathLearner)
    weights = learner.initial(0)
    support = toy_store.load(["val"]).embeddings[:56].double().view(7, 4, 2, 16)
    path = learner.path(weights, support)
    assert torch.equal(path.weights[:, -1], learner.adapt(weights, support).weights)
    assert path.weights.shape == (7, 1 + path.inner_steps + 2 * (kind == "leo"), 4, 16)
    if path.codes is not None:
        assert path.to_mean is not None
        decoded = path.codes @ path.to_mean
        torch.testing.assert_close(decoded, path.weights[:, : path.inner_steps + 1])


@pytest.mark.parametrize("kind", LEARNERS)
def test_what_is_said_of_a_learner_agrees(kind: str, toy_experiment: Experiment) -> None:
    """Its settings, its entry in the catalogue, its class and its place in the registry."""
    section, entry = kinds_of("learner")[kind], LEARNERS[kind]
    assert issubclass(section, LearnerSection)
    learner = learner_of(of_kind(toy_experiment, kind), 16, CPU)
    assert learner.columns == entry.columns
    assert isinstance(learner, PathLearner) == entry.has_path
    assert section.is_trained == bool(entry.columns) == (kind not in UNTRAINED)
    assert section.is_trained == bool(learner.weight_shapes())
    names = [column.name for column in entry.columns]
    tags = [column.tag for column in entry.columns]
    assert len(set(names)) == len(names) and len(set(tags)) == len(tags)
    assert not {"step", "seconds", "steps_per_second"} & set(names)  # which every run has
    if section.is_trained:
        assert names[0] == "loss" and entry.columns[-1] is GRADIENT_NORM_COLUMN
    said = entry.description
    mentioned = {said.choice, *said.facts, *(name for row in said.rows for name in row)}
    assert mentioned <= section.model_fields.keys()
    assert section.title and section.noun()


@every_trained_learner
def test_terms_and_weights_are_named_as_the_columns_and_the_checkpoint(
    kind: str, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    outer_step = OuterStep([of_kind(toy_experiment, kind)], split_for(kind, toy_store))
    learner = outer_step.learner
    sampled = outer_step.tasks.sample(range(1))
    tasks = type(sampled)(*(each[0] for each in sampled))
    terms: Any = outer_step.gradients(learner.prepared(tasks, learner.draws(0))).terms
    assert terms._fields == tuple(each.name for each in learner.columns)[: outer_step.loss_columns]
    metrics = outer_step(range(1))
    assert metrics.shape == (1, 1, len(learner.columns)) and metrics.isfinite().all()
    shapes = {name: tuple(each.shape) for name, each in learner.initial(0)._asdict().items()}
    assert list(shapes.items()) == list(learner.weight_shapes().items())
    assert tuple(shapes) == learner.weights_type._fields  # type: ignore[attr-defined]
    assert outer_step.weights().keys() == shapes.keys()


@every_trained_learner
def test_initial_weights_and_draws_are_functions_of_the_seed(
    kind: str, toy_experiment: Experiment
) -> None:
    """Whoever stands beside a member, however often it is asked, and in whatever order."""
    seeds = [of_kind(toy_experiment, kind).with_settings({"run.seed": seed}) for seed in (3, 5)]
    alone = trained_learner_of([seeds[1]], 16, CPU)
    among = trained_learner_of(seeds, 16, CPU)
    torch.rand(7)  # the state of torch's own generator has no part in it
    for mine, expected in zip(among.initial(1), alone.initial(0), strict=True):
        assert torch.equal(mine, expected)
    assert any(
        not torch.equal(one, other)
        for one, other in zip(among.initial(0), among.initial(1), strict=True)
    )
    first = tensors(alone.draws(4))
    later, again = tensors(alone.draws(9)), tensors(alone.draws(4))
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))
    assert not first or any(
        not torch.equal(one, other) for one, other in zip(first, later, strict=True)
    )


def tensors(draws: Any) -> list[Tensor]:
    return [each for each in draws or () if isinstance(each, Tensor)]


@every_trained_learner
def test_a_member_of_a_population_is_the_run_that_it_would_be_alone(
    kind: str, double: None, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    """In each setting that is declared to be a member's own, and each has an effect."""
    base, split = of_kind(toy_experiment, kind), in_double(split_for(kind, toy_store))
    values = setting_values(base)
    varied = [
        path
        for path, about in declarations(Kinds.in_experiment(base)).items()
        if about.varies_in_population and about.role == "result"
    ]
    changes = [{}, {"run.seed": 7}, *({path: 1.5 * values[path]} for path in varied)]
    assert len(changes) > 2
    members = [base.with_settings(each) for each in changes]
    together = OuterStep(members, split)
    metrics = torch.cat([together(range(2)), together(range(2, 6))])
    for member, experiment in enumerate(members):
        alone = OuterStep([experiment], split)
        torch.testing.assert_close(metrics[:, member], alone(range(6))[:, 0], rtol=1e-6, atol=1e-9)
        for mine, expected in zip(together.members[member], alone.members[0], strict=True):
            torch.testing.assert_close(mine, expected, rtol=1e-6, atol=1e-9)
        if member:
            assert not torch.equal(metrics[:, member], metrics[:, 0]), changes[member]


@every_trained_learner
def test_steps_on_the_same_tasks_and_draws_lower_their_loss(
    kind: str, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    outer_step = OuterStep([of_kind(toy_experiment, kind)], split_for(kind, toy_store))
    losses = [float(outer_step(range(1))[0, 0, 0]) for _ in range(20)]
    assert losses[-1] < losses[0]


@pytest.fixture(scope="module")
def whole_run(
    toy_experiment: Experiment, toy_store: EmbeddingStore, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Run]:
    """Trains a run of a kind without interruption, once."""
    runs: dict[str, Run] = {}

    def run_of(kind: str) -> Run:
        if kind not in runs:
            experiment = of_kind(toy_experiment, kind)
            runs[kind] = Run.create(tmp_path_factory.mktemp(kind), experiment, StoreRecord())
            list(train(experiment, store_for(kind, toy_store), runs[kind]))
        return Run(runs[kind].path)

    return run_of


@every_trained_learner
@pytest.mark.parametrize("step", [1, 15, 22])
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(
    kind: str,
    step: int,
    tmp_path: Path,
    toy_store: EmbeddingStore,
    whole_run: Callable[[str], Run],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline, "_SECONDS_OF_A_CHUNK", 0.0)
    whole = whole_run(kind)
    run = Run.create(tmp_path, whole.experiment, StoreRecord())
    events = train(whole.experiment, store_for(kind, toy_store), run)
    next(event for event in events if isinstance(event, StepsTaken) and event.step == step)
    events.close()
    assert Run(run.path).status == "stopped"
    list(train(whole.experiment, store_for(kind, toy_store), Run(run.path)))
    assert_same_bits(Run(run.path), whole)


@every_trained_learner
def test_a_run_that_was_killed_goes_on_to_the_same_bits(
    kind: str,
    tmp_path: Path,
    toy_store: EmbeddingStore,
    whole_run: Callable[[str], Run],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A copy of the folder amid training is what a kill leaves: nobody could end anything."""
    whole = whole_run(kind)
    run = Run.create(tmp_path / "killed", whole.experiment, StoreRecord())
    copies: list[Path] = []
    with monkeypatch.context() as often:  # so that there are kills of many kinds
        often.setattr(pipeline, "_SECONDS_OF_A_CHUNK", 0.0)
        often.setattr(saver, "_SECONDS_BETWEEN_CHECKPOINTS", 0.0)
        for place, event in enumerate(train(whole.experiment, store_for(kind, toy_store), run)):
            if place % 23 == 5 and not isinstance(event, Finished):
                name = f"{place}-{type(event).__name__}"
                copies.append(shutil.copytree(run.path, tmp_path / name))
    assert len(copies) > 2
    for path in copies:
        with (path / "train.csv").open("a") as file:
            file.write("39,0.12")  # it was just about to write a row
        killed = Run(path)
        assert killed.status == "interrupted"
        list(train(killed.experiment, store_for(kind, toy_store), killed))
        assert_same_bits(Run(path), whole)


@every_learner_of_embeddings
def test_a_run_validates_and_evaluates_always_the_same(
    kind: str, toy_store: EmbeddingStore, whole_run: Callable[[str], Run]
) -> None:
    run = whole_run(kind)
    assert run.status == "finished" and run.record.step == run.experiment.last_step
    best = run.record.best
    assert best is not None and best.step in [each.step for each in run.checkpoints]
    validated = run.validation.read()
    assert [row["step"] for row in validated] == ([15, 30, 40] if kind in TRAINED else [0])
    one, again = (
        finished(evaluate_checkpoint(run, best.step, toy_store, "val", 20)) for _ in range(2)
    )
    np.testing.assert_array_equal(one.accuracies, again.accuracies)
    # Evaluation on the episodes of a validation finds what that validation found.
    assert one.accuracy == pytest.approx(best.value, abs=1e-9)


@every_learner_of_embeddings
def test_a_learner_is_far_better_than_chance_and_meets_the_same_episodes_as_all(
    kind: str, toy_store: EmbeddingStore, whole_run: Callable[[str], Run]
) -> None:
    run = whole_run(kind)
    found = finished(evaluate_checkpoint(run, run.checkpoint().step, toy_store, "test", 200))
    split, task = toy_store.load(["test"]), classification(run.experiment)
    protocol = protocol_of(run.experiment, 200)
    baseline = finished(evaluation(nearest_class_mean, split, protocol))
    assert found.queries_per_class == baseline.queries_per_class
    assert found.accuracy > 1.5 / task.n_way
    # Hard episodes are hard for all: they are the same ones.
    assert np.corrcoef(found.accuracies, baseline.accuracies)[0, 1] > 0.3


@every_learner_of_embeddings
def test_an_evaluation_is_the_same_however_few_tasks_are_adapted_to_at_a_time(
    kind: str,
    toy_store: EmbeddingStore,
    whole_run: Callable[[str], Run],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = whole_run(kind)
    step = run.checkpoint().step
    whole = finished(evaluate_checkpoint(run, step, toy_store, "val", 20))
    monkeypatch.setattr(evaluator, "_TASKS_AT_A_TIME", 3)
    monkeypatch.setattr(evaluator, "_NUMBERS_AT_A_TIME", 10_000)  # where queries are seen together
    parts = finished(evaluate_checkpoint(run, step, toy_store, "val", 20))
    np.testing.assert_array_equal(parts.accuracies, whole.accuracies)
    assert parts.loss == pytest.approx(whole.loss)


@every_learner_of_embeddings
def test_adaptation_knows_classes_by_their_examples_alone(
    kind: str, double: None, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    """In another order they have the same logits, in that order; so has each task in any batch."""
    experiment = of_kind(toy_experiment, kind)
    if kind in TRAINED:
        weights = trained_learner_of([experiment], 16, CPU).initial(0)
    else:
        weights = learner_of(experiment, 16, CPU).weights_type()
    g = torch.Generator().manual_seed(0)
    support = torch.randn(3, 5, 2, 16, generator=g)
    examples = torch.randn(7, 16, generator=g)
    split = in_double(toy_store.load(["test"]))
    assert split is not None
    adapt = adapter_of(experiment, weights, split)

    def logits(support: Tensor) -> Tensor:
        """Score the examples for every task, (7, N, B)."""
        tasks, classes = (torch.arange(size) for size in support.shape[:2])
        is_together = experiment.learner.queries_together is not None
        queries = [examples.expand(len(support), -1, -1)] if is_together else []
        predictor = adapt(support, *queries)
        return predictor.logits(examples, tasks, classes[:, None].expand(-1, len(tasks)))

    found, order = logits(support), torch.tensor([3, 0, 4, 1, 2])
    assert found.std() > 1e-3
    torch.testing.assert_close(logits(support[:, order]), found[:, order])
    torch.testing.assert_close(logits(support.flip(2)), found)
    torch.testing.assert_close(logits(support[1:2]), found[..., 1:2])

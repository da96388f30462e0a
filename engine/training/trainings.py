"""How each kind of learner is trained: the one place that asks what it learns from."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch

from engine.config import Backbone, Experiment, regression
from engine.data.function_file import FunctionFile
from engine.data.requirements import VALIDATION_SPLIT, require_fit
from engine.data.store import EmbeddingStore
from engine.devices.selection import usable_cores
from engine.evaluation.evaluator import evaluation
from engine.evaluation.protocol import validation_protocol
from engine.evaluation.regression.evaluator import validated_functions
from engine.inspection.probes import Probes
from engine.inspection.records import Latents
from engine.io.generators import retold
from engine.learners.baselines.class_mean import nearest_class_mean
from engine.learners.catalogue import learner_kind
from engine.learners.registry import adapter_of, function_learner_of
from engine.runs.run import Run
from engine.runs.run_store import sampling_of
from engine.tasks.regression import source_of
from engine.tasks.regression.training import RegressionTasks
from engine.training.cuda_graph import graph_capture_for
from engine.training.executor import (
    EagerExecutor,
    StepExecutor,
    choose_executor,
    eager_executor,
)
from engine.training.outer_step import OuterStep
from engine.training.splits import load_splits
from engine.training.trainee import Examine, Examined, Trainee

LookAtProbes = Callable[[int], Iterator[Latents]]
"""Inspects the probe episodes with the weights after a step, unless that was just done."""


@dataclass(frozen=True, slots=True)
class Training:
    """What is trained, and how.

    Attributes
    ----------
    trainee
        Takes the steps.
    examine
        Makes a validation ready.
    executor
        Returns what takes the steps fast, from a step on; tells what it does instead, if it does.
    probes
        None where there is no latent space, or there are several runs.
    notes
        Sentences for the log, such as whether the store is mapped.
    """

    trainee: Trainee
    examine: Examine
    executor: Callable[[int, Callable[[str], None]], StepExecutor]
    probes: LookAtProbes | None = None
    notes: tuple[str, ...] = ()


def training_of(
    experiments: Sequence[Experiment],
    store: EmbeddingStore | FunctionFile | None,
    runs: Sequence[Run],
    device: torch.device,
) -> Training:
    """Load what some runs are trained on, and make what trains them, from the start.

    `store` is None where tasks need none, and the file of functions that are measured.

    Raises
    ------
    BadInput
        If the store does not fit.
    """
    learner = experiments[0].learner
    if store is None or isinstance(store, FunctionFile):
        return _on_functions(experiments, store, device)
    if isinstance(learner, Backbone):
        return _on_pictures(runs[0], learner, store, device)
    return _on_embeddings(experiments, store, runs, device)


def threads_of(experiment: Experiment, device: torch.device) -> int | None:
    """Return how many of the CPU's threads training uses; None for what torch takes itself.

    LEO's matrices are too small to share among several; convolutions are not.
    """
    if device.type != "cpu":
        return None
    fastest = usable_cores() if experiment.learner.reads_pictures else 1
    return experiment.run.threads or fastest


def _on_embeddings(
    experiments: Sequence[Experiment],
    store: EmbeddingStore,
    runs: Sequence[Run],
    device: torch.device,
) -> Training:
    first = experiments[0]
    split, validation_split = load_splits(first, store, runs[0], device)
    outer_step = OuterStep(experiments, split, device, is_compiled=first.run.compile)

    def examine(member: int) -> Generator[int, None, Examined]:
        experiment = experiments[member]
        adapt = adapter_of(experiment, outer_step.members[member], validation_split)
        return evaluation(adapt, validation_split, validation_protocol(experiment))

    def executor(step: int, log: Callable[[str], None]) -> StepExecutor:
        every = first.schedule.validate_every
        capture = graph_capture_for(device) if first.run.cuda_graph else None
        return choose_executor(outer_step, step, every=every, capture=capture, log=log)

    look = None
    if len(runs) == 1 and learner_kind(first).has_latent_space:
        probes = Probes(first, validation_split, runs[0].name, runs[0].record.id)
        look = partial(_looked_at, probes, outer_step)
    notes = split.how_kept, validation_split.how_kept
    return Training(outer_step, examine, executor, look, notes)


def _on_functions(
    experiments: Sequence[Experiment], file: FunctionFile | None, device: torch.device
) -> Training:
    source = source_of(regression(experiments[0]), file, device)
    learner = function_learner_of(experiments, device, source.scaling.y_unit)
    tasks = RegressionTasks(experiments, device, source)
    outer_step = OuterStep(experiments, None, device, learner, tasks)

    def examine(member: int) -> Generator[int, None, Examined]:
        weights = outer_step.members[member]
        return validated_functions(experiments[member], weights, device, source)

    def executor(step: int, log: Callable[[str], None]) -> StepExecutor:
        return eager_executor(outer_step)

    return Training(outer_step, examine, executor)


def _looked_at(probes: Probes, outer_step: OuterStep, step: int) -> Iterator[Latents]:
    parameters: Any = outer_step.members[0]
    return probes.if_due(step, parameters)


def _on_pictures(
    run: Run, learner: Backbone, store: EmbeddingStore, device: torch.device
) -> Training:
    # Here, so that whoever trains on embeddings need not wait for networks of pictures.
    from engine.pretraining import PretrainingStep, load_pictures

    experiment = run.experiment
    require_fit(experiment, store.path.name, store.splits)
    pictures = load_pictures(learner, store, experiment.data.train_splits, device)
    validation = load_pictures(learner, store, [VALIDATION_SPLIT], device)
    step = PretrainingStep(experiment, learner, pictures, validation, device)

    def examine(member: int) -> Generator[int, None, Examined]:
        examples = yield from retold(step.examined(), lambda _: 0)  # no episode is done yet
        examples = replace(examples, sampling=sampling_of(run, store, [VALIDATION_SPLIT]))
        return (
            yield from evaluation(nearest_class_mean, examples, validation_protocol(experiment))
        )

    def executor(first: int, log: Callable[[str], None]) -> StepExecutor:
        return EagerExecutor(step)

    return Training(step, examine, executor)

"""Evaluation of what a run has learned, kept with the run."""

from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.baselines import nearest_class_mean
from engine.config import why_other_episodes
from engine.data.store import EmbeddingStore
from engine.devices import choose_device
from engine.errors import BadInput
from engine.evaluation import (
    Classifier,
    EvaluationResult,
    Protocol,
    evaluation,
    paired_difference,
)
from engine.leo.model import Parameters
from engine.leo.variants import classifier_of
from engine.runs import Run

Steps = Generator[int, None, EvaluationResult]
"""Yields how many episodes are done."""


def evaluate_checkpoint(
    run: Run, step: int, store: EmbeddingStore, split: str, episodes: int, device: str | None = None
) -> Steps:
    """Evaluate the weights that a run had at a step.

    Parameters
    ----------
    run, step
        The run and the step of one of its checkpoints.
    store, split
        The run's store (see `engine.starting.store_of`) and one of its splits.
    episodes
        How many; always the same ones.
    device
        Where to compute; by default where the run was trained.

    Raises
    ------
    BadInput
        If the checkpoint or the split is missing, or the split does not fit the task.
    """
    place = choose_device(device or run.experiment.run.device)
    weights = run.checkpoint(str(step)).weights()
    parameters = Parameters(*(weights[field].to(place) for field in Parameters._fields))
    classifier = classifier_of(run.experiment, parameters)
    return _evaluation(classifier, run, store, split, episodes, device)


def evaluate_baseline(
    run: Run, store: EmbeddingStore, split: str, episodes: int, device: str | None = None
) -> Steps:
    """Evaluate nearest class mean on the episodes of a run's evaluation."""
    return _evaluation(nearest_class_mean, run, store, split, episodes, device)


def _evaluation(
    classifier: Classifier,
    run: Run,
    store: EmbeddingStore,
    split: str,
    episodes: int,
    device: str | None,
) -> Steps:
    experiment, task = run.experiment, run.experiment.task
    place = choose_device(device or experiment.run.device)
    examples = store.load([split], normalize=experiment.data.normalize).to(place)
    protocol = Protocol(task.n_way, task.k_shot, task.examples_per_class, episodes)
    return evaluation(classifier, examples, protocol)


def require_same_episodes(run: Run, other: Run) -> None:
    """Raise `BadInput` unless both runs meet the same episodes of the same classes."""
    stores = run.record.store.splits, other.record.store.splits
    if reason := why_other_episodes(run.experiment, other.experiment, stores):
        raise BadInput(f"{run.name} and {other.name} cannot be compared: {reason}")


def report_of(run: Run, step: int, result: EvaluationResult) -> dict[str, Any]:
    """Return an evaluation as plain containers for JSON."""
    return {"run": str(run.path), "checkpoint_step": step, **result.to_dict()}


def paired_with(other: str, result: EvaluationResult, opponent: EvaluationResult) -> dict[str, Any]:
    """Return the part of a report that compares it with `opponent`, called `other`."""
    difference = paired_difference(result, opponent)
    return {
        "other": other,
        "other_accuracy": opponent.accuracy,
        "other_ci95": opponent.ci95,
        **asdict(difference),
        "excludes_zero": difference.excludes_zero,
    }


def keep_report(run: Run, report: dict[str, Any], result: EvaluationResult) -> Path:
    """Keep a report with its run, together with the accuracy of every episode."""
    name = f"{result.split}-step-{report['checkpoint_step']:09d}-{len(result.accuracies)}"
    return run.save_evaluation(name, report | {"accuracies": result.accuracies.tolist()})

"""The trained model to export: a run's weights at a step, its settings and its evaluations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.config import Experiment, Regression
from engine.data.features import Features
from engine.evaluation.record import Evaluation, kept_evaluations
from engine.evaluation.regression.record import (
    RegressionEvaluation,
    kept_regression_evaluations,
)
from engine.learners.catalogue import learner_kind
from engine.learners.layout import named_weights
from engine.learners.registry import learner_of
from engine.runs.checkpoints import Checkpoint
from engine.runs.record import StoreRecord
from engine.runs.run import Run


@dataclass(frozen=True, slots=True)
class Trained:
    """The weights of one checkpoint, on the CPU, and where they are from."""

    run: Run
    checkpoint: Checkpoint
    weights: Any  # the learner's own named tuple; see `engine.learners.layout.Weights`
    features: Features  # what is done to embeddings first
    evaluations: Sequence[Evaluation]  # of these weights
    regression_evaluations: Sequence[RegressionEvaluation]  # the same on functions

    @property
    def experiment(self) -> Experiment:
        """All settings."""
        return self.run.experiment

    @property
    def store(self) -> StoreRecord:
        """What it was trained on; its path is this machine's and goes nowhere."""
        return self.run.record.store

    @property
    def tensors(self) -> dict[str, Tensor]:
        """The weights by name; see `engine.export.weights`."""
        tensors: dict[str, Tensor] = self.weights._asdict()
        return tensors

    def facts(self) -> dict[str, str]:
        """Return what a file says of itself, as texts."""
        learner = self.experiment.learner.in_effect()
        said = learner_kind(self.experiment).description
        return {
            "made_by": "LEO Studio",
            "run": self.run.name,
            "run_id": self.run.record.id,
            "step": str(self.checkpoint.step),
            # A file that names no learner is of LEO: the only one when its files had these facts.
            said.choice if said.choice != "kind" else "learner": getattr(learner, said.choice),
            **self._task_facts(),
            **{name: str(getattr(learner, name)) for name in said.facts},
            **self._store_facts(),
        }

    def _task_facts(self) -> dict[str, str]:
        task = self.experiment.task
        if isinstance(task, Regression) and task.functions:
            scaling = self.store.scaling.items()
            return {
                "functions": self.store.name,
                "functions_fingerprint": self.store.fingerprint,
                **{name: repr(number) for name, number in scaling},
                "k_shot": str(task.k_shot),
                "noise": str(task.noise),
            }
        if isinstance(task, Regression):
            return {
                "families": ",".join(task.families),
                "k_shot": str(task.k_shot),
                "noise": str(task.noise),
            }
        return {"n_way": str(task.n_way), "k_shot": str(task.k_shot)}

    def _store_facts(self) -> dict[str, str]:
        if not self.experiment.task.needs_store:
            return {}
        return {
            "embedding_dim": str(self.store.embedding_dim),
            **({} if self.features.power is None else {"power": repr(self.features.power)}),
            "normalizes_embeddings": str(self.features.normalize).lower(),
            "store": self.store.name,
            "store_fingerprint": self.store.fingerprint,
        }


def trained(run: Run, which: str | None = None) -> Trained:
    """Load the trained model of a run.

    Parameters
    ----------
    run
        The run; it may be training.
    which
        "best", "last" or a step; see `Run.checkpoint`.

    Raises
    ------
    BadInput
        If there is no such checkpoint, or it is damaged.
    """
    checkpoint = run.checkpoint(which)
    cpu = torch.device("cpu")
    features = run.features()
    size = features.seen_size(run.record.store.embedding_dim)
    learner = learner_of(run.experiment, size, cpu)
    weights = named_weights(learner.weights_type, checkpoint.weights(), cpu)
    step = checkpoint.step
    of_classes, of_functions = _evaluations(run, step), _on_functions(run, step)
    return Trained(run, checkpoint, weights, features, of_classes, of_functions)


def _evaluations(run: Run, step: int) -> list[Evaluation]:
    """Return the kept evaluations of the weights at a step, without where runs lie."""
    kept = kept_evaluations(run.path).evaluations
    return [each.without_paths() for each in kept if each.step == step]


def _on_functions(run: Run, step: int) -> list[RegressionEvaluation]:
    """Return the same of evaluations on functions."""
    kept = kept_regression_evaluations(run.path).records
    return [each.model_copy(update={"run": ""}) for each in kept if each.checkpoint_step == step]

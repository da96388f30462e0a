"""The trained model to export: a run's weights at a step, its settings and its evaluations."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from engine.config import Experiment, leo_settings
from engine.evaluation.record import Evaluation, kept_evaluations
from engine.learners.leo.model import Parameters
from engine.learners.leo.trajectory import Model
from engine.learners.leo.variants import model_of
from engine.runs.checkpoints import Checkpoint
from engine.runs.record import StoreRecord
from engine.runs.run import Run


@dataclass(frozen=True, slots=True)
class Trained:
    """The weights of one checkpoint, on the CPU, and where they are from."""

    run: Run
    checkpoint: Checkpoint
    model: Model
    evaluations: Sequence[Evaluation]  # of these weights

    @property
    def experiment(self) -> Experiment:
        """All settings."""
        return self.run.experiment

    @property
    def store(self) -> StoreRecord:
        """What it was trained on; its path is this machine's and goes nowhere."""
        return self.run.record.store

    @property
    def is_normalized(self) -> bool:
        """Whether embeddings are divided by their norms before anything else."""
        return self.experiment.data.normalize

    @property
    def tensors(self) -> dict[str, Tensor]:
        """The weights by name; see `engine.export.weights`."""
        return self.model.parameters._asdict()

    def facts(self) -> dict[str, str]:
        """Return what a file says of itself, as texts."""
        task, leo = self.experiment.task, leo_settings(self.experiment)
        return {
            "made_by": "LEO Studio",
            "run": self.run.name,
            "run_id": self.run.record.id,
            "step": str(self.checkpoint.step),
            "variant": leo.variant,
            "n_way": str(task.n_way),
            "k_shot": str(task.k_shot),
            "inner_steps": str(self.model.inner_steps),
            "finetuning_steps": str(self.model.finetuning_steps),
            "latent_size": str(leo.latent_size),
            "embedding_dim": str(self.model.parameters.embedding_dim),
            "normalizes_embeddings": str(self.is_normalized).lower(),
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
    weights = checkpoint.weights()
    parameters = Parameters(*(weights[field] for field in Parameters._fields))
    model = model_of(leo_settings(run.experiment), parameters)
    return Trained(run, checkpoint, model, _evaluations(run, checkpoint.step))


def _evaluations(run: Run, step: int) -> list[Evaluation]:
    """Return the kept evaluations of the weights at a step, without where runs lie."""
    kept = kept_evaluations(run.path).evaluations
    return [each.without_paths() for each in kept if each.step == step]

"""The catalogue of learners: what is said of each without importing torch, and where its code is.

Whatever asks what a learner can do asks here, so that a new one needs its own folder, its settings
in `engine.config`, and an entry in this file. See `docs/adding_a_learner.md`.
"""

from dataclasses import dataclass

from engine.config import Experiment
from engine.learners.columns import ColumnSpec
from engine.learners.leo.columns import COLUMNS as LEO_COLUMNS


@dataclass(frozen=True, slots=True)
class LearnerKind:
    """A kind of learner.

    Attributes
    ----------
    title
        What people call it.
    module
        Where its class is, which needs torch: "engine.learners.leo.learner:LeoLearner".
    columns
        What each outer step reports, in the order of train.csv: the loss first, the norm of the
        gradient last. None for a learner that needs no training.
    has_latent_space
        Whether it has codes to look at: probes, inspections, projections.
    has_programs
        Whether its adaptation can be exported as programs (ONNX, torch.export).
    advice
        What to lower when its loss stays not-a-number.
    """

    title: str
    module: str
    columns: tuple[ColumnSpec, ...] = ()
    has_latent_space: bool = False
    has_programs: bool = False
    advice: str = "optimizer.outer_lr"

    @property
    def is_trained(self) -> bool:
        """Whether it is meta-trained; otherwise it goes straight to evaluation."""
        return bool(self.columns)


LEARNERS = {
    "leo": LearnerKind(
        "LEO",
        "engine.learners.leo.learner:LeoLearner",
        LEO_COLUMNS,
        has_latent_space=True,
        has_programs=True,
        advice="optimizer.outer_lr or learner.inner_lr",
    ),
}
"""By `learner.kind`."""


def learner_kind(experiment: Experiment) -> LearnerKind:
    """Return the kind of an experiment's learner."""
    return LEARNERS["leo"]

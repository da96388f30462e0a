"""The catalogue of learners: what is said of each without importing torch.

Whatever asks what a learner can do asks here, so that a new one needs its own folder, its settings
in `engine.config`, and an entry here and in `engine.learners.registry`; see
`docs/adding_a_learner.md`.
"""

from dataclasses import dataclass

from engine.config import Experiment
from engine.learners.columns import ColumnSpec
from engine.learners.leo.columns import COLUMNS as LEO_COLUMNS
from engine.learners.protonet.columns import COLUMNS as PROTONET_COLUMNS


@dataclass(frozen=True, slots=True)
class LearnerKind:
    """A kind of learner.

    Attributes
    ----------
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

    columns: tuple[ColumnSpec, ...] = ()
    has_latent_space: bool = False
    has_programs: bool = False
    advice: str = "optimizer.outer_lr"


LEARNERS = {
    "leo": LearnerKind(
        LEO_COLUMNS,
        has_latent_space=True,
        has_programs=True,
        advice="optimizer.outer_lr or learner.inner_lr",
    ),
    "protonet": LearnerKind(PROTONET_COLUMNS),
    "ridge": LearnerKind(),
}
"""By `learner.kind`. Their titles, and whether they are trained, stand with their settings."""


def learner_kind(experiment: Experiment) -> LearnerKind:
    """Return the kind of an experiment's learner."""
    return LEARNERS[experiment.learner.kind]

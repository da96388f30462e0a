"""The catalogue of learners: what is said of each without importing torch.

Whatever asks what a learner can do asks here, so that a new one needs its own folder, its settings
in `engine.config`, and an entry here and in `engine.learners.registry`; see
`docs/adding_a_learner.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.config import Experiment
from engine.learners.backbone.columns import COLUMNS as BACKBONE_COLUMNS
from engine.learners.backbone.description import DESCRIPTION as BACKBONE
from engine.learners.baselines.descriptions import (
    CLASS_MEAN,
    DISCRIMINANT,
    LOGISTIC,
    NEIGHBOURS,
    RIDGE,
)
from engine.learners.columns import ColumnSpec
from engine.learners.description import Description
from engine.learners.leo.columns import COLUMNS as LEO_COLUMNS
from engine.learners.leo.description import DESCRIPTION as LEO
from engine.learners.leo.description import program_names as leo_program_names
from engine.learners.leo_regression.columns import COLUMNS as LEO_REGRESSION_COLUMNS
from engine.learners.leo_regression.description import DESCRIPTION as LEO_REGRESSION
from engine.learners.linear_embedding.columns import COLUMNS as LINEAR_EMBEDDING_COLUMNS
from engine.learners.linear_maml.columns import COLUMNS as LINEAR_MAML_COLUMNS
from engine.learners.linear_maml.description import DESCRIPTION as LINEAR_MAML
from engine.learners.maml.columns import COLUMNS as MAML_COLUMNS
from engine.learners.maml.description import DESCRIPTION as MAML
from engine.learners.matching.description import DESCRIPTION as MATCHING
from engine.learners.protonet.description import DESCRIPTION as PROTONET
from engine.learners.transductive.descriptions import ALPHA_TIM, SOFT_KMEANS


@dataclass(frozen=True, slots=True)
class LearnerKind:
    """A kind of learner.

    Attributes
    ----------
    description
        What files that leave the studio say of it.
    columns
        What each outer step reports, in the order of train.csv: the loss first, the norm of the
        gradient last. None for a learner that needs no training.
    has_latent_space
        Whether it has codes to look at: probes, inspections, projections.
    has_path
        Whether it adapts a linear classifier by gradient steps, whose curvature can be measured:
        its learner is an `engine.learners.adaptation_path.PathLearner`.
    program_names
        Returns, for its settings, the names of the programs that its adaptation can be exported as
        (ONNX, torch.export); None for a learner that has none.
    advice
        What to lower when its loss stays not-a-number.
    """

    description: Description
    columns: tuple[ColumnSpec, ...] = ()
    has_latent_space: bool = False
    has_path: bool = False
    program_names: Callable[[Any], tuple[str, ...]] | None = None
    advice: str = "optimizer.outer_lr"

    @property
    def has_programs(self) -> bool:
        """Whether its adaptation can be exported as programs."""
        return self.program_names is not None


LEARNERS = {
    "leo": LearnerKind(
        LEO,
        LEO_COLUMNS,
        has_latent_space=True,
        has_path=True,
        program_names=leo_program_names,
        advice="optimizer.outer_lr or learner.inner_lr",
    ),
    "protonet": LearnerKind(PROTONET, LINEAR_EMBEDDING_COLUMNS),
    "matching": LearnerKind(MATCHING, LINEAR_EMBEDDING_COLUMNS),
    "linear_maml": LearnerKind(
        LINEAR_MAML,
        LINEAR_MAML_COLUMNS,
        has_path=True,
        advice="optimizer.outer_lr or learner.inner_lr",
    ),
    "class_mean": LearnerKind(CLASS_MEAN),
    "ridge": LearnerKind(RIDGE),
    "logistic": LearnerKind(LOGISTIC),
    "discriminant": LearnerKind(DISCRIMINANT),
    "neighbours": LearnerKind(NEIGHBOURS),
    "soft_kmeans": LearnerKind(SOFT_KMEANS),
    "alpha_tim": LearnerKind(ALPHA_TIM),
    "backbone": LearnerKind(BACKBONE, BACKBONE_COLUMNS, advice="learner.lr"),
    "leo_regression": LearnerKind(LEO_REGRESSION, LEO_REGRESSION_COLUMNS),
    "maml": LearnerKind(MAML, MAML_COLUMNS, advice="optimizer.outer_lr or learner.inner_lr"),
}
"""By `learner.kind`. Their titles, and whether they are trained, stand with their settings."""


def learner_kind(experiment: Experiment) -> LearnerKind:
    """Return the kind of an experiment's learner."""
    return LEARNERS[experiment.learner.kind]

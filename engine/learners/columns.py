"""Columns: what a learner reports of every outer step, for train.csv, curves and event files."""

from dataclasses import dataclass

from engine.tasks.scores import ACCURACY, LOSS, Quantity

LEARNING_RATES = Quantity("learning_rates", "Learning rates", "learned step size", is_log=True)
GRADIENT_NORM = Quantity("gradient_norm", "Gradient norm", "norm before clipping")


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A number that is reported of every outer step."""

    name: str  # in train.csv
    label: str  # in a legend
    description: str
    quantity: Quantity  # its plot
    tag: str  # in TensorBoard's event files
    is_drawn: bool = True  # whether its curve is drawn before a person says anything
    long_label: str = ""  # where there is room for it; the label by default
    is_log: bool = False  # whether its plot begins logarithmic, though its quantity's does not


PENALISED_LOSS_COLUMN = ColumnSpec(
    "loss", "loss", "What is minimised: query loss and weighted L2", LOSS, "training/loss"
)
QUERY_LOSS_COLUMN = ColumnSpec(
    "query_loss",
    "query loss",
    "Cross-entropy on the queries after adaptation",
    LOSS,
    "training/query_loss",
)
QUERY_ACCURACY_COLUMN = ColumnSpec(
    "query_accuracy",
    "training queries",
    "Accuracy on the training episodes",
    ACCURACY,
    "training/query_accuracy",
)
INNER_LR_COLUMN = ColumnSpec(
    "inner_lr",
    "inner loop",
    "Mean step size on the weights (α); learned by Meta-SGD alone",
    LEARNING_RATES,
    "learning_rates/inner",
)
GRADIENT_NORM_COLUMN = ColumnSpec(
    "gradient_norm",
    "gradient",
    "Norm of the meta-gradient before it is clipped",
    GRADIENT_NORM,
    "training/gradient_norm",
)
"""The last column of every learner that is trained; the outer step measures it."""

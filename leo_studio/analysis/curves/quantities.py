"""The plots that there are, and the quantities that each draws."""

from dataclasses import dataclass
from typing import Literal

XAxis = Literal["step", "time", "episodes"]
X_AXES: tuple[XAxis, ...] = ("step", "time", "episodes")
Source = Literal["training", "validation"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One curve of a run: a column of train.csv or validation.csv."""

    column: str
    label: str
    tip: str
    source: Source = "training"
    is_on: bool = True  # whether it is drawn before a person says anything

    @property
    def key(self) -> str:
        """Its name, unique in its plot."""
        return f"{self.source}.{self.column}"


@dataclass(frozen=True, slots=True)
class PlotKind:
    """One plot."""

    name: str
    title: str
    y_label: str
    quantities: tuple[Quantity, ...]
    is_log: bool = False  # how its y axis begins
    is_percentage: bool = False  # the columns hold fractions, and people read percent
    is_shown: bool = True


PLOTS = (
    PlotKind(
        "loss",
        "Loss",
        "loss (nats)",
        (
            Quantity("loss", "loss", "What is minimised: query loss and weighted penalties"),
            Quantity("query_loss", "query loss", "Cross-entropy on the queries after adaptation"),
            Quantity("kl", "KL", "Divergence of the codes from the prior, unweighted", is_on=False),
            Quantity(
                "encoder_penalty",
                "encoder penalty",
                "Mean squared distance between initial and adapted codes, unweighted",
                is_on=False,
            ),
            Quantity("l2", "L2", "Weighted L2 term on the weight matrices", is_on=False),
            Quantity(
                "orthogonality",
                "orthogonality",
                "Weighted correlation of the decoder's rows",
                is_on=False,
            ),
        ),
    ),
    PlotKind(
        "accuracy",
        "Accuracy",
        "accuracy (%)",
        (
            Quantity("query_accuracy", "training queries", "Accuracy on the training episodes"),
            Quantity(
                "accuracy",
                "validation",
                "Accuracy on the validation episodes; bars are its 95 % confidence interval",
                "validation",
            ),
        ),
        is_percentage=True,
    ),
    PlotKind(
        "learning_rates",
        "Learning rates",
        "learned step size",
        (
            Quantity("inner_lr", "inner loop", "Mean learned step size on latent codes (α)"),
            Quantity("finetuning_lr", "fine-tuning", "Mean learned step size on weights"),
        ),
        is_log=True,
    ),
    PlotKind(
        "gradient_norm",
        "Gradient norm",
        "norm before clipping",
        (Quantity("gradient_norm", "gradient", "Norm of the meta-gradient before it is clipped"),),
    ),
    PlotKind(
        "throughput",
        "Throughput",
        "outer steps per second",
        (Quantity("steps_per_second", "steps/s", "Outer steps per second of training"),),
    ),
    PlotKind(
        "validation",
        "Validation loss and calibration",
        "loss (nats), error (0 to 1)",
        (
            Quantity("loss", "loss", "Cross-entropy on the validation episodes", "validation"),
            Quantity(
                "calibration_error",
                "calibration error",
                "How far confidence is from accuracy, 0 to 1",
                "validation",
            ),
        ),
        is_shown=False,
    ),
)

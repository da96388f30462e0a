"""The columns of pre-training's train.csv, in their order."""

from engine.learners.columns import GRADIENT_NORM_COLUMN, ColumnSpec
from engine.tasks.scores import ACCURACY, LOSS, Quantity

STEP_SIZE = Quantity("step_size", "Step size", "step size", is_log=True)
DATA_WAIT = Quantity(
    "data_wait", "Waiting for data", "share of a step (%)", is_fraction=True, is_shown=False
)

COLUMNS = (
    ColumnSpec("loss", "loss", "What is minimised", LOSS, "training/loss"),
    ColumnSpec(
        "batch_accuracy",
        "training pictures",
        "Accuracy on the batch, as it is augmented",
        ACCURACY,
        "training/batch_accuracy",
    ),
    ColumnSpec(
        "rotation_loss",
        "rotation loss",
        "Cross-entropy of telling by how many quarters pictures were turned; 0 where it is off",
        LOSS,
        "training/rotation_loss",
        is_drawn=False,
    ),
    ColumnSpec("lr", "SGD", "Step size of this step", STEP_SIZE, "learning_rates/sgd"),
    ColumnSpec(
        "data_wait",
        "waiting",
        "Share of the step in which its pictures were made ready",
        DATA_WAIT,
        "time/data_wait",
    ),
    GRADIENT_NORM_COLUMN,
)

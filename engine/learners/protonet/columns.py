"""The columns of a prototypical network's train.csv, in their order."""

from engine.learners.columns import GRADIENT_NORM_COLUMN, ColumnSpec
from engine.tasks.scores import ACCURACY, LOSS

COLUMNS = (
    ColumnSpec(
        "loss", "loss", "What is minimised: query loss and weighted L2", LOSS, "training/loss"
    ),
    ColumnSpec(
        "query_loss",
        "query loss",
        "Cross-entropy on the queries",
        LOSS,
        "training/query_loss",
    ),
    ColumnSpec(
        "query_accuracy",
        "training queries",
        "Accuracy on the training episodes",
        ACCURACY,
        "training/query_accuracy",
    ),
    ColumnSpec(
        "l2", "L2", "Weighted L2 term on the projection", LOSS, "penalties/l2", is_drawn=False
    ),
    GRADIENT_NORM_COLUMN,
)

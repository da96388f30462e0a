"""Columns that learners of regression share."""

from engine.learners.columns import ColumnSpec
from engine.tasks.scores import ERROR, LOSS

LOSS_COLUMN = ColumnSpec(
    "loss",
    "loss",
    "What is minimised; what it measures changes with the phases of training",
    LOSS,
    "training/loss",
    is_drawn=False,
)
ERROR_COLUMN = ColumnSpec(
    "query_error",
    "training queries",
    "Mean squared error on the noisy queries of the training tasks",
    ERROR,
    "training/query_error",
)

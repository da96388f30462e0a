"""The columns of MAML's train.csv, in their order."""

from engine.learners.columns import GRADIENT_NORM_COLUMN, LEARNING_RATES, ColumnSpec
from engine.learners.regression_columns import ERROR_COLUMN, LOSS_COLUMN

COLUMNS = (
    LOSS_COLUMN,
    ERROR_COLUMN,
    ColumnSpec(
        "inner_lr",
        "inner loop",
        "Mean step size on the weights (α); learned by Meta-SGD alone",
        LEARNING_RATES,
        "learning_rates/inner",
    ),
    GRADIENT_NORM_COLUMN,
)

"""The columns of MAML's train.csv, in their order."""

from engine.learners.columns import GRADIENT_NORM_COLUMN, INNER_LR_COLUMN
from engine.learners.regression_columns import ERROR_COLUMN, LOSS_COLUMN

COLUMNS = (
    LOSS_COLUMN,
    ERROR_COLUMN,
    INNER_LR_COLUMN,
    GRADIENT_NORM_COLUMN,
)

"""The columns of the train.csv of MAML on a linear classifier, in their order."""

from engine.learners.columns import (
    GRADIENT_NORM_COLUMN,
    INNER_LR_COLUMN,
    PENALISED_LOSS_COLUMN,
    QUERY_ACCURACY_COLUMN,
    QUERY_LOSS_COLUMN,
    ColumnSpec,
)
from engine.tasks.scores import LOSS

COLUMNS = (
    PENALISED_LOSS_COLUMN,
    QUERY_LOSS_COLUMN,
    QUERY_ACCURACY_COLUMN,
    ColumnSpec(
        "l2", "L2", "Weighted L2 term on the initial weights", LOSS, "penalties/l2", is_drawn=False
    ),
    INNER_LR_COLUMN,
    GRADIENT_NORM_COLUMN,
)

"""The columns of train.csv of a learner with a learned linear embedding, in their order."""

from engine.learners.columns import (
    GRADIENT_NORM_COLUMN,
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
        "l2", "L2", "Weighted L2 term on the projection", LOSS, "penalties/l2", is_drawn=False
    ),
    GRADIENT_NORM_COLUMN,
)

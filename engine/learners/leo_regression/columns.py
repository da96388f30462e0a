"""The columns of the train.csv of LEO for regression, in their order."""

from dataclasses import replace

from engine.learners.columns import GRADIENT_NORM_COLUMN, LEARNING_RATES, ColumnSpec
from engine.learners.regression_columns import ERROR_COLUMN, LOSS_COLUMN
from engine.tasks.scores import LOSS, Quantity

DEVIATION = Quantity("deviation", "Spread of codes", "standard deviation", is_log=True)

COLUMNS = (
    replace(LOSS_COLUMN, is_log=True),  # the last phase's is a thousand times that of the first
    ERROR_COLUMN,
    ColumnSpec(
        "kl",
        "KL",
        "Divergence of the codes from the prior, unweighted",
        LOSS,
        "penalties/kl",
        is_drawn=False,
        long_label="KL divergence",
    ),
    ColumnSpec(
        "encoder_penalty",
        "encoder penalty",
        "Squared distance between initial and adapted codes, unweighted",
        LOSS,
        "penalties/encoder_penalty",
        is_drawn=False,
    ),
    ColumnSpec(
        "deviation",
        "codes",
        "Mean standard deviation of the encoded distribution over codes",
        DEVIATION,
        "codes/deviation",
    ),
    ColumnSpec(
        "inner_lr",
        "inner loop",
        "Mean learned step size on latent codes (α)",
        LEARNING_RATES,
        "learning_rates/inner",
    ),
    GRADIENT_NORM_COLUMN,
)

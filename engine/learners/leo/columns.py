"""The columns of LEO's train.csv, in their order."""

from engine.learners.columns import (
    GRADIENT_NORM_COLUMN,
    LEARNING_RATES,
    QUERY_ACCURACY_COLUMN,
    QUERY_LOSS_COLUMN,
    ColumnSpec,
)
from engine.tasks.scores import LOSS

COLUMNS = (
    ColumnSpec(
        "loss",
        "loss",
        "What is minimised: query loss and weighted penalties",
        LOSS,
        "training/loss",
    ),
    QUERY_LOSS_COLUMN,
    QUERY_ACCURACY_COLUMN,
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
        "Mean squared distance between initial and adapted codes, unweighted",
        LOSS,
        "penalties/encoder_penalty",
        is_drawn=False,
    ),
    ColumnSpec(
        "l2",
        "L2",
        "Weighted L2 term on the weight matrices",
        LOSS,
        "penalties/l2",
        is_drawn=False,
        long_label="L2, weighted",
    ),
    ColumnSpec(
        "orthogonality",
        "orthogonality",
        "Weighted correlation of the decoder's rows",
        LOSS,
        "penalties/orthogonality",
        is_drawn=False,
        long_label="orthogonality, weighted",
    ),
    ColumnSpec(
        "inner_lr",
        "inner loop",
        "Mean learned step size on latent codes (α)",
        LEARNING_RATES,
        "learning_rates/inner",
    ),
    ColumnSpec(
        "finetuning_lr",
        "fine-tuning",
        "Mean learned step size on weights",
        LEARNING_RATES,
        "learning_rates/finetuning",
    ),
    GRADIENT_NORM_COLUMN,
)

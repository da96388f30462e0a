"""The description of MAML in what leaves the studio."""

from engine.learners.description import Description

DESCRIPTION = Description(
    "Model-Agnostic Meta-Learning (Finn et al., ICML 2017); with learned step sizes Meta-SGD "
    "(Li et al. 2017)",
    "1703.03400",
    ("few-shot-regression", "meta-learning", "maml"),
    facts=("inner_steps", "learns_rates", "hidden_units"),
    rows=(("inner_steps", "inner_lr"), ("learns_rates",), ("hidden_units",)),
)

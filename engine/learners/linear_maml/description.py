"""The description of MAML on a linear classifier in what leaves the studio."""

from engine.learners.description import Description

DESCRIPTION = Description(
    "Model-Agnostic Meta-Learning (Finn et al., ICML 2017) on a linear classifier; with learned "
    "step sizes Meta-SGD (Li et al. 2017)",
    "1703.03400",
    ("few-shot-learning", "meta-learning", "maml"),
    facts=("inner_steps", "learns_rates"),
    rows=(("inner_steps", "inner_lr"), ("learns_rates",)),
)

"""The description of ridge regression in what leaves the studio."""

from engine.learners.description import Description

DESCRIPTION = Description(
    "Ridge regression on the support set (the base learner of Bertinetto et al., Meta-learning "
    "with differentiable closed-form solvers, ICLR 2019)",
    "1805.08136",
    ("few-shot-learning", "ridge-regression"),
    facts=("penalty", "scale"),
    rows=(("penalty",), ("scale",)),
)

"""The descriptions of the baselines in what leaves the studio."""

from engine.learners.description import Description

CLASS_MEAN = Description(
    "Nearest class mean on embeddings (the baseline of Snell et al., Prototypical Networks for "
    "Few-shot Learning, NeurIPS 2017; centred: Wang et al., SimpleShot, 2019)",
    "1911.04623",
    ("few-shot-learning", "nearest-class-mean"),
    facts=("distance", "scale"),
    rows=(("distance",), ("scale",)),
)
RIDGE = Description(
    "Ridge regression on the support set (the base learner of Bertinetto et al., Meta-learning "
    "with differentiable closed-form solvers, ICLR 2019)",
    "1805.08136",
    ("few-shot-learning", "ridge-regression"),
    facts=("penalty", "scale"),
    rows=(("penalty",), ("scale",)),
)
LOGISTIC = Description(
    "Logistic regression on the support set (the baseline of Tian et al., Rethinking Few-Shot "
    "Image Classification: a Good Embedding Is All You Need?, ECCV 2020)",
    "2003.11539",
    ("few-shot-learning", "logistic-regression"),
    facts=("penalty",),
    rows=(("penalty",),),
)
DISCRIMINANT = Description(
    "Linear discriminant analysis on the support set with a shrunk covariance (Friedman, "
    "Regularized Discriminant Analysis, 1989)",
    None,
    ("few-shot-learning", "linear-discriminant-analysis"),
    facts=("shrinkage",),
    rows=(("shrinkage",),),
)
NEIGHBOURS = Description(
    "The nearest neighbours among the support set's examples, which vote by the inverse of their "
    "distance",
    None,
    ("few-shot-learning", "k-nearest-neighbours"),
    facts=("neighbours",),
    rows=(("neighbours",),),
)

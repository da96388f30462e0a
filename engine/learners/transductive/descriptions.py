"""The descriptions of transductive learners in what leaves the studio."""

from engine.learners.description import Description

SOFT_KMEANS = Description(
    "Soft k-means on support and queries (the refined prototypes of Ren et al., Meta-Learning for "
    "Semi-Supervised Few-Shot Classification, ICLR 2018, with queries as what has no labels)",
    "1803.00676",
    ("few-shot-learning", "transductive-learning", "soft-k-means"),
    facts=("refinements", "scale"),
    rows=(("refinements",), ("scale",)),
)
ALPHA_TIM = Description(
    "Alpha-TIM (Veilleux et al., Realistic Evaluation of Transductive Few-Shot Learning, "
    "NeurIPS 2021): gradient steps that raise the information between queries and classes",
    "2204.11181",
    ("few-shot-learning", "transductive-learning", "alpha-tim"),
    facts=("inner_steps", "inner_lr", "scale"),
    rows=(("inner_steps", "inner_lr"), ("scale",)),
)

"""The description of prototypical networks in what leaves the studio."""

from engine.learners.description import Description

DESCRIPTION = Description(
    "Prototypical networks (Snell et al., Prototypical Networks for Few-shot Learning, "
    "NeurIPS 2017) with a linear embedding",
    "1703.05175",
    ("few-shot-learning", "meta-learning", "prototypical-networks"),
    facts=("projected_size",),
    rows=(("projected_size",),),
)

"""The description of matching networks in what leaves the studio."""

from engine.learners.description import Description

DESCRIPTION = Description(
    "Matching networks (Vinyals et al., Matching Networks for One Shot Learning, NeurIPS 2016) "
    "with a linear embedding, without full context embeddings",
    "1606.04080",
    ("few-shot-learning", "meta-learning", "matching-networks"),
    facts=("projected_size", "scale"),
    rows=(("projected_size",), ("scale",)),
)

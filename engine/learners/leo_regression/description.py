"""The description of LEO for regression in what leaves the studio."""

from engine.learners.description import Description

DESCRIPTION = Description(
    "Latent Embedding Optimization (Rusu et al., Meta-Learning with Latent Embedding "
    "Optimization, ICLR 2019), section 5.1, with a recipe and a last phase of our own",
    "1807.05960",
    ("few-shot-regression", "meta-learning", "leo"),
    choice="variant",
    facts=("latent_size", "inner_steps", "hidden_units"),
    rows=(("latent_size",), ("inner_steps", "inner_lr"), ("hidden_units",)),
)

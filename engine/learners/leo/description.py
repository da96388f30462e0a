"""The description of LEO in what leaves the studio."""

from engine.config import Leo
from engine.learners.description import Description

DESCRIPTION = Description(
    "Latent Embedding Optimization (Rusu et al., Meta-Learning with Latent Embedding Optimization, "
    "ICLR 2019)",
    "1807.05960",
    ("few-shot-learning", "meta-learning", "latent-embedding-optimization"),
    choice="variant",
    facts=("inner_steps", "finetuning_steps", "latent_size"),
    rows=(("variant",), ("latent_size",), ("inner_steps", "finetuning_steps")),
)


def program_names(leo: Leo) -> tuple[str, ...]:
    """Return the names of the programs that some settings can be exported as."""
    return ("adapt", "predict", "adapt_sampled") if leo.is_sampled else ("adapt", "predict")

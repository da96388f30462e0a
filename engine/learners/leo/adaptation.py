"""Adaptation as it is evaluated and exported: means, no dropout (Rusu et al. 2019, section 2.3).

Shapes: B tasks, N ways, K shots, D embedding size.
"""

from collections import deque

from torch import Tensor

from engine.learners.leo.model import Parameters
from engine.learners.leo.trajectory import Model, Support, distribution, trajectory


def adapt(
    parameters: Parameters,
    support: Tensor,
    *,
    inner_steps: int,
    finetuning_steps: int,
    has_encoder: bool = True,
) -> Tensor:
    """Turn support sets into classifier weights, (B, N, D); logits are query @ weights^T.

    They are the weights at the last position of a trajectory that starts at the codes' means.

    Parameters
    ----------
    parameters
        LEO's weights.
    support
        Embeddings of the support sets, (B, N, K, D).
    inner_steps, finetuning_steps
        Steps on the codes and then on the weights.
    has_encoder
        False starts from the prior's mean instead of an encoding.
    """
    model = Model(parameters, inner_steps, finetuning_steps, has_encoder, is_sampled=True)
    sets = Support.of(support)
    # One at a time: the positions before need not be kept.
    last = deque(trajectory(model, sets, distribution(model, sets).mean), maxlen=1).pop()
    return last.weights

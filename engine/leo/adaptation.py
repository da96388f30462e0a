"""Adaptation as it is evaluated and exported: means, no dropout (Rusu et al. 2019, section 2.3).

Nothing is sampled, so all copies of a class's code are equal and one stands for them, and the
support set can be taken into latent space once: the inner loop then runs in L dimensions. All of
it is a plain forward pass.

Shapes: B tasks, N ways, K shots, D embedding size, L latent size.
"""

import torch
from torch import Tensor

from engine.leo.model import Parameters, encode
from engine.leo.unrolled import support_gradient, support_labels


def adapt(
    parameters: Parameters,
    support: Tensor,
    *,
    inner_steps: int,
    finetuning_steps: int,
    has_encoder: bool = True,
) -> Tensor:
    """Turn support sets into classifier weights, (B, N, D); logits are query @ weights^T.

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
    b, n, k, d = support.shape
    codes = support.new_zeros(b, n, parameters.latent_size)
    if has_encoder:
        codes = encode(parameters, support).mean
    to_mean = parameters.decoder[:, :d]
    examples = support.reshape(b, n * k, d)
    labels = support_labels(support, n, k)
    codes = adapt_codes(codes, examples @ to_mean.mT, labels, k, parameters.inner_lr, inner_steps)
    weights = codes @ to_mean
    for _ in range(finetuning_steps):
        gradient, _ = support_gradient(examples, weights, labels, k)
        weights = torch.addcmul(weights, parameters.finetuning_lr, gradient, value=-1)
    return weights


def adapt_codes(
    codes: Tensor,
    examples: Tensor,
    labels: Tensor,
    shots: int | Tensor,
    learning_rate: Tensor,
    steps: int,
) -> Tensor:
    """Descend on latent codes (equation 5).

    Logits are x . (W^T z) = (W x) . z, so with `examples` the support set in latent space,
    (B, N K, L), a step on codes (B, N, L) looks just like one on classifier weights.
    """
    for _ in range(steps):
        gradient, _ = support_gradient(examples, codes, labels, shots)
        codes = torch.addcmul(codes, learning_rate, gradient, value=-1)
    return codes

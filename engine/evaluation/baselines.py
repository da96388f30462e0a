"""Baselines, which a learner is compared with."""

import torch
from torch import Tensor


def nearest_class_mean(support: Tensor) -> Tensor:
    """Return the direction of each class's mean embedding as its classifier weight.

    On embeddings of one length the largest product then is the nearest mean by cosine. `support`
    is (B, N, K, D); returns (B, N, D).
    """
    return torch.nn.functional.normalize(support.mean(2), dim=-1)

"""Episodes of varying ways and shots: each has its own, drawn from those that are asked for."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import torch
from torch import Tensor

from engine.data.store import Split
from engine.evaluation.evaluator import Parts
from engine.evaluation.protocol import SEED, Protocol
from engine.tasks.episodes import numbers_from, sample_tasks


def varying_parts(
    split: Split, protocol: Protocol, ways: Sequence[int], shots: Sequence[int]
) -> Parts:
    """Spread the episodes of a protocol over all pairs of ways and shots, each as likely.

    Returns a protocol for each pair that came up, and the numbers of its episodes. Classes have as
    many queries whatever the shots.
    """
    device = split.embeddings.device
    pairs = list(product(sorted(ways), sorted(shots)))
    drawn = sample_tasks(split, SEED, numbers_from(0, protocol.episodes, device), len(pairs))
    queries = protocol.examples_per_class - protocol.k_shot
    parts: list[tuple[Protocol, Tensor]] = []
    for place, (n_way, k_shot) in enumerate(pairs):
        numbers = torch.nonzero(drawn == place).flatten()
        own = replace(
            protocol,
            n_way=n_way,
            k_shot=k_shot,
            examples_per_class=k_shot + queries,
            episodes=len(numbers),
        )
        parts += [(own, numbers)] * bool(len(numbers))
    return parts

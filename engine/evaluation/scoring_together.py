"""Scores of episodes whose queries are seen together, each of its own episode alone.

Shapes: E episodes, N ways, K shots, Q queries of an episode, D embedding size.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from engine.data.store import Split
from engine.evaluation.protocol import SEED, Protocol
from engine.evaluation.scoring import Counts, scores
from engine.tasks.predictor import Predictor, QueryPredictor
from engine.tasks.queries_together import sample_together


@torch.no_grad()
def counted_together(
    adapt: Callable[[Tensor, Tensor], Predictor],
    split: Split,
    protocol: Protocol,
    choose: Callable[[Tensor], Tensor],
    numbers: Tensor,
) -> list[Counts]:
    """Adapt to support sets and queries of some episodes, (E,), and ask about these queries.

    `choose` returns the classes of episodes, (E, N). Returns counts of each way, whose places are
    the episodes' numbers.
    """
    assert protocol.together is not None
    n_way, count = protocol.n_way, len(numbers)
    classes = choose(numbers)
    drawn = sample_together(split, SEED, numbers, classes, protocol.k_shot, protocol.together)
    ways = torch.arange(n_way, device=numbers.device)
    labels = ways[:, None].expand_as(drawn.is_query)[drawn.is_query].view(count, -1)  # (E, Q)
    seen = split.embeddings[drawn.query[drawn.is_query].view(count, -1)]
    predictor = adapt(split.embeddings[drawn.support], seen)
    assert isinstance(predictor, QueryPredictor)
    logits = predictor.own_logits(seen)  # (E, Q, N)
    true_first = logits.gather(-1, (ways + labels[..., None]) % n_way).permute(1, 2, 0)
    return [
        Counts(numbers, classes[:, way], *scores(true_first, (labels == way).mT))
        for way in range(n_way)
    ]

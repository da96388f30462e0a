"""Soft k-means, against a loop over queries."""

import torch
from torch import Tensor

from engine.learners.baselines.class_mean import by_distance
from engine.learners.transductive.soft_kmeans import refined

SCALE = 3.0


def drawn(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def by_loops(support: Tensor, queries: Tensor, refinements: int) -> Tensor:
    """Return the means of one task, (N, D), from its support set (N, K, D) and queries (Q, D)."""
    means = [each.mean(0) for each in support]
    for _ in range(refinements):
        sums = [each.sum(0) for each in support]
        counts = [float(len(each)) for each in support]
        for query in queries:
            closeness = [torch.exp(-SCALE * (query - mean).square().sum()) for mean in means]
            for n, each in enumerate(closeness):
                share = float(each / torch.stack(closeness).sum())
                sums[n] = sums[n] + share * query
                counts[n] += share
        means = [total / count for total, count in zip(sums, counts, strict=True)]
    return torch.stack(means)


def test_means_are_those_of_a_loop_over_queries() -> None:
    support, queries = drawn(3, 4, 2, 6), drawn(3, 9, 6, seed=1)
    found = refined(support, queries, SCALE, 4)
    for task in range(3):
        means = by_loops(support[task], queries[task], 4)
        torch.testing.assert_close(found.weights[task], 2 * SCALE * means)
        assert found.bias is not None
        torch.testing.assert_close(found.bias[task], -SCALE * means.square().sum(-1))


def test_without_refinements_it_is_the_nearest_class_mean() -> None:
    support, queries = drawn(2, 3, 1, 5), drawn(2, 7, 5, seed=1)
    found, expected = refined(support, queries, SCALE, 0), by_distance(support, SCALE)
    torch.testing.assert_close(list(found), list(expected), rtol=0, atol=0)


def test_means_move_to_where_queries_are() -> None:
    """One example of each class lies beside it; the queries lie around its middle."""
    middles = torch.tensor([[2.0, 0.0], [-2.0, 0.0]])
    support = (middles + torch.tensor([0.0, 1.5]))[None, :, None]
    queries = (middles[:, None] + 0.1 * drawn(2, 20, 2).float()).flatten(0, 1)[None]
    means = refined(support, queries, SCALE, 10).weights[0] / (2 * SCALE)
    assert bool(((means - middles).norm(dim=1) < 0.2).all())

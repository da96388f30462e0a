"""How many queries classes have: shares of a Dirichlet distribution, as far as examples last."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.data.store import Split
from engine.tasks.episodes import numbers_from
from engine.tasks.queries_together import dirichlet_counts

CPU = torch.device("cpu")
SPLIT = Split.of("test", torch.zeros(6, 2), torch.tensor([0, 3, 6]), ["a", "b"])


def counts_of(episodes: int, free: list[int], per_class: int, seed: int = 0) -> Tensor:
    numbers = numbers_from(0, episodes, CPU)
    return dirichlet_counts(
        SPLIT, seed, numbers, torch.tensor(free).expand(episodes, -1), per_class
    )


@given(
    per_class=st.integers(1, 20),
    more=st.lists(st.integers(0, 40), min_size=2, max_size=8),
    seed=st.integers(0, 2**40),
)
def test_counts_add_up_and_no_class_gives_more_than_it_has(
    per_class: int, more: list[int], seed: int
) -> None:
    free = [per_class + each for each in more]
    counts = counts_of(7, free, per_class, seed)
    assert counts.dtype == torch.int64
    assert counts.sum(1).tolist() == [len(free) * per_class] * 7
    assert bool((counts >= 0).all())
    assert bool((counts <= torch.tensor(free)).all())


def test_where_classes_have_enough_shares_are_those_of_the_distribution() -> None:
    """Of concentration 2 for each of 5: mean 1/5, variance 2 * 8 / (10^2 * 11)."""
    episodes, total = 20_000, 5 * 2000
    shares = counts_of(episodes, [total] * 5, 2000).double() / total
    deviation = (16 / 1100) ** 0.5
    assert bool(((shares.mean(0) - 0.2).abs() < 4 * deviation / episodes**0.5).all())
    torch.testing.assert_close(
        shares.var(0), torch.full((5,), 16 / 1100).double(), rtol=0.05, atol=0
    )


def test_an_episodes_counts_depend_on_its_number_and_seed_alone() -> None:
    every = counts_of(50, [60] * 4, 15)
    numbers = torch.tensor([41, 3])
    some = dirichlet_counts(SPLIT, 0, numbers, torch.full((2, 4), 60), 15)
    assert torch.equal(some, every[numbers])
    assert not torch.equal(counts_of(50, [60] * 4, 15, seed=1), every)
    assert len({tuple(each) for each in every.tolist()}) > 40


def test_what_small_classes_lack_others_give() -> None:
    """No class has more than the average, so all give all that they have."""
    assert counts_of(5, [4, 4, 4], 4).tolist() == [[4, 4, 4]] * 5
    counts = counts_of(200, [4, 4, 100], 4)
    assert bool((counts[:, 2] == 12 - counts[:, :2].sum(1)).all())
    assert int(counts[:, 2].max()) > 4

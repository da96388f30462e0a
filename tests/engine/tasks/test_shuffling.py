import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.tasks.shuffling import shuffled


@given(
    key=st.integers(-(2**63), 2**63 - 1),
    size=st.one_of(st.integers(1, 300), st.integers(2**31 - 9, 2**31)),
    count=st.integers(1, 40),
)
def test_what_comes_first_is_distinct_and_there(key: int, size: int, count: int) -> None:
    found = shuffled(torch.tensor(key), torch.tensor(size), min(count, size))
    assert len(set(found.tolist())) == len(found)
    assert 0 <= int(found.min()) <= int(found.max()) < size


@given(key=st.integers(-(2**63), 2**63 - 1), size=st.integers(2, 60))
def test_all_places_together_are_a_permutation(key: int, size: int) -> None:
    found = shuffled(torch.tensor([key]), torch.tensor([size]), size)
    assert found.sort().values.tolist() == [list(range(size))]


def test_the_first_ones_depend_neither_on_how_many_nor_on_the_batch() -> None:
    keys, sizes = torch.arange(12).view(3, 4), torch.arange(20, 32).view(3, 4)
    together = shuffled(keys, sizes, 19)
    assert torch.equal(shuffled(keys, sizes, 5), together[..., :5])
    assert torch.equal(shuffled(keys[1, 2], sizes[1, 2], 19), together[1, 2])


def test_places_that_are_not_there_hold_a_number_that_is() -> None:
    found = shuffled(torch.arange(50), torch.full((50,), 3), 10)
    assert 0 <= int(found.min()) <= int(found.max()) < 3
    assert found[:, :3].sort().values.tolist() == [[0, 1, 2]] * 50


def test_every_order_is_as_likely() -> None:
    """Pearson's statistic of the first three of seven: 209 expected, with a deviation of 20."""
    keys = torch.arange(210_000)
    first, second, third = shuffled(keys, torch.full_like(keys, 7), 3).unbind(1)
    counts = (first * 49 + second * 7 + third).bincount(minlength=343)
    assert int((counts > 0).sum()) == 7 * 6 * 5
    statistic = ((counts[counts > 0] - 1000.0) ** 2 / 1000).sum()
    assert 209 - 4 * 20 < float(statistic) < 209 + 4 * 20


def test_neighbours_part_ways() -> None:
    keys = torch.arange(20_000)
    found = shuffled(keys, torch.full_like(keys, 100_000), 2)
    apart = (found[:, 0] - found[:, 1]).abs()
    assert int((apart == 1).sum()) < 8  # 0.4 expected
    assert abs(float(apart.double().mean()) - 100_000 / 3) < 1000

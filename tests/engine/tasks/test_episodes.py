from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.data.splits import Sampling
from engine.data.store import Split
from engine.errors import BadInput
from engine.learners.leo.adaptation import adapt
from engine.tasks.episodes import (
    Episodes,
    nearest_classes,
    numbers_from,
    require_enough,
    sample_classes,
    sample_episodes,
    sample_examples,
    sample_near_classes,
)
from tests.problems import random_parameters, random_tasks

CPU = torch.device("cpu")


def split_of(sizes: list[int], name: str = "train") -> Split:
    offsets = torch.tensor([0, *sizes]).cumsum(0)
    names = [f"class-{index}" for index in range(len(sizes))]
    return Split.of(name, torch.zeros(sum(sizes), 2), offsets, names)


def assert_same(one: Episodes, other: Episodes) -> None:
    for mine, its in zip(one, other, strict=True):
        assert torch.equal(mine, its)


ways: st.SearchStrategy[Sampling] = st.sampled_from((1, 2))
sizes = st.lists(st.integers(7, 30), min_size=4, max_size=9)


@settings(deadline=None)
@given(sizes=sizes, seed=st.integers(0, 2**63 - 1), start=st.integers(0, 10**9), sampling=ways)
def test_an_episode_is_the_same_in_every_batch(
    sizes: list[int], seed: int, start: int, sampling: Sampling
) -> None:
    split = replace(split_of(sizes), sampling=sampling)
    together = sample_episodes(split, seed, numbers_from(start, 6, CPU), 4, 2, 5)
    for index in range(6):
        alone = sample_episodes(split, seed, numbers_from(start + index, 1, CPU), 4, 2, 5)
        assert_same(alone, Episodes(*(part[index : index + 1] for part in together)))


@settings(deadline=None)
@given(sizes=sizes, seed=st.integers(0, 2**63 - 1), sampling=ways)
def test_examples_are_distinct_and_of_their_class(
    sizes: list[int], seed: int, sampling: Sampling
) -> None:
    split = replace(split_of(sizes), sampling=sampling)
    episodes = sample_episodes(split, seed, numbers_from(0, 20, CPU), 4, 2, 5)
    rows = torch.cat([episodes.support, episodes.query], -1)
    assert all(len(set(row)) == 7 for row in rows.flatten(0, 1).tolist())
    assert all(len(set(classes)) == 4 for classes in episodes.classes.tolist())
    begin = split.class_offsets[episodes.classes][..., None]
    end = split.class_offsets[episodes.classes + 1][..., None]
    assert ((rows >= begin) & (rows < end)).all()


def test_hard_episodes_are_of_a_class_and_those_nearest_to_it() -> None:
    places = torch.tensor([0.0, 10.0, 1.0, 13.0, 2.5])  # of the classes' means on a line
    offsets = torch.tensor([0, 2, 5, 7, 9, 11])
    labels = torch.arange(5).repeat_interleave(offsets.diff())
    split = Split.of("test", places[labels, None], offsets, ["a", "b", "c", "d", "e"])
    nearest = nearest_classes(split)
    assert nearest.tolist() == [
        [0, 2, 4, 1, 3], [1, 3, 4, 2, 0], [2, 0, 4, 1, 3], [3, 1, 4, 2, 0], [4, 2, 0, 1, 3],
    ]  # fmt: skip
    numbers = numbers_from(0, 50, CPU)
    classes = sample_near_classes(split, 7, numbers, 3, nearest)
    first = sample_classes(split, 7, numbers, 1)
    assert torch.equal(classes[:, :1], first) and len(first.unique()) == 5
    assert torch.equal(classes, nearest[first.squeeze(1), :3])


def test_classes_with_equal_means_come_after_themselves_and_in_their_order() -> None:
    assert nearest_classes(split_of([3, 4, 2])).tolist() == [[0, 1, 2], [1, 0, 2], [2, 0, 1]]


def test_support_set_does_not_depend_on_the_number_of_queries() -> None:
    split = split_of([30] * 6)
    numbers = numbers_from(0, 50, CPU)
    few = sample_episodes(split, 1, numbers, 5, 3, 1)
    many = sample_episodes(split, 1, numbers, 5, 3, 27)
    assert torch.equal(few.support, many.support)


def test_seed_split_and_number_each_change_the_episode() -> None:
    numbers = numbers_from(0, 1, CPU)
    one = sample_episodes(split_of([30] * 20), 0, numbers, 5, 2, 3)
    for other in (
        sample_episodes(split_of([30] * 20), 1, numbers, 5, 2, 3),
        sample_episodes(split_of([30] * 20, "val"), 0, numbers, 5, 2, 3),
        sample_episodes(split_of([30] * 20), 0, numbers + 1, 5, 2, 3),
    ):
        assert not torch.equal(one.support, other.support)


def test_every_class_and_example_comes_up_equally_often() -> None:
    split = split_of([10] * 8)
    episodes = sample_episodes(split, 3, numbers_from(0, 8000, CPU), 4, 2, 3)
    classes = episodes.classes.flatten().bincount(minlength=8) / 8000
    assert (classes - 0.5).abs().max() < 0.03
    rows = episodes.support.flatten().bincount(minlength=80) / 8000
    assert (rows - 0.1).abs().max() < 0.015


def test_episodes_are_pinned() -> None:
    """The numbers that a saved run or a link names must go on meaning these episodes."""
    split = split_of([20, 25, 30, 35, 40, 45])
    episodes = sample_episodes(split, 7, numbers_from(123, 1, CPU), 3, 1, 2)
    assert episodes.classes.tolist() == PINNED_CLASSES
    assert torch.cat([episodes.support, episodes.query], -1).tolist() == PINNED_ROWS


def test_chunks_of_keys_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    split = split_of([12, 15, 18, 20, 25])
    numbers = numbers_from(0, 40, CPU)
    classes = sample_classes(split, 0, numbers, 3)
    whole = sample_examples(split, 0, numbers, classes, 6)
    monkeypatch.setattr("engine.tasks.episodes._KEYS_AT_A_TIME", 200)
    assert torch.equal(sample_examples(split, 0, numbers, classes, 6), whole)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU on this machine")
def test_episodes_are_the_same_on_the_gpu() -> None:
    split = split_of([12, 15, 18, 20, 25])
    device = torch.device("cuda")
    there = sample_episodes(split.to(device), 5, numbers_from(9, 30, device), 4, 2, 5)
    here = sample_episodes(split, 5, numbers_from(9, 30, CPU), 4, 2, 5)
    assert_same(Episodes(*(part.cpu() for part in there)), here)


def test_too_small_a_split_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadInput, match=r"has 3 classes; task\.n_way is 4"):
        require_enough(split_of([30] * 3), 4, 2)
    with pytest.raises(BadInput, match='"class-1" of split train has 7 examples'):
        require_enough(split_of([30, 7, 30]), 2, 8)
    require_enough(split_of([30, 7, 30]), 3, 7)


def predictions(support: Tensor, query: Tensor) -> Tensor:
    parameters = random_parameters(6, 4)
    weights = adapt(parameters, support, inner_steps=4, finetuning_steps=3)
    return torch.softmax(torch.einsum("bnqd,bmd->bnqm", query, weights), -1)


def test_permuting_classes_permutes_predictions() -> None:
    tasks = random_tasks(3, 5, 2, 4, 6)
    order = torch.tensor([3, 0, 4, 1, 2])
    permuted = predictions(tasks.support[:, order], tasks.query[:, order])
    expected = predictions(tasks.support, tasks.query)[:, order][..., order]
    torch.testing.assert_close(permuted, expected, rtol=1e-10, atol=1e-12)


def test_permuting_examples_of_a_class_changes_nothing() -> None:
    tasks = random_tasks(3, 5, 4, 4, 6)
    shuffled = tasks.support[:, :, [2, 0, 3, 1]]
    torch.testing.assert_close(
        predictions(shuffled, tasks.query),
        predictions(tasks.support, tasks.query),
        rtol=1e-10,
        atol=1e-12,
    )


PINNED_CLASSES = [[3, 5, 1]]
PINNED_ROWS = [[[91, 97, 85], [156, 155, 173], [38, 43, 27]]]


def test_a_split_of_very_many_costs_as_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made that is as long as all classes, or as all examples of one."""
    classes, size = 10**6, 10**8
    split = replace(split_of([5, 5]), sampling=2, largest_class=size)

    class Sizes:
        def __getitem__(self, which: torch.Tensor) -> torch.Tensor:
            return torch.full_like(which, size)

    monkeypatch.setattr(Split, "class_sizes", Sizes())
    many = replace(split, class_names=("one",) * classes)
    chosen = sample_classes(many, 0, numbers_from(0, 12, CPU), 5)
    assert chosen.max() > classes // 2
    rows = sample_examples(split, 0, numbers_from(0, 12, CPU), chosen % 2, 16)
    assert rows.max() > size // 2

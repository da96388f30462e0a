"""Evaluations of episodes each of which has ways and shots of its own."""

import numpy as np
import pytest
import torch

from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation import evaluator
from engine.evaluation.evaluator import evaluate, evaluation_of_parts
from engine.evaluation.protocol import Protocol
from engine.evaluation.varying import varying_parts
from engine.io.generators import finished
from engine.learners.baselines.class_mean import nearest_class_mean

WAYS, SHOTS = [4, 2], [1, 3]
PROTOCOL = Protocol(4, 2, 12, 400)


def test_every_episode_has_one_of_the_pairs_each_as_likely(toy_store: EmbeddingStore) -> None:
    parts = varying_parts(toy_store.load(["test"]), PROTOCOL, WAYS, SHOTS)
    numbers = torch.cat([each for _, each in parts])
    assert sorted(numbers.tolist()) == list(range(400))
    assert [(own.n_way, own.k_shot) for own, _ in parts] == [(2, 1), (2, 3), (4, 1), (4, 3)]
    assert all(70 < len(each) < 130 for _, each in parts)  # of 100; their deviation is 9
    assert {own.examples_per_class - own.k_shot for own, _ in parts} == {10}


def test_more_episodes_begin_with_the_same_ones(toy_store: EmbeddingStore) -> None:
    split = toy_store.load(["test"])
    few = varying_parts(split, Protocol(4, 2, 12, 50), WAYS, SHOTS)
    for (_, some), (_, every) in zip(few, varying_parts(split, PROTOCOL, WAYS, SHOTS), strict=True):
        assert some.tolist() == [each for each in every.tolist() if each < 50]


def test_each_episode_is_that_of_an_evaluation_of_its_ways_and_shots(
    toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = toy_store.load(["test"])
    monkeypatch.setattr(evaluator, "_EPISODES_AT_A_TIME", 30)
    parts = varying_parts(split, PROTOCOL, WAYS, SHOTS)
    seen: list[int] = []
    found = finished(evaluation_of_parts(nearest_class_mean, split, parts), seen.append)
    assert seen == sorted(seen) and seen[-1] == 400
    assert found.episodes == 400
    for own, numbers in parts:
        whole = evaluate(
            nearest_class_mean, split, Protocol(own.n_way, own.k_shot, own.examples_per_class, 400)
        )
        np.testing.assert_array_equal(found.accuracies[numbers], whole.accuracies[numbers])


def test_one_pair_is_an_evaluation_as_ever(toy_store: EmbeddingStore) -> None:
    split = toy_store.load(["test"])
    parts = varying_parts(split, PROTOCOL, [4], [2])
    found = finished(evaluation_of_parts(nearest_class_mean, split, parts))
    assert found == evaluate(nearest_class_mean, split, PROTOCOL)


def test_what_a_split_is_too_small_for_is_refused(toy_store: EmbeddingStore) -> None:
    split = toy_store.load(["test"])
    parts = varying_parts(split, PROTOCOL, [4, 9], [1])
    with pytest.raises(BadInput, match=r"has 8 classes; task\.n_way is 9"):
        finished(evaluation_of_parts(nearest_class_mean, split, parts))

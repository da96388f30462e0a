import numpy as np
import pytest
import torch
from torch import Tensor

from engine.data.store import EmbeddingStore, Split
from engine.errors import BadInput
from engine.evaluation.evaluator import evaluate, evaluation
from engine.evaluation.protocol import SEED, Protocol
from engine.evaluation.record import Evaluation
from engine.evaluation.statistics import paired_difference
from engine.learners.baselines.class_mean import nearest_class_mean
from engine.tasks.episodes import numbers_from, sample_classes, sample_examples
from engine.tasks.predictor import LinearClassifier

CPU = torch.device("cpu")


def random_split(sizes: list[int], dim: int = 6) -> Split:
    g = torch.Generator().manual_seed(0)
    centres = torch.randn(len(sizes), dim, generator=g).repeat_interleave(
        torch.tensor(sizes), dim=0
    )
    embeddings = centres + torch.randn(sum(sizes), dim, generator=g)
    offsets = torch.tensor([0, *sizes]).cumsum(0)
    return Split.of("test", embeddings, offsets, [f"c{i}" for i in range(len(sizes))])


def one_by_one(
    split: Split, n: int, k: int, per_class: int, episodes: int
) -> tuple[list[float], float, float]:
    """Evaluate nearest class mean with no identity at all: gather every query of every episode."""
    accuracies, losses, confidences, right = [], [], [], []
    for number in range(episodes):
        numbers = numbers_from(number, 1, CPU)
        classes = sample_classes(split, SEED, numbers, n)
        begin = split.class_offsets[classes[0]].tolist()
        end = split.class_offsets[classes[0] + 1].tolist()
        drawn = [min(per_class, e - b) for b, e in zip(begin, end, strict=True)]
        rows = [
            sample_examples(split, SEED, numbers, classes[:, i : i + 1], count)[0, 0]
            for i, count in enumerate(drawn)
        ]
        support = torch.stack([split.embeddings[row[:k]] for row in rows])[None]
        weights = nearest_class_mean(support).weights[0]
        queries = torch.cat([split.embeddings[row[k:]] for row in rows])
        labels = torch.cat([torch.full((len(row) - k,), i) for i, row in enumerate(rows)])
        logits = queries @ weights.T
        probabilities = torch.softmax(logits, -1)
        correct = logits.argmax(-1) == labels
        accuracies.append(float(correct.double().mean()))
        losses += torch.nn.functional.cross_entropy(logits, labels, reduction="none").tolist()
        confidences += probabilities.max(-1).values.tolist()
        right += correct.tolist()
    bins = np.minimum((np.array(confidences) * 15).astype(int), 14)
    error = sum(
        abs(np.array(confidences)[bins == b].mean() - np.array(right)[bins == b].mean())
        * (bins == b).sum()
        for b in set(bins.tolist())
    ) / len(bins)
    return accuracies, float(np.mean(losses)), float(error)


@pytest.mark.parametrize("per_class", [12, 30, 8])
def test_class_by_class_equals_one_query_after_the_other(per_class: int) -> None:
    """Also where some classes have more examples than are drawn, and some fewer."""
    split = random_split([10, 12, 20, 9, 15, 12])
    result = evaluate(nearest_class_mean, split, Protocol(4, 2, per_class, 25))
    accuracies, loss, error = one_by_one(split, 4, 2, per_class, 25)
    np.testing.assert_allclose(result.accuracies, accuracies)
    assert result.loss == pytest.approx(loss, rel=1e-5)
    assert result.calibration_error == pytest.approx(error, abs=1e-6)


def test_block_sizes_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    split = random_split([12] * 6)

    def result() -> Evaluation:
        return evaluate(nearest_class_mean, split, Protocol(3, 1, 12, 50))

    whole = result()
    monkeypatch.setattr("engine.evaluation.evaluator._EPISODES_AT_A_TIME", 7)
    monkeypatch.setattr("engine.evaluation.scoring._LOGITS_AT_A_TIME", 40)
    monkeypatch.setattr("engine.evaluation.evaluator._PAIRS_AT_A_TIME", 9)
    np.testing.assert_array_equal(result().accuracies, whole.accuracies)


def test_an_evaluation_can_be_ended_between_any_two_pieces_of_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also while it draws its episodes, which takes longest of all in large stores."""
    monkeypatch.setattr("engine.evaluation.evaluator._TASKS_AT_A_TIME", 10)
    done = list(evaluation(nearest_class_mean, random_split([8] * 6), Protocol(3, 1, 6, 40)))
    drawing, adapting, counting = 4, 4, 6
    assert done[:drawing] == [0] * drawing
    assert len(done) == drawing + adapting + counting
    assert done[-1] == 40 and done == sorted(done)


def test_a_tie_is_no_knowledge() -> None:
    def ignorant(support: Tensor) -> LinearClassifier:
        return LinearClassifier(torch.zeros_like(support[:, :, 0]))

    split = random_split([12] * 6)
    result = evaluate(ignorant, split, Protocol(3, 1, 12, 10))
    assert result.accuracy == 0
    assert result.loss == pytest.approx(np.log(3), rel=1e-6)


def test_perfect_knowledge_is_one_hundred_per_cent() -> None:
    embeddings = torch.eye(4).repeat_interleave(5, dim=0)
    split = Split.of("test", embeddings, torch.arange(5) * 5, list("abcd"))
    result = evaluate(nearest_class_mean, split, Protocol(4, 1, 5, 5))
    assert result.accuracy == 1
    assert result.class_accuracies.tolist() == [1, 1, 1, 1]
    assert result.queries_per_class == (4, 4)


def test_queries_that_are_certain_count_in_the_last_bin_of_confidence() -> None:
    embeddings = torch.eye(4).repeat_interleave(5, dim=0)
    split = Split.of("test", embeddings, torch.arange(5) * 5, list("abcd"))
    result = evaluate(
        lambda support: LinearClassifier(1000 * support.mean(2)), split, Protocol(4, 1, 5, 5)
    )
    assert result.calibration.counts.tolist() == [0] * 14 + [5 * 4 * 4]
    assert result.calibration_error == 0


def test_paired_difference_of_a_result_with_itself_is_zero(toy_store: EmbeddingStore) -> None:
    split = toy_store.load(["test"])
    result = evaluate(nearest_class_mean, split, Protocol(4, 1, 30, 10))
    difference = paired_difference(result.accuracies, result.accuracies)
    assert (difference.difference, difference.ci95) == (0, 0)
    assert not difference.excludes_zero


def test_too_few_examples_are_refused() -> None:
    split = random_split([3, 3, 3])
    with pytest.raises(BadInput, match="has 3 examples"):
        evaluate(nearest_class_mean, split, Protocol(2, 3, 9, 2))

"""Claims about classifiers that are adapted to classes of a person's own."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.classifying.classifier import Classifier
from engine.classifying.loaded_learner import LoadedLearner, evened, loaded_learner
from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.inspection.checkpoint_inspection import load_model, load_split, loaded_checkpoint
from tests.conftest import TrainedCopy

KINDS = ("leo", "protonet", "matching", "ridge")
Examples = NDArray[np.float32]


@pytest.fixture
def learner(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    toy_experiment: Experiment,
    trained_copy: TrainedCopy,
) -> LoadedLearner:
    kind = getattr(request, "param", "leo")
    changes = {} if kind == "leo" else {"learner.kind": kind}
    run = trained_copy(tmp_path, toy_experiment.with_settings(changes))
    return loaded_learner(run, run.checkpoint().step)


def examples_of(store: EmbeddingStore, label: int, rows: slice) -> Examples:
    start = int(store.class_offsets("test")[label])
    return np.concatenate(list(store.chunks("test")))[start : start + 30][rows]


def support_of(store: EmbeddingStore, *sizes: int) -> list[Examples]:
    return [examples_of(store, label, slice(size)) for label, size in enumerate(sizes)]


def queries_of(store: EmbeddingStore, ways: int) -> Examples:
    return np.concatenate([examples_of(store, label, slice(20, 25)) for label in range(ways)])


def classifier(learner: LoadedLearner, support: list[Examples]) -> Classifier:
    return Classifier(learner, [f"class {n}" for n in range(len(support))], support)


def test_probabilities_are_those_of_the_inspected_episode(
    tmp_path: Path, toy_experiment: Experiment, trained_copy: TrainedCopy, toy_store: EmbeddingStore
) -> None:
    run = trained_copy(tmp_path, toy_experiment)
    step = run.checkpoint().step
    split = load_split(run, toy_store, "test")
    loaded = loaded_checkpoint(run, step, "test", load_model(run, step), split)
    episode = loaded.inspect([5], 16)
    raw = np.concatenate(list(toy_store.chunks("test")))
    made = Classifier(
        loaded_learner(run, step),
        [episode.class_names[label] for label in episode.classes[0]],
        [raw[rows] for rows in episode.support[0]],
    )
    answers = made.ask(raw[episode.query[0].ravel()])
    expected = episode.probabilities[0, -1].reshape(-1, 4)
    np.testing.assert_allclose(answers.probabilities, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(answers.class_codes, episode.mean[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("learner", KINDS, indirect=True)
def test_every_learner_classifies_most_queries_right(
    learner: LoadedLearner, toy_store: EmbeddingStore
) -> None:
    answers = classifier(learner, support_of(toy_store, 3, 3, 3)).ask(queries_of(toy_store, 3))
    assert (answers.winners == np.repeat(np.arange(3), 5)).mean() >= 0.7
    np.testing.assert_allclose(answers.probabilities.sum(axis=1), 1, rtol=1e-5)
    is_leo = learner.experiment.learner.kind == "leo"
    assert answers.deviations.shape == ((15,) if is_leo else (0,))
    assert answers.codes.shape == ((15, 5) if is_leo else (0, 0))


@pytest.mark.parametrize("learner", KINDS, indirect=True)
def test_a_class_may_have_another_number_of_examples(
    learner: LoadedLearner, toy_store: EmbeddingStore
) -> None:
    made = classifier(learner, support_of(toy_store, 1, 4, 2))
    assert made.ask(queries_of(toy_store, 3)).probabilities.shape == (15, 3)
    assert ("count more than once" in made.note) == (learner.experiment.learner.kind != "leo")


@pytest.mark.parametrize("learner", KINDS, indirect=True)
def test_the_order_of_classes_changes_nothing(
    learner: LoadedLearner, toy_store: EmbeddingStore
) -> None:
    support, queries = support_of(toy_store, 1, 4, 2), queries_of(toy_store, 3)
    turned = classifier(learner, support[::-1]).ask(queries)
    straight = classifier(learner, support).ask(queries)
    np.testing.assert_allclose(turned.probabilities[:, ::-1], straight.probabilities, rtol=1e-4)
    np.testing.assert_allclose(turned.codes, straight.codes, rtol=1e-3, atol=1e-6)


def test_smaller_classes_are_repeated_in_turn() -> None:
    small = torch.arange(2.0).view(1, 2, 1)
    large = torch.arange(5.0).view(1, 5, 1)
    repeated = evened([small, large])
    assert repeated[0].flatten().tolist() == [0, 1, 0, 1, 0]
    assert torch.equal(repeated[1], large)


def test_a_left_out_example_is_classified_by_the_others_alone(
    learner: LoadedLearner, toy_store: EmbeddingStore
) -> None:
    support = support_of(toy_store, 3, 1, 2)
    left_out = classifier(learner, support).leave_one_out
    assert left_out.classes.tolist() == [0, 0, 0, 2, 2]  # the class of one has no other
    for number, (label, place) in enumerate([(0, 0), (0, 1), (0, 2), (2, 0), (2, 1)]):
        rest = list(support)
        rest[label] = np.delete(support[label], place, axis=0)
        answer = classifier(learner, rest).ask(support[label][place : place + 1], samples=0)
        assert left_out.winners[number] == answer.winners[0]
        assert left_out.confidences[number] == pytest.approx(answer.confidences[0], rel=1e-4)


def test_a_support_set_of_single_examples_says_how_to_test_it(
    learner: LoadedLearner, toy_store: EmbeddingStore
) -> None:
    made = classifier(learner, support_of(toy_store, 1, 1, 1, 1))
    assert made.leave_one_out.accuracy is None
    assert "second example" in made.leave_one_out.sentence
    assert made.threshold.value == pytest.approx(0.5)  # 3 to 1 against each of 3 others


def test_the_threshold_keeps_nine_tenths_of_what_is_known(
    learner: LoadedLearner, toy_store: EmbeddingStore
) -> None:
    made = classifier(learner, support_of(toy_store, 10, 10, 10))
    right = made.leave_one_out.confidences[made.leave_one_out.is_right]
    assert np.mean(right >= made.threshold.value) == pytest.approx(0.9, abs=0.05)


def test_a_query_below_the_threshold_is_none_of_these(
    learner: LoadedLearner, toy_store: EmbeddingStore
) -> None:
    made = classifier(learner, support_of(toy_store, 2, 2))
    queries = queries_of(toy_store, 2)
    all_known, all_unknown = made.ask(queries, threshold=0.0), made.ask(queries, threshold=1.1)
    assert not all_known.is_none.any() and all_known.label(0) == "class 0"
    assert all_unknown.is_none.all() and all_unknown.label(0) == "none of these"


def test_uncertainty_is_the_same_each_time(
    learner: LoadedLearner, toy_store: EmbeddingStore
) -> None:
    queries = queries_of(toy_store, 3)
    few = classifier(learner, support_of(toy_store, 1, 1, 1)).ask(queries)
    again = classifier(learner, support_of(toy_store, 1, 1, 1)).ask(queries)
    np.testing.assert_array_equal(few.deviations, again.deviations)
    assert few.deviations.max() > 0 and few.informations.max() > 0


def test_a_query_lies_where_its_class_would_if_it_were_its_example(
    learner: LoadedLearner, toy_store: EmbeddingStore
) -> None:
    support, queries = support_of(toy_store, 1, 3, 2), queries_of(toy_store, 3)
    answers = classifier(learner, support).ask(queries)
    for query, winner, code in zip(queries, answers.winners.tolist(), answers.codes, strict=True):
        classes = list(support)
        classes[winner] = query[None]
        expected = classifier(learner, classes).ask(query[None]).class_codes[winner]
        np.testing.assert_allclose(code, expected, rtol=1e-3, atol=1e-6)


def test_no_queries_get_no_answers(learner: LoadedLearner, toy_store: EmbeddingStore) -> None:
    answers = classifier(learner, support_of(toy_store, 1, 2)).ask(np.empty((0, 16), np.float32))
    assert answers.probabilities.shape == (0, 2) and answers.winners.shape == (0,)


def test_what_is_no_support_set_is_refused_in_one_sentence(
    learner: LoadedLearner, toy_store: EmbeddingStore
) -> None:
    good = support_of(toy_store, 1, 1)
    nothing = np.empty((0, 16), np.float32)
    nan = np.full((1, 16), np.nan, np.float32)
    for names, support, sentence in (
        (["a"], good[:1], "There are 1 classes"),
        (["a", "a"], good, 'name "a" means several classes'),
        (["a", "b"], [good[0], nothing], 'class "b" has no examples'),
        (["a", "b"], [good[0], nan], "example 1 is not finite"),
        (["a", "b"], [good[0], good[1][:, :7]], "none of the run's store"),
        (["a", "b"], [good[0], np.repeat(good[1], 500, axis=0)], "takes 400 at most"),
    ):
        with pytest.raises(BadInput, match=sentence):
            Classifier(learner, names, support)

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from engine.data.store import Split
from engine.errors import BadInput
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import SEED, Protocol
from engine.evaluation.record import Evaluation
from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.episode_inspection import LabelledExamples, query_logits
from engine.inspection.records import EpisodeTable, Latents, joined
from engine.inspection.rows import NOTHING, episode_rows
from engine.inspection.tables import CONFIDENT
from tests.engine.inspection.conftest import adapted_by


def test_a_table_says_of_every_episode_what_an_inspection_says(loaded: LoadedCheckpoint) -> None:
    table = joined(list(loaded.tabulate(range(10, 40))))
    seen = loaded.inspect(range(10, 40), 8)
    stages = list(seen.stages)
    np.testing.assert_array_equal(table.numbers, np.arange(10, 40))
    np.testing.assert_array_equal(table.classes, seen.classes)
    np.testing.assert_allclose(table.accuracies, seen.query_accuracy[:, stages], rtol=1e-6)
    np.testing.assert_allclose(table.losses, seen.query_loss[:, stages], rtol=1e-6)
    np.testing.assert_allclose(table.calibration_errors, seen.calibration_error[:, 2], rtol=1e-6)
    final = seen.probabilities[:, -1]
    entropy = -(final * np.log(final)).sum(-1).mean((1, 2))
    np.testing.assert_allclose(table.entropies, entropy, rtol=1e-5)
    information = seen.mutual_information[:, 2, :, :15].mean((1, 2))
    np.testing.assert_allclose(table.mutual_informations, information, rtol=1e-3, atol=1e-7)
    for label in range(4):
        for taken in range(4):
            counted = (seen.predictions[:, -1, label] == taken).sum(1)
            np.testing.assert_array_equal(table.confusions[:, label, taken], counted)
    np.testing.assert_allclose(
        table.gains, seen.query_accuracy[:, -1] - seen.query_accuracy[:, 0], atol=1e-6
    )


def test_a_confident_error_is_wrong_and_sure_at_the_end(loaded: LoadedCheckpoint) -> None:
    parameters = loaded.model.parameters
    sure = parameters._replace(decoder=10 * parameters.decoder)
    loud = replace(loaded, model=loaded.model._replace(parameters=sure))
    table, seen = joined(list(loud.tabulate(range(20)))), loud.inspect(range(20), 1)
    is_wrong = seen.predictions[:, -1] != np.arange(4)[:, None]
    is_sure = seen.probabilities[:, -1].max(-1) >= CONFIDENT
    assert (is_wrong & is_sure).any() and (is_wrong & ~is_sure).any()
    np.testing.assert_allclose(table.confident_errors, (is_wrong & is_sure).mean((1, 2)))


def test_a_table_comes_in_parts_in_order(loaded: LoadedCheckpoint) -> None:
    parts = list(loaded.tabulate(range(200)))
    assert len(parts) > 1
    np.testing.assert_array_equal(joined(parts).numbers, np.arange(200))


def assert_same(one: EpisodeTable | Latents, other: EpisodeTable | Latents) -> None:
    for field in fields(one):
        array = getattr(one, field.name)
        if isinstance(array, np.ndarray):
            np.testing.assert_array_equal(array, getattr(other, field.name), err_msg=field.name)


def test_a_row_does_not_depend_on_what_is_tabulated_with_it(
    loaded: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = joined(list(loaded.tabulate(range(100))))
    assert_same(
        joined(list(loaded.tabulate(range(60))) + list(loaded.tabulate(range(60, 100)))), table
    )
    monkeypatch.setattr("engine.inspection.tables._EPISODES_AT_A_TIME", 7)
    monkeypatch.setattr("engine.inspection.tables._EPISODES_SAMPLED_AT_A_TIME", 3)
    monkeypatch.setattr("engine.inspection.tables._NUMBERS_AT_A_TIME", 1)
    monkeypatch.setattr("engine.inspection.episode_inspection._LOGITS_AT_A_TIME", 1)
    assert_same(joined(list(loaded.tabulate(range(100)))), table)


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_tables_codes_and_evaluations_have_the_same_bits_on_any_number_of_cores(
    loaded: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    def everything() -> tuple[EpisodeTable, Latents, Evaluation]:
        table = joined(list(loaded.tabulate(range(150))))
        codes = joined(list(loaded.latents(range(150), 3)))
        adapted = adapted_by(loaded.model)
        return table, codes, evaluate(adapted, loaded.split, Protocol(4, 2, 30, 150))

    pools: list[int] = []

    def usable(count: int) -> int:
        pools.append(count)
        return count

    monkeypatch.setattr("engine.evaluation.evaluator._EPISODES_AT_A_TIME", 40)
    monkeypatch.setattr("engine.evaluation.evaluator.usable_cores", lambda: usable(3))
    table, codes, evaluation = everything()
    monkeypatch.setattr("engine.evaluation.evaluator.usable_cores", lambda: usable(cores))
    other_table, other_codes, other = everything()
    assert pools == [3, 3, 3, cores, cores, cores]
    assert_same(other_table, table)
    assert_same(other_codes, codes)
    np.testing.assert_array_equal(other.accuracies, evaluation.accuracies)
    np.testing.assert_array_equal(other.calibration.confidences, evaluation.calibration.confidences)
    assert (other.loss, other.calibration_error) == (evaluation.loss, evaluation.calibration_error)
    np.testing.assert_array_equal(table.accuracies[:, 2], evaluation.accuracies)


@pytest.mark.parametrize("queries", [3, 7, 28])
def test_queries_asked_class_by_class_have_the_logits_of_each_alone(
    loaded: LoadedCheckpoint, queries: int
) -> None:
    sizes = torch.tensor([30, 9, 14, 30, 22, 11, 25, 30])  # of the classes, and rows of no class
    rows = torch.cat([30 * label + torch.arange(size) for label, size in enumerate(sizes)])
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), sizes.cumsum(0)])
    split = Split.of("val", loaded.split.embeddings[rows], offsets, loaded.split.class_names)
    episodes = episode_rows(split, SEED, range(20), 4, 2, queries)
    assert queries < 9 or (episodes.query == NOTHING).any()
    weights = torch.randn(20, 3, 4, 16, generator=torch.Generator().manual_seed(1))
    alone = LabelledExamples.of(split, episodes.query).scores(weights).logits
    is_there = (episodes.query != NOTHING)[:, None, ..., None]
    together = query_logits(split, episodes, weights)
    torch.testing.assert_close(together.where(is_there, 0.0), alone.where(is_there, 0.0))


def test_latents_are_those_of_inspections(loaded: LoadedCheckpoint) -> None:
    many = joined(list(loaded.latents(range(100), 3)))
    seen = loaded.inspect([70], 3)
    np.testing.assert_array_equal(many.codes[70], seen.codes[0])
    np.testing.assert_array_equal(many.deviation[70], seen.deviation[0])
    np.testing.assert_array_equal(many.sampled_before[70], seen.sampled_codes[0, :, 0])
    np.testing.assert_array_equal(many.sampled_after[70], seen.sampled_codes[0, :, 3])
    assert many.stages == seen.stages
    assert many.accuracies.shape == (100, 3) and many.uncertainties.shape == (100,)


def test_a_split_that_is_too_small_is_refused_in_a_sentence(loaded: LoadedCheckpoint) -> None:
    object.__setattr__(loaded, "n_way", 9)
    with pytest.raises(BadInput, match=r"has 8 classes; task\.n_way is 9"):
        list(loaded.tabulate(range(3)))

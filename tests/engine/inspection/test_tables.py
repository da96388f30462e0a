from dataclasses import replace

import numpy as np
import pytest

from engine.errors import BadInput
from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.records import joined
from engine.inspection.tables import CONFIDENT


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

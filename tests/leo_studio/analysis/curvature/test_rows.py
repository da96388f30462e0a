"""What is said of curvature is what was measured, whether the paper's claims hold or not."""

import numpy as np
import pytest

from engine.inspection.curvature_record import Box
from leo_studio.analysis.curvature.rows import (
    description,
    finding,
    quantities,
    quantities_at,
    short_position,
    spread_text,
    texts_of,
)
from tests.leo_studio.analysis.curvature.records import box, leo, meta_sgd


def test_a_box_has_the_percentiles_of_all_values() -> None:
    values = np.arange(101.0).reshape(1, 101) ** 2
    assert Box.of(values).values == (25.0, 625.0, 2500.0, 5625.0, 9025.0)


def test_whole_and_positions_have_a_row_for_each_quantity_and_space() -> None:
    labels = [each.label for each in quantities(leo())]
    assert labels == [
        "Eigenvalues of the Hessian, latent space",
        "Eigenvalues of the Hessian, weight space",
        "Largest one of an episode, latent space",
        "Largest one of an episode, weight space",
        "Largest one, latent over weight space",
        "Singular values of the decoder",
        "Length of an inner step, latent space",
        "Length of an inner step, weight space",
        "Length of a fine-tuning step, weight space",
    ]
    assert len(quantities(meta_sgd())) == 3
    last = quantities_at(leo(), 3)[-1]
    assert (last.name, last.space, last.box.median) == ("fine-tuning step", "weights", 0.2)
    assert [each.name for each in quantities_at(leo(), 2)][-2:] == ["inner step", "inner step"]


def test_positions_are_called_by_the_space_of_the_step_before_them() -> None:
    assert [short_position(leo(), place) for place in range(4)] == ["0", "z1", "z2", "θ1"]
    assert [short_position(meta_sgd(), place) for place in range(2)] == ["0", "θ1"]


def test_texts_have_three_digits() -> None:
    assert texts_of(box(1 / 3)) == ("0.0833", "0.167", "0.333", "0.667", "1.33")
    assert spread_text(box(2.0)) == "2.00 (0.500 to 8.00)" and spread_text(None) == "–"


def test_the_description_says_what_is_left_out() -> None:
    assert "20 of 320 in latent and 20 of 3,200 in weight space are counted" in description(leo())
    assert ": 20 of 3,200 in weight space are counted" in description(meta_sgd())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            (4.0, 2.0, 1.5),
            "3 of 3 singular values of the decoder are above 1, the largest 4.00: it "
            "expands in every direction.",
        ),
        ((4.0, 2.0, 0.5), "expands in some directions."),
        (
            (0.4, 0.2),
            "0 of 2 singular values of the decoder are above 1, the largest 0.400: it "
            "expands in no direction.",
        ),
    ],
)
def test_the_finding_confirms_or_denies(values: tuple[float, ...], words: str) -> None:
    text = finding(leo().model_copy(update={"singular_values": values}))
    assert text.startswith("The loss bends 10.0 times as much in latent as in weight space")
    assert "50.0 times by the median of all eigenvalues" in text and text.endswith(words)


def test_without_codes_nothing_is_compared() -> None:
    assert "there is no latent space to compare with" in finding(meta_sgd())

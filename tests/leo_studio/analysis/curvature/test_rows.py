"""What is said of curvature is what was measured, whether the paper's claims hold or not."""

import numpy as np
import pytest

from engine.inspection.curvature_record import Box
from leo_studio.analysis.curvature.rows import (
    Analysed,
    description,
    descriptions,
    finding,
    findings,
    quantities,
    quantities_at,
    run_names,
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
        "Largest eigenvalue of an episode, latent space",
        "Largest eigenvalue of an episode, weight space",
        "Largest eigenvalue, latent space divided by weight space",
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
            "Of the decoder's 3 singular values 3 are above 1, and the largest is 4.00: the "
            "decoder makes steps longer in every direction.",
        ),
        (
            (4.0, 0.9, 0.5),
            "Of the decoder's 3 singular values 1 is above 1, and the largest is 4.00: the "
            "decoder makes steps longer in some directions.",
        ),
        (
            (0.4, 0.2),
            "Of the decoder's 2 singular values 0 are above 1, and the largest is 0.400: the "
            "decoder makes steps longer in no direction.",
        ),
    ],
)
def test_the_finding_confirms_or_denies(values: tuple[float, ...], words: str) -> None:
    text = finding(leo().model_copy(update={"singular_values": values}))
    assert text.startswith(
        "The largest eigenvalue of an episode is 10.0 times as large in latent space as in weight "
        "space"
    )
    assert "the median of all eigenvalues 50.0 times as large" in text and text.endswith(words)


def test_each_run_has_its_words_and_what_holds_for_all_is_said_once() -> None:
    runs = [Analysed("a, seed 0", leo()), Analysed("a, seed 1", leo())]
    assert run_names(runs) == ("seed 0", "seed 1")
    assert findings(runs[:1]) == finding(leo())
    assert descriptions(runs) == description(leo())
    mixed = [Analysed("a", leo()), Analysed("a", meta_sgd())]
    first, second, last = findings(mixed).split("\n")
    assert first.startswith("LEO: The largest eigenvalue of an episode is 10.0 times as large")
    assert "paper" not in first and first.endswith("makes steps longer in some directions.")
    assert second == f"Meta-SGD: {finding(meta_sgd())}"
    assert last == "In the paper the median is about 100 times as large."
    first, second, last = descriptions(mixed).split("\n")
    assert first.endswith("; 20 of 320 in latent and 20 of 3,200 in weight space.")
    assert second.endswith("; 20 of 3,200 in weight space.") and "are counted" in last


def test_without_codes_nothing_is_compared() -> None:
    assert "there is no latent space to compare with" in finding(meta_sgd())

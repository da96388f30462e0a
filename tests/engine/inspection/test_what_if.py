from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.what_if import Edit, WhatIf, parse_what_if

EDITS = st.builds(
    Edit, st.sampled_from(["swap", "drop", "add"]), st.integers(0, 20), st.integers(0, 10**6)
)
STEPS = st.none() | st.integers(0, 1000)
FACTORS = st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.5, 100.0])


@given(st.builds(WhatIf, st.lists(EDITS).map(tuple), STEPS, STEPS, FACTORS, FACTORS))
def test_changes_are_read_back_from_their_text(what_if: WhatIf) -> None:
    assert parse_what_if(str(what_if)) == what_if
    assert what_if.is_nothing == (str(what_if) == "")


@pytest.mark.parametrize(
    "text",
    [
        "swap 1",
        "drop 0 -3",
        "add x 2",
        "inner_steps 1.5",
        "inner_steps 1001",
        "inner_lr nan",
        "inner_lr 1e7",
        "go",
    ],
)
def test_a_change_that_is_not_understood_is_named(text: str) -> None:
    with pytest.raises(BadInput, match="is not understood; write changes like"):
        parse_what_if(f"inner_steps 3; {text}")


def test_taking_out_what_was_put_in_takes_both_back() -> None:
    added = WhatIf().with_edit(Edit("add", 1, 7))
    assert added.with_edit(Edit("drop", 1, 7)) == WhatIf()
    assert added.with_edit(Edit("drop", 0, 7)).edits == (Edit("add", 1, 7), Edit("drop", 0, 7))
    assert added.with_edit(Edit("swap", 1, 3)).edits == (Edit("swap", 1, 3),)


def test_an_example_that_is_put_in_is_no_query_and_changes_the_result(
    loaded: LoadedCheckpoint,
) -> None:
    plain = loaded.inspect([3], 4)
    row = int(plain.query[0, 2, 0])
    seen = loaded.what_if(3, 4, WhatIf((Edit("add", 2, row),)))
    assert row in seen.support[0, 2] and row not in seen.query[0, 2]
    np.testing.assert_array_equal(seen.support[0, [0, 1, 3], 2], -1)
    np.testing.assert_array_equal(seen.query[0, [0, 1, 3]], plain.query[0, [0, 1, 3]])
    assert not np.allclose(seen.mean[0, 2], plain.mean[0, 2])
    assert seen.provenance.what_if == f"add 2 {row}"


def test_what_is_taken_out_and_put_back_changes_nothing_but_rounding(
    loaded: LoadedCheckpoint,
) -> None:
    plain = loaded.inspect([3], 4)
    first, second = plain.support[0, 1].tolist()
    edits = (Edit("drop", 1, first), Edit("drop", 0, int(plain.support[0, 0, 0])))
    dropped = loaded.what_if(3, 4, WhatIf(edits))
    assert dropped.support[0, 1].tolist() == [second, -1]
    np.testing.assert_array_equal(dropped.query, plain.query)
    back = loaded.what_if(3, 4, WhatIf((*edits, *(replace(e, kind="add") for e in edits))))
    np.testing.assert_allclose(back.query_loss, plain.query_loss, rtol=1e-5)


def test_a_class_that_is_swapped_in_brings_its_own_examples(loaded: LoadedCheckpoint) -> None:
    plain = loaded.inspect([3], 4)
    other = next(label for label in range(8) if label not in plain.classes[0])
    seen = loaded.what_if(3, 4, WhatIf((Edit("swap", 0, other),)))
    begin, end = loaded.split.class_offsets[other : other + 2].tolist()
    rows = np.concatenate([seen.support[0, 0], seen.query[0, 0]])
    assert sorted(rows.tolist()) == list(range(begin, end))
    np.testing.assert_array_equal(seen.support[0, 1:], plain.support[0, 1:])
    assert seen.classes[0, 0] == other


def test_no_change_at_all_gives_the_same_bits(loaded: LoadedCheckpoint) -> None:
    plain, seen = loaded.inspect([3], 4), loaded.what_if(3, 4, WhatIf())
    np.testing.assert_array_equal(plain.probabilities, seen.probabilities)


def test_steps_and_their_sizes_can_be_changed(loaded: LoadedCheckpoint) -> None:
    plain = loaded.inspect([3], 4)
    longer = loaded.what_if(3, 4, WhatIf(inner_steps=5, finetuning_steps=0))
    assert longer.stages == (0, 5, 5) and longer.codes.shape[1] == 6
    np.testing.assert_array_equal(longer.codes[:, :4], plain.codes[:, :4])
    half = loaded.what_if(3, 4, WhatIf(inner_lr=0.5))
    np.testing.assert_allclose(
        half.codes[:, 1] - half.codes[:, 0], (plain.codes[:, 1] - plain.codes[:, 0]) / 2, atol=1e-6
    )
    still = loaded.what_if(3, 4, WhatIf(inner_lr=0.0, finetuning_lr=0.0))
    np.testing.assert_array_equal(still.probabilities[:, -1], still.probabilities[:, 0])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("swap 9 1", "names class 9; the episode has 4"),
        ("swap 0 99", "names class 99 of split val, which has 8"),
        ("drop 0 99999", "not in the support set"),
        ("add 0 99999", "is not of class"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(
    loaded: LoadedCheckpoint, text: str, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        loaded.what_if(3, 2, parse_what_if(text))


def test_a_class_keeps_an_example_and_comes_once(loaded: LoadedCheckpoint) -> None:
    plain = loaded.inspect([3], 1)
    drops = tuple(Edit("drop", 0, row) for row in plain.support[0, 0].tolist())
    with pytest.raises(BadInput, match="without an example"):
        loaded.what_if(3, 1, WhatIf(drops))
    with pytest.raises(BadInput, match="in the episode already"):
        loaded.what_if(3, 1, WhatIf((Edit("swap", 0, int(plain.classes[0, 1])),)))
    with pytest.raises(BadInput, match="in the support set already"):
        loaded.what_if(3, 1, WhatIf((Edit("add", 0, int(plain.support[0, 0, 0])),)))

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.encoder_record import (
    IMAGENET,
    EncoderRecord,
    caution_about,
    read_encoder_record,
)
from engine.errors import BadInput


def record(**changes: object) -> EncoderRecord:
    values = {"kind": "onnx", "name": "tiny", "side": 32, "embedding_dim": 5}
    return EncoderRecord.model_validate(values | changes)


@given(st.integers(1, 4096), st.floats(0.01, 1), st.text(max_size=20))
def test_a_record_comes_back_from_its_text(side: int, crop: float, name: str) -> None:
    there = record(side=side, crop=crop, name=name, views="mean")
    assert read_encoder_record(there.to_text(), "a.h5") == there


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("words", r"^a\.h5: the attribute encoder cannot be read"),
        ('{"kind": "onnx", "name": "x", "side": 0, "embedding_dim": 5}', r"\(side: "),
        ('{"kind": "onnx", "name": "x", "side": 8, "embedding_dim": 5, "new": 1}', r"\(new: "),
    ],
)
def test_what_is_no_record_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read_encoder_record(text, "a.h5")


def test_an_encoder_that_has_seen_the_classes_is_cautioned_against() -> None:
    assert caution_about(None, ["n01532829"]) == ""
    assert caution_about(record(), ["n01532829"]) == ""
    trained = record(trained_on=IMAGENET)
    assert "test classes of this store included" in caution_about(trained, ["x", "a/n01532829"])
    for names in (["Apple"], ["n123"], ["n015328290"]):
        assert "where that holds pictures of the test classes" in caution_about(trained, names)
    other = record(trained_on="pears")
    assert "where that holds" in caution_about(other, ["n01532829"])

import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.tasks.hashing import mixed, mixed_text, mixed_with


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_tensors_hash_to_the_same_bits_as_plain_integers(a: int, b: int) -> None:
    state = mixed_with(torch.zeros(1, dtype=torch.int64), torch.tensor([a]))
    found = int(mixed_with(state, torch.tensor([b])))
    assert found % 2**64 == mixed(a, b)


def test_hash_is_pinned() -> None:
    """Episodes of saved runs hang on these numbers."""
    # splitmix64 of seed 0 begins with this number in every published implementation.
    assert mixed(0) == 0xE220A8397B1DCDAF
    assert mixed_text("train") == mixed(*b"train")


def test_order_and_text_matter() -> None:
    assert len({mixed(1, 2), mixed(2, 1), mixed(1), mixed_text("val"), mixed_text("test")}) == 5

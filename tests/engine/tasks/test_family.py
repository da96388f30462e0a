import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.tasks.family import Categorical


@given(m=st.integers(1, 3), b=st.integers(1, 4), n=st.integers(2, 5), q=st.integers(1, 4))
def test_the_loss_is_the_mean_cross_entropy_of_each_member(m: int, b: int, n: int, q: int) -> None:
    logits = torch.randn(m, b, n * q, n, dtype=torch.float64)
    labels = torch.arange(n).repeat_interleave(q)
    measured = Categorical().measure(logits, labels)
    for member in range(m):
        flat, targets = logits[member].flatten(0, 1), labels.repeat(b)
        expected = torch.nn.functional.cross_entropy(flat, targets)
        torch.testing.assert_close(measured.loss[member], expected)
        right = (flat.argmax(-1) == targets).double().mean()
        torch.testing.assert_close(measured.accuracy[member], right)


def test_a_tie_counts_as_wrong() -> None:
    assert float(Categorical().measure(torch.zeros(1, 2, 2), torch.arange(2)).accuracy) == 0

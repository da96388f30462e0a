import errno

import pytest
import torch

from engine.errors import BadInput
from engine.session.failures import explain


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BadInput("toy.h5 is gone; import it again."), "toy.h5 is gone; import it again."),
        (torch.OutOfMemoryError("CUDA out of memory"), "lower optimizer.meta_batch"),
        (torch.AcceleratorError("CUDA error: out of memory"), "The GPU is out of memory"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"), "The GPU is out of memory"),
        (MemoryError(), "lower optimizer.meta_batch"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/train.csv"), "The disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "/x/train.csv"), "The disk is full"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x/toy.h5"), "/x/toy.h5: No such file"),
    ],
)
def test_what_a_person_can_put_right_is_a_sentence_alone(error: Exception, words: str) -> None:
    explanation = explain(error)
    assert words in explanation.sentence
    assert explanation.sentence.endswith(".")
    assert explanation.traceback == ""


def test_what_torch_says_of_the_computers_memory_is_a_sentence_too() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(10**15)
    explanation = explain(caught.value)
    assert "The computer is out of memory" in explanation.sentence
    assert explanation.traceback == ""


def test_a_bug_keeps_its_traceback() -> None:
    def broken() -> None:
        raise ZeroDivisionError("division by zero")

    with pytest.raises(ZeroDivisionError) as caught:
        broken()
    explanation = explain(caught.value)
    assert "An error of LEO Studio itself" in explanation.sentence
    assert "in broken" in explanation.traceback

"""Explanations of failures: a sentence that says what to change, and the traceback of a bug."""

import errno
import traceback
from dataclasses import dataclass

import torch

from engine.errors import BadInput


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of an error for a person."""

    sentence: str
    traceback: str  # "" for what a person can put right


def explain(error: BaseException) -> Explanation:
    """Say what an error means for the person at the keyboard.

    Only what is nobody's mistake but ours keeps its traceback.
    """
    match error:
        case BadInput():
            return Explanation(str(error), "")
        case RuntimeError() if _is_full_gpu(error):
            return Explanation(
                "The GPU is out of memory; lower optimizer.meta_batch or task.queries, or set "
                "run.device to cpu.",
                "",
            )
        case RuntimeError() | MemoryError() if _is_full_memory(error):
            return Explanation(
                "The computer is out of memory; lower optimizer.meta_batch or task.queries, or "
                "close other programs.",
                "",
            )
        case OSError() if error.errno in (errno.ENOSPC, errno.EDQUOT):
            where = f" at {error.filename}" if error.filename else ""
            return Explanation(f"The disk is full{where}; make room and resume the run.", "")
        case OSError() if error.filename:
            reason = error.strerror or error
            return Explanation(f"{error.filename}: {reason}; check the file and try again.", "")
        case _:
            name = type(error).__name__
            return Explanation(
                f"An error of LEO Studio itself: {name}: {error}. Please report it with the "
                "details.",
                "".join(traceback.format_exception(error)),
            )


def _is_full_gpu(error: RuntimeError) -> bool:
    # The GPU's own libraries say it in words alone.
    words = ("CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
    return isinstance(error, torch.OutOfMemoryError) or any(text in str(error) for text in words)


def _is_full_memory(error: BaseException) -> bool:
    # torch has no error of its own for the computer's memory.
    return isinstance(error, MemoryError) or "DefaultCPUAllocator" in str(error)

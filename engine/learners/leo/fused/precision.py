"""Precision of the kernels' products: float32, or TensorFloat-32 where that is allowed."""

import torch


def precision() -> str:
    """Return triton's name for the precision that torch's own products have now.

    A product in three TensorFloat-32 parts has float32's precision but for the last bit or two.
    """
    return "tf32" if torch.backends.cuda.matmul.allow_tf32 else "tf32x3"

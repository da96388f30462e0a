"""Clipping of gradients as in the released code: a guard against NaN, then two clips, or a third.

The paper does not say it, but its figures were made so (google-deepmind/leo, `grads_and_vars` and
`_clip_gradients`). No branch depends on a value, so a device is never waited for.

Shapes: M members, there for a population only; P numbers of a model.
"""

import torch
from torch import Tensor

from engine.learners.layout import Layout

# The weight of the L2 term whose gradient stands in for one that is not a number.
_FALLBACK_L2 = 1e-4


class Clipping:
    """Guards and clips gradients in rows, (M, P), each member's by itself; has no state.

    Parameters
    ----------
    layout
        Where each variable is in a row.
    value
        The largest size of a gradient's element; None for any.
    norm
        The largest norm of a variable's gradient; None for any.
    whole_norm
        The largest norm of the gradient of all variables together; None for any.
    like
        A tensor of the weights' type, on their device.
    """

    def __init__(
        self,
        layout: Layout,
        value: float | None,
        norm: float | None,
        like: Tensor,
        whole_norm: float | None = None,
    ) -> None:
        self._layout, self._value, self._norm = layout, value, norm
        self._whole_norm = whole_norm
        sizes = torch.tensor(layout.sizes)
        # By number of a row: the variable that it belongs to.
        self._variable = torch.arange(len(sizes)).repeat_interleave(sizes).to(like.device)
        self._fallback = _FALLBACK_L2 * layout.matrix_places().to(like)

    def guarded(self, raw: Tensor, norm: Tensor, loss: Tensor, rows: Tensor) -> Tensor:
        """Replace a member's gradient where the loss or any of its gradient is not a number.

        Then it is the L2 term's alone, rescaled to a weight of 1e-4, in which learning rates are
        not.

        Parameters
        ----------
        raw
            Gradients, (M, P).
        norm, loss
            The norm of `raw` and the loss, (M,).
        rows
            The weights, (M, P).
        """
        # The norm of all is not a number when any of them is not, and neither is a sum.
        witness = norm + loss
        return torch.where(witness.isnan()[..., None], rows * self._fallback, raw)

    def clip(self, gradients: Tensor, out: Tensor) -> Tensor:
        """Clip by value, then each variable by its norm, as released; returns `out`, (M, P).

        Every variable by its own norm: one norm over all of them would let the decoder, which has
        most weights, silence the learned learning rates. Where a norm of the whole is asked for,
        it comes last.
        """
        clipped = self._clipped_as_released(gradients, out)
        if self._whole_norm is not None:
            length = torch.linalg.vector_norm(clipped, dim=-1, keepdim=True)
            clipped.mul_(self._whole_norm / length.clamp(min=self._whole_norm))
        return clipped

    def _clipped_as_released(self, gradients: Tensor, out: Tensor) -> Tensor:
        if self._value is not None:
            gradients = torch.clamp(gradients, -self._value, self._value, out=out)
        if self._norm is None:
            return out if gradients is out else out.copy_(gradients)
        scales = norm_scales(self._layout, gradients, self._norm)
        return torch.mul(gradients, scales.index_select(-1, self._variable), out=out)


def norm_scales(layout: Layout, gradients: Tensor, norm: float) -> Tensor:
    """Return what clips each variable's gradient in rows (M, P) to a norm: (M, variables)."""
    rows = gradients if gradients.dim() == 2 else [gradients]
    norms = torch._foreach_norm([piece for row in rows for piece in layout.pieces(row)])
    lengths = torch.stack(norms).view(*gradients.shape[:-1], -1)
    return norm / lengths.clamp(min=norm)

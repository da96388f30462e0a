"""The optimizer: Adam, and the weights of a model or a population that it moves, in rows.

Shapes: M members, there for a population only; P numbers of a model.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from engine.learners.layout import Layout, Weights

# Adam's kernel gives a tensor to one multiprocessor, up to 65,536 numbers.
_PIECES = 64


class FlatAdam:
    """Adam over the weights of one model or many, which lie flat, one row for each.

    Nothing of it is ever put elsewhere: a captured graph knows it by where it is.

    Parameters
    ----------
    models
        The initial weights of each member; one for a single model.
    rates
        Adam's step size for each.
    device
        Where to learn.

    Attributes
    ----------
    layout
        Where each variable is in a row.
    rows, gradients
        All weights, (M, P), and what `step` moves them by.
    parameters
        The weights as variables with a gradient of their own, (M, ...): views of `rows`.
    members
        The weights of each member, without a gradient: views too.
    """

    def __init__(
        self, models: Sequence[Weights], rates: Sequence[float], device: torch.device
    ) -> None:
        self.layout = Layout.of(models[0])
        rows = [self.layout.rows(tuple(model)) for model in models]
        self.rows = (torch.stack(rows) if len(rows) > 1 else rows[0]).to(device)
        self.gradients = torch.zeros_like(self.rows)
        variables = self.layout.views(self.rows.detach())
        self.parameters = self.layout.kind(*(each.requires_grad_() for each in variables))
        self._own_rows = _members(self.rows, len(models))
        self.members = [self.layout.views(row) for row in self._own_rows]
        self._pieces = [_pieces(row, len(models)) for row in self._own_rows]
        gradients = [_pieces(row, len(models)) for row in _members(self.gradients, len(models))]
        for pieces, own in zip(self._pieces, gradients, strict=True):
            for piece, gradient in zip(pieces, own, strict=True):
                piece.grad = gradient
        self._adam = _adam(self._pieces, rates)
        self._rates = [group["lr"] for group in self._adam.param_groups]

    def step(self, share: float | None = None) -> None:
        """Move the weights by their gradients.

        `share` is of the step sizes that were given; None leaves them as they are.
        """
        if share is not None:
            for group, rate in zip(self._adam.param_groups, self._rates, strict=True):
                group["lr"] = share * rate
        self._adam.step()

    def weights(self, member: int) -> dict[str, Tensor]:
        """Return a member's weights by name."""
        weights: dict[str, Tensor] = self.members[member]._asdict()
        return weights

    def moments(self, member: int) -> dict[str, Tensor]:
        """Return a member's state of Adam by name, such as "decoder.exp_avg"."""
        states = [self._adam.state[piece] for piece in self._pieces[member]]
        named: dict[str, Tensor] = {}
        for key in ("exp_avg", "exp_avg_sq") if states[0] else ():
            row = self.layout.views(torch.cat([state[key] for state in states]))
            for name, moment in row._asdict().items():
                named[f"{name}.step"] = states[0]["step"].clone()  # files share no memory
                named[f"{name}.{key}"] = moment
        return named

    def restore(
        self, member: int, weights: Mapping[str, Tensor], moments: Mapping[str, Tensor]
    ) -> None:
        """Go back to what `weights` and `moments` once returned of a member."""
        fields = self.layout.names
        self._own_rows[member].copy_(self.layout.rows([weights[name] for name in fields]))
        if not moments:
            for piece in self._pieces[member]:
                for value in self._adam.state[piece].values():
                    value.zero_()
            return
        restored = {
            key: _pieces(
                self.layout.rows([moments[f"{name}.{key}"] for name in fields]).to(self.rows),
                len(self.members),
            )
            for key in ("exp_avg", "exp_avg_sq")
        }
        # Every variable has taken as many steps.
        restored["step"] = [moments[f"{fields[0]}.step"]] * len(self._pieces[member])
        for number, piece in enumerate(self._pieces[member]):
            state = self._adam.state[piece]
            for key, values in restored.items():
                if key in state:
                    state[key].copy_(values[number])
                else:
                    state[key] = values[number].to(self.rows.device, copy=True)


def _members(rows: Tensor, members: int) -> list[Tensor]:
    """Return each member's row, (P,), of (M, P) or of one model's own."""
    return [rows] if members == 1 else list(rows)


def _pieces(row: Tensor, members: int) -> list[Tensor]:
    """Cut a member's row (P,), on a GPU, into pieces that its multiprocessors share."""
    count = 1 if row.device.type == "cpu" else max(1, _PIECES // members)
    return list(row.detach().split(-(-len(row) // count)))


def _adam(members: Sequence[Sequence[Tensor]], rates: Sequence[float]) -> torch.optim.Adam:
    """Return Adam over the members' weights, those of one rate together."""
    # TensorFlow's Adam, which the released code used, adds its epsilon to the moments before their
    # bias is corrected, torch's after; the steps differ by less than 1e-8 of the root of the second
    # moment.
    groups = [
        {
            "params": [
                piece
                for pieces, own in zip(members, rates, strict=True)
                if own == rate
                for piece in pieces
            ],
            "lr": rate,
        }
        for rate in dict.fromkeys(rates)
    ]
    kind = members[0][0].device.type
    return torch.optim.Adam(groups, fused=kind in ("cpu", "cuda"), capturable=kind == "cuda")

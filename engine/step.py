"""One outer step: sample, adapt, differentiate, clip, Adam (Rusu et al. 2019, algorithm 1)."""

from collections.abc import Mapping

import torch
from torch import Tensor

from engine.config import Experiment
from engine.data.store import Split
from engine.episodes import numbers_from, sample_episodes
from engine.hashing import mixed_text
from engine.leo.draws import draw
from engine.leo.model import Parameters, initial_parameters
from engine.leo.objective import Tasks, objective
from engine.leo.variants import algorithm_of, draw_shapes_of

# The weight of the L2 term whose gradient stands in for one that is not a number.
_FALLBACK_L2 = 1e-4


class OuterStep:
    """Takes outer steps; its only state is the weights and Adam's moments.

    Step number s sees episodes s * B to (s + 1) * B - 1 and draws that are a function of the seed
    and s, so any step can be repeated from a checkpoint before it.

    Parameters
    ----------
    experiment
        All settings.
    split
        Training examples, on the device to train on.
    """

    def __init__(self, experiment: Experiment, split: Split) -> None:
        self._experiment = experiment
        self._split = split
        self._algorithm = algorithm_of(experiment.leo)
        device = split.embeddings.device
        embedding_dim = split.embeddings.shape[1]
        self._shapes = draw_shapes_of(experiment, embedding_dim)
        self._generator = torch.Generator(device)
        self._draws_seed = experiment.run.seed ^ mixed_text("draws")
        parameters = initial_parameters(
            embedding_dim,
            experiment.leo.latent_size,
            experiment.leo.inner_lr,
            experiment.leo.finetuning_lr,
            torch.Generator().manual_seed(experiment.run.seed),
        )
        self.parameters = Parameters(
            *(variable.to(device).requires_grad_() for variable in parameters)
        )
        # TensorFlow's Adam, which the released code used, adds its epsilon to the moments before
        # their bias is corrected, torch's after; the steps differ by less than 1e-8 of the root of
        # the second moment.
        self._adam = torch.optim.Adam(
            self.parameters, lr=experiment.optimizer.outer_lr, fused=device.type in ("cpu", "cuda")
        )

    def __call__(self, step: int) -> Tensor:
        """Take step number `step` and return its metrics, (len(STEP_COLUMNS),), undetached."""
        settings = self._experiment
        batch = settings.optimizer.meta_batch
        numbers = numbers_from(step * batch, batch, self._split.embeddings.device)
        task = settings.task
        episodes = sample_episodes(
            self._split, settings.run.seed, numbers, task.n_way, task.k_shot, task.queries
        )
        embeddings = self._split.embeddings
        tasks = Tasks(embeddings[episodes.support], embeddings[episodes.query])
        draws = draw(self._shapes, self._draws_seed, step, self._generator)
        terms = objective(self.parameters, tasks, draws, self._algorithm)
        raw = list(
            torch.autograd.grad(
                terms.loss, self.parameters, allow_unused=True, materialize_grads=True
            )
        )
        norm = joint_norm(raw)
        gradients = without_nan(norm + terms.loss.detach(), raw, self.parameters)
        clip(gradients, settings.optimizer.clip_value, settings.optimizer.clip_norm)
        for variable, gradient in zip(self.parameters, gradients, strict=True):
            variable.grad = gradient
        self._adam.step()
        with torch.no_grad():
            rates = (self.parameters.inner_lr.mean(), self.parameters.finetuning_lr.mean())
            return torch.stack([*terms, *rates, norm])

    def weights(self) -> dict[str, Tensor]:
        """Return the weights by name."""
        return {
            name: variable.detach()
            for name, variable in zip(Parameters._fields, self.parameters, strict=True)
        }

    def moments(self) -> dict[str, Tensor]:
        """Return Adam's state by name, such as "decoder.exp_avg"."""
        return {
            f"{name}.{key}": value
            for name, variable in zip(Parameters._fields, self.parameters, strict=True)
            for key, value in self._adam.state[variable].items()
        }

    def restore(self, weights: Mapping[str, Tensor], moments: Mapping[str, Tensor]) -> None:
        """Go back to what `weights` and `moments` once returned."""
        with torch.no_grad():
            for name, variable in zip(Parameters._fields, self.parameters, strict=True):
                variable.copy_(weights[name])
        state = {
            index: {
                key.removeprefix(f"{name}."): value
                for key, value in moments.items()
                if key.startswith(f"{name}.")
            }
            for index, name in enumerate(Parameters._fields)
        }
        groups = self._adam.state_dict()["param_groups"]
        self._adam.load_state_dict({"state": state, "param_groups": groups})


def without_nan(witness: Tensor, gradients: list[Tensor], parameters: Parameters) -> list[Tensor]:
    """Replace all gradients by the L2 term's alone where `witness` is not a number.

    As released: that term is rescaled to a weight of 1e-4, and learning rates are not in it. No
    branch depends on a value, so a device is never waited for. `witness` is the loss plus the norm
    of all gradients, which is not a number when any of them is not.
    """
    is_nan = witness.isnan()
    matrices = len(parameters.matrices)
    return [
        torch.where(is_nan, variable.detach() * (_FALLBACK_L2 if index < matrices else 0), gradient)
        for index, (variable, gradient) in enumerate(zip(parameters, gradients, strict=True))
    ]


def clip(gradients: list[Tensor], value: float | None, norm: float | None) -> None:
    """Clip in place, each element to `value` and then each variable to `norm`, as released.

    Every variable by its own norm: one norm over all of them would let the decoder, which has most
    weights, silence the learned learning rates.
    """
    if value is not None:
        for gradient in gradients:
            gradient.clamp_(-value, value)
    if norm is not None:
        norms = torch._foreach_norm(gradients)
        torch._foreach_mul_(gradients, [(norm / n.clamp(min=norm)) for n in norms])


def joint_norm(gradients: list[Tensor]) -> Tensor:
    """Euclidean norm of all gradients together, before clipping."""
    joint: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    return joint

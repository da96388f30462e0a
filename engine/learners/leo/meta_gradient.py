"""The meta-training loss and its gradient with respect to the weights.

Rusu et al. 2019, algorithm 1 and equation 6, with the regularisation of section 4.2.2. There is no
other way of computing the objective: training, golden tests and benchmarks all call this.

Shapes: M members, there for a population only; P numbers of a model.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from engine.learners.layout import Layout
from engine.learners.learner import Begin, at_once
from engine.learners.leo.draws import Draws
from engine.learners.leo.kernels import OPERATIONS, Kernels
from engine.learners.leo.model import Parameters
from engine.learners.leo.objective import Algorithm, MaskedTasks, TaskTerms, Terms, task_terms
from engine.learners.leo.regularisation import regularisation


class LeoGradient:
    """Computes the loss of a model or a population, and its gradient; has no state.

    Parameters
    ----------
    algorithm
        Which LEO. The members of a population may have their own weights of the loss.
    layout
        Where each variable is in a row.
    like
        A tensor of the weights' type, on their device.
    """

    def __init__(self, algorithm: Algorithm, layout: Layout, like: Tensor) -> None:
        self._algorithm, self._layout = algorithm, layout
        weight = torch.as_tensor(algorithm.l2_weight, dtype=like.dtype, device=like.device)
        self._l2 = weight[..., None] * layout.matrix_places().to(like)

    def __call__(
        self,
        parameters: Parameters,
        rows: Tensor,
        tasks: MaskedTasks,
        draws: Draws,
        kernels: Kernels = OPERATIONS,
        *,
        measure: Callable[..., TaskTerms] = task_terms,
        begin: Begin = at_once,
    ) -> tuple[Terms, Tensor]:
        """Return the loss with all of its terms, and its gradient in rows, (M, P).

        Parameters
        ----------
        parameters, rows
            The weights, as variables that can be differentiated and as rows, (M, P).
        tasks, draws
            Tasks after dropout, and every random draw.
        kernels
            What does the arithmetic.
        measure
            `task_terms`, or what torch compiled of it.
        begin
            Begins the work that no task enters, on a GPU beside the rest.
        """
        weight = self._algorithm.orthogonality_weight
        regularised = begin(partial(regularisation, rows, parameters.decoder, self._l2, weight))
        terms = measure(parameters, tasks, draws, self._algorithm, kernels)
        # Members do not meet in any term, so the gradient of the sum is each member's own.
        of_tasks = torch.autograd.grad(
            terms.loss.sum(), parameters, allow_unused=True, materialize_grads=True
        )
        with torch.no_grad():
            l2, orthogonality, decoder_grad = regularised()
            gradient = torch.addcmul(self._layout.rows(of_tasks), rows, self._l2)
            self._layout.views(gradient).decoder.add_(decoder_grad)
            loss = terms.loss.detach() + l2 + orthogonality
        return Terms(loss, *terms[1:], l2=l2, orthogonality=orthogonality), gradient

"""Random problems for LEO, in float64: parameters, tasks and every draw."""

from collections.abc import Sequence

import torch

from engine.config import Experiment
from engine.data.store import Split
from engine.learners.layout import Layout
from engine.learners.leo.draws import Draws
from engine.learners.leo.kernels import Kernels
from engine.learners.leo.learner import LeoLearner
from engine.learners.leo.meta_gradient import LeoGradient
from engine.learners.leo.model import Parameters
from engine.learners.leo.objective import Algorithm, Terms, masked_tasks
from engine.tasks.classification import Tasks
from engine.training.outer_step import OuterStep

FULL = Algorithm(
    inner_steps=3,
    finetuning_steps=2,
    is_sampled=True,
    has_encoder=True,
    kl_weight=0.5,
    encoder_penalty_weight=0.7,
    l2_weight=1e-3,
    orthogonality_weight=0.1,
)


def loss_and_gradient(
    parameters: Parameters, tasks: Tasks, draws: Draws, algorithm: Algorithm
) -> tuple[Terms, Parameters]:
    """Compute the loss of one model with its terms, and its gradient, as an outer step does."""
    layout = Layout.of(parameters)
    rows = layout.rows(parameters).detach()
    seen = masked_tasks(tasks, draws, algorithm)
    terms, gradient = LeoGradient(algorithm, layout, rows)(parameters, rows, seen, draws)
    return terms, layout.views(gradient)


def random_parameters(embedding_dim: int, latent_size: int, seed: int = 0) -> Parameters:
    g = torch.Generator().manual_seed(seed)

    def normal(*shape: int, scale: float) -> torch.Tensor:
        drawn = torch.randn(*shape, generator=g, dtype=torch.float64) * scale
        return drawn.requires_grad_()

    pair = 2 * latent_size
    return Parameters(
        normal(embedding_dim, latent_size, scale=0.4),
        normal(pair, pair, scale=0.5),
        normal(pair, pair, scale=0.5),
        normal(pair, pair, scale=0.5),
        normal(latent_size, 2 * embedding_dim, scale=0.2),
        (0.1 + 0.3 * torch.rand(latent_size, generator=g, dtype=torch.float64)).requires_grad_(),
        (0.1 + torch.rand(embedding_dim, generator=g, dtype=torch.float64)).requires_grad_(),
    )


def random_tasks(b: int, n: int, k: int, q: int, d: int, seed: int = 1) -> Tasks:
    g = torch.Generator().manual_seed(seed)
    centres = torch.randn(b, n, 1, d, generator=g, dtype=torch.float64)
    examples = centres + torch.randn(b, n, k + q, d, generator=g, dtype=torch.float64)
    examples = examples / examples.norm(dim=-1, keepdim=True)
    return Tasks(examples[:, :, :k], examples[:, :, k:])


def random_draws(
    tasks: Tasks, latent_size: int, algorithm: Algorithm, *, dropout: bool = True, seed: int = 2
) -> Draws:
    g = torch.Generator().manual_seed(seed)
    b, n, k, d = tasks.support.shape
    q = tasks.query.shape[2]

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=g, dtype=torch.float64)

    def mask(*shape: int) -> torch.Tensor:
        return (torch.rand(*shape, generator=g, dtype=torch.float64) < 0.7).double() / 0.7

    steps = algorithm.inner_steps + algorithm.finetuning_steps
    sampled = algorithm.is_sampled
    return Draws(
        noise(k, b, n, latent_size) if sampled else None,
        noise(algorithm.inner_steps + 1, k, b, n, d) if sampled else None,
        mask(b, n, k, d) if dropout else None,
        mask(steps, b, n, k, d) if dropout else None,
        mask(b, n, q, d) if dropout else None,
    )


def no_draws() -> Draws:
    return Draws(None, None, None, None, None)


def leo_step(
    experiments: Sequence[Experiment], split: Split, kernels: Kernels | None = None
) -> OuterStep:
    """Return what trains LEO with kernels that a test chooses."""
    examples = split.embeddings
    learner = LeoLearner(experiments, examples.shape[1], examples.device, kernels=kernels)
    return OuterStep(experiments, split, learner=learner)


def leo_of(step: OuterStep) -> LeoLearner:
    """Return the LEO that a step trains."""
    assert isinstance(step.learner, LeoLearner)
    return step.learner

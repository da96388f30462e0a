"""The variant of LEO that an experiment chooses: the whole, or an ablation (table 2)."""

from torch import Tensor

from engine.config import Experiment, Leo, classification, leo_settings
from engine.learners.leo.adaptation import adapt
from engine.learners.leo.draws import DrawShapes
from engine.learners.leo.model import Parameters
from engine.learners.leo.objective import Algorithm
from engine.learners.leo.trajectory import Model
from engine.tasks.predictor import LinearClassifier


def algorithm_of(leo: Leo) -> Algorithm:
    """Return the algorithm of some settings; a variant switches parts off."""
    leo = leo.in_effect()
    return Algorithm(
        inner_steps=leo.inner_steps,
        finetuning_steps=leo.finetuning_steps,
        is_sampled=leo.is_sampled,
        has_encoder=leo.variant != "random_prior",
        kl_weight=leo.kl_weight,
        encoder_penalty_weight=leo.encoder_penalty_weight,
        l2_weight=leo.l2_weight,
        orthogonality_weight=leo.orthogonality_weight,
    )


def model_of(leo: Leo, parameters: Parameters) -> Model:
    """Return weights with the adaptation that they are used for."""
    algorithm = algorithm_of(leo)
    return Model(
        parameters,
        algorithm.inner_steps,
        algorithm.finetuning_steps,
        algorithm.has_encoder,
        algorithm.is_sampled,
    )


def adapted(experiment: Experiment, parameters: Parameters, support: Tensor) -> LinearClassifier:
    """Adapt to support sets (B, N, K, D) as an experiment's evaluations do: deterministically."""
    algorithm = algorithm_of(leo_settings(experiment))
    weights = adapt(
        parameters,
        support,
        inner_steps=algorithm.inner_steps,
        finetuning_steps=algorithm.finetuning_steps,
        has_encoder=algorithm.has_encoder,
    )
    return LinearClassifier(weights)


def draw_shapes_of(experiment: Experiment, embedding_dim: int) -> DrawShapes:
    """Return the shapes of the draws of one outer step of an experiment."""
    algorithm, task = algorithm_of(leo_settings(experiment)), classification(experiment)
    return DrawShapes(
        tasks=experiment.optimizer.meta_batch,
        n_way=task.n_way,
        k_shot=task.k_shot,
        queries=task.queries,
        embedding_dim=embedding_dim,
        latent_size=leo_settings(experiment).latent_size,
        inner_steps=algorithm.inner_steps,
        finetuning_steps=algorithm.finetuning_steps,
        dropout=leo_settings(experiment).dropout,
        is_sampled=algorithm.is_sampled,
    )

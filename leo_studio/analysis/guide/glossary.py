"""The glossary's entries that settings, curves and results of the window are explained by.

An entry is named by its heading in docs/glossary.md; a test holds that each is there.
"""

from collections.abc import Mapping
from types import MappingProxyType

from leo_studio.analysis.guide.pages import GLOSSARY, anchor_of

SCHEME = "leo-guide"
"""Links of this kind open the guide inside of the program, such as leo-guide:glossary#episode."""

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "data.store": "Store",
        "data.train_splits": "Split",
        "data.power": "Feature transforms",
        "data.centre": "Feature transforms",
        "data.components": "Feature transforms",
        "data.normalize": "Feature transforms",
        "data.access": "Mapped store",
        "task.n_way": "n_way",
        "task.k_shot": "k_shot",
        "task.families": "Few-shot regression",
        "task.functions": "Few-shot regression",
        "task.noise": "Few-shot regression",
        "task.queries": "Support and query set",
        "task.examples_per_class": "Support and query set",
        "learner.kind": "Learner",
        "learner.variant": "Variant",
        "learner.latent_size": "Latent code",
        "learner.inner_steps": "Inner loop",
        "learner.inner_lr": "Inner loop",
        "learner.inner_clip": "Inner loop",
        "learner.evaluation_steps": "Inner loop",
        "learner.evaluation_samples": "Latent code",
        "learner.hidden_units": "Generated network",
        "learner.root_share": "Squared error",
        "learner.last_phase": "Last phase",
        "learner.last_phase_rate": "Last phase",
        "learner.last_phase_samples": "Last phase",
        "learner.last_phase_tasks": "Last phase",
        "learner.last_phase_kl_weight": "Last phase",
        "learner.learns_rates": "MAML",
        "learner.finetuning_steps": "Fine-tuning",
        "learner.finetuning_lr": "Fine-tuning",
        "learner.dropout": "Dropout",
        "learner.kl_weight": "KL divergence",
        "learner.encoder_penalty_weight": "Encoder penalty",
        "learner.l2_weight": "L2",
        "learner.orthogonality_weight": "Orthogonality",
        "learner.projected_size": "Projection",
        "learner.initial_scale": "Prototype",
        "learner.distance": "Baseline",
        "learner.neighbours": "Baseline",
        "learner.queries_per_class": "Transductive learner",
        "learner.query_balance": "Transductive learner",
        "learner.refinements": "Transductive learner",
        "learner.entropy_order": "Transductive learner",
        "learner.shrinkage": "Shrinkage",
        "learner.scale": "Scale",
        "learner.penalty": "Ridge and logistic regression",
        "learner.backbone": "Backbone",
        "learner.layer": "Backbone",
        "learner.image_side": "Backbone",
        "learner.kept_side": "Pre-training",
        "learner.in_channels": "Backbone",
        "learner.batch": "Pre-training",
        "learner.lr": "Learning rate",
        "learner.momentum": "Weight decay",
        "learner.weight_decay": "Weight decay",
        "learner.decay": "Learning rate",
        "learner.milestones": "Learning rate",
        "learner.decay_factor": "Learning rate",
        "learner.drop_rate": "Dropout",
        "learner.label_smoothing": "Pre-training",
        "learner.augmentation": "Augmentation",
        "learner.smallest_crop": "Augmentation",
        "learner.colour_jitter": "Augmentation",
        "learner.affine_strength": "Augmentation",
        "learner.rotated_classes": "Augmentation",
        "learner.rotation_weight": "Rotation loss",
        "learner.mixup_alpha": "Mixup",
        "optimizer.outer_lr": "Learning rate",
        "optimizer.meta_batch": "Meta-batch",
        "optimizer.clip_value": "Gradient norm",
        "optimizer.clip_norm": "Gradient norm",
        "optimizer.clip_all": "Gradient norm",
        "optimizer.decay": "Learning rate",
        "optimizer.warm_up": "Learning rate",
        "schedule.steps": "Outer step",
        "schedule.validate_every": "Validation",
        "schedule.validation_episodes": "Validation",
        "schedule.early_stopping": "Validation",
        "evaluation.episodes": "Evaluation",
        "run.seed": "Seed",
    }
)
"""By dotted path."""

CURVES: Mapping[str, str] = MappingProxyType(
    {
        "loss": "Loss",
        "query_loss": "Loss",
        "accuracy": "Accuracy",
        "query_accuracy": "Accuracy",
        "batch_accuracy": "Accuracy",
        "calibration_error": "Calibration (ECE)",
        "error": "Squared error",
        "query_error": "Squared error",
        "log_likelihood": "Log likelihood",
        "coverage": "Coverage",
        "deviation": "Latent code",
        "kl": "KL divergence",
        "encoder_penalty": "Encoder penalty",
        "l2": "L2",
        "orthogonality": "Orthogonality",
        "inner_lr": "Inner loop",
        "finetuning_lr": "Fine-tuning",
        "rotation_loss": "Rotation loss",
        "lr": "Learning rate",
        "data_wait": "Waiting for data",
        "gradient_norm": "Gradient norm",
        "steps_per_second": "Outer step",
    }
)
"""By the column of train.csv or validation.csv."""

EVALUATION = (
    "Accuracy",
    "Confidence interval",
    "Episode",
    "Loss",
    "Nats",
    "Calibration (ECE)",
    "Baseline",
    "Paired difference",
)
"""The words of an evaluation's result."""

UNCERTAINTY = (
    "AUROC",
    "Risk-coverage",
    "Entropy",
    "Expected entropy",
    "Mutual information",
    "Temperature",
    "Loss",
    "Nats",
    "Confidence interval",
)
"""The words of what an evaluation measures of uncertainty."""

EVALUATION_ON_FUNCTIONS = (
    "Few-shot regression",
    "Log likelihood",
    "Nats",
    "Bayes-optimal limit",
    "Risk ratio",
    "Squared error",
    "Coverage",
    "Confidence interval",
)
"""The words of the result of an evaluation on functions."""

LATENT_SPACE = (
    "Latent code",
    "Adapted latent code",
    "Inner loop",
    "Prior",
    "Probe",
    "Mutual information",
    "Nats",
)
"""The words of the panel Latent space."""

EPISODE = (
    "Support and query set",
    "Inner loop",
    "Fine-tuning",
    "Gain",
    "Expected entropy",
    "Mutual information",
    "Nats",
)
"""The words of an episode's page."""

CURVATURE = (
    "Curvature",
    "Expansion of the decoder",
    "Length of a step",
    "Latent code",
    "Inner loop",
    "Fine-tuning",
    "Variant",
    "MAML",
)
"""The words of the panel Curvature."""


def link_to(entry: str) -> str:
    """Return the link that opens the guide at an entry."""
    return f"{SCHEME}:{GLOSSARY}#{anchor_of(entry)}"

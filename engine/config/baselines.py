"""The settings of baselines: learners that need no training."""

from typing import ClassVar, Literal

from engine.config.declaration import setting
from engine.config.learner_section import KIND, LearnerSection

Distance = Literal["cosine", "centred_cosine", "euclidean"]


class ClassMean(LearnerSection):
    """The nearest mean of a class's support examples."""

    title: ClassVar[str] = "Nearest class mean"
    is_trained: ClassVar[bool] = False

    kind: Literal["class_mean"] = setting("class_mean", KIND, label="Kind of learner")
    distance: Distance = setting(
        "cosine",
        "What is nearest; centred, the support set's mean is subtracted first.",
        label="Distance",
    )
    scale: float = setting(
        10.0,
        "Factor from cosines, or from negative squared distances, to logits.",
        label="Scale",
        scale="log",
        gt=0,
    )


class Ridge(LearnerSection):
    """Ridge regression from the support set's embeddings to its labels, without any training."""

    title: ClassVar[str] = "Ridge regression"
    is_trained: ClassVar[bool] = False

    kind: Literal["ridge"] = setting("ridge", KIND, label="Kind of learner")
    penalty: float = setting(
        1.0,
        "Weight of the squared weights beside the squared errors.",
        label="Penalty",
        symbol="λ",
        scale="log",
        gt=0,
    )
    scale: float = setting(
        10.0,
        "Factor from predicted targets to logits.",
        label="Scale",
        scale="log",
        gt=0,
    )


class Logistic(LearnerSection):
    """Logistic regression on the support set."""

    title: ClassVar[str] = "Logistic regression"
    is_trained: ClassVar[bool] = False

    kind: Literal["logistic"] = setting("logistic", KIND, label="Kind of learner")
    penalty: float = setting(
        1.0,
        "Weight of half the squared weights beside the summed loss.",
        label="Penalty",
        symbol="λ",
        scale="log",
        ge=1e-4,
    )


class Discriminant(LearnerSection):
    """Linear discriminant analysis on the support set."""

    title: ClassVar[str] = "Linear discriminant analysis"
    is_trained: ClassVar[bool] = False

    kind: Literal["discriminant"] = setting("discriminant", KIND, label="Kind of learner")
    shrinkage: float = setting(
        0.5,
        "Share of one variance for all directions in the covariance within classes.",
        label="Shrinkage",
        ge=1e-3,
        le=1,
    )


class Neighbours(LearnerSection):
    """The nearest neighbours among the support set's examples."""

    title: ClassVar[str] = "Nearest neighbours"
    is_trained: ClassVar[bool] = False

    kind: Literal["neighbours"] = setting("neighbours", KIND, label="Kind of learner")
    neighbours: int = setting(
        3,
        "How many of the nearest examples vote, each by the inverse of its distance.",
        label="Neighbours",
        symbol="k",
        ge=1,
        le=1000,
    )

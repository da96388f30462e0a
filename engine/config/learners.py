"""The settings of each kind of learner; a new one has its section here.

Each has a `kind`, which nothing else has, and a title. What a kind can do is said in
`engine.learners.catalogue`.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from engine.config.backbone import Backbone
from engine.config.baselines import ClassMean, Discriminant, Logistic, Neighbours, Ridge
from engine.config.declaration import ONE_OF_KINDS, setting
from engine.config.learner_section import KIND, LearnerSection
from engine.config.regression_learners import LeoRegression, Maml
from engine.config.transductive import AlphaTim, SoftKMeans

Variant = Literal[
    "full",
    "no_finetuning",
    "deterministic",
    "random_prior",
    "conditional_generator",
    "conditional_generator_finetuning",
]


_WORDS_OF_VARIANTS: Mapping[Variant, str] = {
    "full": "",
    "no_finetuning": "no fine-tuning",
    "deterministic": "deterministic",
    "random_prior": "random prior",
    "conditional_generator": "generator only",
    "conditional_generator_finetuning": "generator and fine-tuning",
}


class Leo(LearnerSection):
    """Latent Embedding Optimization.

    Members of a population may differ in numbers that its formulas read as tensors, one each;
    what decides shapes, or how many steps there are, they share.
    """

    title: ClassVar[str] = "LEO"

    kind: Literal["leo"] = setting("leo", KIND, label="Kind of learner")
    variant: Variant = setting(
        "full",
        "Which LEO: all of it, or one of the paper's ablations (table 2).",
        label="Variant",
    )
    latent_size: int = setting(
        64, "Numbers in a latent code.", label="Latent size", symbol="n_z", ge=1, le=4096
    )
    inner_steps: int = setting(
        5,
        "Gradient steps on the latent codes.",
        label="Inner steps",
        symbol="on z",
        ge=0,
        le=100,
    )
    inner_lr: float = setting(
        1.0,
        "Initial step size on latent codes; learned.",
        label="Inner learning rate",
        symbol="α",
        scale="log",
        varies_in_population=True,
        gt=0,
        le=1000,
    )
    finetuning_steps: int = setting(
        5,
        "Gradient steps on the classifier weights.",
        label="Fine-tuning steps",
        symbol="on θ",
        ge=0,
        le=100,
    )
    finetuning_lr: float = setting(
        0.001,
        "Initial step size on classifier weights; learned.",
        label="Fine-tuning learning rate",
        symbol="α",
        scale="log",
        varies_in_population=True,
        gt=0,
        le=1000,
    )
    dropout: float = setting(
        0.3,
        "Chance that an input number is dropped in training.",
        label="Dropout",
        symbol="p",
        varies_in_population=True,
        ge=0,
        lt=1,
    )
    kl_weight: float = setting(
        0.001,
        "Weight of the codes' divergence from the prior.",
        label="KL weight",
        symbol="β",
        scale="log",
        varies_in_population=True,
        ge=0,
    )
    encoder_penalty_weight: float = setting(
        1e-6,
        "Weight of the distance between initial and adapted codes.",
        label="Encoder penalty weight",
        symbol="γ",
        scale="log",
        varies_in_population=True,
        ge=0,
    )
    l2_weight: float = setting(
        1e-8,
        "Weight of the L2 term on the weight matrices.",
        label="L2 weight",
        symbol="λ₁",
        scale="log",
        varies_in_population=True,
        ge=0,
    )
    orthogonality_weight: float = setting(
        0.01,
        "Weight of the decoder rows' correlation.",
        label="Orthogonality weight",
        symbol="λ₂",
        scale="log",
        varies_in_population=True,
        ge=0,
    )

    @property
    def method_name(self) -> str:
        """LEO, and which of its ablations: "LEO, no fine-tuning"."""
        return ", ".join(filter(None, ("LEO", _WORDS_OF_VARIANTS[self.variant])))

    @property
    def is_sampled(self) -> bool:
        """Whether training draws codes and weights; otherwise it takes their means."""
        return self.variant != "deterministic"

    def in_effect(self) -> Self:
        """Return the settings without the steps that the variant does not take."""
        adapts_codes = not self.variant.startswith("conditional_generator")
        adapts_weights = self.variant not in ("conditional_generator", "no_finetuning")
        return self.model_copy(
            update={
                "inner_steps": self.inner_steps if adapts_codes else 0,
                "finetuning_steps": self.finetuning_steps if adapts_weights else 0,
            }
        )


class ProtoNet(LearnerSection):
    """Prototypical networks with a learned linear embedding (Snell et al. 2017)."""

    title: ClassVar[str] = "Prototypical networks"

    kind: Literal["protonet"] = setting("protonet", KIND, label="Kind of learner")
    projected_size: int = setting(
        64,
        "Numbers in a learned embedding, in which distances are measured.",
        label="Projected size",
        ge=1,
        le=4096,
    )
    initial_scale: float = setting(
        10.0,
        "Factor on squared distances at the start; learned.",
        label="Initial scale",
        scale="log",
        varies_in_population=True,
        gt=0,
        le=1e6,
    )
    l2_weight: float = setting(
        1e-8,
        "Weight of the L2 term on the projection.",
        label="L2 weight",
        scale="log",
        varies_in_population=True,
        ge=0,
    )


class Matching(LearnerSection):
    """Matching networks with a learned linear embedding (Vinyals et al. 2016)."""

    title: ClassVar[str] = "Matching networks"

    kind: Literal["matching"] = setting("matching", KIND, label="Kind of learner")
    projected_size: int = setting(
        64,
        "Numbers in a learned embedding, in which cosines are measured.",
        label="Projected size",
        ge=1,
        le=4096,
    )
    scale: float = setting(
        20.0,
        "Factor on cosines in the attention; the paper's is 1.",
        label="Scale",
        scale="log",
        varies_in_population=True,
        gt=0,
        le=1e6,
    )
    l2_weight: float = setting(
        1e-8,
        "Weight of the L2 term on the projection.",
        label="L2 weight",
        scale="log",
        varies_in_population=True,
        ge=0,
    )


class LinearMaml(LearnerSection):
    """MAML or Meta-SGD on a linear classifier: initial weights for a few gradient steps."""

    title: ClassVar[str] = "MAML on a linear classifier"

    kind: Literal["linear_maml"] = setting("linear_maml", KIND, label="Kind of learner")
    inner_steps: int = setting(
        5, "Gradient steps on the classifier.", label="Inner steps", ge=0, le=100
    )
    inner_lr: float = setting(
        1.0,
        "Step size on the classifier, at the start where it is learned.",
        label="Inner learning rate",
        symbol="α",
        scale="log",
        varies_in_population=True,
        gt=0,
        le=1000,
    )
    learns_rates: bool = setting(
        False,
        "Learn a step size for each number of an embedding (Meta-SGD, Li et al. 2017).",
        label="Learned step sizes",
    )
    l2_weight: float = setting(
        1e-8,
        "Weight of the L2 term on the initial weights.",
        label="L2 weight",
        scale="log",
        varies_in_population=True,
        ge=0,
    )

    @property
    def method_name(self) -> str:
        """Meta-SGD where step sizes are learned, and MAML where they are not."""
        return "Meta-SGD" if self.learns_rates else "MAML"


Learner = Annotated[
    Leo
    | ProtoNet
    | Matching
    | LinearMaml
    | ClassMean
    | Ridge
    | Logistic
    | Discriminant
    | Neighbours
    | SoftKMeans
    | AlphaTim
    | Backbone
    | LeoRegression
    | Maml,
    ONE_OF_KINDS,
]
"""What learns the tasks."""

"""The settings of the learners of few-shot regression."""

import math
from bisect import bisect_left
from typing import ClassVar, Literal

from engine.config.declaration import setting
from engine.config.learner_section import KIND, LearnerSection, Phase

FunctionVariant = Literal["full", "deterministic", "random_prior", "conditional_generator"]


class LeoRegression(LearnerSection):
    """LEO whose latent code generates all weights of a small network (section 5.1).

    What the paper's text does not give (rates, clipping, weighting of tasks) is ours, and so is the
    last phase.
    """

    title: ClassVar[str] = "LEO for regression"
    tasks: ClassVar[tuple[str, ...]] = ("regression",)
    unused: ClassVar[tuple[str, ...]] = ("run.cuda_graph", "run.compile")

    kind: Literal["leo_regression"] = setting("leo_regression", KIND, label="Kind of learner")
    variant: FunctionVariant = setting(
        "full",
        "Which LEO: all of it, or one without a part (table 2).",
        label="Variant",
    )
    latent_size: int = setting(
        16, "Numbers in a latent code.", label="Latent size", symbol="n_z", ge=1, le=4096
    )
    hidden_units: int = setting(
        40,
        "Units in each of the generated network's two layers.",
        label="Hidden units",
        ge=1,
        le=512,
    )
    inner_steps: int = setting(
        5, "Gradient steps on the code.", label="Inner steps", symbol="on z", ge=0, le=100
    )
    inner_lr: float = setting(
        0.3,
        "Initial step size on latent codes; learned, one for each number.",
        label="Inner learning rate",
        symbol="α",
        scale="log",
        varies_in_population=True,
        gt=0,
        le=1000,
    )
    inner_clip: float = setting(
        1.0,
        "The largest norm of a gradient in the inner loop.",
        label="Clip inner gradients",
        scale="log",
        is_rare=True,
        gt=0,
    )
    evaluation_steps: int = setting(
        8, "Gradient steps on the code at evaluation.", label="Steps at evaluation", ge=0, le=100
    )
    evaluation_samples: int = setting(
        200, "Codes that are drawn for each task at evaluation.", label="Samples", ge=1, le=10_000
    )
    kl_weight: float = setting(
        1e-5,
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
    root_share: float = setting(
        0.77,
        "For this share of the first phase a task counts by the root of its error.",
        label="Roots of errors",
        is_for_training=True,
        ge=0,
        le=1,
    )
    last_phase: float = setting(
        0.2,
        "Share of the steps, at the end, whose objective is about several samples; 0 for none.",
        label="Last phase",
        is_for_training=True,
        ge=0,
        lt=1,
    )
    last_phase_rate: float = setting(
        0.5,
        "Step size of the last phase, as a share of the first one's.",
        label="Rate of the last phase",
        is_for_training=True,
        is_rare=True,
        gt=0,
    )
    last_phase_samples: int = setting(
        6,
        "Codes that are drawn for each task in the last phase.",
        label="Samples of the last phase",
        is_for_training=True,
        is_rare=True,
        ge=2,
        le=1000,
    )
    last_phase_tasks: int = setting(
        16,
        "Tasks of each step that the last phase uses, at most.",
        label="Tasks of the last phase",
        is_for_training=True,
        unit="tasks",
        is_rare=True,
        ge=1,
    )
    last_phase_kl_weight: float = setting(
        1e-3,
        "Weight of the codes' divergence in the last phase.",
        label="KL weight of the last phase",
        is_for_training=True,
        scale="log",
        varies_in_population=True,
        is_rare=True,
        ge=0,
    )

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The parts of training: the paper's objective, then the one about several samples."""
        first = Phase(0.0, 1.0)
        if not self.last_phase:
            return (first,)
        return first, Phase(1 - self.last_phase, self.last_phase_rate)

    def steps_of_roots(self, steps: int) -> int:
        """Return for how many of the first steps a task counts by the root of its error."""
        return math.ceil(self.root_share * self.phase_at(0, steps).end)

    @property
    def steps_of_variant(self) -> tuple[int, int]:
        """Inner steps in training and at evaluation; none where the variant takes none."""
        if self.variant == "conditional_generator":
            return 0, 0
        return self.inner_steps, self.evaluation_steps


class Maml(LearnerSection):
    """MAML: a network's initial weights, from which a few gradient steps fit a task.

    With learned step sizes, one for each weight, it is Meta-SGD; without steps, no adaptation.
    """

    title: ClassVar[str] = "MAML"
    tasks: ClassVar[tuple[str, ...]] = ("regression",)
    unused: ClassVar[tuple[str, ...]] = ("run.cuda_graph", "run.compile")

    kind: Literal["maml"] = setting("maml", KIND, label="Kind of learner")
    hidden_units: int = setting(
        40, "Units in each of the network's two layers.", label="Hidden units", ge=1, le=512
    )
    inner_steps: int = setting(
        5, "Gradient steps on the weights; 0 for no adaptation.", label="Inner steps", ge=0, le=100
    )
    inner_lr: float = setting(
        0.01,
        "Step size on the weights, at the start where it is learned.",
        label="Inner learning rate",
        symbol="α",
        scale="log",
        varies_in_population=True,
        gt=0,
        le=1000,
    )
    learns_rates: bool = setting(
        False,
        "Learn a step size for each weight (Meta-SGD, Li et al. 2017).",
        label="Learned step sizes",
    )
    inner_clip: float | None = setting(
        None,
        "The largest norm of a gradient in the inner loop; null for any.",
        label="Clip inner gradients",
        nothing="Off",
        is_rare=True,
        gt=0,
    )
    evaluation_steps: int = setting(
        10, "Gradient steps at evaluation.", label="Steps at evaluation", ge=0, le=100
    )
    root_share: float = setting(
        0.6,
        "For this share of the steps a task counts by the root of its error.",
        label="Roots of errors",
        is_for_training=True,
        ge=0,
        le=1,
    )

    def steps_of_roots(self, steps: int) -> int:
        """Return for how many of the first steps a task counts by the root of its error."""
        # The first whose part of all steps is no smaller than the share, as division rounds it.
        return bisect_left(range(steps), self.root_share, key=lambda step: step / steps)

"""The sections of an experiment; each setting is declared once, with its limits and its role."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, model_validator

from engine.config.declaration import ONE_OF_KINDS, Section, setting
from engine.config.regression_task import Regression
from engine.config.task_section import KIND, TaskSection


def _checked_device(device: str) -> str:
    if not re.fullmatch(r"auto|cpu|(cuda|xpu)(:\d+)?|mps", device):
        raise ValueError("it must be auto, cpu, cuda, cuda:0 and so on, mps or xpu")
    return device


Access = Literal["auto", "load", "map"]
"""How embeddings are at hand: read into memory, or mapped and read where they are asked for."""


class Data(Section):
    """Where examples come from."""

    title: ClassVar[str] = "Data"

    # Two stores give the same episodes where they hold the same classes and examples, wherever
    # they lie; so it does not decide episodes by its name: see `roles.why_other_episodes`.
    store: str = setting(
        ...,
        "A store's name in the library, or a path to an .h5 file.",
        label="Embeddings",
        option="--store",
    )
    train_splits: Annotated[
        tuple[Literal["train", "val"], ...],
        BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
    ] = setting(
        ("train",),
        "Splits whose classes are trained on; the paper's test figures used train and val.",
        label="Train on",
        is_for_training=True,
        min_length=1,
    )
    power: float | None = setting(
        None,
        "First raise each number to this power, keeping its sign; null for no change.",
        label="Power",
        nothing="Off",
        is_rare=True,
        gt=0,
        le=10,
    )
    centre: bool = setting(
        False,
        "Then take the mean of the training classes' examples away.",
        label="Centre",
        is_rare=True,
    )
    components: int | None = setting(
        None,
        "Then turn to this many principal components of the training classes' examples, each of "
        "variance 1; null for none.",
        label="Whitened components",
        nothing="Off",
        is_rare=True,
        ge=1,
    )
    normalize: bool = setting(
        True, "Divide each embedding by its Euclidean norm, as released.", label="Normalise"
    )
    access: Access = setting(
        "auto",
        "load reads the embeddings into memory, map leaves them on disk and reads them where they "
        "are needed, with the same bits; auto maps a store over a quarter of the free memory.",
        label="Access",
        role="machine",
        is_rare=True,
    )

    @model_validator(mode="after")
    def _splits_differ(self) -> Self:
        if len(set(self.train_splits)) != len(self.train_splits):
            raise ValueError("data.train_splits names a split twice; name each once.")
        return self


class Classification(TaskSection):
    """Few-shot classification: which of N classes a query is of."""

    title: ClassVar[str] = "Classification"

    kind: Literal["classification"] = setting(
        "classification",
        KIND,
        label="Kind of task",
        decides_episodes=True,
        is_rare=True,
    )
    n_way: int = setting(
        5,
        "Classes in an episode.",
        label="Ways",
        unit="classes",
        symbol="N",
        decides_episodes=True,
        ge=2,
        le=1000,
    )
    k_shot: int = setting(
        1,
        "Labelled examples per class.",
        label="Shots",
        unit="per class",
        symbol="K",
        decides_episodes=True,
        ge=1,
        le=1000,
    )
    queries: int = setting(
        15,
        "Queries per class in a training episode.",
        label="Queries",
        is_for_training=True,
        unit="per class",
        ge=1,
        le=10000,
    )
    examples_per_class: int = setting(
        600,
        "At evaluation each class has this many examples less k_shot as queries.",
        label="Evaluation examples",
        unit="per class",
        decides_episodes=True,
        ge=2,
    )

    @property
    def words(self) -> str:
        """What people call it: "5-way 1-shot"."""
        return f"{self.n_way}-way {self.k_shot}-shot"

    @model_validator(mode="after")
    def _has_queries_left(self) -> Self:
        if self.examples_per_class <= self.k_shot:
            raise ValueError(
                f"task.examples_per_class is {self.examples_per_class} and task.k_shot is "
                f"{self.k_shot}; examples_per_class must be larger, or no query is left to "
                "evaluate on."
            )
        return self


Task = Annotated[Classification | Regression, ONE_OF_KINDS]
"""What one task asks."""


class Optimizer(Section):
    """The outer loop's optimiser, Adam."""

    title: ClassVar[str] = "Optimiser"

    outer_lr: float = setting(
        3e-4,
        "Adam's step size.",
        label="Outer learning rate",
        is_for_training=True,
        symbol="η",
        scale="log",
        varies_in_population=True,
        gt=0,
        le=10,
    )
    meta_batch: int = setting(
        12,
        "Tasks per outer step.",
        label="Meta-batch",
        is_for_training=True,
        unit="tasks",
        ge=1,
        le=4096,
    )
    clip_value: float | None = setting(
        0.1,
        "Each gradient element is clipped to this size; null for no clipping.",
        label="Clip elements",
        is_for_training=True,
        nothing="Off",
        is_rare=True,
        gt=0,
    )
    clip_norm: float | None = setting(
        0.1,
        "Then each variable's gradient to this norm; null for no clipping.",
        label="Clip norms",
        is_for_training=True,
        nothing="Off",
        is_rare=True,
        gt=0,
    )
    clip_all: float | None = setting(
        None,
        "Last the gradient of all variables to this norm; null for no clipping.",
        label="Clip the whole",
        is_for_training=True,
        nothing="Off",
        is_rare=True,
        gt=0,
    )
    decay: Literal["constant", "cosine"] = setting(
        "constant",
        "Whether the step size stays, or falls to 0 by half a cosine.",
        label="Decay",
        is_for_training=True,
        is_rare=True,
    )
    warm_up: float = setting(
        0.0,
        "For this share of the steps the step size rises from 0.",
        label="Warm-up",
        is_for_training=True,
        is_rare=True,
        ge=0,
        lt=1,
    )


class Schedule(Section):
    """How long to train, and when to look."""

    title: ClassVar[str] = "Schedule"

    steps: int = setting(
        100_000,
        "Outer steps.",
        label="Length",
        is_for_training=True,
        unit="outer steps",
        option="--steps",
        ge=1,
        le=100_000_000,
    )
    validate_every: int = setting(
        1000,
        "Outer steps between validations; each keeps a checkpoint.",
        label="Validate every",
        is_for_training=True,
        unit="outer steps",
        ge=1,
    )
    validation_episodes: int = setting(
        2000,
        "Episodes per validation, always the same.",
        label="Validation",
        is_for_training=True,
        unit="episodes",
        ge=2,
    )
    early_stopping: int | None = setting(
        None,
        "Stop after this many validations without a better one; null for never.",
        label="Stop early after",
        is_for_training=True,
        unit="validations",
        nothing="Never",
        is_rare=True,
        ge=1,
    )

    def is_validated_after(self, step: int) -> bool:
        """Whether a validation follows this step; one follows the last."""
        return step > 0 and (step % self.validate_every == 0 or step >= self.steps)

    def next_validation(self, step: int) -> int:
        """Return the step after which the next validation follows; the last at the latest."""
        return min(step + self.validate_every - step % self.validate_every, self.steps)

    def validations_after(self, step: int) -> int:
        """Return how many validations follow later steps than this one."""
        done = step // self.validate_every
        return -(-self.steps // self.validate_every) - done if step < self.steps else 0


class Evaluation(Section):
    """The released protocol's evaluation."""

    title: ClassVar[str] = "Evaluation"

    # More of them go on where fewer end, so it does not decide which episodes there are.
    episodes: int = setting(
        10_000,
        "Episodes of an evaluation.",
        label="Evaluation",
        unit="episodes",
        ge=2,
        le=10_000_000,
    )


class RunSettings(Section):
    """Where and from which seed."""

    title: ClassVar[str] = "Run"

    seed: int = setting(
        0,
        "Fixes weights, episodes and every draw.",
        label="Seed",
        role="seed",
        varies_in_population=True,
        is_counted_singly=True,
        option="--seed",
        ge=0,
        le=2**63 - 1,
    )
    device: Annotated[str, AfterValidator(_checked_device)] = setting(
        "auto",
        "auto takes a CUDA GPU where there is one, else the CPU.",
        label="Device",
        role="machine",
        option="--device",
    )
    cuda_graph: bool = setting(
        True,
        "On a CUDA GPU, replay whole outer steps as one graph: the same steps, faster.",
        label="CUDA graph",
        is_for_training=True,
        role="machine",
        is_rare=True,
    )
    # The one switch here that belongs to the result: of each factor of each product three digits
    # are left instead of seven, so it is other arithmetic, as other hyper-parameters are, and a
    # mean over seeds must not mix it with float32.
    tf32: bool = setting(
        False,
        "On a CUDA GPU, multiply in TensorFloat-32: faster, with three digits instead of 7.",
        label="TensorFloat-32",
        is_rare=True,
    )
    compile: bool = setting(
        False,
        "Let torch.compile make the step's code; it takes about a minute at the start.",
        label="Compile",
        is_for_training=True,
        role="machine",
        is_rare=True,
    )
    # Of the machine, as the device is: the same float32 sums, added in an order that does not
    # change. What another order changes is rounding, in the last digit.
    deterministic: bool = setting(
        False,
        "Use only algorithms that repeat to the bit on the same device.",
        label="Deterministic",
        role="machine",
        is_rare=True,
    )
    threads: int | None = setting(
        None,
        "CPU threads of the training loop; null for the fastest: 1, for backbones all cores.",
        label="CPU threads",
        is_for_training=True,
        role="machine",
        nothing="Fastest",
        is_rare=True,
        ge=1,
        le=1024,
    )

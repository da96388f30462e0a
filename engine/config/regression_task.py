"""The settings of few-shot regression."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, model_validator

from engine.config.declaration import setting
from engine.config.task_section import KIND, TaskSection

_LARGEST_DRAWN_NOISE = 100.0  # functions of families have values of 1 to 18


def _text_of_nothing(value: object) -> object:
    """Take an empty value in a file, or after --set, for an empty text."""
    return "" if value is None else value


class Regression(TaskSection):
    """Few-shot regression: the value of an unknown function of one number (Rusu et al. 2019, 5.1).

    Its tasks come from a prior over functions, or from a file of measured ones, and from no store.
    """

    title: ClassVar[str] = "Regression"
    needs_store: ClassVar[bool] = False

    kind: Literal["regression"] = setting(
        "regression",
        KIND,
        label="Kind of task",
        decides_episodes=True,
        is_rare=True,
    )
    families: Annotated[
        tuple[Literal["sine", "line", "varying_sine"], ...],
        BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
    ] = setting(
        ("sine", "line"),
        "Families that the functions come from, each as often as any other.",
        label="Functions",
        decides_episodes=True,
        min_length=1,
    )
    # As data.store: two files give the same tasks where they hold the same points.
    functions: Annotated[str, BeforeValidator(_text_of_nothing)] = setting(
        "",
        "A CSV file of your own functions (columns task, x, y); empty: drawn from families.",
        label="File of functions",
    )
    k_shot: int = setting(
        5,
        "Points that are given of each function.",
        label="Shots",
        unit="points",
        symbol="K",
        decides_episodes=True,
        ge=1,
        le=1000,
    )
    queries: int = setting(
        20,
        "Points of a function that training is scored on.",
        label="Queries",
        is_for_training=True,
        unit="points",
        ge=1,
        le=10000,
    )
    noise: float = setting(
        0.3,
        "Standard deviation of the Gaussian noise on every value, in the unit of the values.",
        label="Noise",
        symbol="σ",
        decides_episodes=True,
        gt=0,
        le=1e12,
    )

    @property
    def words(self) -> str:
        """What people call it: "5-shot regression"."""
        return f"{self.k_shot}-shot regression"

    @model_validator(mode="after")
    def _families_differ(self) -> Self:
        if len(set(self.families)) != len(self.families):
            raise ValueError("task.families names a family twice; name each once.")
        return self

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        default = self.__class__.model_fields["families"].default
        if self.functions and self.families != default:
            raise ValueError(
                f"task.functions is {self.functions} and task.families is "
                f"{', '.join(self.families)}; functions of a file are of no family: leave "
                "task.families out, or task.functions empty."
            )
        if not self.functions and self.noise > _LARGEST_DRAWN_NOISE:
            raise ValueError(
                f"task.noise is {self.noise:g}; it must be at most {_LARGEST_DRAWN_NOISE:g} where "
                "functions are drawn from families."
            )
        return self

"""The settings of transductive learners: they see all queries of an episode at once.

None of them is trained.
"""

from typing import ClassVar, Literal

from engine.config.declaration import setting
from engine.config.learner_section import KIND, LearnerSection, QueriesTogether, QueryBalance


class TransductiveSection(LearnerSection):
    """What the settings of all transductive learners have in common."""

    is_trained: ClassVar[bool] = False

    kind: str = setting("", KIND, label="Kind of learner")
    queries_per_class: int = setting(
        15,
        "Queries of an evaluated episode for each of its classes, on average.",
        label="Queries seen together",
        unit="per class",
        decides_episodes=True,
        ge=1,
    )
    query_balance: QueryBalance = setting(
        "balanced",
        "How an evaluated episode's queries are spread over its classes: evenly, or by shares "
        "drawn from a Dirichlet distribution, which the learner is not told.",
        label="Balance of queries",
        decides_episodes=True,
    )

    @property
    def queries_together(self) -> QueriesTogether:
        """Which queries of an episode are seen together."""
        return QueriesTogether(self.queries_per_class, self.query_balance)


class SoftKMeans(TransductiveSection):
    """Class means, refined by the queries that are near them (soft k-means)."""

    title: ClassVar[str] = "Soft k-means"

    kind: Literal["soft_kmeans"] = setting("soft_kmeans", KIND, label="Kind of learner")
    refinements: int = setting(
        10, "How often means are computed anew.", label="Refinements", ge=0, le=1000
    )
    scale: float = setting(
        10.0,
        "Factor from negative squared distances to logits.",
        label="Scale",
        scale="log",
        gt=0,
    )


class AlphaTim(TransductiveSection):
    """Class means, moved so that queries are classified surely and into several classes."""

    title: ClassVar[str] = "Alpha-TIM"

    kind: Literal["alpha_tim"] = setting("alpha_tim", KIND, label="Kind of learner")
    inner_steps: int = setting(
        100, "Gradient steps (Adam) on the means.", label="Steps", ge=0, le=100_000
    )
    inner_lr: float = setting(
        1e-3, "Step size of a gradient step.", label="Step size", scale="log", gt=0
    )
    entropy_order: float | None = setting(
        None,
        "Order of the entropies: the larger, the less does it matter that classes have different "
        "numbers of queries.",
        label="Order of entropies",
        symbol="α",
        nothing="2 below five shots, 7 from five on, as its authors",
        gt=1,
        le=20,
    )
    scale: float = setting(
        7.5,
        "Factor from negative squared distances to logits.",
        label="Scale",
        scale="log",
        gt=0,
    )

    def order_for(self, k_shot: int) -> float:
        """Return the order of entropies for a number of shots."""
        if self.entropy_order is not None:
            return self.entropy_order
        return 2.0 if k_shot < 5 else 7.0

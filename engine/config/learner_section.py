"""What the settings of all kinds of learner have in common."""

from typing import ClassVar, Literal, NamedTuple, Self

from engine.config.declaration import Section

KIND = "What learns the tasks."


class Phase(NamedTuple):
    """A part of training with a step size of its own."""

    begin: float  # the share of the steps before it
    rate: float  # its step size, as a share of `optimizer.outer_lr`


class PhaseOfStep(NamedTuple):
    """The phase that a step is in."""

    place: int  # among the phases
    first: int  # its first step
    end: int  # the first step after it


QueryBalance = Literal["balanced", "dirichlet"]


class QueriesTogether(NamedTuple):
    """The queries of an evaluated episode where its learner sees them all at once."""

    per_class: int  # on average
    balance: QueryBalance


class LearnerSection(Section):
    """The settings of one kind of learner.

    `is_trained` says whether it is trained, so that the settings of training are for it.
    `tasks` are the kinds of task that it learns.
    `reads_pictures` says that it learns from the pictures that a store keeps, not from embeddings.
    `unused` are paths of settings, or of sections, of other kinds' training, which it never reads.
    """

    group: ClassVar[str] = "Learner"
    tasks: ClassVar[tuple[str, ...]] = ("classification",)
    is_trained: ClassVar[bool] = True
    reads_pictures: ClassVar[bool] = False
    unused: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def short_title(cls) -> str:
        """Return the first word of the title: "LEO" of "LEO for regression"."""
        return cls.title.partition(" ")[0]

    @classmethod
    def noun(cls) -> str:
        """Return the title as it stands inside a sentence."""
        is_name = cls.short_title().isupper()
        return cls.title if is_name else cls.title[0].lower() + cls.title[1:]

    @property
    def method_name(self) -> str:
        """What figures call the method that these settings make, as papers do."""
        return self.short_title()

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The parts of training, in their order; one for most learners."""
        return (Phase(0.0, 1.0),)

    @property
    def queries_together(self) -> QueriesTogether | None:
        """The queries that it sees at once (transductive); None where it sees each alone."""
        return None

    def steps_of_roots(self, steps: int) -> int:
        """Return for how many of the first steps a task counts by the root of its error."""
        return 0

    def phase_at(self, step: int, steps: int) -> PhaseOfStep:
        """Return the phase that a step of so many is in."""
        bounds = [*(round(phase.begin * steps) for phase in self.phases), steps]
        place = max(index for index, first in enumerate(bounds[:-1]) if first <= step)
        return PhaseOfStep(place, bounds[place], bounds[place + 1])

    def in_effect(self) -> Self:
        """Return the settings as they act: what another one switches off is 0."""
        return self

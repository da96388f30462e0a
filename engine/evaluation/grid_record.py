"""The record of an evaluation on other ways, shots and stores than were trained on; no torch."""

from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from engine.evaluation.kept_models import KeptModels, kept_models
from engine.evaluation.record import OF_GRID

SCHEMA = 1


class Place(NamedTuple):
    """What is evaluated at one place of a grid: a store by its file's name, N and K."""

    store: str
    n_way: int
    k_shot: int


class Measured(BaseModel):
    """What was measured of some episodes of a grid.

    Attributes
    ----------
    store
        The store that they are of.
    accuracy, ci95
        Mean over episodes and half its 95 % interval, 0 to 1; None where there are no such
        episodes.
    baseline
        What nearest class mean reaches on the same episodes.
    gain, gain_ci95
        The paired difference from it.
    queries
        The smallest and the largest number of queries that a class had in an episode.
    why_not
        A sentence, where there are no such episodes.
    """

    model_config = ConfigDict(frozen=True)

    store: str
    accuracy: float | None = None
    ci95: float | None = None
    baseline: float | None = None
    gain: float | None = None
    gain_ci95: float | None = None
    queries: tuple[int, int] | None = None
    why_not: str = ""


class GridEntry(Measured):
    """What was measured at one place of a grid, of N ways and K shots."""

    n_way: int
    k_shot: int

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.store, self.n_way, self.k_shot)


class VaryingEntry(Measured):
    """What was measured of episodes each of which has ways and shots drawn from these."""

    ways: tuple[int, ...]
    shots: tuple[int, ...]

    @property
    def place(self) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
        """What tells it from others."""
        return self.store, self.ways, self.shots


class GridEvaluation(BaseModel):
    """How the weights of a run do on other ways, shots and stores.

    Attributes
    ----------
    split, episodes
        Episodes 0 to `episodes` - 1 of a split, at each place.
    is_hard
        Whether they are hard ones: each of a class and those nearest to it.
    entries
        What was measured, place by place.
    varying
        What was measured of episodes of varying ways and shots.
    trained
        The place that the run was trained for.
    run, checkpoint_step
        The run's name and the step of the weights.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_version: int = Field(SCHEMA, alias="schema")
    split: str
    episodes: int
    is_hard: bool = False
    entries: tuple[GridEntry, ...]
    varying: tuple[VaryingEntry, ...] = ()
    trained: Place
    run: str
    checkpoint_step: int

    @property
    def stores(self) -> list[str]:
        """The stores, that which was trained on first where it is among them."""
        names = dict.fromkeys(entry.store for entry in self.entries)
        return sorted(names, key=lambda name: (name != self.trained.store, name))

    @property
    def ways(self) -> list[int]:
        """The numbers of ways, rising."""
        return sorted({entry.n_way for entry in self.entries})

    @property
    def shots(self) -> list[int]:
        """The numbers of shots, rising."""
        return sorted({entry.k_shot for entry in self.entries})

    def at(self, place: Place) -> GridEntry | None:
        """Return what was measured at a place; None where nothing was."""
        return next((entry for entry in self.entries if entry.place == place), None)

    def with_those_of(self, later: "GridEvaluation") -> "GridEvaluation":
        """Return a grid with a later one's entries too, which stand in the place of its own."""
        entries = {entry.place: entry for entry in (*self.entries, *later.entries)}
        varying = {entry.place: entry for entry in (*self.varying, *later.varying)}
        return self.model_copy(
            update={
                "entries": tuple(entries[place] for place in sorted(entries)),
                "varying": tuple(varying[place] for place in sorted(varying)),
            }
        )

    @property
    def episode_words(self) -> str:
        """How many episodes of which kind there are at each place: "1,000 hard episodes"."""
        return f"{self.episodes:,} {'hard ' if self.is_hard else ''}episodes"

    @property
    def file_name(self) -> str:
        """What its file is called among the run's evaluations."""
        hard = "-hard" if self.is_hard else ""
        return f"{OF_GRID}{self.split}-step-{self.checkpoint_step:09d}-{self.episodes}{hard}.json"


def kept_grids(run_folder: Path) -> KeptModels[GridEvaluation]:
    """Read the grids that a run keeps, and a sentence for each file that is none."""
    return kept_models(run_folder, OF_GRID, GridEvaluation, SCHEMA, "evaluate it again")

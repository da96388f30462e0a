"""Records of grids that windows ask for: other ways, shots and stores than were trained on."""

from dataclasses import dataclass
from pathlib import Path

from engine.evaluation.grid_record import GridEvaluation


@dataclass(frozen=True, slots=True)
class GridRequest:
    """A request for a grid.

    Attributes
    ----------
    run, checkpoint
        The run's folder; "best", "last", a step, or None for the run's own choice.
    split, episodes
        Episodes 0 to `episodes` - 1 of a split, at each place.
    ways, shots
        Their numbers, all of them together.
    is_on_own
        Whether the run's own store is among the stores.
    stores
        The others, by their names in the library.
    is_hard
        Whether an episode's classes are near one another; see `engine.evaluation.grid`.
    is_varying
        Whether to evaluate also episodes each of which has ways and shots drawn from these.
    """

    run: Path
    checkpoint: str | None
    split: str
    episodes: int
    ways: tuple[int, ...]
    shots: tuple[int, ...]
    is_on_own: bool = True
    stores: tuple[str, ...] = ()
    is_hard: bool = False
    is_varying: bool = False


@dataclass(frozen=True, slots=True)
class EvaluatedGrid:
    """A grid, the folder of its run, and why it could not be kept; "" where it is."""

    run: Path
    grid: GridEvaluation
    why_not_kept: str = ""

"""Records of studies that the windows show: no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from engine.studies.standing import Standing, StudyFolder
from engine.studies.study import Study
from engine.studies.table import Table
from leo_studio.services.work_states import WorkState

STEPS = "schedule.steps"


class FirstLook(NamedTuple):
    """How much less a study does for a first look: runs of each trained learner, and steps."""

    seeds: int = 1
    steps: int = 200


@dataclass(frozen=True, slots=True)
class StudyWanted:
    """A study as somebody wants to see or carry it out.

    Attributes
    ----------
    name
        Of one that comes with the program, or of the library.
    is_as_asked
        Whether seeds and steps are those that it was last asked for with; else `first_look` says.
    first_look
        What it is cut down to; None for the study as it is.
    device
        Where its runs are trained.
    """

    name: str
    is_as_asked: bool = True
    first_look: FirstLook | None = None
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class StudyEntry:
    """A study in a list, and how it stands."""

    name: str
    about: str = ""
    runs: int = 0
    done: int = 0
    state: WorkState = "new"
    problem: str = ""  # why it cannot be read
    lacks: tuple[str, ...] = ()  # stores that it needs, and the library does not have


@dataclass(frozen=True, slots=True, eq=False)
class StudyView:
    """How a study stands, run by run, and its table.

    Attributes
    ----------
    name
        What it is called in the list.
    study
        As it is wanted.
    first_look
        What it is cut down to; None for the study as it is.
    standings
        How each run stands.
    table
        What is measured so far.
    state
        How it stands as a whole.
    folder
        Where it is carried out.
    why_not
        Why it cannot be begun, such as a store that is missing, and what to do; "" where it can.
    lacks_store
        Whether that is a store which the library does not have.
    """

    name: str
    study: Study
    first_look: FirstLook | None
    standings: Sequence[Standing]
    table: Table
    state: WorkState
    folder: StudyFolder
    why_not: str = ""
    lacks_store: bool = False

    @property
    def total(self) -> int:
        """How many runs there are."""
        return len(self.standings)

    @property
    def done(self) -> int:
        """How many runs are done; one that failed is."""
        return sum(each.state in ("evaluated", "failed") for each in self.standings)

    @property
    def share_done(self) -> float:
        """How much of all runs is done, 0 to 1."""
        return sum(each.share_done for each in self.standings) / max(len(self.standings), 1)

    @property
    def places(self) -> Mapping[tuple[str, str], Sequence[Standing]]:
        """How the runs of each row and column stand."""
        found: dict[tuple[str, str], list[Standing]] = {}
        for each in self.standings:
            found.setdefault((each.cell.row, each.cell.column), []).append(each)
        return found


@dataclass(frozen=True, slots=True)
class AddedStudy:
    """A study of one's own that was taken into the library."""

    name: str
    file: Path

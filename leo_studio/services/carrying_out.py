"""Carries out one study or sweep at a time in the background, as panels ask for it."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from leo_studio.services.background import Task
from leo_studio.services.inspection_requests import Start
from leo_studio.services.records import Notice

_SECONDS_BETWEEN_LOOKS = 1.0


class Followed(Protocol):
    """How a study or a sweep stands, as a window shows it."""

    @property
    def done(self) -> int:
        """How many runs are done."""

    @property
    def total(self) -> int:
        """How many runs there are to be."""

    @property
    def share_done(self) -> float:
        """How much of all runs is done, 0 to 1."""


V = TypeVar("V", bound=Followed)
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Undertaken:
    """What is carried out: "Study" or "Sweep", its name and its folder."""

    noun: str
    name: str
    folder: Path

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.noun} {self.name}"


class CarryingOut:
    """Carries out one study or sweep at a time.

    Parameters
    ----------
    start
        How work is started.
    tasks
        Returns what is under way.
    tell
        Gets what a person is to know.
    fail
        Gets what went wrong, and with what.
    """

    def __init__(
        self,
        start: Start,
        tasks: Callable[[], Sequence[Task]],
        tell: Callable[[Notice], object],
        fail: Callable[[BaseException, str], None],
    ) -> None:
        self._start = start
        self._tasks = tasks
        self._tell = tell
        self._fail = fail
        self._task: Task | None = None
        self._undertaken: Undertaken | None = None
        self._is_working = False  # else its workers have ended

    @property
    def now(self) -> Undertaken | None:
        """What is carried out; None where nothing is."""
        return self._undertaken if self._task in self._tasks() else None

    def task_of(self, noun: str) -> Task | None:
        """Return the task where what is carried out is of a kind."""
        return self._task if self.name_of(noun) else None

    def name_of(self, noun: str) -> str:
        """Return the name of what is carried out where it is of a kind; "" otherwise."""
        now = self.now
        return now.name if now is not None and now.noun == noun else ""

    def is_in(self, folder: Path) -> bool:
        """Whether what is carried out in a folder is carried out by this process."""
        now = self.now
        return now is not None and now.folder == folder and self._is_working

    def stop(self, noun: str) -> None:
        """End what is carried out, if it is of a kind; what trains keeps a checkpoint."""
        if (task := self.task_of(noun)) is not None:
            task.cancel()

    def begin(
        self,
        what: Undertaken,
        work: Callable[[Task], Callable[[], V]],
        show: Callable[[V], None],
    ) -> Task:
        """Carry something out; a cancel ends it, and what trains keeps a checkpoint.

        Parameters
        ----------
        what
            Its kind, its name and its folder.
        work
            Carries it out, see `follow`, and returns what looks once more how it stands.
        show
            Told how it stands, about once a second.
        """
        self._undertaken, self._is_working = what, True

        def carry_out(task: Task) -> V:
            try:
                look = work(task)
            finally:
                self._is_working = False
            return look()

        def take(part: V | str) -> None:
            if isinstance(part, str):
                self._tell(Notice("warning", f"{what.title}: {part}"))
            else:
                show(part)

        def end(view: V) -> None:
            show(view)
            text = f"{what.title} is carried out: {view.done:,} of {view.total:,} runs are done."
            self._tell(Notice("success", text, stays=True))

        self._task = self._start(
            what.title,
            carry_out,
            end,
            is_lasting=True,
            part=take,
            failed=lambda error: self._fail(error, what.title),
        )
        return self._task


def follow(looks: Generator[S], view_of: Callable[[S], Followed], task: Task) -> None:
    """Follow `engine.studies.carrying_out.carried_out`, handing over how things stand."""
    # However it ends, workers keep their checkpoints first.
    with closing(looks):
        for look in looks:
            view = view_of(look)
            task.hand_over(view)
            task.report(view.share_done, f"{view.done:,} of {view.total:,} runs")
            task.wait(_SECONDS_BETWEEN_LOOKS)

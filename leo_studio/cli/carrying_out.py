"""Many runs that a command carries out: how far they are, what they came to, and Ctrl+C."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Protocol, TypeVar

from leo_studio.cli.console import progress_bar, remarks
from leo_studio.cli.following import stop_signals

if TYPE_CHECKING:
    from engine.studies.carrying_out import Undertaking
    from engine.studies.executors import Executor

_SECONDS_BETWEEN_LOOKS = 1.0


class Followed(Protocol):
    """How one of the runs stands."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do, or nothing that helps."""

    @property
    def share_done(self) -> float:
        """How much of it is done, 0 to 1."""


P = TypeVar("P", bound=Followed)


def carry_out(
    undertaking: "Undertaking[P]",
    executor: "Executor",
    count: int,
    total: int,
    result: Callable[[P], tuple[str, str]],
) -> list[int]:
    """Carry out what is left, show how that goes on, and return the signals that ended it.

    Parameters
    ----------
    undertaking
        The study or the sweep.
    executor, count
        Who carries it out, and by how many workers at once.
    total
        How many runs there will be.
    result
        Returns a run's name and what it came to; "" as long as it has not.
    """
    from engine.studies.carrying_out import carried_out

    told: set[str] = set()

    def tell(standings: Sequence[P]) -> None:
        for name, sentence in map(result, standings):
            if sentence and name not in told:
                told.add(name)
                remarks.print(f"{name}  {sentence}")

    if executor.count:
        remarks.print(f"{executor.count} of its workers are there already.")
    looks = carried_out(undertaking, executor, count, remarks.print)
    # Workers keep their checkpoints before it is looked at once more.
    with stop_signals() as received, closing(looks), progress_bar() as bar:
        task = bar.add_task(undertaking.title.partition(" ")[2], total=total, note="")
        for standings in looks:
            done = sum(each.is_over for each in standings)
            share = sum(each.share_done for each in standings)
            bar.update(task, completed=share, note=f"{done} of {total} runs")
            tell(standings)
            if received:
                return received
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        tell(undertaking.look())
    return received

"""A cache of latents, which holds the newest while there is room."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.inspection.records import Latents
from leo_studio.services.records import EpisodeSource

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_MOST_BYTES = 512 * 2**20

Key = tuple[EpisodeSource, tuple[int, ...]]
Then = Callable[[Latents], None]


class LatentsCache:
    """Loads latents, the newest request first, and remembers them.

    Parameters
    ----------
    controller
        Computes them in the background.
    failed
        Told of what goes wrong.
    """

    def __init__(self, controller: "Controller", failed: Callable[[BaseException], None]) -> None:
        self._controller = controller
        self._failed = failed
        self._kept: OrderedDict[Key, Latents] = OrderedDict()
        self._task: Task | None = None
        self._loading: Key | None = None
        self._then: Then | None = None  # None for what is only prefetched
        self._next: tuple[Key, Then] | None = None

    @property
    def is_loading(self) -> bool:
        """Whether latents that were asked for are still to come."""
        return self._task is not None and (self._then is not None or self._next is not None)

    @property
    def slow(self) -> "tuple[Task, int] | None":
        """What is loaded for longer than a moment, and of how many episodes; None for nothing."""
        if self._task is None or self._loading is None or not self.is_loading:
            return None
        return (self._task, len(self._loading[1])) if self._task.is_shown else None

    def take_cancelled(self) -> bool:
        """Return whether a person has cancelled what was on its way, and forget it."""
        if self._task is None or not self._task.is_cancelled:
            return False
        was_wanted = self.is_loading  # else it was loaded ahead of its use, and nobody waits
        self.cancel()
        return was_wanted

    def load(
        self, source: EpisodeSource, numbers: Sequence[int], then: Then, *, is_patient: bool = False
    ) -> None:
        """Hand latents to `then`, at once where they are there; nothing else is handed over.

        Parameters
        ----------
        is_patient
            Whether what is on its way comes first, so that a replay shows every frame that there
            was time for.
        """
        key = (source, tuple(numbers))
        self._next = None
        if key in self._kept:
            if not is_patient:
                self.cancel()
            self._then = None  # what is on its way must not cover it
            self._kept.move_to_end(key)
            then(self._kept[key])
        elif key == self._loading:
            self._then = then
        elif self._task is not None and is_patient:
            self._next = (key, then)
        else:
            self.cancel()
            self._start(key, then)

    def prefetch(self, source: EpisodeSource, numbers: Sequence[int]) -> None:
        """Load latents ahead of their use, unless others are on their way."""
        key = (source, tuple(numbers))
        if self._task is None and key not in self._kept:
            self._start(key, None)

    def cancel(self) -> None:
        """Load nothing any more."""
        if self._task is not None:
            self._task.cancel()
        self._task = self._loading = self._then = self._next = None

    def _start(self, key: Key, then: Then | None) -> None:
        self._loading, self._then = key, then
        self._task = self._controller.episodes.load_latents(*key, self._arrive, failed=self._fail)

    def _arrive(self, latents: Latents) -> None:
        assert self._loading is not None
        key, then, following = self._loading, self._then, self._next
        self._task = self._loading = self._then = self._next = None
        self._kept[key] = latents
        while len(self._kept) > 1 and sum(map(_size, self._kept.values())) > _MOST_BYTES:
            self._kept.popitem(last=False)
        if then is not None:
            then(latents)
        # Afterwards: it may be at hand, and must not be covered by the one before.
        if following is not None:
            self.load(following[0][0], following[0][1], following[1], is_patient=True)

    def _fail(self, error: BaseException) -> None:
        self.cancel()
        self._failed(error)


def _size(latents: Latents) -> int:
    arrays = (latents.codes, latents.sampled_before, latents.sampled_after, latents.deviation)
    return sum(array.nbytes for array in arrays)

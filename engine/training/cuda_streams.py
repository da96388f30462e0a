"""Side streams of a CUDA GPU, on which independent work overlaps with outer steps.

Elsewhere than on a CUDA GPU there is no stream, and everything is done in its turn.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

Made = TypeVar("Made")


class StreamPrefetch:
    """Makes the inputs of steps ahead of their use, on a CUDA stream of its own.

    Parameters
    ----------
    device
        Where they are made; elsewhere than on a CUDA GPU each is made when its turn has come.
    """

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    def __call__(self, makers: Sequence[Callable[[], Made]]) -> Iterator[Made]:
        """Yield what each maker makes. All of it is kept until the last one has been used."""
        if self._stream is None or len(makers) == 1:
            for maker in makers:
                yield maker()
            return
        user = torch.cuda.current_stream()
        # What was made for the last time is used up before its memory is taken again.
        self._stream.wait_stream(user)
        made = []
        with torch.cuda.stream(self._stream):
            for maker in makers:
                thing = maker()
                made.append((thing, self._stream.record_event()))
        for thing, event in made:
            user.wait_event(event)
            yield thing


class SideStream:
    """Does work on a CUDA stream of its own, beside what the GPU does meanwhile.

    Parameters
    ----------
    device
        Where; elsewhere than on a CUDA GPU the work is done at once.
    """

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    def __call__(self, work: Callable[[], Made]) -> Callable[[], Made]:
        """Begin the work; calling what is returned waits for it on the device, not here."""
        stream = self._stream
        if stream is None:
            made = work()
            return lambda: made
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            begun = work()

        def joined() -> Made:
            torch.cuda.current_stream().wait_stream(stream)
            return begun

        return joined

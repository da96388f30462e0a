"""CUDA graphs: work on a device that is recorded once and then replayed without Python between.

The only module that knows how torch records; a test or another device puts a `Recorder` of its own
in its place.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

import torch

Work = Callable[[], None]
Made = TypeVar("Made")
# What a recording needs to have happened before: libraries are loaded and memory is found.
_WARM_UPS = 2


class Recorder(Protocol):
    """Makes work that can be replayed."""

    def __call__(self, work: Work) -> Work:
        """Run `work` some times, record it, and return what replays the recording.

        `work` reads and writes tensors that stay where they are; Python's part of it is done while
        recording and never again.
        """


def record_cuda_graph(work: Work) -> Work:
    """Record a CUDA graph; raises `RuntimeError` where something in `work` cannot be recorded."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(_WARM_UPS):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    # Other threads may use the device meanwhile, to look at episodes.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        work()
    return graph.replay


def recorder_of(device: torch.device) -> Recorder | None:
    """Return what records work on a device; None where nothing does."""
    return record_cuda_graph if device.type == "cuda" else None


class Ahead:
    """Makes things ahead of their use, on a CUDA GPU beside what it does meanwhile.

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


class Beside:
    """Does work, on a CUDA GPU, beside what it is told to do meanwhile.

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

"""CUDA graphs: work on a device that is recorded once and then replayed without Python between.

The only module that knows how torch captures them; a test or another device puts a `GraphCapture`
of its own in its place.
"""

from collections.abc import Callable
from typing import Protocol

import torch

Work = Callable[[], None]
# What a recording needs to have happened before: libraries are loaded and memory is found.
_WARM_UPS = 2


class GraphCapture(Protocol):
    """Makes work that can be replayed."""

    def __call__(self, work: Work) -> Work:
        """Run `work` some times, record it, and return what replays the recording.

        `work` reads and writes tensors that stay where they are; Python's part of it is done while
        recording and never again.
        """


def capture_cuda_graph(work: Work) -> Work:
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


def graph_capture_for(device: torch.device) -> GraphCapture | None:
    """Return what records work on a device; None where nothing does."""
    return capture_cuda_graph if device.type == "cuda" else None

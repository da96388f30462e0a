"""The process that computes an embedding: codes on its input, progress and points on its output.

It is started by its path and imports nothing of ours.

One line of JSON and the codes' bytes come in. Lines of JSON go out, several a second, and at last
one that says how many bytes of points follow. It ends when its input does.
"""

import io
import json
import os
import re
import sys
import threading
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_SECONDS_BETWEEN_LINES = 0.2
_ITERATIONS = 1000


class _Progress(io.TextIOBase):
    """Takes what scikit-learn prints, and knows from it how far it is."""

    def __init__(self) -> None:
        self.fraction: float | None = None
        self.note = "finding neighbours"

    def write(self, text: str) -> int:
        """Read how many iterations were done."""
        found = re.search(r"Iteration (\d+): error = ([\d.]+)", text)
        if found:
            self.fraction = int(found[1]) / _ITERATIONS
            self.note = f"iteration {found[1]} of {_ITERATIONS}"
        return len(text)


def main() -> None:
    """Answer one request."""
    answers, codes_in = sys.stdout.buffer, sys.stdin.buffer
    request = json.loads(codes_in.readline())
    rows, columns = request["shape"]
    codes = np.frombuffer(codes_in.read(4 * rows * columns), np.float32).reshape(rows, columns)
    progress = _Progress()
    sys.stdout = progress
    is_done = threading.Event()
    threading.Thread(target=_end_with, args=(codes_in,), daemon=True).start()
    ticking = threading.Thread(target=_tick, args=(answers, progress, is_done), daemon=True)
    ticking.start()
    points, settings = _embed(codes, request)
    is_done.set()
    ticking.join()
    content = np.ascontiguousarray(points, np.float64).tobytes()
    _send(answers, points=len(content), settings=settings)
    answers.write(content)
    answers.flush()


def _embed(codes: NDArray[np.float32], request: dict[str, Any]) -> tuple[NDArray[Any], str]:
    perplexity, seed = request["perplexity"], request["seed"]
    if request["method"] == "umap":
        from umap import UMAP

        points = UMAP(n_neighbors=max(2, round(perplexity)), random_state=seed).fit_transform(codes)
        return points, f"{round(perplexity)} neighbours, seed {seed}"
    from sklearn.manifold import TSNE

    fitted = TSNE(
        perplexity=perplexity,
        init="pca",
        learning_rate="auto",
        max_iter=_ITERATIONS,
        random_state=seed,
        verbose=2,
    )
    points = fitted.fit_transform(codes)
    return points, (
        f"perplexity {perplexity:g}, from principal components, seed {seed}, "
        f"Kullback-Leibler divergence {fitted.kl_divergence_:.3f} nats"
    )


def _tick(answers: IO[bytes], progress: _Progress, is_done: threading.Event) -> None:
    while not is_done.wait(_SECONDS_BETWEEN_LINES):
        _send(answers, fraction=progress.fraction, note=progress.note)


def _send(answers: IO[bytes], **answer: Any) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def _end_with(stream: IO[bytes]) -> None:
    """End the process when the one that started it is gone."""
    stream.read(1)
    os._exit(1)


if __name__ == "__main__":
    main()

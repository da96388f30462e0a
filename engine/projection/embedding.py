"""t-SNE (as in the paper's figure 4) and UMAP, in a process of their own that can be ended.

Neither can be interrupted while it computes, so it is done elsewhere: whoever does not want it any
more ends that process.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import BadInput

Method = Literal["tsne", "umap"]
_LABELS = {"tsne": "t-SNE", "umap": "UMAP"}
# By its path, and without the folder where Python is started: another engine may lie there.
_WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """Points that an embedding gave to codes; their distances keep neighbourhoods alone.

    Attributes
    ----------
    method
        "tsne" or "umap".
    points
        (n, 2).
    labels
        What stands on the axes.
    settings
        How it was made, in words.
    """

    method: Method
    points: NDArray[np.float64]
    labels: tuple[str, str]
    settings: str


def embed(
    codes: ArrayLike,
    method: Method,
    *,
    perplexity: float = 30.0,
    seed: int = 0,
    progress: Callable[[float | None, str], None] | None = None,
) -> Embedding:
    """Embed codes (n, L) in the plane; the same codes and seed give the same points.

    Parameters
    ----------
    codes
        At least four.
    method
        "tsne", from principal components; or "umap", an extra.
    perplexity
        How many neighbours matter, about; lowered where there are few codes.
    seed
        Of the draws.
    progress
        Called several times a second with the fraction done (None where nobody knows) and a note;
        an exception that it raises ends the embedding.

    Raises
    ------
    BadInput
        If there are too few codes, some are not finite, or UMAP is not installed.
    """
    points = np.ascontiguousarray(codes, np.float32)
    if len(points) < 4:
        raise BadInput(f"{_LABELS[method]} needs four codes or more; show more episodes.")
    if not np.isfinite(points).all():
        raise BadInput("Some latent codes are not numbers; the weights of this step are damaged.")
    if method == "umap":
        _require_umap()
    neighbours = min(perplexity, (len(points) - 1) / 3)
    request: dict[str, object] = {
        "method": method,
        "shape": points.shape,
        "perplexity": neighbours,
        "seed": seed,
    }
    with subprocess.Popen(
        [sys.executable, "-P", str(_WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as worker:
        try:
            return _answer(worker, request, points, progress)
        finally:
            worker.kill()


def _answer(
    worker: "subprocess.Popen[bytes]",
    request: dict[str, object],
    points: NDArray[np.float32],
    progress: Callable[[float | None, str], None] | None,
) -> Embedding:
    assert worker.stdin is not None and worker.stdout is not None and worker.stderr is not None
    # The input stays open: at its end the worker knows that nobody waits any more.
    worker.stdin.write(json.dumps(request).encode() + b"\n" + points.tobytes())
    worker.stdin.flush()
    for line in worker.stdout:
        answer = json.loads(line)
        if "points" in answer:
            method = request["method"]
            assert method == "tsne" or method == "umap"
            name = _LABELS[method]
            found = np.frombuffer(_exactly(worker.stdout, answer["points"]), np.float64)
            return Embedding(
                method,
                found.reshape(-1, 2),
                (f"{name} 1 (no unit)", f"{name} 2 (no unit)"),
                answer["settings"],
            )
        if progress is not None:
            progress(answer["fraction"], answer["note"])
    error = worker.stderr.read().decode(errors="replace").strip()
    raise RuntimeError(f"the embedding's process ended without an answer:\n{error}")


def _exactly(stream: IO[bytes], count: int) -> bytes:
    content = stream.read(count)
    if len(content) != count:
        raise RuntimeError("the embedding's process ended within its answer")
    return content


def _require_umap() -> None:
    from importlib.util import find_spec

    if find_spec("umap") is None:
        raise BadInput(
            "UMAP is not installed; get it with pip install 'leo-studio[umap]', or choose t-SNE."
        )

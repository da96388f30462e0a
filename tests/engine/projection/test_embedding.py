import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import BadInput
from engine.projection import embed, worker


@pytest.fixture
def clusters() -> NDArray[np.float64]:
    """Three of 20 codes each."""
    generator = np.random.default_rng(0)
    centres = 10 * generator.normal(size=(3, 1, 8))
    return (centres + generator.normal(size=(3, 20, 8))).reshape(60, 8)


@pytest.mark.slow
def test_neighbours_stay_neighbours_and_a_seed_gives_the_same_points(
    clusters: NDArray[np.float64],
) -> None:
    told: list[str] = []
    one = embed(clusters, "tsne", perplexity=10, progress=lambda _, note: told.append(note))
    labels = np.repeat(np.arange(3), 20)
    distances = np.linalg.norm(one.points[:, None] - one.points, axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert (labels[distances.argmin(1)] == labels).all()
    assert "perplexity 10" in one.settings and "divergence" in one.settings
    assert told
    np.testing.assert_array_equal(embed(clusters, "tsne", perplexity=10).points, one.points)


def test_whoever_does_not_want_it_any_more_ends_its_process(
    clusters: NDArray[np.float64], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Nor is it started from what happens to lie in the folder, or on the path.
    (tmp_path / "engine.py").write_text("raise SystemExit('another project')")
    (tmp_path / "json.py").write_text("raise SystemExit('another project')")
    monkeypatch.chdir(tmp_path)

    class Unwanted(Exception):
        pass

    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def watched(*arguments: object, **options: object) -> "subprocess.Popen[bytes]":
        started.append(popen(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    def progress(_fraction: float | None, _note: str) -> None:
        raise Unwanted

    monkeypatch.setattr("engine.projection.embedding.subprocess.Popen", watched)
    with pytest.raises(Unwanted):
        embed(np.tile(clusters, (200, 1)), "tsne", progress=progress)
    assert started[0].poll() is not None


def test_the_process_ends_with_who_asked() -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", worker.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    codes = np.random.default_rng(0).normal(size=(20_000, 32)).astype(np.float32)
    request = b'{"method": "tsne", "shape": [20000, 32], "perplexity": 30, "seed": 0}\n'
    process.stdin.write(request + codes.tobytes())
    process.stdin.close()  # as the system does when the one who asked is killed
    assert process.wait(60) == 1


def test_the_process_needs_neither_torch_nor_qt() -> None:
    code = (
        "import sys, engine.projection.worker; "
        "print([name for name in ('torch', 'PySide6', 'leo_studio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_too_few_codes_and_an_extra_that_is_missing_are_said_in_a_sentence() -> None:
    with pytest.raises(BadInput, match="needs four codes or more"):
        embed(np.zeros((3, 5)), "tsne")
    with pytest.raises(BadInput, match="not numbers"):
        embed(np.full((9, 5), np.inf), "tsne")
    if find_spec("umap") is None:
        with pytest.raises(BadInput, match=r"pip install 'leo-studio\[umap\]'"):
            embed(np.zeros((9, 5)), "umap")

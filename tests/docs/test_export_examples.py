"""The programs in docs/export.md run as they stand there, without our code and without torch."""

import os
import re
import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

import pytest

from engine.data.store import EmbeddingStore
from engine.export.trained import trained
from engine.export.writing import EpisodesToExport, export
from tests.conftest import OnnxExport

GUIDE = Path(__file__).parents[2] / "docs" / "export.md"
# What onnxruntime and numpy need, and nothing else.
PACKAGES = ("numpy", "onnxruntime", "flatbuffers", "packaging", "protobuf")


@pytest.fixture(scope="module")
def exported(
    onnx_export: OnnxExport, toy_store: EmbeddingStore, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    shutil.copytree(onnx_export.folder, folder / "models")
    asked = EpisodesToExport(toy_store, "test", 30)
    for ending in ("npz", "safetensors"):
        file = folder / f"episodes.{ending}"
        export(trained(onnx_export.run), "episodes", file, lambda *_: None, asked)
    return folder


@pytest.mark.slow
def test_the_python_example_gets_the_engines_accuracy_without_torch(exported: Path) -> None:
    python = environment_without_torch(exported / "environment")
    has_torch = subprocess.run([python, "-c", "import torch"], capture_output=True, text=True)
    assert "No module named 'torch'" in has_torch.stderr
    (exported / "classify.py").write_text(code("python"), encoding="utf-8")
    told = subprocess.run(
        [python, "classify.py"], cwd=exported, capture_output=True, text=True, check=True
    )
    require_equal_accuracies(told.stdout)


@pytest.mark.slow
def test_the_javascript_example_gets_the_engines_accuracy(exported: Path) -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("there is no npm here")
    (exported / "package.json").write_text("{}", encoding="utf-8")
    # Its install script fetches CUDA libraries, which nobody needs here.
    installed = subprocess.run(
        [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "onnxruntime-node"],
        cwd=exported,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if installed.returncode != 0:
        pytest.skip("npm cannot install onnxruntime-node here")
    (exported / "classify.mjs").write_text(code("js"), encoding="utf-8")
    told = subprocess.run(
        [node, "classify.mjs"], cwd=exported, capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr
    require_equal_accuracies(told.stdout)


def code(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def require_equal_accuracies(told: str) -> None:
    runtime, engine = re.findall(r"([\d.]+) %", told)
    assert runtime == engine


def environment_without_torch(folder: Path) -> Path:
    """Make an environment that sees the packages named above, and no others."""
    venv.create(folder, symlinks=os.name == "posix")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    told = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    target = Path(told.stdout.strip())
    for name in PACKAGES:
        root = Path(str(distribution(name).locate_file("")))
        tops = {Path(str(file)).parts[0] for file in distribution(name).files or ()}
        for top in tops - {"..", "__pycache__"}:
            if not (target / top).exists():
                (target / top).symlink_to(root / top)
    assert sys.prefix != str(folder)
    return python

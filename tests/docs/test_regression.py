"""The pictures of docs/regression.md are drawn by the command that the page names."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from engine.config import load_experiment
from engine.config.built_in import built_in_presets
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.training import train

DOCS = Path(__file__).parents[2] / "docs"
SMALL = {
    "schedule.steps": 4,
    "schedule.validate_every": 4,
    "schedule.validation_episodes": 4,
    "optimizer.meta_batch": 2,
}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("regression", DOCS / "make_regression.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["regression"] = module  # where its dataclass looks for it
    spec.loader.exec_module(module)
    return module


def trained(folder: Path, preset: str) -> Path:
    experiment = load_experiment(built_in_presets() / f"{preset}.yaml").with_settings(SMALL)
    run = Run.create(folder, experiment, StoreRecord())
    list(train(experiment, None, run))
    return run.path


def test_both_pictures_are_drawn(
    script: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(script, "IMAGES", tmp_path)
    monkeypatch.setattr(script, "_TASKS", 12)
    monkeypatch.setattr(script, "_STEPS", (0, 2))
    runs = [
        trained(tmp_path / "runs", name) for name in ("sine-line-5shot", "sine-line-5shot-maml")
    ]
    monkeypatch.setattr("sys.argv", ["make_regression.py", *map(str, runs)])
    script.main()
    for name in ("regression_tasks.png", "regression_steps.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    said = capsys.readouterr().out
    assert said.count("0 steps, risk ratio") == said.count("2 steps, risk ratio") == 2

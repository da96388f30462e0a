"""Our package is imported, whatever else is called engine where Python is started."""

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

import leo_studio
from leo_studio.services.own_process import PACKAGE, own_code, own_command

ROOT = str(PACKAGE.parent)


def test_another_projects_engine_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text("raise SystemExit('another project')")
    (tmp_path / "typer.py").write_text("raise SystemExit('another project')")
    ways = (
        own_command("--version"),
        own_code("import leo_studio.cli.commands; print(leo_studio.__version__)"),
    )
    for command in ways:
        environment = {**os.environ, "PYTHONPATH": ""}
        printed = subprocess.check_output(command, cwd=tmp_path, env=environment, text=True)
        assert printed.strip() == leo_studio.__version__
    (tmp_path / "typer.py").unlink()
    # As a person starts it, and as the console script does, where PYTHONPATH has it first.
    path = os.pathsep.join((str(tmp_path), ROOT))
    command = [sys.executable, "-m", "leo_studio", "--version"]
    environment = {**os.environ, "PYTHONPATH": path}
    printed = subprocess.check_output(command, cwd=tmp_path, env=environment, text=True)
    assert printed.strip() == leo_studio.__version__


def test_an_engine_that_was_imported_before_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    leo_studio._load_own_engine()  # ours is no trouble
    other = types.ModuleType("engine")
    monkeypatch.setitem(sys.modules, "engine", other)
    other.__file__ = str(tmp_path / "engine.py")
    with pytest.raises(ImportError, match=r"engine\.py was imported as engine.*rename that"):
        leo_studio._load_own_engine()
    other.__file__, other.__path__ = None, [str(tmp_path / "other" / "engine")]  # a plain folder
    with pytest.raises(ImportError, match=r"other.engine was imported as engine.*rename that"):
        leo_studio._load_own_engine()

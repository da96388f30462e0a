import importlib.util
import os
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from engine.io import drafts
from leo_studio.startup import doctor

CHECKOUT = Path(__file__).parents[3]
SHOWN = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR")

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="displays are Linux's question")
Environment = Callable[..., None]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Set what the platform and its display are chosen by, on a machine that has all libraries."""

    def choose(**variables: str) -> None:
        for name in SHOWN:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    monkeypatch.setattr(doctor, "missing_libraries", lambda _: {})
    return choose


@pytest.fixture
def without_pyside(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def find(name: str) -> ModuleSpec | None:
        return None if name == "PySide6" else found(name)

    monkeypatch.setattr(importlib.util, "find_spec", find)


def test_the_offscreen_platform_needs_no_display(environment: Environment) -> None:
    environment(QT_QPA_PLATFORM="offscreen")
    assert doctor.qt_problem() is None


@linux_only
def test_without_a_display_it_says_what_to_do(environment: Environment) -> None:
    environment()
    problem = doctor.qt_problem()
    assert problem is not None
    for way in ("ssh -X", "xvfb-run", "leo-studio train PRESET"):
        assert way in problem
    environment(QT_QPA_PLATFORM="xcb")
    assert doctor.qt_problem() == problem


@linux_only
@pytest.mark.parametrize(
    "display",
    [":9173", "unix:9173.0", "localhost:59000.0", "localhost:99999.0", ".:0", "nonsense", ":"],
)
def test_a_display_that_nobody_answers_on_is_named(environment: Environment, display: str) -> None:
    environment(DISPLAY=display)
    problem = doctor.qt_problem()
    assert problem is not None and display in problem and "DISPLAY" in problem


@linux_only
def test_a_forwarded_display_answers_on_its_port(environment: Environment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        environment(DISPLAY=f"127.0.0.1:{server.getsockname()[1] - 6000}.0")
        assert doctor.qt_problem() is None


@linux_only
def test_a_local_display_may_listen_in_the_abstract_namespace(environment: Environment) -> None:
    number = 10_000 + os.getpid()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        environment(DISPLAY=f":{number}")
        assert doctor.qt_problem() is None


@linux_only
def test_one_display_of_two_is_enough(environment: Environment, tmp_path: Path) -> None:
    environment(DISPLAY=":9173", WAYLAND_DISPLAY="w", XDG_RUNTIME_DIR=str(tmp_path))
    problem = doctor.qt_problem()
    assert problem is not None and "WAYLAND_DISPLAY" in problem
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "w"))
        server.listen()
        assert doctor.qt_problem() is None


@linux_only
def test_a_platform_that_qt_lacks_is_named(environment: Environment) -> None:
    environment(QT_QPA_PLATFORM="ofscreen")
    problem = doctor.qt_problem()
    assert problem is not None and '"ofscreen"' in problem and "offscreen" in problem


@linux_only
def test_missing_libraries_come_with_the_line_that_installs_them(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(QT_QPA_PLATFORM="xcb", DISPLAY=":0")
    monkeypatch.setattr(doctor, "missing_libraries", lambda name: {"libq.so.1": f"lib{name}1"})
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/apt-get")
    problem = doctor.qt_problem()
    assert problem is not None and problem.endswith("apt-get install -y libxcb1")


@pytest.mark.parametrize(
    ("version", "reason"),
    [("6.12.0", "ends the process"), ("6.7.3", "too old"), ("6.8.0", None), ("6.10.3", None)],
)
def test_versions_that_fail_are_refused_with_the_reason(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, version: str, reason: str | None
) -> None:
    environment(QT_QPA_PLATFORM="offscreen")
    monkeypatch.setattr(doctor, "_pyside_version", lambda: version)
    problem = doctor.qt_problem()
    if reason is None:
        assert problem is None
    else:
        assert problem is not None and version in problem and reason in problem


def test_refused_versions_are_those_that_are_not_installed() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    (requirement,) = (each for each in project["dependencies"] if each.startswith("PySide6"))
    oldest, *refused = requirement.removeprefix("PySide6-Essentials").split(",")
    assert oldest == ">=" + ".".join(map(str, doctor.OLDEST_PYSIDE))
    assert {each.removeprefix("!=") for each in refused} == doctor.UNUSABLE_PYSIDE.keys()
    lock = (CHECKOUT / "requirements.lock").read_text().replace("_", "-")
    assert doctor.TESTED_PYSIDE in lock.splitlines()


def test_without_qt_the_doctor_still_answers(without_pyside: None, library_home: Path) -> None:
    problem = doctor.qt_problem()
    assert problem is not None and f"pip install {doctor.TESTED_PYSIDE}" in problem
    report = doctor.examine()
    assert report["window"]["opens"].startswith("no: The window needs PySide6")
    assert problem in report["problems"]


def test_the_doctor_opens_a_window(environment: Environment, library_home: Path) -> None:
    environment(QT_QPA_PLATFORM="offscreen")
    report = doctor.examine()
    assert report["problems"] == []
    assert report["window"] == {
        "display": "QT_QPA_PLATFORM=offscreen",
        "qt": report["versions"]["PySide6-Essentials"],
        "plugin": "offscreen",
        "opens": "yes",
    }


def test_qt_aborting_does_not_abort_the_doctor(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, library_home: Path
) -> None:
    environment(QT_QPA_PLATFORM="offscreen", QT_QPA_PLATFORM_PLUGIN_PATH=str(tmp_path))
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    report = doctor.examine()
    (problem,) = report["problems"]
    assert problem.startswith("Qt cannot open a window") and "no-such-platform" in problem


@linux_only
def test_having_no_display_is_no_problem_for_the_command_line(
    environment: Environment, library_home: Path
) -> None:
    environment()
    report = doctor.examine()
    assert report["problems"] == []
    assert report["window"] == {"display": "none", "opens": f"no: {doctor.NO_DISPLAY}"}


def test_the_command_line_starts_without_qt_and_torch() -> None:
    """One process for all of these: what one brought would be there at the end."""
    modules = [
        "leo_studio.cli",
        "leo_studio.cli.commands",
        "leo_studio.startup.launch",
        "leo_studio.startup.doctor",
        "leo_studio.services.opening",
    ]
    code = (
        f"import sys, {', '.join(modules)}\n"
        "print(sorted({'PySide6', 'torch'} & sys.modules.keys()))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (process.stdout, process.stderr) == ("[]\n", "")


def test_the_window_starts_without_plots_torch_and_matplotlib() -> None:
    """Only what it is given brings them, so the first picture need not wait."""
    code = (
        "import pkgutil, sys, PySide6.QtWidgets, leo_studio.ui.window.main_window\n"
        "print('pyqtgraph' in sys.modules)\n"
        "for each in pkgutil.walk_packages(leo_studio.ui.__path__, 'leo_studio.ui.'):\n"
        "    __import__(each.name)\n"
        "print('leo_studio.ui.curves.plot' in sys.modules, "
        "'torch' in sys.modules, 'matplotlib' in sys.modules)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (process.stdout, process.stderr) == ("False\nTrue False False\n", "")


@linux_only
def test_unfinished_files_are_named_with_their_size_and_how_they_are_removed(
    environment: Environment, library_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(QT_QPA_PLATFORM="offscreen")
    monkeypatch.setattr(doctor, "_open_elsewhere", lambda: {"qt": "6"})
    stores, run = library_home / "stores", library_home / "runs" / "a run" / "checkpoints"
    for folder in (stores, run):
        folder.mkdir(parents=True)
    monkeypatch.setattr(drafts, "_started", lambda _: 1)
    dead = drafts.new_draft(run / "step-1.safetensors")
    monkeypatch.undo()
    monkeypatch.setenv("LEO_STUDIO_HOME", str(library_home))
    dead.write_bytes(bytes(2_500_000))
    old, own = stores / ".big.h5.23520-140374.part", drafts.new_draft(stores / "new.h5")
    for path in (old, own):
        path.write_bytes(b"half")
    monkeypatch.setattr(doctor, "_window", lambda _: {})
    report = doctor.examine()
    facts = report["folders"]["drafts"]
    assert "step-1.safetensors (2.5 MB) is left over" in facts and "new.h5" in facts
    problems = [problem for problem in report["problems"] if "unfinished" in problem]
    assert [f"remove it with: rm '{dead}'" in text for text in problems] == [True, False]
    assert f"remove it with: rm {old}" in problems[1] and "perhaps by another" in problems[1]
    assert dead.exists() and old.exists()

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leo_studio.startup import platform_libraries
from leo_studio.startup.platform_libraries import how_to_install, main, missing_libraries, platforms

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the libraries are Linux's")


@pytest.fixture
def without_keysyms(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has all libraries but one."""
    monkeypatch.setattr(platform_libraries, "_can_load", lambda name: "keysyms" not in name)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, []),
        ({"DISPLAY": ":0"}, ["xcb"]),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ["wayland", "xcb"]),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, ["offscreen"]),
        ({"QT_QPA_PLATFORM": "wayland-egl;xcb:synchronous"}, ["wayland", "xcb"]),
        ({"QT_QPA_PLATFORM": ""}, []),
    ],
)
def test_the_platform_is_the_one_that_qt_will_choose(
    environment: dict[str, str], expected: list[str]
) -> None:
    assert platforms(environment) == expected


@linux_only
def test_only_the_platform_that_needs_a_library_misses_it(without_keysyms: None) -> None:
    assert missing_libraries("xcb") == {"libxcb-keysyms.so.1": "libxcb-keysyms1"}
    assert missing_libraries("wayland") == missing_libraries("offscreen") == {}


@linux_only
def test_a_library_that_no_machine_has_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"libno-such-thing.so.9": "libno-such-thing9", "libc.so.6": "libc6"}
    monkeypatch.setattr(platform_libraries, "EVERY_WINDOW", table)
    assert missing_libraries("offscreen") == {"libno-such-thing.so.9": "libno-such-thing9"}


def test_debian_is_told_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = {"libb.so": "libb1", "liba.so": "liba1", "libb-more.so": "libb1"}
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert how_to_install(missing).endswith(": sudo apt-get install -y liba1 libb1")
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert how_to_install(missing).endswith(": apt-get install -y liba1 libb1")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "libb.so, liba.so, libb-more.so; install them with" in how_to_install(missing)


@linux_only
def test_the_script_prints_packages_alone_or_fails_with_a_sentence(
    without_keysyms: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--packages", "--platform", "xcb"]) == 0
    assert capsys.readouterr() == ("libxcb-keysyms1\n", "")
    assert main(["--platform", "xcb"]) == 1
    assert "libxcb-keysyms" in capsys.readouterr().err
    assert main(["--platform", "offscreen"]) == 0
    assert capsys.readouterr() == ("", "")


def test_the_script_needs_nothing_that_is_installed() -> None:
    script = Path(platform_libraries.__file__)
    process = subprocess.run(
        [sys.executable, "-I", "-S", str(script), "--packages", "--platform", "offscreen"],
        capture_output=True,
        text=True,
    )
    assert (process.returncode, process.stderr) == (0, "")

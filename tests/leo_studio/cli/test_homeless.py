"""A user without a home folder: sentences with the remedy, and all that needs no library works."""

from pathlib import Path

import pytest

from engine.errors import BadInput
from leo_studio.services.library_location import default_library
from leo_studio.startup import doctor
from leo_studio.startup.app import run_window
from tests.command_line import run_main
from tests.engine.io.test_paths import homeless

__all__ = ["homeless"]  # the fixture


@pytest.fixture(autouse=True)
def no_place(homeless: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEO_STUDIO_HOME", "XDG_DATA_HOME", "USERPROFILE", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "command",
    [
        "runs list",
        "runs show x",
        "runs delete x",
        "train glyphs-5way-1shot",
        "resume x",
        "evaluate x",
        "data info plain",
        "report x --out x.html",
        "open x",
    ],
)
def test_who_needs_the_library_is_told_where_to_put_it(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, *command.split()) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "Set LEO_STUDIO_HOME to a folder for it, or set HOME" in said[0]


@pytest.mark.parametrize(
    "command",
    [
        "data info ~/x.h5",
        "runs show ~/x",
        "presets show ~/x.yaml",
        "evaluate ~/x.safetensors",
        "runs list --runs ~/runs",
        "open ~/x",
        "import bundle ~/x.leo",
    ],
)
def test_a_path_at_home_is_told_of(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, *command.split()) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "no home folder is known for ~" in said[0]


def test_what_needs_no_library_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run_main(monkeypatch, "presets", "list") == 0
    assert "mini-1shot" in capsys.readouterr().out
    assert run_main(monkeypatch, "presets", "show", "mini-1shot") == 0
    assert run_main(monkeypatch, "runs", "list", "--runs", str(tmp_path)) == 0


def test_the_doctor_names_it_among_the_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_open_elsewhere", lambda: {"qt": "", "plugin": ""})
    for home in ("", "~/library"):
        monkeypatch.setenv("LEO_STUDIO_HOME", home)
        report = doctor.examine()
        assert report["folders"]["library"] == "none"
        assert any("HOME" in problem for problem in report["problems"])


def test_the_window_is_told_before_it_opens() -> None:
    with pytest.raises(BadInput, match="Set LEO_STUDIO_HOME"):
        run_window()


def test_a_place_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEO_STUDIO_HOME", str(tmp_path))
    assert default_library().root == tmp_path.resolve()

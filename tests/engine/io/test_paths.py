"""Paths that a person types, and that nobody else expands them."""

import os
import re
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.io.paths import (
    expanded,
    expanded_if_known,
    is_file,
    is_folder,
    is_path,
    is_there,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without HOME and without an entry among the system's users."""

    def unknown(_: object) -> None:
        raise KeyError("no such user")

    pwd = pytest.importorskip("pwd")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(pwd, "getpwnam", unknown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", False),
        ("a.b", False),
        ("plain.h5", True),
        ("PLAIN.H5", True),
        (f".{os.sep}plain", True),
        (f"runs{os.sep}plain", True),
        ("~", True),
        ("~someone", True),
        (".", True),
        ("..", True),
        ("...", False),
        ("", False),
    ],
)
def test_what_is_a_path_and_what_a_name(text: str, expected: bool) -> None:
    assert is_path(text, (".h5", ".hdf5")) is expected


def test_a_home_folder_takes_the_place_of_its_sign(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert expanded("~/x.h5") == expanded_if_known("~/x.h5") == tmp_path / "x.h5"
    assert expanded("x~/~y") == Path("x~/~y")


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("text", ["~", "~/x.h5", "~nobody/x.h5"])
def test_a_home_folder_that_nobody_knows_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match=r"no home folder is known for ~.*set HOME"):
        expanded(text)
    assert expanded_if_known(text) == Path(text)
    assert expanded("x/y") == Path("x/y")


def test_nobody_else_asks_for_a_home_folder() -> None:
    files = [*ROOT.glob("engine/**/*.py"), *ROOT.glob("leo_studio/**/*.py")]
    found = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if re.search(r"expanduser|\bhome\(\)", path.read_text(encoding="utf-8"))
    }
    assert len(files) > 100 and found == {"engine/io/paths.py"}


def test_nothing_is_where_nobody_can_look(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    too_long = tmp_path / ("x" * 300)
    for place in (too_long, too_long / "below", tmp_path / "no\0path"):
        assert not (is_file(place) or is_folder(place) or is_there(place))
    assert is_file(tmp_path / "file") and is_there(tmp_path / "file") and is_folder(tmp_path)

"""The map of the code says what is there."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
PAGE = (DOCS / "architecture.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("architecture", DOCS / "make_architecture.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_file_that_the_map_names_is_there() -> None:
    named = re.findall(r"`((?:engine|leo_studio|tests|presets|docs)/[\w/.*]*)`", PAGE)
    assert len(named) > 60
    missing = [name for name in named if not any(CHECKOUT.glob(name.rstrip("/")))]
    assert missing == []


def test_every_room_is_on_the_map() -> None:
    for package in ("engine", "leo_studio"):
        for room in sorted((CHECKOUT / package).iterdir()):
            if (room / "__init__.py").exists():
                assert f"`{room.name}/" in PAGE, f"{package}/{room.name}"


def test_the_picture_is_of_todays_imports(script: ModuleType, tmp_path: Path) -> None:
    script.draw(tmp_path / "architecture.svg")
    drawn = (tmp_path / "architecture.svg").read_text(encoding="utf-8")
    assert drawn == script.PICTURE.read_text(encoding="utf-8"), "run make architecture"

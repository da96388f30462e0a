"""Preferences on disk."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from leo_studio.services.preferences import (
    MOST_RECENT,
    Preferences,
    load_preferences,
    save_preferences,
    shown_preferences,
)

preferences = st.builds(
    Preferences,
    theme=st.sampled_from(["light", "dark", "system"]),
    text_scale=st.floats(0.8, 2),
    smoothing=st.floats(0, 0.999),
    ask_before_closing=st.booleans(),
    toast_seconds=st.integers(2, 60),
    recent_presets=st.lists(st.text(max_size=8), max_size=MOST_RECENT).map(tuple),
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "preferences.yaml"


@given(preferences)
def test_preferences_come_back_as_they_were_saved(wanted: Preferences) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "preferences.yaml")
        save_preferences(path, wanted)
        assert load_preferences(path) == (wanted, "")


def test_a_first_start_has_the_defaults_and_warns_of_nothing(path: Path) -> None:
    assert load_preferences(path) == (Preferences(), "")


@given(st.binary(max_size=60))
def test_no_file_stops_the_studio_from_starting(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "preferences.yaml")
        path.write_bytes(content)
        _, warning = load_preferences(path)
        assert path.exists() == (warning == "")


@given(st.dictionaries(st.sampled_from([*Preferences.model_fields, "else"]) | st.integers(), plain))
def test_no_values_stop_the_studio_from_starting(values: dict[object, object]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "preferences.yaml")
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        load_preferences(path)


def test_a_damaged_file_is_moved_aside_and_told_of(path: Path) -> None:
    path.write_text("theme: [dark", encoding="utf-8")
    loaded, warning = load_preferences(path)
    assert loaded == Preferences()
    assert "preferences.yaml is damaged" in warning
    assert "preferences.damaged.yaml" in warning
    assert not path.exists()
    aside = path.with_name("preferences.damaged.yaml")
    assert aside.read_text(encoding="utf-8") == "theme: [dark"


def test_one_value_that_cannot_be_used_costs_no_other(path: Path) -> None:
    path.write_text("theme: dark\ntext_scale: 40\nrecent_presets: [a, b]\n", encoding="utf-8")
    loaded, warning = load_preferences(path)
    assert loaded == Preferences(theme="dark", recent_presets=("a", "b"))
    assert "text_scale" in warning


def test_a_newer_studios_preferences_are_no_damage(path: Path) -> None:
    path.write_text("theme: dark\nhologram: true\n", encoding="utf-8")
    assert load_preferences(path) == (Preferences(theme="dark"), "")


def test_a_file_that_cannot_be_read_is_told_of(path: Path) -> None:
    path.mkdir()
    loaded, warning = load_preferences(path)
    assert loaded == Preferences()
    assert str(path) in warning


def test_saving_where_nothing_can_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written"):
        save_preferences(tmp_path / "file" / "preferences.yaml", Preferences())


def test_what_was_used_last_stands_first_and_once() -> None:
    used = Preferences()
    for name in ("a", "b", "a"):
        used = used.with_file(Path("/runs") / name)
    assert used.recent_files == (str(Path("/runs/a")), str(Path("/runs/b")))


def test_ten_are_remembered() -> None:
    used = Preferences()
    for index in range(15):
        used = used.with_file(Path(f"/runs/{index}"))
    assert len(used.recent_files) == MOST_RECENT
    assert Path(used.recent_files[0]).name == "14"


def test_defaults_keep_what_was_used() -> None:
    changed = Preferences(theme="dark", smoothing=0.9, recent_presets=("a",))
    assert changed.with_defaults() == Preferences(recent_presets=("a",))
    assert changed.without_recent() == Preferences(theme="dark", smoothing=0.9)


@pytest.mark.parametrize(
    ("name", "value"),
    [("text_scale", 2.1), ("smoothing", 1.0), ("toast_seconds", 1), ("theme", "pink")],
)
def test_values_beyond_the_limits_are_refused(name: str, value: object) -> None:
    with pytest.raises(BadInput, match=name):
        Preferences().changed(**{name: value})


def test_everything_shown_has_a_sentence() -> None:
    shown = dict(shown_preferences())
    assert "recent_presets" not in shown
    assert all((field.description or "").endswith(".") for field in shown.values())


def test_preferences_need_neither_qt_nor_torch() -> None:
    code = (
        "import sys, leo_studio.services.preferences\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'PySide6')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

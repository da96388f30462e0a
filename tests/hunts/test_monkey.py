"""A short session of the monkey; `python -m tests.hunts.monkey` plays long ones."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.hunts.monkey import play
from tests.hunts.monkey_watch import Size, Watch, growth


@pytest.mark.slow
def test_a_window_stands_a_monkey(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    """Nothing raised or warned of, no freeze, nothing left behind, and no run lost."""
    monkeypatch.setenv("HOME", str(tmp_path))
    font = qapp.font()
    said: list[str] = []
    played = play(tmp_path, seed=1, actions=150, say=said.append)
    qapp.setStyleSheet("")
    qapp.setFont(font)
    assert not played.findings, "\n".join([*said[-40:], *played.findings])
    assert (played.actions, played.windows >= 1, played.runs >= 2) == (150, True, True)


def test_what_is_like_another_finding_but_for_numbers_is_told_once() -> None:
    told: list[str] = []
    watch = Watch(told.append)
    for finding in ("line 1 raised", "line 22 raised", "line 1 froze"):
        watch.find(finding)
    assert told == ["line 1 raised", "line 1 froze"]


def test_growth_is_what_comes_in_the_second_half() -> None:
    most = Size(windows=5, widgets=5, objects=5, megabytes=5.0)
    steady = [Size(min(place, 10), 7, 7, 7.0) for place in range(40)]
    growing = [Size(place, 7, 7, 7.0) for place in range(40)]
    assert growth(steady, most) == []
    assert growth(growing, most) == ["windows grow: from 14 to 34"]

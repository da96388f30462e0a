from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.records import Inspection
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.services.records import Examples
from leo_studio.ui.inspection.support import SupportView
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.inspection.conftest import examples_of


@pytest.fixture
def support(themes: ThemeManager, qtbot: QtBot) -> Iterator[SupportView]:
    made = SupportView(themes)
    made.resize(700, 300)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()
    qtbot.waitUntil(lambda: not Shiboken.isValid(made))


def labels(support: SupportView) -> list[QLabel]:
    """Return what is seen; of what was there before, Qt deletes labels with the next events."""
    return [label for label in support.findChildren(QLabel) if label.isVisible()]


def tips(support: SupportView) -> list[str]:
    return [label.toolTip() for label in labels(support) if label.toolTip()]


def button(support: SupportView, name: str) -> QToolButton:
    found = support.findChild(QToolButton, name)
    assert isinstance(found, QToolButton)
    return found


def fewer(inspection: Inspection) -> Inspection:
    """Take the first example of class 1 out."""
    support = inspection.support.copy()
    support[0, 1] = (support[0, 1, 1], -1)
    return replace(inspection, support=support)


def test_the_buttons_beside_a_picture_are_large_and_at_the_middle_of_its_height(
    support: SupportView, seen: Inspection, examples: Examples, qtbot: QtBot
) -> None:
    support.show_support(seen, Thumbnails(examples))
    support.set_editable(True)
    row = int(seen.support[0, 1, 0])
    picture = button(support, f"replace-1-{row}")
    qtbot.waitUntil(lambda: picture.isVisible() and picture.height() > 20)
    line = support.fontMetrics().height()

    def middle(widget: QWidget) -> float:
        return widget.mapTo(support, widget.rect().center()).y()

    for name in (f"drop-1-{row}", "add-1", "swap-1"):
        beside = button(support, name)
        assert min(beside.width(), beside.height()) >= 1.6 * line
        assert abs(middle(beside) - middle(picture)) <= 2, name


def test_every_class_stands_with_its_examples(
    support: SupportView, seen: Inspection, examples: Examples
) -> None:
    support.show_support(seen, Thumbnails(examples))
    expected = []
    for place, name in enumerate(class_names(seen)):
        expected.append(f"Class {place}: {name}")
        for row in seen.support[0, place].tolist():
            expected.append(f"class/picture-{row} (row {row} of the split)")
    assert sorted(tips(support)) == sorted(expected)
    assert not support.findChildren(QToolButton)


def test_examples_are_pictures_and_without_these_names(
    support: SupportView, seen: Inspection, examples: Examples
) -> None:
    def of_row(row: int) -> QLabel:
        (label,) = (each for each in labels(support) if f"(row {row} of" in each.toolTip())
        return label

    row = int(seen.support[0, 2, 1])
    support.show_support(seen, Thumbnails(examples))
    image = of_row(row).pixmap().toImage()
    assert image.pixelColor(image.rect().center()).red() == row % 256
    support.show_support(seen, Thumbnails(examples_of(seen, images=False)))
    assert of_row(row).text().endswith(f"picture-{row}")
    assert of_row(row).accessibleName() == f"class/picture-{row}"


def test_buttons_say_what_is_wanted(support: SupportView, seen: Inspection) -> None:
    support.show_support(seen, Thumbnails())
    support.set_editable(True)
    wishes: list[tuple[object, ...]] = []
    support.swap_wanted.connect(lambda place: wishes.append(("swap", place)))
    support.add_wanted.connect(lambda place: wishes.append(("add", place)))
    support.drop_wanted.connect(lambda place, row: wishes.append(("drop", place, row)))
    row = int(seen.support[0, 3, 1])
    for name in ("swap-2", "add-0", f"drop-3-{row}"):
        QTest.mouseClick(button(support, name), Qt.MouseButton.LeftButton)
    assert wishes == [("swap", 2), ("add", 0), ("drop", 3, row)]


def test_the_last_example_of_a_class_stays_and_says_why(
    support: SupportView, seen: Inspection
) -> None:
    support.set_editable(True)
    support.show_support(fewer(seen), Thumbnails())
    last, one_of_two = int(seen.support[0, 1, 1]), int(seen.support[0, 0, 0])
    assert not button(support, f"drop-1-{last}").isEnabled()
    assert "add another one first" in button(support, f"drop-1-{last}").toolTip()
    assert button(support, f"drop-0-{one_of_two}").isEnabled()
    assert not any("row -1" in tip for tip in tips(support))


def test_the_keyboard_goes_on_where_it_was(
    support: SupportView, seen: Inspection, themes: ThemeManager, qtbot: QtBot
) -> None:
    support.set_editable(True)
    support.show_support(seen, Thumbnails())
    support.activateWindow()
    qtbot.waitActive(support)

    def focused() -> str:
        there = support.focusWidget()
        return "" if there is None else there.objectName()

    kept = int(seen.support[0, 1, 1])
    button(support, f"drop-1-{kept}").setFocus()
    themes.choose("dark")
    assert focused() == f"drop-1-{kept}"
    button(support, f"drop-1-{int(seen.support[0, 1, 0])}").setFocus()
    support.show_support(fewer(seen), Thumbnails())  # that one is out
    assert focused() == "add-1"


def test_it_is_as_high_as_many_examples_need(
    support: SupportView, loaded: LoadedCheckpoint
) -> None:
    many = replace(loaded, n_way=8, k_shot=12, queries=10).inspect([0], 1)
    support.show_support(many, Thumbnails(examples_of(many)))
    assert support.heightForWidth(300) > 1.5 * support.heightForWidth(900)


def test_a_click_on_a_picture_asks_for_another_one_in_its_place(
    support: SupportView, seen: Inspection, examples: Examples
) -> None:
    support.show_support(seen, Thumbnails(examples))
    support.set_editable(True)
    wanted: list[tuple[int, int]] = []
    support.replace_wanted.connect(lambda place, row: wanted.append((place, row)))
    row = int(seen.support[0, 2, 1])
    picture = button(support, f"replace-2-{row}")
    assert not picture.icon().isNull() and "Click to replace it" in picture.toolTip()
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton)
    assert wanted == [(2, row)]


def test_without_an_episode_it_is_empty(support: SupportView, seen: Inspection) -> None:
    support.show_support(seen, Thumbnails())
    support.show_support(None, Thumbnails())
    assert tips(support) == []

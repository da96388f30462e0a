"""The look of all widgets: applied once after a moment's rest, to what is seen and what is not."""

from functools import partial

import pytest
from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QDockWidget,
    QMainWindow,
    QProxyStyle,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QTabWidget,
    QToolBar,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import DARK, LIGHT, Theme, ThemeManager, ThemeName


def has_color(widget: QWidget, color: str) -> bool:
    return text_color(widget) == color


def text_color(widget: QWidget) -> str:
    return widget.palette().color(QPalette.ColorRole.WindowText).name()


def muted(text: str) -> Label:
    label = Label(text)
    label.setProperty("role", "muted")
    return label


def title(text: str) -> Label:
    label = Label(text)
    label.setProperty("role", "title")
    return label


def test_titles_stay_bold_whether_they_are_seen_or_not(
    themes: ThemeManager, qapp: QApplication, qtbot: QtBot
) -> None:
    stack = QStackedWidget()
    qtbot.addWidget(stack)
    hidden, seen = title("hidden"), title("seen")
    for label in (hidden, seen):
        stack.addWidget(label)
        stack.setCurrentWidget(label)
        stack.show()
        qapp.processEvents()
    looks: tuple[tuple[ThemeName, float], ...] = (("dark", 1), ("light", 1.5), ("light", 1))
    for name, scale in looks:
        themes.choose(name, scale)
        qtbot.waitUntil(lambda: themes.is_settled)
        weights = [label.font().weight() for label in (hidden, seen)]
        assert weights == [QFont.Weight.DemiBold] * 2


def test_of_many_steps_in_a_row_only_the_last_is_applied(
    themes: ThemeManager, qapp: QApplication, qtbot: QtBot
) -> None:
    size, applied = qapp.font().pointSizeF(), list[Theme]()
    themes.changed.connect(applied.append)
    for step in range(1, 11):
        themes.choose_soon("dark", 1 + step / 20)
    assert applied == []
    qtbot.waitUntil(lambda: bool(applied))
    qtbot.wait(300)  # two more rests, in which another one would come
    assert applied == [DARK]
    assert qapp.font().pointSizeF() == 1.5 * size


def test_a_choice_that_is_applied_at_once_replaces_one_that_waits(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    applied: list[Theme] = []
    themes.changed.connect(applied.append)
    themes.choose_soon("dark")
    themes.choose("light")
    qtbot.wait(300)
    assert applied == [LIGHT]


def test_what_is_hidden_has_the_new_look_too_a_little_later(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    pages = QStackedWidget()
    shown, hidden = muted("in front"), muted("behind")
    for label in (shown, hidden):
        pages.addWidget(label)
    qtbot.addWidget(pages)
    pages.show()
    for label in (hidden, shown):  # both have had a look
        pages.setCurrentWidget(label)
    assert {text_color(label) for label in (shown, hidden)} == {LIGHT.muted}
    themes.choose("dark")
    assert text_color(shown) == DARK.muted
    qtbot.waitUntil(lambda: text_color(hidden) == DARK.muted)


def test_what_comes_into_sight_before_its_turn_has_the_new_look_before_it_is_painted(
    themes: ThemeManager, qapp: QApplication, qtbot: QtBot
) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    docks = [QDockWidget(name, window) for name in ("behind", "in front")]
    for dock in docks:
        dock.setWidget(muted(dock.windowTitle()))
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    window.tabifyDockWidget(*docks)
    window.show()
    for dock in docks:  # both have had a look
        dock.raise_()
        qapp.processEvents()
    behind = docks[0].widget()
    assert behind is not None and behind.visibleRegion().isEmpty()
    looks: list[tuple[str, float]] = []

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                looks.append((text_color(behind), behind.font().pointSizeF()))
            return False

    noticed = Painted()
    behind.installEventFilter(noticed)
    themes.choose("dark", 1.5)
    themes._restyling._slices.stop()  # its turn would come much later in a large window
    docks[0].raise_()
    qtbot.waitUntil(lambda: bool(looks))
    assert set(looks) == {(DARK.muted, qapp.font().pointSizeF())}
    themes._restyling._slices.start()
    qtbot.waitUntil(lambda: themes.is_settled)


def test_a_widget_that_goes_before_its_turn_is_left_out(themes: ThemeManager, qtbot: QtBot) -> None:
    pages = [QWidget() for _ in range(3)]
    for page in pages:
        muted("text").setParent(page)
        qtbot.addWidget(page)
        page.show()
        page.hide()
    themes.choose("dark")
    pages.pop(1).deleteLater()
    for page in pages:
        label = page.findChild(Label)
        assert label is not None
        qtbot.waitUntil(partial(has_color, label, DARK.muted))


def test_many_changes_before_all_was_styled_reach_every_widget(
    themes: ThemeManager, qapp: QApplication, qtbot: QtBot
) -> None:
    stack = QStackedWidget()
    qtbot.addWidget(stack)
    for _ in range(2):
        tabs = QTabWidget()  # parts of it are never styled by a sheet
        tabs.addTab(muted("text"), "Tab")
        tabs.addTab(title("bold"), "Other tab")
        tabs.setCurrentIndex(1)
        qapp.processEvents()
        tabs.setCurrentIndex(0)
        stack.addWidget(tabs)
        stack.setCurrentWidget(tabs)
        stack.show()
        qapp.processEvents()
    for scale in (1.2, 1.5, 1.3):
        themes.choose("dark", scale)  # those that are hidden wait for their turn each time
    wanted = qapp.font().pointSizeF()
    inside = [stack, *stack.findChildren(QWidget)]
    qtbot.waitUntil(lambda: themes.is_settled)
    assert {each.font().pointSizeF() for each in inside} == {wanted}
    labels = {label.text(): label for label in stack.findChildren(Label)}
    assert text_color(labels["text"]) == DARK.muted
    assert labels["bold"].font().weight() == QFont.Weight.DemiBold


def test_icons_grow_with_the_text_and_take_its_colour(
    themes: ThemeManager, actions: ActionRegistry, qtbot: QtBot
) -> None:
    window, bar, button = QWidget(), QToolBar(), QPushButton()
    action = actions.add("test.play", "Play", menu="View", glyph=MDI7.square)
    for widget in (bar, button):
        widget.setParent(window)
    bar.addAction(action)
    qtbot.addWidget(window)
    window.show()
    assert (bar.iconSize(), button.iconSize()) == (QSize(24, 24), QSize(16, 16))
    themes.choose("dark", 1.5)
    assert (bar.iconSize(), button.iconSize()) == (QSize(36, 36), QSize(24, 24))
    image = action.icon().pixmap(24, 24).toImage()
    assert image.pixelColor(12, 12).name() == DARK.text


class SystemWithIcons(QProxyStyle):
    """A style like that of Linux desktops, which gives dialogs' buttons icons of its own."""

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        data: QStyleHintReturn | None = None,
    ) -> int:
        if hint == QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons:
            return 1
        return super().styleHint(hint, option, widget, data)


def test_buttons_of_dialogs_have_no_icons_of_the_system(
    themes: ThemeManager, qapp: QApplication, qtbot: QtBot
) -> None:
    qapp.setStyle(SystemWithIcons("Fusion"))
    themes.choose("dark")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    qtbot.addWidget(box)
    assert [each.icon().isNull() for each in box.buttons()] == [True]
    qapp.setStyle("Fusion")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_button_that_cannot_be_pressed_looks_fainter_than_muted_text(
    themes: ThemeManager, qtbot: QtBot, theme: Theme
) -> None:
    themes.choose("dark" if theme.is_dark else "light")
    button = QPushButton("Undo")
    qtbot.addWidget(button)
    button.setEnabled(False)
    button.show()
    color = button.palette().color(QPalette.ColorRole.ButtonText)
    assert color.name() == theme.muted and color.alpha() < 200


def is_gone(widget: QWidget) -> bool:
    return not Shiboken.isValid(widget) or not widget.isVisible()


def test_tips_have_the_colours_of_the_theme_that_is_shown_now(
    themes: ThemeManager, qapp: QApplication, qtbot: QtBot
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    choices: tuple[tuple[ThemeName, Theme], ...] = (("light", LIGHT), ("dark", DARK))
    for name, theme in (*choices, *choices):
        themes.choose(name)
        assert QToolTip.palette().color(QPalette.ColorRole.ToolTipText).name() == theme.text
        QToolTip.showText(window.mapToGlobal(QPoint(5, 5)), f"A tip, {name}", window)
        (tip,) = (
            each
            for each in qapp.topLevelWidgets()
            if each.inherits("QTipLabel") and each.isVisible()
        )
        image = tip.grab().toImage()
        colors = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
        }
        assert {theme.raised, theme.text} <= colors
        QToolTip.hideText()
        qtbot.waitUntil(partial(is_gone, tip))

"""The guide's window: contents at the left, a page at the right, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from engine.errors import BadInput
from leo_studio.analysis.guide.pages import GuidePage, read_pages
from leo_studio.ui.guide.contents import Contents
from leo_studio.ui.guide.find_bar import FindBar
from leo_studio.ui.guide.page_view import PageView
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_Keys = QKeySequence.StandardKey


@dataclass(slots=True)
class _Visit:
    """A place that was read; `position` is where the reader had scrolled to when leaving it."""

    name: str
    anchor: str
    position: int | None = None


class GuideWindow(QWidget):
    """Shows the pages of the guide; other windows go on meanwhile.

    Parameters
    ----------
    folder
        Where the pages are.
    themes
        Colours and text size.
    parent
        The window that it is closed with.
    """

    def __init__(self, folder: Path, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("guide")
        self.setWindowTitle("Guide · LEO Studio")
        self._themes = themes
        self._visits: list[_Visit] = []
        self._place = -1
        problem, pages = "", tuple[GuidePage, ...]()
        try:
            pages = read_pages(folder)
        except BadInput as error:
            problem = str(error)
        self._pages = {page.name: page for page in pages}
        self.view = PageView(folder, themes)
        self.contents = Contents(pages)
        self.find_bar = FindBar(self.view, themes)
        self.said = Label()
        self.said.setObjectName("guide-said")
        self.said.setProperty("role", "muted")
        self._lay_out()
        self.contents.chosen.connect(self._open_found)
        self.view.anchorClicked.connect(self._follow)
        themes.changed.connect(self._show_again)
        if pages:
            self.open(pages[0].name)
        else:
            self.view.show_sentence(problem)
        self._color(themes.current)
        line = self.fontMetrics().height()
        room = self.screen().availableSize() * 0.9
        self.resize(min(68 * line, room.width()), min(50 * line, room.height()))

    @property
    def page(self) -> str:
        """The name of the page that is read; "" where there is none."""
        return self._visits[self._place].name if self._visits else ""

    def open(self, name: str, anchor: str = "") -> None:
        """Show a page, at one of its headings."""
        if name not in self._pages:
            if self._pages:
                self.said.setText(f"The guide has no page {name}.")
            return
        self._leave()
        del self._visits[self._place + 1 :]
        self._visits.append(_Visit(name, anchor))
        self._place += 1
        self._show()

    def go(self, step: int) -> None:
        """Go back (-1) or forward (1) among the places that were read."""
        if 0 <= self._place + step < len(self._visits):
            self._leave()
            self._place += step
            self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close it by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    # What is shown

    def _leave(self) -> None:
        if self._visits:
            self._visits[self._place].position = self.view.position

    def _show(self) -> None:
        visit = self._visits[self._place]
        self.view.show_page(self._pages[visit.name])
        self.said.clear()
        if visit.position is not None:
            self.view.go_to_position(visit.position)
        elif visit.anchor and not self.view.go_to(visit.anchor):
            self.said.setText(f"This page has no heading {visit.anchor}; here is its beginning.")
        if self.find_bar.isVisible():
            self.find_bar.hide()
        self.contents.show_place(visit.name, visit.anchor)
        self.back.setEnabled(self._place > 0)
        self.forward.setEnabled(self._place + 1 < len(self._visits))

    def _show_again(self, theme: Theme) -> None:
        """Take other colours, or another size of text."""
        self._color(theme)
        if self._visits:
            self._leave()
            self._show()

    def _open_found(self, name: str, anchor: str, wanted: str) -> None:
        self.open(name, anchor)
        if wanted:
            self.view.mark(*wanted.split())

    def _follow(self, url: QUrl) -> None:
        """Follow a link: in the page, to another page, or out into the browser."""
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
            return
        name = url.path().removesuffix(".md") or self.page
        if url.scheme() or name not in self._pages:
            self.said.setText(f"{url.toString()} is no page of the guide.")
            return
        self.open(name, url.fragment())

    # How it is made

    def _lay_out(self) -> None:
        self.back = self._action("Back", _Keys.Back, lambda: self.go(-1))
        self.forward = self._action("Forward", _Keys.Forward, lambda: self.go(1))
        self.find_words = self._action("Find in this page", _Keys.Find, self.find_bar.open)
        self.search = self._action("Search all pages", "Ctrl+Shift+F", self._search)
        self._action("Next place", _Keys.FindNext, lambda: self.find_bar.step(1))
        self._action("Previous place", _Keys.FindPrevious, lambda: self.find_bar.step(-1))
        self._action("Close", _Keys.Close, self.close)
        self._glyphs = {
            self.back: MDI7.arrow_left,
            self.forward: MDI7.arrow_right,
            self.find_words: MDI7.magnify,
        }
        row = QHBoxLayout()
        for action in self._glyphs:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setAccessibleName(action.text())
            row.addWidget(button)
        row.addWidget(self.said, 1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        column.addWidget(self.find_bar)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.addWidget(self.contents)
        halves.addWidget(right)
        halves.setStretchFactor(1, 1)
        halves.setChildrenCollapsible(False)
        character = self.fontMetrics().averageCharWidth()
        halves.setSizes([34 * character, 100 * character])
        layout = QVBoxLayout(self)
        layout.addWidget(halves)

    def _action(
        self, text: str, keys: QKeySequence.StandardKey | str, call: Callable[[], object]
    ) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(as_tip(f"{text} ({shown})"))
        action.triggered.connect(lambda _checked=False: call())
        self.addAction(action)
        return action

    def _search(self) -> None:
        self.contents.search_line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.contents.search_line.selectAll()

    def _color(self, _theme: Theme) -> None:
        for action, glyph in self._glyphs.items():
            action.setIcon(self._themes.icon(glyph))

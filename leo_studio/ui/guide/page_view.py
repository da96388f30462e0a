"""A page of the guide as it is read: rendered Markdown, its pictures fitted, words found in it."""

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import (
    QBrush,
    QColor,
    QPixmap,
    QResizeEvent,
    QShowEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from leo_studio.analysis.guide.pages import GuidePage
from leo_studio.ui.guide.page_looks import blocks_of, give_looks
from leo_studio.ui.widgets.theme import ThemeManager

_MOST_MARKED = 1000  # places of a word that are marked


class PageView(QTextBrowser):
    """Shows one page.

    Links are followed by whoever listens to `anchorClicked`.

    Parameters
    ----------
    folder
        Where the pages are: pictures are named from there.
    themes
        Gives the colours.
    """

    def __init__(self, folder: Path, themes: ThemeManager, parent: QWidget | None = None) -> None:
        self._anchors: dict[str, int] = {}  # to the position of the heading
        super().__init__(parent)
        self.setObjectName("guide-page")
        self.setAccessibleName("Page of the guide")
        self.setOpenLinks(False)
        self._folder = folder
        self._themes = themes
        self._whole: dict[str, QPixmap] = {}  # pictures as they are, by their URL
        self._fitted_to = 0
        self._found: list[QTextCursor] = []
        self._current = -1
        self._asked: int | None = None  # what is to be at the top, until the reader scrolls
        self.verticalScrollBar().actionTriggered.connect(self._forget_asked)
        self.cursorPositionChanged.connect(self._forget_asked)

    # What is shown

    def show_page(self, page: GuidePage) -> None:
        """Show a page from its top."""
        self._whole.clear()
        self.mark("")
        self.setMarkdown(page.text)
        document = self.document()
        document.setDocumentMargin(1.5 * self.fontMetrics().averageCharWidth())
        give_looks(document, self._themes.current)
        headings = (block for block in blocks_of(document) if block.blockFormat().headingLevel())
        self._anchors = {
            heading.anchor: block.position()
            for heading, block in zip(page.headings, headings, strict=False)
        }
        self._fitted_to = self._room()
        self.go_to_position(0)

    def show_sentence(self, sentence: str) -> None:
        """Show a sentence where there is no page."""
        self._anchors = {}
        self.setPlainText(sentence)

    def go_to(self, anchor: str) -> bool:
        """Scroll a heading to the top; returns whether the page has it."""
        if anchor not in self._anchors:
            return False
        self.go_to_position(self._anchors[anchor])
        return True

    @property
    def position(self) -> int:
        """Which character of the page is at the top, or is to be there."""
        if self._asked is not None:  # what is not laid out yet has it elsewhere
            return self._asked
        return self.cursorForPosition(QPoint(self.viewport().width() // 2, 2)).position()

    def go_to_position(self, position: int) -> None:
        """Scroll a character to the top."""
        document = self.document()
        document.documentLayout().documentSize()  # lays all of it out, and sets the bar's range
        block = document.findBlock(position)
        bar = self.verticalScrollBar()
        top = document.documentLayout().blockBoundingRect(block).top()
        bar.setValue(round(top) - self.fontMetrics().height() // 2 if block.position() else 0)
        self.setTextCursor(QTextCursor(block))  # for the keyboard and for screen readers
        bar.setValue(round(top) - self.fontMetrics().height() // 2 if block.position() else 0)
        self._asked = position

    def _forget_asked(self, *_: object) -> None:
        self._asked = None

    # Words in the page

    @property
    def marked(self) -> tuple[int, int]:
        """Which of the places found the view stands at, from 1, and how many there are."""
        return self._current + 1, len(self._found)

    def mark(self, *words: str) -> int:
        """Mark every place of some words; returns how many there are."""
        document, self._found, self._current = self.document(), [], -1
        for word in filter(None, words):
            cursor = document.find(word)
            while not cursor.isNull() and len(self._found) < _MOST_MARKED:
                self._found.append(QTextCursor(cursor))
                cursor = document.find(word, cursor)
        self._found.sort(key=lambda each: each.position())
        self._paint_marks()
        return len(self._found)

    def go_to_next(self, step: int = 1) -> None:
        """Go to the next place that is marked, or the one before; the first follows the last."""
        if not self._found:
            return
        if self._current < 0:
            here = self.position
            later = (place for place, each in enumerate(self._found) if each.position() >= here)
            self._current = next(later, 0)
        else:
            self._current = (self._current + step) % len(self._found)
        plain = QTextCursor(self._found[self._current])
        plain.clearSelection()
        self.setTextCursor(plain)
        self.ensureCursorVisible()
        self._forget_asked()
        self._paint_marks()

    def _paint_marks(self) -> None:
        theme = self._themes.current
        marks = []
        for place, cursor in enumerate(self._found):
            mark = QTextEdit.ExtraSelection()
            form = QTextCharFormat()
            ground = QColor(theme.warning)
            ground.setAlpha(80)
            if place == self._current:
                ground = QColor(theme.accent)
                form.setForeground(QBrush(QColor(theme.on_accent)))
            form.setBackground(QBrush(ground))
            mark.format, mark.cursor = form, cursor
            marks.append(mark)
        self.setExtraSelections(marks)

    # Pictures

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Return a picture of the page, not wider than the page; nothing else is ever read."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        path = (self._folder / QUrl(name).path()).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            return None
        key = QUrl(name).toString()
        if key not in self._whole:
            self._whole[key] = QPixmap(str(path))
        return self._fitted(self._whole[key])

    def showEvent(self, event: QShowEvent) -> None:
        """Be where somebody asked for before the page had its size."""
        super().showEvent(event)
        if self._asked is not None:
            self.go_to_position(self._asked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit pictures again, and keep what is read where it is."""
        position = self.position
        super().resizeEvent(event)
        if self._room() != self._fitted_to:
            self._fit_pictures()
            self.go_to_position(position)

    def changeEvent(self, event: QEvent) -> None:
        """Keep what is read where it is when the text gets another size."""
        is_other_size = event.type() == QEvent.Type.FontChange and bool(self._anchors)
        position = self.position if is_other_size else 0
        super().changeEvent(event)
        if is_other_size:
            self.go_to_position(position)

    def _room(self) -> int:
        return round(self.viewport().width() - 2 * self.document().documentMargin())

    def _fit_pictures(self) -> None:
        self._fitted_to = self._room()
        document = self.document()
        for name, whole in self._whole.items():
            kind = QTextDocument.ResourceType.ImageResource.value
            document.addResource(kind, QUrl(name), self._fitted(whole))
        if self._whole:
            document.markContentsDirty(0, document.characterCount())

    def _fitted(self, whole: QPixmap) -> QPixmap:
        if whole.isNull():
            return whole
        ratio = self.devicePixelRatioF()
        width = min(whole.width(), max(1, self._room()))
        size = QSize(round(width * ratio), round(width * ratio * whole.height() / whole.width()))
        fitted = whole.scaled(
            size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        fitted.setDevicePixelRatio(ratio)
        return fitted

"""The result of a comparison, large: a sign, words and a colour."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from leo_studio.analysis.episode.changes import Kind, Result
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_SIZE = 1.5  # times the text's


class ResultBanner(Label):
    """Says how many queries are right at the right side, and how many at the left.

    Parameters
    ----------
    themes
        Colours.
    """

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setObjectName("what-if-result")
        self.setWordWrap(True)
        self._themes = themes
        self._kind: Kind = "same"
        themes.changed.connect(self._recolor)
        self._recolor(themes.current)

    def show_result(self, result: Result | None) -> None:
        """Show a result; nothing for None."""
        self._kind = "same" if result is None else result.kind
        self.setText("" if result is None else result.text)
        self._recolor(self._themes.current)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._recolor(self._themes.current)
        super().changeEvent(event)

    def _recolor(self, theme: Theme) -> None:
        colors = {"better": theme.success, "worse": theme.danger, "same": theme.text}
        points = _SIZE * QGuiApplication.font().pointSizeF()
        style = f"color: {colors[self._kind]}; font-size: {points:.1f}pt; font-weight: 600;"
        if style != self.styleSheet():
            self.setStyleSheet(style)

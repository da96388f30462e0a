"""Icons made of a font's glyphs, sharp at every size.

superqt has such icons too, but importing superqt makes the window start later.
"""

from functools import cache

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QIconEngine,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QStyleOption

# A glyph's share of the icon's height; some reach to the edges of their line.
_SHARE = 0.875


def font_icon(glyph: str, color: str, disabled_color: str) -> QIcon:
    """Return an icon of Material Design Icons.

    Parameters
    ----------
    glyph
        Such as `MDI7.play`.
    color, disabled_color
        As #rrggbb: of what can be pressed, and of what cannot.
    """
    return QIcon(_GlyphEngine(glyph.partition(".")[2], QColor(color), QColor(disabled_color)))


@cache
def _family() -> str:
    """Return the name of the font, which is given to the application the first time."""
    number = QFontDatabase.addApplicationFont(MDI7.__font_file__)
    return QFontDatabase.applicationFontFamilies(number)[0]


class _GlyphEngine(QIconEngine):
    """Draws a character for an icon, which Qt asks for in sizes and modes as it needs them."""

    def __init__(self, character: str, color: QColor, disabled_color: QColor) -> None:
        super().__init__()
        self._character, self._color, self._disabled_color = character, color, disabled_color
        self._pixmaps: dict[tuple[int, int, QIcon.Mode], QPixmap] = {}

    def clone(self) -> QIconEngine:
        """Return an engine that draws the same."""
        return _GlyphEngine(self._character, self._color, self._disabled_color)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Draw the character in the middle of a rectangle."""
        font = QFont(_family())
        font.setPixelSize(max(1, round(rect.height() * _SHARE)))
        painter.save()
        painter.setPen(self._disabled_color if mode == QIcon.Mode.Disabled else self._color)
        painter.setFont(font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._character)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the icon as pixels, drawn once for a size and a mode."""
        key = (size.width(), size.height(), mode)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._drawn(size, mode, state)
        return self._pixmaps[key]

    def _drawn(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        if mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
            return pixmap
        # What is selected takes the style's tint.
        option = QStyleOption()
        option.palette = QApplication.palette()
        return QApplication.style().generatedIconPixmap(mode, pixmap, option)

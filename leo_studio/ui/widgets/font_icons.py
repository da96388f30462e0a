"""Icons made of a font's glyphs, drawn at the sizes that widgets ask for.

superqt has such icons too, but importing superqt makes the window start later. They are pixels, and
no icon engine written in Python: Qt and Python do not agree on who deletes one.
"""

from functools import cache

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPixmap

# Of menus, buttons and the toolbar, at a scale of 1 and 2 and with text of twice the size; Qt
# scales the next larger one down for what is in between.
_SIZES = (16, 20, 24, 32, 40, 48, 64, 96)
# A glyph's share of the icon's height; some reach to the edges of their line.
_SHARE = 0.875


@cache
def font_icon(glyph: str, color: str, disabled_color: str) -> QIcon:
    """Return an icon of Material Design Icons.

    Drawn the first time it is asked for: each icon that is made keeps some hundred bytes for ever,
    and some are asked for all day.

    Parameters
    ----------
    glyph
        Such as `MDI7.play`.
    color, disabled_color
        As #rrggbb: of what can be pressed, and of what cannot.
    """
    character, icon = glyph.partition(".")[2], QIcon()
    for size in _SIZES:
        icon.addPixmap(_drawn(character, color, size), QIcon.Mode.Normal)
        icon.addPixmap(_drawn(character, disabled_color, size), QIcon.Mode.Disabled)
    return icon


def _drawn(character: str, color: str, size: int) -> QPixmap:
    """Draw a character in the middle of a square of transparent pixels."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setPen(QColor(color))
    painter.setFont(_font(size))
    painter.drawText(QRect(0, 0, size, size), Qt.AlignmentFlag.AlignCenter, character)
    painter.end()
    return pixmap


@cache
def _font(size: int) -> QFont:
    """Return the font at an icon's size; Qt looks for it once, and not for every glyph."""
    font = QFont(_family())
    font.setPixelSize(round(size * _SHARE))
    return font


@cache
def _family() -> str:
    """Return the name of the font, which is given to the application the first time."""
    number = QFontDatabase.addApplicationFont(MDI7.__font_file__)
    return QFontDatabase.applicationFontFamilies(number)[0]

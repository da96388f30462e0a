"""A slider along an adaptation: the part of fine-tuning is shaded, and both parts are named."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QVBoxLayout, QWidget

from leo_studio.ui.widgets.theme import Theme, ThemeManager

STAGES = ("inner loop", "fine-tuning")
_SMALL = 0.8  # of the text, for the names
_SHADE = 40  # of 255


class StageSlider(QWidget):
    """A slider, and below it the names of the stages that it goes through.

    Parameters
    ----------
    themes
        Colours.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._first_tuned: int | None = None
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.slider)
        themes.changed.connect(self._recolor)
        self._make_room()

    def set_stages(self, inner_steps: int | None) -> None:
        """Shade what comes after so many positions; nothing for None, or where nothing comes."""
        is_there = inner_steps is not None and inner_steps < self.slider.maximum()
        self._first_tuned = inner_steps if is_there else None
        self._make_room()
        self.update()

    @property
    def shaded(self) -> QRectF:
        """What is shaded, in pixels; empty where nothing is."""
        if self._first_tuned is None:
            return QRectF()
        left = self.slider.x() + self.slider.center_of(self._first_tuned)
        return QRectF(left, 0, self.width() - left, self.height())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the stages, as far as there is room for them."""
        metrics, places = QFontMetrics(self._small), self._places()
        return tuple(
            name if metrics.horizontalAdvance(name) <= place.width() else ""
            for name, place in zip(STAGES, places, strict=False)
        )

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._make_room()

    def minimumSizeHint(self) -> QSize:
        """Return the slider's least size, with the names below it."""
        below = self._column.contentsMargins().bottom()
        least = self.slider.minimumSizeHint().expandedTo(self.slider.minimumSize())
        return QSize(least.width(), least.height() + below)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go where somebody presses, also on the names below the slider."""
        if event.button() == Qt.MouseButton.LeftButton and self.slider.isEnabled():
            self.slider.go_to(event.position().x() - self.slider.x())
        else:
            super().mousePressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the shade and the names; the slider paints itself above them."""
        if self._first_tuned is None:
            return
        painter, theme = QPainter(self), self._themes.current
        shade = QColor(theme.muted)
        shade.setAlpha(_SHADE)
        painter.fillRect(self.shaded, shade)
        painter.setPen(QColor(theme.muted))
        painter.setFont(self._small)
        for name, place in zip(self.names, self._places(), strict=True):
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)

    def _places(self) -> tuple[QRectF, ...]:
        """Return where the names stand."""
        shaded = self.shaded
        if shaded.isEmpty():
            return ()
        below = self._column.contentsMargins().bottom()
        top = self.height() - below
        return (
            QRectF(0, top, shaded.left(), below),
            QRectF(shaded.left(), top, shaded.width(), below),
        )

    @property
    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(_SMALL * font.pointSizeF())
        return font

    def _make_room(self) -> None:
        below = 0 if self._first_tuned is None else QFontMetrics(self._small).height()
        self._column.setContentsMargins(0, 0, 0, below)
        self.updateGeometry()

    def _recolor(self, _theme: Theme) -> None:
        self.update()


class _Slider(QSlider):
    """A slider that knows where its knob would be."""

    def center_of(self, position: int) -> float:
        """Return the middle of the knob at a position, in pixels."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        option.sliderPosition = option.sliderValue = position
        whole, knob = QStyle.ComplexControl.CC_Slider, QStyle.SubControl.SC_SliderHandle
        return self.style().subControlRect(whole, option, knob, self).center().x() + 0.5

    def go_to(self, pixel: float) -> None:
        """Take the position nearest to a place."""
        positions = range(self.minimum(), self.maximum() + 1)
        self.setValue(min(positions, key=lambda each: abs(self.center_of(each) - pixel)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go where somebody presses, and be dragged from there; Qt goes one page."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.go_to(event.position().x())
        super().mousePressEvent(event)

"""The plot of latent codes: what is drawn, where the mouse is, what it selects."""

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from leo_studio.analysis.latents.options import Limits, Options, hidden_codes, limits_of
from leo_studio.analysis.latents.picking import Code, chosen_codes, inside, nearest
from leo_studio.analysis.latents.projected import Points, Projected, extent, position_names
from leo_studio.analysis.latents.sentences import key_words
from leo_studio.services.try_records import TriedCodes
from leo_studio.ui.latents.axis_ticks import WIDEST_TICK, set_labels, set_ticks
from leo_studio.ui.latents.lasso import Lasso
from leo_studio.ui.latents.layers import Layers
from leo_studio.ui.latents.point_styles import PointStyles, point_styles
from leo_studio.ui.latents.tried_marks import TriedMarks
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

Tool = Literal["pan", "lasso"]

_REACH = 10.0  # pixels
_ROOM = 0.05  # around the codes, along each axis


class LatentPlot(Plot):
    """Draws codes, and tells what the mouse does to them.

    `hovered` has the code under the mouse and whether it is the one before adaptation, or None;
    `tried_hovered` what is said of a person's own class or query there; `clicked` and `opened` (by
    a double click) an episode's number; `lassoed` the codes that were drawn around, as (number,
    way), and whether they are added; `styles_changed` says that legend or key have changed.

    Parameters
    ----------
    themes
        Colours.
    """

    hovered = Signal(object, QPointF)
    tried_hovered = Signal(str, QPointF)
    clicked = Signal(int)
    opened = Signal(int)
    lassoed = Signal(object, bool)
    styles_changed = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes, "latent codes", "first axis", "second axis")
        self.shown: Projected | None = None
        self.place = 0
        self.options = Options()
        self.styles: PointStyles | None = None
        self.tool: Tool = "pan"
        self._theme = themes.current
        self._limits: dict[str, Limits] = {}
        self._selected: frozenset[int] = frozenset()
        self._picked: frozenset[Code] = frozenset()  # of the selected episodes, these alone
        self._current: int | None = None
        self._is_fresh = True
        self._is_chosen = False  # the range, by the mouse
        self._pressed: QPointF | None = None
        self._is_drag = False  # since the button was pressed, the mouse has gone some way
        self._hidden: frozenset[str] = frozenset()  # names of classes
        self.layers = Layers(self.plot)
        self.tried = TriedMarks(self.plot)
        self._lasso = Lasso(self.plot)
        self.plot.setMouseEnabled(True, True)
        self.box.setAspectLocked(True)
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view.viewport().setMouseTracking(True)
        set_ticks(self.plot, self.box, self)
        self.box.sigRangeChanged.connect(self._range_changed)
        self.box.sigResized.connect(self._resized)
        self.box.sigRangeChangedManually.connect(self._choose_range)
        self.recolor(themes.current)

    # What is drawn

    def show_codes(self, shown: Projected | None, place: int, *, keeps_range: bool = False) -> None:
        """Draw codes at one of their positions; `keeps_range` where they are on the same axes."""
        self.shown, self.place = shown, place
        self.is_empty = shown is None
        if not keeps_range:
            self._limits.clear()
        self._draw()
        if shown is None:
            return
        self._label_axes()
        if not keeps_range or self._must_fit():
            self.fit()
        self.view.setAccessibleDescription(
            f"{shown.count:,} codes of {len(shown.latents.numbers):,} episodes, "
            f"{shown.basis_words}, {position_names(shown)[place]}"
        )

    def move_to(self, place: int) -> None:
        """Draw the codes at another position."""
        self.place = place
        self._draw()

    def set_options(self, options: Options) -> None:
        """Draw other things, or in other colours."""
        self.options = options
        self._draw()

    def show_tried(self, tried: TriedCodes | None) -> None:
        """Draw what a person has tried, or nothing of it."""
        if tried is not self.tried.codes:
            self.tried.codes = tried
            self._draw()
            if self.shown is not None and self._must_fit():
                self.fit()

    def hide_classes(self, names: frozenset[str]) -> None:
        """Leave the codes of some classes out, where the legend has classes."""
        self._hidden = names
        self._draw()

    @property
    def hidden(self) -> frozenset[str]:
        """The names of the classes that are left out."""
        by_class = "class" in (self.options.color, self.options.shape)
        return self._hidden if by_class else frozenset()

    @property
    def key(self) -> str:
        """What each kind of mark is, in words; "" where nothing is drawn."""
        if self.shown is None:
            return ""
        return key_words(
            self.shown,
            self.place,
            self.options,
            has_ring=self._has_ring,
            has_tried=self.tried.points is not None,
        )

    def mark(self, selected: frozenset[int], current: int | None, picked: frozenset[Code]) -> None:
        """Show which episodes or codes of them are selected, and which episode is looked at."""
        before, marked = (self._selected, self._picked), (selected, picked)
        if (before, self._current) == (marked, current):
            return
        (self._selected, self._picked), self._current = marked, current
        if before == marked:
            self._draw_rings()
            self.styles_changed.emit()
        else:
            self._draw()

    def fit(self) -> None:
        """Show all codes, on the whole of the plot where their axes have no common unit."""
        if self.shown is None:
            return
        self.box.setAspectLocked(self.shown.is_linear)
        low, high = extent(self.shown, self.tried.places, with_outlines=self.options.shows_most)
        above = self.tried.pixels_above / max(1.0, self.box.height())
        room = np.maximum((_ROOM, _ROOM + above) * (high - low), 1e-6)
        self.box.setRange(
            QRectF(QPointF(*(low - room)), QPointF(*(high + room))),
            padding=0,
            disableAutoRange=True,
        )
        self._is_fresh = self._is_chosen = False

    def fit_next(self) -> None:
        """Show all of the codes that come next."""
        self._is_fresh = True

    @property
    def chosen(self) -> NDArray[np.bool_] | None:
        """Which codes are selected; None where none of those shown is."""
        if self.shown is None:
            return None
        return chosen_codes(self.shown.latents, self._selected, self._picked)

    @property
    def selected(self) -> frozenset[int]:
        """The episodes that are marked as selected."""
        return self._selected

    @property
    def unit(self) -> tuple[float, float]:
        """How much a pixel is along each axis."""
        (left, right), (bottom, top) = self.box.viewRange()
        width, height = max(1.0, self.box.width()), max(1.0, self.box.height())
        return float(right - left) / width, float(top - bottom) / height

    def _draw(self) -> None:
        shown = self.shown
        self.tried.draw(shown, self.options, self._theme)
        if shown is None:
            self.layers.clear()
            self.styles = None
            self.styles_changed.emit()
            return
        color = self.options.color
        limits = None
        if color == "accuracy":
            # Held while weights change: a colour means the same in every frame. Uncertainty falls
            # by orders of magnitude meanwhile: its scale is that of what is shown.
            limits = self._limits.setdefault(color, limits_of(shown.latents, color))
        after = position_names(shown)[self.place]
        theme = self._theme
        styles = point_styles(shown.latents, self.options, theme, after, limits)
        self.styles = replace(styles, entries=(*self.tried.entries(theme), *styles.entries))
        hidden = hidden_codes(shown.latents, self.hidden)
        self.layers.draw(shown, self.place, self.options, self.styles, theme, self.chosen, hidden)
        self.layers.draw_arrows(self.unit)
        self._draw_rings()
        self.styles_changed.emit()

    def _draw_rings(self) -> None:
        points = np.empty((0, 2))
        shown = self.shown
        if shown is not None and self._has_ring:
            found = np.flatnonzero(shown.latents.numbers == self._current)
            places = {0, self.place} if self.options.shows_before else {self.place}
            points = np.concatenate([shown.path[found, place].reshape(-1, 2) for place in places])
        self.layers.ring(points, self._theme)

    @property
    def _has_ring(self) -> bool:
        # Of one episode alone everything would have a ring.
        shown = self.shown
        return shown is not None and len(shown.path) > 1 and self._current in shown.latents.numbers

    def _paint(self, theme: Theme) -> None:
        if not hasattr(self, "layers"):
            return  # the base paints itself before these are made
        self._theme = theme
        self._lasso.paint(theme)
        self._draw()

    def _must_fit(self) -> bool:
        """Whether codes have left a range that no person chose."""
        assert self.shown is not None
        if self._is_fresh or self._is_chosen:
            return self._is_fresh
        (left, right), (bottom, top) = self.box.viewRange()
        points = np.concatenate([self.shown.at(self.place), self.tried.places])
        points = points[np.isfinite(points).all(1)]
        return not ((points >= (left, bottom)) & (points <= (right, top))).all()

    # Axes

    def _label_axes(self) -> None:
        """Label the axes with as much as there is room for."""
        if self.shown is not None:
            set_labels(self.plot, self.box, self.shown.axis_labels, self.shown.basis.labels)

    def _widest_tick(self) -> str:
        return WIDEST_TICK

    def _choose_range(self, *_: object) -> None:
        self._is_chosen = True

    def _range_changed(self, *_: object) -> None:
        self.layers.draw_arrows(self.unit)

    def _resized(self, *_: object) -> None:
        self._label_axes()
        self.layers.draw_arrows(self.unit)

    # The mouse

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Select by regions and clicks; the plot itself pans and zooms."""
        if self.shown is not None and watched is self.view.viewport():
            if event.type() == QEvent.Type.Leave:
                self.hovered.emit(None, QPointF())
            elif isinstance(event, QMouseEvent) and self._mouse(event):
                return True
        return super().eventFilter(watched, event)

    def _mouse(self, event: QMouseEvent) -> bool:
        """Take a mouse event, or leave it to the plot."""
        left = Qt.MouseButton.LeftButton
        kind, position = event.type(), event.position()
        if kind == QEvent.Type.MouseButtonPress and event.button() == left:
            self.hovered.emit(None, QPointF())
            self._pressed, self._is_drag = position, False
            is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if self._is_over_codes(position) and (self.tool == "lasso" or is_shifted):
                self._lasso.begin(position)
                return True
        elif kind == QEvent.Type.MouseMove:
            self._notice_drag(position)
            if self._lasso.corners:
                self._extend_region(position)
                return True
            if event.buttons() == Qt.MouseButton.NoButton:
                self._hover(position)
        elif kind == QEvent.Type.MouseButtonRelease and event.button() == left:
            return self._release(event)
        elif kind == QEvent.Type.MouseButtonDblClick and self._is_over_codes(position):
            code = self.code_at(position)
            if code is None:
                self.fit()
            else:
                self.opened.emit(self._number(code[0]))
            return True
        return False

    def _notice_drag(self, position: QPointF) -> None:
        # Where it ends says nothing: a region is closed where it began.
        if self._pressed is not None:
            moved = (position - self._pressed).manhattanLength()
            self._is_drag = self._is_drag or moved >= QApplication.startDragDistance()

    def _release(self, event: QMouseEvent) -> bool:
        self._notice_drag(event.position())
        pressed, corners = self._pressed, self._lasso.end()
        self._pressed = None
        if pressed is None or not self._is_over_codes(pressed):
            return False
        if not self._is_drag:
            code = self.code_at(event.position())
            if code is not None and self.shown is not None:
                self.clicked.emit(self._number(code[0]))
        elif corners:
            self._select(corners, event)
        return bool(corners)

    def _select(self, corners: list[QPointF], event: QMouseEvent) -> None:
        places = [self._to_axes(corner) for corner in (*corners, event.position())]
        adds = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self.lassoed.emit(self.inside(np.array(places)), adds)

    def inside(self, corners: Points) -> frozenset[Code]:
        """Return the codes that are seen inside a polygon, before or after adaptation."""
        if self.shown is None:
            return frozenset()
        found = np.zeros(self.shown.count, bool)
        for place in self._visible_places():
            found |= inside(self._seen_at(place), corners)
        episodes, ways = np.divmod(np.flatnonzero(found), self.shown.latents.classes.shape[1])
        numbers = self.shown.latents.numbers[episodes]
        return frozenset(zip(numbers.tolist(), ways.tolist(), strict=True))

    def code_at(self, position: QPointF) -> tuple[int, bool] | None:
        """Return the code at a position of the view, and whether it is one before adaptation."""
        if self.shown is None or not self._is_over_codes(position):
            return None
        where = self._to_axes(position)
        for place in self._visible_places():
            row = nearest(self._seen_at(place), where, self.unit, _REACH)
            if row is not None:
                return row, place == 0
        return None

    def _seen_at(self, place: int) -> Points:
        """Return the points at a position; those of hidden classes are nowhere."""
        assert self.shown is not None
        hidden = hidden_codes(self.shown.latents, self.hidden)
        return np.where(hidden[:, None], np.nan, self.shown.at(place))

    def _visible_places(self) -> list[int]:
        """Return the positions that are drawn, the topmost first."""
        if self.place == 0:
            return [0]
        return [self.place, 0] if self.options.shows_before else [self.place]

    def _number(self, row: int) -> int:
        assert self.shown is not None
        return int(self.shown.latents.numbers[self.shown.episode_of(row)])

    def _hover(self, position: QPointF) -> None:
        is_over = self._is_over_codes(position)
        text = self.tried.text_at(self._to_axes(position), self.unit) if is_over else ""
        if text:  # it lies above the codes
            self.tried_hovered.emit(text, position)
        else:
            self.hovered.emit(self.code_at(position), position)

    def _is_over_codes(self, position: QPointF) -> bool:
        scene = self.view.mapToScene(position.toPoint())
        return bool(self.box.sceneBoundingRect().contains(scene))

    def _to_axes(self, position: QPointF) -> tuple[float, float]:
        place = self.box.mapSceneToView(self.view.mapToScene(position.toPoint()))
        return float(place.x()), float(place.y())

    def _extend_region(self, position: QPointF) -> None:
        if self._lasso.goes_on_to(position):
            self._lasso.show([QPointF(*self._to_axes(each)) for each in self._lasso.corners])

"""Both sides of the page in one scroll, every part at the same height on both of them."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStyle, QVBoxLayout, QWidget

from leo_studio.analysis.inspection.positions import carried_over
from leo_studio.ui.inspection.view import InspectionView
from leo_studio.ui.widgets.theme import ThemeManager

_GAP = 14  # pixels between the sides
_FEWEST_LINES = 3  # in a window that is low; what is there scrolls


class Sides(QWidget):
    """Shows one episode, or two views of it that stand at the same step.

    Parameters
    ----------
    themes
        Colours.
    """

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scroll = QScrollArea(self)
        inside = QWidget()
        self._scroll.setWidget(inside)
        self.left, self.right = InspectionView(themes, inside), InspectionView(themes, inside)
        self._views = (self.left, self.right)
        # Heights follow from widths, and widths from each other: once all have settled.
        self._aligning = QTimer(self, singleShot=True, interval=0)
        self._aligning.timeout.connect(self._align)
        self._is_support_wanted = False  # to be seen, once heights have settled
        self._lay_out(inside)
        self._connect()
        self.set_pair(False)

    @property
    def is_pair(self) -> bool:
        """Whether there are two sides."""
        return self.right.isVisibleTo(self)

    def set_pair(self, is_pair: bool) -> None:
        """Show both sides, or the left one alone."""
        self.right.setVisible(is_pair)
        for view in self._views:
            view.set_beside(is_pair)
        self.match()

    def show_top(self) -> None:
        """Scroll to where the page begins."""
        self._scroll.verticalScrollBar().setValue(0)

    def show_support(self) -> None:
        """Scroll to the support set at the right, unless it is seen."""
        self._is_support_wanted = True
        self._aligning.start()

    def match(self) -> None:
        """Make both sides comparable: queries at the same height, one range, one bar of steps."""
        left, right = self._views
        is_pair = self.is_pair and left.inspection is not None and right.inspection is not None
        left.queries.stand_beside(right.queries if is_pair else None, follows=False)
        right.queries.stand_beside(left.queries if is_pair else None, follows=is_pair)
        for one, other in ((left.accuracy, right.accuracy), (left.loss, right.loss)):
            one.share_range(other if is_pair else one)
        right.paths.stand_beside(left.paths if is_pair else None, follows=is_pair)
        left.paths.stand_beside(right.paths if is_pair else None, follows=False)
        leads = not is_pair or left.steps.slider.maximum() >= right.steps.slider.maximum()
        left.steps.setVisible(leads)
        right.steps.setVisible(not leads)
        right.title.setVisible(self.is_pair and bool(right.title.text()))
        self._aligning.start()

    def keep_in_step(self) -> None:
        """Move the right side to where the left one stands."""
        _keep_in_step(self.left, self.right, self.left.position)

    def _lay_out(self, inside: QWidget) -> None:
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        columns = QHBoxLayout(inside)
        columns.setContentsMargins(0, 0, 4, 0)
        columns.setSpacing(_GAP)
        # Titles and steps stay where they are while the rest scrolls.
        titles = QHBoxLayout()
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        titles.setContentsMargins(0, 0, bar, 0)
        titles.setSpacing(_GAP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for view in self._views:
            columns.addWidget(view, 1)
            layout.addWidget(view.steps)
            titles.addWidget(view.title, 1)
        layout.addLayout(titles)
        layout.addWidget(self._scroll, 1)
        self._scroll.setMinimumHeight(_FEWEST_LINES * self.fontMetrics().height())

    def _connect(self) -> None:
        left, right = self._views
        left.position_changed.connect(lambda place: _keep_in_step(left, right, place))
        right.position_changed.connect(lambda place: _keep_in_step(right, left, place))
        left.queries.arranged.connect(self._lead)
        for view, other in ((left, right), (right, left)):
            view.installEventFilter(self)
            view.queries_wanted.connect(lambda seen=view: self._show_queries(seen))
            view.queries.row_chosen.connect(other.queries.choose)
            table = view.queries.view
            table.selectionModel().currentRowChanged.connect(
                lambda current, _, seen=view: self._show_row(seen, current)
            )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Align anew when a side's size, or what is in it, changes."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._aligning.start()
        return super().eventFilter(watched, event)

    def _align(self) -> None:
        """Give the parts whose height follows from what is in them the same height."""
        is_settled = True
        for pair in zip(self.left.uneven, self.right.uneven, strict=True):
            needed = [_needed(each) if self.is_pair else 0 for each in pair]
            for each in pair:
                least = max(max(needed), int(each.property("least_height") or 0))
                if each.minimumHeight() != least:
                    each.setMinimumHeight(least)
                    is_settled = False
        if is_settled and self._is_support_wanted and self.is_pair:
            self._is_support_wanted = False
            self._reveal(self.right.support)

    def _lead(self) -> None:
        if self.is_pair and self.right.inspection is not None:
            self.right.queries.stand_beside(self.left.queries, follows=True)

    def _show_queries(self, view: InspectionView) -> None:
        self._scroll.verticalScrollBar().setValue(self._top_of(view.queries))

    def _reveal(self, part: QWidget) -> None:
        top, bar = self._top_of(part), self._scroll.verticalScrollBar()
        room = self._scroll.viewport().height()
        bottom = top + 3 * self.fontMetrics().height() + part.height()
        if top < bar.value() or bottom > bar.value() + room:
            bar.setValue(top)

    def _top_of(self, part: QWidget) -> int:
        """Return where a part begins in what scrolls, with its title, which stands above."""
        inside = self._scroll.widget()
        assert inside is not None
        return part.mapTo(inside, QPoint(0, 0)).y() - 3 * self.fontMetrics().height()

    def _show_row(self, view: InspectionView, current: QModelIndex) -> None:
        """Scroll to the row that the keyboard came to."""
        table, inside = view.queries.view, self._scroll.widget()
        if inside is None or not current.isValid() or not table.hasFocus():
            return
        row = table.visualRect(current)
        middle = table.viewport().mapTo(inside, row.center())
        bar = self._scroll.verticalScrollBar()
        room = self._scroll.viewport().height()
        if middle.y() - row.height() < bar.value():
            bar.setValue(middle.y() - row.height())
        elif middle.y() + row.height() > bar.value() + room:
            bar.setValue(middle.y() + row.height() - room)


def _needed(widget: QWidget) -> int:
    """Return the height that a widget needs at its width."""
    if widget.hasHeightForWidth():
        return widget.heightForWidth(widget.width())
    return widget.sizeHint().height()


def _keep_in_step(leader: InspectionView, follower: InspectionView, position: int) -> None:
    """Move one side to the other's position; to its stage where their steps differ."""
    if leader.inspection is not None and follower.inspection is not None:
        (place,) = carried_over([position], leader.inspection, follower.inspection)
        follower.set_position(round(float(place)))

"""The preset picker: a button with the preset's name, and a list that can be searched."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.data.built_in import StoreState
from leo_studio.analysis.experiment.store_names import store_title
from leo_studio.services.records import PresetEntry
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.theme import ThemeManager

_NAME = Qt.ItemDataRole.UserRole
_ROWS = 20  # that the list shows at once
_WIDTH = 118  # characters
StateOf = Callable[[str], StoreState]  # of a store, by its name or path
_STATES: Mapping[StoreState, str] = {
    "there": "data there",
    "built in": "data built in",
    "missing": "data missing",
}


class ElidingButton(QPushButton):
    """A button that shortens its text rather than widen its panel."""

    def __init__(self) -> None:
        super().__init__()
        self._full = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("text-align: left")

    def show_text(self, text: str) -> None:
        """Show a text, or as much of it as there is room for."""
        self._full = text
        self._shorten()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the text anew."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        room = self.width() - 4 * self.iconSize().width() - self.fontMetrics().averageCharWidth()
        elided = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideMiddle, room)
        self.setText(without_keys(elided))
        self.setAccessibleName(f"Preset: {self._full}")


class PresetPicker(ElidingButton):
    """Shows what the experiment began as, and offers others.

    `picked` has the name of a preset, or what `set_recent` was given; `import_wanted` asks for the
    data of one that is missing.
    """

    picked = Signal(str)
    import_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("preset picker")
        self._themes = themes
        self._presets: Sequence[PresetEntry] = ()
        self._recent: Sequence[str] = ()
        self._state_of: StateOf = lambda _: "there"
        self._list = PresetList(self)
        self._list.picked.connect(self.picked)
        self._list.import_wanted.connect(self.import_wanted)
        self.clicked.connect(self.open)
        themes.changed.connect(self._color)
        self._color()

    def show_presets(
        self, presets: Sequence[PresetEntry], recent: Sequence[str], state_of: StateOf
    ) -> None:
        """Offer presets, and what was used last; `state_of` says whether their data is there."""
        self._presets, self._recent, self._state_of = presets, recent, state_of

    def open(self) -> None:
        """Open the list beneath the button."""
        self._list.fill(self._presets, self._recent, self._state_of)
        self._list.open_at(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a button with a sign that a list opens."""
        super().paintEvent(event)
        side = self.iconSize().width()
        place = self.rect().adjusted(self.width() - side * 2, 0, -side // 2, 0)
        painter = QPainter(self)
        self._chevron.paint(painter, place, Qt.AlignmentFlag.AlignCenter)
        painter.end()

    def _color(self, _theme: object = None) -> None:
        self.setIcon(self._themes.icon(MDI7.flask_outline))
        self._chevron = self._themes.icon(MDI7.chevron_down)


class PresetList(QFrame):
    """All presets in groups, above them a line to search with."""

    picked = Signal(str)
    import_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "card")
        self._search = QLineEdit()
        self._search.setObjectName("search presets")
        self._search.setPlaceholderText("Search presets")
        self._search.setClearButtonEnabled(True)
        self._search.installEventFilter(self)
        self._tree = QTreeWidget()
        self._tree.setObjectName("presets")
        self._tree.setColumnCount(3)
        self._tree.setHeaderHidden(True)
        self._tree.setRootIsDecorated(False)
        self._tree.setIndentation(self.fontMetrics().averageCharWidth())
        self._tree.setUniformRowHeights(True)
        self._tree.setStyleSheet("QTreeWidget::item { padding: 3px 8px 3px 0px; }")
        self._tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._tree.header().setStretchLastSection(True)
        for column in (0, 1):
            self._tree.header().setSectionResizeMode(
                column, QHeaderView.ResizeMode.ResizeToContents
            )
        self._tree.itemActivated.connect(self._pick)
        self._tree.itemClicked.connect(self._pick)
        self._search.textChanged.connect(self._filter)
        layout = QVBoxLayout(self)
        layout.addWidget(self._search)
        layout.addWidget(self._tree)

    def fill(
        self, presets: Sequence[PresetEntry], recent: Sequence[str], state_of: StateOf
    ) -> None:
        """Show presets and what was used last; what of it is gone is left out by the caller."""
        self._tree.clear()
        self._state_of = state_of
        known = {preset.name: preset for preset in presets}
        self._add_group("Your own", [each for each in presets if not each.is_built_in])
        self._add_group("Built in", [each for each in presets if each.is_built_in])
        self._add_group("Recent", [known.get(name, name) for name in recent])
        self._search.clear()
        self._select_first()

    def open_at(self, button: QWidget) -> None:
        """Open beneath a button, on its screen."""
        metrics = self.fontMetrics()
        available = button.screen().availableGeometry()
        width = max(button.width(), metrics.averageCharWidth() * _WIDTH)
        rows = sum(1 + group.childCount() for group in self._groups())
        row = self._tree.sizeHintForRow(0)
        height = row * (min(rows, _ROWS) + 1) + self._search.sizeHint().height() * 2
        self.resize(min(width, available.width()), min(height, available.height()))
        place = button.mapToGlobal(QPoint(0, button.height()))
        place.setX(max(available.left(), min(place.x(), available.right() - self.width())))
        place.setY(max(available.top(), min(place.y(), available.bottom() - self.height())))
        self.move(place)
        self.show()
        self._search.setFocus()

    def eventFilter(self, _search: QObject, event: QEvent) -> bool:
        """Let the search line's arrow keys walk the list, and Return choose."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                self._move(1 if event.key() == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                item = self._tree.currentItem()
                if item is not None:
                    self._pick(item)
            case _:
                return False
        return True

    def _add_group(self, title: str, entries: Sequence[PresetEntry | str]) -> None:
        if not entries:
            return
        group = QTreeWidgetItem(self._tree, [title])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        group.setFirstColumnSpanned(True)
        for entry in entries:
            item = QTreeWidgetItem(group, [_name(entry), _summary(entry)])
            item.setData(0, _NAME, _name(entry))
            for column in (1, 2):
                item.setForeground(column, self.palette().placeholderText())
            for column in (0, 1):
                item.setToolTip(column, as_tip(_tip(entry)))
            if isinstance(entry, PresetEntry) and entry.experiment is not None:
                if entry.experiment.task.needs_store:
                    self._show_state(item, entry.experiment.data.store)
                else:
                    item.setText(2, "needs no data")
            if isinstance(entry, PresetEntry) and entry.experiment is None:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
        group.setExpanded(True)

    def _show_state(self, item: QTreeWidgetItem, store: str) -> None:
        """Say whether a preset's data is there, and offer to import it where it is not."""
        state = self._state_of(store)
        item.setText(2, _STATES[state])
        item.setToolTip(2, as_tip(f"{store_title(store)}: {_STATES[state]}"))
        if state != "missing":
            return
        button = QPushButton("Import data...")
        button.setObjectName(f"import for {item.text(0)}")
        button.setAccessibleName(f"Import data for {item.text(0)}")
        button.setStyleSheet("padding: 0px 8px;")
        button.clicked.connect(self._ask_for_data)
        place = QWidget()
        line = QHBoxLayout(place)
        line.setContentsMargins(self.fontMetrics().horizontalAdvance(_STATES[state]) + 16, 0, 8, 0)
        line.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._tree.setItemWidget(item, 2, place)

    def _ask_for_data(self) -> None:
        self.hide()
        self.import_wanted.emit()

    def _filter(self, text: str) -> None:
        wanted = text.casefold().split()
        for group in self._groups():
            items = [group.child(row) for row in range(group.childCount())]
            for item in items:
                everything = (
                    f"{item.text(0)} {item.text(1)} {item.text(2)} {item.toolTip(0)}".casefold()
                )
                item.setHidden(not all(word in everything for word in wanted))
            group.setHidden(all(item.isHidden() for item in items))
        self._select_first()

    def _groups(self) -> Iterator[QTreeWidgetItem]:
        root = self._tree.invisibleRootItem()
        for index in range(root.childCount()):
            yield root.child(index)

    def _shown(self) -> Iterator[QTreeWidgetItem]:
        for group in self._groups():
            for row in range(group.childCount()):
                item = group.child(row)
                if not item.isHidden() and item.flags() & Qt.ItemFlag.ItemIsSelectable:
                    yield item

    def _select_first(self) -> None:
        first = next(self._shown(), None)
        if first is not None:
            self._tree.setCurrentItem(first)

    def _move(self, step: int) -> None:
        items = list(self._shown())
        current = self._tree.currentItem()
        if items:
            place = items.index(current) + step if current in items else 0
            self._tree.setCurrentItem(items[max(0, min(place, len(items) - 1))])

    def _pick(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        name = item.data(0, _NAME)
        if name and not item.isHidden() and item.flags() & Qt.ItemFlag.ItemIsSelectable:
            self.hide()
            self.picked.emit(name)


def _name(entry: PresetEntry | str) -> str:
    return entry if isinstance(entry, str) else entry.name


def _summary(entry: PresetEntry | str) -> str:
    if isinstance(entry, str):
        return ""
    if entry.experiment is None:
        return "cannot be read"
    experiment = entry.experiment
    source = store_title(experiment.data.store) if experiment.data.store else experiment.source
    return f"{source}, {experiment.task.words}"


def _tip(entry: PresetEntry | str) -> str:
    if isinstance(entry, str):
        return entry
    return entry.problem if entry.experiment is None else entry.experiment.description

"""The picker of embeddings to train on: shows what a store holds, and how to get one."""

import html
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.data.built_in import BUILT_IN_STORE
from engine.data.splits import embeddings_size, is_mapped
from engine.io.files import size_text
from engine.io.paths import is_file
from leo_studio.analysis.experiment.form_layout import breakable
from leo_studio.analysis.experiment.store_names import store_title
from leo_studio.services.records import StoreEntry
from leo_studio.ui.experiment.dialogs import HowToGetDialog
from leo_studio.ui.experiment.fields import ChoiceBox, Field
from leo_studio.ui.widgets.file_dialogs import ask_file
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import MarkupLabel
from leo_studio.ui.widgets.last_folders import LastFolder
from leo_studio.ui.widgets.split_table import split_sentences, split_table
from leo_studio.ui.widgets.task_progress import TaskProgress
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_STORES = "Embedding stores (*.h5 *.hdf5)"
IMPORT = "Import data..."


class StoreField(Field):
    """One of the library's stores, or a file."""

    file_wanted = Signal()

    def __init__(self, add: QWidget) -> None:
        super().__init__()
        self._box = ChoiceBox()
        self._box.setObjectName("stores")
        self._add = add
        self._hold(self._box, add)
        self._value = ""
        self._names: tuple[tuple[str, str], ...] = ()
        self._box.activated.connect(self._choose)

    @property
    def input(self) -> QWidget:
        """The widget that takes the keyboard."""
        return self._box

    def wanted_width(self) -> int:
        """Return the width of the store's name, and of the button beside it."""
        layout = self.layout()
        gap = 0 if layout is None else layout.spacing()
        return self._box.wanted_width() + gap + self._add.sizeHint().width()

    def show_stores(self, stores: Sequence[StoreEntry]) -> None:
        """Offer the stores of the library; the built-in glyphs are always there."""
        names = {BUILT_IN_STORE: store_title(BUILT_IN_STORE)}
        for store in stores:
            damaged = " (damaged)" if store.problem else ""
            names[store.name] = store_title(store.name) + damaged
        self._names = tuple(names.items())
        self._fill()

    def show_value(self, value: object) -> None:
        """Show a store's name or path."""
        if value != self._value:
            self._value = str(value)
            self._fill()

    def _fill(self) -> None:
        names = dict(self._names)
        path = Path(self._value)
        is_here = path.name != self._value and is_file(path)
        title = store_title(self._value)
        names.setdefault(self._value, title if is_here else f"{title} (not there)")
        self._box.clear()
        for name, text in names.items():
            self._box.addItem(text, name)
        self._box.insertSeparator(self._box.count())
        self._box.addItem("Choose a file...", None)
        self._box.setCurrentIndex(self._box.findData(self._value))
        self.updateGeometry()  # its row may have to give it another place

    def _choose(self, index: int) -> None:
        name = self._box.itemData(index)
        self._box.setCurrentIndex(self._box.findData(self._value))
        if name is None:
            self.file_wanted.emit()
        else:
            self.edited.emit(name)


class DataPicker(QWidget):
    """Shows what the chosen store holds, or how to get it where it is not there.

    `chosen` has the path of a store's file; `import_wanted` asks for other data.
    """

    chosen = Signal(str)
    import_wanted = Signal()

    def __init__(self, controller: "Controller", themes: ThemeManager) -> None:
        super().__init__()
        self._controller = controller
        self._themes = themes
        self._name = ""
        self._store: StoreEntry | None = None
        self._access = "auto"
        self._is_narrow = False
        self.add_button = self._make_add_button()
        self.field = StoreField(self.add_button)
        self.field.file_wanted.connect(self.locate)
        self._summary = MarkupLabel()
        self._summary.setObjectName("store summary")
        self._summary.setWordWrap(True)
        self._own = QPushButton("Use my own data")
        self._own.setObjectName("own data")
        self._own.setToolTip("Import embeddings or pictures of yours: a file or a folder")
        self._own.clicked.connect(self.import_wanted)
        self._offers = self._make_offers()
        self._progress = TaskProgress(controller, _brings_data)
        layout = QVBoxLayout(self)
        gap = self.fontMetrics().averageCharWidth()
        layout.setContentsMargins(2 * gap, gap // 2, 0, gap)
        for widget in (self._summary, self._offers, self._progress):
            layout.addWidget(widget)
        layout.insertWidget(1, self._own, 0, Qt.AlignmentFlag.AlignLeft)
        themes.changed.connect(self._paint)
        self._paint()

    def show_store(self, name: str, store: StoreEntry | None, access: str) -> None:
        """Show what a store holds.

        Parameters
        ----------
        name
            As in data.store.
        store
            What it holds, or its problem; None for glyphs that are not drawn yet.
        access
            As in data.access.
        """
        self._name, self._store, self._access = name, store, access
        self._own.setVisible(name == BUILT_IN_STORE)
        self._offers.setVisible(store is not None and bool(store.problem))
        self._paint()

    def stack(self, is_narrow: bool) -> None:
        """Show a sentence for each split where a table would be too wide."""
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._paint()

    def locate(self) -> None:
        """Ask for a store's file and choose it."""
        last = LastFolder(self._controller.library.root, "open")
        ask_file(self, "Choose an embedding store", _STORES, self.chosen.emit, last)

    def tell_how(self) -> None:
        """Say how embeddings are got."""
        HowToGetDialog(self._name, self).open()

    def _make_add_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("add data")
        button.setAccessibleName("Add data")
        button.setToolTip("Choose a file, or import embeddings")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.addAction("Choose a store's file...", self.locate)
        menu.addSeparator()
        menu.addAction(IMPORT, self.import_wanted.emit)
        menu.addSeparator()
        menu.addAction("How to get data", self.tell_how)
        button.setMenu(menu)
        return button

    def _make_offers(self) -> QWidget:
        offers = QWidget()
        offers.setObjectName("offers")
        layout = FlowLayout(offers)
        layout.setContentsMargins(0, 0, 0, 0)
        triggers: Mapping[str, Callable[[], object]] = {
            "Locate...": self.locate,
            IMPORT: self.import_wanted.emit,
            "How to get it": self.tell_how,
        }
        for text, trigger in triggers.items():
            button = QPushButton(text)
            button.clicked.connect(lambda _checked=False, trigger=trigger: trigger())
            layout.addWidget(button)
        return offers

    def _paint(self, _theme: object = None) -> None:
        self.add_button.setIcon(self._themes.icon(MDI7.database_plus_outline))
        store = self._store
        if store is None:
            self._summary.setText("Drawn when they are first needed, which takes some seconds.")
        elif store.splits:
            muted = self._themes.current.muted
            splits = (
                split_sentences(store.splits)
                if self._is_narrow
                else split_table(store.splits, muted)
            )
            source = f"; source: {html.escape(breakable(store.source))}" if store.source else ""
            kept = _kept(store, self._access)
            numbers = f"{store.embedding_dim} numbers an embedding (D), {kept}{source}"
            self._summary.setText(f"{splits}<span style='color:{muted}'>{numbers}</span>")
        self._summary.setVisible(store is None or bool(store.splits))


def _kept(store: StoreEntry, access: str) -> str:
    """Say how much a store's embeddings are, and whether they are mapped rather than loaded."""
    size = embeddings_size(store.splits, store.embedding_dim)
    words = size_text(size)
    if is_mapped(access, size):
        words += ", mapped and not loaded"
        words += ": more than a quarter of the free memory" if access == "auto" else ""
    return words


def _brings_data(task: "Task") -> bool:
    return task.title.startswith(("Importing ", "Drawing "))

"""The picker of embeddings to train on: shows what a store holds, and how to get one."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.io.paths import is_file
from leo_studio.analysis.experiment.form_layout import breakable
from leo_studio.services.records import StoreEntry
from leo_studio.ui.experiment.dialogs import RELEASED, HowToGetDialog, ask_file, ask_folder
from leo_studio.ui.experiment.fields import ChoiceBox, Field
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label, MarkupLabel
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_STORES = "Embedding stores (*.h5 *.hdf5)"
_IMPORT = "Import the released archive..."
_IMPORT_SHORT = "Import archive..."
_IMPORT_ARRAYS = "Import a NumPy archive..."
_PARTS = 1000  # of a progress bar


class StoreField(Field):
    """One of the library's stores, or a file."""

    file_wanted = Signal()

    def __init__(self, add: QWidget) -> None:
        super().__init__()
        self._box = ChoiceBox()
        self._box.setObjectName("stores")
        self._hold(self._box, add)
        self._value = ""
        self._names: tuple[tuple[str, str], ...] = ()
        self._box.activated.connect(self._choose)

    @property
    def input(self) -> QWidget:
        """The widget that takes the keyboard."""
        return self._box

    def show_stores(self, stores: Sequence[StoreEntry]) -> None:
        """Offer the stores of the library; the built-in glyphs are always there."""
        names = {"glyphs": "glyphs"} | {
            store.name: f"{store.name} (damaged)" if store.problem else store.name
            for store in stores
        }
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
        names.setdefault(self._value, path.name if is_here else f"{path.name} (not there)")
        self._box.clear()
        for name, text in names.items():
            self._box.addItem(text, name)
        self._box.insertSeparator(self._box.count())
        self._box.addItem("Choose a file...", None)
        self._box.setCurrentIndex(self._box.findData(self._value))

    def _choose(self, index: int) -> None:
        name = self._box.itemData(index)
        self._box.setCurrentIndex(self._box.findData(self._value))
        if name is None:
            self.file_wanted.emit()
        else:
            self.edited.emit(name)


class DataPicker(QWidget):
    """Shows what the chosen store holds, or how to get it where it is not there.

    `chosen` has the path of a store's file.
    """

    chosen = Signal(str)

    def __init__(self, controller: "Controller", themes: ThemeManager) -> None:
        super().__init__()
        self._controller = controller
        self._themes = themes
        self._name = ""
        self._store: StoreEntry | None = None
        self._is_narrow = False
        self.add_button = self._make_add_button()
        self.field = StoreField(self.add_button)
        self.field.file_wanted.connect(self.locate)
        self._summary = MarkupLabel()
        self._summary.setObjectName("store summary")
        self._summary.setWordWrap(True)
        self._offers = self._make_offers()
        self._progress = TaskProgress(controller)
        layout = QVBoxLayout(self)
        gap = self.fontMetrics().averageCharWidth()
        layout.setContentsMargins(2 * gap, gap // 2, 0, gap)
        for widget in (self._summary, self._offers, self._progress):
            layout.addWidget(widget)
        themes.changed.connect(self._paint)
        self._paint()

    def show_store(self, name: str, store: StoreEntry | None) -> None:
        """Show what a store holds.

        Parameters
        ----------
        name
            As in data.store.
        store
            What it holds, or its problem; None for glyphs that are not drawn yet.
        """
        self._name, self._store = name, store
        self._offers.setVisible(store is not None and bool(store.problem))
        self._paint()

    def stack(self, is_narrow: bool) -> None:
        """Show a sentence for each split where a table would be too wide."""
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._paint()

    def locate(self) -> None:
        """Ask for a store's file and choose it."""
        ask_file(self, "Choose an embedding store", _STORES, lambda path: self.chosen.emit(path))

    def ask_for_archive(self) -> None:
        """Ask for the released archive and import it."""
        ask_file(self, "Import the released archive", "Archives (*.zip)", self._import)

    def ask_for_folder(self) -> None:
        """Ask for the folder that the released archive unpacks to, and import it."""
        ask_folder(self, "Import the unpacked archive", self._import)

    def ask_for_arrays(self) -> None:
        """Ask for a NumPy archive, import it and choose it."""
        ask_file(self, "Import a NumPy archive", "NumPy archives (*.npz)", self._import_arrays)

    def tell_how(self) -> None:
        """Say how embeddings are got."""
        HowToGetDialog(self._name, self).open()

    def _bring(self) -> None:
        """Ask for the file that this store is imported from."""
        if self._name in RELEASED:
            self.ask_for_archive()
        else:
            self.ask_for_arrays()

    def _import(self, path: str) -> None:
        self._controller.imports.released(Path(path))

    def _import_arrays(self, path: str) -> None:
        self._controller.imports.arrays(Path(path), self.chosen.emit)

    def _make_add_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("add data")
        button.setAccessibleName("Add data")
        button.setToolTip("Choose a file, or import embeddings")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.addAction("Choose a store's file...", self.locate)
        menu.addSeparator()
        menu.addAction(_IMPORT, self.ask_for_archive)
        menu.addAction("Import its unpacked folder...", self.ask_for_folder)
        menu.addAction(_IMPORT_ARRAYS, self.ask_for_arrays)
        menu.addSeparator()
        menu.addAction("How to get data", self.tell_how)
        button.setMenu(menu)
        return button

    def _make_offers(self) -> QWidget:
        offers = QWidget()
        offers.setObjectName("offers")
        layout = FlowLayout(offers)
        layout.setContentsMargins(0, 0, 0, 0)
        for text, trigger in (
            ("Locate...", self.locate),
            (_IMPORT, self._bring),
            ("How to get it", self.tell_how),
        ):
            button = QPushButton(text)
            button.clicked.connect(lambda _checked=False, trigger=trigger: trigger())
            layout.addWidget(button)
            if trigger == self._bring:
                self._archive = button
        return offers

    def _paint(self, _theme: object = None) -> None:
        self.add_button.setIcon(self._themes.icon(MDI7.database_plus_outline))
        released = _IMPORT_SHORT if self._is_narrow else _IMPORT
        self._archive.setText(released if self._name in RELEASED else _IMPORT_ARRAYS)
        store = self._store
        if store is None:
            self._summary.setText("Drawn when they are first needed, which takes some seconds.")
        elif store.splits:
            muted = self._themes.current.muted
            splits = _sentences(store) if self._is_narrow else _table(store, muted)
            source = f"; source: {html.escape(breakable(store.source))}" if store.source else ""
            numbers = f"{store.embedding_dim} numbers an embedding (D){source}"
            self._summary.setText(f"{splits}<span style='color:{muted}'>{numbers}</span>")
        self._summary.setVisible(store is None or bool(store.splits))


class TaskProgress(QWidget):
    """Progress of an import, or of drawing the glyphs; hidden while there is none."""

    def __init__(self, controller: "Controller") -> None:
        super().__init__()
        self._controller = controller
        self._label = Label()
        self._label.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)  # unreadable on the edge of the bar
        self._cancel = QPushButton("Cancel")
        self._cancel.setObjectName("cancel import")
        self._cancel.clicked.connect(self._stop)
        line = QHBoxLayout()
        line.addWidget(self._bar, 1)
        line.addWidget(self._cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._label)
        layout.addLayout(line)
        controller.tasks_changed.connect(self._show_task)
        self._show_task()

    def _show_task(self) -> None:
        tasks = [task for task in self._controller.tasks if _brings_data(task.title)]
        self.setVisible(bool(tasks))
        if not tasks:
            return
        task = tasks[0]
        note = f": {task.note}" if task.note else " ..."
        self._label.setText(breakable(task.title + note))
        self._bar.setRange(0, 0 if task.fraction is None else _PARTS)
        self._bar.setValue(round((task.fraction or 0) * _PARTS))
        self._cancel.setEnabled(not task.is_cancelled)
        self._cancel.setText("Ending..." if task.is_cancelled else "Cancel")

    def _stop(self) -> None:
        for task in self._controller.tasks:
            if _brings_data(task.title):
                task.cancel()
        self._show_task()


def _brings_data(title: str) -> bool:
    return title.startswith(("Importing ", "Drawing "))


def _table(store: StoreEntry, muted: str) -> str:
    heads = ("Split", "Classes", "Examples", "Per class", "Images")
    rows = [
        (
            split.name,
            f"{split.classes:,}",
            f"{split.examples:,}",
            _range(split.smallest_class, split.largest_class),
            "yes" if split.has_images else "no",
        )
        for split in store.splits
    ]
    cell = "<td align='{}' style='padding-right:14px'>{}</td>"
    sides = ("left", "right", "right", "right", "left")
    head = "".join(
        cell.format(side, f"<span style='color:{muted}'>{text}</span>")
        for side, text in zip(sides, heads, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            cell.format(side, html.escape(text)) for side, text in zip(sides, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table cellspacing='0'><tr>{head}</tr>{body}</table>"


def _sentences(store: StoreEntry) -> str:
    return "".join(
        f"<b>{html.escape(split.name)}</b>: {split.classes:,} classes, {split.examples:,} "
        f"examples ({_range(split.smallest_class, split.largest_class)} per class)<br>"
        for split in store.splits
    )


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"

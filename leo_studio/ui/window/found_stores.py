"""The stores that an import would make: what they hold, their names, and which are wanted."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from engine.config import checked_name
from engine.config.names import name_like
from engine.data.importers.found import FoundStore
from engine.errors import BadInput
from engine.io.listing import listed
from leo_studio.ui.widgets.labels import Label, MarkupLabel
from leo_studio.ui.widgets.people import without_keys
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.split_table import split_table


class FoundStores(QWidget):
    """Shows stores; where they are to be imported, they are named and chosen here.

    Parameters
    ----------
    remark_on
        Returns what is to be known of a name that is typed; "" for nothing.
    """

    changed = Signal()

    def __init__(self, remark_on: Callable[[str], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._remark_on = remark_on
        self._rows: list[_Row] = []
        self._typed: dict[str, str] = {}  # names, by those that the stores would have
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def show_stores(self, stores: Sequence[FoundStore], muted: str, *, is_import: bool) -> None:
        """Show other stores; of several that are to be imported, each can be left out."""
        for row in self._rows:
            self._typed[row.store.name] = row.name
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [
            _Row(
                each,
                self._typed.get(each.name, name_like(each.name)),
                muted,
                is_import=is_import,
                is_one_of_several=len(stores) > 1,
                parent=self,
            )
            for each in stores
        ]
        for row in self._rows:
            self._layout.addWidget(row)
            row.changed.connect(self._judge)
            row.show()
        self._judge()

    def forget(self) -> None:
        """Forget the names that were typed; until then, a store that is shown again has its own."""
        self.show_stores((), "", is_import=False)
        self._typed.clear()

    @property
    def names(self) -> dict[str, str]:
        """The names that were typed, by those that the stores would have."""
        return {row.store.name: row.name for row in self._rows if row.is_wanted}

    @property
    def problem(self) -> str:
        """Why these cannot be imported; "" where they can."""
        names = list(self.names.values())
        if self._rows and not names:
            return "Choose one of them at least."
        try:
            for name in names:
                checked_name(name, "The store's name")
        except BadInput as error:
            return str(error)
        if len(set(names)) < len(names):
            return "Two stores cannot have the same name."
        return ""

    def come_after(self, before: QWidget) -> None:
        """Let the Tab key come here from another widget: what is made later is last otherwise."""
        for row in self._rows:
            for field in row.fields:
                QWidget.setTabOrder(before, field)
                before = field

    def _judge(self) -> None:
        for row in self._rows:
            row.show_remark(self._remark_on(row.name) if row.is_wanted else "")
        self.changed.emit()


class _Row(QWidget):
    """One store."""

    changed = Signal()

    def __init__(
        self,
        store: FoundStore,
        name: str,
        muted: str,
        *,
        is_import: bool,
        is_one_of_several: bool,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.store = store
        self._is_import = is_import
        self._check = QCheckBox(without_keys(store.name), self)
        self._check.setObjectName(f"take {store.name}")
        self._check.setChecked(True)
        self._check.setVisible(False)
        self._field = QLineEdit(name, self)
        self._field.setObjectName(f"name of {store.name}")
        self._remark = Label()
        self._remark.setObjectName(f"remark on {store.name}")
        self._remark.setWordWrap(True)
        set_role(self._remark, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        if is_import and is_one_of_several:
            layout.addWidget(self._check)
            self._check.setVisible(True)
        elif is_one_of_several or not is_import:
            layout.addWidget(Label(store.name))
        if is_import:
            form.addRow("&Name of the store", self._field)
        else:
            self._field.hide()
        summary = MarkupLabel(_summary(store, muted))
        summary.setObjectName(f"summary of {store.name}")
        layout.addWidget(summary)
        layout.addLayout(form)
        layout.addWidget(self._remark)
        for note in store.notes:
            label = Label(note)
            label.setWordWrap(True)
            set_role(label, "muted")
            layout.addWidget(label)
        self._check.toggled.connect(self._field.setEnabled)
        self._check.toggled.connect(self.changed)
        self._field.textChanged.connect(self.changed)

    @property
    def name(self) -> str:
        """The name that was typed."""
        return self._field.text()

    @property
    def is_wanted(self) -> bool:
        """Whether it is to be imported."""
        return self._is_import and self._check.isChecked()

    @property
    def fields(self) -> tuple[QWidget, ...]:
        """What the keyboard can go to."""
        return self._check, self._field

    def show_remark(self, text: str) -> None:
        """Say what is to be known of the name."""
        self._remark.setText(text)
        self._remark.setVisible(bool(text))


def _summary(store: FoundStore, muted: str) -> str:
    """Return what a store holds, as markup of ours alone."""
    if not store.splits and not store.embedding_dim:
        splits = f" Splits: {listed(store.split_names)}." if store.split_names else ""
        return f"<span style='color:{muted}'>Large: it is counted while importing.{splits}</span>"
    classes = sum(split.classes for split in store.splits)
    examples = sum(split.examples for split in store.splits)
    counted = f"{classes:,} classes, {examples:,} examples, " if store.splits else ""
    table = split_table(store.splits, muted) if store.splits else ""
    if not store.embedding_dim:  # of pictures, until they are embedded
        return table
    return f"{counted}{store.embedding_dim:,} numbers an embedding (D){table}"

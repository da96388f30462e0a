"""Dialogs of the experiment panel; none of them blocks."""

import html
from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from engine.config import checked_name
from engine.data.built_in import BUILT_IN_STORE
from engine.errors import BadInput
from leo_studio.ui.widgets.labels import Label, MarkupLabel
from leo_studio.ui.widgets.people import as_title
from leo_studio.ui.widgets.roles import set_role

RELEASED = ("miniImageNet", "tieredImageNet")


class SavePresetDialog(QDialog):
    """Asks what a preset is to be called; `named` has its name and description."""

    named = Signal(str, str)

    def __init__(
        self,
        name: str,
        description: str,
        own: Collection[str],
        built_in: Collection[str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Save as preset")
        self._own, self._built_in = own, built_in
        self._name = QLineEdit(name)
        self._name.setObjectName("preset name")
        self._description = QLineEdit(description)
        self._description.setCursorPosition(0)
        self._remark = Label()
        self._remark.setObjectName("preset remark")
        self._remark.setWordWrap(True)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self._buttons.accepted.connect(self._save)
        self._buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow("&Name", self._name)
        form.addRow("&Description", self._description)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._remark)
        layout.addStretch()
        layout.addWidget(self._buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 80)
        self._name.textChanged.connect(self._judge)
        self._name.selectAll()
        self._judge()

    def _judge(self) -> None:
        """Say at once what is wrong with the name, or what saving it does."""
        name, save = self._name.text(), self._buttons.button(QDialogButtonBox.StandardButton.Save)
        problem, remark = "", ""
        try:
            checked_name(name, "The preset's name")
        except BadInput as error:
            problem = str(error) if name else "Give the preset a name."
        if name in self._own:
            remark = f"You have a preset called {name} already. Replacing it cannot be undone."
        elif name in self._built_in:
            remark = f"Yours will stand in for the built-in preset {name}, which stays as it is."
        save.setText("Replace" if name in self._own else "Save")
        save.setEnabled(not problem)
        self._remark.setText(problem or remark)
        set_role(self._name, "error" if problem else "")
        set_role(self._remark, "error" if problem else "muted")

    def _save(self) -> None:
        self.named.emit(self._name.text(), self._description.text())
        self.accept()


class TextDialog(QDialog):
    """Shows a text in letters of equal width, to copy or to save.

    `save_wanted` says that somebody wants it in a file.
    """

    save_wanted = Signal()

    def __init__(self, title: str, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(as_title(title))
        view = QPlainTextEdit(text)
        view.setObjectName("text")
        view.setReadOnly(True)
        view.setTabChangesFocus(True)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF())
        view.setFont(font)
        view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        save = buttons.addButton("&Save as...", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        save.clicked.connect(self.save_wanted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(view)
        layout.addWidget(buttons)
        metrics = view.fontMetrics()
        self.resize(metrics.horizontalAdvance("0") * 106, metrics.lineSpacing() * 26)


class HowToGetDialog(QDialog):
    """Says where embeddings come from."""

    def __init__(self, store: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("How to get data")
        label = MarkupLabel(_released(store) if store in RELEASED else _own(store))
        label.setWordWrap(True)
        label.setOpenExternalLinks(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(label)
        layout.addStretch()
        layout.addWidget(buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 64)


def _released(store: str) -> str:
    return f"""
    <p>The embeddings of {store} that LEO's authors released are one zip archive,
    <b>embeddings.zip</b>, of some gigabytes. The README of
    <a href="https://github.com/google-deepmind/leo">github.com/google-deepmind/leo</a>
    links to it.</p>
    <p>Download it, then press <b>Import data...</b> and choose it, or drop it on the window; it
    need not be unpacked. Or import it in a terminal:</p>
    <pre>leo-studio import deepmind embeddings.zip</pre>
    <p>This brings miniImageNet and tieredImageNet, each 640 numbers an embedding.</p>
    """


def _own(store: str) -> str:
    example = "" if store == BUILT_IN_STORE else f", such as {store},"
    return f"""
    <p>Embeddings of your own{html.escape(example)} are imported from a NumPy
    archive with the arrays <i>embeddings</i> (n, D) and <i>labels</i> (n), or <i>X</i> and
    <i>y</i>, and optionally <i>names</i>, <i>split</i>, <i>class_names</i> and <i>images</i>: press
    <b>Import data...</b>, or in a terminal:</p>
    <pre>leo-studio import arrays FILE.npz</pre>
    <p>Feature files as papers and libraries of the field write them (.plk, .pt, .csv, .parquet, or
    a folder of them or of .npy), and folders like the one that LEO's released archive unpacks
    to (train_embeddings.pkl and others), are imported in the same way, or with:</p>
    <pre>leo-studio import features FILE_OR_FOLDER</pre>
    <p>Of pictures (a folder or a .zip with a folder for each class, a .csv of paths and labels, a
    .parquet) embeddings are made in the same way, or with:</p>
    <pre>leo-studio import images FILE_OR_FOLDER</pre>
    <p>A store that you have already, an .h5 file, is chosen with <b>Choose a store's
    file...</b>. The built-in <b>glyphs</b> need nothing.</p>
    """

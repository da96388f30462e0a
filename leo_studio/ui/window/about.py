"""The About dialog: LEO and LEO Studio, whom to cite, and what is on this machine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from leo_studio import __version__
from leo_studio.ui.widgets.labels import Label, MarkupLabel
from leo_studio.ui.widgets.theme import Theme, ThemeManager

LICENCE = "Apache-2.0"
PAPER = "https://arxiv.org/abs/1807.05960"
DESCRIPTION = (
    "Latent Embedding Optimization (LEO) learns to learn from a few examples. It adapts in a "
    "low-dimensional latent space, from which a classifier's weights are decoded. LEO Studio "
    "trains it, and shows what happens."
)
CITATION = (
    "A. A. Rusu, D. Rao, J. Sygnowski, O. Vinyals, R. Pascanu, S. Osindero, R. Hadsell: "
    "Meta-Learning with Latent Embedding Optimization. ICLR 2019."
)
BIBTEX = """@inproceedings{rusu2019leo,
  title     = {Meta-Learning with Latent Embedding Optimization},
  author    = {Rusu, Andrei A. and Rao, Dushyant and Sygnowski, Jakub and Vinyals, Oriol and
               Pascanu, Razvan and Osindero, Simon and Hadsell, Raia},
  booktitle = {International Conference on Learning Representations},
  year      = {2019},
  url       = {https://arxiv.org/abs/1807.05960}
}"""

_CopiedText = Callable[[], str]


class AboutDialog(QDialog):
    """Tells of LEO, its paper and this machine; all of it can be copied.

    What is on the machine takes a moment to find: the dialog opens without it, and `show_facts`
    brings it.

    Parameters
    ----------
    themes
        Gives the colours.
    parent
        The window that it belongs to.
    """

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("about-dialog")
        self.setWindowTitle("About LEO Studio")
        self._themes = themes
        self._copy_buttons: list[QPushButton] = []
        self._facts: Mapping[str, object] = {}
        title = Label(f"LEO Studio {__version__}")
        title.setProperty("role", "title")
        citation = _label(
            f'{escape(CITATION)} <a href="{PAPER}">arXiv:1807.05960</a>', "about-citation"
        )
        citation.setOpenExternalLinks(True)
        self._bibtex = QPlainTextEdit(BIBTEX)
        self._bibtex.setObjectName("about-bibtex")
        self._bibtex.setAccessibleName("BibTeX entry")
        self._machine = QTextBrowser()
        self._machine.setObjectName("about-machine")
        self._machine.setAccessibleName("Libraries and devices")
        self._machine.setPlaceholderText("Looking at libraries and devices ...")
        for text in (self._bibtex, self._machine):
            text.setTabChangesFocus(True)
        self._bibtex.setReadOnly(True)
        self._bibtex.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        column = QVBoxLayout(self)
        column.addWidget(title)
        column.addWidget(_label(DESCRIPTION, "about-description"))
        column.addWidget(_label(f"Licence: {LICENCE}", "about-licence"))
        column.addWidget(citation)
        column.addWidget(self._bibtex, 2)
        self._said = Label()
        self._said.setObjectName("about-copied")
        self._said.setProperty("role", "muted")
        row = QHBoxLayout()
        row.addWidget(self._said, 1)
        row.addWidget(self._button("Copy &BibTeX", "copy-bibtex", lambda: BIBTEX))
        column.addLayout(row)
        column.addWidget(self._machine, 3)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        box.button(QDialogButtonBox.StandardButton.Close).setText("Close")
        box.addButton(
            self._button("&Copy all", "copy-all", self.text), QDialogButtonBox.ButtonRole.ActionRole
        )
        box.rejected.connect(self.close)
        column.addWidget(box)
        line = self.fontMetrics().height()
        self.resize(46 * line, 40 * line)
        themes.changed.connect(self._recolor)
        self._recolor(themes.current)

    def show_facts(self, facts: Mapping[str, object]) -> None:
        """Show what is on this machine.

        Parameters
        ----------
        facts
            By section, such as `leo_studio.startup.doctor.examine` finds them: names and values, or
            sentences. A section without any is left out.
        """
        self._facts = facts
        self._recolor(self._themes.current)

    def text(self) -> str:
        """Return all of it, such as for the report of a bug."""
        lines = [f"LEO Studio {__version__} ({LICENCE})"]
        for section, entries in self._sections():
            lines += ["", f"{section}:"]
            lines += [f"  {name}: {value}" if name else f"  {value}" for name, value in entries]
        return "\n".join([*lines, "", f"{CITATION} {PAPER}", "", BIBTEX, ""])

    def showEvent(self, event: QShowEvent) -> None:
        """Stay on the screen, and forget what was copied the last time."""
        super().showEvent(event)
        if not event.spontaneous():
            self._said.clear()
            self.resize(self.size().boundedTo(self.screen().availableSize() * 0.9))

    def _sections(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        for section, entries in self._facts.items():
            pairs: list[tuple[str, str]] = []
            if isinstance(entries, Mapping):
                pairs = [(str(name), str(value)) for name, value in entries.items()]
            elif isinstance(entries, Sequence) and not isinstance(entries, str):
                pairs = [("", str(entry)) for entry in entries]
            if pairs:
                yield section.capitalize(), pairs

    def _button(self, label: str, name: str, text: _CopiedText) -> QPushButton:
        button = QPushButton(label)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._copy(text()))
        self._copy_buttons.append(button)
        return button

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        lines = text.strip().count("\n") + 1
        self._said.setText(f"{lines} lines are in the clipboard.")

    def _recolor(self, theme: Theme) -> None:
        for button in self._copy_buttons:
            button.setIcon(self._themes.icon(MDI7.content_copy))
        rows = []
        for section, entries in self._sections():
            rows.append(f'<tr><td colspan="2"><b>{escape(section)}</b></td></tr>')
            for name, value in entries:
                first = f'<td style="color: {theme.muted}">{escape(name)}&nbsp;&nbsp;</td>'
                rows.append(f"<tr>{first}<td>{escape(value)}</td></tr>")
        self._machine.setHtml(f"<table cellpadding='2'>{''.join(rows)}</table>" if rows else "")
        code = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        code.setPointSizeF(self.font().pointSizeF())
        self._bibtex.setFont(code)
        lines = BIBTEX.count("\n") + 3  # and the bar for scrolling, and the frame
        self._bibtex.setMinimumHeight(lines * self._bibtex.fontMetrics().lineSpacing())


def _label(markup: str, name: str) -> MarkupLabel:
    label = MarkupLabel(markup)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    return label

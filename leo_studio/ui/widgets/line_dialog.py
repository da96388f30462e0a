"""A dialog that asks for one line of text, and says why an answer will not do."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from engine.errors import BadInput
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_title


class LineDialog(QDialog):
    """Asks for a line of text and closes when `attempt` takes it.

    Parameters
    ----------
    title
        The window's title.
    question
        What is asked, with a mnemonic.
    text
        The answer to begin with.
    button
        What the button that does it says.
    attempt
        Does it; raises `BadInput` for an answer that will not do, which is then shown.
    """

    def __init__(
        self,
        title: str,
        question: str,
        text: str,
        button: str,
        attempt: Callable[[str], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(as_title(title))
        self._attempt = attempt
        self.line = QLineEdit(text)
        self.line.setObjectName("answer")
        self.line.selectAll()
        label = Label(question)
        label.setBuddy(self.line)
        label.setWordWrap(True)
        self.problem = Label()
        self.problem.setObjectName("problem")
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        do = buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
        do.setProperty("role", "primary")
        do.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.line.textEdited.connect(lambda _: self._show_problem(""))
        layout = QVBoxLayout(self)
        for widget in (label, self.line, self.problem, buttons):
            layout.addWidget(widget)
        self._show_problem("")
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)

    def accept(self) -> None:
        """Do it, or say why not."""
        try:
            self._attempt(self.line.text().strip())
        except BadInput as error:
            self._show_problem(str(error))
        except OSError as error:
            self._show_problem(f"{error.strerror or error}; choose another or try again.")
        else:
            super().accept()

    def _show_problem(self, sentence: str) -> None:
        # Its line is always there, so that nothing moves when it is needed; more lines need room.
        self.problem.setText(sentence or " ")
        layout = self.layout()
        if sentence and layout is not None:
            needed = layout.totalHeightForWidth(self.width())
            self.resize(self.width(), max(self.height(), needed))
        self.line.setProperty("role", "error" if sentence else "")
        self.line.style().polish(self.line)
        if sentence:
            self.line.setFocus()

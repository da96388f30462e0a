"""A field for the file of functions, whose path is typed or chosen in a dialog."""

from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from leo_studio.ui.experiment.fields import Field, leave_undo_alone
from leo_studio.ui.widgets.file_dialogs import ask_file
from leo_studio.ui.widgets.last_folders import LastFolder
from leo_studio.ui.widgets.people import as_tip

_LETTERS = 24  # of a path that are seen
KINDS = "Functions (*.csv *.tsv *.txt)"


class FunctionFileField(Field):
    """The path of a file of functions, with a button that asks for one.

    Parameters
    ----------
    last
        Where the question begins.
    """

    def __init__(self, last: LastFolder) -> None:
        super().__init__()
        self._last = last
        self._line = QLineEdit()
        self._line.setPlaceholderText("none: drawn")
        self._button = QPushButton("Browse...")
        self._button.setAutoDefault(False)
        leave_undo_alone(self._line)
        self._hold(self._line, self._button)
        self._line.textEdited.connect(self.edited.emit)
        self._line.editingFinished.connect(self.left)
        self._button.clicked.connect(self.ask)

    @property
    def input(self) -> QWidget:
        """The widget that takes the keyboard."""
        return self._line

    def wanted_width(self) -> int:
        """Return the width of a path's end, and of the button beside it."""
        letters = len(self._line.text() or self._line.placeholderText())
        layout = self.layout()
        gap = 0 if layout is None else layout.spacing()
        width = (2 + min(letters, _LETTERS)) * self.fontMetrics().averageCharWidth()
        return width + gap + self._button.sizeHint().width()

    def show_value(self, value: object) -> None:
        """Show a path."""
        if self._line.text() != str(value):
            self._line.setText(str(value))
            self.updateGeometry()  # its row may have to give it another place
        self._line.setToolTip(as_tip(str(value)))

    def ask(self) -> None:
        """Ask for a file."""
        ask_file(self, "Choose your functions", KINDS, self._take, self._last)

    def _take(self, path: str) -> None:
        self._line.setText(path)
        self.edited.emit(path)
        self.left.emit()

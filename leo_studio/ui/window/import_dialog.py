"""The dialog that asks what an import has to know before anything is written."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.config import checked_name
from engine.errors import BadInput
from leo_studio.services.records import ImportChoice, ImportQuestion
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_title


class ImportDialog(QDialog):
    """Shows a question, and names to type where they would answer it; Cancel changes nothing."""

    def __init__(self, question: ImportQuestion, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("import question")
        self.setWindowTitle(as_title(f"Import {question.archive}"))
        self._question = question
        self._names = {taken: QLineEdit(free) for taken, free in question.names.items()}
        self._problem = Label()
        self._problem.setObjectName("problem")
        self._problem.setWordWrap(True)
        self._naming: list[QPushButton] = []
        layout = QVBoxLayout(self)
        sentence = Label(question.sentence)
        sentence.setObjectName("sentence")
        sentence.setWordWrap(True)
        layout.addWidget(sentence)
        form = QFormLayout()
        for taken, field in self._names.items():
            field.setObjectName(f"name for {taken}")
            field.textChanged.connect(self._judge)
            label = "&New name" if len(self._names) == 1 else f"Instead of {taken}"
            form.addRow(label, field)
        layout.addLayout(form)
        layout.addWidget(self._problem)
        layout.addStretch()
        layout.addWidget(self._make_buttons())
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 72)
        self._judge()

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        for place, choice in enumerate(self._question.choices):
            button = QPushButton(choice.label)
            button.setDefault(place == 0)
            button.clicked.connect(lambda _checked=False, choice=choice: self._choose(choice))
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
            if choice.needs_names:
                self._naming.append(button)
        return buttons

    def _judge(self) -> None:
        """Say at once what is wrong with a name."""
        problem = ""
        try:
            for field in self._names.values():
                checked_name(field.text(), "The store's name")
        except BadInput as error:
            problem = str(error)
        names = [field.text() for field in self._names.values()]
        taken = next((name for name in names if self._question.is_taken(name)), None)
        if not problem and taken is not None:
            problem = f"There is a store named {taken} too; choose another name."
        if not problem and len(set(names)) < len(names):
            problem = "Two stores cannot have the same name."
        self._problem.setText(problem)
        for button in self._naming:
            button.setEnabled(not problem)

    def _choose(self, choice: ImportChoice) -> None:
        names = {taken: field.text() for taken, field in self._names.items()}
        self.accept()
        choice.choose(names)

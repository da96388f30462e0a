"""The filter bar of episodes: an expression, a class, an order, and questions to press."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.episodes.columns import (
    ACCURACY,
    CONFIDENT,
    GAIN,
    NUMBER,
    UNCERTAINTY,
)
from leo_studio.analysis.episodes.filter import EXAMPLE, FIELDS
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

_TYPING_MILLISECONDS = 250
HELP = (
    "Compare columns with numbers: <b>" + "</b>, <b>".join(FIELDS) + "</b>.<br>"
    "Shares are fractions of one: <tt>accuracy &gt; 0.6</tt> or <tt>accuracy &gt; 60%</tt>.<br>"
    'Classes by name, or part of it: <tt>has("pear")</tt>.<br>'
    "Join them with <tt>and</tt>, <tt>or</tt>, <tt>not</tt> and brackets."
)


@dataclass(frozen=True, slots=True)
class Question:
    """A button that sets filter and order."""

    label: str
    tip: str
    expression: str
    column: int
    is_descending: bool


QUESTIONS = (
    Question("All", "Every episode, by number", "", NUMBER, False),
    Question("Hardest", "The lowest accuracy first", "", ACCURACY, False),
    Question("Largest gain", "Where adaptation helped most", "gain > 0", GAIN, True),
    Question("Adaptation hurt", "Where accuracy fell, worst first", "gain < 0", GAIN, False),
    Question(
        "Confident and wrong",
        "The largest share of queries that are wrong with a probability of 0.9 or more first",
        "confident_errors > 0",
        CONFIDENT,
        True,
    ),
    Question("Most uncertain", "Where the latent code leaves most doubt", "", UNCERTAINTY, True),
)
_ANY_CLASS = "Any class"


class FilterBar(QWidget):
    """Chooses which episodes are shown, and their order.

    `changed` is emitted when the expression or the class changes, `asked` for a button.
    """

    changed = Signal()
    asked = Signal(object)  # `Question`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setObjectName("episode-filter")
        self.line.setPlaceholderText(EXAMPLE)
        self.line.setClearButtonEnabled(True)
        self.line.setToolTip(HELP)
        self.line.setAccessibleName("Filter")
        self.of_class = QComboBox()
        self.of_class.setObjectName("class-filter")
        self.of_class.setEditable(True)
        self.of_class.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.of_class.setToolTip("Episodes with this class alone")
        self.of_class.setMinimumContentsLength(10)
        if (completer := self.of_class.completer()) is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.problem = Label()
        self.problem.setObjectName("filter-problem")
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MILLISECONDS)
        self._typing.timeout.connect(self.changed)
        self._lay_out()
        self.set_classes(())
        self.line.textChanged.connect(self._typing.start)
        self.line.returnPressed.connect(self._now)
        self.of_class.activated.connect(self.changed)

    def _lay_out(self) -> None:
        questions = QWidget()
        flow = FlowLayout(questions)
        flow.setContentsMargins(0, 0, 0, 0)
        for question in QUESTIONS:
            button = QPushButton(question.label)
            button.setToolTip(as_tip(question.tip))
            button.clicked.connect(lambda _=False, asked=question: self.asked.emit(asked))
            flow.addWidget(button)
        row = QHBoxLayout()
        label = Label("&Filter")
        label.setBuddy(self.line)
        row.addWidget(label)
        row.addWidget(self.line, 3)
        row.addWidget(self.of_class, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(questions)
        layout.addLayout(row)
        layout.addWidget(self.problem)

    @property
    def expression(self) -> str:
        """The text that is typed."""
        return self.line.text()

    @property
    def class_name(self) -> str | None:
        """The class that is chosen; None for any."""
        name = self.of_class.currentData()
        return None if name is None else str(name)

    def set_expression(self, text: str) -> None:
        """Type something, without waiting for more."""
        self.line.setText(text)
        self._typing.stop()

    def set_classes(self, names: tuple[str, ...]) -> None:
        """Offer classes; the chosen one stays where it is among them."""
        if [self.of_class.itemData(place) for place in range(1, self.of_class.count())] == sorted(
            names
        ):
            return
        chosen = self.class_name
        self.of_class.clear()
        self.of_class.addItem(_ANY_CLASS, None)
        for name in sorted(names):
            self.of_class.addItem(name, name)
        self.of_class.setCurrentIndex(max(0, self.of_class.findData(chosen)) if chosen else 0)

    def set_problem(self, sentence: str) -> None:
        """Say what is wrong with the expression; "" for nothing."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.line.setProperty("role", "error" if sentence else "")
        self.line.style().polish(self.line)

    def _now(self) -> None:
        self._typing.stop()
        self.changed.emit()

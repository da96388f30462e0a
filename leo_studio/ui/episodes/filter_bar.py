"""The bar above episodes: the hardest one, questions, a filter, and which are meant."""

from html import escape

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.inspection.records import EpisodeTable
from leo_studio.analysis.episodes.filter import FIELDS, example_class, matching
from leo_studio.analysis.episodes.questions import ALL, QUESTIONS, Question
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.popover import PopoverButton
from leo_studio.ui.widgets.wheel import ComboBox

_TYPING_MILLISECONDS = 250
_FIRST_COUNT = 1000
_MOST = 100_000
LARGEST_NUMBER = 2**31 - 1
HELP = (
    "Compare columns with numbers: <b>" + "</b>, <b>".join(FIELDS) + "</b>.<br>"
    "Shares are percent, or fractions of one: <tt>accuracy &gt; 60</tt>, <tt>60%</tt> and "
    "<tt>0.6</tt> are the same; 1 is all.<br>"
    "Classes by name: <tt>{name} and gain &lt; 0</tt>. Part of a name: alone, or as "
    "<tt>has(&quot;{name}&quot;)</tt> beside other things.<br>"
    "Join them with <tt>and</tt>, <tt>or</tt>, <tt>not</tt> and brackets."
)


HARDEST = "Hardest episode"
HARDEST_TIP = "Sort by accuracy, and open the lowest one of the episodes that the filter shows"
_LINE_LETTERS = 22  # of the line for filters; where there is less room, it has a row of its own
_SHORT = "Hardest"  # its label where there is less room
_CHIP = 24  # letters of a filter that can be brought back
_ANY_CLASS = "Any class"


class FilterBar(QWidget):
    """Chooses which episodes are shown, and their order.

    `changed` is emitted when other episodes are meant, `asked` for a question, `hardest_wanted`
    and `start_wanted` for these buttons.
    """

    changed = Signal()
    asked = Signal(object)  # `Question`
    hardest_wanted = Signal()
    start_wanted = Signal()

    def take_keyboard(self) -> None:
        """Give the filter's line the keyboard, and select what stands in it."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hardest_button = QPushButton(HARDEST)
        self.hardest_button.setObjectName("hardest-episode")
        self.hardest_button.setToolTip(as_tip(HARDEST_TIP))
        self.questions = QToolButton()
        self.questions.setObjectName("episode-questions")
        self.range = PopoverButton("Which episodes are in the table")
        self.range.setObjectName("episode-range")
        self.first, self.count = WholeBox(), WholeBox()
        self.start_button = QPushButton("Go through them")
        self.chosen: frozenset[int] = frozenset()  # the only episodes to be shown; none for all
        self.preset: Question | None = None  # of which the episodes are, too
        # Expression, class and preset, meanwhile.
        self._kept: tuple[str, str | None, Question | None] = ("", None, None)
        self.preset_chip = QPushButton()
        self.preset_chip.setObjectName("asked-episodes")
        self.preset_chip.setToolTip("Show the other episodes that the filter lets through, too")
        self.preset_chip.hide()
        self.chosen_chip = QPushButton()
        self.chosen_chip.setObjectName("chosen-episodes")
        self.chosen_chip.setToolTip("Show the other episodes again")
        self.chosen_chip.hide()
        self._cleared = ""  # what was typed before "All" took it away
        self.restore_chip = QPushButton()
        self.restore_chip.setObjectName("filter-again")
        self.restore_chip.hide()
        self.line = QLineEdit()
        self.line.setObjectName("episode-filter")
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName("Filter")
        self.of_class = ComboBox()
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
        self._row_count = 1
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MILLISECONDS)
        self._typing.timeout.connect(self.changed)
        self._lay_out()
        self.set_classes(())
        self.line.textChanged.connect(self._typing.start)
        self.line.textChanged.connect(self._forget_cleared)
        self.restore_chip.clicked.connect(self._restore)
        self.line.returnPressed.connect(self._now)
        self.of_class.activated.connect(self.changed)
        self.chosen_chip.clicked.connect(self._show_others)
        self.preset_chip.clicked.connect(self._drop_preset)
        self.hardest_button.clicked.connect(self.hardest_wanted)
        self.start_button.clicked.connect(self.range.popover.close)
        self.start_button.clicked.connect(self.start_wanted)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for widget in (self.hardest_button, self.questions):
            row.addWidget(widget)
        row.addWidget(self.line, 1)
        row.addStretch()
        row.addWidget(self.range)
        self._row, self._below, self._last = row, QHBoxLayout(), QHBoxLayout()
        # In a row of their own, or they would make a narrow panel as wide as all three together.
        chips = QHBoxLayout()
        for chip in (self.preset_chip, self.chosen_chip, self.restore_chip):
            chips.addWidget(chip)
        chips.addStretch()
        self._last.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addLayout(self._below)
        layout.addLayout(self._last)
        layout.addLayout(chips)
        layout.addWidget(self.problem)
        self._fill_questions()
        self._fill_range()

    def _fill_questions(self) -> None:
        menu = QMenu(self)
        for question in QUESTIONS:
            action = menu.addAction(question.label)
            action.setToolTip(as_tip(question.tip))
            action.setCheckable(bool(question.expression))
            action.triggered.connect(lambda _=False, asked=question: self.asked.emit(asked))
        menu.setToolTipsVisible(True)
        self.questions.setText("Show")
        self.questions.setToolTip("Questions that set filter and order")
        self.questions.setMenu(menu)
        self.questions.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _fill_range(self) -> None:
        self.first.setObjectName("first-episode")
        self.first.setRange(0, LARGEST_NUMBER)
        self.count.setObjectName("episode-count")
        self.count.setRange(1, _MOST)
        self.count.setValue(_FIRST_COUNT)
        self.start_button.setObjectName("go-through")
        form = QFormLayout()
        form.addRow("&From episode", self.first)
        form.addRow("&How many", self.count)
        form.addRow("", self.start_button)
        form.addRow("With &class", self.of_class)
        self.range.column.addLayout(form)
        for box in (self.first, self.count):
            box.valueChanged.connect(self._say_range)
        self._say_range()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the line for filters a row of its own where it has no room beside the buttons."""
        super().resizeEvent(event)
        self._use_room()

    def minimumSizeHint(self) -> QSize:
        """Return the width of most rows: in fewer, the bar must be able to part again."""
        chips = (self.preset_chip, self.chosen_chip)
        chip = sum(each.minimumSizeHint().width() for each in chips if not each.isHidden())
        last = max(chip, self.range.sizeHint().width())
        first = self._buttons_width(is_narrow=True) - self.range.sizeHint().width()
        return QSize(max(first, self._line_width, last), super().minimumSizeHint().height())

    @property
    def _line_width(self) -> int:
        return _LINE_LETTERS * self.fontMetrics().averageCharWidth()

    def _buttons_width(self, *, is_narrow: bool) -> int:
        """Return the room of what is beside the line; a narrow bar has a shorter name in it."""
        buttons = (self.hardest_button, self.questions, self.range)
        width = sum(each.sizeHint().width() for each in buttons) + 4 * self._row.spacing()
        rest = HARDEST.removeprefix(_SHORT)
        spared = self.hardest_button.fontMetrics().horizontalAdvance(rest)
        return width + spared * (int(self._row_count > 1) - int(is_narrow))

    def _use_room(self) -> None:
        """Take a second row for the line, and a third one for which are meant, as it needs them."""
        one = self._buttons_width(is_narrow=False) + self._line_width
        two = self._buttons_width(is_narrow=True)
        row_count = 1 if self.width() >= one else 2 if self.width() >= two else 3
        if row_count == self._row_count:
            return
        self._row_count = row_count
        self.hardest_button.setText(HARDEST if row_count == 1 else _SHORT)
        for layout in (self._row, self._below, self._last):
            layout.removeWidget(self.line)
            layout.removeWidget(self.range)
        (self._last if row_count == 3 else self._row).addWidget(self.range)
        if row_count == 1:
            self._row.insertWidget(self._row.indexOf(self.questions) + 1, self.line, 1)
        else:
            self._below.addWidget(self.line)

    def say_shown(self, shown: int, total: int) -> None:
        """Say how many episodes the table shows, of how many."""
        of_all = "" if shown == total else f"{shown:,} of "
        self.range.setText(f"{of_all}{total:,} episodes")
        self._use_room()

    def _say_range(self) -> None:
        first, last = self.first.value(), self.first.value() + self.count.value() - 1
        tip = f"Episodes {first:,} to {last:,}: choose others, or those with one class"
        self.range.setToolTip(as_tip(tip))
        self.say_shown(self.count.value(), self.count.value())

    @property
    def expression(self) -> str:
        """The text that is typed."""
        return self.line.text()

    @property
    def class_name(self) -> str | None:
        """The class that is chosen; None for any."""
        name = self.of_class.currentData()
        return None if name is None else str(name)

    @property
    def own_expression(self) -> str:
        """The text that a person typed, also while the chip stands in for it."""
        return self.expression or (self._kept[0] if self.chosen else "")

    def set_expression(self, text: str) -> None:
        """Type something, without waiting for more."""
        self.line.setText(text)
        self.stop_waiting()

    def take(self, question: Question) -> None:
        """Set what a question asks for, beside what a person typed; all is all."""
        if question == ALL:
            self.choose(frozenset())
            typed = self.expression
            self.set_expression("")
            self._offer_again(typed)
        self.set_preset(question if question.expression else None)
        self.stop_waiting()

    def _offer_again(self, expression: str) -> None:
        """Offer to bring back what "All" took away; nothing for ""."""
        self._cleared = expression
        short = self.fontMetrics().elidedText(
            expression, Qt.TextElideMode.ElideMiddle, self.fontMetrics().averageCharWidth() * _CHIP
        )
        self.restore_chip.setText(without_keys(f"Filter again: {short}"))
        self.restore_chip.setToolTip(as_tip(f"Bring the filter back: {expression}"))
        self.restore_chip.setVisible(bool(expression))

    def _restore(self) -> None:
        self.set_expression(self._cleared)
        self.changed.emit()

    def _forget_cleared(self, text: str) -> None:
        if text:
            self._offer_again("")

    def set_preset(self, preset: Question | None) -> None:
        """Show episodes of a question alone, or no more; the menu and a chip say so."""
        self.preset = preset
        if (menu := self.questions.menu()) is not None:
            for action in menu.actions():
                action.setChecked(preset is not None and action.text() == preset.label)
        self.preset_chip.setText("" if preset is None else f"{preset.label}  ✕")
        self.preset_chip.setVisible(preset is not None)
        self.updateGeometry()

    def restore_preset(self, label: object) -> None:
        """Ask the question with a label again; none for what is no label."""
        asked = (each for each in QUESTIONS if each.expression and each.label == label)
        self.set_preset(next(asked, None))

    def _drop_preset(self) -> None:
        self.set_preset(None)
        self.changed.emit()

    @property
    def asked_label(self) -> str:
        """The label of the question that a person asked, also while other episodes are chosen."""
        asked = self.preset or (self._kept[2] if self.chosen else None)
        return "" if asked is None else asked.label

    def stop_waiting(self) -> None:
        """Wait no longer for more to be typed: what is typed is asked for now."""
        self._typing.stop()

    def choose(self, numbers: frozenset[int]) -> None:
        """Show these episodes alone, whatever the rest of the filter says; none for all.

        The rest of it comes again with all of them, unless something else was typed meanwhile.
        """
        if numbers:
            now = (self.expression, self.class_name, self.preset)
            self._kept = self._kept if self.chosen else now
            self._set_rest("", None)
            self.set_preset(None)
        elif self.chosen:
            expression, name, preset = self._kept
            self._set_rest(self.expression or expression, self.class_name or name)
            self.set_preset(self.preset or preset)
        self.chosen = numbers
        noun = "episode" if len(numbers) == 1 else "episodes"
        self.chosen_chip.setText(f"{len(numbers):,} selected {noun}  ✕")
        self.chosen_chip.setVisible(bool(numbers))

    def meant(self, table: EpisodeTable) -> NDArray[np.bool_]:
        """Return which episodes of a table are meant."""
        mask = matching(self.expression, table)
        if self.preset is not None:
            mask = mask & matching(self.preset.expression or "", table)
        name = self.class_name
        if name is not None and name in table.class_names:
            mask = mask & (table.classes == table.class_names.index(name)).any(1)
        if self.chosen:
            mask = mask & np.isin(table.numbers, list(self.chosen))
        return mask

    def _set_rest(self, expression: str, name: str | None) -> None:
        self.set_expression(expression)
        self.of_class.setCurrentIndex(max(0, self.of_class.findData(name)) if name else 0)

    def set_classes(self, names: tuple[str, ...]) -> None:
        """Offer classes; the chosen one stays where it is among them."""
        if [self.of_class.itemData(place) for place in range(1, self.of_class.count())] == sorted(
            names
        ):
            return
        self._show_example(names)
        chosen = self.class_name
        self.of_class.clear()
        self.of_class.addItem(_ANY_CLASS, None)
        for name in sorted(names):
            self.of_class.addItem(name, name)
        self.of_class.setCurrentIndex(max(0, self.of_class.findData(chosen)) if chosen else 0)

    def _show_example(self, names: tuple[str, ...]) -> None:
        """Show how filters are written, with a class that there is."""
        name = example_class(names)
        self.line.setPlaceholderText(f'{name}, or gain < 0 and not has("{name}")')
        tip = HELP.format(name=escape(name))
        self.line.setToolTip(tip)

    @property
    def has_problem(self) -> bool:
        """Whether what is typed is not understood, so that what is shown is not of it."""
        return bool(self.problem.text())

    def set_problem(self, sentence: str) -> None:
        """Say what is wrong with the expression; "" for nothing."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.line.setProperty("role", "error" if sentence else "")
        self.line.style().polish(self.line)

    def _show_others(self) -> None:
        self.choose(frozenset())
        self.changed.emit()

    def _now(self) -> None:
        self._typing.stop()
        self.changed.emit()

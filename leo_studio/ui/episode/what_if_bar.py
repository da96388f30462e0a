"""The what-if bar: what was changed, in words, with undo; steps and step sizes in a popover."""

from dataclasses import replace
from typing import Any

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
)

from engine.inspection.records import Inspection
from engine.inspection.what_if import Edit, WhatIf
from leo_studio.analysis.episode.changes import in_words, short_name
from leo_studio.analysis.episode.edit_history import History
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import DecimalBox, WholeBox
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.popover import PopoverButton
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_SETTLING_MILLISECONDS = 50
_MOST_STEPS = 100
_CHANGE = "change of the episode"
_MOST_SCALE = 100.0
HINT = (
    "Click a support {noun} at the right to replace it; ✕ takes it out, + adds one, ⇄ swaps its "
    "class. Adjust changes the steps."
)


class WhatIfBar(QFrame):
    """Holds the changes by hand, and says them; `changed` is emitted a moment after one.

    Parameters
    ----------
    themes
        Icons.
    """

    changed = Signal(object)  # `WhatIf`
    history_changed = Signal()  # what can be undone and redone

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("what-if")
        self.setProperty("role", "card")
        self._themes = themes
        self._history = History()
        self._inspection: Inspection | None = None  # the episode as it is
        self._examples: tuple[Thumbnails, ...] = ()
        self.inner_steps, self.finetuning_steps = self._steps("inner"), self._steps("finetuning")
        self.inner_lr, self.finetuning_lr = self._scale("inner"), self._scale("finetuning")
        self.words = Label()
        self.words.setObjectName("what-if-words")
        self.words.setWordWrap(True)
        self.adjust = PopoverButton("Steps, step sizes, and every change by itself")
        self.adjust.setObjectName("what-if-adjust")
        self.adjust.setText("Adjust")
        self.undo_button = QPushButton("Undo")
        self.undo_button.setToolTip("Take the last change back (Ctrl+Z)")
        self.undo_button.clicked.connect(self.undo)
        self.redo_button = self._button("Redo (Ctrl+Shift+Z)", self.redo)
        self.copy_button = QPushButton("Copy as text")
        self.copy_button.setToolTip("Copy the changes, as the command line takes them")
        self.copy_button.clicked.connect(self._copy)
        self.reset_button = QPushButton("Reset")
        self.reset_button.setToolTip("Take all changes back")
        self.reset_button.clicked.connect(self.reset)
        self.problem = Label()
        self.problem.setObjectName("what-if-problem")
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self._chips = QVBoxLayout()
        self._settling = QTimer(self, singleShot=True, interval=_SETTLING_MILLISECONDS)
        self._settling.timeout.connect(self._tell)
        self._lay_out()
        themes.changed.connect(self._recolor)
        self._recolor(themes.current)
        self._show()

    @property
    def what_if(self) -> WhatIf:
        """The changes."""
        return self._history.current

    @property
    def is_settling(self) -> bool:
        """Whether `changed` is still to be emitted for a change."""
        return self._settling.isActive()

    def settle(self) -> None:
        """Drop the signal for the last change."""
        self._settling.stop()

    def set_episode(self, inspection: Inspection | None, *examples: Thumbnails) -> None:
        """Say which episode is changed, as it is without changes, and who names its examples."""
        self._inspection, self._examples = inspection, examples
        self._show()

    def go_on_with(self, history: History) -> None:
        """Take up the changes of an episode where they were left, without telling of it."""
        self._history = history
        self.set_problem("")
        self._show()

    def edit(self, edit: Edit) -> None:
        """Change the support set once more."""
        self.change(self.what_if.with_edit(edit))

    def change(self, what_if: WhatIf) -> None:
        """Change it to something else."""
        if self._history.change(what_if):
            self._show()
            self._settling.start()

    def undo(self) -> None:
        """Take the last change back."""
        if self._history.can_undo:
            self._history.undo()
            self._show()
            self._settling.start()

    def redo(self) -> None:
        """Make it again."""
        if self._history.can_redo:
            self._history.redo()
            self._show()
            self._settling.start()

    def undo_words(self) -> tuple[str, str]:
        """Return what undo takes back and redo makes again; "" for nothing."""
        can_undo, can_redo = self._history.can_undo, self._history.can_redo
        return _CHANGE if can_undo else "", _CHANGE if can_redo else ""

    def reset(self) -> None:
        """Take all changes back."""
        self.change(WhatIf())

    def set_problem(self, sentence: str) -> None:
        """Say why the changes cannot be made; "" where they can."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _steps(self, kind: str) -> WholeBox:
        box = WholeBox()
        box.setObjectName(f"{kind}-steps")
        box.setRange(0, _MOST_STEPS)
        words = kind.replace("finetuning", "fine-tuning")
        box.setToolTip(as_tip(f"How many {words} steps are taken"))
        box.valueChanged.connect(self._take_settings)
        return box

    def _scale(self, kind: str) -> DecimalBox:
        box = DecimalBox()
        box.setObjectName(f"{kind}-lr")
        box.setRange(0.0, _MOST_SCALE)
        box.setPrefix("× ")
        box.setStepType(DecimalBox.StepType.AdaptiveDecimalStepType)
        box.setValue(1.0)
        box.setToolTip("The learned step sizes are multiplied with this")
        box.valueChanged.connect(self._take_settings)
        return box

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.words, 1)
        for button in (self.undo_button, self.redo_button, self.adjust):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(self.problem)
        self.problem.hide()
        self._fill_popover()

    def _fill_popover(self) -> None:
        form = QFormLayout()
        for text, box in (
            ("&Inner steps", self.inner_steps),
            ("Their step size", self.inner_lr),
            ("&Fine-tuning steps", self.finetuning_steps),
            ("Their step size", self.finetuning_lr),
        ):
            form.addRow(text, box)
        buttons = QHBoxLayout()
        buttons.addWidget(self.reset_button)
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        self.adjust.column.addLayout(form)
        self.adjust.column.addLayout(self._chips)
        self.adjust.column.addLayout(buttons)

    def _button(self, tip: str, action: Any) -> QToolButton:
        button = QToolButton()
        button.setToolTip(as_tip(tip))
        button.setAccessibleName(tip)
        button.clicked.connect(action)
        return button

    def _take_settings(self) -> None:
        seen = self._inspection
        if seen is None:
            return

        def steps(box: WholeBox, own: int) -> int | None:
            return None if box.value() == own else box.value()

        self.change(
            replace(
                self.what_if,
                inner_steps=steps(self.inner_steps, seen.inner_steps),
                finetuning_steps=steps(self.finetuning_steps, seen.finetuning_steps),
                inner_lr=self.inner_lr.value(),
                finetuning_lr=self.finetuning_lr.value(),
            )
        )

    def _show(self) -> None:
        what_if, seen = self.what_if, self._inspection
        # Of two kinds, for whole numbers and others.
        boxes: tuple[Any, ...] = (
            self.inner_steps,
            self.finetuning_steps,
            self.inner_lr,
            self.finetuning_lr,
        )
        blockers = [QSignalBlocker(box) for box in boxes]
        inner, tuning = (0, 0) if seen is None else (seen.inner_steps, seen.finetuning_steps)
        values = (
            _or(what_if.inner_steps, inner),
            _or(what_if.finetuning_steps, tuning),
            what_if.inner_lr,
            what_if.finetuning_lr,
        )
        for box, value in zip(boxes, values, strict=True):
            # A link may ask for more than a hand would.
            box.setMaximum(max(box.maximum(), value))
            box.setValue(value)
        del blockers
        for box in boxes:
            box.setEnabled(seen is not None)
        self.undo_button.setEnabled(self._history.can_undo)
        self.redo_button.setEnabled(self._history.can_redo)
        self.history_changed.emit()
        self.reset_button.setEnabled(not what_if.is_nothing)
        self.copy_button.setEnabled(not what_if.is_nothing)
        self._say(what_if)
        self._show_chips(what_if)

    def _say(self, what_if: WhatIf) -> None:
        """Say what was changed, or how something is."""
        has_pictures = any(each.has_images for each in self._examples)
        noun = "picture" if has_pictures else "example"
        seen = self._inspection
        text = "" if seen is None else in_words(what_if, seen, noun, self._name)
        self.words.setText(f"Changed: {text}." if text else HINT.format(noun=noun))
        set_role(self.words, "" if text else "muted")

    def _show_chips(self, what_if: WhatIf) -> None:
        """Offer to take every change of the support set back by itself."""
        seen = self._inspection
        while (item := self._chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        # A change is about the class that stands there after those before it.
        names = [] if seen is None else class_names(seen)
        for edit in what_if.edits:
            self._chips.addWidget(self._chip(edit, names))
            if seen is not None and edit.kind == "swap" and edit.place < len(names):
                names[edit.place] = _class_name(seen, edit.target)

    def _chip(self, edit: Edit, names: list[str]) -> QPushButton:
        chip = QPushButton(without_keys(f"{self._chip_words(edit, names)}  ✕"))
        chip.setToolTip(as_tip(f"Take this change back ({edit})"))
        chip.clicked.connect(lambda _=False, gone=edit: self._without(gone))
        return chip

    def _chip_words(self, edit: Edit, names: list[str]) -> str:
        seen = self._inspection
        if seen is None or edit.place >= len(names):
            return str(edit)
        name = names[edit.place]
        if edit.kind == "swap":
            return f"{_class_name(seen, edit.target)} instead of {name}"
        example = short_name(self._name(edit.target)) or f"example {edit.target}"
        return f"{'without' if edit.kind == 'drop' else 'with'} {example} ({name})"

    def _name(self, row: int) -> str:
        """Return what the store calls an example; "" where that is not known."""
        return next((each.name(row) for each in self._examples if each.knows(row)), "")

    def _without(self, edit: Edit) -> None:
        edits = tuple(each for each in self.what_if.edits if each != edit)
        self.change(replace(self.what_if, edits=edits))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(str(self.what_if))

    def _tell(self) -> None:
        self.changed.emit(self.what_if)

    def _recolor(self, _theme: Theme) -> None:
        self.redo_button.setIcon(self._themes.icon(MDI7.redo))
        self.adjust.setIcon(self._themes.icon(MDI7.tune))
        self.adjust.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)


def _class_name(seen: Inspection, label: int) -> str:
    return seen.class_names[label] if label < len(seen.class_names) else str(label)


def _or(given: int | None, otherwise: int) -> int:
    return otherwise if given is None else given
